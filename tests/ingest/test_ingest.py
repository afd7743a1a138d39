"""A listener's own music: what comes in, what does not and why."""

import json
import os
import time
from pathlib import Path

import pytest

from engine.cli.ingest_progress import format_line
from engine.graph import Graph
from engine.ingest.known import unpack_likeness
from engine.ingest.naming import decode_path, make_track_id
from engine.ingest.pool import AnalysisPool
from engine.store.catalogue import CUES
from tests.helpers.asking import values
from tests.helpers.fake_analysis import make_piece
from tests.helpers.ingesting import EMBEDDER, broken, outcomes, own, put, run, snapshot

pytest_plugins = "tests.helpers.ingest_fixtures"


@pytest.mark.graph
def test_a_file_becomes_a_track_that_performs_a_work_by_an_artist(
    graph: Graph, music: Path, pool: AnalysisPool
) -> None:
    put(music, song="one|artist=Clara Wieck|title=Romance|work=Three Romances|remarks=no tempo written")
    [line] = run(graph, music, pool)
    piece = make_piece("one")
    assert line.as_json() == {
        "path": str(music / "song.mid"),
        "outcome": "added",
        "track_id": make_track_id(piece),
        "reason": "no tempo written",
    }
    [track] = values(graph, "MATCH (t:Track) WHERE t.source IS NOT NULL AND t.stamp IS NULL RETURN t {.*} AS value")
    assert len(track.pop("embedding")) == EMBEDDER.dimensions
    assert len(track.pop("profile")) == 2 * len((*CUES, "valence", "arousal")) + EMBEDDER.dimensions + 1
    assert -1 <= track.pop("valence") <= 1
    assert -1 <= track.pop("arousal") <= 1
    assert unpack_likeness(track.pop("likeness")) == pytest.approx(piece.likeness, abs=1e-3)
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
        "traits": [],
    }
    [way] = values(
        graph,
        """MATCH (t:Track)-[:PERFORMS]->(w)-[:BY]->(a) WHERE t.stamp IS NULL
           RETURN [w.id, w.title, a.id, a.name] AS value""",
    )
    assert way == ["own-clara-wieck--three-romances", "Three Romances", "own-clara-wieck", "Clara Wieck"]
    assert broken(graph) == []


@pytest.mark.graph
def test_an_own_track_is_found_by_a_filtered_search_at_once(graph: Graph, music: Path, pool: AnalysisPool) -> None:
    put(music, song="one")
    [line] = run(graph, music, pool)
    body = f"""MATCH (asked:Track {{id: '{line.track_id}'}})
               MATCH (t:Track) SEARCH t IN (VECTOR INDEX track_embedding FOR asked.embedding
                 WHERE t.tempo >= 1.0 AND t.arousal <= 1.0 AND t.valence >= -1.0
                   AND t.seconds <= 9999.0 AND t.level_out <= 99.0 LIMIT 1) SCORE AS s
               RETURN t.id AS value"""
    deadline = time.monotonic() + 10
    while (found := values(graph, body)) != [line.track_id]:
        assert time.monotonic() < deadline, found


@pytest.mark.graph
def test_the_same_music_twice_is_one_track_and_the_first_path_is_its_source(
    graph: Graph, music: Path, pool: AnalysisPool
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
def test_close_music_is_reported_and_kept(graph: Graph, music: Path, pool: AnalysisPool) -> None:
    put(music, a="one", b="two|near=one,0.95", c="three|near=one,0.5")
    a, b, c = run(graph, music, pool)
    assert (a.outcome, b.outcome, c.outcome) == ("added", "close", "added")
    assert str(a.track_id) in b.reason
    assert own(graph) == ["Piece one", "Piece three", "Piece two"]
    put(music, d="four|near=one,0.96")
    assert outcomes(run(graph, music, pool))["d"] == "close", "what an earlier run brought in is compared as well"


@pytest.mark.graph
def test_music_of_another_family_is_never_close(graph: Graph, music: Path, pool: AnalysisPool) -> None:
    put(music, a="one")
    (music / "b.wav").write_text("two|near=one,0.999")
    assert outcomes(run(graph, music, pool)) == {"a": "added", "b": "added"}


@pytest.mark.graph
def test_a_book_of_tunes_is_a_line_and_as_many_tracks_as_it_has_sound_tunes(
    graph: Graph, music: Path, pool: AnalysisPool
) -> None:
    put(music, book="one\n!refuse\ntwo\none", other="two")
    book, other = run(graph, music, pool)
    assert book.outcome == "added"
    assert book.track_id == make_track_id(make_piece("one"))
    assert "4 tunes: 2 added, 1 duplicate, 1 refused; a tune has no notes" in book.reason
    assert (other.outcome, other.track_id) == ("duplicate", make_track_id(make_piece("two")))
    assert own(graph) == ["Piece one", "Piece two"]
    assert [line.outcome for line in run(graph, music, pool)] == ["same", "same"]


@pytest.mark.graph
def test_a_book_in_which_a_tune_failed_keeps_the_others_and_is_heard_again(
    graph: Graph, music: Path, pool: AnalysisPool
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
    graph: Graph, music: Path, pool: AnalysisPool
) -> None:
    put(music, x__song="one|title=Song", y__song="two|title=Song")
    assert [line.outcome for line in run(graph, music, pool)] == ["added", "added"]
    assert values(graph, "MATCH (w:Work {id: 'own-anna-nym--song'})<-[:PERFORMS]-(t) RETURN count(*) AS value") == [2]


@pytest.mark.graph
def test_names_in_any_script_and_names_that_are_no_text_come_in(graph: Graph, music: Path, pool: AnalysisPool) -> None:
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
    assert {os.fsencode(decode_path(line.path)) for line in lines} == set(paths)
    assert len(values(graph, "MATCH (w:Work) WHERE w.id STARTS WITH 'own-' RETURN w.id AS value")) >= len(paths) - 1
    for line in lines:
        json.dumps(line.as_json(), ensure_ascii=False).encode("utf-8")
        assert "\n" not in format_line(line)
    assert [line.outcome for line in run(graph, music, pool)] == ["same"] * len(paths)


@pytest.mark.graph
def test_a_dry_run_reports_and_writes_nothing(graph: Graph, music: Path, pool: AnalysisPool) -> None:
    put(music, a="one", b="one", c="!refuse", d="two|near=one,0.95")
    before = snapshot(graph)
    lines = run(graph, music, pool, write=False)
    assert outcomes(lines) == {"a": "added", "b": "duplicate", "c": "refused", "d": "close"}
    assert snapshot(graph) == before
