"""The version of a graph: which ontology, catalogue and model it serves."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from engine.errors import GraphUnavailable
from engine.graph import Graph, Row
from engine.queries import Queries


class GraphReloaded(GraphUnavailable):
    """The graph serves another version than the one that an answer was begun with."""


@dataclass(frozen=True, slots=True)
class Version:
    """Everything besides the request that determines a journey. Every kept journey links to one."""

    ontology_sha256: str
    version_info: str
    """owl:versionInfo of the ontology."""
    catalogue_sha256: str
    embedding_model: str
    embedding_sha256: str
    dimensions: int
    """Length of the embeddings."""
    mapping_sha256: str
    """Checksum of cypher/schema and cypher/load, which map files to the graph."""
    published: int | None = None
    """Number of the published ontology; None for a draft."""
    loaded: datetime | None = None
    """Time of the load; None before."""

    @property
    def id(self) -> str:
        """A hash of the content, the same in every graph."""
        parts = (self.ontology_sha256, self.catalogue_sha256, self.embedding_sha256, self.mapping_sha256)
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]

    @property
    def name(self) -> str:
        """What a journey says of the ontology that made it: the number it was published under, or a draft."""
        return str(self.published) if self.published is not None else f"draft {self.ontology_sha256[:8]}"

    @classmethod
    def from_row(cls, row: dict[str, Any]) -> Self:
        """The version of a row of `load/version`."""
        known: dict[str, Any] = {name: row.get(name) for name in cls.__dataclass_fields__}
        return cls(**known)


def select_served(rows: Sequence[Row]) -> Row | None:
    """The row of `load/version` that serves; None before the first load, and where there are two.

    Earlier releases could leave two behind; the next load mends it.
    """
    return rows[0] if len(rows) == 1 else None


def hash_mapping(queries: Queries) -> str:
    """Checksum of the queries that load a graph: graphs of other releases cannot be read."""
    digest = hashlib.sha256()
    for query in (*queries.list_folder("schema"), *queries.list_folder("load")):
        digest.update(f"{query.name}\n{query.text}\n".encode())
    return digest.hexdigest()


def read_version(graph: Graph) -> Version:
    """The version that a graph serves; GraphUnavailable when it serves none of this release."""
    rows = graph.rows("load/version")
    if not rows:
        raise GraphUnavailable(graph.place, "holds no ontology and no tracks yet", "Run `isopath load`")
    version = Version.from_row(rows[0])
    if version.mapping_sha256 != hash_mapping(graph.queries):
        raise GraphUnavailable(graph.place, "was loaded by another release of Isopath", "Run `isopath load`")
    return version
