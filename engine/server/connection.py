"""The connection data of a Neo4j server."""

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ServerConnection:
    """Address and credentials of one Neo4j database, local or somebody else's."""

    uri: str
    user: str
    password: str = field(repr=False)
    database: str = "neo4j"
    certificate: Path | None = None
    """The only certificate (PEM) that is trusted; None: as `uri` says."""
    files: Path | None = None
    """The folder of the database's files; None where the server is somebody else's."""
