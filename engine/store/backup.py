"""Reads a whole graph as rows, and writes such rows into an empty graph."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Final, TypeVar

import numpy as np

from engine.errors import GraphUnavailable
from engine.graph import Graph, Row, Transaction, to_vector
from engine.store.search_index import SearchIndex
from engine.store.version import Version

type_ = TypeVar("type_")
Progress = Callable[[str], None]
_AT_ONCE: Final = 1_000
"""Nodes or relationships of one query, and of one transaction."""
_SHORTEST: Final = 32
"""Minimum length of a list that counts as a vector."""


def read_nodes(graph: Graph) -> Iterator[Row]:
    """Every node: {id, labels, properties, vectors}, where `vectors` maps names to float32 arrays."""
    ids = [row["id"] for row in graph.rows("backup/node_ids")]
    for part in _split_batches(ids):
        for row in graph.rows("backup/nodes", ids=part):
            vectors = {name: value for name, value in row["properties"].items() if _is_vector(value)}
            properties = {name: value for name, value in row["properties"].items() if name not in vectors}
            yield {
                "id": row["id"],
                "labels": row["labels"],
                "properties": properties,
                "vectors": {name: np.asarray(value, np.float32) for name, value in vectors.items()},
            }


def read_links(graph: Graph) -> Iterator[Row]:
    """Every relationship: {start, end, type, properties}."""
    ids = [row["id"] for row in graph.rows("backup/link_ids")]
    for part in _split_batches(ids):
        yield from graph.rows("backup/links", ids=part)


def clear_graph(graph: Graph) -> None:
    """Empties a graph that only holds what a load can restore, or an incomplete restoration.

    GraphUnavailable when it holds more.
    """
    [held] = graph.rows("backup/held")
    if held["made"] and not held["half"]:
        fault = "holds journeys, listeners or music of its own, which would be lost"
        raise GraphUnavailable(
            graph.place, fault, "Restore into an empty one: another ISOPATH_HOME, or another NEO4J_DATABASE"
        )
    if held["nodes"]:
        while graph.write(lambda t: int(t.rows("backup/clear", most=_AT_ONCE)[0]["cleared"])):
            pass


def write_all(graph: Graph, nodes: Iterable[Row], links: Iterable[Row], version: str, progress: Progress) -> int:
    """Writes nodes and relationships into an empty graph, which then serves this version; returns the number of nodes.

    Several transactions are needed, since one has too little memory. The graph serves nothing until the last; an
    incomplete restoration is repeated from the start. Relationships of missing nodes are left out.
    """
    graph.write(lambda transaction: [transaction.rows(query.name) for query in graph.queries.list_folder("schema")])
    graph.write(lambda transaction: transaction.rows("backup/begin"))
    now: dict[str, str] = {}
    for part in _split_batches(nodes):
        made = graph.write(lambda transaction, part=part: _create_nodes(transaction, part))  # type: ignore[misc]
        now |= {row["was"]: row["now"] for row in made}
        progress(f"{len(now)} nodes")
    for part in _split_batches(links):
        there = [row | {"start": now[row["start"]], "end": now[row["end"]]} for row in part
                 if row["start"] in now and row["end"] in now]  # fmt: skip
        graph.write(lambda transaction, there=there: transaction.rows("backup/create_links", links=there))  # type: ignore[misc]
    graph.write(lambda transaction: transaction.rows("backup/end", version=version))
    if rows := graph.rows("load/version"):
        SearchIndex(graph).ensure(Version.from_row(rows[0]).dimensions, progress)
    return len(now)


def _create_nodes(transaction: Transaction, part: Sequence[Row]) -> list[Row]:
    rows = [
        node | {"vectors": [{"name": name, "value": to_vector(value)} for name, value in node["vectors"].items()]}
        for node in part
    ]
    return transaction.rows("backup/create_nodes", nodes=rows)


def _is_vector(value: Any) -> bool:
    """Whether a value is a long list of floats that float32 represents exactly."""
    if not isinstance(value, list) or len(value) < _SHORTEST or not all(type(each) is float for each in value):
        return False
    return bool((np.asarray(value, np.float32) == np.asarray(value)).all())


def _split_batches(rows: Iterable[type_]) -> Iterator[list[type_]]:
    rows = iter(rows)
    while part := list(islice(rows, _AT_ONCE)):
        yield part
