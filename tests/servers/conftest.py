from __future__ import annotations

import os
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session", autouse=True)
def no_settings() -> Iterator[None]:
    """No variables of whoever runs the tests."""
    with pytest.MonkeyPatch.context() as patch:
        for name in os.environ:
            if name.startswith("ALCLI_"):
                patch.delenv(name)
        yield
