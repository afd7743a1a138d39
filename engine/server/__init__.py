"""The local Neo4j: fetches, starts, finds and stops it. `Server` is the interface."""

from engine.server.connection import ServerConnection
from engine.server.local import Progress, Server, ServerState

__all__ = ["Progress", "Server", "ServerConnection", "ServerState"]
