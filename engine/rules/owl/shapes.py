"""Writes the requirements of the schema as SHACL shapes, for those who check data with them elsewhere.

What OWL leaves open, shapes close, as the checks of this package do: what is not stated is missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from rdflib import RDF, RDFS, SH, SKOS, XSD, BNode, Graph, Literal, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

from encoders.languages import ENGLISH
from engine.rules.owl.expressions import (
    AllValuesFrom,
    BooleanClass,
    Cardinality,
    ComplementOf,
    Datatype,
    Expression,
    HasValue,
    NamedClass,
    OneOf,
)
from engine.rules.owl.names import BASE
from engine.rules.owl.schema import OwlProperty, Schema

SHAPES = BASE.removesuffix("#") + "/shapes#"
"""Namespace of the shapes; a shape is called as the class or property that it is of."""
NOTES: Mapping[str, URIRef] = {
    "label": RDFS.label,
    "definition": SKOS.definition,
    "comment": RDFS.comment,
    "text": URIRef(BASE + "text"),
}
"""Note that a class requires, without its language -> its property."""
ALIKE: Mapping[URIRef, tuple[URIRef, ...]] = {
    XSD.decimal: (XSD.decimal, XSD.integer),
    RDF.PlainLiteral: (XSD.string, RDF.langString),
}
"""Datatype of the schema -> the datatypes of literals that keep it."""


def make_shapes(schema: Schema) -> Graph:
    """A node shape for each class, and one for each end of each property."""
    shapes = _Shapes(schema)
    for name, one in sorted(schema.classes.items()):
        shape = shapes.begin(name, SH.targetClass, name)
        for demand in one.demands:
            shapes.constrain(shape, demand, False)
        for note in one.notes:
            kind, _, language = note.partition("_")
            shapes.require_note(shape, NOTES[kind], language or ENGLISH)
        for other in sorted({o for group in schema.disjoint if name in group for o in group if o > name}):
            shapes.graph.add((shape, SH["not"], shapes.describe(NamedClass(other), False)))
    for name, used in sorted({**schema.object_properties, **schema.data_properties}.items()):
        shapes.shape_property(name, used)
    return shapes.graph


class _Shapes:
    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.graph = Graph()
        for prefix, namespace in (("", BASE), ("shapes", SHAPES), ("sh", str(SH)), ("skos", str(SKOS))):
            self.graph.bind(prefix, namespace)

    def begin(self, name: str, target: URIRef, of: str) -> URIRef:
        """A node shape for what `target` finds."""
        shape = URIRef(SHAPES + name)
        self.graph.add((shape, RDF.type, SH.NodeShape))
        self.graph.add((shape, target, URIRef(BASE + of)))
        return shape

    def shape_property(self, name: str, used: OwlProperty) -> None:
        """What has the property, and what its values are."""
        is_data = name in self.schema.data_properties
        if used.domain is not None or used.is_functional:
            shape = self.begin(f"{name}-subject", SH.targetSubjectsOf, name)
            if used.domain is not None:
                self.constrain(shape, used.domain, False)
            if used.is_functional:
                self.add_property(shape, name, False, [(SH.maxCount, Literal(1))])
        if used.range is not None:
            self.constrain(self.begin(f"{name}-value", SH.targetObjectsOf, name), used.range, is_data)

    def constrain(self, shape: Node, wanted: Expression, is_data: bool) -> None:
        """Adds to a shape what an expression demands of its focus; `is_data`: of a literal."""
        for predicate, value in self._list_constraints(shape, wanted, is_data):
            self.graph.add((shape, predicate, value))

    def describe(self, wanted: Expression, is_data: bool) -> BNode:
        """A shape without a name, of an expression."""
        shape = BNode()
        self.constrain(shape, wanted, is_data)
        return shape

    def require_note(self, shape: Node, path: URIRef, language: str) -> None:
        """At least one text of this language."""
        spoken = BNode()
        self.graph.add((spoken, SH.languageIn, self._list([Literal(language)])))
        one = BNode()
        for predicate, value in ((SH.path, path), (SH.qualifiedValueShape, spoken), (SH.qualifiedMinCount, Literal(1))):
            self.graph.add((one, predicate, value))
        self.graph.add((shape, SH.property, one))

    def add_property(self, shape: Node, name: str, inverse: bool, demands: Iterable[tuple[URIRef, Node]]) -> None:
        """A property shape: what is demanded of the values of a property, or of what points here by it."""
        path: Node = URIRef(BASE + name)
        if inverse:
            backwards = BNode()
            self.graph.add((backwards, SH.inversePath, path))
            path = backwards
        one = BNode()
        self.graph.add((one, SH.path, path))
        for predicate, value in demands:
            self.graph.add((one, predicate, value))
        self.graph.add((shape, SH.property, one))

    def _list_constraints(self, shape: Node, wanted: Expression, is_data: bool) -> Iterator[tuple[URIRef, Node]]:
        match wanted:
            case NamedClass(name=name):
                if name != "Thing":
                    yield SH["class"], URIRef(BASE + name)
            case BooleanClass(parts=parts, every=every):
                yield SH["and"] if every else SH["or"], self._list([self.describe(part, is_data) for part in parts])
            case ComplementOf(part=part):
                yield SH["not"], self.describe(part, is_data)
            case OneOf(members=members):
                yield SH["in"], self._list([Literal(m) if is_data else URIRef(BASE + m) for m in members])
            case Datatype(base=base, facets=facets):
                yield from self._describe_datatype(base)
                for name, limit in facets:
                    yield SH[name], Literal(limit)
            case Cardinality() | AllValuesFrom() | HasValue():
                name = wanted.property_
                demands = self._list_demands(wanted, name in self.schema.data_properties)
                self.add_property(shape, name, wanted.inverse, demands)

    def _list_demands(
        self, wanted: Cardinality | AllValuesFrom | HasValue, is_data: bool
    ) -> Iterator[tuple[URIRef, Node]]:
        match wanted:
            case AllValuesFrom(kind=kind):
                yield SH.node, self.describe(kind, is_data)
            case HasValue(value=value):
                yield SH.hasValue, Literal(value) if is_data else URIRef(BASE + value)
            case Cardinality(least=least, most=most, kind=kind):
                counts = [(SH.minCount, SH.qualifiedMinCount, least), (SH.maxCount, SH.qualifiedMaxCount, most)]
                if kind is not None:
                    yield SH.qualifiedValueShape, self.describe(kind, is_data)
                for plain, qualified, number in counts:
                    if number is not None and (number or plain != SH.minCount):
                        yield plain if kind is None else qualified, Literal(number)

    def _describe_datatype(self, base: URIRef) -> Iterator[tuple[URIRef, Node]]:
        """A whole number stands for a decimal one, too, and words may have a language, as in the checks here."""
        if base not in ALIKE:
            yield SH.datatype, base
            return
        kinds = []
        for one in ALIKE[base]:
            kind = BNode()
            self.graph.add((kind, SH.datatype, one))
            kinds.append(kind)
        yield SH["or"], self._list(kinds)

    def _list(self, members: Sequence[Node]) -> BNode:
        cells = BNode()
        Collection(self.graph, cells, [*members])
        return cells
