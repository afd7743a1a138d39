"""A load is whole or it is not: what the graph holds afterwards, and what it holds when a load fails."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import engine.store.load
from engine.errors import CatalogueError, EncoderUnavailable, GraphUnavailable, IsopathError, OntologyError
from engine.graph import Connection, Graph, Row, Transaction
from engine.queries import Queries, Query
from engine.rules.checks.findings import Finding
from engine.settings import CYPHER_DIR
from engine.store.catalogue import Catalogue
from engine.store.content import to_relationship_type
from engine.store.load import load
from engine.store.search_index import SearchIndex
from engine.store.version import Version, read_version
from tests.helpers.asking import do, values, wipe
from tests.helpers.fakes import (
    DIMENSIONS,
    FakeEmbedder,
    FakeOntology,
    fact_rows,
    individual,
    small_catalogue,
    small_ontology,
    write_catalogue,
)
from tests.helpers.proofs import sample

QUERIES = Queries.load(CYPHER_DIR)
EMBEDDER = FakeEmbedder()


def snapshot(graph: Graph) -> tuple[list[Any], list[Any]]:
    """Everything in the graph but when the lock was last taken."""
    nodes = values(
        graph,
        "MATCH (n) WHERE NOT n:LoadLock RETURN [labels(n), properties(n)] AS value ORDER BY labels(n), n.id",
    )
    links = values(
        graph, "MATCH (a)-[r]->(b) RETURN [a.id, type(r), properties(r), b.id] AS value ORDER BY a.id, type(r), b.id"
    )
    return [[sorted(labels), facts] for labels, facts in nodes], links


@pytest.fixture(scope="module")
def door(connection: Connection) -> Iterator[Graph]:
    with Graph.connect(connection) as graph:
        yield graph


@pytest.fixture
def graph(door: Graph) -> Graph:
    """A real graph with nothing in it."""
    wipe(door)
    return door


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    return small_catalogue(tmp_path / "seed")


def loaded(
    graph: Graph,
    catalogue: Catalogue,
    ontology: FakeOntology | None = None,
    embedder: FakeEmbedder = EMBEDDER,
    queries: Queries = QUERIES,
    progress: Callable[[str], None] = lambda line: None,
    findings: Sequence[Finding] = (),
) -> Version:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(graph, "queries", queries)
        return load(graph, ontology or small_ontology(), catalogue, embedder, progress, lambda: findings)


def with_query(name: str, body: str) -> Queries:
    """The queries with another body below the header of one of them."""
    header = "\n".join(line for line in QUERIES[name].text.splitlines() if line.startswith(("CYPHER 25", "//")))
    used = " ".join(f"${param.name} AS p{n}," for n, param in enumerate(QUERIES[name].params))
    text = f"{header}\nWITH {used} 1 AS one\n{body}\n"
    return Queries({**QUERIES.by_name, name: Query.read(name, text)})


def keep_journey(graph: Graph, rule: str = "soft-always", track: str = "t00000") -> None:
    do(
        graph,
        f"""MATCH (v:Version {{current: true}}), (rule:Rule {{id: '{rule}'}}), (stage:Stage {{id: 'match'}}),
                  (track:Track {{id: '{track}'}})
            CREATE (:Journey {{id: 'j1'}})-[:HAS_STEP {{position: 1}}]->(step:Step {{position: 1}})-[:PLAYS]->(track),
                   (step)-[:IN]->(stage), (step)-[:ALLOWED_BY]->(rule)""",
    )


# What a load makes.


@pytest.mark.graph
def test_an_individual_becomes_a_node_with_its_classes_properties_and_links(graph: Graph, catalogue: Catalogue) -> None:
    loaded(graph, catalogue)
    [scale] = values(graph, "MATCH (s:Scale {id: 'peacefulness'}) RETURN s {.*, labels: labels(s)} AS value")
    assert sorted(scale.pop("labels")) == ["Individual", "Scale", "Sign"]
    assert scale == {
        "id": "peacefulness",
        "music_valence": 0.5,
        "music_arousal": -0.5,
        "label": "peacefulness",
        "label_zh": "平静",
        "adjectives": ["calm", "serene"],
    }
    [way] = values(
        graph,
        """MATCH (r:Rule)-[:WHEN]->(:Condition)-[:ON]->(sign:Sign), (r)-[:DOES]->(effect:Effect:Lean)-[:OF]->(cue:Cue)
           RETURN [r.id, sign.id, effect.best, cue.id, cue.scale] AS value""",
    )
    assert way == ["soft-always", "always", -30.0, "level", "linear"]


@pytest.mark.graph
def test_a_class_that_nobody_heard_of_needs_no_python(graph: Graph, catalogue: Catalogue) -> None:
    new = individual("gong", "Bell", "Instrument", tone=3, struck=True, heardIn=1.5, links=[("soundsLikeA", "always")])
    loaded(graph, catalogue, small_ontology().changed(new))
    body = "MATCH (b:Bell&Instrument)-[:SOUNDS_LIKE_A]->(c) RETURN [b.tone, b.struck, b.heardIn, c.id] AS value"
    assert values(graph, body) == [[3, True, 1.5, "always"]]


@pytest.mark.parametrize(
    ("name", "type_"),
    [("callsFor", "CALLS_FOR"), ("in", "IN"), ("readAs", "READ_AS"), ("atScale", "AT_SCALE"), ("of", "OF")],
)
def test_an_object_property_becomes_a_relationship_type(name: str, type_: str) -> None:
    assert to_relationship_type(name) == type_


@pytest.mark.graph
def test_descriptors_and_tracks_carry_the_vectors_of_the_same_model(graph: Graph, catalogue: Catalogue) -> None:
    loaded(graph, catalogue)
    [words] = values(graph, "MATCH (d:Descriptor) RETURN d.embedding AS value")
    assert words == pytest.approx(EMBEDDER.embed_text(["serene, calm"])[0], abs=1e-6)
    [vector] = values(graph, "MATCH (t:Track {id: 't00003'}) RETURN t.embedding AS value")
    assert vector == pytest.approx(catalogue.vectors[3], abs=1e-6)


@pytest.mark.graph
def test_a_track_performs_a_work_by_an_artist_and_keeps_its_facts(graph: Graph, catalogue: Catalogue) -> None:
    loaded(graph, catalogue)
    [row] = values(
        graph,
        """MATCH (t:Track {id: 't00007'})-[:PERFORMS]->(w:Work)-[:BY]->(a:Artist)
           RETURN [w.id, w.title, a.id, a.name, t.title, t.source, t.traits, t.tempo] AS value""",
    )
    tempo = catalogue.tracks[7]["tempo"]
    assert row == ["w00003", "Air 3", "a0001", "Composer 1", "Air 3", "music21:air/7", ["imagery"], tempo]
    assert values(graph, "MATCH (c:Catalogue) RETURN [c.tracks, c.works, c.artists] AS value") == [[12, 6, 2]]
    seconds = sorted(float(track["seconds"]) for track in catalogue.tracks)
    [median] = values(graph, "MATCH (c:Catalogue) RETURN c.median_seconds AS value")
    assert median == pytest.approx((seconds[5] + seconds[6]) / 2)


@pytest.mark.graph
def test_valence_and_arousal_are_what_the_cue_weights_say(graph: Graph, tmp_path: Path) -> None:
    rows = fact_rows(3)
    rows[0] |= {"mode": 1.0, "tempo": 200.0}  # mode half a spread above 0; tempo an octave above 100, spread .5
    rows[1] |= {"mode": -1.0, "tempo": 25.0}  # tempo two octaves below: four spreads, arousal clipped
    rows[2] |= {"mode": 0.0, "tempo": 100.0}
    loaded(graph, Catalogue.read(write_catalogue(tmp_path, rows, EMBEDDER)))
    found = values(graph, "MATCH (t:Track) RETURN [t.valence, t.arousal] AS value ORDER BY t.id")
    assert found == [
        pytest.approx([0.4 * 0.5 + 0.1 * 2, 1.0]),
        pytest.approx([0.4 * -0.5 + 0.1 * -4, -1.0]),
        pytest.approx([0.0, 0.0]),
    ]


@pytest.mark.graph
def test_a_filtered_search_finds_what_was_loaded(graph: Graph, catalogue: Catalogue) -> None:
    loaded(graph, catalogue)
    body = """MATCH (asked:Track {id: 't00005'})
              MATCH (t:Track) SEARCH t IN (VECTOR INDEX track_embedding FOR asked.embedding
                WHERE t.tempo >= 1.0 AND t.arousal <= 1.0 AND t.seconds <= 9999.0 LIMIT 1) SCORE AS s
              RETURN t.id AS value"""
    assert values(graph, body) == ["t00005"]


@pytest.mark.graph
def test_a_load_asks_every_query_of_its_folders_so_that_each_is_held_to_its_promise(
    graph: Graph, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: set[str] = set()
    honest = Transaction.rows

    def rows(self: Transaction, query: str, **params: object) -> list[Row]:
        asked.add(query)
        return honest(self, query, **params)

    monkeypatch.setattr(Transaction, "rows", rows)
    loaded(graph, catalogue)
    wanted = {query.name for query in (*QUERIES.list_folder("load"), *QUERIES.list_folder("schema"))}
    assert asked == wanted


# Again, and changed.


@pytest.mark.graph
def test_loading_the_same_again_changes_nothing_and_says_so(graph: Graph, catalogue: Catalogue) -> None:
    said: list[str] = []
    first = loaded(graph, catalogue)
    before = snapshot(graph)
    assert loaded(graph, catalogue, progress=said.append) == first
    assert said == [f"the graph holds version {first.id} already: nothing to do"]
    assert snapshot(graph) == before


@pytest.mark.graph
def test_exactly_one_version_serves_and_an_old_one_can_come_back(graph: Graph, catalogue: Catalogue) -> None:
    first = loaded(graph, catalogue)
    second = loaded(graph, catalogue, small_ontology().without("mode-to-valence"))
    assert first.id != second.id
    assert values(graph, "MATCH (v:Version) RETURN [v.id, v.current] AS value ORDER BY v.current") == [
        [first.id, False],
        [second.id, True],
    ]
    assert loaded(graph, catalogue).id == first.id == read_version(graph).id


@pytest.mark.graph
def test_what_is_gone_goes_and_what_changed_changes(graph: Graph, catalogue: Catalogue, tmp_path: Path) -> None:
    loaded(graph, catalogue)
    ontology = small_ontology().without("mode-to-valence")
    ontology = ontology.changed(individual("match", "Phase", "StageScope", share=0.4))
    rows = fact_rows(12)[:7]
    rows[0] |= {"title": "Another air", "work_id": "w00009", "tempo": 111.0}
    loaded(graph, Catalogue.read(write_catalogue(tmp_path / "next", rows, EMBEDDER)), ontology)
    assert values(graph, "MATCH (n {id: 'mode-to-valence'}) RETURN n.id AS value") == []
    [stage] = values(graph, "MATCH (n {id: 'match'}) RETURN n {.*, labels: labels(n)} AS value")
    assert sorted(stage.pop("labels")) == ["Individual", "Phase", "StageScope"]
    assert stage == {"id": "match", "share": 0.4}
    assert values(graph, "MATCH (t:Track) RETURN t.id AS value ORDER BY t.id") == [f"t{n:05}" for n in range(7)]
    assert values(graph, "MATCH (t:Track {id: 't00000'})-[:PERFORMS]->(w) RETURN [t.tempo, w.id] AS value") == [
        [111.0, "w00009"]
    ]
    assert values(graph, "MATCH (w:Work) RETURN w.id AS value ORDER BY w.id") == [
        "w00000", "w00001", "w00002", "w00003", "w00009",
    ]  # fmt: skip
    assert (
        values(graph, "MATCH (a)-[r]->(b) WITH a, type(r) AS t, b, count(*) AS n WHERE n > 1 RETURN a.id AS value")
        == []
    )


@pytest.mark.graph
def test_a_journey_survives_and_what_it_tells_of_is_retired(graph: Graph, catalogue: Catalogue, tmp_path: Path) -> None:
    loaded(graph, catalogue)
    keep_journey(graph)
    rows = fact_rows(12)[1:]
    fewer = Catalogue.read(write_catalogue(tmp_path / "next", rows, EMBEDDER))
    loaded(graph, fewer, small_ontology().without("soft-always"))
    told = """MATCH (:Journey {id: 'j1'})-[:HAS_STEP]->(s)-[:PLAYS|ALLOWED_BY]->(n)
              RETURN [n.id, n.label, n.title] AS value ORDER BY n.id"""
    assert values(graph, told) == [["soft-always", "soft", None], ["t00000", None, "Air 0"]]
    assert values(graph, "MATCH (n:Retired) RETURN n.id AS value ORDER BY n.id") == ["soft-always", "t00000"]
    assert values(graph, "MATCH (n:Retired&(Rule|Track)) RETURN n.id AS value") == []
    assert values(graph, "MATCH (r:Retired)-[:DOES|WHEN]->(n) RETURN n.id AS value") == []
    loaded(graph, catalogue)
    assert values(graph, "MATCH (n:Retired) RETURN n.id AS value") == []
    assert values(graph, "MATCH (:Step)-[:ALLOWED_BY]->(r:Rule)-[:DOES]->(e) RETURN e.id AS value") == ["lean-soft"]
    again = "MATCH (:Step)-[:PLAYS]->(t:Track)-[:PERFORMS]->(w) RETURN [t.id, w.id, size(t.embedding)] AS value"
    assert values(graph, again) == [["t00000", "w00000", DIMENSIONS]]


@pytest.mark.graph
def test_a_catalogue_of_an_older_release_gives_way_to_one_with_other_tracks(graph: Graph, tmp_path: Path) -> None:
    """As at 73429cc: no year, manner or traits, and all performances have other ids than those of today."""
    loaded(graph, small_catalogue(tmp_path / "then"))
    keep_journey(graph)
    do(graph, "MATCH (t:Track) REMOVE t.year, t.manner, t.traits")
    do(
        graph,
        """MATCH (t:Track {id: 't00002'})-[:PERFORMS]->(w)
           CREATE (o:Track) SET o = t {.*, id: 'own-1', stamp: null} CREATE (o)-[:PERFORMS]->(w)""",
    )
    rows = fact_rows(12)
    for row in rows:
        row |= {"track_id": f"{row['track_id']}-new", "traits": "alcohol death", "imagery": 0}
    loaded(graph, Catalogue.read(write_catalogue(tmp_path / "now", rows, EMBEDDER)))
    assert values(graph, "MATCH (t:Track) WHERE t.stamp IS NOT NULL RETURN t.traits AS value") == [
        ["alcohol", "death"]
    ] * len(rows)
    assert values(graph, "MATCH (t:Track) WHERE t.stamp IS NULL RETURN t.id AS value") == ["own-1"]
    told = "MATCH (:Journey)-[:HAS_STEP]->()-[:PLAYS]->(t)-[:PERFORMS]->(w) RETURN [t.title, w.id] AS value"
    assert values(graph, told) == [["Air 0", "w00000"]]
    assert values(graph, "MATCH (t:Retired) RETURN t.id AS value") == ["t00000"]


@pytest.mark.graph
def test_what_was_retired_goes_when_no_journey_tells_of_it_any_more(
    graph: Graph, catalogue: Catalogue, tmp_path: Path
) -> None:
    loaded(graph, catalogue)
    keep_journey(graph)
    fewer = Catalogue.read(write_catalogue(tmp_path / "next", fact_rows(12)[1:], EMBEDDER))
    loaded(graph, fewer, small_ontology().without("soft-always"))
    do(graph, "MATCH (n:Journey|Step) DETACH DELETE n")
    loaded(graph, fewer, small_ontology().without("soft-always").without("lean-soft"))
    assert values(graph, "MATCH (n:Retired) RETURN n.id AS value") == []


@pytest.mark.graph
def test_a_graph_that_commit_73429cc_loaded_comes_along(graph: Graph, catalogue: Catalogue) -> None:
    """It has no index over profiles, and a number for each trait; own tracks are not loaded again."""
    loaded(graph, catalogue)
    keep_journey(graph)
    do(
        graph,
        """MATCH (t:Track {id: 't00002'})-[:PERFORMS]->(w) CREATE (o:Track)-[:PERFORMS]->(w)
           SET o = t {.*, id: 'own', stamp: null}""",
    )
    do(graph, "DROP INDEX track_profile")
    do(graph, "MATCH (t:Track) SET t.vetoed = 0, t.lyrics = 0, t.hopeless_lyrics = 0, t.imagery = 1")
    do(graph, "MATCH (t:Track) REMOVE t.profile, t.traits")
    do(graph, "MATCH (t:Track) WHERE t.id IN ['own', 't00003'] SET t.vetoed = 1")
    do(graph, "MATCH (v:Version) SET v.id = 'older', v.mapping_sha256 = 'older'")
    do(graph, "MATCH (t:Track) WHERE t.stamp IS NOT NULL SET t.stamp = 'older'")
    version = loaded(graph, catalogue)
    assert SearchIndex(graph).fits(version.dimensions)
    assert values(graph, "MATCH (t:Track) WHERE t.profile IS NULL OR t.vetoed IS NOT NULL RETURN t.id AS value") == []
    listed = "MATCH (t:Track {id: '%s'}) RETURN t.traits AS value"
    assert values(graph, listed % "own") == [["imagery", "vetoed"]]
    assert values(graph, listed % "t00003") == [["imagery", "vetoed"]]
    assert values(graph, listed % "t00004") == [[]]
    assert values(graph, "MATCH (:Journey)-[:HAS_STEP]->()-[:PLAYS]->(t) RETURN t.id AS value") == ["t00000"]


@pytest.mark.graph
def test_a_listeners_tracks_and_vetoes_stay_and_get_the_new_weights(graph: Graph, catalogue: Catalogue) -> None:
    loaded(graph, catalogue)
    do(graph, "MATCH (t:Track {id: 't00001'}) SET t.traits = t.traits + 'vetoed'")
    do(
        graph,
        """MATCH (t:Track {id: 't00002'})-[:PERFORMS]->(w)
           CREATE (o:Track) SET o = t {.*, id: 'own', stamp: null, valence: 0.9}
           CREATE (o)-[:PERFORMS]->(w)""",
    )
    weight = individual("mode-to-valence", "CueWeight", axis="valence", weight=0.2, links=[("of", "mode")])
    other = replace(catalogue, sha256="0" * 64)
    loaded(graph, other, small_ontology().changed(weight))
    assert values(graph, "MATCH (t:Track {id: 't00001'}) RETURN t.traits AS value") == [["imagery", "vetoed"]]
    [both] = values(
        graph, "MATCH (o:Track {id: 'own'}), (t:Track {id: 't00002'}) RETURN [o.valence, t.valence] AS value"
    )
    assert both[0] == both[1] != 0.9


# Failing.


@pytest.mark.graph
@pytest.mark.proof
@pytest.mark.parametrize("name", sample(["individuals", "tracks", "remove_tracks", "serve"], 2))
def test_a_load_that_fails_leaves_the_old_version_serving(
    name: str, graph: Graph, catalogue: Catalogue, tmp_path: Path
) -> None:
    first = loaded(graph, catalogue)
    before = snapshot(graph)
    names = ", ".join(f"1 / 0 AS {column.name}" for column in QUERIES[f"load/{name}"].columns)
    broken = with_query(f"load/{name}", f"RETURN {names}")
    next_ = Catalogue.read(write_catalogue(tmp_path / "next", fact_rows(9, seed=8), EMBEDDER))
    with pytest.raises(IsopathError, match=f"cypher/load/{name}"):
        loaded(graph, next_, small_ontology().without("soft-always"), queries=broken)
    assert snapshot(graph) == before
    assert read_version(graph) == first


def _load_and_hang(connection: Connection, folder: Path, pipe: Pipe) -> None:
    """In a process of its own: loads, and hangs when all is written and nothing is committed."""
    honest = Transaction.rows

    def rows(self: Transaction, query: str | Query, **params: object) -> list[Row]:
        found = honest(self, query, **params)
        if query == "load/serve":
            pipe.send("all is written")
            signal.pause()
        return found

    Transaction.rows = rows  # type: ignore[method-assign]
    with Graph.connect(connection) as graph:
        loaded(graph, Catalogue.read(folder), small_ontology().without("soft-always"))


@pytest.mark.graph
def test_a_load_that_is_killed_leaves_the_old_version_serving_and_no_lock(
    graph: Graph, catalogue: Catalogue, connection: Connection, tmp_path: Path
) -> None:
    first = loaded(graph, catalogue)
    before = snapshot(graph)
    folder = write_catalogue(tmp_path / "next", fact_rows(9, seed=8), EMBEDDER)
    context = multiprocessing.get_context("spawn")
    near, far = context.Pipe()
    process = context.Process(target=_load_and_hang, args=(connection, folder, far))
    process.start()
    assert near.poll(60)
    assert near.recv() == "all is written"
    assert process.pid
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    assert read_version(graph) == first
    assert snapshot(graph) == before
    assert loaded(graph, Catalogue.read(folder)).id != first.id


@pytest.mark.graph
def test_two_loads_at_once_take_turns(
    graph: Graph, catalogue: Catalogue, connection: Connection, tmp_path: Path
) -> None:
    for name in values(graph, "SHOW CONSTRAINTS YIELD name RETURN name AS value"):
        do(graph, f"DROP CONSTRAINT {name}")  # The first two loads ever: they make the schema at once, too.
    wide = FakeEmbedder(DIMENSIONS + 4, "wide")
    other = Catalogue.read(write_catalogue(tmp_path / "other", fact_rows(9, seed=8), wide))
    given = [(catalogue, small_ontology(), EMBEDDER), (other, small_ontology().without("soft-always"), wide)]
    start = threading.Barrier(len(given))
    versions: dict[str, tuple[Catalogue, FakeOntology]] = {}
    faults: list[BaseException] = []

    def run(catalogue: Catalogue, ontology: FakeOntology, embedder: FakeEmbedder) -> None:
        try:
            with Graph.connect(connection) as own:
                start.wait()
                load(own, ontology, catalogue, embedder, lambda line: None)
        except BaseException as exc:
            faults.append(exc)

    threads = [threading.Thread(target=run, args=content) for content in given]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    version = read_version(graph)
    versions = {content[0].sha256: (content[0], content[1]) for content in given}
    wins, ontology = versions[version.catalogue_sha256]
    assert version.ontology_sha256 == ontology.sha256
    ids = sorted(str(track["track_id"]) for track in wins.tracks)
    assert values(graph, "MATCH (t:Track) RETURN t.id AS value ORDER BY t.id") == ids
    assert set(values(graph, "MATCH (n:Individual) WHERE n.derived IS NULL RETURN n.id AS value")) == {
        i.id for i in ontology.individuals
    }
    assert SearchIndex(graph).fits(version.dimensions, patience=60)


@pytest.mark.graph
def test_another_length_of_vectors_rebuilds_the_index_and_a_refusal_leaves_the_old(
    graph: Graph, catalogue: Catalogue, tmp_path: Path
) -> None:
    index = SearchIndex(graph)
    first = loaded(graph, catalogue)
    before = snapshot(graph)
    long = FakeEmbedder(4097, "too long for the index")
    too_long = Catalogue.read(write_catalogue(tmp_path / "long", fact_rows(4), long))
    with pytest.raises(IsopathError, match="create_track_embedding"):
        loaded(graph, too_long, embedder=long)
    assert snapshot(graph) == before
    assert index.fits(DIMENSIONS)
    assert read_version(graph) == first
    wide = FakeEmbedder(DIMENSIONS * 2, "wide")
    loaded(graph, Catalogue.read(write_catalogue(tmp_path / "wide", fact_rows(12), wide)), embedder=wide)
    assert index.fits(DIMENSIONS * 2)
    assert not index.fits(DIMENSIONS)


NARROW = """CREATE VECTOR INDEX track_embedding FOR (t:Track) ON t.embedding WITH [t.tempo]
OPTIONS {indexConfig: {`vector.dimensions`: 8, `vector.similarity_function`: 'cosine'}}"""


@pytest.mark.graph
@pytest.mark.parametrize("instead", [None, NARROW], ids=["gone", "with other properties"])
def test_an_index_that_was_harmed_is_made_again_by_the_next_load(
    instead: str | None, graph: Graph, catalogue: Catalogue
) -> None:
    version = loaded(graph, catalogue)
    do(graph, "DROP INDEX track_embedding")
    if instead:
        do(graph, instead)
    index = SearchIndex(graph)
    assert not index.fits(DIMENSIONS)
    assert loaded(graph, catalogue) == version
    assert index.fits(DIMENSIONS)


@pytest.mark.graph
def test_a_graph_with_nothing_or_of_another_release_sends_to_load(graph: Graph, catalogue: Catalogue) -> None:
    with pytest.raises(GraphUnavailable, match="holds no ontology") as caught:
        read_version(graph)
    assert "isopath load" in caught.value.repair
    text = QUERIES["load/links"].text.replace("Links individuals", "Links things")
    older = Queries({**QUERIES.by_name, "load/links": Query.read("load/links", text)})
    loaded(graph, catalogue, queries=older)
    with pytest.raises(GraphUnavailable, match="another release") as caught:
        read_version(graph)
    assert "isopath load" in caught.value.repair
    loaded(graph, catalogue)
    assert read_version(graph)


@pytest.mark.graph
def test_somebody_elses_graph_is_left_alone(graph: Graph, catalogue: Catalogue) -> None:
    do(graph, "CREATE (:Track {id: 'theirs', name: 'a railway'}), (:Person)")
    before = snapshot(graph)
    with pytest.raises(GraphUnavailable, match="1 nodes that Isopath did not write") as caught:
        loaded(graph, catalogue)
    assert "NEO4J_DATABASE" in caught.value.repair
    assert snapshot(graph) == before


# Too much for one transaction.


@pytest.mark.graph
def test_a_large_catalogue_is_written_ahead_and_is_the_same(
    graph: Graph, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded(graph, catalogue)
    expected = snapshot(graph)
    do(graph, "MATCH (n) DETACH DELETE n")
    monkeypatch.setattr(engine.store.load, "_AT_ONCE", 10)
    monkeypatch.setattr(engine.store.load, "_PART", 5)
    said: list[str] = []
    loaded(graph, catalogue, progress=said.append)
    assert "10 of 12 tracks" in said
    nodes, links = snapshot(graph)
    assert links == expected[1]
    for (labels, facts), (_, wanted) in zip(nodes, expected[0], strict=True):
        facts.pop("loaded", None)
        wanted.pop("loaded", None)
        assert facts == wanted, labels


@pytest.mark.graph
def test_tracks_written_ahead_serve_nobody_and_go_when_another_load_comes_first(
    graph: Graph, catalogue: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def die_late(line: str) -> None:
        if line.startswith("10 of"):
            raise Killed

    monkeypatch.setattr(engine.store.load, "_AT_ONCE", 10)
    monkeypatch.setattr(engine.store.load, "_PART", 5)
    with pytest.raises(Killed):
        loaded(graph, catalogue, progress=die_late)
    assert len(values(graph, "MATCH (t:Track) RETURN t.id AS value")) == 10
    with pytest.raises(GraphUnavailable, match="holds no ontology"):
        read_version(graph)
    other = Catalogue.read(write_catalogue(tmp_path / "other", fact_rows(3), EMBEDDER))
    loaded(graph, other)
    assert values(graph, "MATCH (t:Track) RETURN t.id AS value ORDER BY t.id") == ["t00000", "t00001", "t00002"]


# Bad input: told before anything is written.


@pytest.mark.graph
def test_an_ontology_with_an_error_is_refused_and_a_notice_is_not(graph: Graph, catalogue: Catalogue) -> None:
    notice = Finding("notice", "numbers", "ontology/rules/fear.owl: Rule 'soft-always'", "nobody signed it", "Sign it")
    loaded(graph, catalogue, findings=(notice,))
    before = snapshot(graph)
    faults = tuple(replace(notice, level="error", place=f"ontology/rules/fear.owl: Rule 'r{n}'") for n in (1, 2))
    with pytest.raises(OntologyError) as caught:
        loaded(graph, catalogue, small_ontology().without("soft-always"), findings=(notice, *faults))
    assert [line.partition(":")[0] for line in str(caught.value).splitlines()] == ["ontology/rules/fear.owl"] * 2
    assert snapshot(graph) == before


@pytest.mark.graph
def test_a_link_to_nothing_is_refused(graph: Graph, catalogue: Catalogue) -> None:
    lost = individual("lost", "Mapping", links=[("to", "peacefullness")])
    with pytest.raises(OntologyError, match="to names 'peacefullness', which no module defines"):
        loaded(graph, catalogue, small_ontology().changed(lost))
    assert snapshot(graph) == ([], [])


@pytest.mark.graph
def test_words_that_get_no_vector_are_refused(graph: Graph, catalogue: Catalogue) -> None:
    class Speechless(FakeEmbedder):
        def embed_text(self, texts: Any) -> Any:
            return np.zeros((len(texts), self.dimensions), dtype=np.float32)

    with pytest.raises(EncoderUnavailable, match="'peacefulness-words': fake makes no vector of its text"):
        loaded(graph, catalogue, embedder=Speechless())
    assert snapshot(graph) == ([], [])


@pytest.mark.graph
def test_an_axis_without_cue_weights_is_refused(graph: Graph, catalogue: Catalogue) -> None:
    with pytest.raises(CatalogueError, match="track 't00000': has no arousal"):
        loaded(graph, catalogue, small_ontology().without("tempo-to-arousal"))
    assert values(graph, "MATCH (n) WHERE NOT n:LoadLock RETURN n AS value") == []


@pytest.mark.graph
def test_a_scale_has_targets_for_its_own_valence_and_arousal(graph: Graph, catalogue: Catalogue) -> None:
    expected = [["arousal", -0.75, -0.5, -0.25], ["valence", 0.25, 0.5, 0.75]]
    body = """MATCH (:Scale {id: 'peacefulness'})-[:CALLS_FOR]->(t:CueTarget {derived: true})-[:OF]->(c:Cue)
              RETURN [c.id, t.low, t.best, t.high] AS value ORDER BY c.id"""
    loaded(graph, catalogue)
    assert values(graph, body) == expected
    loaded(graph, catalogue, small_ontology().without("soft-always"))
    assert values(graph, body) == expected


@pytest.mark.graph
@pytest.mark.parametrize("lost", ["affect-reach", "arousal"])
def test_a_scale_without_such_targets_is_refused(lost: str, graph: Graph, catalogue: Catalogue) -> None:
    with pytest.raises(OntologyError, match="how far around a scale's valence and arousal"):
        loaded(graph, catalogue, small_ontology().without(lost))


@pytest.mark.graph
def test_vectors_of_another_model_are_refused(graph: Graph, catalogue: Catalogue) -> None:
    with pytest.raises(CatalogueError, match="was made by fake, another model than the one in use"):
        loaded(graph, catalogue, embedder=FakeEmbedder(name="other"))
    with pytest.raises(CatalogueError, match="has 8 numbers a row, the embedder makes 9"):
        loaded(graph, catalogue, embedder=FakeEmbedder(9))


@pytest.mark.graph
def test_a_cue_outside_its_range_is_refused_with_its_row(graph: Graph, tmp_path: Path) -> None:
    rows = fact_rows(5)
    rows[3]["tempo"] = 3000.0
    folder = write_catalogue(tmp_path, rows, EMBEDDER)
    with pytest.raises(CatalogueError, match=r"catalogue\.csv:5: tempo is 3000\.0, outside 20 to 300"):
        loaded(graph, Catalogue.read(folder))
