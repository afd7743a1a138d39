"""A home that has answered its first command: made once, copied by every other process that runs tests."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock

from engine.bootstrap import compiled, open_graph
from engine.server import Server
from engine.settings import Settings

KEPT = ("compiled.json", "gate.json", "loaded.json", "neo4j/data", "neo4j/password")
"""What another home may have of it; ports, keys and the secret of the process are a home's own."""


def prepare(home: Path, shelf: Path, say: Callable[[str], None]) -> None:
    """Gives the home of the settings what is on the shelf; makes it first where nobody did. Its server is down then."""
    with FileLock(shelf.with_suffix(".lock")):
        if shelf.exists():
            copy(shelf, home)
            return
        settings = Settings.from_environment()
        assert settings.home == home
        compiled(settings, say)
        open_graph(settings, say).close()
        Server(settings).down(say)
        copy(home, shelf.with_suffix(".part"))
        shelf.with_suffix(".part").rename(shelf)


def copy(source: Path, target: Path) -> None:
    for name in KEPT:
        place = target / name
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if (source / name).is_dir():
            shutil.rmtree(place, ignore_errors=True)
            shutil.copytree(source / name, place)
        else:
            shutil.copy2(source / name, place)
