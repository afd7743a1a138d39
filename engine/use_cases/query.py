"""Runs an analyst's queries, read-only: statements are refused by the server's plan for them, not by their wording."""

import difflib
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from engine.bootstrap import Progress, use_graph
from engine.errors import GraphUnavailable, QueryError, UsageError
from engine.export.tables import FORMATS, encode_table
from engine.graph import Graph, QueryPlan, ResultTable, RunawayStatement, ServerGone, StatementFailed, run_within
from engine.graph.statement import find_statement_faults
from engine.queries import Promise, Queries, Query, find_params
from engine.questions import SavedQuestion, SavedQuestions, fill_params
from engine.settings import CYPHER_DIR, Settings
from engine.use_cases.ask_again import GraphReader

if TYPE_CHECKING:
    from engine.server import Server

PROCEDURES: Final[Mapping[str, str]] = {
    "db.labels": "the schema's names",
    "db.relationshipTypes": "the schema's names",
    "db.propertyKeys": "the schema's names",
    "db.schema.visualization": "relationships between labels: a newcomer's first question",
    "db.schema.nodeTypeProperties": "which properties a label has",
    "db.schema.relTypeProperties": "which properties a relationship has",
}
"""Allowed procedures, each with the reason. Others can read the configuration or other people's queries."""

SHOWS: Final[Mapping[str, str]] = {
    "ShowIndexes": "which properties searches can filter by",
    "ShowConstraints": "what is unique",
}
"""Allowed SHOW commands, each with the reason."""

FILES: Final = frozenset({".cypher", ".cyp", ".cql", ".txt"})
"""Suffixes of files that may be read as statements."""

MEDIA_TYPES: Final[Mapping[str, str]] = {form.media_type: name for name, form in FORMATS.items()}
"""Media type -> format of `engine/export/tables.py`."""

_LOG = logging.getLogger(__name__)
_MOST: Final = 1_000
_SECONDS: Final = 20.0
_PLAN_SECONDS: Final = 10.0
_LARGEST_FILE: Final = 1_000_000
"""Bytes; longer statements are refused in any case."""


def read_query_table(
    settings: Settings,
    requested: str,
    params: Mapping[str, object],
    progress: Progress,
    typed_statement: str | None = None,
) -> ResultTable:
    """The rows of a read-only query, given by name, file or text; `typed_statement` is always a statement.

    The local server is restarted after a runaway statement or a crash, with UsageError.
    """
    from engine.server import Server

    queries = Queries.load(CYPHER_DIR)
    if typed_statement is None:  # Checked before a server is started.
        resolve_statement(queries, requested)
        if requested in queries:
            fill_params(queries[requested], params)
    with use_graph(settings, progress) as graph, _renew_server(Server(settings), settings, progress):
        return (
            read_query_rows(graph, requested, params)
            if typed_statement is None
            else read_statement_rows(graph, typed_statement, params)
        )


@dataclass(frozen=True, slots=True)
class QueryAnswer:
    """The rows of a query, and the promised columns of a saved question."""

    table: ResultTable
    promised: Sequence[Promise] = ()

    def encode(self, media_type: str) -> bytes:
        """The rows in one of `MEDIA_TYPES`; UsageError for a column that it cannot hold, or without pyarrow."""
        table = self.table
        return encode_table(MEDIA_TYPES[media_type], table.columns, table.rows, table.more, self.promised)


def answer_query(
    settings: Settings, ask: GraphReader, requested: SavedQuestion | str, params: Mapping[str, object], max_rows: int
) -> QueryAnswer:
    """The rows of a saved question or of a statement, for a service; UsageError for invalid params."""
    from engine.server import Server

    query = requested.query if isinstance(requested, SavedQuestion) else None
    if query is not None:
        fill_params(query, params)  # Checked before the graph is used.

    def rows(graph: Graph) -> ResultTable:
        if query is not None:
            return read_query_rows(graph, query.name, params, max_rows)
        return read_statement_rows(graph, str(requested), params, max_rows)

    with _renew_server(Server(settings), settings, _LOG.info):
        return QueryAnswer(ask(rows), query.columns if query is not None else ())


@contextmanager
def _renew_server(server: "Server", settings: Settings, progress: Progress) -> Iterator[None]:
    """Restarts the local server after a runaway statement or a crash, and raises UsageError."""
    pid = server.status().pid
    try:
        yield
    except RunawayStatement as error:
        if not server.renew(pid, progress):
            raise
        _LOG.warning("the local server could not stop a statement and was started anew")
        fault = "could not be stopped: the server was started anew"
        raise UsageError(error.place, fault, "Ask for less") from None
    except GraphUnavailable as error:
        if settings.neo4j_uri is not None or not (
            isinstance(error, ServerGone) or isinstance(error.__cause__, ServerGone)
        ):
            raise
        server.renew(None, progress)
        _LOG.warning("the local server went away during a statement and was started anew")
        fault = (
            "lost its connection to the server: it took too much memory, its answer was too large, or the server"
            " was started anew because of another statement"
        )
        raise UsageError("the statement", fault, "Ask again, and for less if that does not help") from error


def read_query_rows(
    graph: Graph,
    requested: str,
    params: Mapping[str, object] | None = None,
    max_rows: int = _MOST,
    seconds: float = _SECONDS,
) -> ResultTable:
    """The first rows of a query of cypher/, a file, or a statement; UsageError when it is not read-only."""
    queries = graph.queries
    if requested not in queries:
        return read_statement_rows(graph, resolve_statement(queries, requested), params, max_rows, seconds)
    query = queries[requested]
    return _run_read_only(
        graph, f"cypher/{requested}.cypher", query.text, fill_params(query, params or {}), max_rows, seconds
    )


def load_questions() -> SavedQuestions:
    """All saved questions, by short name."""
    return SavedQuestions.from_queries(Queries.load(CYPHER_DIR))


def find_question(name: str) -> SavedQuestion:
    """A saved question; UsageError, with the closest name, for an unknown one."""
    return load_questions()[name]


def find_query(requested: str) -> Query | None:
    """The query of cypher/ of this name; None where there is none."""
    return Queries.load(CYPHER_DIR).by_name.get(requested)


def read_statement_rows(
    graph: Graph,
    text: str,
    params: Mapping[str, object] | None = None,
    max_rows: int = _MOST,
    seconds: float = _SECONDS,
) -> ResultTable:
    """The first rows of an analyst's statement; UsageError when it is not read-only.

    The text is checked for what the server cannot stop, the server's plan for writes and other accesses. The statement
    then runs in a read transaction with limits on rows, their size, and seconds. No configuration of the server is
    relied on. RunawayStatement when the server does not end it at its deadline.
    """
    place, given_params = "the statement", dict(params or {})
    if faults := find_statement_faults(text, given_params):
        raise UsageError.of([(place, fault, repair) for fault, repair in faults])
    if missing := find_params(text) - given_params.keys():
        raise UsageError(place, f"needs {', '.join(f'${name}' for name in sorted(missing))}", "Give a value for each")
    try:
        return _run_read_only(graph, place, text, given_params, max_rows, seconds)
    except RunawayStatement:
        raise
    except QueryError as exc:
        # A fault of the analyst's request, not of a query of cypher/.
        raise UsageError(exc.place, exc.fault, exc.repair) from exc
    except StatementFailed as exc:
        raise UsageError(place, exc.fault, "Ask for less, or write it in another way") from exc


def _run_read_only(
    graph: Graph, place: str, text: str, given: Mapping[str, object], max_rows: int, seconds: float
) -> ResultTable:
    """The rows of a statement, if its plan is read-only."""
    plan = run_within(_PLAN_SECONDS, place, lambda: graph.plan_statement(text, place, _PLAN_SECONDS))
    if faults := list(_find_refusals(plan, graph.database)):
        raise UsageError.of([(place, fault, repair) for fault, repair in faults])
    return run_within(seconds, place, lambda: graph.read_table(text, given, place, max_rows, seconds))


def resolve_statement(queries: Queries, requested: str) -> str:
    """The statement of an argument: a query's name, a statement, or the name of a file that holds one.

    Only files with a suffix of `FILES` are read. Errors do not repeat their content.
    """
    if requested in queries:
        return queries[requested].text
    if any(character.isspace() for character in requested.strip()):
        return requested
    path = Path(requested)
    endings = ", ".join(sorted(FILES))
    try:
        if path.suffix.lower() not in FILES or not path.is_file():
            near = difflib.get_close_matches(requested, queries, 1)
            hint = (
                f"Did you mean '{near[0]}'?"
                if near
                else f"cypher/README.md lists every query; a file ends in {endings}"
            )
            raise UsageError("NAME|FILE|-", "is neither a query of cypher/ nor a file with a statement", hint)
        if path.stat().st_size > _LARGEST_FILE:
            raise UsageError(str(path), "is too large for a statement", "Ask in several statements")
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError, ValueError):
        raise UsageError("FILE", "cannot be read as UTF-8 text", "Check the path and its encoding") from None


def _find_refusals(plan: QueryPlan, database: str) -> Iterator[tuple[str, str]]:
    """Faults of a plan that does more than read this graph, each with its repair."""
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
