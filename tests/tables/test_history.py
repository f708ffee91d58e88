"""What the ledgers mean: which answer counts, what a row's label is, which rows are out."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alcli.errors import UsageError
from alcli.tables.history import Campaign, after_recheck, age, aggregate, batch_number, by_token, current
from alcli.tables.ledgers import Answer, Asked

NOW = "2025-11-22T00:00:00Z"
CALM = settings(max_examples=60, deadline=None)  # a busy machine is no failure


def answer(id_: str, label: str, annotator: str = "a1", kind: str = "label", batch: str = "", at: str = "") -> Answer:
    return Answer(id_, label, annotator, kind, "", batch, "sheet.csv", at, NOW)


def asked(id_: str, batch: int = 1, rank: int = 1, annotator: str = "", at: str = NOW, purpose: str = "train") -> Asked:
    return Asked(str(batch), str(rank), id_, purpose, "entropy", "0.5", "1", annotator, at)


def days_ago(days: float) -> str:
    moment = datetime.strptime(NOW, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC) - timedelta(days=days)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


ANSWERS = st.lists(
    st.builds(
        answer,
        st.sampled_from("xyz"),
        st.sampled_from(["pos", "neg", "odd"]),
        st.sampled_from(["a1", "a2", "a3"]),
        st.sampled_from(["label", "label", "skip", "withdraw"]),
        st.sampled_from(["", "1", "2", "9", "10"]),
        st.sampled_from(["", "2025-01-01T00:00:00Z", "2025-02-01T00:00:00Z"]),
    ),
    max_size=12,
)


@CALM
@given(ANSWERS)
def test_the_newest_counts_by_batch_then_time_then_position(answers: list[Answer]) -> None:
    counting = current(answers)
    assert counting.keys() == {(each.id, each.annotator) for each in answers}
    for key, newest in counting.items():
        of_one = [
            (-1 if each.batch == "" else int(each.batch), each.answered_at, at, each)
            for at, each in enumerate(answers)
            if (each.id, each.annotator) == key
        ]
        assert newest is max(of_one, key=lambda entry: entry[:3])[3]


@CALM
@given(ANSWERS, st.data())
def test_rows_of_an_older_sheet_that_come_again_change_nothing(answers: list[Answer], data: Any) -> None:
    counting = current(answers)
    older = [
        each for each in answers if batch_number(each.batch) < batch_number(counting[each.id, each.annotator].batch)
    ]
    again = data.draw(st.lists(st.sampled_from(older), max_size=5)) if older else []
    assert current([*answers, *again]) == counting


def test_a_correction_of_a_later_batch_survives_the_older_sheet() -> None:
    first, correction = answer("x", "pos", batch="2"), answer("x", "neg", batch="10")
    assert current([first, correction, first])["x", "a1"] is correction
    assert current([correction, first])["x", "a1"] is correction


@CALM
@given(ANSWERS)
def test_a_label_has_more_votes_than_any_other_and_a_tie_has_none(answers: list[Answer]) -> None:
    labels = aggregate(answers)
    votes: dict[str, Counter[str]] = {}
    for each in current(answers).values():
        if each.kind == "label":
            votes.setdefault(each.id, Counter())[each.label] += 1
    assert {row.id for row in labels.rows} | set(labels.tied) == votes.keys()
    assert not {row.id for row in labels.rows} & set(labels.tied)
    for row in labels.rows:
        counts = votes[row.id]
        assert all(counts[row.label] > most for label, most in counts.items() if label != row.label)
        assert row.votes == counts.total()
        assert row.agreement == counts[row.label] / counts.total()
    for id_ in labels.tied:
        (_, most), (_, next_) = votes[id_].most_common(2)
        assert most == next_


@CALM
@given(ANSWERS, st.randoms())
def test_majority_does_not_depend_on_who_came_first(answers: list[Answer], shuffle: Any) -> None:
    # one answer each, so that position decides nothing
    answers = list({(each.id, each.annotator): each for each in answers}.values())
    other = list(answers)
    shuffle.shuffle(other)
    one, two = aggregate(answers), aggregate(other)
    assert {row.id: row for row in one.rows} == {row.id: row for row in two.rows}
    assert set(one.tied) == set(two.tied)


@CALM
@given(ANSWERS)
def test_the_rule_newest_knows_no_tie(answers: list[Answer]) -> None:
    labels = aggregate(answers, "newest")
    assert labels.tied == ()
    given_labels = [each for each in current(answers).values() if each.kind == "label"]
    for row in labels.rows:
        newest = max(batch_number(each.batch) for each in given_labels if each.id == row.id)
        assert row.label in {each.label for each in given_labels if batch_number(each.batch) == newest}


def test_votes_are_counted_by_annotator_not_by_answer() -> None:
    labels = aggregate([answer("x", "pos", "a1"), answer("x", "pos", "a1"), answer("x", "neg", "a2")])
    assert labels.tied == ("x",)
    labels = aggregate([answer("x", "pos", "a1"), answer("x", "neg", "a2"), answer("x", "pos", "a3")])
    assert labels.pairs() == [("x", "pos")]
    assert labels.rows[0].agreement == 2 / 3


def test_a_skip_or_a_withdrawn_answer_is_no_vote() -> None:
    answers = [answer("x", "pos", "a1"), answer("x", "", "a2", "skip"), answer("x", "neg", "a3")]
    assert aggregate(answers).tied == ("x",)
    assert aggregate([*answers, answer("x", "", "a3", "withdraw")]).pairs() == [("x", "pos")]


def test_rows_stand_in_the_order_of_their_first_answers() -> None:
    labels = aggregate([answer("b", "pos"), answer("a", "neg"), answer("b", "neg", batch="4")])
    assert labels.pairs() == [("b", "neg"), ("a", "neg")]
    assert labels.counts() == {"neg": 2}


def out(asks: list[Asked], answers: list[Answer], expire: str | None = None) -> list[str]:
    return list(Campaign(asks, answers, NOW, age(expire)).out)


def test_a_row_is_out_until_its_answer_or_a_skip_comes_in() -> None:
    asks = [asked("x"), asked("y"), asked("z")]
    assert out(asks, []) == ["x", "y", "z"]
    assert out(asks, [answer("x", "pos", batch="1"), answer("y", "", kind="skip", batch="1")]) == ["z"]


def test_a_row_asked_again_is_out_again() -> None:
    asks, answers = [asked("x", 1), asked("x", 3)], [answer("x", "pos", batch="1")]
    assert out(asks, answers) == ["x"]
    assert out(asks, [*answers, answer("x", "pos", "a2", batch="3")]) == []


def test_a_row_is_out_for_each_of_its_annotators() -> None:
    asks = [asked("x", annotator="a1"), asked("x", annotator="a2")]
    campaign = Campaign(asks, [answer("x", "pos", "a1", batch="1")], NOW)
    assert [row.annotator for row in campaign.out["x"]] == ["a2"]
    assert out(asks, [answer("x", "pos", name, batch="1") for name in ("a1", "a2")]) == []


def test_a_stand_in_closes_the_row_of_whom_it_was_asked() -> None:
    lines = [asked("x", annotator="a1"), asked("y", annotator="a1"), asked("y", rank=2, annotator="a2")]
    given = [answer("x", "pos", "b", batch="1"), answer("y", "pos", "b", "skip", batch="1")]
    # of y it is not known in whose place: it waits for one more answer, whosever
    assert [(row.id, row.annotator) for row in Campaign(lines, given, NOW).waiting] == [("y", "a1"), ("y", "a2")]
    for who in ("a1", "a2", "c"):
        assert Campaign(lines, [*given, answer("y", "neg", who, batch="1")], NOW).waiting == []
    # what somebody says again, in another batch, or who does not count, is no stand-in's answer
    for no in (answer("y", "neg", "b", batch="1"), answer("y", "neg", "c", batch="2"), answer("y", "neg", "c")):
        assert len(Campaign(lines, [*given, no], NOW).waiting) == 2
    assert len(Campaign(lines, given, NOW, excluded=["b"]).waiting) == 3
    # a gold question is for one alone
    gold = [asked("x", annotator="a1", purpose="gold")]
    assert Campaign(gold, given, NOW).waiting == gold


def test_a_row_whose_batch_expired_is_free_again() -> None:
    asks = [asked("old", 1, at=days_ago(15)), asked("new", 2, at=days_ago(13))]
    assert out(asks, []) == ["old", "new"]
    assert out(asks, [], "14d") == out(asks, [], "2w") == ["new"]
    assert out([asked("x", at=days_ago(14))], [], "14d") == ["x"]  # not older than that
    assert Campaign(asks, [], NOW, age("14d")).unavailable() == {"new"}


def test_a_moment_that_cannot_be_read_never_expires() -> None:
    assert out([asked("x", at="last week")], [], "1m") == ["x"]


def test_an_answered_row_does_not_become_free_by_expiry() -> None:
    campaign = Campaign([asked("x", at=days_ago(99))], [answer("x", "pos", batch="1")], NOW, age("1d"))
    assert campaign.unavailable() == {"x"}


def test_a_withdrawn_answer_makes_its_row_free() -> None:
    answers = [answer("x", "pos", batch="1"), answer("x", "", kind="withdraw", batch="1")]
    campaign = Campaign([asked("x")], answers, NOW)
    assert campaign.unavailable() == set()
    # somebody else's answer still stands
    campaign = Campaign([asked("x")], [*answers, answer("x", "neg", "a2", batch="1")], NOW)
    assert campaign.unavailable() == {"x"}


@CALM
@given(st.lists(st.builds(asked, st.sampled_from("xyz"), st.integers(1, 4)), max_size=6), ANSWERS)
def test_every_row_that_was_asked_is_out_answered_or_free(asks: list[Asked], answers: list[Answer]) -> None:
    campaign = Campaign(asks, answers, NOW)
    assert set(campaign.out) <= {row.id for row in asks}
    assert campaign.closed <= {each.id for each in answers}
    assert campaign.unavailable() == campaign.closed | set(campaign.out)
    never_answered = {row.id for row in asks} - {each.id for each in answers}
    assert never_answered <= set(campaign.out)


def test_batches_are_numbers_and_their_rows_stand_by_rank() -> None:
    campaign = Campaign([asked("b", 10, 2), asked("a", 10, 1), asked("c", 9, 1)], [], NOW)
    assert campaign.batches() == 10
    assert [row.id for row in campaign.rows_of(10)] == ["a", "b"]
    assert by_token(campaign.asked) == {(10, 2): "b", (10, 1): "a", (9, 1): "c"}
    assert Campaign([], [], NOW).batches() == 0


def test_rows_asked_for_evaluation_are_kept_from_training() -> None:
    assert Campaign([asked("x", purpose="evaluate"), asked("y")], [], NOW).reserved == {"x"}


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("14d", timedelta(days=14)),
        ("1.5h", timedelta(minutes=90)),
        (" 90 m ", timedelta(minutes=90)),
        ("2w", timedelta(weeks=2)),
        (None, None),
        ("", None),
    ],
)
def test_ages_are_read(text: str | None, length: timedelta | None) -> None:
    assert age(text) == length


@pytest.mark.parametrize("text", ["14", "d", "-3d", "14 days", "1e3d", "\u0663d"])
def test_what_is_no_age_is_told(text: str) -> None:
    with pytest.raises(UsageError, match="is not an age"):
        age(text)


@pytest.mark.parametrize("text", ["99999999999d", "9" * 400 + "w", "500000d"])
def test_an_age_longer_than_the_calendar_is_no_accident(text: str) -> None:
    with pytest.raises(UsageError, match="is not an age"):
        age(text)
    assert out([asked("x", at=days_ago(1))], [], "5200w") == ["x"]


def test_a_rechecks_answer_takes_the_place_of_what_others_said_before() -> None:
    before = [answer("x", "pos", "a1"), answer("x", "pos", "a2", batch="1"), answer("y", "pos", "a1")]
    sent = [asked("x", 1), asked("x", 2, purpose="recheck")]
    assert list(after_recheck(before, sent)) == before
    rechecked = [*before, answer("x", "neg", "a3", batch="2")]
    assert aggregate(after_recheck(rechecked, sent)).pairs() == [("y", "pos"), ("x", "neg")]
    again = [*rechecked, answer("x", "neg", "a3")]
    assert aggregate(after_recheck(again, sent)).pairs() == [("y", "pos"), ("x", "neg")]  # it stands
    beside = [*rechecked, answer("x", "pos", "a4", batch="2"), answer("x", "pos", "a5", batch="3")]
    assert aggregate(after_recheck(beside, sent)).rows[-1].votes == 3
    withdrawn = [*rechecked, answer("x", "", "a3", "withdraw", batch="2")]
    assert aggregate(after_recheck(withdrawn, sent)).pairs() == [("x", "pos"), ("y", "pos")]


@CALM
@given(ANSWERS, st.lists(st.tuples(st.sampled_from("xyz"), st.sampled_from([1, 2, 9]))))
def test_a_recheck_hides_labels_of_earlier_batches_and_nothing_else(
    answers: list[Answer], sent: list[tuple[str, int]]
) -> None:
    left = after_recheck(answers, [asked(id_, batch, purpose="recheck") for id_, batch in sent])
    hidden = [each for each in answers if each not in left]
    assert [each for each in answers if each in left] == list(left)
    newest = current(answers)
    for each in hidden:
        by = [
            said
            for said in answers
            if said.id == each.id
            and (said.id, batch_number(said.batch)) in sent
            and said.kind == newest[said.id, said.annotator].kind == "label"
        ]
        assert each.kind == "label"
        assert any(batch_number(said.batch) > batch_number(each.batch) for said in by)
    # rows that had a label have one still, or a tie
    assert {id_ for id_, _ in current(left)} <= {id_ for id_, _ in current(answers)}
    with_label = {each.id for each in current(answers).values() if each.kind == "label"}
    assert {each.id for each in current(left).values() if each.kind == "label"} == with_label


def test_a_recheck_asked_of_somebody_is_closed_by_an_answer_to_it_not_by_what_was_said_before() -> None:
    sent = [asked("x", 2, annotator="a1", purpose="recheck")]
    before = [answer("x", "pos", "a1", batch="1")]
    assert set(Campaign(sent, before, NOW).out) == {"x"}
    assert set(Campaign(sent, [*before, answer("x", "neg", "a2", batch="1")], NOW).out) == {"x"}
    assert not Campaign(sent, [*before, answer("x", "neg", "a2", batch="2")], NOW).out  # of one who stood in
    assert not Campaign(sent, [*before, answer("x", "pos", "a1", batch="2")], NOW).out
