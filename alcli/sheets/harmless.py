r"""Texts that a spreadsheet would run as a formula, made harmless, and back.

A text whose first visible character begins a formula (``= + - @`` and their full-width forms), or
that begins with a tab or a line end, gets one apostrophe in front; a plain negative number does not. So does a text of that kind that
already begins with apostrophes, which makes the way back exact:

>>> [escape(t) for t in ("=1+1", "'=1+1", "it's", "'tis")]
["'=1+1", "''=1+1", "it's", "'tis"]
>>> [unescape(escape(t)) for t in ("=1+1", "'=1+1", "it's", "'tis", "\t=")]
['=1+1', "'=1+1", "it's", "'tis", '\t=']
"""

from __future__ import annotations

import re

# A plain negative number runs nothing, and an apostrophe before it would be read by everybody.
_NUMBER = re.compile(r"-\d+([.,]\d+)?([eE][-+]?\d+)?")
_BEGIN = frozenset("=+-@\uff1d\uff0b\uff0d\uff20")


def is_risky(text: str) -> bool:
    """Would a spreadsheet that opens this text from a CSV take it for a formula?"""
    bare = text.lstrip("'")
    if _NUMBER.fullmatch(bare):
        return False
    if bare[:1] in ("\t", "\r", "\n"):
        return True
    return bare.lstrip()[:1] in _BEGIN if bare else False


def escape(text: str) -> str:
    """The text as it may stand in a CSV that people open."""
    return "'" + text if is_risky(text) else text


def unescape(text: str) -> str:
    """The text that was escaped; any other text comes back as it is."""
    return text[1:] if text[:1] == "'" and is_risky(text) else text
