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
