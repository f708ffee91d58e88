"""Hypothesis looks elsewhere in every run, but at the same examples in continuous integration: a commit passes or not.

No example has a deadline: a busy machine is no failure.
"""

from __future__ import annotations

import os

from hypothesis import settings

settings.register_profile("local", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "local")
