"""Which ontology, catalogue and model a graph serves."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from engine.errors import GraphUnavailable
from engine.graph import Graph
from engine.queries import Queries


@dataclass(frozen=True, slots=True)
class Version:
    """All that decides what a journey becomes, besides the request. Every journey points to one."""

    ontology_sha256: str
    version_info: str
    """What the ontology says of itself (owl:versionInfo)."""
    catalogue_sha256: str
    embedding_model: str
    embedding_sha256: str
    dimensions: int
    """Length of the embeddings."""
    mapping_sha256: str
    """Over cypher/schema and cypher/load: how files become a graph."""
    loaded: datetime | None = None
    """When this graph began to serve it; None before."""

    @property
    def id(self) -> str:
        """The same for the same content, wherever it is loaded."""
        parts = (self.ontology_sha256, self.catalogue_sha256, self.embedding_sha256, self.mapping_sha256)
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]

    @classmethod
    def from_row(cls, row: dict[str, Any]) -> Self:
        """The version that a row of `load/version` tells of."""
        return cls(**{name: row[name] for name in cls.__dataclass_fields__})


def hash_mapping(queries: Queries) -> str:
    """Changes with any query that makes the graph: what an older release loaded may not be read as if by this one."""
    digest = hashlib.sha256()
    for query in (*queries.list_folder("schema"), *queries.list_folder("load")):
        digest.update(f"{query.name}\n{query.text}\n".encode())
    return digest.hexdigest()


def read_version(graph: Graph) -> Version:
    """The version that a graph serves; GraphUnavailable when it holds none that this release can read."""
    rows = graph.rows("load/version")
    if not rows:
        raise GraphUnavailable(graph.place, "holds no ontology and no tracks yet", "Run `isopath load`")
    version = Version.from_row(rows[0])
    if version.mapping_sha256 != hash_mapping(graph.queries):
        raise GraphUnavailable(graph.place, "was loaded by another release of Isopath", "Run `isopath load`")
    return version
