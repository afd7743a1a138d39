"""What a server of ours does for nobody: statements that would read files or addresses. And what it must speak."""

import re

import pytest
from neo4j.exceptions import ClientError

from engine.graph import Graph
from engine.graph.driver import open_driver
from engine.server import ServerConnection
from tests.helpers.homes import statement


@pytest.mark.graph
@pytest.mark.parametrize(
    "text",
    [
        "LOAD CSV FROM 'file:///etc/passwd' AS row RETURN row",
        "LOAD CSV FROM 'http://127.0.0.1:9/' AS row RETURN row",
        "LOAD CSV FROM 'http://[::1]:9/' AS row RETURN row",
        "LOAD CSV FROM 'https://10.0.0.1/' AS row RETURN row",
        "LOAD CSV FROM 'http://localhost:9/' AS row RETURN row",
        "LOAD CSV FROM 'ftp://127.0.0.1:9/x' AS row RETURN row",
    ],
    ids=["file", "http", "http over IPv6", "https", "a name", "ftp"],
)
def test_cypher_reads_no_file_and_no_address(connection: ServerConnection, text: str) -> None:
    with open_driver(connection) as driver, pytest.raises(ClientError) as caught:
        driver.execute_query(text, database_=connection.database)
    assert re.search(r"not allowed|blocked|disabled|denied|configuration", str(caught.value), re.IGNORECASE)


@pytest.mark.graph
def test_the_server_speaks_the_dialect_of_our_queries(connection: ServerConnection) -> None:
    with Graph.connect(connection) as graph:
        assert graph.rows(statement("RETURN vector([1.0], 1, FLOAT32) IS NOT NULL AS is_new", "is_new")) == [
            {"is_new": True}
        ]
