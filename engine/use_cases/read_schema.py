"""Reads the graph's own data dictionary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.bootstrap import Progress, loaded_graph
from engine.queries import Queries
from engine.settings import CYPHER_DIR, ONTOLOGY_DIR, Settings
from engine.use_cases.ask_again import ask_again

if TYPE_CHECKING:
    from engine.store.dictionary import Dictionary


def read_schema(settings: Settings, progress: Progress) -> Dictionary:
    """What labels, properties and relationships mean, how many there are, and what the server has beyond them."""
    from engine.rules import Ontology
    from engine.store.dictionary import REST, compared, described

    def read() -> Dictionary:
        told = described(Ontology.read(ONTOLOGY_DIR), CYPHER_DIR / REST)
        with loaded_graph(settings, progress) as graph:
            return compared(told, graph, Queries.load(CYPHER_DIR))

    return ask_again(settings, progress, read)
