"""What this repository ships, read once by each process that tests. Nobody changes it."""

from functools import cache
from typing import Any

from engine.gate import compile_gate
from engine.rules import Ontology
from engine.settings import ONTOLOGY_DIR


@cache
def shipped_ontology() -> Ontology:
    return Ontology.read(ONTOLOGY_DIR)


@cache
def compiled_gate() -> dict[str, Any]:
    """The crisis gate of ontology/, as a home keeps it."""
    return compile_gate(shipped_ontology())
