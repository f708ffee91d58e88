"""A sample of the pool, chosen by hash: the map in two dimensions, and what the model says of rows without a label."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from alcli.errors import AlcliError
from alcli.reporting.facts import Doubts, Map, Row
from alcli.reporting.pictures.scatter import Spot
from alcli.steps.learning import check_fits, fit_maker
from alcli.steps.reported.history import told
from alcli.steps.reported.texts import texts_of
from alcli.telling import stage

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from alcli.steps.project import Project
    from alcli.tables.history import Campaign, Labels

SAMPLE = 2000
SPOTS = 2000  # labelled and asked rows on the map; the newest ones
DOUBTFUL = 10


@dataclass(frozen=True)
class Sampled:
    """Rows of the pool and their matrix."""

    ids: list[str]
    X: Any
    maker: Any
    roles: dict[str, str]


def sampled(project: Project, bundle: Any, roles: dict[str, str]) -> Sampled | str:
    """The rows with the smallest hashes of their ids; features are the model's, or fitted when there is none."""
    try:
        project.pool.facts()
        if bundle is not None:
            check_fits(bundle, project.pool)
            maker = bundle.maker
        else:
            maker = fit_maker(project.pool, roles, project.settings.seed)
        with stage("looking at a sample of the pool"):
            rows = project.pool.sample(SAMPLE, maker.request, project.settings.seed, purpose="report")
            return Sampled(rows.ids.to_pylist(), maker.transform(rows), maker, roles)
    except AlcliError as error:
        return told(error)


def landscape(project: Project, sample: Sampled | str, campaign: Campaign, labels: Labels, classes: Any) -> Map | str:
    """The sample and the labelled and asked rows along the two directions in which the sample differs most."""
    if isinstance(sample, str):
        return sample
    if len(sample.ids) < 3:
        return "a map needs three rows at least; the pool has fewer"
    label = dict(labels.pairs())
    newest = {row.id for row in campaign.rows_of(campaign.batches())} if campaign.asked else set()
    wanted = list(dict.fromkeys([*(row.id for row in reversed(campaign.asked)), *reversed(label)]))
    marked = [id_ for id_ in wanted if id_ in label or id_ in campaign.out]
    known = project.pool.known(marked)
    marked = sorted([id_ for id_ in marked if id_ in known][:SPOTS])
    points = sample.maker.vectors(sample.X)
    own = points[:0]
    if marked:
        own = sample.maker.vectors(sample.maker.transform(project.pool.take(marked, sample.maker.request)))
    pool, spots, shares = projected(points, own)
    counts = Counter(label[id_] for id_ in marked if id_ in label)
    groups = [name for name in classes if counts[name]]
    place = {name: at for at, name in enumerate(groups)}
    return Map(
        pool=tuple((float(x), float(y)) for x, y in pool),
        spots=tuple(
            Spot(float(x), float(y), place[label[id_]] if id_ in label else -1, id_ in newest)
            for id_, (x, y) in zip(marked, spots, strict=True)
        ),
        groups=tuple((name, counts[name]) for name in groups),
        shares=shares,
        rows=project.pool.facts().rows,
        spots_in_all=len(known),
    )


def projected(points: NDArray[Any], others: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any], tuple[float, float]]:
    """Both along the first two principal components of `points`; and the shares of their variance.

    Parameters
    ----------
    points, others : (n, k) and (m, k).

    Returns
    -------
    (n, 2), (m, 2), shares
        Zeros along a direction that there is not.
    """
    import numpy as np
    from sklearn.decomposition import PCA

    from alcli.threads import one_thread

    size = min(2, points.shape[1])
    first, second = np.zeros((len(points), 2)), np.zeros((len(others), 2))
    shares = [0.0, 0.0]
    wide = points.astype(np.float64)
    if not size or not np.ptp(wide, axis=0).any():
        return first, second, (0.0, 0.0)
    # one thread: sums in another order would move the last digits between machines
    with one_thread():
        found = PCA(size, svd_solver="full" if len(wide) < wide.shape[1] else "covariance_eigh").fit(wide)
        first[:, :size] = found.transform(wide)
        if len(others):
            second[:, :size] = found.transform(others.astype(np.float64))
    shares[:size] = np.nan_to_num(found.explained_variance_ratio_).tolist()
    return first, second, (shares[0], shares[1])


def doubts(project: Project, bundle: Any, sample: Sampled | str, campaign: Campaign) -> Doubts | str:
    """What the model says of the rows of the sample that nobody has labelled or has out."""
    if isinstance(sample, str):
        return sample
    import numpy as np

    taken = campaign.unavailable()
    free = [at for at, id_ in enumerate(sample.ids) if id_ not in taken]
    if not free:
        return "every row of the sample is labelled, or out with a labeler"
    proba = np.asarray(bundle.model.predict_proba(sample.X[free]), np.float64)
    classes = bundle.model.classes
    expected = dict(zip(classes, proba.mean(axis=0).tolist(), strict=True))
    rows: tuple[Row, ...] = ()
    if len(classes) > 1:
        order = np.argsort(-proba, axis=1, kind="stable")[:, :2]
        best = np.take_along_axis(proba, order, axis=1)
        # the sample stands in the order of a hash, which breaks ties
        doubtful = np.argsort((best[:, 0] - best[:, 1]).round(9), kind="stable")[:DOUBTFUL].tolist()
        ids = [sample.ids[free[at]] for at in doubtful]
        texts = texts_of(project.pool, ids, sample.roles)
        rows = tuple(
            Row(
                id_,
                text,
                (
                    f"{classes[order[at, 0]]}, {best[at, 0]:.0%}",
                    f"{classes[order[at, 1]]}, {best[at, 1]:.0%}",
                ),
            )
            for id_, text, at in zip(ids, texts, doubtful, strict=True)
        )
    left = project.pool.facts().rows - len(taken)
    return Doubts(len(free), max(left, len(free)), expected, rows)
