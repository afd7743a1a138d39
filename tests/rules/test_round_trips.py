"""A module of drafts is written as it was drafted, and written again as it stands."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import TypeAlias

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rdflib import OWL, RDF, RDFS, SKOS, XSD, BNode, Graph, Literal, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

from engine.rules import Draft, write_module
from engine.rules.drafting import NUMBERS, Value
from engine.rules.owl.names import BASE
from engine.rules.owl.parsing import parse
from engine.rules.owl.writing import serialise, write_graph

CLASSES = ("Descriptor", "Emotion", "Rule")
RANGES = {
    "text": "string", "weight": "decimal", "share": "decimal", "n": "integer", "priority": "integer", "held": "boolean",
    "since": "dateTime", "ratio": "double", "anything": None,
}  # fmt: skip
"""Data property -> the datatype that it asks for."""
LINKS = ("claims", "readAs")

Fact: TypeAlias = tuple[Node, Node, object]

ids = st.sampled_from(["a", "b", "b-2", "c", "fear", "fear-pace-only", "Grief", "x_9"])
# Of what XML can hold, the signs that it takes for its own, blanks that it might lose, and letters of several lengths.
texts = st.text("abz<>&'\"];: \t\n\r\x85\xa0\u2028é中😀", max_size=8)
numbers = st.integers(-(10**6), 10**6) | st.floats(allow_nan=False, allow_infinity=False) | st.decimals(-100, 100)
moments = st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31)).flatmap(
    lambda at: st.sampled_from([at, at.replace(tzinfo=UTC)])
)
values = texts | numbers | st.booleans() | moments
"""What an author may write of an individual, fitting or not: whether it fits is asked when the module is read."""


def several(of: st.SearchStrategy[Value]) -> st.SearchStrategy[Value | Sequence[Value]]:
    return of | st.lists(of, max_size=2)


drafts = st.builds(
    Draft,
    ids,
    st.sampled_from(CLASSES),
    st.dictionaries(st.sampled_from(sorted(RANGES)), several(values), max_size=3),
    st.dictionaries(st.sampled_from(LINKS), ids | st.lists(ids, max_size=2), max_size=2),
    texts,
    texts,
    texts,
    texts,
)
modules = st.lists(drafts, max_size=4, unique_by=lambda draft: draft.id)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where modules are written, with the schema beside them."""
    schema = Graph()
    for name in CLASSES:
        schema.add((URIRef(BASE + name), RDF.type, OWL.Class))
    for name in LINKS:
        schema.add((URIRef(BASE + name), RDF.type, OWL.ObjectProperty))
    for name, datatype in RANGES.items():
        schema.add((URIRef(BASE + name), RDF.type, OWL.DatatypeProperty))
        if datatype:
            schema.add((URIRef(BASE + name), RDFS.range, XSD[datatype]))
    folder = tmp_path_factory.mktemp("modules")
    # The real one takes longer to read than all that is tried here to write.
    write_graph(schema, folder / "schema.owl")
    return folder / "made.owl"


def meant(value: Node) -> object:
    """A value as it counts: a number is the same number whichever datatype says it."""
    if isinstance(value, Literal) and value.datatype in NUMBERS:
        return Decimal(str(value))
    return value


def drafted(module: Sequence[Draft]) -> set[Fact]:
    """What the drafts state of their individuals."""
    found: set[Fact] = set()
    for draft in module:
        subject = URIRef(BASE + draft.id)
        found |= {(subject, RDF.type, OWL.NamedIndividual), (subject, RDF.type, URIRef(BASE + draft.kind))}
        notes = (
            (RDFS.label, draft.label, "en"),
            (RDFS.label, draft.label_zh, "zh"),
            (SKOS.definition, draft.definition, "en"),
            (RDFS.comment, draft.comment, "en"),
        )
        found |= {(subject, predicate, Literal(text, lang=language)) for predicate, text, language in notes if text}
        for name, value in draft.properties.items():
            found |= {(subject, URIRef(BASE + name), meant(Literal(one))) for one in listed(value)}
        for name, target in draft.links.items():
            found |= {(subject, URIRef(BASE + name), URIRef(f"{BASE}{one}")) for one in listed(target)}
    return found


def listed(value: Value | Sequence[Value]) -> Sequence[Value]:
    return [value] if isinstance(value, Value) else value


def stated(graph: Graph) -> set[Fact]:
    """What a module states of individuals that have a name."""
    return {(s, p, meant(o)) for s, p, o in graph if str(s).startswith(BASE)}


def told_apart(graph: Graph) -> list[set[Node]]:
    """The groups of individuals that a module declares to be different ones."""
    groups = [s for s in graph.subjects(RDF.type, OWL.AllDifferent) if isinstance(s, BNode)]
    return [set(Collection(graph, cells)) for group in groups for cells in graph.objects(group, OWL.distinctMembers)]


RETURNS = Draft("a", "Descriptor", {"text": "one\rtwo\r\nthree"}, {}, " a\r", "", "\n", "]]>")


@given(modules)
@example([RETURNS])
def test_a_module_states_what_its_drafts_say(path: Path, module: list[Draft]) -> None:
    write_module(path, module)
    graph = parse(path)
    assert stated(graph) == drafted(module)
    of_kind: dict[str, set[Node]] = defaultdict(set)
    for draft in module:
        of_kind[draft.kind].add(URIRef(BASE + draft.id))
    groups = [group for group in of_kind.values() if len(group) > 1]
    found = told_apart(graph)
    assert len(found) == len(groups)
    assert all(group in found for group in groups)


@given(modules, st.randoms(use_true_random=False))
@example([RETURNS], None)
def test_a_module_is_written_again_byte_for_byte(path: Path, module: list[Draft], order: Random | None) -> None:
    write_module(path, module)
    first = path.read_bytes()
    assert serialise(parse(path), path.stem).encode() == first
    shuffled = list(module)
    if order is not None:
        order.shuffle(shuffled)
    write_module(path, shuffled)
    assert path.read_bytes() == first
