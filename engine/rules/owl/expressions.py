"""Class expressions of OWL under the closed-world assumption: what is not stated is false.

Under OWL's open-world assumption HermiT accepts a rule without a priority, as one whose priority is unknown. An author
who forgot it needs an error; so the same axioms are evaluated here a second time, against the stated facts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol, TypeAlias

from rdflib import OWL, RDF, XSD, Graph, Literal, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

from engine.rules.owl.names import get_local_name

Term: TypeAlias = "str | Literal"
"""The id of an individual, or a literal."""


class StatedFacts(Protocol):
    """The stated facts of the modules."""

    def get_values(self, subject: str, property_: str, inverse: bool) -> Sequence[Term]:
        """The values of the property, or, with `inverse`, the individuals that point here by it."""
        ...

    def is_a(self, subject: str, kind: str) -> bool:
        """Whether the individual belongs to the class, by statement or by subclass."""
        ...


class Expression(Protocol):
    """A condition on an individual or a value."""

    def holds(self, term: Term, facts: StatedFacts, /) -> bool:
        """Whether the stated facts meet it."""
        ...

    def __str__(self) -> str:
        """The condition in words that can follow "is" or "needs"."""
        ...


@dataclass(frozen=True, slots=True)
class NamedClass:
    """A named class."""

    name: str

    def holds(self, term: Term, facts: StatedFacts) -> bool:
        return self.name == "Thing" or (not isinstance(term, Literal) and facts.is_a(term, self.name))

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class BooleanClass:
    """An intersection (`every`) or a union of expressions."""

    parts: tuple[Expression, ...]
    every: bool

    def holds(self, term: Term, facts: StatedFacts) -> bool:
        met = (part.holds(term, facts) for part in self.parts)
        return all(met) if self.every else any(met)

    def __str__(self) -> str:
        parts = [
            f"({part})" if isinstance(part, BooleanClass) and part.every != self.every else str(part)
            for part in self.parts
        ]
        return (" and " if self.every else " or ").join(parts)


@dataclass(frozen=True, slots=True)
class ComplementOf:
    """The complement of an expression."""

    part: Expression

    def holds(self, term: Term, facts: StatedFacts) -> bool:
        return not self.part.holds(term, facts)

    def __str__(self) -> str:
        return f"not {self.part}"


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of a closed list of individuals or literals."""

    members: tuple[str, ...]

    def holds(self, term: Term, _facts: StatedFacts, /) -> bool:
        return str(term) in self.members

    def __str__(self) -> str:
        return " or ".join(f"'{member}'" for member in self.members)


@dataclass(frozen=True, slots=True)
class Cardinality:
    """A number of values of a property, of `kind` where that is given."""

    property_: str
    inverse: bool
    least: int
    most: int | None
    kind: Expression | None

    def holds(self, term: Term, facts: StatedFacts) -> bool:
        found = () if isinstance(term, Literal) else facts.get_values(term, self.property_, self.inverse)
        number = len(found) if self.kind is None else sum(self.kind.holds(one, facts) for one in found)
        return number >= self.least and (self.most is None or number <= self.most)

    def __str__(self) -> str:
        what = f"'{self.property_}'" + (f" of kind {self.kind}" if self.kind else "")
        if self.inverse:
            what = f"'{self.property_}' that points here"
        if self.most == 0:
            return f"no {what}"
        if self.most == self.least:
            return f"one {what}" if self.most == 1 else f"exactly {self.most} of {what}"
        if self.most is None:
            return f"at least one {what}" if self.least == 1 else f"at least {self.least} of {what}"
        return f"{self.least} to {self.most} of {what}"


@dataclass(frozen=True, slots=True)
class AllValuesFrom:
    """All values of a property, if there are any, are of `kind`."""

    property_: str
    inverse: bool
    kind: Expression

    def holds(self, term: Term, facts: StatedFacts) -> bool:
        found = () if isinstance(term, Literal) else facts.get_values(term, self.property_, self.inverse)
        return all(self.kind.holds(one, facts) for one in found)

    def __str__(self) -> str:
        return f"'{self.property_}' only to {self.kind}"


@dataclass(frozen=True, slots=True)
class HasValue:
    """A property has this value."""

    property_: str
    inverse: bool
    value: str

    def holds(self, term: Term, facts: StatedFacts) -> bool:
        found = () if isinstance(term, Literal) else facts.get_values(term, self.property_, self.inverse)
        return self.value in (str(one) for one in found)

    def __str__(self) -> str:
        return f"'{self.property_}' with '{self.value}'"


@dataclass(frozen=True, slots=True)
class Datatype:
    """A datatype, within bounds (facets)."""

    base: URIRef
    facets: tuple[tuple[str, Decimal], ...] = ()

    def holds(self, term: Term, _facts: StatedFacts, /) -> bool:
        if not isinstance(term, Literal) or not self.fits(term):
            return False
        tests = {
            "minInclusive": Decimal.__ge__,
            "maxInclusive": Decimal.__le__,
            "minExclusive": Decimal.__gt__,
            "maxExclusive": Decimal.__lt__,
        }
        return all(tests[name](Decimal(str(term)), limit) for name, limit in self.facets)

    def fits(self, value: Literal) -> bool:
        """Whether the literal has this datatype, regardless of bounds."""
        if value.ill_typed:
            return False
        kind = value.datatype or (None if value.language else XSD.string)
        return (
            kind == self.base
            or (self.base == RDF.PlainLiteral and kind in (None, XSD.string))
            or (self.base == XSD.decimal and kind in INTEGERS)
            or (self.base == XSD.integer and kind in INTEGERS)
        )

    def __str__(self) -> str:
        signs = {"minInclusive": ">=", "maxInclusive": "<=", "minExclusive": ">", "maxExclusive": "<"}
        bounds = " and ".join(f"{signs[name]} {limit}" for name, limit in self.facets)
        return f"{get_local_name(self.base)} {bounds}".strip()


INTEGERS = {XSD.integer, XSD.nonNegativeInteger, XSD.positiveInteger, XSD.int, XSD.long}


def read_expression(graph: Graph, node: Node) -> Expression:
    """Parses the expression at `node`; ValueError for a construct that OWL 2 does not have."""
    if isinstance(node, URIRef):
        is_datatype = str(node).startswith(str(XSD)) or node == RDF.PlainLiteral
        return Datatype(node) if is_datatype else NamedClass(get_local_name(node))
    for link, every in ((OWL.unionOf, False), (OWL.intersectionOf, True)):
        if (members := graph.value(node, link)) is not None:
            return BooleanClass(tuple(read_expression(graph, m) for m in Collection(graph, members)), every)
    if (part := graph.value(node, OWL.complementOf) or graph.value(node, OWL.datatypeComplementOf)) is not None:
        return ComplementOf(read_expression(graph, part))
    if (members := graph.value(node, OWL.oneOf)) is not None:
        return OneOf(tuple(str(m) if isinstance(m, Literal) else get_local_name(m) for m in Collection(graph, members)))
    if (base := graph.value(node, OWL.onDatatype)) is not None:
        return _read_facets(graph, node, URIRef(str(base)))
    if (on := graph.value(node, OWL.onProperty)) is not None:
        return _read_restriction(graph, node, on)
    raise ValueError(f"an anonymous class with {_list_predicates(graph.predicates(node))}")


def _read_restriction(graph: Graph, node: Node, on: Node) -> Expression:
    inverted = graph.value(on, OWL.inverseOf)
    name, inverse = get_local_name(inverted or on), inverted is not None
    kind_node = graph.value(node, OWL.onClass) or graph.value(node, OWL.onDataRange)
    kind = read_expression(graph, kind_node) if kind_node is not None else None
    for predicate, value in graph.predicate_objects(node):
        match get_local_name(predicate):
            case "allValuesFrom":
                return AllValuesFrom(name, inverse, read_expression(graph, value))
            case "someValuesFrom":
                return Cardinality(name, inverse, 1, None, read_expression(graph, value))
            case "hasValue":
                return HasValue(name, inverse, str(value) if isinstance(value, Literal) else get_local_name(value))
            case "cardinality" | "qualifiedCardinality":
                return Cardinality(name, inverse, int(str(value)), int(str(value)), kind)
            case "minCardinality" | "minQualifiedCardinality":
                return Cardinality(name, inverse, int(str(value)), None, kind)
            case "maxCardinality" | "maxQualifiedCardinality":
                return Cardinality(name, inverse, 0, int(str(value)), kind)
    raise ValueError(f"a restriction on '{name}' with {_list_predicates(graph.predicates(node))}")


def _read_facets(graph: Graph, node: Node, base: URIRef) -> Datatype:
    cells = graph.value(node, OWL.withRestrictions)
    facets = (
        []
        if cells is None
        else [
            (get_local_name(p), Decimal(str(v)))
            for cell in Collection(graph, cells)
            for p, v in graph.predicate_objects(cell)
        ]
    )
    if unknown := [name for name, _ in facets if name not in FACETS]:
        raise ValueError(f"a datatype with the facet {unknown[0]}")
    return Datatype(base, tuple(sorted(facets, reverse=True)))


FACETS = ("minInclusive", "maxInclusive", "minExclusive", "maxExclusive")


def _list_predicates(predicates: Iterable[Node]) -> str:
    return ", ".join(sorted(get_local_name(p) for p in predicates if p != RDF.type)) or "nothing in it"
