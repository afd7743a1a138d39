"""How the driver is opened, for every purpose: whom it trusts, and that it keeps silent."""

import logging
import ssl
from typing import Any

import neo4j
from neo4j import exceptions

from engine.errors import GraphUnavailable
from engine.graph.connection import Connection, Own


def open_driver(connection: Connection, **settings: Any) -> neo4j.Driver:
    """A driver for the connection, with further settings of its own. It says nothing to the server yet.

    Where the connection names a certificate, whoever has not its key is told nothing. GraphUnavailable when the address
    is none, or the certificate cannot be read.
    """
    # At debug level the driver logs every parameter, and a parameter may hold what a person declared. What it would log
    # of errors reaches the caller as ours.
    logging.getLogger("neo4j").setLevel(logging.CRITICAL)
    certificate = connection.certificate if isinstance(connection, Own) else None
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
