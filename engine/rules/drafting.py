"""Writes modules from drafts, and normalises modules that another tool saved."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TypeAlias

from rdflib import OWL, RDF, RDFS, SKOS, XSD, BNode, Graph, Literal, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

from engine.errors import OntologyError
from engine.rules.owl.names import BASE, MODULES, get_local_name, is_ours
from engine.rules.owl.parsing import parse_bytes, read_bytes
from engine.rules.owl.remarks import read_remarks
from engine.rules.owl.schema import Schema
from engine.rules.owl.statements import find_tag
from engine.rules.owl.writing import name_module, write_graph

Value: TypeAlias = str | int | float | bool | Decimal | datetime
DECLARED = {OWL.AnnotationProperty, OWL.Class, OWL.DatatypeProperty, OWL.ObjectProperty, RDFS.Datatype}
NUMBERS = {XSD.decimal, XSD.integer, XSD.double, XSD.float, XSD.int, XSD.long}


@dataclass(frozen=True, slots=True)
class Draft:
    """An individual as an author writes it. Numbers are converted to the datatypes of the schema."""

    id: str
    kind: str
    """Name of its class."""
    properties: Mapping[str, Value | Sequence[Value]] = field(default_factory=dict)
    links: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    """Object property -> id or ids of its targets."""
    label: str = ""
    label_zh: str = ""
    definition: str = ""
    comment: str = ""


def write_module(
    path: Path,
    individuals: Iterable[Draft],
    imports: Iterable[str] = ("schema",),
    label: str = "",
    comment: str = "",
    version: str = "",
) -> None:
    """Writes a whole module, named after the file. Needs `schema.owl` in the same folder, or in the one above.

    OntologyError, with all faults at once, for classes or properties that the schema lacks, and for duplicate ids.
    """
    schema = Schema.read_beside(path)
    graph = Graph()
    module = URIRef(MODULES + name_module(path))
    graph.add((module, RDF.type, OWL.Ontology))
    for name in imports:
        graph.add((module, OWL.imports, URIRef(MODULES + name)))
    for predicate, text in ((RDFS.label, label), (RDFS.comment, comment)):
        if text:
            graph.add((module, predicate, Literal(text, lang="en")))
    if version:
        graph.add((module, OWL.versionInfo, Literal(version)))
    faults: list[tuple[str, str, str]] = []
    for draft in individuals:
        _add_draft(graph, draft, schema, faults, str(path))
    if faults:
        raise OntologyError.of(faults)
    write_graph(tidy(graph, schema), path)


def normalise(path: Path) -> bool:
    """Rewrites a module in the stable form, whatever Protégé saved it as. True when the file changed.

    No statement and no comment is lost. What changes: the syntax, the order, the datatypes of numbers (the schema's),
    what tells individuals apart (one AllDifferent a class), and declarations of what another file describes.
    """
    schema = Schema.read_beside(path)
    before = read_bytes(path, str(path))
    write_graph(tidy(parse_bytes(before, str(path)), schema), path, read_remarks(before))
    return path.read_bytes() != before


def set_text(path: Path, id_: str, property_: str, text: str) -> None:
    """Gives one individual of a module one text, in place of what it had, and writes the module in the stable order."""
    before = read_bytes(path, str(path))
    graph = parse_bytes(before, str(path))
    graph.set((URIRef(BASE + id_), URIRef(BASE + property_), Literal(text)))
    write_graph(tidy(graph, Schema.read_beside(path)), path, read_remarks(before))


def tidy(graph: Graph, schema: Schema) -> Graph:
    """The same statements with numbers in the datatypes of the schema, and one AllDifferent for every class."""
    result = Graph()
    individuals = set(graph.subjects(RDF.type, OWL.NamedIndividual))
    old = _collect_anonymous(graph, list(graph.subjects(RDF.type, OWL.AllDifferent)))
    old |= {node for node in graph.subjects(RDF.type) if _is_declared_elsewhere(node, graph, schema)}
    for s, p, o in graph:
        if s not in old and p != OWL.differentFrom:
            result.add(
                (s, p, _normalise_number(o, schema, get_local_name(p)) if isinstance(o, Literal) and is_ours(p) else o)
            )
    by_class: dict[str, list[Node]] = defaultdict(list)
    for individual in sorted(individuals, key=str):
        for kind in graph.objects(individual, RDF.type):
            if is_ours(kind):
                by_class[get_local_name(kind)].append(individual)
    for _, members in sorted(by_class.items()):
        if len(members) > 1:
            group, cells = BNode(), BNode()
            result.add((group, RDF.type, OWL.AllDifferent))
            result.add((group, OWL.distinctMembers, cells))
            Collection(result, cells, members)
    return result


def _add_draft(graph: Graph, draft: Draft, schema: Schema, faults: list[tuple[str, str, str]], place: str) -> None:
    subject = URIRef(BASE + draft.id)
    place = f"{place}: {draft.kind} '{draft.id}'"
    if (subject, RDF.type, OWL.NamedIndividual) in graph:
        faults.append((place, "the id is given twice", "Give each individual an id of its own"))
    if draft.kind not in schema.classes:
        faults.append((place, f"there is no class '{draft.kind}'", "Use a class of schema.owl, or add it there"))
    graph.add((subject, RDF.type, OWL.NamedIndividual))
    graph.add((subject, RDF.type, URIRef(BASE + draft.kind)))
    notes = (
        (RDFS.label, draft.label, "en"),
        (RDFS.label, draft.label_zh, "zh"),
        (SKOS.definition, draft.definition, "en"),
        (RDFS.comment, draft.comment, "en"),
    )
    for predicate, text, language in notes:
        if text:
            graph.add((subject, predicate, Literal(text, lang=language)))
    for name, value in draft.properties.items():
        tag = find_tag(name, draft.kind in schema.classes and schema.speaks(draft.kind))
        if tag is None and name not in schema.data_properties:
            faults.append((place, f"there is no data property '{name}'", "Use one of schema.owl, or add it there"))
        for one in [value] if isinstance(value, Value) else value:
            if tag is None:
                graph.add((subject, URIRef(BASE + name), Literal(one)))
            else:
                graph.add((subject, tag[0], Literal(one, lang=tag[1])))
    for name, targets in draft.links.items():
        if name not in schema.object_properties:
            faults.append((place, f"there is no object property '{name}'", "Use one of schema.owl, or add it there"))
        for target in [targets] if isinstance(targets, str) else targets:
            graph.add((subject, URIRef(BASE + name), URIRef(BASE + target)))


def _is_declared_elsewhere(node: Node, graph: Graph, schema: Schema) -> bool:
    """Whether the module only says what kind of thing it is, and another file describes it."""
    facts = list(graph.predicate_objects(node))
    if len(facts) != 1 or (URIRef(f"{MODULES}schema"), RDF.type, OWL.Ontology) in graph:
        return False
    ((_, kind),) = facts
    if kind == OWL.NamedIndividual:
        return (None, None, node) in graph
    known = {*schema.classes, *schema.object_properties, *schema.data_properties}
    return kind in DECLARED and (not is_ours(node) or get_local_name(node) in known)


def _collect_anonymous(graph: Graph, roots: list[Node]) -> set[Node]:
    """The nodes, and all blank nodes that are reachable from them."""
    found: set[Node] = set()
    while roots:
        node = roots.pop()
        found.add(node)
        roots.extend(o for o in graph.objects(node) if isinstance(o, BNode) and o not in found)
    return found


def _normalise_number(value: Literal, schema: Schema, property_: str) -> Literal:
    """The literal in the datatype of the property's range; unchanged when it is no number of that type."""
    if value.datatype not in NUMBERS or property_ not in schema.data_properties:
        return value
    wanted = schema.get_datatype(property_)
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return value
    if not number.is_finite():
        return value
    if wanted == XSD.integer and number == number.to_integral_value():
        return Literal(str(int(number)), datatype=XSD.integer)
    if wanted == XSD.decimal:
        text = f"{number:f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
        return Literal("0" if text in ("-0", "") else text, datatype=XSD.decimal)
    return value
