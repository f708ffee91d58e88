"""Simulated labelers: they read the true label, and are wrong as often as told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from alcli.tables.ledgers import Answer

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: Simulated ledgers need no clock.
MOMENT = "2000-01-01T00:00:00Z"


@dataclass(frozen=True)
class Labelers:
    """Everybody who answers each row.

    A labeler of quality q gives the true class with probability q and each other class with equal
    probability otherwise. What one says of a row follows from the row's id, the seed and the
    labeler's number alone: asked again, or in another campaign, the answer is the same.

    Attributes
    ----------
    qualities : one a labeler, in (0, 1].
    """

    qualities: tuple[float, ...] = (1.0,)

    def says(self, ids: Sequence[str], codes: NDArray[np.integer], classes: int, seed: int) -> NDArray[np.intp]:
        """Class numbers of shape (labelers, n) for rows whose true classes are `codes`."""
        import numpy as np

        from alcli.tables.arrays import strings
        from alcli.tables.hashing import hash_ids

        truth = np.asarray(codes, np.intp)
        found = np.repeat(truth[None], len(self.qualities), axis=0)
        for number, quality in enumerate(self.qualities):
            if quality < 1.0 and classes > 1:
                names = strings(list(ids))
                chance = (hash_ids(names, seed, f"wrong-{number}") >> np.uint64(11)) * 2.0**-53
                other = (hash_ids(names, seed, f"other-{number}") % np.uint64(classes - 1)).astype(np.intp) + 1
                found[number] = np.where(chance >= quality, (truth + other) % classes, truth)
        return found

    def answers(
        self,
        ids: Sequence[str],
        codes: NDArray[np.integer],
        classes: Sequence[str],
        *,
        seed: int,
        batch: str,
        source: str,
    ) -> list[Answer]:
        """The answers as rows of labels.csv, row by row; `batch` is empty for what was there at the start."""
        said = self.says(ids, codes, len(classes), seed).tolist()
        return [
            Answer(id_, classes[said[number][at]], f"labeler-{number + 1}", "label", "", batch, source, "", MOMENT)
            for at, id_ in enumerate(ids)
            for number in range(len(self.qualities))
        ]
