"""The time, as ledgers write it."""

from __future__ import annotations

import os
from datetime import UTC, datetime


def now() -> str:
    """The current time in UTC, to the second: ``2026-11-22T01:30:00Z``.

    `SOURCE_DATE_EPOCH` (seconds since 1970) takes the clock's place when it is set, so that a run
    can be repeated byte for byte.
    """
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "").strip()
    moment = datetime.fromtimestamp(int(epoch), UTC) if epoch.isdigit() else datetime.now(UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def moment(text: str) -> str:
    """A time that another program wrote, as ledgers write it; empty for what is no time.

    A time without a zone is taken for UTC.

    >>> moment("2026-11-21T23:43:14.547344Z"), moment("2026-11-22 01:00:00+02:00"), moment("yesterday")
    ('2026-11-21T23:43:14Z', '2026-11-21T23:00:00Z', '')
    """
    try:
        found = datetime.fromisoformat(text.strip())
        aware = found if found.tzinfo is not None else found.replace(tzinfo=UTC)
        return aware.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError):
        return ""
