"""First starts of the local server: begun many at once, interrupted at any moment, watched by others."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from engine.errors import GraphUnavailable
from engine.graph import Connection, Graph
from engine.queries import Query
from engine.server import Server, process
from engine.server.home import Home
from engine.settings import ROOT, Settings
from tests.conftest import GIVEN, say
from tests.helpers.proofs import sample
from tests.helpers.watcher import DEFAULT, Watcher

ONE = Query.read("test/one", "CYPHER 25\n// One. One row.\n//\n// column one INTEGER\nRETURN 1 AS one\n")


@pytest.fixture
def cold(tmp_path: Path) -> Iterator[Path]:
    """A home that nothing was ever started in; its server is stopped afterwards."""
    root = tmp_path / "home"
    yield root
    Server(settings_at(root)).down(say)


def settings_at(root: Path) -> Settings:
    return Settings(home=root, cache=GIVEN.cache, java_home=GIVEN.java_home)


def begun(root: Path, *arguments: str) -> subprocess.Popen[str]:
    """A command of `isopath` on the home, running."""
    environment = {name: text for name, text in os.environ.items() if not name.startswith("NEO4J_")}
    return subprocess.Popen(
        [sys.executable, "-m", "engine.cli.main", *arguments],
        cwd=ROOT,
        env=environment | {"ISOPATH_HOME": str(root)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.mark.long
@pytest.mark.graph
@pytest.mark.proof
def test_commands_begun_together_on_a_cold_home_are_all_answered(cold: Path) -> None:
    """Two starts at once, with the same watcher, are in every `make test`: `life` in test_server.py."""
    watcher = Watcher(cold)
    try:
        commands = []
        for _ in range(10):
            commands.append(begun(cold, "journey", "I can't stop worrying about tomorrow"))
            time.sleep(0.7)
        answers = [command.communicate(timeout=900)[0] for command in commands]
    finally:
        watcher.end()
    assert [command.returncode for command in commands] == [0] * len(commands), answers
    assert sum("starting on Java" in answer for answer in answers) == 1
    assert sum("serves, after" in answer for answer in answers) == 1
    assert watcher.refused
    assert not watcher.let_in


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
    Moment(
        logged,
        signal.SIGINT if number % 2 else signal.SIGKILL,
        server_too=number % 4 > 1,
    )
    for number, logged in enumerate(range(0, 100_000, 5_000))
]


@pytest.mark.graph
@pytest.mark.proof
@pytest.mark.parametrize("moment", sample(MOMENTS, 1), ids=lambda moment: f"{moment.logged // 1000} kB")
def test_a_first_start_that_was_interrupted_is_finished_by_the_next_command(cold: Path, moment: Moment) -> None:
    home, log = Home.at(cold), Home.at(cold).root / "logs" / "debug.log"
    first = begun(cold, "up")
    deadline = time.monotonic() + 300
    while (log.stat().st_size if log.exists() else -1) < moment.logged:
        assert first.poll() is None, first.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.01)
    first.send_signal(moment.signal)
    if moment.server_too and (server := process.serving(home)):
        server.kill()
        server.wait(30)
    first.communicate(timeout=30)
    second = begun(cold, "up")
    told = second.communicate(timeout=300)[0]
    assert second.returncode == 0, told
    connection = Server(settings_at(cold)).ensure_up(say)
    with Graph.connect(connection) as graph:
        assert graph.rows(ONE) == [{"one": 1}]
    with Graph.connect(replace(connection, password=DEFAULT)) as graph, pytest.raises(GraphUnavailable):
        graph.rows(ONE)


@pytest.mark.long
@pytest.mark.graph
@pytest.mark.proof
def test_a_home_whose_first_start_was_broken_off_by_an_earlier_isopath_comes_along(
    cold: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The earlier one replaced the default password over Bolt, after the server listened: here it never got so far.
    with monkeypatch.context() as earlier:
        earlier.setattr(Home, "set_initial_password", lambda home: None)
        with pytest.raises(GraphUnavailable, match="does not take this password"):
            Server(settings_at(cold)).ensure_up(say)
    Server(settings_at(cold)).down(say)
    connection = Server(settings_at(cold)).ensure_up(say)
    with Graph.connect(connection) as graph:
        assert graph.rows(ONE) == [{"one": 1}]
    with Graph.connect(replace(connection, password=DEFAULT)) as graph, pytest.raises(GraphUnavailable):
        graph.rows(ONE)


@pytest.mark.graph
def test_those_who_make_the_same_schema_at_once_all_succeed(connection: Connection) -> None:
    makes = Query.read(
        "test/make",
        "CYPHER 25\n// An index. No rows.\nCREATE INDEX test_racing IF NOT EXISTS FOR (n:TestRacing) ON (n.place)\n",
    )
    drops = Query.read("test/drop", "CYPHER 25\n// No index. No rows.\nDROP INDEX test_racing IF EXISTS\n")
    faults: list[Exception] = []
    together = threading.Barrier(4)

    def make() -> None:
        with Graph.connect(connection) as graph:
            assert graph.version
            together.wait(30)
            try:
                graph.write(lambda transaction: transaction.rows(makes))
            except Exception as fault:
                faults.append(fault)

    try:
        for _ in range(3):
            threads = [threading.Thread(target=make) for _ in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            with Graph.connect(connection) as graph:
                graph.write(lambda transaction: transaction.rows(drops))
    finally:
        with contextlib.suppress(GraphUnavailable), Graph.connect(connection) as graph:
            graph.write(lambda transaction: transaction.rows(drops))
    assert faults == []
