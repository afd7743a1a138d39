"""The door to Neo4j: the only package that knows its driver."""

from engine.graph.asked import asked
from engine.graph.connection import Connection
from engine.graph.deadline import Unstopped, within
from engine.graph.door import Answers, Graph, Plan, Table, Transaction
from engine.graph.entering import enters
from engine.graph.refusals import Failed, Gone
from engine.graph.values import Row, as_vector

__all__ = [
    "Answers",
    "Connection",
    "Failed",
    "Gone",
    "Graph",
    "Plan",
    "Row",
    "Table",
    "Transaction",
    "Unstopped",
    "as_vector",
    "asked",
    "enters",
    "within",
]
