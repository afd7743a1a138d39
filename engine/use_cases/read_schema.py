"""Reads the graph's data dictionary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.bootstrap import Progress, use_graph
from engine.queries import Queries
from engine.settings import CYPHER_DIR, ONTOLOGY_DIR, Settings
from engine.use_cases.ask_again import ask_again

if TYPE_CHECKING:
    from engine.store.dictionary import Dictionary


def read_schema(settings: Settings, progress: Progress) -> Dictionary:
    """The meaning and number of labels, properties and relationships, and what has no definition."""
    from engine.rules import Ontology
    from engine.store.dictionary import NODES_FILE, build_dictionary, compare_with_server

    def read() -> Dictionary:
        dictionary = build_dictionary(Ontology.read(ONTOLOGY_DIR), CYPHER_DIR / NODES_FILE)
        with use_graph(settings, progress) as graph:
            return compare_with_server(dictionary, graph, Queries.load(CYPHER_DIR))

    return ask_again(settings, progress, read)
