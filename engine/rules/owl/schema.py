"""The schema of the ontology: its classes and properties, and the requirements of `schema.owl`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from rdflib import OWL, RDF, RDFS, SKOS, XSD, Graph, URIRef
from rdflib.term import Node

from engine.errors import OntologyError
from engine.rules.owl.expressions import AllValuesFrom, Cardinality, Datatype, Expression, OneOf, Term, read_expression
from engine.rules.owl.names import BASE, get_local_name, is_ours
from engine.rules.owl.parsing import parse


@dataclass(frozen=True, slots=True)
class OwlProperty:
    """An object or data property, with domain and range."""

    name: str
    is_functional: bool
    """One value at most."""
    domain: Expression | None
    range: Expression | None
    definition: str = ""
    """Its meaning, in English."""
    label: str = ""
    """Its name as a person reads it, in English."""

    @property
    def choices(self) -> tuple[str, ...]:
        """The values of a closed list; empty for other ranges."""
        return self.range.members if isinstance(self.range, OneOf) else ()

    @property
    def bounds(self) -> tuple[Decimal | None, Decimal | None]:
        """The least and the most that a number may be."""
        facets = dict(self.range.facets) if isinstance(self.range, Datatype) else {}
        return facets.get("minInclusive"), facets.get("maxInclusive")


@dataclass(frozen=True, slots=True)
class OwlClass:
    """A class, with its own requirements on its individuals; those of its ancestors are not repeated."""

    name: str
    ancestors: tuple[str, ...]
    """Named ancestors, nearest first, without itself."""
    demands: tuple[Expression, ...]
    notes: tuple[str, ...]
    """What each individual must have: label, label_zh, definition, comment, text, text_zh, text_es, ..."""
    definition: str = ""
    """Its meaning, in English."""
    label: str = ""
    label_zh: str = ""


@dataclass(frozen=True, slots=True)
class Schema:
    """All declared classes and properties, by name."""

    classes: Mapping[str, OwlClass]
    object_properties: Mapping[str, OwlProperty]
    data_properties: Mapping[str, OwlProperty]
    disjoint: tuple[frozenset[str], ...]
    """Sets of pairwise disjoint classes."""

    @classmethod
    def from_graph(cls, graph: Graph, place: str) -> Schema:
        """Reads the schema from a graph; OntologyError for an expression that OWL 2 does not have."""
        try:
            return cls(
                {name: _read_class(graph, name) for name in _list_names(graph, OWL.Class)},
                {name: _read_property(graph, name) for name in _list_names(graph, OWL.ObjectProperty)},
                {name: _read_property(graph, name) for name in _list_names(graph, OWL.DatatypeProperty)},
                _list_disjoint(graph),
            )
        except ValueError as exc:
            raise OntologyError(place, f"it has {exc}", "Use constructs of OWL 2") from exc
        except RecursionError as exc:
            raise OntologyError(
                place, "an anonymous class contains itself", "Give it a name, or take it apart"
            ) from exc

    @classmethod
    def read_beside(cls, path: Path) -> Schema:
        """Reads the schema in the folder of a module, or in the one above."""
        beside, above = (folder / "schema.owl" for folder in (path.parent, path.parent.parent))
        schema = above if above.is_file() and not beside.exists() else beside
        return cls.from_graph(parse(schema), str(schema))

    def list_kinds(self, kind: str) -> tuple[str, ...]:
        """The class and its subclasses, sorted."""
        return tuple(name for name, one in sorted(self.classes.items()) if kind in (name, *one.ancestors))

    def list_properties(self, kind: str) -> tuple[str, ...]:
        """Properties that are declared for individuals of the class or of a subclass; none that is for everything."""
        lineages = Lineages({name: (name, *one.ancestors) for name, one in self.classes.items()})
        every = {**self.data_properties, **self.object_properties}
        return tuple(
            name
            for name, one in sorted(every.items())
            if one.domain and any(one.domain.holds(of, lineages) for of in self.list_kinds(kind))
        )

    def speaks(self, kind: str) -> bool:
        """Whether individuals of the class have a `text` in several languages."""
        return any("text" in self.classes[name].notes for name in (kind, *self.classes[kind].ancestors))

    def is_single(self, kind: str, property_: str) -> bool:
        """Whether an individual of the class has one value of the property at most."""
        demands = self._list_demands(kind, property_)
        return self.data_properties[property_].is_functional or any(
            isinstance(one, Cardinality) and one.most == 1 for one in demands
        )

    def must_have(self, kind: str, property_: str) -> bool:
        """Whether an individual of the class needs a value of the property."""
        return any(isinstance(one, Cardinality) and one.least > 0 for one in self._list_demands(kind, property_))

    def may_have(self, kind: str, property_: str) -> bool:
        """Whether an individual of the class may have a value of the property, which is declared for it."""
        return not any(isinstance(one, Cardinality) and one.most == 0 for one in self._list_demands(kind, property_))

    def list_ranges(self, kind: str, property_: str) -> tuple[Expression, ...]:
        """What values of the property must be, for individuals of the class; all of them."""
        stated = {**self.object_properties, **self.data_properties}[property_].range
        demanded = [one.kind for one in self._list_demands(kind, property_) if isinstance(one, AllValuesFrom)]
        return tuple(one for one in (stated, *demanded) if one is not None)

    def _list_demands(self, kind: str, property_: str) -> list[Expression]:
        return [
            demand
            for name in (kind, *self.classes[kind].ancestors)
            for demand in self.classes[name].demands
            if isinstance(demand, Cardinality | AllValuesFrom) and not demand.inverse and demand.property_ == property_
        ]

    def get_datatype(self, property_: str) -> URIRef:
        """The datatype of a data property, without bounds; xsd:string for an enumeration."""
        stated = self.data_properties[property_].range
        return stated.base if isinstance(stated, Datatype) else XSD.string


@dataclass(frozen=True, slots=True)
class Lineages:
    """What individuals are, and nothing that is stated of them."""

    classes: Mapping[str, tuple[str, ...]]

    def get_values(self, subject: str, property_: str, inverse: bool) -> tuple[Term, ...]:  # noqa: ARG002
        """Nothing."""
        return ()

    def is_a(self, subject: str, kind: str) -> bool:
        """Whether the individual belongs to the class."""
        return kind in self.classes.get(subject, ())


def _make_iri(name: str) -> URIRef:
    return URIRef(BASE + name)


def _list_names(graph: Graph, kind: URIRef) -> list[str]:
    return sorted({get_local_name(s) for s in graph.subjects(RDF.type, kind) if isinstance(s, URIRef) and is_ours(s)})


def _read_class(graph: Graph, name: str) -> OwlClass:
    parents = [*graph.objects(_make_iri(name), RDFS.subClassOf), *graph.objects(_make_iri(name), OWL.equivalentClass)]
    demands = sorted((read_expression(graph, p) for p in parents if not isinstance(p, URIRef)), key=str)
    notes = sorted(str(note) for note in graph.objects(_make_iri(name), _make_iri("requires")))
    words = [_read_text(graph, name, *one) for one in ((SKOS.definition, "en"), (RDFS.label, "en"), (RDFS.label, "zh"))]
    return OwlClass(name, _list_ancestors(graph, name), tuple(demands), tuple(notes), *words)


def _read_property(graph: Graph, name: str) -> OwlProperty:
    def stated(link: URIRef) -> Expression | None:
        node: Node | None = graph.value(_make_iri(name), link)
        return None if node is None else read_expression(graph, node)

    words = [_read_text(graph, name, note, "en") for note in (SKOS.definition, RDFS.label)]
    is_functional = (_make_iri(name), RDF.type, OWL.FunctionalProperty) in graph
    return OwlProperty(name, is_functional, stated(RDFS.domain), stated(RDFS.range), *words)


def _read_text(graph: Graph, name: str, note: URIRef, language: str) -> str:
    stated = (one for one in graph.objects(_make_iri(name), note) if getattr(one, "language", None) == language)
    return str(next(stated, ""))


def _list_ancestors(graph: Graph, name: str) -> tuple[str, ...]:
    found: list[str] = []
    level = [_make_iri(name)]
    while level:
        parents = [p for c in level for p in graph.objects(c, RDFS.subClassOf) if isinstance(p, URIRef) and is_ours(p)]
        level = [p for p in dict.fromkeys(sorted(parents)) if get_local_name(p) not in (*found, name)]
        found.extend(get_local_name(p) for p in level)
    return tuple(found)


def _list_disjoint(graph: Graph) -> tuple[frozenset[str], ...]:
    sets = [
        frozenset(get_local_name(m) for m in graph.items(members))
        for group in graph.subjects(RDF.type, OWL.AllDisjointClasses)
        for members in graph.objects(group, OWL.members)
    ]
    pairs = [frozenset((get_local_name(s), get_local_name(o))) for s, o in graph.subject_objects(OWL.disjointWith)]
    return tuple(sorted({*sets, *pairs}, key=sorted))
