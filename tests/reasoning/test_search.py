"""Search by words on a real Neo4j: what is found, in which order, and what is never found or kept."""

import json
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
import pytest

from engine.bootstrap import CompiledOntology
from engine.errors import GraphUnavailable, UsageError
from engine.gate import Gate
from engine.graph import Connection, Graph
from engine.ingest.forgetting import forget_all
from engine.reasoning.text_query import QueryEncoder, TextQuery
from engine.settings import Settings
from engine.store.version import read_version
from engine.use_cases.search import LOOKED_AT, search_tracks
from tests.helpers.asking import do, values
from tests.helpers.commands import isopath
from tests.helpers.fakes import FakeEmbedder

SECRET = "zanzibar"


@pytest.fixture(scope="module")
def graph(shipped_graph: Graph) -> Graph:
    """A graph that holds what is shipped and nothing else."""
    forget_all(shipped_graph)
    return shipped_graph


@pytest.fixture(scope="module")
def query_encoder() -> QueryEncoder:
    return QueryEncoder()


def search(graph: Graph, text_query: TextQuery, limit: int = 20) -> list[dict[str, Any]]:
    return graph.rows("search/tracks", wish=list(text_query.vector), looked=LOOKED_AT, limit=limit)


@pytest.mark.graph
@pytest.mark.parametrize(
    ("cue", "low", "high"),
    [
        ("tempo", "very slow, largo", "very fast, presto"),
        ("level", "hushed, very soft", "very loud, thundering"),
        ("mode", "minor key", "major key"),
        ("brightness", "dark, veiled", "brilliant, glittering"),
    ],
)
def test_words_find_music_that_measures_so(
    graph: Graph, query_encoder: QueryEncoder, cue: str, low: str, high: str
) -> None:
    less, more = (
        fmean(track["cues"][cue] for track in search(graph, query_encoder.encode(w, "TEXT"))) for w in (low, high)
    )
    assert less < more


@pytest.mark.graph
def test_the_likest_come_first_and_the_search_finds_what_comparing_all_would(
    graph: Graph, query_encoder: QueryEncoder
) -> None:
    text_query = query_encoder.encode("slow warm strings, like rain", "TEXT")
    found = search(graph, text_query, 50)
    likeness = [track["similarity"] for track in found]
    assert likeness == sorted(likeness, reverse=True)
    rows = values(graph, "MATCH (t:Track) RETURN [t.id, t.embedding] AS value")
    vectors = np.array([vector for _, vector in rows])
    cosines = vectors @ np.array(text_query.vector) / np.linalg.norm(vectors, axis=1)
    best = {rows[row][0] for row in np.argsort(-cosines)[:50]}
    assert len(best & {track["id"] for track in found}) >= 48
    by_id = {id_: (1 + cosine) / 2 for (id_, _), cosine in zip(rows, cosines, strict=True)}
    assert all(abs(track["similarity"] - by_id[track["id"]]) < 1e-3 for track in found)


@pytest.mark.graph
def test_vetoed_music_is_not_found(graph: Graph, query_encoder: QueryEncoder) -> None:
    text_query = query_encoder.encode("solo harp, calm", "TEXT")
    first, *_ = before = search(graph, text_query, 5)
    do(graph, f"MATCH (t:Track {{id: '{first['id']}'}}) SET t.traits = ['vetoed']")
    try:
        after = search(graph, text_query, 5)
    finally:
        do(graph, f"MATCH (t:Track {{id: '{first['id']}'}}) SET t.traits = []")
    assert first["id"] not in {track["id"] for track in after}
    assert [track["id"] for track in before[1:]] == [track["id"] for track in after[:4]]


@pytest.mark.graph
def test_vectors_of_another_model_are_not_compared(graph: Graph) -> None:
    version = read_version(graph)
    fake = TextQuery((1.0, 0.0), FakeEmbedder().card)
    with pytest.raises(GraphUnavailable, match="vectors were made by"):
        fake.get_vector(version)
    text_query = QueryEncoder().encode("slow", "TEXT")
    assert text_query.get_vector(version) == list(text_query.vector)


def test_words_that_say_nothing_of_a_sound_are_told_without_the_words(query_encoder: QueryEncoder) -> None:
    with pytest.raises(UsageError, match="no word that the embedding model can read") as caught:
        query_encoder.encode("雨声", "--like")
    assert caught.value.place == "--like"
    assert "雨声" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "limit", "fault"),
    [
        (" \n", 10, "no words"),
        ("a" * 30_000, 10, "too many"),
        ("soft \x07 strings", 10, "control characters"),
        ("!!!", 10, "no word"),
        ("soft strings", 0, "0 tracks cannot be shown"),
        ("soft strings", 100_000, "100000 tracks cannot be shown"),
    ],
)
def test_what_cannot_be_searched_for_is_told(tmp_path: Path, gate: Gate, text: str, limit: int, fault: str) -> None:
    with pytest.raises(UsageError, match=fault):
        search_tracks(Settings(home=tmp_path, cache=tmp_path), CompiledOntology(gate, {}), text, limit, print)


@pytest.mark.graph
def test_an_answer_is_one_object_and_keeps_no_words(served: Connection, home: Path) -> None:
    code, out, told = isopath("search", "-", "--limit", "3", "--json", text=f"slow soft strings, {SECRET}")
    answer = json.loads(out)
    assert code == 0
    assert set(answer) == {"outcome", "tracks"}
    assert answer["outcome"] == "tracks"
    assert len(answer["tracks"]) == 3
    for track in answer["tracks"]:
        assert {"id", "title", "artist", "source", "cues", "valence", "arousal", "similarity"} <= set(track)
        assert len(track["cues"]) == 12
    assert SECRET not in out + told
    assert not any(SECRET.encode() in path.read_bytes() for path in home.glob("*") if path.is_file())


@pytest.mark.graph
def test_a_person_reads_what_each_track_sounds_like(served: Connection) -> None:
    code, out, _ = isopath("search", "very slow harp", "--limit", "2")
    assert code == 0
    for word in ("harp", "slow", "BPM", "dB", "music21:"):
        assert word in out


def test_without_words_and_without_a_terminal_the_repair_is_told(tmp_path: Path) -> None:
    code, out, _ = isopath("search", "--json", home=tmp_path)
    assert code == 2
    assert "standard input" in json.loads(out)["repair"]
    assert "--feel" not in out
