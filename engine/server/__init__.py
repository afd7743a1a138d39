"""The local Neo4j: fetched, started, found again, stopped. `Server` is the way in."""

from engine.server.connection import Connection
from engine.server.local import Progress, Server, Status

__all__ = ["Connection", "Progress", "Server", "Status"]
