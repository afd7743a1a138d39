"""The graph: runs the queries of cypher/ in transactions, and plans and reads statements of analysts."""

import random
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol, Self, TypeVar

import neo4j

from engine.errors import GraphUnavailable, QueryError
from engine.graph.connection import Connection, LocalConnection
from engine.graph.driver import open_driver
from engine.graph.errors import ServerBusy, translate_errors
from engine.graph.values import Row, measure_size, to_params, to_row
from engine.queries import Queries, Query
from engine.settings import CYPHER_DIR

type_ = TypeVar("type_")

MIN_VERSION: Final = (2026, 8)
"""Oldest supported version: older servers reject filtered SEARCH, or answer it differently."""

_READ_SECONDS: Final = 30.0
_LONG_READ_SECONDS: Final = 110.0
_WRITE_SECONDS: Final = 1800.0
_ATTEMPTS: Final = 4
_FETCH_SIZE: Final = 50
"""Rows of one fetch where they may be large."""
LARGEST_CELL: Final = 1_000_000
"""Limit on characters and elements in one cell of a table."""
LARGEST_TABLE: Final = 10_000_000
"""Limit on characters and elements in a table."""


@dataclass(frozen=True, slots=True)
class QueryPlan:
    """The server's plan for a statement (EXPLAIN)."""

    kind: str
    """`r` reads, `w` and `rw` write, `s` changes the schema or the server."""
    columns: tuple[str, ...]
    operators: tuple[tuple[str, str], ...]
    """Each operator with its details (for a procedure call: its signature)."""
    databases: frozenset[str]
    """The databases that it would access: a USE clause can name others."""
    warnings: tuple[str, ...]
    """Notifications, such as an unknown label."""


@dataclass(frozen=True, slots=True)
class ResultTable:
    """The first rows of a result."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    more: bool
    """Whether there are more rows."""


class QueryRunner(Protocol):
    """Runs queries: a graph, with a transaction for each, or a transaction."""

    def rows(self, query: str | Query, **params: object) -> list[Row]:
        """The rows of one query, named as in cypher/."""
        ...


class Transaction:
    """Several queries in one transaction, which is atomic."""

    def __init__(self, server: Connection, inner: neo4j.Transaction, queries: Queries) -> None:
        self._server = server
        self._inner = inner
        self.queries = queries

    def rows(self, query: str | Query, **params: object) -> list[Row]:
        """The rows of one query, named as in cypher/.

        QueryError for an unknown name, for other params than promised, or when the server refuses the query.
        """
        query = self.queries[query] if isinstance(query, str) else query
        promised = {param.name for param in query.params}
        faults = [f"is not given '{name}'" for name in sorted(promised - params.keys())]
        faults += [f"is given '{name}', which it does not promise" for name in sorted(params.keys() - promised)]
        if faults:
            repair = "Give exactly the params that its first lines promise"
            raise QueryError.of([(f"cypher/{query.name}.cypher", fault, repair) for fault in faults])
        with translate_errors(self._server, f"cypher/{query.name}.cypher"):
            result = self._inner.run(query.text, to_params(params))
            return [to_row(record) for record in result]


class Graph:
    """A Neo4j database with the queries of cypher/. Connects lazily."""

    def __init__(self, driver: neo4j.Driver, connection: Connection, queries: Queries) -> None:
        self._driver = driver
        self._server = connection
        self.queries = queries
        self.database = connection.database
        self.place = connection.uri
        """The address, for messages."""
        self._version: str | None = None
        # In a cluster, a read may reach a member without our last write: bookmarks make it wait for that.
        self._bookmarks = neo4j.GraphDatabase.bookmark_manager()

    @classmethod
    def connect(cls, connection: Connection, queries: Queries | None = None) -> Self:
        """A graph at an address, with these queries or those of cypher/. The server is not contacted yet."""
        driver = open_driver(
            connection,
            connection_timeout=5.0,
            connection_acquisition_timeout=10.0,
            # The server of an idle connection may have been restarted.
            liveness_check_timeout=20.0,
            notifications_min_severity=neo4j.NotificationMinimumSeverity.OFF,
            warn_notification_severity=neo4j.NotificationMinimumSeverity.OFF,
            user_agent="isopath",
        )
        return cls(driver, connection, queries or Queries.load(CYPHER_DIR))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes all connections. The server keeps running."""
        self._driver.close()

    @property
    def files(self) -> Path | None:
        """The folder of the database's files; None for a server of somebody else."""
        return self._server.files if isinstance(self._server, LocalConnection) else None

    @property
    def version(self) -> str:
        """The server's version, such as `2026.08.1`; GraphUnavailable when it is not reachable or too old."""
        if self._version is None:
            with translate_errors(self._server, self.place):
                agent = self._driver.get_server_info().agent
            found = re.fullmatch(r"Neo4j/((\d+)\.(\d+)\S*)", agent)
            if not found or (int(found[2]), int(found[3])) < MIN_VERSION:
                raise GraphUnavailable(
                    self.place,
                    f"is {agent}, and a filtered vector search needs Neo4j {MIN_VERSION[0]}.{MIN_VERSION[1]:02}",
                    "Run `isopath up` without NEO4J_URI, or update that server",
                )
            self._version = found[1]
        return self._version

    def rows(self, query: str | Query, **params: object) -> list[Row]:
        """The rows of one reading query, named as in cypher/."""
        return self.read([(query, params)])[0]

    @contextmanager
    def begin_read(self, seconds: float = _LONG_READ_SECONDS) -> Iterator[Transaction]:
        """A read transaction for several queries."""
        with self._transaction(neo4j.READ_ACCESS, seconds) as transaction:
            yield transaction

    def read(self, queries: Sequence[tuple[str | Query, Mapping[str, object]]]) -> list[list[Row]]:
        """The rows of each query, in one transaction."""
        with self._transaction(neo4j.READ_ACCESS, _READ_SECONDS) as transaction:
            return [transaction.rows(query, **params) for query, params in queries]

    def write(self, work: Callable[[Transaction], type_], seconds: float = _WRITE_SECONDS) -> type_:
        """The result of `work`, which runs in a write transaction: committed at its end, rolled back when it raises.

        It is repeated a few times after transient errors such as deadlocks, so `work` must be idempotent.
        """
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                with self._transaction(neo4j.WRITE_ACCESS, seconds) as transaction:
                    return work(transaction)
            except ServerBusy:
                if attempt == _ATTEMPTS:
                    raise
                time.sleep(0.05 * 2**attempt * (1 + random.random()))  # noqa: S311  # spreads writers, guards nothing
        raise AssertionError("the last attempt returns or raises")

    @contextmanager
    def begin_discarded(self, seconds: float = _WRITE_SECONDS) -> Iterator[Transaction]:
        """A write transaction that is rolled back in any case: only its own queries see what it writes.

        Others that write to the same nodes wait for it.
        """
        with self._begin(neo4j.WRITE_ACCESS, seconds) as inner:
            try:
                yield Transaction(self._server, inner, self.queries)
            finally:
                inner.rollback()  # The driver commits an open transaction when its context ends without an error.

    def plan_statement(self, text: str, place: str, seconds: float = _READ_SECONDS) -> QueryPlan:
        """The server's plan for a statement; QueryError when the statement is invalid, or planning takes too long."""
        with (
            translate_errors(self._server, place),
            self._session(neo4j.READ_ACCESS, neo4j.NotificationMinimumSeverity.WARNING) as session,
        ):
            result = session.run(neo4j.Query(f"EXPLAIN {text}", timeout=seconds))
            columns = tuple(result.keys())
            summary = result.consume()
        operators = list(_list_operators(summary.plan or {}))
        return QueryPlan(
            kind=summary.query_type or "",
            columns=columns,
            operators=tuple((name.partition("@")[0], details) for name, details in operators),
            databases=frozenset(name.partition("@")[2] for name, _ in operators),
            warnings=tuple(
                status.status_description
                for status in summary.gql_status_objects
                # Planned without parameters on purpose: no warning that they are missing (01N60).
                if status.is_notification and status.gql_status != "01N60"
            ),
        )

    def read_table(
        self, text: str, params: Mapping[str, object], place: str, max_rows: int, seconds: float
    ) -> ResultTable:
        """The first rows of a reading statement, limited in rows and seconds.

        QueryError for a cell or a table that is too large.
        """
        with translate_errors(self._server, place), self._session(neo4j.READ_ACCESS, fetch_size=_FETCH_SIZE) as session:
            result = session.run(neo4j.Query(text, timeout=seconds), to_params(params))
            rows: list[Row] = []
            held = 0
            for record in result:
                cells = {
                    column: measure_size(value) for column, value in zip(record.keys(), record.values(), strict=True)
                }
                held += sum(cells.values())
                if large := [column for column, cell in cells.items() if cell > LARGEST_CELL]:
                    fault = f"answers with a cell of {cells[large[0]]:,} characters or elements in column {large[0]!r}"
                    raise QueryError(place, fault, "Return its size(...), or a part of it")
                if held > LARGEST_TABLE:
                    fault = f"answers with more than {LARGEST_TABLE:,} characters and elements"
                    raise QueryError(place, fault, "Return less of each row, or fewer rows")
                rows.append(to_row(record))
                if len(rows) > max_rows:
                    break
            return ResultTable(tuple(result.keys()), tuple(rows[:max_rows]), len(rows) > max_rows)

    def _session(
        self,
        mode: str,
        notifications: neo4j.NotificationMinimumSeverity = neo4j.NotificationMinimumSeverity.OFF,
        fetch_size: int = 1_000,
    ) -> neo4j.Session:
        return self._driver.session(
            database=self.database,
            default_access_mode=mode,
            notifications_min_severity=notifications,
            bookmark_manager=self._bookmarks,
            fetch_size=fetch_size,
        )

    @contextmanager
    def _transaction(self, mode: str, seconds: float) -> Iterator[Transaction]:
        with self._begin(mode, seconds) as inner:
            yield Transaction(self._server, inner, self.queries)
            inner.commit()

    @contextmanager
    def _begin(self, mode: str, seconds: float) -> Iterator[neo4j.Transaction]:
        """A transaction that the caller commits or rolls back."""
        _ = self.version  # Raises for an old server, which would refuse queries with a syntax error.
        with (
            translate_errors(self._server, self.place),
            self._session(mode) as session,
            session.begin_transaction(timeout=seconds) as inner,
        ):
            yield inner


def _list_operators(plan: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if plan:
        yield plan["operatorType"], str(plan.get("args", {}).get("Details", ""))
    for child in plan.get("children", ()):
        yield from _list_operators(child)
