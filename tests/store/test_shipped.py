"""What this repository ships, loaded whole: the checks are silent, and analysts get answers."""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from encoders.embedding.embedder import open_embedder
from engine.graph import Graph
from engine.ingest.changes import BatchChanges
from engine.ingest.finding import FoundFile
from engine.ingest.forgetting import forget_all
from engine.ingest.naming import make_track_id
from engine.ingest.writing import TrackWriter
from engine.queries import Queries, Query
from engine.rules import Ontology
from engine.settings import CYPHER_DIR, SEED_DIR
from engine.store.catalogue import Catalogue
from engine.store.dictionary import NODES_FILE, build_dictionary
from tests.helpers.asking import do, values
from tests.helpers.fake_analysis import make_piece
from tests.helpers.fakes import broken_promises
from tests.helpers.shipped import shipped_ontology

pytestmark = pytest.mark.graph
QUERIES = Queries.load(CYPHER_DIR)
READING = tuple(query for query in QUERIES.values() if not query.name.startswith(("load/", "schema/")))


@pytest.fixture(scope="module")
def shipped() -> tuple[Ontology, Catalogue]:
    return shipped_ontology(), Catalogue.read(SEED_DIR)


@pytest.fixture(scope="module")
def graph(shipped_graph: Graph) -> Iterator[Graph]:
    """The shipped ontology and catalogue, one journey through them with its reading, and one that is being erased."""
    graph = shipped_graph
    do(
        graph,
        """MATCH (version:Version {current: true}), (goal:Goal {id: 'calm'}), (stage:Stage {id: 'match'})
           MATCH (rule:Rule {status: 'published'}) WITH * ORDER BY rule.id LIMIT 1
           MATCH (track:Track) WITH * ORDER BY track.id LIMIT 1
           MATCH (sign:Sign) WITH * ORDER BY sign.id LIMIT 1
           CREATE (journey:Journey {id: 'shipped-test', goal: goal.id, day: date(), number: 1, seed: 1}),
                  (journey)-[:UNDER]->(version), (journey)-[:LEADS_TO]->(goal),
                  (journey)-[:READ {score: 1.0}]->(sign),
                  (:Erasing {id: 'shipped-test', because: ''}), (:Unfilled {journeys: 0, texts: false}),
                  (journey)-[:HAS_STEP {position: 1}]->(step:Step {position: 1})-[:PLAYS]->(track),
                  (step)-[:IN]->(stage), (step)-[:ALLOWED_BY]->(rule)
           SET journey.minutes = 20.0""",
    )
    # Known as a property from then on, as after an index that failed.
    graph.write(lambda transaction: transaction.rows("search/note_renewal"))
    ingest_and_forget(graph)
    yield graph
    do(
        graph,
        "MATCH (j:Journey|Erasing {id: 'shipped-test'}) OPTIONAL MATCH (j)-[:HAS_STEP]->(s) DETACH DELETE s, j",
    )
    do(graph, "MATCH (mark:Unfilled) DELETE mark")


def ingest_and_forget(graph: Graph) -> None:
    """A track of a listener's own comes and goes: the server knows the names of all that was ever written."""
    embedder = open_embedder()
    piece = make_piece("shipped-test", performance=None, frames=np.ones((1, 4), np.float32))
    taken = BatchChanges(
        tracks={make_track_id(piece): (piece, "/music/a.flac")},
        files={"/music/a.flac": (FoundFile(Path("/music/a.flac"), "audio", 1, 1), (make_track_id(piece),), True)},
    )
    TrackWriter.open(graph, embedder, embedder.card).write(
        taken, {make_track_id(piece): np.ones(embedder.dimensions, np.float32)}
    )
    forget_all(graph)


@pytest.mark.parametrize("check", QUERIES.list_folder("checks"), ids=lambda check: check.name)
def test_a_check_finds_nothing_wrong(check: Query, graph: Graph) -> None:
    assert graph.rows(check) == [], f"{check.problem} {check.repair}"


@pytest.mark.parametrize("query", QUERIES.list_folder("analytics"), ids=lambda query: query.name)
def test_an_analyst_gets_an_answer_as_promised(query: Query, graph: Graph) -> None:
    assert not query.params, "an analyst pastes the file as it stands"
    rows = graph.rows(query)
    assert rows
    assert broken_promises(query, rows) == []


@pytest.mark.parametrize("query", READING, ids=lambda query: query.name)
def test_a_query_names_only_what_the_graph_or_the_ontology_has(
    query: Query, graph: Graph, shipped: tuple[Ontology, Catalogue]
) -> None:
    """A label, a type or a property that is misspelt matches nothing, and nothing else says so."""
    described = build_dictionary(shipped[0], CYPHER_DIR / NODES_FILE)
    properties = (name for label in described.labels.values() for name in label.properties)
    types = (link.type for link in described.relationships)
    stated_nowhere_yet = {*shipped[0].data_properties, *described.labels, *properties, *types}
    odd = [line for line in graph.plan_statement(query.text, query.name).warnings if "does not exist" in line]
    assert [line for line in odd if not stated_nowhere_yet & set(re.findall(r"`(\w+)`", line))] == []


def test_everything_that_is_shipped_is_there(graph: Graph, shipped: tuple[Ontology, Catalogue]) -> None:
    ontology, catalogue = shipped
    assert values(graph, "MATCH (n:Individual) WHERE n.derived IS NULL AND NOT n:Retired RETURN count(*) AS value") == [
        len(ontology.individuals)
    ]
    assert values(graph, "MATCH (t:Track) WHERE t.stamp IS NOT NULL RETURN count(*) AS value") == [
        len(catalogue.tracks)
    ]
    for kind in ("Rule", "Emotion", "Scale", "Descriptor", "Claim", "Effect"):
        found = values(graph, f"MATCH (n:{kind}) RETURN n.id AS value ORDER BY n.id")
        assert found == [individual.id for individual in ontology.of(kind)]


def test_every_track_has_a_place_in_the_plane(graph: Graph) -> None:
    [(least, most, spread)] = values(
        graph,
        "UNWIND ['valence', 'arousal'] AS axis MATCH (t:Track) WITH axis, min(t[axis]) AS least, max(t[axis]) AS "
        "most, stDev(t[axis]) AS spread RETURN [min(least), max(most), min(spread)] AS value",
    )
    assert -1 <= least < -0.3
    assert 0.3 < most <= 1
    assert spread > 0.1
