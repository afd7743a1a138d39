"""The whole ontology as one document for other programs: Turtle, JSON-LD, or its requirements as SHACL shapes."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from rdflib import OWL, SKOS, Graph

from engine.errors import OntologyError, UsageError
from engine.rules.owl.modules import Modules
from engine.rules.owl.names import BASE
from engine.rules.owl.schema import Schema
from engine.rules.owl.shapes import make_shapes

FORMATS: Final = ("turtle", "json-ld", "shacl")
_NAMESPACES: Final = {
    "": BASE,
    "owl": str(OWL),
    "skos": str(SKOS),
    "prov": "http://www.w3.org/ns/prov#",
    "mo": "http://purl.org/ontology/mo/",
    "obo": "http://purl.obolibrary.org/obo/",
}


def export(folder: Path, format_: str) -> str:
    """All modules of a folder as one document; OntologyError with every fault of its files."""
    modules = Modules.read(folder)
    if modules.faults:
        raise OntologyError.of(modules.faults)
    whole = Graph()
    for prefix, namespace in _NAMESPACES.items():
        whole.bind(prefix, namespace)
    for module in modules.modules:
        for statement in module.graph:
            whole.add(statement)
    if format_ == "shacl":
        return str(make_shapes(Schema.from_graph(whole, f"{folder.name}/schema.owl")).serialize(format="turtle"))
    if format_ not in FORMATS:
        raise UsageError("--format", "is none that can be written", f"Choose from: {', '.join(FORMATS)}")
    return str(whole.serialize(format=format_))
