"""Music that came in before: heard again, changed, moved, cut short, loaded over; the graph stays whole throughout."""

import multiprocessing
import os
import signal
import time
from pathlib import Path

import pytest

from encoders.base import ModelCard
from engine.errors import GraphUnavailable
from engine.graph import Connection, Graph
from engine.ingest.finding import IgnoredCounts, find_files
from engine.ingest.ingesting import ingest
from engine.ingest.known import KnownMusic, pack_likeness, unpack_likeness
from engine.ingest.listing import TrackCounts
from engine.ingest.naming import make_track_id
from engine.ingest.pool import AnalysisPool
from engine.ingest.writing import TrackWriter
from engine.store.catalogue import Catalogue
from engine.store.load import load
from tests.helpers.asking import values, wipe
from tests.helpers.fake_analysis import analyse, make_piece
from tests.helpers.fakes import FakeMusicEmbedder, small_catalogue, small_ontology, write_catalogue
from tests.helpers.ingesting import (
    EMBEDDER,
    QUICK,
    broken,
    keep_journey,
    outcomes,
    own,
    put,
    run,
    say,
    snapshot,
)

pytest_plugins = "tests.helpers.ingest_fixtures"


# Again, and changed.


@pytest.mark.graph
def test_a_second_run_hears_nothing_and_changes_nothing(graph: Graph, music: Path, pool: AnalysisPool) -> None:
    put(music, a="one", b="two", c="!refuse")
    run(graph, music, pool)
    before = snapshot(graph)
    writer, known = TrackWriter.open(graph, EMBEDDER), KnownMusic.read(graph, EMBEDDER.card.sha256)
    asked: list[int] = []
    places = list(find_files(music, IgnoredCounts()))
    lines = list(ingest(places, pool, writer, known, lambda: asked.append(1)))
    assert outcomes(lines) == {"a": "same", "b": "same", "c": "refused"}
    assert len(asked) == 1, "only what was refused is looked at again"
    assert snapshot(graph) == before


@pytest.mark.graph
def test_a_file_that_changed_takes_the_place_of_what_it_was(graph: Graph, music: Path, pool: AnalysisPool) -> None:
    put(music, a="one", b="two", c="two")
    run(graph, music, pool)
    put(music, a="another piece|near=one,0.99", b="another yet")
    assert outcomes(run(graph, music, pool)) == {"a": "updated", "b": "updated", "c": "same"}
    assert own(graph) == ["Piece another piece", "Piece another yet", "Piece two"]
    [source] = values(graph, "MATCH (t:Track {title: 'Piece two'}) RETURN t.source AS value")
    assert source == str(music / "c.mid"), "the other file that holds the music is its source now"
    put(music, a="another piece|title=New words")
    assert outcomes(run(graph, music, pool))["a"] == "updated"
    assert "New words" in own(graph)
    assert broken(graph) == []


@pytest.mark.graph
def test_a_file_that_cannot_be_read_any_more_keeps_what_it_held(graph: Graph, music: Path, pool: AnalysisPool) -> None:
    put(music, a="one")
    run(graph, music, pool)
    put(music, a="!refuse")
    [line] = run(graph, music, pool)
    assert line.outcome == "refused"
    assert "kept" in line.reason
    assert own(graph) == ["Piece one"]


@pytest.mark.graph
def test_a_file_that_moved_is_the_same_track_with_another_source(graph: Graph, music: Path, pool: AnalysisPool) -> None:
    put(music, a="one")
    run(graph, music, pool)
    (music / "a.mid").rename(music / "b.mid")
    [line] = run(graph, music, pool)
    assert line.outcome == "moved"
    assert str(music / "a.mid") in line.reason
    assert values(graph, "MATCH (f:File)<--(t:Track) RETURN [f.path, t.source] AS value") == [
        [str(music / "b.mid")] * 2
    ]
    assert [line.outcome for line in run(graph, music, pool)] == ["same"]


@pytest.mark.graph
def test_a_changed_file_whose_music_a_journey_plays_retires_it(graph: Graph, music: Path, pool: AnalysisPool) -> None:
    put(music, a="one")
    [line] = run(graph, music, pool)
    keep_journey(graph, str(line.track_id))
    put(music, a="other")
    run(graph, music, pool)
    [kept] = values(
        graph, "MATCH (:Journey)-->()-[:PLAYS]->(t:Retired)-->(:Work) RETURN [t.id, t.title, t.embedding] AS value"
    )
    assert kept == [line.track_id, "Piece one", None]
    put(music, b="one")
    assert outcomes(run(graph, music, pool))["b"] == "added"
    assert values(graph, "MATCH (:Journey)-->()-[:PLAYS]->(t:Track) RETURN t.id AS value") == [line.track_id]
    assert broken(graph) == []


def test_likeness_is_kept_to_three_digits() -> None:
    likeness = make_piece("one").likeness
    assert unpack_likeness(pack_likeness(likeness)) == pytest.approx(likeness, abs=1e-3)


# A run that stops.


def _ingest_slowly(connection: Connection, folder: Path) -> None:
    """In a process of its own: a batch for every file."""
    import engine.ingest.ingesting

    engine.ingest.ingesting._BATCH = 1  # type: ignore[misc]
    with Graph.connect(connection) as graph, AnalysisPool(analyse, 2, QUICK) as pool:
        run(graph, folder, pool)


@pytest.mark.graph
def test_a_run_that_is_killed_leaves_a_whole_graph_and_the_next_one_goes_on(
    graph: Graph, music: Path, connection: Connection, pool: AnalysisPool
) -> None:
    put(music, **{f"f{number:02}": f"piece{number}|slow=0.2" for number in range(20)})
    process = multiprocessing.get_context("spawn").Process(target=_ingest_slowly, args=(connection, music))
    process.start()
    deadline = time.monotonic() + 60
    while len(own(graph)) < 4:
        assert time.monotonic() < deadline
        assert process.is_alive()
        time.sleep(0.05)
    assert process.pid
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    held = own(graph)
    assert 4 <= len(held) < 20
    assert broken(graph) == []
    found = outcomes(run(graph, music, pool))
    assert len(found) == 20
    assert sum(outcome == "same" for outcome in found.values()) >= len(held)
    assert sum(outcome == "added" for outcome in found.values()) <= 20 - len(held)
    assert len(own(graph)) == 20
    assert broken(graph) == []


@pytest.mark.graph
def test_recordings_are_heard_again_when_a_mert_comes_or_goes_and_notes_are_not(
    graph: Graph, music: Path, pool: AnalysisPool
) -> None:
    put(music, notes="one")
    (music / "sound.wav").write_text("two|frames=3", "utf-8")
    assert outcomes(run(graph, music, pool)) == {"notes": "added", "sound": "added"}
    made = "MATCH (t:Track {kind: 'audio'}) RETURN t.mert_sha256 AS value"
    assert values(graph, made) == [None]
    for mert in (ModelCard("one", "1" * 64, "CC0-1.0"), ModelCard("other", "2" * 64, "CC0-1.0"), None):
        found = run(graph, music, pool, mert=mert)
        assert outcomes(found) == {"notes": "same", "sound": "updated"}
        assert "a model that makes its vector has changed" in found[1].reason
        assert values(graph, made) == [mert.sha256 if mert else None]
        assert set(outcomes(run(graph, music, pool, mert=mert)).values()) == {"same"}
    assert broken(graph) == []


# With a load.


@pytest.mark.graph
def test_a_new_load_keeps_own_tracks(graph: Graph, music: Path, pool: AnalysisPool, tmp_path: Path) -> None:
    put(music, a="one")
    run(graph, music, pool)
    other = small_catalogue(tmp_path / "other", 5)
    load(graph, small_ontology(), other, EMBEDDER, say)
    assert own(graph) == ["Piece one"]
    assert values(graph, "MATCH (c:Catalogue) RETURN c.tracks AS value") == [6]
    assert broken(graph) == []
    assert [line.outcome for line in run(graph, music, pool)] == ["same"]


@pytest.mark.graph
def test_vectors_of_another_model_are_taken_away_until_the_music_is_ingested_again(
    graph: Graph, catalogue: Catalogue, music: Path, pool: AnalysisPool
) -> None:
    put(music, a="one", b="two", c="two")
    run(graph, music, pool)
    other = FakeMusicEmbedder(name="another")
    again = Catalogue.read(write_catalogue(catalogue.folder, [dict(t) for t in catalogue.tracks], other))
    said: list[str] = []
    load(graph, small_ontology(), again, other, said.append)
    assert any(line.startswith("2 of your own tracks have vectors of another model") for line in said)
    assert TrackCounts.read(graph) == TrackCounts(14, 2, 2)
    assert "2 of those wait" in TrackCounts.read(graph).describe()
    assert {row["track_id"] for row in graph.rows("checks/track_never_found")} == {
        make_track_id(make_piece("one")), make_track_id(make_piece("two")),
    }  # fmt: skip
    with pytest.raises(GraphUnavailable, match="serves vectors of another"):
        TrackWriter.open(graph, EMBEDDER)
    found = outcomes(run(graph, music, pool, other))
    assert (found["a"], found["b"]) == ("updated", "updated")
    assert TrackCounts.read(graph).waiting == 0
    assert broken(graph) == []
    assert [line.outcome for line in run(graph, music, pool, other)] == ["same"] * 3


@pytest.mark.graph
def test_a_load_of_another_model_in_the_middle_stops_the_run_and_harms_nothing(
    graph: Graph, catalogue: Catalogue, music: Path, pool: AnalysisPool
) -> None:
    put(music, a="one")
    writer, known = TrackWriter.open(graph, EMBEDDER), KnownMusic.read(graph, EMBEDDER.card.sha256)
    other = FakeMusicEmbedder(name="another")
    again = Catalogue.read(write_catalogue(catalogue.folder, [dict(t) for t in catalogue.tracks], other))
    load(graph, small_ontology(), again, other, say)
    with pytest.raises(GraphUnavailable, match="serves vectors of another"):
        list(ingest(list(find_files(music, IgnoredCounts())), pool, writer, known, lambda: None))
    assert own(graph) == []
    assert broken(graph) == []


@pytest.mark.graph
def test_a_graph_that_holds_nothing_sends_to_load(door: Graph) -> None:
    wipe(door)
    with pytest.raises(GraphUnavailable, match="holds no ontology"):
        TrackWriter.open(door, EMBEDDER)
