"""Interim: moves into engine/graph.py."""

import time

import neo4j
from neo4j.exceptions import AuthError, DriverError, Neo4jError

from engine.errors import GraphUnavailable
from engine.server.connection import Connection


def take_over(connection: Connection, first_password: str, seconds: float) -> bool:
    """Whether the server takes the connection's password, given to it now if it still has its first one.

    Waits up to `seconds` for a server that has just begun to answer; raises GraphUnavailable after that.
    """
    deadline = time.monotonic() + seconds
    while True:
        try:
            return _enters(connection) or (_change_password(connection, first_password) and _enters(connection))
        except (DriverError, Neo4jError) as exc:
            if time.monotonic() > deadline:
                raise GraphUnavailable(
                    connection.uri,
                    f"the server answers and does not become ready ({type(exc).__name__})",
                    "Read its logs",
                ) from exc
            time.sleep(0.2)


def _enters(connection: Connection) -> bool:
    try:
        with neo4j.GraphDatabase.driver(connection.uri, auth=(connection.user, connection.password)) as driver:
            driver.execute_query("RETURN 1", database_=connection.database)
    except AuthError:
        return False
    return True


def _change_password(connection: Connection, first: str) -> bool:
    try:
        with neo4j.GraphDatabase.driver(connection.uri, auth=(connection.user, first)) as driver:
            driver.execute_query(
                "ALTER CURRENT USER SET PASSWORD FROM $first TO $second",
                first=first,
                second=connection.password,
                database_="system",
            )
    except AuthError:
        return False
    return True
