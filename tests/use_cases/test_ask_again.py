"""What asks a second time where the local server was started anew meanwhile, and what must not."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from engine.bootstrap import CompiledOntology
from engine.gate import Gate
from engine.graph import Row, ServerGone
from engine.settings import Settings
from engine.use_cases.ask_again import ask_again
from engine.use_cases.forget import JourneySelection, TrackSelection, forget_journeys, forget_tracks
from engine.use_cases.ingest import ingest_music
from engine.use_cases.journeys.read import list_journeys
from engine.use_cases.list_tracks import list_tracks
from engine.use_cases.operating.run_server import read_status
from engine.use_cases.plan import UncheckedRequest, plan_journey
from engine.use_cases.search import search_tracks

GONE = ServerGone("bolt://h", "does not answer", "Wait")


class Going:
    """A server that is gone whenever it is asked; counts how often it was."""

    def __init__(self) -> None:
        self.asked = 0

    @contextmanager
    def open(self, *_: object) -> Iterator[None]:
        self.asked += 1
        if self.asked:
            raise GONE
        yield

    def status(self) -> SimpleNamespace:
        return SimpleNamespace(state="up")

    def ensure_up(self, _: object) -> None:
        self.asked += 1
        raise GONE


Call = Callable[[Settings, CompiledOntology], object]
READING: dict[str, tuple[str, Call]] = {
    "plan": ("plan.open_planner", lambda s, o: plan_journey(s, o, UncheckedRequest(feel=("joy",)), print)),
    "search": ("ask_again.use_graph", lambda s, o: search_tracks(s, o, "slow strings", 5, print)),
    "list_tracks": ("list_tracks.use_graph", lambda s, o: list_tracks(s, False, print, print)),
    "list_journeys": ("ask_again.use_graph", lambda s, o: list_journeys(s, print)),
}
WRITING: dict[str, tuple[str, Call]] = {
    "forget": ("forget.use_graph", lambda s, o: forget_tracks(s, TrackSelection(everything=True), print)),
    "forget (journeys)": (
        "forget.use_graph",
        lambda s, o: forget_journeys(s, JourneySelection(everything=True), print),
    ),
    "ingest": (
        "ingest.use_graph",
        lambda s, o: ingest_music(s, s.home, print, SimpleNamespace(), print, write=True),
    ),
}
"""Use case -> where the graph is opened for it, and a call of it."""


def times_asked(door: str, call: Call, settings: Settings, gate: Gate) -> int:
    going = Going()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(f"engine.use_cases.{door}", going.open)
        with pytest.raises(ServerGone):
            call(settings, CompiledOntology(gate, {}))
    return going.asked


@pytest.mark.parametrize("name", READING)
def test_what_reads_for_a_few_seconds_asks_our_own_server_once_more(name: str, gate: Gate, tmp_path: Path) -> None:
    local = Settings(home=tmp_path, cache=tmp_path)
    elsewhere = Settings(home=tmp_path, cache=tmp_path, neo4j_uri="bolt://h", neo4j_password="x")
    assert times_asked(*READING[name], local, gate) == 2
    assert times_asked(*READING[name], elsewhere, gate) == 1


@pytest.mark.parametrize("name", WRITING)
def test_what_writes_asks_only_once(name: str, gate: Gate, tmp_path: Path) -> None:
    assert times_asked(*WRITING[name], Settings(home=tmp_path, cache=tmp_path), gate) == 1


def test_a_status_is_told_of_a_server_that_does_not_answer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    going, said = Going(), list[str]()
    monkeypatch.setattr("engine.use_cases.operating.run_server.Server", lambda _: going)
    found = read_status(Settings(home=tmp_path, cache=tmp_path), said.append)
    assert (found.server.state, found.counts, found.search) == ("up", None, None)
    assert going.asked == 2
    assert said == ["the server went away; asking again", str(GONE)]


def test_the_second_answer_counts_and_the_log_tells_of_the_first(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    answers: list[Any] = [GONE, "rows"]

    def ask() -> str:
        answer = answers.pop(0)
        if isinstance(answer, ServerGone):
            raise answer
        return str(answer)

    said: list[str] = []
    assert ask_again(Settings(home=tmp_path, cache=tmp_path), said.append, ask) == "rows"
    assert said == ["the server went away; asking again"]
    assert [(r.name, r.levelno) for r in caplog.records] == [("engine.use_cases.ask_again", logging.WARNING)]


class Library:
    """Three tracks, one read at a time; the server goes away once, before the second."""

    place = "here"

    def __init__(self) -> None:
        self.goes = True

    @contextmanager
    def open(self, *_: object) -> Iterator["Library"]:
        yield self

    def rows(self, query: str, **params: Any) -> list[Row]:
        if query == "library/counts":
            return [{"tracks": 3, "own": 0, "waiting": 0}]
        if query != "library/tracks":
            return []
        if params["after"] == "a" and self.goes:
            self.goes = False
            raise GONE
        return [{"id": id_, "source": None} for id_ in "abc" if id_ > params["after"]][:1]


def test_no_track_is_listed_twice_or_left_out_when_the_server_went_away(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    library, shown = Library(), list[Row]()
    monkeypatch.setattr("engine.use_cases.list_tracks.use_graph", library.open)
    monkeypatch.setattr("engine.ingest.listing._PART", 1)
    counts = list_tracks(Settings(home=tmp_path, cache=tmp_path), False, shown.append, print)
    assert [row["id"] for row in shown] == ["a", "b", "c"]
    assert counts.tracks == 3
    assert not library.goes
