"""Addresses and credentials of a Neo4j server."""

from pathlib import Path
from typing import Protocol, runtime_checkable


class Connection(Protocol):
    """Address, user, password and database."""

    @property
    def uri(self) -> str: ...
    @property
    def user(self) -> str: ...
    @property
    def password(self) -> str: ...
    @property
    def database(self) -> str: ...


@runtime_checkable
class LocalConnection(Connection, Protocol):
    """A connection to a server of this machine, with its certificate and the folder of its files."""

    @property
    def certificate(self) -> Path | None:
        """The only certificate (PEM) that is trusted; None: as `uri` says."""
        ...

    @property
    def files(self) -> Path | None:
        """The folder of the database's files; None for a server of somebody else."""
        ...
