"""Questions that an analyst asks: read, never written, refused by what the server would do and not by how it reads."""

import difflib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from engine.errors import QueryError, UsageError
from engine.graph import Graph, Plan, Table
from engine.queries import Queries, params_of

PROCEDURES: Final[Mapping[str, str]] = {
    "db.labels": "the graph's own words",
    "db.relationshipTypes": "the graph's own words",
    "db.propertyKeys": "the graph's own words",
    "db.schema.visualization": "how the labels hang together: what a newcomer asks first",
    "db.schema.nodeTypeProperties": "which properties a label has",
    "db.schema.relTypeProperties": "which properties a relationship has",
}
"""Procedures that may be called, each with the reason. Others can read the configuration or other people's queries."""

SHOWS: Final[Mapping[str, str]] = {
    "ShowIndexes": "which properties a search may test",
    "ShowConstraints": "what is unique",
}
"""SHOW commands that may be given, each with the reason."""

_MOST: Final = 1_000
_SECONDS: Final = 20.0


def analyst_rows(
    graph: Graph,
    queries: Queries,
    text_or_name: str,
    params: Mapping[str, object] | None = None,
    most: int = _MOST,
    seconds: float = _SECONDS,
) -> Table:
    """The first rows of a query of cypher/, of a file, or of a statement; UsageError when it does more than read.

    Asks the server for its plan first, then runs it in a read transaction with a limit of rows and of seconds. Both
    hold on a server whose configuration is somebody else's.
    """
    place, text = _statement(queries, text_or_name)
    given = dict(params or {})
    if missing := params_of(text) - given.keys():
        raise UsageError(place, f"needs {', '.join(f'${name}' for name in sorted(missing))}", "Give a value for each")
    try:
        if faults := list(_refusals(graph.plan(text, place), graph.database)):
            raise UsageError.of([(place, fault, repair) for fault, repair in faults])
        return graph.table(text, given, place, most, seconds)
    except QueryError as exc:
        if text_or_name in queries:
            raise
        # What an analyst typed is their request, not a broken promise of ours.
        raise UsageError(exc.place, exc.fault, "Correct the statement") from exc


def _statement(queries: Queries, text_or_name: str) -> tuple[str, str]:
    """Where a statement stands, and its text."""
    if text_or_name in queries:
        return f"cypher/{text_or_name}.cypher", queries[text_or_name].text
    if any(character.isspace() for character in text_or_name.strip()):
        return "the statement", text_or_name
    path = Path(text_or_name)
    try:
        return path.name, path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError, ValueError) as exc:
        near = difflib.get_close_matches(text_or_name, queries, 1)
        hint = f"Did you mean '{near[0]}'?" if near else "cypher/README.md lists every query"
        raise UsageError(text_or_name[:80], "is neither a query of cypher/ nor a file of text", hint) from exc


def _refusals(plan: Plan, database: str) -> Iterator[tuple[str, str]]:
    """What a plan would do besides reading this graph, each with its repair."""
    if plan.kind != "r":
        yield "would change something", "Take out what writes: an analyst only reads"
    for elsewhere in sorted(plan.databases - {database}):
        yield f"reads database '{elsewhere}'", "Leave out USE"
    for operator, details in plan.operators:
        if operator == "LoadCSV":
            yield "reads a file or an address with LOAD CSV", "Ask the graph only"
        if operator.startswith("ProcedureCall") and (name := details.partition("(")[0]) not in PROCEDURES:
            yield f"calls {name}", f"Only these may be called: {', '.join(PROCEDURES)}"
        if operator.startswith(("Show", "Terminate")) and operator not in SHOWS:
            yield f"is a server command ({operator})", "Ask the graph, not the server"
