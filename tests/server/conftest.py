"""Homes that no server was started in."""

from pathlib import Path

import pytest

from engine.server.home import Home


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An empty home, for tests that start nothing."""
    return tmp_path / "home"


@pytest.fixture
def made(root: Path) -> Home:
    """A home with its folders."""
    home = Home.at(root)
    home.make_folders()
    return home
