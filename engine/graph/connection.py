"""What it takes to reach a Neo4j."""

from pathlib import Path
from typing import Protocol, runtime_checkable


class Connection(Protocol):
    """Where a Neo4j listens and who we are to it."""

    @property
    def uri(self) -> str: ...
    @property
    def user(self) -> str: ...
    @property
    def password(self) -> str: ...
    @property
    def database(self) -> str: ...


@runtime_checkable
class Own(Connection, Protocol):
    """A connection that says which server it means, not only where, and what of it stands on this machine."""

    @property
    def certificate(self) -> Path | None:
        """The only certificate (PEM) that the server may prove itself with; None: as `uri` says."""
        ...

    @property
    def files(self) -> Path | None:
        """The folder of the database's files; None where the server is somebody else's."""
        ...
