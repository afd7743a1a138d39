"""Checks the text of a statement: limits what Neo4j can neither plan in time nor stop.

Neo4j stops a transaction only between two rows, not inside an expression. Loops over lists, regular expressions,
growing texts, and the parsing of deep or long expressions run beyond the limits of time and memory. So these must
evidently be small. The number of rows needs no limit here.
"""

from collections.abc import Mapping

from engine.graph.statement.loops import find_growth_faults, find_loop_faults, find_range_faults
from engine.graph.statement.regexes import find_regex_faults
from engine.graph.statement.shape import find_shape_faults
from engine.graph.statement.tokens import StatementFault, tokenise

__all__ = ["find_statement_faults"]


def find_statement_faults(text: str, params: Mapping[str, object]) -> list[StatementFault]:
    """Faults of a statement, each with its repair; empty when the server may plan it."""
    if faults := find_shape_faults(text):
        return faults
    tokens = tokenise(text)
    return [
        *find_regex_faults(tokens, params),
        *find_range_faults(tokens, params),
        *find_loop_faults(tokens, params),
        *find_growth_faults(tokens, params),
    ]
