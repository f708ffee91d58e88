from __future__ import annotations

import subprocess
import sys

import pytest

from alcli.errors import UsageError
from alcli.strategies import SELECTORS, TABLE, UTILITIES, names, needs_model, resolve, selector_of, utility_of


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("margin", "margin"),
        ("  Margin ", "margin"),
        ("breaking-ties", "margin"),
        ("breaking_ties", "margin"),
        ("margin_sampling", "margin"),
        ("least-confidence", "least_confident"),
        ("leastconfident", "least_confident"),
        ("LC", "least_confident"),
        ("uncertainty_sampling", "least_confident"),
        ("core-set", "kcenter"),
        ("k-center", "kcenter"),
        ("k-means++", "kmeans++"),
        ("kmeans_plusplus", "kmeans++"),
        ("TypiClust", "typiclust"),
        ("KL_divergence", "mean_kl"),
        ("max_disagreement_sampling", "max_kl"),
        ("qbc", "vote_entropy"),
        ("margin+top", "margin"),
        ("lc+top", "least_confident"),
        ("typicality+per_cluster", "typiclust"),
        ("margin+epsilon", "epsilon_greedy"),
    ],
)
def test_names_that_users_know(typed, name):
    assert resolve(typed) is TABLE[name]


@pytest.mark.parametrize(
    ("typed", "name", "space", "prefilter", "needs"),
    [
        ("entropy+kmeans", "entropy+kmeans", "embedding", 3, ("proba", "space")),
        ("lc + core-set", "least_confident+kcenter", "embedding", 3, ("proba", "space")),
        ("entropy+kmeans++", "entropy+kmeans++", "embedding", 3, ("proba", "space")),
        ("boundary+softmax", "boundary+softmax", None, None, ("decision",)),
        ("bald+softrank", "bald+softrank", None, None, ("committee",)),
        ("typicality", "typicality+top", "embedding", None, ("space",)),
        ("typicality+kmeans", "typicality+kmeans", "embedding", None, ("space",)),
        ("margin+per-cluster", "margin+per_cluster", "embedding", None, ("proba", "space")),
    ],
)
def test_products_of_the_parts(typed, name, space, prefilter, needs):
    row = resolve(typed)
    assert (row.name, row.space, row.prefilter, row.needs) == (name, space, prefilter, needs)
    assert row.summary and row.formula and row.cost


@pytest.mark.parametrize("utility", UTILITIES)
@pytest.mark.parametrize("selector", [name for name, row in SELECTORS.items() if row.kind != "auto"])
def test_every_product_resolves_or_says_why_not(utility, selector):
    if SELECTORS[selector].nonnegative and not UTILITIES[utility].nonnegative:
        with pytest.raises(UsageError, match="negative") as caught:
            resolve(f"{utility}+{selector}")
        assert caught.value.code == "strategy-parts" and "softmax" in caught.value.hint
    elif UTILITIES[utility].scope == "group" and SELECTORS[selector].kind in ("weighted", "ranked", "epsilon"):
        with pytest.raises(UsageError, match="company") as caught:
            resolve(f"{utility}+{selector}")
        assert caught.value.code == "strategy-parts"
    else:
        row = resolve(f"{utility}+{selector}")
        assert (row.utility, row.selector) == (utility, selector)
        assert utility_of(row) is UTILITIES[utility] and selector_of(row) is SELECTORS[selector]


@pytest.mark.parametrize(
    ("typed", "message", "hint", "code"),
    [
        ("margn", "no strategy is called 'margn'", "did you mean `margin`?", "unknown-strategy"),
        ("Breaking-tie", "no strategy is called 'Breaking-tie'", "did you mean", "unknown-strategy"),
        ("zzzz", "no strategy is called 'zzzz'", "`alcli strategies` lists them all", "unknown-strategy"),
        ("", "no strategy is called ''", "`alcli strategies` lists them all", "unknown-strategy"),
        ("entropi+kmeans", "no utility is called 'entropi'", "did you mean `entropy`?", "unknown-strategy"),
        ("entropy+kmens", "no selector is called 'kmens'", "did you mean `kmeans`?", "unknown-strategy"),
        ("kmeans+entropy", "'kmeans' is a selector and cannot come first", "`entropy+kmeans`", "strategy-parts"),
        ("kmeans+kcenter", "'kmeans' is a selector and cannot come first", "a utility comes", "strategy-parts"),
        ("entropy+margin", "'margin' is a whole strategy", "`--mix entropy:0.7,margin:0.3`", "strategy-parts"),
        ("entropy+random", "'random' is a whole strategy", "`--mix entropy:0.7,random:0.3`", "strategy-parts"),
        ("typiclust+kmeans", "'typiclust' is a whole strategy", "--mix", "strategy-parts"),
        ("entropy+auto", "'auto' is a whole strategy", "--mix", "strategy-parts"),
        ("softmax", "'softmax' says how to choose, but not by what", "`margin+softmax`", "strategy-parts"),
        ("entropy+", "no strategy is called 'entropy+'", "did you mean `entropy`?", "unknown-strategy"),
        ("+kmeans", "no strategy is called '+kmeans'", "did you mean `kmeans`?", "unknown-strategy"),
        ("entropy+kmeans+top", "no selector is called 'kmeans+top'", "did you mean", "unknown-strategy"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_the_nearest(typed, message, hint, code):
    with pytest.raises(UsageError) as caught:
        resolve(typed)
    assert caught.value.message.startswith(message)
    assert hint in caught.value.hint and caught.value.code == code


def test_strategies_that_need_a_model_are_known_before_any_scan():
    without = {name for name in names() if not needs_model(TABLE[name])}
    assert {
        "auto",
        "random",
        "kcenter",
        "kmeans",
        "kmeans++",
        "typiclust",
        "density",
        "dal",
        "facility_location",
    } <= without
    assert without.isdisjoint({"margin", "bald", "badge", "eer_log", "clue", "contrastive", "dropquery", "mnlp"})
    assert needs_model(resolve("margin+kcenter"))


def test_names_cost_no_heavy_import():
    probe = (
        "import sys; from alcli import strategies as s; s.resolve('core-set'); s.resolve('entropy+kmeans'); s.names();"
        "s.everything(); from alcli.strategies.learned.auto import choose_auto;"
        "print(sorted({'numpy', 'scipy', 'sklearn', 'pandas', 'joblib', 'pyarrow'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n"
