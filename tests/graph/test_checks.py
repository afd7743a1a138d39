"""Every check is silent on a sound graph and speaks when something is wrong with it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from engine.graph import Connection, Graph, Transaction
from engine.queries import Queries, Query
from engine.settings import CYPHER_DIR
from engine.store.catalogue import CUES
from engine.store.load import load
from tests.helpers.asking import ask, wipe
from tests.helpers.fakes import FakeEmbedder, FakeOntology, broken_promises, individual, small_catalogue, small_ontology

pytestmark = pytest.mark.graph
QUERIES = Queries.load(CYPHER_DIR)
CHECKS = QUERIES.list_folder("checks")

HARM = {
    "checks/individual_without_class": "CREATE (:Individual {id: 'x'})",
    "checks/scale_without_cue_target": "CREATE (:Scale {id: 'x'})",
    "checks/descriptor_without_vector": "MATCH (d:Descriptor) SET d.embedding = null",
    "checks/thin_profile": (
        "CREATE (:Setting {id: 'affect-window', value: 0.2}), (:Goal {id: 'x'})-[:AIMS_AT]->(:Aim {share: 1.0})"
        "-[:AT_SCALE]->(:Scale {id: 'y', music_valence: 0.9, music_arousal: 0.9})"
    ),
    "checks/track_never_found": "MATCH (t:Track {id: 't00001'}) SET t.mode = null",
    "checks/track_without_artist": "MATCH (:Track {id: 't00001'})-[r:PERFORMS]->() DELETE r",
    "checks/more_than_one_version": "CREATE (:Version {id: 'x', current: true})",
    "checks/search_index_not_online": (
        "CREATE VECTOR INDEX track_embedding FOR (t:Track) ON t.embedding "
        "OPTIONS {indexConfig: {`vector.dimensions`: 8}}"
    ),
    "checks/rule_in_a_circle": "MATCH (r:Rule) CREATE (r)-[:OVERRIDES]->(:Rule {id: 'x'})-[:OVERRIDES]->(r)",
    "checks/rule_that_does_nothing": "CREATE (:Rule {id: 'x', status: 'published'})",
    "checks/effect_without_policy": "CREATE (:Effect:Tickle {id: 'x'})",
    "checks/claim_without_evidence": "CREATE (:Claim {id: 'x', grade: 'B'})",
    "checks/step_without_a_reason": "CREATE (:Journey {id: 'x'})-[:HAS_STEP {position: 1}]->(:Step)",
}
"""For each check of a loaded graph, what makes it fire."""


def sound_ontology() -> FakeOntology:
    """The small ontology with all that the checks ask for."""
    ontology = small_ontology().changed(individual("lean-policy", "HitPolicy", governs="Lean"))
    ontology = ontology.changed(individual("any-goal", "GoalScope"))
    rule = next(i for i in ontology.individuals if i.id == "soft-always")
    ontology = ontology.changed(replace(rule, links=(*rule.links, ("for", "any-goal"))))
    scale = next(i for i in ontology.individuals if i.id == "peacefulness")
    for cue in CUES:
        ontology = ontology.changed(individual(f"target-{cue}", "CueTarget", links=[("of", cue)]))
    return ontology.changed(replace(scale, links=(*scale.links, *(("callsFor", f"target-{cue}") for cue in CUES))))


@pytest.fixture(scope="module")
def sound(connection: Connection, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Graph]:
    """A loaded graph with nothing wrong."""
    folder: Path = tmp_path_factory.mktemp("seed")
    with Graph.connect(connection) as graph:
        wipe(graph)
        load(graph, sound_ontology(), small_catalogue(folder), FakeEmbedder(), lambda line: None)
        yield graph
        wipe(graph)


class _UndoneError(Exception):
    """Takes back what a test did to the graph."""


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_a_check_is_silent_on_a_sound_graph(check: Query, sound: Graph) -> None:
    assert sound.rows(check) == []


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_a_check_speaks_when_something_is_wrong(check: Query, sound: Graph) -> None:
    assert check.name in HARM, "every check needs an example that makes it fire"

    with pytest.raises(_UndoneError) as caught:
        sound.write(lambda transaction: _harm(transaction, check))
    rows = caught.value.args[0]
    assert rows
    assert not broken_promises(check, rows)


def _harm(transaction: Transaction, check: Query) -> None:
    if "INDEX" in HARM[check.name]:  # An index that is made in this transaction is not built before it ends.
        transaction.rows(ask("DROP INDEX track_embedding", ""))
    transaction.rows(ask(HARM[check.name], ""))
    raise _UndoneError(transaction.rows(check))
