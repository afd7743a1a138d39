"""Writes edits of individuals into the modules that describe them, and nothing else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rdflib import OWL, RDF, XSD, Graph, Literal, URIRef

from engine.rules.drafting import tidy
from engine.rules.ontology import Ontology
from engine.rules.owl.names import BASE, get_local_name, is_ours
from engine.rules.owl.parsing import parse_bytes, read_bytes
from engine.rules.owl.remarks import read_remarks
from engine.rules.owl.schema import Schema
from engine.rules.owl.statements import find_tag
from engine.rules.owl.writing import write_graph

KIND = "kind"
"""Stands for the class of an individual among its properties."""


@dataclass(frozen=True, slots=True)
class Edits:
    """What is to be different. Values are texts: numbers in decimal notation, ids of what is linked."""

    changed: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    """Id -> property, note (label_zh, comment, text_zh, ...) or `KIND` -> its values; none takes it away."""
    added: Mapping[str, str] = field(default_factory=dict)
    """Id of a new individual -> its file within the ontology's folder."""
    removed: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.changed or self.added or self.removed)


def write_edits(ontology: Ontology, edits: Edits) -> tuple[Path, ...]:
    """Writes the files that the edits touch, in the stable form; gives back their paths.

    Nothing is checked: a value that does not fit is written as it is, for `Ontology.read` to refuse.
    """
    by_file: dict[Path, list[str]] = defaultdict(list)
    for id_ in sorted({*edits.changed, *edits.added, *edits.removed}):
        file = edits.added.get(id_) or ontology[id_].file.partition("/")[2]
        by_file[ontology.directory / file].append(id_)
    for path, ids in by_file.items():
        content = read_bytes(path, str(path))
        graph = parse_bytes(content, str(path))
        for id_ in ids:
            _edit(graph, id_, edits, ontology.schema)
        write_graph(tidy(graph, ontology.schema), path, read_remarks(content))
    return tuple(by_file)


def _edit(graph: Graph, id_: str, edits: Edits, schema: Schema) -> None:
    subject = URIRef(BASE + id_)
    if id_ in edits.removed:
        graph.remove((subject, None, None))
        return
    graph.add((subject, RDF.type, OWL.NamedIndividual))
    changed = edits.changed.get(id_, {})
    kinds = [*changed.get(KIND, ()), *map(get_local_name, graph.objects(subject, RDF.type))]
    speaks = any(schema.speaks(kind) for kind in kinds if kind in schema.classes)
    for name, values in changed.items():
        tag = find_tag(name, speaks)
        predicate = tag[0] if tag else RDF.type if name == KIND else URIRef(BASE + name)
        for old in list(graph.objects(subject, predicate)):
            if (tag and getattr(old, "language", None) != tag[1]) or (name == KIND and not is_ours(old)):
                continue
            graph.remove((subject, predicate, old))
        for value in _make_terms(name, values, tag and tag[1], schema):
            graph.add((subject, predicate, value))


def _make_terms(name: str, values: tuple[str, ...], language: str | None, schema: Schema) -> Iterator[Literal | URIRef]:
    for value in values:
        if language:
            yield Literal(value, lang=language)
        elif name in schema.data_properties:
            datatype = schema.get_datatype(name)
            yield Literal(value) if datatype in (XSD.string, RDF.PlainLiteral) else Literal(value, datatype=datatype)
        else:
            yield URIRef(BASE + value)
