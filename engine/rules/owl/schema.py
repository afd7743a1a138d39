"""The schema of the ontology: its classes and properties, and the requirements of `schema.owl`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rdflib import OWL, RDF, RDFS, SKOS, XSD, Graph, URIRef
from rdflib.term import Node

from engine.errors import OntologyError
from engine.rules.owl.expressions import Datatype, Expression, read_expression
from engine.rules.owl.names import BASE, is_ours, name_of
from engine.rules.owl.parsing import parse


@dataclass(frozen=True, slots=True)
class Property:
    """An object or data property, with domain and range."""

    name: str
    is_functional: bool
    """One value at most."""
    domain: Expression | None
    range: Expression | None
    definition: str = ""
    """Its meaning, in English."""


@dataclass(frozen=True, slots=True)
class Class:
    """A class, with its own requirements on its individuals; those of its ancestors are not repeated."""

    name: str
    ancestors: tuple[str, ...]
    """Named ancestors, nearest first, without itself."""
    demands: tuple[Expression, ...]
    notes: tuple[str, ...]
    """Annotations that each individual must have: label, label_zh, definition, comment."""
    definition: str = ""
    """Its meaning, in English."""


@dataclass(frozen=True, slots=True)
class Schema:
    """All declared classes and properties, by name."""

    classes: Mapping[str, Class]
    object_properties: Mapping[str, Property]
    data_properties: Mapping[str, Property]
    disjoint: tuple[frozenset[str], ...]
    """Sets of pairwise disjoint classes."""

    @classmethod
    def of(cls, graph: Graph, place: str) -> Schema:
        """Reads the schema from a graph; OntologyError for an expression that OWL 2 does not have."""
        try:
            return cls(
                {name: _class(graph, name) for name in _named(graph, OWL.Class)},
                {name: _property(graph, name) for name in _named(graph, OWL.ObjectProperty)},
                {name: _property(graph, name) for name in _named(graph, OWL.DatatypeProperty)},
                _disjoint(graph),
            )
        except ValueError as exc:
            raise OntologyError(place, f"it has {exc}", "Use constructs of OWL 2") from exc
        except RecursionError as exc:
            raise OntologyError(
                place, "an anonymous class contains itself", "Give it a name, or take it apart"
            ) from exc

    @classmethod
    def beside(cls, path: Path) -> Schema:
        """Reads the schema in the same folder as a module."""
        schema = path.parent / "schema.owl"
        return cls.of(parse(schema), str(schema))

    def datatype(self, property_: str) -> URIRef:
        """The datatype of a data property, without bounds; xsd:string for an enumeration."""
        stated = self.data_properties[property_].range
        return stated.base if isinstance(stated, Datatype) else XSD.string


def _iri(name: str) -> URIRef:
    return URIRef(BASE + name)


def _named(graph: Graph, kind: URIRef) -> list[str]:
    return sorted({name_of(s) for s in graph.subjects(RDF.type, kind) if isinstance(s, URIRef) and is_ours(s)})


def _class(graph: Graph, name: str) -> Class:
    parents = [*graph.objects(_iri(name), RDFS.subClassOf), *graph.objects(_iri(name), OWL.equivalentClass)]
    demands = sorted((read_expression(graph, p) for p in parents if not isinstance(p, URIRef)), key=str)
    notes = sorted(str(note) for note in graph.objects(_iri(name), _iri("requires")))
    return Class(name, _ancestors(graph, name), tuple(demands), tuple(notes), _definition(graph, name))


def _property(graph: Graph, name: str) -> Property:
    def stated(link: URIRef) -> Expression | None:
        node: Node | None = graph.value(_iri(name), link)
        return None if node is None else read_expression(graph, node)

    is_functional = (_iri(name), RDF.type, OWL.FunctionalProperty) in graph
    return Property(name, is_functional, stated(RDFS.domain), stated(RDFS.range), _definition(graph, name))


def _definition(graph: Graph, name: str) -> str:
    stated = (one for one in graph.objects(_iri(name), SKOS.definition) if getattr(one, "language", None) == "en")
    return str(next(stated, ""))


def _ancestors(graph: Graph, name: str) -> tuple[str, ...]:
    found: list[str] = []
    level = [_iri(name)]
    while level:
        parents = [p for c in level for p in graph.objects(c, RDFS.subClassOf) if isinstance(p, URIRef) and is_ours(p)]
        level = [p for p in dict.fromkeys(sorted(parents)) if name_of(p) not in (*found, name)]
        found.extend(name_of(p) for p in level)
    return tuple(found)


def _disjoint(graph: Graph) -> tuple[frozenset[str], ...]:
    sets = [
        frozenset(name_of(m) for m in graph.items(members))
        for group in graph.subjects(RDF.type, OWL.AllDisjointClasses)
        for members in graph.objects(group, OWL.members)
    ]
    pairs = [frozenset((name_of(s), name_of(o))) for s, o in graph.subject_objects(OWL.disjointWith)]
    return tuple(sorted({*sets, *pairs}, key=sorted))
