"""The connection to Neo4j; no other package imports its driver."""

from engine.graph.connection import Connection
from engine.graph.deadline import RunawayStatement, run_within, submit_query
from engine.graph.driver import can_log_in
from engine.graph.errors import ServerBusy, ServerGone, StatementFailed
from engine.graph.graph import Graph, QueryPlan, QueryRunner, ResultTable, Transaction
from engine.graph.values import Row, to_vector

__all__ = [
    "Connection",
    "Graph",
    "QueryPlan",
    "QueryRunner",
    "ResultTable",
    "Row",
    "RunawayStatement",
    "ServerBusy",
    "ServerGone",
    "StatementFailed",
    "Transaction",
    "can_log_in",
    "run_within",
    "submit_query",
    "to_vector",
]
