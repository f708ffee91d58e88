from __future__ import annotations

import pytest

from .projects import Project


@pytest.fixture
def project() -> Project:
    return Project()


@pytest.fixture
def make_project() -> type[Project]:
    return Project
