"""A listener's own music: what comes in, what does not and why, and that the graph is whole at every moment."""

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
import soundfile

from encoders.hearing import hear_each
from encoders.hearing.playback import Recorded
from encoders.performance import Performance
from engine.catalogue import CUES, Catalogue
from engine.errors import GraphUnavailable, UsageError
from engine.graph import Connection, Graph
from engine.ingest.finding import Found, Left, PassedOver, find
from engine.ingest.forgetting import Forgotten, forget, forget_all
from engine.ingest.ingesting import ingest
from engine.ingest.known import Known, packed, unpacked
from engine.ingest.listing import Counts, tracks
from engine.ingest.naming import artist_of, path_of, path_text, track_id, work_of, written
from engine.ingest.playing import own_music
from engine.ingest.pool import Limits, Pool
from engine.ingest.report import Line
from engine.ingest.showing import Showing, line_told, span
from engine.ingest.writing import Writer
from engine.load import load
from engine.queries import Queries
from engine.settings import CYPHER_DIR, SEED_DIR
from tests import hard_files as hard
from tests.asking import do, values, wipe
from tests.fake_hearing import hear, heard
from tests.fakes import FakeMusicEmbedder, small_catalogue, small_ontology, write_catalogue

QUERIES = Queries.load(CYPHER_DIR)
EMBEDDER = FakeMusicEmbedder()
QUICK = Limits(notes=1.0, audio=1.0, starting=2.0, waiting=3.0)


def say(line: str) -> None:
    """Nobody listens."""


@pytest.fixture(scope="module")
def door(connection: Connection) -> Iterator[Graph]:
    with Graph.connect(connection) as graph:
        yield graph


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    return small_catalogue(tmp_path / "seed")


@pytest.fixture
def graph(door: Graph, catalogue: Catalogue) -> Graph:
    """A real graph with a small catalogue in it and nothing of a listener's own."""
    do(door, "MATCH (n) WHERE NOT n:LoadLock DETACH DELETE n")
    load(door, small_ontology(), catalogue, EMBEDDER, say, QUERIES)
    return door


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    """Two processes that hear what tests/fake_hearing.py makes of a file, quickly given up."""
    with Pool(hear, 2, QUICK) as pool:
        yield pool


@pytest.fixture
def music(tmp_path: Path) -> Path:
    return tmp_path / "music"


def put(folder: Path, **files: str) -> None:
    """Files of a folder: name without suffix (`__` stands for `/`) and what is in them."""
    for name, text in files.items():
        path = folder / f"{name.replace('__', '/')}.mid"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


def run(
    graph: Graph, place: Path, pool: Pool, embedder: FakeMusicEmbedder = EMBEDDER, write: bool = True
) -> list[Line]:
    """The report of an ingest."""
    writer = Writer.open(graph, QUERIES, embedder)
    known = Known.read(graph, QUERIES, embedder.card.sha256)
    return list(ingest(list(find(place, PassedOver())), pool, writer, known, lambda: None, write=write))


def outcomes(lines: Iterable[Line]) -> dict[str, str]:
    """Name of the file -> what became of it."""
    return {Path(line.path).stem: line.outcome for line in lines}


def own(graph: Graph) -> list[str]:
    return values(graph, "MATCH (t:Track) WHERE t.id STARTS WITH 'own-' RETURN t.title AS value ORDER BY value")


def broken(graph: Graph) -> list[Any]:
    """What the checks of the graph find; nothing while it is whole."""
    checks = ("track_without_artist", "track_never_found", "more_than_one_version")
    found = [row for name in checks for row in graph.rows(QUERIES[f"checks/{name}"])]
    found += values(graph, "MATCH (f:File) WHERE NOT EXISTS { (f)<-[:STANDS_IN]-() } RETURN f.path AS value")
    found += values(
        graph, "MATCH (t:Track) WHERE t.stamp IS NULL AND NOT EXISTS { (t)-[:STANDS_IN]->() } RETURN t.id AS value"
    )
    found += values(graph, "MATCH (w:Work) WHERE NOT EXISTS { (w)<-[:PERFORMS]-() } RETURN w.id AS value")
    found += values(graph, "MATCH (a:Artist) WHERE NOT EXISTS { (a)<-[:BY]-() } RETURN a.id AS value")
    return found + values(
        graph, "MATCH (c:Catalogue) LET n = COUNT { (:Track) } FILTER c.tracks <> n RETURN [c.tracks, n] AS value"
    )


def snapshot(graph: Graph) -> list[Any]:
    """Everything but when the lock was last taken."""
    return values(
        graph,
        """MATCH (n) WHERE NOT n:LoadLock
           RETURN [labels(n), properties(n)] AS value ORDER BY labels(n), n.id, n.path""",
    )


def keep_journey(graph: Graph, track: str) -> None:
    do(graph, f"MATCH (t:Track {{id: '{track}'}}) CREATE (:Journey {{id: 'j'}})-[:HAS_STEP]->(:Step)-[:PLAYS]->(t)")


# What comes in.


@pytest.mark.graph
def test_a_file_becomes_a_track_that_performs_a_work_by_an_artist(graph: Graph, music: Path, pool: Pool) -> None:
    put(music, song="one|artist=Clara Wieck|title=Romance|work=Three Romances|remarks=no tempo written")
    [line] = run(graph, music, pool)
    piece = heard("one")
    assert line.as_json() == {
        "path": str(music / "song.mid"),
        "outcome": "added",
        "track_id": track_id(piece),
        "reason": "no tempo written",
    }
    [track] = values(graph, "MATCH (t:Track) WHERE t.source IS NOT NULL AND t.stamp IS NULL RETURN t {.*} AS value")
    assert len(track.pop("embedding")) == EMBEDDER.dimensions
    assert -1 <= track.pop("valence") <= 1
    assert -1 <= track.pop("arousal") <= 1
    assert unpacked(track.pop("likeness")) == pytest.approx(piece.likeness, abs=1e-3)
    assert track == {
        "id": f"own-{piece.content[:16]}",
        "title": "Romance",
        "source": str(music / "song.mid"),
        "licence": "CC0-1.0",
        "kind": "midi",
        "instrument": "piano",
        "remarks": ["no tempo written"],
        "content": piece.content,
        "vector_from": "symbolic",
        "embedding_model": "fake",
        "embedding_sha256": EMBEDDER.card.sha256,
        "seconds": piece.seconds,
        **{cue: getattr(piece.cues, cue) for cue in CUES},
        "lyrics": 0,
        "hopeless_lyrics": 0,
        "imagery": 0,
        "vetoed": 0,
    }
    [way] = values(
        graph,
        """MATCH (t:Track)-[:PERFORMS]->(w)-[:BY]->(a) WHERE t.stamp IS NULL
           RETURN [w.id, w.title, a.id, a.name] AS value""",
    )
    assert way == ["own-clara-wieck--three-romances", "Three Romances", "own-clara-wieck", "Clara Wieck"]
    assert broken(graph) == []


@pytest.mark.graph
def test_an_own_track_is_found_by_a_filtered_search_at_once(graph: Graph, music: Path, pool: Pool) -> None:
    put(music, song="one")
    [line] = run(graph, music, pool)
    body = f"""MATCH (asked:Track {{id: '{line.track_id}'}})
               MATCH (t:Track) SEARCH t IN (VECTOR INDEX track_embedding FOR asked.embedding
                 WHERE t.tempo >= 1.0 AND t.arousal <= 1.0 AND t.valence >= -1.0 AND t.vetoed <= 0 AND t.lyrics <= 0
                   AND t.seconds <= 9999.0 AND t.level_out <= 99.0 LIMIT 1) SCORE AS s
               RETURN t.id AS value"""
    deadline = time.monotonic() + 10
    while (found := values(graph, body)) != [line.track_id]:
        assert time.monotonic() < deadline, found


@pytest.mark.graph
def test_the_same_music_twice_is_one_track_and_the_first_path_is_its_source(
    graph: Graph, music: Path, pool: Pool
) -> None:
    put(music, a="one|slow=0.5", b="one", c__a="one")
    first, *others = run(graph, music, pool)
    assert first.outcome == "added"
    for line in others:
        assert (line.outcome, line.track_id) == ("duplicate", first.track_id)
        assert str(music / "a.mid") in line.reason
    assert own(graph) == ["Piece one"]
    assert [line.outcome for line in run(graph, music, pool)] == ["same"] * 3
    assert broken(graph) == []


@pytest.mark.graph
def test_close_music_is_reported_and_kept(graph: Graph, music: Path, pool: Pool) -> None:
    put(music, a="one", b="two|near=one,0.95", c="three|near=one,0.5")
    a, b, c = run(graph, music, pool)
    assert (a.outcome, b.outcome, c.outcome) == ("added", "close", "added")
    assert str(a.track_id) in b.reason
    assert own(graph) == ["Piece one", "Piece three", "Piece two"]
    put(music, d="four|near=one,0.96")
    assert outcomes(run(graph, music, pool))["d"] == "close", "what an earlier run brought in is compared as well"


@pytest.mark.graph
def test_music_of_another_family_is_never_close(graph: Graph, music: Path, pool: Pool) -> None:
    put(music, a="one")
    (music / "b.wav").write_text("two|near=one,0.999")
    assert outcomes(run(graph, music, pool)) == {"a": "added", "b": "added"}


@pytest.mark.graph
def test_a_book_of_tunes_is_a_line_and_as_many_tracks_as_it_has_sound_tunes(
    graph: Graph, music: Path, pool: Pool
) -> None:
    put(music, book="one\n!refuse\ntwo\none", other="two")
    book, other = run(graph, music, pool)
    assert book.outcome == "added"
    assert book.track_id == track_id(heard("one"))
    assert "4 tunes: 2 added, 1 duplicate, 1 refused; a tune has no notes" in book.reason
    assert (other.outcome, other.track_id) == ("duplicate", track_id(heard("two")))
    assert own(graph) == ["Piece one", "Piece two"]
    assert [line.outcome for line in run(graph, music, pool)] == ["same", "same"]


@pytest.mark.graph
def test_a_book_in_which_a_tune_failed_keeps_the_others_and_is_heard_again(
    graph: Graph, music: Path, pool: Pool
) -> None:
    put(music, book="one\ntwo|slow=0.3\n!hang\nthree")
    [line] = run(graph, music, pool)
    assert line.outcome == "added"
    assert "3 tunes: 2 added, 1 failed" in line.reason
    assert own(graph) == ["Piece one", "Piece two"]
    put(music, other="four")
    assert outcomes(run(graph, music, pool)) == {"book": "updated", "other": "added"}
    assert broken(graph) == []


@pytest.mark.graph
def test_two_files_with_one_name_and_one_title_are_two_tracks_of_one_work(
    graph: Graph, music: Path, pool: Pool
) -> None:
    put(music, x__song="one|title=Song", y__song="two|title=Song")
    assert [line.outcome for line in run(graph, music, pool)] == ["added", "added"]
    assert values(graph, "MATCH (w:Work {id: 'own-anna-nym--song'})<-[:PERFORMS]-(t) RETURN count(*) AS value") == [2]


@pytest.mark.graph
def test_names_in_any_script_and_names_that_are_no_text_come_in(graph: Graph, music: Path, pool: Pool) -> None:
    music.mkdir()
    names = ["月光.mid", "Лунная.mid", "قمر.mid", "a\nb.mid", "\u00e9.mid", "e\u0301.mid", "🎵.mid", "' \" $x {y}.mid"]
    paths = [os.fsencode(music / name) for name in names] + [os.fsencode(music) + b"/caf\xe9.mid"]
    for number, path in enumerate(paths):
        with open(path, "w", encoding="utf-8") as file:  # noqa: PTH123  a path of bytes
            file.write(
                f"piece{number}|title={Path(os.fsdecode(path)).stem}".replace("\n", " ")
                .encode(errors="replace")
                .decode()
            )
    lines = run(graph, music, pool)
    assert [line.outcome for line in lines] == ["added"] * len(paths)
    assert {os.fsencode(path_of(line.path)) for line in lines} == set(paths)
    assert len(values(graph, "MATCH (w:Work) WHERE w.id STARTS WITH 'own-' RETURN w.id AS value")) >= len(paths) - 1
    for line in lines:
        json.dumps(line.as_json(), ensure_ascii=False).encode("utf-8")
        assert "\n" not in line_told(line)
    assert [line.outcome for line in run(graph, music, pool)] == ["same"] * len(paths)


# Again, and changed.


@pytest.mark.graph
def test_a_second_run_hears_nothing_and_changes_nothing(graph: Graph, music: Path, pool: Pool) -> None:
    put(music, a="one", b="two", c="!refuse")
    run(graph, music, pool)
    before = snapshot(graph)
    writer, known = Writer.open(graph, QUERIES, EMBEDDER), Known.read(graph, QUERIES, EMBEDDER.card.sha256)
    asked: list[int] = []
    places = list(find(music, PassedOver()))
    lines = list(ingest(places, pool, writer, known, lambda: asked.append(1)))
    assert outcomes(lines) == {"a": "same", "b": "same", "c": "refused"}
    assert len(asked) == 1, "only what was refused is looked at again"
    assert snapshot(graph) == before


@pytest.mark.graph
def test_a_file_that_changed_takes_the_place_of_what_it_was(graph: Graph, music: Path, pool: Pool) -> None:
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
def test_a_file_that_cannot_be_read_any_more_keeps_what_it_held(graph: Graph, music: Path, pool: Pool) -> None:
    put(music, a="one")
    run(graph, music, pool)
    put(music, a="!refuse")
    [line] = run(graph, music, pool)
    assert line.outcome == "refused"
    assert "kept" in line.reason
    assert own(graph) == ["Piece one"]


@pytest.mark.graph
def test_a_file_that_moved_is_the_same_track_with_another_source(graph: Graph, music: Path, pool: Pool) -> None:
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
def test_a_changed_file_whose_music_a_journey_plays_retires_it(graph: Graph, music: Path, pool: Pool) -> None:
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


# A run that stops.


def _ingest_slowly(address: tuple[str, str, str, str], folder: Path) -> None:
    """In a process of its own: a batch for every file."""
    import engine.ingest.ingesting

    class Address:
        uri, user, password, database = address

    engine.ingest.ingesting._BATCH = 1  # type: ignore[misc]
    with Graph.connect(Address()) as graph, Pool(hear, 2, QUICK) as pool:
        run(graph, folder, pool)


@pytest.mark.graph
def test_a_run_that_is_killed_leaves_a_whole_graph_and_the_next_one_goes_on(
    graph: Graph, music: Path, connection: Connection, pool: Pool
) -> None:
    put(music, **{f"f{number:02}": f"piece{number}|slow=0.2" for number in range(20)})
    address = (connection.uri, connection.user, connection.password, connection.database)
    process = multiprocessing.get_context("spawn").Process(target=_ingest_slowly, args=(address, music))
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


def test_workers_end_when_the_run_is_killed(music: Path, tmp_path: Path) -> None:
    put(music, a="!hang")
    script = (
        "import sys\nfrom pathlib import Path\n"
        "from tests.fake_hearing import hear\nfrom engine.ingest.pool import Pool\n"
        "from engine.ingest.finding import PassedOver, find\n"
        "if __name__ == '__main__':\n"
        "    with Pool(hear, 1) as pool:\n"
        "        print(pool._idle().process.pid, flush=True)\n"
        "        list(pool.hear(list(find(Path(sys.argv[1]), PassedOver()))))\n"
    )
    started = tmp_path / "started.py"
    started.write_text(script)
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parent.parent)}
    with subprocess.Popen(
        [sys.executable, str(started), str(music)], stdout=subprocess.PIPE, env=environment
    ) as parent:
        assert parent.stdout
        worker = int(parent.stdout.readline())
        parent.terminate()
    deadline = time.monotonic() + 20
    while psutil.pid_exists(worker) and psutil.Process(worker).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline
        time.sleep(0.05)


# Bad files.


@pytest.mark.graph
@pytest.mark.parametrize(
    ("text", "outcome", "reason"),
    [
        ("!refuse", "refused", "it holds no music. Take another file"),
        ("!crash", "failed", "the reader failed on it (ZeroDivisionError)"),
        ("!die", "failed", "died twice (signal 9)"),
        ("!exit", "failed", "died twice (exit code 3)"),
        ("!hang", "failed", "longer than 1 s"),
        ("!spin", "failed", "longer than 1 s"),
        ("!grow", "failed", "too much memory"),
        ("x|tempo=5000", "failed", "its tempo is 5000.0, outside 20 to 300"),
        ("x|tempo=nan", "failed", "its tempo is nan"),
        ("x|title=too much", "failed", "it gets no vector (ValueError)"),
        ("x|title=nothing", "failed", "its vector is not finite, or empty"),
    ],
)
def test_one_bad_file_never_stops_the_rest(
    text: str, outcome: str, reason: str, graph: Graph, music: Path, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.ingest.pool._LARGEST", 400_000_000)
    put(music, a="one", b=text, c="two", d="three")
    lines = run(graph, music, pool)
    assert outcomes(lines) == {"a": "added", "b": outcome, "c": "added", "d": "added"}
    assert reason in lines[1].reason
    assert lines[1].track_id is None
    assert own(graph) == ["Piece one", "Piece three", "Piece two"]
    assert broken(graph) == []


def test_a_worker_that_dies_while_it_is_idle_costs_no_file(music: Path, tmp_path: Path) -> None:
    put(music, a="one", b="two")
    files = [place for place in find(music, PassedOver()) if isinstance(place, Found)]
    with Pool(hear, 1, QUICK) as pool:
        list(pool.hear(files[:1]))
        [worker] = pool._workers
        assert worker.process.pid
        os.kill(worker.process.pid, signal.SIGKILL)
        [(_, pieces)] = pool.hear(files[1:])
    assert [getattr(piece, "title", piece) for piece in pieces] == ["Piece two"]


def test_a_pool_keeps_the_order_of_the_files_whoever_is_first(music: Path, pool: Pool) -> None:
    put(music, a="one|slow=0.8", **{f"b{number}": f"piece{number}" for number in range(8)})
    files = [place for place in find(music, PassedOver()) if isinstance(place, Found)]
    assert [file.path.stem for file, _ in pool.hear(files)] == ["a", *(f"b{number}" for number in range(8))]


def test_workers_are_replaced_after_some_files(music: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.ingest.pool._FILES", 3)
    put(music, **{f"f{number}": f"piece{number}" for number in range(7)})
    files = [place for place in find(music, PassedOver()) if isinstance(place, Found)]
    with Pool(hear, 1, QUICK) as pool:
        pids = set()
        for _, pieces in pool.hear(files):
            assert [getattr(piece, "title", "")[:5] for piece in pieces] == ["Piece"]
            pids |= {worker.process.pid for worker in pool._workers}
    assert len(pids) >= 2


# Finding.


def test_a_link_that_leads_back_is_told_and_every_file_is_found_once(music: Path) -> None:
    put(music, a="one", deep__b="two")
    (music / "deep" / "back").symlink_to(music)
    (music / "self.mid").symlink_to(music / "self.mid")
    (music / "nothing.mid").symlink_to(music / "gone.mid")
    (music / "again").symlink_to(music / "deep")
    found = list(find(music, PassedOver()))
    assert [place.path.name for place in found if isinstance(place, Found)] == ["a.mid", "b.mid"]
    left = {place.path.name: place.reason for place in found if isinstance(place, Left)}
    assert left.keys() == {"back", "self.mid", "nothing.mid", "deep"}
    assert left["back"] == "leads to a folder that is looked through already"
    assert "Too many levels of symbolic links" in left["self.mid"]
    assert "No such file" in left["nothing.mid"]


def test_a_folder_that_cannot_be_read_is_told_and_the_rest_is_found(music: Path) -> None:
    put(music, a="one", locked__b="two", z__c="three")

    @contextmanager
    def listing(folder: str) -> Iterator[Iterator[os.DirEntry[str]]]:
        # Whoever runs the tests may be allowed to read everything.
        if Path(folder).name == "locked":
            raise PermissionError(13, "Permission denied", folder)
        with os.scandir(folder) as entries:
            yield entries

    found = list(find(music, PassedOver(), listing))
    assert [place.path.name for place in found] == ["a.mid", "locked", "c.mid"]
    assert found[1] == Left(music / "locked", "the folder cannot be read (Permission denied)")


def test_hidden_and_other_files_are_counted_and_left_alone(music: Path) -> None:
    put(music, a="one", _="two")
    (music / "_.mid").rename(music / "._a.mid")
    (music / ".cache").mkdir()
    (music / ".cache" / "b.mid").write_text("three")
    (music / "cover.jpg").write_text("")
    (music / "UPPER.MID").write_text("four")
    passed = PassedOver()
    assert [place.path.name for place in find(music, passed)] == ["UPPER.MID", "a.mid"]
    assert (passed.hidden, passed.other) == (2, 1)


def test_what_is_no_file_is_told_and_never_opened(music: Path) -> None:
    music.mkdir()
    os.mkfifo(music / "pipe.mid")
    (music / "folder.mid").mkdir()
    (music / "folder.mid" / "a.mid").write_text("one")
    found = {place.path.name: place for place in find(music, PassedOver())}
    assert isinstance(found["a.mid"], Found)
    assert found["pipe.mid"] == Left(music / "pipe.mid", "is a pipe, not a file")


def test_one_file_can_be_named_even_a_hidden_one_and_one_of_no_kind_is_told(music: Path) -> None:
    put(music, a="one")
    (music / ".b.mid").write_text("two")
    (music / "c.txt").write_text("three")
    assert [type(place) for name in ("a.mid", ".b.mid") for place in find(music / name, PassedOver())] == [Found, Found]
    [left] = find(music / "c.txt", PassedOver())
    assert isinstance(left, Left)
    assert "none of the kinds" in left.reason


def test_a_place_that_is_not_there_is_an_error(music: Path) -> None:
    with pytest.raises(UsageError, match="No such file"):
        list(find(music, PassedOver()))


def test_a_thousand_folders_deep_is_not_too_deep(tmp_path: Path) -> None:
    folder = tmp_path
    for _ in range(500):
        folder = folder / "d"
    os.makedirs(folder)  # noqa: PTH103
    (folder / "a.mid").write_text("one")
    assert [place.path.name for place in find(tmp_path / "d", PassedOver())] == ["a.mid"]


# Trying, listing, forgetting.


@pytest.mark.graph
def test_a_dry_run_reports_and_writes_nothing(graph: Graph, music: Path, pool: Pool) -> None:
    put(music, a="one", b="one", c="!refuse", d="two|near=one,0.95")
    before = snapshot(graph)
    lines = run(graph, music, pool, write=False)
    assert outcomes(lines) == {"a": "added", "b": "duplicate", "c": "refused", "d": "close"}
    assert snapshot(graph) == before


@pytest.mark.graph
def test_every_track_is_listed_with_source_and_cues(graph: Graph, music: Path, pool: Pool) -> None:
    put(music, a="one|artist=")
    [line] = run(graph, music, pool)
    rows = list(tracks(graph, QUERIES, own=False))
    assert [row["id"] for row in rows] == sorted([*(f"t{n:05}" for n in range(12)), str(line.track_id)])
    [mine] = tracks(graph, QUERIES, own=True)
    assert (mine["id"], mine["artist"], mine["source"]) == (line.track_id, "unknown", str(music / "a.mid"))
    assert set(mine["cues"]) == set(CUES)
    assert rows[-1]["source"].startswith("music21:")
    assert Counts.of(graph, QUERIES) == Counts(13, 1, 0)


@pytest.mark.graph
def test_a_track_is_forgotten_by_id_by_path_and_by_folder(graph: Graph, music: Path, pool: Pool) -> None:
    put(music, a="one", b="two", x__c="three", x__d="four", xy="five")
    lines = {Path(line.path).stem: line for line in run(graph, music, pool)}
    assert forget(graph, QUERIES, [str(lines["a"].track_id)]).removed == (lines["a"].track_id,)
    assert forget(graph, QUERIES, [str(music / "b.mid")]).removed == (lines["b"].track_id,)
    gone = forget(graph, QUERIES, [str(music / "x")])
    assert set(gone.removed) == {lines["c"].track_id, lines["d"].track_id}
    assert gone.files == 2
    assert own(graph) == ["Piece five"]
    assert broken(graph) == []
    assert forget_all(graph, QUERIES).removed == (lines["xy"].track_id,)
    assert (
        values(graph, "MATCH (n:Work|Artist|File|Track) WHERE n.id STARTS WITH 'own-' OR n:File RETURN n.id AS value")
        == []
    )
    assert forget_all(graph, QUERIES) == Forgotten((), (), 0)
    assert outcomes(run(graph, music, pool)).keys() == lines.keys()
    assert len(own(graph)) == 5, "what was forgotten may come in again"


@pytest.mark.graph
def test_music_that_another_file_holds_stays_when_one_path_is_forgotten(graph: Graph, music: Path, pool: Pool) -> None:
    put(music, a="one", b="one")
    run(graph, music, pool)
    assert forget(graph, QUERIES, [str(music / "a.mid")]) == Forgotten((), (), 1)
    assert values(graph, "MATCH (t:Track) WHERE t.stamp IS NULL RETURN t.source AS value") == [str(music / "b.mid")]
    assert broken(graph) == []


@pytest.mark.graph
def test_a_tune_of_a_book_is_forgotten_without_the_others(graph: Graph, music: Path, pool: Pool) -> None:
    put(music, book="one\ntwo")
    run(graph, music, pool)
    assert forget(graph, QUERIES, [track_id(heard("one"))]) == Forgotten((track_id(heard("one")),), (), 0)
    assert own(graph) == ["Piece two"]
    assert [line.outcome for line in run(graph, music, pool)] == ["same"]
    assert own(graph) == ["Piece two"]


@pytest.mark.graph
def test_what_a_journey_plays_is_retired_and_the_journey_stays_whole(graph: Graph, music: Path, pool: Pool) -> None:
    put(music, a="one")
    [line] = run(graph, music, pool)
    keep_journey(graph, str(line.track_id))
    assert forget(graph, QUERIES, [str(line.track_id)]) == Forgotten((), (str(line.track_id),), 1)
    [kept] = values(
        graph,
        """MATCH (:Journey)-->()-[:PLAYS]->(t)-[:PERFORMS]->()-[:BY]->(a)
           RETURN [labels(t), t.title, a.name, t.source] AS value""",
    )
    assert kept == [["Retired"], "Piece one", "Anna Nym", None]
    do(graph, "MATCH (n:Journey|Step) DETACH DELETE n")
    forget_all(graph, QUERIES)
    assert values(graph, "MATCH (t:Retired) RETURN t.id AS value") == []
    assert broken(graph) == []


@pytest.mark.graph
def test_the_catalogue_cannot_be_forgotten_and_all_faults_are_told_at_once(
    graph: Graph, music: Path, pool: Pool
) -> None:
    put(music, a="one")
    [line] = run(graph, music, pool)
    before = snapshot(graph)
    with pytest.raises(UsageError) as caught:
        forget(graph, QUERIES, [str(line.track_id), "t00003", "own-nothing", str(music / "b.mid")])
    told = str(caught.value).splitlines()
    assert len(told) == 3
    assert any(line.startswith("t00003: is a track of the catalogue") for line in told)
    assert snapshot(graph) == before


# With a load.


@pytest.mark.graph
def test_a_new_load_keeps_own_tracks(graph: Graph, music: Path, pool: Pool, tmp_path: Path) -> None:
    put(music, a="one")
    run(graph, music, pool)
    other = small_catalogue(tmp_path / "other", 5)
    load(graph, small_ontology(), other, EMBEDDER, say, QUERIES)
    assert own(graph) == ["Piece one"]
    assert values(graph, "MATCH (c:Catalogue) RETURN c.tracks AS value") == [6]
    assert broken(graph) == []
    assert [line.outcome for line in run(graph, music, pool)] == ["same"]


@pytest.mark.graph
def test_vectors_of_another_model_are_taken_away_until_the_music_is_ingested_again(
    graph: Graph, catalogue: Catalogue, music: Path, pool: Pool
) -> None:
    put(music, a="one", b="two", c="two")
    run(graph, music, pool)
    other = FakeMusicEmbedder(name="another")
    again = Catalogue.read(write_catalogue(catalogue.folder, [dict(t) for t in catalogue.tracks], other))
    said: list[str] = []
    load(graph, small_ontology(), again, other, said.append, QUERIES)
    assert any(line.startswith("2 of your own tracks have vectors of another model") for line in said)
    assert Counts.of(graph, QUERIES) == Counts(14, 2, 2)
    assert "2 of those wait" in Counts.of(graph, QUERIES).told()
    assert {row["track_id"] for row in graph.rows(QUERIES["checks/track_never_found"])} == {
        track_id(heard("one")), track_id(heard("two")),
    }  # fmt: skip
    with pytest.raises(GraphUnavailable, match="serves vectors of another"):
        Writer.open(graph, QUERIES, EMBEDDER)
    found = outcomes(run(graph, music, pool, other))
    assert (found["a"], found["b"]) == ("updated", "updated")
    assert Counts.of(graph, QUERIES).waiting == 0
    assert broken(graph) == []
    assert [line.outcome for line in run(graph, music, pool, other)] == ["same"] * 3


@pytest.mark.graph
def test_a_load_of_another_model_in_the_middle_stops_the_run_and_harms_nothing(
    graph: Graph, catalogue: Catalogue, music: Path, pool: Pool
) -> None:
    put(music, a="one")
    writer, known = Writer.open(graph, QUERIES, EMBEDDER), Known.read(graph, QUERIES, EMBEDDER.card.sha256)
    other = FakeMusicEmbedder(name="another")
    again = Catalogue.read(write_catalogue(catalogue.folder, [dict(t) for t in catalogue.tracks], other))
    load(graph, small_ontology(), again, other, say, QUERIES)
    with pytest.raises(GraphUnavailable, match="serves vectors of another"):
        list(ingest(list(find(music, PassedOver())), pool, writer, known, lambda: None))
    assert own(graph) == []
    assert broken(graph) == []


@pytest.mark.graph
def test_a_graph_that_holds_nothing_sends_to_load(door: Graph) -> None:
    wipe(door)
    with pytest.raises(GraphUnavailable, match="holds no ontology"):
        Writer.open(door, QUERIES, EMBEDDER)


# Real files, heard for real.


@pytest.fixture(scope="module")
def ears() -> Iterator[Pool]:
    with Pool(hear_each, 2) as pool:
        yield pool


def soft(number: int) -> bytes:
    """A MIDI file whose tune depends on a number."""
    keys = [60 + (number * step) % 13 for step in range(24)]
    return hard.midi(hard.track(*(event for key in keys for event in hard.note(key))))


@pytest.mark.graph
def test_good_files_of_every_kind_come_in_among_bad_ones(graph: Graph, music: Path, ears: Pool) -> None:
    music.mkdir()
    bars = [hard.bar("C4", "E4", "G4", "C5", number=n) for n in range(1, 9)]
    tone = 0.2 * np.sin(2 * np.pi * 330 * np.arange(22050 * 5) / 22050) * (np.arange(22050 * 5) % 11025 < 8000)
    good = {
        "a.mid": soft(5),
        "b.mxl": hard.mxl(hard.score(bars)),
        "c.musicxml": hard.score(bars[::-1] + bars[:1]).encode(),
        "d.abc": b"X:1\nT:Reel\nM:4/4\nL:1/8\nK:G\nGABc dedB|dedB dedB|c2ec B2dB|A2F2 G4:|\n",
    }
    bad = {
        "e.mid": b"",
        "f.mid": soft(5)[:30],
        "g.mid": hard.midi(hard.track()),
        "h.mxl": hard.zip_bomb(60),
        "i.mxl": hard.mxl(hard.BOMB_OF_ENTITIES),
        "j.xml": hard.EXTERNAL_ENTITY.encode(),
        "k.wav": b"RIFF",
        "l.mp3": b"x" * 5000,
        "m.abc": b"no tune",
    }
    for name, content in {**good, **bad}.items():
        (music / name).write_bytes(content)
    soundfile.write(music / "z.flac", tone, 22050)
    lines = run(graph, music, ears)
    found = {Path(line.path).name: line.outcome for line in lines}
    assert found == {**dict.fromkeys([*good, "z.flac"], "added"), **dict.fromkeys(bad, "refused")}
    assert all(line.reason for line in lines if line.outcome == "refused")
    assert broken(graph) == []
    kinds = "MATCH (t:Track) WHERE t.stamp IS NULL RETURN t.kind + ' ' + t.vector_from AS value ORDER BY value"
    assert values(graph, kinds) == [
        "abc symbolic", "audio caption", "midi symbolic", "musicxml symbolic", "musicxml symbolic",
    ]  # fmt: skip
    ids = {Path(line.path).name: str(line.track_id) for line in lines if line.outcome == "added"}
    playing = own_music(graph, QUERIES, list(ids.values()))
    assert playing[ids["z.flac"]] == Recorded(music / "z.flac", 5.0)
    assert isinstance(notes := playing[ids["a.mid"]], Performance)
    assert len(notes.notes) == 24
    (music / "z.flac").unlink()
    (music / "a.mid").write_bytes(soft(7))
    with pytest.raises(UsageError) as caught:
        own_music(graph, QUERIES, [*ids.values(), "own-gone"])
    told = str(caught.value)
    assert "z.flac: cannot be read (No such file or directory)" in told
    assert "a.mid: has changed since it was ingested" in told
    assert "own-gone: was forgotten" in told
    assert [line.outcome for line in run(graph, music, ears)].count("same") == 3


# Names, ids, lines.


def test_no_id_of_the_catalogue_begins_as_own_ones_do() -> None:
    shipped = Catalogue.read(SEED_DIR)
    names = ("track_id", "work_id", "artist_id")
    assert not [track for track in shipped.tracks for name in names if str(track[name]).startswith("own-")]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("月光", "太陽"),
        ("a b", "a c"),
        ("x" * 400, "x" * 299 + "y"),
        ("Étude", "Etude no. 2"),
        ("♯", "♭"),
        ("Bach 巴赫", "Bach"),
    ],
)
def test_two_titles_are_two_works_in_any_script(one: str, other: str) -> None:
    pieces = [replace(heard("x"), title=title) for title in (one, other)]
    assert len({work_of(piece)[0] for piece in pieces}) == 2
    assert all(work_of(piece)[0].isascii() and len(work_of(piece)[0]) < 200 for piece in pieces)


def test_one_title_in_two_spellings_is_one_work() -> None:
    assert work_of(replace(heard("x"), title="Für Elise"))[0] == work_of(replace(heard("y"), title="FÜR  ELISE"))[0]


def test_artist_and_title_never_run_into_each_other() -> None:
    one, other = replace(heard("x"), artist="a b", title="c"), replace(heard("x"), artist="a", title="b c")
    assert work_of(one)[0] != work_of(other)[0]


def test_nobody_knows_that_two_pieces_by_nobody_are_by_one_hand() -> None:
    one, other = (replace(heard(word), artist="unknown") for word in ("x", "y"))
    assert artist_of(one)[1] == artist_of(other)[1] == "unknown"
    assert artist_of(one)[0] != artist_of(other)[0]


def test_words_that_no_encoding_has_can_be_written() -> None:
    assert written("caf\udce9\x00 a\nb\t" + "x" * 999).startswith("caf? a b xxx")
    assert len(written("x" * 999)) == 300


def test_a_path_is_told_so_that_it_can_be_found_again() -> None:
    for path in (Path("/a b/é.mid"), Path(os.fsdecode(b"/a b/caf\xe9 %.mid"))):
        assert path_of(path_text(path)) == path
        path_text(path).encode("utf-8")


def test_likeness_is_kept_to_three_digits() -> None:
    likeness = heard("one").likeness
    assert unpacked(packed(likeness)) == pytest.approx(likeness, abs=1e-3)


def test_progress_is_told_now_and_then_where_there_is_no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr("engine.ingest.showing._NOW_AND_THEN", -1.0)
    with Showing(2, said.append) as showing:
        showing.one()
        showing.one()
    assert said[0] == "hearing 2 files"
    assert said[1].startswith("heard 1 of 2 files, ")
    assert said[2].endswith("0 s left")


@pytest.mark.parametrize(("seconds", "told"), [(5, "5 s"), (600, "10 min"), (9000, "2.5 h")])
def test_time_left_is_told_as_a_person_says_it(seconds: float, told: str) -> None:
    assert span(seconds) == told
