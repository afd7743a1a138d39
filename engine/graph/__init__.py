"""The door to Neo4j: the only package that knows its driver."""

from engine.graph.asked import asked
from engine.graph.connection import Connection
from engine.graph.door import Answers, Graph, Plan, Table, Transaction
from engine.graph.entering import take_over
from engine.graph.values import Row, as_vector

__all__ = ["Answers", "Connection", "Graph", "Plan", "Row", "Table", "Transaction", "as_vector", "asked", "take_over"]
