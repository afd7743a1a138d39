"""The graph's data dictionary: the meaning of labels, properties and relationships, and what a server has of them.

The definitions are those of the ontology's classes and properties, of its individuals for cues and traits of tracks,
and of `cypher/dictionary/nodes.tsv` for the rest.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from engine.graph import Graph, Row
from engine.queries import Queries
from engine.store.content import to_relationship_type

if TYPE_CHECKING:
    from engine.rules import Ontology

NODES_FILE: Final = "dictionary/nodes.tsv"
"""Below cypher/: of, name, type, unit, meaning. No name: the label itself; `-PERFORMS->Work`: a relationship."""

COMMUNITY: Final = (
    "Neo4j Community has no roles: whoever enters with its password reads, changes and deletes everything. "
    "To read only, ask through `isopath query` or POST /v1/query"
)
ROLES: Final = (
    "this edition has roles: CREATE USER analyst SET PASSWORD '...' CHANGE NOT REQUIRED, then "
    "GRANT ROLE reader TO analyst, makes an account with which any Bolt client reads and changes nothing"
)
_TYPES: Final[Mapping[str, str]] = {
    "decimal": "FLOAT",
    "integer": "INTEGER",
    "boolean": "BOOLEAN",
    "dateTime": "ZONED DATETIME",
}
"""Datatype of the ontology -> Cypher's; any other is a STRING."""


@dataclass(slots=True)
class PropertyEntry:
    """One property of a label."""

    name: str
    type: str
    unit: str
    meaning: str
    found: tuple[str, ...] = ()
    """Types found on the server; empty where no node has the property."""


@dataclass(slots=True)
class LabelEntry:
    """One label."""

    name: str
    meaning: str
    origin: str
    """`ontology`, or `cypher` where queries alone write it."""
    nodes: int = 0
    properties: dict[str, PropertyEntry] = field(default_factory=dict)


@dataclass(slots=True)
class RelationshipEntry:
    """One type of relationship between two labels."""

    type: str
    source: str
    target: str
    meaning: str
    links: int = 0


@dataclass(slots=True)
class Dictionary:
    """The described and the actual content of the graph."""

    labels: dict[str, LabelEntry] = field(default_factory=dict)
    relationships: list[RelationshipEntry] = field(default_factory=list)
    indexes: list[Row] = field(default_factory=list)
    server: str = ""
    access: str = ""
    """How to restrict a Bolt client to reading, on this edition."""
    undescribed: list[str] = field(default_factory=list)
    """Content of the server without a definition: a fault of ours where not empty."""

    def as_json(self) -> dict[str, Any]:
        """The dictionary for programs."""
        labels = [
            asdict(label) | {"properties": [asdict(p) for p in label.properties.values()]}
            for label in self.sorted_labels()
        ]
        return asdict(self) | {"labels": labels}

    def sorted_labels(self) -> list[LabelEntry]:
        """Labels that only queries write, then those of the ontology, each sorted by name."""
        return sorted(self.labels.values(), key=lambda label: (label.origin, label.name))


def build_dictionary(ontology: Ontology, rest: Path) -> Dictionary:
    """The dictionary from the definitions alone, without a server."""
    dictionary = Dictionary()
    for name, class_ in ontology.classes.items():
        dictionary.labels[name] = LabelEntry(name, class_.definition, "ontology")
    for property_ in ontology.data_properties.values():
        type_ = _TYPES.get(str(ontology.schema.get_datatype(property_.name)).partition("#")[2], "STRING")
        type_ = type_ if property_.is_functional else f"LIST<{type_}>"
        for owner in str(property_.domain).split(" or "):
            dictionary.labels[owner].properties[property_.name] = PropertyEntry(
                property_.name, type_, "", property_.definition
            )
    for link in ontology.object_properties.values():
        source, target = (str(end) if end is not None else "Individual" for end in (link.domain, link.range))
        entry = RelationshipEntry(to_relationship_type(link.name), source, target, link.definition)
        dictionary.relationships.append(entry)
    with rest.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            _add_row(dictionary, row["of"], row["name"], row["type"], row["unit"], row["meaning"])
    track = dictionary.labels["Track"].properties
    for cue in ontology.of("Cue"):
        unit, meaning = str(cue.properties["unit"]), str(cue.properties["definition"])
        track[cue.id] = PropertyEntry(cue.id, "FLOAT", unit, meaning)
    traits = "; ".join(f"{trait.id}: {trait.properties['definition']}" for trait in ontology.of("Trait"))
    track["traits"] = PropertyEntry("traits", "LIST<STRING>", "", f"What it has of these. {traits}")
    dictionary.labels["Retired"].properties |= track | dictionary.labels["Individual"].properties
    return dictionary


def _add_row(dictionary: Dictionary, of: str, name: str, type_: str, unit: str, meaning: str) -> None:
    """Adds a row of the table."""
    if not name:
        dictionary.labels[of] = LabelEntry(of, meaning, "cypher")
    elif name.startswith("-"):
        link, _, target = name.removeprefix("-").partition("->")
        dictionary.relationships.append(RelationshipEntry(link, of, target, meaning))
    else:
        dictionary.labels[of].properties[name] = PropertyEntry(name, type_, unit, meaning)


def compare_with_server(dictionary: Dictionary, graph: Graph, queries: Queries) -> Dictionary:
    """Adds the content of a server to the dictionary: numbers, types, and what has no definition."""
    for row in graph.rows(queries["dictionary/labels"]):
        if row["label"] in dictionary.labels:
            dictionary.labels[row["label"]].nodes = row["nodes"]
        else:
            dictionary.undescribed.append(f"label {row['label']}")
    for row in graph.rows(queries["dictionary/properties"]):
        entries = list(_find_entries(dictionary, row["labels"], row["property"]))
        for entry in entries:
            entry.found = tuple(sorted({*entry.found, *row["types"]}))
        if not entries:
            dictionary.undescribed.append(f"property {row['property']} of {':'.join(row['labels'])}")
    for row in graph.rows(queries["dictionary/relationships"]):
        links = [link for link in dictionary.relationships if _is_described_by(link, row)]
        for link in links[:1]:
            link.links += row["links"]
        if not links:
            ends = [":".join(row[end]) for end in ("source", "target")]
            dictionary.undescribed.append(f"relationship {row['type']} from {ends[0]} to {ends[1]}")
    dictionary.indexes = graph.rows(queries["dictionary/indexes"])
    [server] = graph.rows(queries["dictionary/edition"])
    dictionary.server = f"Neo4j {server['version']} {server['edition']}"
    dictionary.access = describe_access(server["edition"])
    return dictionary


def describe_access(edition: str) -> str:
    """How to restrict a Bolt client to reading, on this edition of Neo4j."""
    return COMMUNITY if edition == "community" else ROLES


def _find_entries(dictionary: Dictionary, labels: list[str], name: str) -> Iterator[PropertyEntry]:
    """The entries of a property of nodes that have these labels."""
    for label in labels:
        if label in dictionary.labels and name in dictionary.labels[label].properties:
            yield dictionary.labels[label].properties[name]


def _is_described_by(link: RelationshipEntry, row: Row) -> bool:
    """Whether an entry describes a relationship of the server."""
    source, target = (set(str(end).split(" or ")) for end in (link.source, link.target))
    return link.type == row["type"] and bool(source & set(row["source"])) and bool(target & set(row["target"]))
