"""Listing own music and forgetting it: only what was named goes, and a journey that plays it stays whole."""

import time
from pathlib import Path
from typing import NamedTuple

import pytest

from engine.errors import UsageError
from engine.explaining.notices import list_gone_files
from engine.explaining.words import Words, extract_words
from engine.graph import Graph
from engine.ingest.forgetting import ForgetResult, OwnFiles, forget, forget_all
from engine.ingest.listing import TrackCounts, iterate_tracks
from engine.ingest.naming import make_track_id
from engine.ingest.pool import AnalysisPool
from engine.reasoning.knowledge import Knowledge
from engine.reasoning.search import TrackSearch
from engine.store.catalogue import CUES
from tests.helpers.asking import do, values
from tests.helpers.fake_analysis import make_piece
from tests.helpers.ingesting import broken, keep_journey, outcomes, own, put, run, snapshot
from tests.helpers.shipped import shipped_ontology

pytest_plugins = "tests.helpers.ingest_fixtures"


@pytest.mark.graph
def test_every_track_is_listed_with_source_and_cues(graph: Graph, music: Path, pool: AnalysisPool) -> None:
    put(music, a="one|artist=")
    [line] = run(graph, music, pool)
    rows = list(iterate_tracks(graph, own=False))
    assert [row["id"] for row in rows] == sorted([*(f"t{n:05}" for n in range(12)), str(line.track_id)])
    [mine] = iterate_tracks(graph, own=True)
    assert (mine["id"], mine["artist"], mine["source"]) == (line.track_id, "unknown", str(music / "a.mid"))
    assert set(mine["cues"]) == set(CUES)
    assert rows[-1]["source"].startswith("music21:")
    assert TrackCounts.read(graph) == TrackCounts(13, 1, 0)


@pytest.mark.graph
def test_a_track_is_forgotten_by_id_by_path_and_by_folder(graph: Graph, music: Path, pool: AnalysisPool) -> None:
    put(music, a="one", b="two", x__c="three", x__d="four", xy="five")
    lines = {Path(line.path).stem: line for line in run(graph, music, pool)}
    assert forget(graph, [str(lines["a"].track_id)]).removed == (lines["a"].track_id,)
    assert forget(graph, [str(music / "b.mid")]).removed == (lines["b"].track_id,)
    gone = forget(graph, [str(music / "x")])
    assert set(gone.removed) == {lines["c"].track_id, lines["d"].track_id}
    assert gone.files == 2
    assert own(graph) == ["Piece five"]
    assert broken(graph) == []
    assert forget_all(graph).removed == (lines["xy"].track_id,)
    assert (
        values(graph, "MATCH (n:Work|Artist|File|Track) WHERE n.id STARTS WITH 'own-' OR n:File RETURN n.id AS value")
        == []
    )
    assert forget_all(graph) == ForgetResult((), (), 0)
    assert outcomes(run(graph, music, pool)).keys() == lines.keys()
    assert len(own(graph)) == 5, "what was forgotten may come in again"


@pytest.mark.graph
def test_music_that_another_file_holds_stays_when_one_path_is_forgotten(
    graph: Graph, music: Path, pool: AnalysisPool
) -> None:
    put(music, a="one", b="one")
    run(graph, music, pool)
    assert forget(graph, [str(music / "a.mid")]) == ForgetResult((), (), 1)
    assert values(graph, "MATCH (t:Track) WHERE t.stamp IS NULL RETURN t.source AS value") == [str(music / "b.mid")]
    assert broken(graph) == []


@pytest.mark.graph
def test_a_tune_of_a_book_is_forgotten_without_the_others(graph: Graph, music: Path, pool: AnalysisPool) -> None:
    put(music, book="one\ntwo")
    run(graph, music, pool)
    assert forget(graph, [make_track_id(make_piece("one"))]) == ForgetResult((make_track_id(make_piece("one")),), (), 0)
    assert own(graph) == ["Piece two"]
    assert [line.outcome for line in run(graph, music, pool)] == ["same"]
    assert own(graph) == ["Piece two"]


@pytest.mark.graph
def test_what_a_journey_plays_is_retired_and_the_journey_stays_whole(
    graph: Graph, music: Path, pool: AnalysisPool
) -> None:
    put(music, a="one")
    [line] = run(graph, music, pool)
    keep_journey(graph, str(line.track_id))
    assert forget(graph, [str(line.track_id)]) == ForgetResult((), (str(line.track_id),), 1)
    [kept] = values(
        graph,
        """MATCH (:Journey)-->()-[:PLAYS]->(t)-[:PERFORMS]->()-[:BY]->(a)
           RETURN [labels(t), t.title, a.name, t.source] AS value""",
    )
    assert kept == [["Retired"], "Piece one", "Anna Nym", None]
    do(graph, "MATCH (n:Journey|Step) DETACH DELETE n")
    forget_all(graph)
    assert values(graph, "MATCH (t:Retired) RETURN t.id AS value") == []
    assert broken(graph) == []


@pytest.mark.graph
def test_the_catalogue_cannot_be_forgotten_and_all_faults_are_told_at_once(
    graph: Graph, music: Path, pool: AnalysisPool
) -> None:
    put(music, a="one")
    [line] = run(graph, music, pool)
    before = snapshot(graph)
    with pytest.raises(UsageError) as caught:
        forget(graph, [str(line.track_id), "t00003", "own-nothing", str(music / "b.mid")])
    told = str(caught.value).splitlines()
    assert len(told) == 3
    assert any(line.startswith("t00003: is a track of the catalogue") for line in told)
    assert snapshot(graph) == before


@pytest.mark.graph
@pytest.mark.parametrize("there", [True, False], ids=["there", "gone"])
def test_a_file_is_forgotten_however_its_name_is_composed(
    graph: Graph, music: Path, pool: AnalysisPool, there: bool
) -> None:
    put(music, Fur="two")
    (music / "Fu\u0308r.mid").write_text("one")
    run(graph, music, pool)
    if not there:
        (music / "Fu\u0308r.mid").unlink()
    assert forget(graph, [str(music / "Für.mid")]).files == 1
    assert own(graph) == ["Piece two"]


@pytest.mark.graph
def test_music_is_forgotten_by_a_link_to_its_folder_and_by_the_folder_behind_it(
    graph: Graph, music: Path, pool: AnalysisPool
) -> None:
    put(music, real__a="one")
    (music / "by link").symlink_to(music / "real")
    for name in ("by link", "real"):
        run(graph, music, pool)
        assert forget(graph, [str(music / name)]).files == 1
    run(graph, music, pool)
    told = str(music / "by link" / "a.mid")
    do(graph, f"MATCH (t:Track)-[:STANDS_IN]->(f:File) SET t.source = '{told}', f.path = '{told}'")
    assert outcomes(run(graph, music, pool))["a"] == "moved"
    assert values(graph, "MATCH (f:File) RETURN f.path AS value") == [str(music / "real" / "a.mid")]
    do(graph, f"MATCH (t:Track)-[:STANDS_IN]->(f:File) SET t.source = '{told}', f.path = '{told}'")
    assert forget(graph, [str(music / "real")]).files == 1
    assert broken(graph) == []


@pytest.mark.graph
@pytest.mark.parametrize(
    "words", ["zanzibar makes me sad", "sad and/or zanzibar", "own-zanzibar goals", "zanzibar " * 600]
)
def test_words_in_the_place_of_a_name_are_not_repeated(graph: Graph, words: str) -> None:
    with pytest.raises(UsageError) as caught:
        forget(graph, [words])
    assert "zanzibar" not in str(caught.value)


def test_many_names_are_looked_up_in_a_large_library_that_is_gone_in_part(tmp_path: Path) -> None:
    """Each name looked at each file, and each file that was gone through its whole folder: half an hour."""
    paths = [tmp_path / f"{number}.mid" for number in range(2000)]
    for path in paths[::2]:
        path.touch()
    began = time.monotonic()
    files = OwnFiles.from_paths(map(str, paths))
    assert [files.find(str(path)) for path in paths] == [[str(path)] for path in paths]
    assert files.find(str(tmp_path)) == [str(path) for path in paths]
    assert time.monotonic() - began < 30


@pytest.mark.graph
def test_files_that_have_gone_are_told(graph: Graph, music: Path, pool: AnalysisPool) -> None:
    put(music, a="one", b="two")
    lines = {Path(line.path).stem: str(line.track_id) for line in run(graph, music, pool)}
    (music / "a.mid").unlink()
    assert {row["id"]: row["gone"] for row in iterate_tracks(graph, own=True)} == {lines["a"]: True, lines["b"]: False}
    assert not any(row["gone"] for row in iterate_tracks(graph, own=False) if row["id"] == "t00000")
    assert TrackCounts.read(graph).gone == 1
    assert "the files of 1 are not there any more" in TrackCounts.read(graph).describe()
    picks = [Pick(lines["a"], "Piece one"), Pick(lines["b"], "Piece two"), Pick("t00000", "Air 0")]
    knowledge = Knowledge(graph, TrackSearch(graph))
    [notice] = list_gone_files(knowledge, ENGLISH, picks)
    assert "“Piece one”" in notice.text
    assert "two" not in notice.text
    (music / "a.mid").write_text("one")
    assert list_gone_files(knowledge, ENGLISH, picks) == []
    assert list_gone_files(knowledge, ENGLISH, picks[2:]) == []


ENGLISH = Words(extract_words(shipped_ontology()))


class Pick(NamedTuple):
    """What a notice needs of a track in a journey."""

    track_id: str
    title: str
