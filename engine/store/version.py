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
    published: int | None = None
    """Number under which the ontology was published; None for a draft."""
    loaded: datetime | None = None
    """When this graph began to serve it; None before."""

    @property
    def id(self) -> str:
        """The same for the same content, wherever it is loaded."""
        parts = (self.ontology_sha256, self.catalogue_sha256, self.embedding_sha256, self.mapping_sha256)
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]

    @property
    def name(self) -> str:
        """What a journey says of the ontology that made it: the number it was published under, or a draft."""
        return str(self.published) if self.published is not None else f"draft {self.ontology_sha256[:8]}"

    @classmethod
    def of(cls, row: dict[str, Any]) -> Self:
        """The version that a row of `load/version` tells of."""
        known: dict[str, Any] = {name: row.get(name) for name in cls.__dataclass_fields__}
        return cls(**known)


def mapping_sha256(queries: Queries) -> str:
    """Changes with any query that makes the graph: what an older release loaded may not be read as if by this one."""
    digest = hashlib.sha256()
    for query in (*queries.folder("schema"), *queries.folder("load")):
        digest.update(f"{query.name}\n{query.text}\n".encode())
    return digest.hexdigest()


def serving(graph: Graph) -> Version:
    """The version that a graph serves; GraphUnavailable when it holds none that this release can read."""
    rows = graph.rows("load/version")
    if not rows:
        raise GraphUnavailable(graph.place, "holds no ontology and no tracks yet", "Run `isopath load`")
    version = Version.of(rows[0])
    if version.mapping_sha256 != mapping_sha256(graph.queries):
        raise GraphUnavailable(graph.place, "was loaded by another release of Isopath", "Run `isopath load`")
    return version
