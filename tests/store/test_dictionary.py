"""The data dictionary tells of everything that a graph has, in words that stand in one place."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.answers import Journey, ModelVersion, Provenance
from engine.graph import Graph
from engine.journey import Quality, Reading, Step
from engine.queries import Queries
from engine.settings import CYPHER_DIR
from engine.store.dictionary import NODES_FILE, Dictionary, build_dictionary, compare_with_server, describe_access
from engine.store.journeys import persist_journey
from tests.helpers.asking import do, values
from tests.helpers.shipped import shipped_ontology

QUERIES = Queries.load(CYPHER_DIR)


def told() -> Dictionary:
    return build_dictionary(shipped_ontology(), CYPHER_DIR / NODES_FILE)


def test_every_class_property_and_link_of_the_ontology_is_defined() -> None:
    for kind in (shipped_ontology().classes, shipped_ontology().data_properties, shipped_ontology().object_properties):
        assert [name for name, one in kind.items() if not one.definition] == []


def test_what_is_described_has_words_and_a_type() -> None:
    found = told()
    types = ("STRING", "INTEGER", "FLOAT", "BOOLEAN", "DATE", "ZONED DATETIME", "LIST<")
    assert [label.name for label in found.labels.values() if not label.meaning] == []
    for label in found.labels.values():
        for one in label.properties.values():
            assert one.type.startswith(types), (label.name, one.name)
    assert found.labels["Track"].properties["tempo"].unit == shipped_ontology()["tempo"].properties["unit"]
    assert (
        found.labels["Rule"].properties["priority"].meaning == shipped_ontology().data_properties["priority"].definition
    )


def test_nothing_is_described_twice() -> None:
    lines = (CYPHER_DIR / NODES_FILE).read_text("utf-8").splitlines()[1:]
    names = [tuple(line.split("\t")[:2]) for line in lines]
    assert len(set(names)) == len(names)
    stated = {*shipped_ontology().classes}
    assert [of for of, name in names if not name and of in stated] == [], "the ontology says what its classes are"
    known = {"traits", *(cue.id for cue in shipped_ontology().of("Cue"))}
    assert [name for of, name in names if of == "Track" and name in known] == [], "and what cues and traits are"


@pytest.mark.parametrize(("edition", "says"), [("community", "has no roles"), ("enterprise", "GRANT ROLE reader")])
def test_the_edition_decides_what_a_bolt_client_can_be_kept_to(edition: str, says: str) -> None:
    assert says in describe_access(edition)


@pytest.fixture(scope="module")
def graph(shipped_graph: Graph) -> Iterator[Graph]:
    """What is shipped, with a journey that was kept with its reading."""
    graph = shipped_graph
    do(graph, "MATCH (n:Journey|Step) DETACH DELETE n")
    [track] = values(graph, "MATCH (t:Track) RETURN t.id AS value ORDER BY value LIMIT 1")
    rules = ("even-loudness",)
    step = Step(1, "match", track, "Air", "Nobody", 100.0, {}, 0.0, 0.0, 0.5, 0.5, rules, "because")
    model = ModelVersion("n", "ab" * 32)
    provenance = Provenance("1", "v", "ab" * 32, model, model, "2026.08", like=True)
    reading = Reading("clear", "not_run", {"fear": 0.5}, ("fear",), -0.5, 0.5)
    quality = Quality(*[0.5] * 7)
    journey = Journey("told", 7, "calm", reading, (), provenance, (), (("match", (step,)),), quality)
    persist_journey(graph, journey, {"fear": 0.5})
    yield graph
    do(graph, "MATCH (n:Journey|Step) DETACH DELETE n")


@pytest.mark.graph
def test_the_dictionary_tells_of_everything_that_the_graph_has(graph: Graph) -> None:
    found = compare_with_server(told(), graph, QUERIES)
    assert found.undescribed == []
    assert found.labels["Track"].nodes > 2_000
    assert found.labels["Journey"].properties["day"].found == ("DATE NOT NULL",)
    assert found.labels["Journey"].properties["valence_before"].found == (), "the service writes it"
    for label in found.labels.values():
        for one in label.properties.values():
            plain = one.type.replace("LIST<", "").rstrip(">")
            told_so = (plain in type_ or "NOTHING" in type_ for type_ in one.found)  # an empty list is of nothing
            assert all(told_so), (label.name, one.name, one.type, one.found)
    links = {(link.source, link.type, link.target): link.links for link in found.relationships}
    assert links["Journey", "READ", "Sign"] == 1
    assert links["Rule", "OVERRIDES", "Rule"] >= 1
    assert links["Work", "BY", "Artist"] > 500
    assert {index["name"] for index in found.indexes} >= {"track_embedding", "unique_individual"}
    assert "community" in found.server
    assert "no roles" in found.access
    assert found.as_json()["labels"][0]["properties"]


@pytest.mark.graph
def test_what_nobody_described_is_told(graph: Graph, tmp_path: Path) -> None:
    do(graph, "MATCH (t:Track) WITH t LIMIT 1 CREATE (:Odd {size: 1})-[:ODDLY]->(t)")
    do(graph, "MATCH (a:Artist) WITH a LIMIT 1 SET a.hat = 'green'")
    try:
        assert compare_with_server(told(), graph, QUERIES).undescribed == [
            "label Odd", "property hat of Artist", "property size of Odd", "relationship ODDLY from Odd to Track"
        ]  # fmt: skip
    finally:
        do(graph, "MATCH (n:Odd) DETACH DELETE n")
        do(graph, "MATCH (a:Artist) REMOVE a.hat")
