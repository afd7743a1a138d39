"""Opens the Neo4j driver, with its certificate and without its log, and tries a password."""

import logging
import ssl
import time
from typing import Any

import neo4j
from neo4j import exceptions

from engine.errors import GraphUnavailable
from engine.graph.connection import Connection, LocalConnection


def open_driver(connection: Connection, **settings: Any) -> neo4j.Driver:
    """A driver for the connection, with more of its settings. The server is not contacted yet.

    Where the connection names a certificate, a server without its key gets no password. GraphUnavailable for an invalid
    address or an unreadable certificate.
    """
    # At debug level the driver logs every parameter, and a parameter may hold what a person declared. Errors reach the
    # caller as exceptions.
    logging.getLogger("neo4j").setLevel(logging.CRITICAL)
    certificate = connection.certificate if isinstance(connection, LocalConnection) else None
    try:
        if certificate is not None:
            settings["ssl_context"] = ssl.create_default_context(cafile=certificate)
        return neo4j.GraphDatabase.driver(
            connection.uri, auth=(connection.user, connection.password), telemetry_disabled=True, **settings
        )
    except OSError as exc:
        raise GraphUnavailable(
            str(certificate),
            "the server's certificate cannot be read",
            "Run `isopath down` and `isopath up`: a damaged one is made anew",
        ) from exc
    except (exceptions.ConfigurationError, ValueError) as exc:
        raise GraphUnavailable(
            connection.uri, "is not an address of a Neo4j", "Write it as bolt://host:7687 in NEO4J_URI"
        ) from exc


def can_log_in(connection: Connection, seconds: float) -> bool:
    """Whether the server accepts the connection's password.

    A server that has just started gets up to `seconds` to become ready; then GraphUnavailable.
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
