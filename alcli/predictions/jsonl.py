"""JSONL: one object a line, whole or nothing, with the line of whatever is wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from alcli.errors import Place, TableError
from alcli.predictions.cells import short
from alcli.tables.dialect import LONGEST_RECORD, too_long
from alcli.tables.formats import opened

PIECE = 1 << 20
#: Keys whose value may be an object, class by class, and what each class's column is then called.
BY_CLASS = {"proba": "p_", "probabilities": "p_", "members": "p_", "logits": "logit_"}

Record = dict[str, Any]


def records(path: Path, shown: str) -> Iterator[tuple[int, Record]]:
    """Each object with its line, counted from 1; blank lines are passed over.

    Nested objects are flattened: ``{"proba": {"spam": 0.9}}`` has the column `p_spam`.

    Raises
    ------
    TableError
        ``not-json`` and ``encoding`` with the line; ``damaged-gzip``, ``row-too-long``.
    """
    for number, line in _lines(path, shown):
        if not line or line.isspace():
            continue
        try:
            text = line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            raise TableError(
                f"the line is not UTF-8: {error.reason}",
                at=Place(shown, number),
                hint="write the file in UTF-8",
                code="encoding",
            ) from None
        try:
            record = _decode(text)
        except (ValueError, RecursionError) as error:
            said = str(error) if isinstance(error, ValueError) else "it is nested too deeply"
            raise TableError(
                f"the line is not a JSON object: {said}",
                at=Place(shown, number),
                hint="JSONL holds one object a line, as `json.dumps` writes it",
                code="not-json",
            ) from None
        if not isinstance(record, dict):
            raise TableError(
                f"the line holds {short(record)}, not an object",
                at=Place(shown, number),
                hint='write one object a line: {"id": "a", "p_spam": 0.9, "p_ham": 0.1}',
                code="not-json",
            )
        try:
            yield number, _flat(record)
        except (TypeError, KeyError, ValueError) as error:
            raise TableError(str(error.args[0]), at=Place(shown, number), code="not-json") from None


def _lines(path: Path, shown: str) -> Iterator[tuple[int, bytes]]:
    number, carry = 0, b""
    with opened(path, shown) as stream:
        while piece := stream.read(PIECE):
            lines = (carry + piece).split(b"\n")
            carry = lines.pop()
            for line in lines:
                number += 1
                yield number, line
            if len(carry) > LONGEST_RECORD:
                raise too_long(number + 1, shown)
    if carry:
        yield number + 1, carry


def _object(pairs: list[tuple[str, Any]]) -> Record:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(
            f"the key {next(name for name in names if names.count(name) > 1)!r} stands twice in one object"
        )
    return found


#: One for all lines: making one costs as much as reading a short line.
_decode = json.JSONDecoder(object_pairs_hook=_object).decode
_NESTED = frozenset((*BY_CLASS, "logprobs"))


def _flat(record: Record) -> Record:
    """The record with one key a column."""
    if _NESTED.isdisjoint(record):
        return record
    nested = [key for key in (*BY_CLASS, "logprobs") if _is_nested(record.get(key))]
    if not nested:
        return record
    found = {key: value for key, value in record.items() if key not in nested}
    for key in nested:
        value = record[key]
        if key == "logprobs":
            more: Mapping[str, Any] = _tokens(value)
        elif isinstance(value, dict):
            more = {BY_CLASS[key] + name: each for name, each in value.items()}
        else:
            more = _passes(value, BY_CLASS[key])
        for name, each in more.items():
            if name in found:
                raise ValueError(f"the record has {name!r} twice: by itself and in {key!r}")
            found[name] = each
    return found


def _is_nested(value: Any) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and bool(value) and isinstance(value[0], dict))


def _passes(members: list[Any], prefix: str) -> Record:
    """``[{"spam": 0.9, "ham": 0.1}, …]``, an object a pass, as a list a class."""
    names = list(members[0])
    for number, member in enumerate(members, start=1):
        if not isinstance(member, dict) or member.keys() != members[0].keys():
            raise ValueError(f"member {number} has other classes than the first: {short(member)}")
    return {prefix + name: [member[name] for member in members] for name in names}


def _tokens(value: Any) -> Record:
    """`logprobs` as chat interfaces of language models give it: a token with its alternatives each."""
    content = value.get("content") if isinstance(value, dict) else value
    if not isinstance(content, list) or not all(isinstance(each, dict) and "logprob" in each for each in content):
        raise ValueError('`logprobs` is not {"content": [{"logprob": -0.1}, …]}')
    found: Record = {"token_logprobs": [each["logprob"] for each in content]}
    tops = [each.get("top_logprobs") or [] for each in content]
    if any(tops):
        found["token_top_logprobs"] = [[one["logprob"] for one in top] for top in tops]
    return found
