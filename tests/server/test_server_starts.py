"""First starts of the local server: begun many at once, interrupted at any moment, watched by others."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from engine.errors import GraphUnavailable
from engine.graph import Graph
from engine.queries import Query
from engine.server import Server
from engine.server.home import Home
from tests.conftest import say
from tests.helpers.homes import settings_at
from tests.helpers.interrupting import MOMENTS, Moment, begun, break_off
from tests.helpers.watcher import DEFAULT, Watcher

ONE = Query.read("test/one", "CYPHER 25\n// One. One row.\n//\n// column one INTEGER\nRETURN 1 AS one\n")


@pytest.fixture
def cold(tmp_path: Path) -> Iterator[Path]:
    """A home that nothing was ever started in; its server is stopped afterwards."""
    root = tmp_path / "home"
    yield root
    Server(settings_at(root)).down(say)


@pytest.mark.long
@pytest.mark.graph
@pytest.mark.proof
def test_commands_begun_together_on_a_cold_home_are_all_answered(cold: Path) -> None:
    """Two starts at once, with the same watcher, are in every `make test`: `life` in test_real_server.py."""
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


@pytest.mark.long
@pytest.mark.graph
@pytest.mark.proof
@pytest.mark.parametrize("moment", MOMENTS, ids=lambda moment: f"{moment.logged // 1000} kB")
def test_a_first_start_that_was_interrupted_is_finished_by_the_next_command(cold: Path, moment: Moment) -> None:
    """The one that is broken off halfway is in every `make test`: `life` in test_real_server.py."""
    break_off(cold, moment)
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
