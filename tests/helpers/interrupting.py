"""First starts of a server that are broken off at any moment."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from engine.server import process
from engine.server.home import Home
from engine.settings import ROOT
from tests.helpers.commands import COMMAND


@dataclass(frozen=True, slots=True)
class Moment:
    """When a first start is broken off, and how."""

    logged: int
    """Bytes that the server has logged by then; about 100,000 stand there when it answers."""
    signal: signal.Signals
    """Sent to the command."""
    server_too: bool
    """Whether the server is killed as well, as when the machine loses power."""


MOMENTS = [
    Moment(logged, signal.SIGINT if number % 2 else signal.SIGKILL, server_too=number % 4 > 1)
    for number, logged in enumerate(range(0, 100_000, 5_000))
]
HALFWAY = MOMENTS[10]
"""Both are killed."""


def begun(root: Path, *arguments: str) -> subprocess.Popen[str]:
    """A command of `isopath` on the home, running."""
    environment = {name: text for name, text in os.environ.items() if not name.startswith("NEO4J_")}
    return subprocess.Popen(
        [*COMMAND, *arguments],
        cwd=ROOT,
        env=environment | {"ISOPATH_HOME": str(root)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def break_off(root: Path, moment: Moment) -> None:
    """Begins a first start in the home, and breaks it off."""
    home, log = Home.at(root), Home.at(root).root / "logs" / "debug.log"
    first = begun(root, "up")
    deadline = time.monotonic() + 300
    while (log.stat().st_size if log.exists() else -1) < moment.logged:
        assert first.poll() is None, first.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.01)
    first.send_signal(moment.signal)
    if moment.server_too and (server := process.find_serving(home)):
        server.kill()
        server.wait(30)
    first.communicate(timeout=30)
