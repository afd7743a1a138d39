"""The schema of nearly every example is the one that ships: it is parsed once."""

from collections.abc import Iterator

import pytest
from rdflib import Graph

from engine.rules.owl.parsing import parse_bytes
from engine.settings import ONTOLOGY_DIR


@pytest.fixture(scope="module", autouse=True)
def schema_parsed_once() -> Iterator[None]:
    """Nobody changes the statements of a module that was read."""
    content = (ONTOLOGY_DIR / "schema.owl").read_bytes()
    schema = parse_bytes(content, "schema.owl")

    def parse(given: bytes, place: str) -> Graph:
        return schema if given == content else parse_bytes(given, place)

    with pytest.MonkeyPatch.context() as patch:
        for module in ("parsing", "modules"):
            patch.setattr(f"engine.rules.owl.{module}.parse_bytes", parse)
        yield
