"""Whether a server lets us in."""

import time

from neo4j import exceptions

from engine.errors import GraphUnavailable
from engine.graph.connection import Connection
from engine.graph.driver import open_driver


def enters(connection: Connection, seconds: float) -> bool:
    """Whether the server takes the connection's password.

    One that has just begun to answer is given up to `seconds` to become ready; then GraphUnavailable.
    """
    deadline = time.monotonic() + seconds
    while True:
        try:
            with open_driver(connection) as driver:
                driver.execute_query("RETURN 1", database_=connection.database)
        except exceptions.AuthError:
            return False
        except (exceptions.DriverError, exceptions.Neo4jError) as exc:
            if time.monotonic() > deadline:
                raise GraphUnavailable(
                    connection.uri,
                    f"answers and does not become ready ({type(exc).__name__})",
                    "Run `isopath down` and `isopath up`, and read the server's log",
                ) from None
            time.sleep(0.2)
        else:
            return True
