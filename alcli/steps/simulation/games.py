"""The campaigns of a simulation: every combination of what was asked for, each with a key of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from alcli.errors import AlcliError
from alcli.steps.simulation.campaign import How, InMemory, Round
from alcli.steps.simulation.data import Data
from alcli.steps.simulation.field import Ground
from alcli.steps.simulation.fields import Fields


@dataclass(frozen=True)
class Game:
    """One campaign that is to be played.

    Attributes
    ----------
    key : a digest of all that shapes it: the same key, the same rounds.
    ground_key : of the field that it is played on.
    dataset : which data set; `strategy` and `estimator` as they were written.
    """

    key: str
    ground_key: str
    dataset: int
    ground: Ground
    how: How
    strategy: str
    estimator: str


@dataclass(frozen=True)
class Told:
    """What came of a game: its rounds, or what kept it from being played."""

    key: str
    rounds: tuple[Round, ...] = ()
    error: AlcliError | None = None


def ground_key(data: Data, ground: Ground, test: Data | None) -> str:
    """A digest of all that shapes a field."""
    from alcli.steps.learning import digest_of

    return digest_of(
        {
            "data": _identity(data),
            "test": None if test is None else _identity(test),
            "split": _split(ground),
            "seed": ground.seed,
            "first": ground.first,
            "keep": sorted(map(list, ground.keep)),
            "price": ground.price,
        }
    )


def game_key(ground: str, how: How) -> str:
    """A digest of all that shapes a campaign on a field."""
    import alcli
    from alcli.steps.learning import digest_of

    plain = asdict(how)
    plain["recipe"] = how.recipe.plain()
    return digest_of({"ground": ground, "how": plain, "alcli": alcli.__version__})[:16]


def _identity(data: Data) -> list[Any]:
    return [data.fingerprint, data.label, sorted(data.roles.items()), list(data.classes), data.pool.id_column]


def _split(ground: Ground) -> list[Any]:
    from pathlib import Path

    from alcli.files import digest_bytes

    split = ground.split
    if split.kind == "file":
        return ["file", digest_bytes(Path(str(split.path)).read_bytes())]
    return [split.kind, split.share if split.kind == "share" else None]


def play(game: Game, fields: Fields, datasets: Sequence[Data], tests: Sequence[Data | None]) -> Told:
    """Play one game to its end. What keeps it from being played is told, not raised."""
    from alcli.telling import telling

    with telling(None):
        try:
            data = datasets[game.dataset]
            field = fields.of(game.ground_key, data, game.ground, tests[game.dataset])
            return Told(game.key, tuple(InMemory(field, game.how).rounds()))
        except AlcliError as error:
            return Told(game.key, error=error)


def plain(told: Told) -> dict[str, Any]:
    """What came of a game, for one line of the journal."""
    return {"key": told.key, "rounds": [asdict(each) for each in told.rounds]}


def from_plain(line: Mapping[str, Any]) -> Told:
    """What `plain` wrote.

    Raises
    ------
    ValueError, KeyError, TypeError
        If it wrote something else: a campaign has a round 0 at least.
    """
    if not line["rounds"]:
        raise ValueError("a campaign without a round")
    rounds = [
        Round(**{**each, "ids": tuple(each["ids"]), "strategies": tuple(each["strategies"])}) for each in line["rounds"]
    ]
    return Told(line["key"], tuple(rounds))
