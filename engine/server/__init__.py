"""The local Neo4j: fetches, starts, finds and stops it. `Server` is the interface."""

from engine.server.connection import Connection
from engine.server.local import Progress, Server, Status

__all__ = ["Connection", "Progress", "Server", "Status"]
