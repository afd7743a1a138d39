"""A statement as it is written: bounded in what it asks of the planner, and in what the server could not stop.

Neo4j ends a transaction between two rows. Inside one expression it does not: a loop over a list, a regular expression
and a text that doubles run on, outside the limits of time and of memory, and so does the parsing of a deep or a long
expression. What runs there must be evidently small. Rows may be as many as they like, for rows can be stopped.
"""

from collections.abc import Mapping

from engine.graph.statement.loops import growth_faults, loop_faults, range_faults
from engine.graph.statement.regexes import regex_faults
from engine.graph.statement.shape import shape_faults
from engine.graph.statement.tokens import Fault, tokens_of

__all__ = ["statement_faults"]


def statement_faults(text: str, params: Mapping[str, object]) -> list[Fault]:
    """Why a statement is not given to the server, each fault with its repair; empty when it may be planned."""
    if faults := shape_faults(text):
        return faults
    tokens = tokens_of(text)
    return [
        *regex_faults(tokens, params),
        *range_faults(tokens, params),
        *loop_faults(tokens, params),
        *growth_faults(tokens, params),
    ]
