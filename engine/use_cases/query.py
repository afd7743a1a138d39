"""Questions that an analyst asks: read, never written, refused by what the server would do and not by how it reads."""

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

FILES: Final = frozenset({".cypher", ".cyp", ".cql", ".txt"})
"""Endings of files that are read: another file's content has no business here."""

MEDIA_TYPES: Final[Mapping[str, str]] = {form.media_type: name for name, form in FORMATS.items()}
"""Media type -> the form of `engine/export/tables.py` that it is."""

_LOG = logging.getLogger(__name__)
_MOST: Final = 1_000
_SECONDS: Final = 20.0
_PLAN_SECONDS: Final = 10.0
_LARGEST_FILE: Final = 1_000_000
"""Bytes. Longer statements are refused anyway."""


def read_query_table(
    settings: Settings,
    requested: str,
    params: Mapping[str, object],
    progress: Progress,
    typed_statement: str | None = None,
) -> ResultTable:
    """The rows of an analyst's query, reading only, by name, file or text; `typed` is a statement whatever it says.

    A local server that cannot end a statement, or that a statement ended, is started anew; UsageError then says so.
    """
    from engine.server import Server

    queries = Queries.load(CYPHER_DIR)
    if typed_statement is None:  # Its faults are told before a server is started.
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
    """Rows, and what a saved question promises of their columns."""

    table: ResultTable
    promised: Sequence[Promise] = ()

    def encode(self, media_type: str) -> bytes:
        """The rows in one of `MEDIA_TYPES`; UsageError where a column does not fit it, or pyarrow is not installed."""
        table = self.table
        return encode_table(MEDIA_TYPES[media_type], table.columns, table.rows, table.more, self.promised)


def answer_query(
    settings: Settings, ask: GraphReader, requested: SavedQuestion | str, params: Mapping[str, object], max_rows: int
) -> QueryAnswer:
    """The rows of a saved question, or of a statement, through the graph that a service keeps open.

    UsageError for params that do not fit.
    """
    from engine.server import Server

    query = requested.query if isinstance(requested, SavedQuestion) else None
    if query is not None:
        fill_params(query, params)  # Its faults are told before the graph is asked.

    def rows(graph: Graph) -> ResultTable:
        if query is not None:
            return read_query_rows(graph, query.name, params, max_rows)
        return read_statement_rows(graph, str(requested), params, max_rows)

    with _renew_server(Server(settings), settings, _LOG.info):
        return QueryAnswer(ask(rows), query.columns if query is not None else ())


@contextmanager
def _renew_server(server: "Server", settings: Settings, progress: Progress) -> Iterator[None]:
    """Starts a local server anew that could not end a statement, or that a statement ended; UsageError says so."""
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
    """The first rows of a query of cypher/, of a file, or of a statement; UsageError when it does more than read."""
    queries = graph.queries
    if requested not in queries:
        return read_statement_rows(graph, resolve_statement(queries, requested), params, max_rows, seconds)
    query = queries[requested]
    return _run_read_only(
        graph, f"cypher/{requested}.cypher", query.text, fill_params(query, params or {}), max_rows, seconds
    )


def load_questions() -> SavedQuestions:
    """Every saved question, by its short name."""
    return SavedQuestions.from_queries(Queries.load(CYPHER_DIR))


def find_question(name: str) -> SavedQuestion:
    """A saved question; UsageError, with the name that is nearest, when there is none of this name."""
    return load_questions()[name]


def find_query(requested: str) -> Query | None:
    """The query of cypher/ that `isopath query` is asked for; None where it is asked another statement."""
    return Queries.load(CYPHER_DIR).by_name.get(requested)


def read_statement_rows(
    graph: Graph,
    text: str,
    params: Mapping[str, object] | None = None,
    max_rows: int = _MOST,
    seconds: float = _SECONDS,
) -> ResultTable:
    """The first rows of an analyst's own statement; UsageError when it does more than read.

    What the server could not stop is refused by its text, what would change or reveal something by the server's plan.
    It then runs in a read transaction, with a limit of rows, of their size and of seconds. All of it holds on a server
    whose configuration is somebody else's. Unstopped when the server lets a deadline pass.
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
        # What an analyst typed is their request, not a broken promise of ours.
        raise UsageError(exc.place, exc.fault, exc.repair) from exc
    except StatementFailed as exc:
        raise UsageError(place, exc.fault, "Ask for less, or write it in another way") from exc


def _run_read_only(
    graph: Graph, place: str, text: str, given: Mapping[str, object], max_rows: int, seconds: float
) -> ResultTable:
    """The rows of what only reads: the server's plan is asked first."""
    plan = run_within(_PLAN_SECONDS, place, lambda: graph.plan_statement(text, place, _PLAN_SECONDS))
    if faults := list(_find_refusals(plan, graph.database)):
        raise UsageError.of([(place, fault, repair) for fault, repair in faults])
    return run_within(seconds, place, lambda: graph.read_table(text, given, place, max_rows, seconds))


def resolve_statement(queries: Queries, requested: str) -> str:
    """What `isopath query` is asked: a query's name, a statement, or the text of a file.

    A file is read where its name is given, and it is a file of text with an ending that says so. No error shows any of
    its content.
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
