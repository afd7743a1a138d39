"""The words of the ontology: its classes and properties, and what `schema.owl` asks of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rdflib import OWL, RDF, RDFS, XSD, Graph, URIRef
from rdflib.term import Node

from engine.ontology.names import is_ours, name_of


@dataclass(frozen=True, slots=True)
class Schema:
    """What classes and properties there are. The graph it came from keeps the class expressions."""

    graph: Graph
    classes: Mapping[str, tuple[str, ...]]
    """Class -> its named ancestors, nearest first, itself left out."""
    object_properties: frozenset[str]
    data_properties: frozenset[str]
    functional: frozenset[str]
    """Properties with one value at most."""

    @classmethod
    def of(cls, graph: Graph) -> Schema:
        """The schema of one module, or of several read into one graph."""
        return cls(
            graph,
            {name: _ancestors(graph, name) for name in sorted(_named(graph, OWL.Class))},
            frozenset(_named(graph, OWL.ObjectProperty)),
            frozenset(_named(graph, OWL.DatatypeProperty)),
            frozenset(_named(graph, OWL.FunctionalProperty)),
        )

    def datatype(self, property_: str) -> URIRef:
        """The datatype that values of a data property must have, facets left out."""
        return base_datatype(self.graph, self.graph.value(_iri(property_), RDFS.range))


def base_datatype(graph: Graph, range_: Node | None) -> URIRef:
    """xsd:decimal for `decimal[>= 0]`; xsd:string for an enumeration of strings, or where no range is stated."""
    if isinstance(range_, URIRef):
        return range_
    if range_ is not None:
        on = graph.value(range_, OWL.onDatatype)
        if isinstance(on, URIRef):
            return on
    return XSD.string


def _iri(name: str) -> URIRef:
    from engine.ontology.names import BASE

    return URIRef(BASE + name)


def _named(graph: Graph, kind: URIRef) -> set[str]:
    return {name_of(s) for s in graph.subjects(RDF.type, kind) if isinstance(s, URIRef) and is_ours(s)}


def _ancestors(graph: Graph, name: str) -> tuple[str, ...]:
    found: list[str] = []
    level = [_iri(name)]
    while level:
        parents = [p for c in level for p in graph.objects(c, RDFS.subClassOf) if isinstance(p, URIRef) and is_ours(p)]
        level = [p for p in dict.fromkeys(sorted(parents)) if name_of(p) not in found and name_of(p) != name]
        found.extend(name_of(p) for p in level)
    return tuple(found)
