"""How a new server gets its password."""

import time

import neo4j
from neo4j import exceptions

from engine.errors import GraphUnavailable
from engine.graph.connection import Connection


def take_over(connection: Connection, first_password: str, seconds: float) -> bool:
    """Whether the server takes the connection's password, which replaces `first_password` where that still holds.

    A server that has just begun to answer is given up to `seconds` to become ready; then GraphUnavailable.
    """
    deadline = time.monotonic() + seconds
    while True:
        try:
            return _enters(connection) or (_replace_password(connection, first_password) and _enters(connection))
        except (exceptions.DriverError, exceptions.Neo4jError) as exc:
            if time.monotonic() > deadline:
                raise GraphUnavailable(
                    connection.uri,
                    f"answers and does not become ready ({type(exc).__name__})",
                    "Run `isopath down` and `isopath up`, and read the server's log",
                ) from None
            time.sleep(0.2)


def _enters(connection: Connection) -> bool:
    try:
        with neo4j.GraphDatabase.driver(connection.uri, auth=(connection.user, connection.password)) as driver:
            driver.execute_query("RETURN 1", database_=connection.database)
    except exceptions.AuthError:
        return False
    return True


def _replace_password(connection: Connection, first: str) -> bool:
    # Over Bolt: the server's own command for it would show the password in the list of processes.
    statement = "ALTER CURRENT USER SET PASSWORD FROM $first TO $second"
    try:
        with neo4j.GraphDatabase.driver(connection.uri, auth=(connection.user, first)) as driver:
            driver.execute_query(statement, first=first, second=connection.password, database_="system")
    except exceptions.AuthError:
        return False
    return True
