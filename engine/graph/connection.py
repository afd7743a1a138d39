"""What it takes to reach a Neo4j."""

from typing import Protocol


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
