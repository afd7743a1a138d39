"""A statement as it is written: bounded in what it asks of the planner, and in what the server could not stop.

Neo4j ends a transaction between two rows. Inside one expression it does not: a loop over a list, a regular expression
and a text that doubles run on, outside the limits of time and of memory, and so does the parsing of a deep or a long
expression. What runs there must be evidently small. Rows may be as many as they like, for rows can be stopped.
"""

from collections.abc import Mapping

from engine.graph.statement.loops import find_growth_faults, find_loop_faults, find_range_faults
from engine.graph.statement.regexes import find_regex_faults
from engine.graph.statement.shape import find_shape_faults
from engine.graph.statement.tokens import StatementFault, tokenise

__all__ = ["find_statement_faults"]


def find_statement_faults(text: str, params: Mapping[str, object]) -> list[StatementFault]:
    """Why a statement is not given to the server, each fault with its repair; empty when it may be planned."""
    if faults := find_shape_faults(text):
        return faults
    tokens = tokenise(text)
    return [
        *find_regex_faults(tokens, params),
        *find_range_faults(tokens, params),
        *find_loop_faults(tokens, params),
        *find_growth_faults(tokens, params),
    ]
