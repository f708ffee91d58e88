"""Hypothesis looks elsewhere in every run, but at the same examples in continuous integration: a commit passes or not."""

from __future__ import annotations

import os

from hypothesis import settings

settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("ci")
