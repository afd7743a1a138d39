"""A test's own words to the graph."""

from typing import Any

from engine.graph import Graph
from engine.queries import Query


def ask(body: str, columns: str = "value") -> Query:
    """A query of the test's own."""
    promises = "".join(f"// column {name} ANY\n" for name in columns.split())
    return Query.read(
        "journey/test", f"CYPHER 25\n// Test. {'One row.' if columns else 'No rows.'}\n{promises}{body}\n"
    )


def values(graph: Graph, body: str) -> list[Any]:
    """The column `value` of what a statement answers."""
    return [row["value"] for row in graph.rows(ask(body))]


def do(graph: Graph, body: str) -> None:
    """Carries out a statement that writes."""
    graph.write(lambda transaction: transaction.rows(ask(body, "")))


def wipe(graph: Graph) -> None:
    """Leaves nothing in a graph but constraints."""
    do(graph, "MATCH (n) DETACH DELETE n")
    do(graph, "DROP INDEX track_embedding IF EXISTS")
    do(graph, "DROP INDEX track_profile IF EXISTS")
