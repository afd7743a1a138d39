"""A graph: what it can be asked, and how."""

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
from engine.graph.connection import Connection, Own
from engine.graph.driver import open_driver
from engine.graph.refusals import Busy, translated
from engine.graph.values import Row, size, to_params, to_row
from engine.queries import Queries, Query
from engine.settings import CYPHER_DIR

type_ = TypeVar("type_")

OLDEST: Final = (2026, 8)
"""Filtered SEARCH was measured on this version; an older server answers it with a syntax error, or not as meant."""

_READ_SECONDS: Final = 30.0
_LONG_READ_SECONDS: Final = 110.0
_WRITE_SECONDS: Final = 1800.0
_ATTEMPTS: Final = 4
_FETCHED: Final = 50
"""Rows that the server sends at once where they may be large."""
LARGEST_CELL: Final = 1_000_000
"""Characters and elements that one cell of a table may hold."""
LARGEST_TABLE: Final = 10_000_000
"""Those of all cells together."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What the server would do for a statement, asked without doing it."""

    kind: str
    """`r` reads, `w` and `rw` write, `s` changes the schema or the server."""
    columns: tuple[str, ...]
    operators: tuple[tuple[str, str], ...]
    """Each operator with its details (for a procedure call: its signature)."""
    databases: frozenset[str]
    """Where it would do it: a USE clause can name another database than ours."""
    warnings: tuple[str, ...]
    """What the server thinks odd, such as a label that the graph does not have."""


@dataclass(frozen=True, slots=True)
class Table:
    """The first rows of an answer."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    more: bool
    """There were more rows than these."""


class Answers(Protocol):
    """Whoever answers queries with rows: a graph, one transaction a query, or one transaction for several."""

    def rows(self, query: str | Query, **params: object) -> list[Row]:
        """The rows of one query, given by its name in cypher/."""
        ...


class Transaction:
    """Several queries that see one state of the graph; what they write comes true together or not at all."""

    def __init__(self, server: Connection, inner: neo4j.Transaction, queries: Queries) -> None:
        self._server = server
        self._inner = inner
        self.queries = queries

    def rows(self, query: str | Query, **params: object) -> list[Row]:
        """The rows of one query, given by its name in cypher/; QueryError when there is none of this name, when the
        server refuses it or when the params are not those promised."""
        query = self.queries[query] if isinstance(query, str) else query
        promised = {param.name for param in query.params}
        faults = [f"is not given '{name}'" for name in sorted(promised - params.keys())]
        faults += [f"is given '{name}', which it does not promise" for name in sorted(params.keys() - promised)]
        if faults:
            repair = "Give exactly the params that its first lines promise"
            raise QueryError.of([(f"cypher/{query.name}.cypher", fault, repair) for fault in faults])
        with translated(self._server, f"cypher/{query.name}.cypher"):
            result = self._inner.run(query.text, to_params(params))
            return [to_row(record) for record in result]


class Graph:
    """A Neo4j that holds the ontology and the tracks, with the queries that can be asked of it. Connects when first
    asked."""

    def __init__(self, driver: neo4j.Driver, connection: Connection, queries: Queries) -> None:
        self._driver = driver
        self._server = connection
        self.queries = queries
        self.database = connection.database
        self.place = connection.uri
        """The address, for messages."""
        self._version: str | None = None
        # In a cluster, a read may reach a member that has not heard of our last write: bookmarks make it wait.
        self._bookmarks = neo4j.GraphDatabase.bookmark_manager()

    @classmethod
    def connect(cls, connection: Connection, queries: Queries | None = None) -> Self:
        """A graph behind an address, with these queries or those of cypher/.

        Says nothing to the server yet: the first query finds out whether it is there.
        """
        driver = open_driver(
            connection,
            connection_timeout=5.0,
            connection_acquisition_timeout=10.0,
            # A connection that lay idle may belong to a server that has since been restarted.
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
        """Hang up. The server stays."""
        self._driver.close()

    @property
    def files(self) -> Path | None:
        """The folder of the database's files; None where the server is somebody else's."""
        return self._server.files if isinstance(self._server, Own) else None

    @property
    def version(self) -> str:
        """The server's version, such as `2026.08.1`; GraphUnavailable when it is not there or too old."""
        if self._version is None:
            with translated(self._server, self.place):
                agent = self._driver.get_server_info().agent
            found = re.fullmatch(r"Neo4j/((\d+)\.(\d+)\S*)", agent)
            if not found or (int(found[2]), int(found[3])) < OLDEST:
                raise GraphUnavailable(
                    self.place,
                    f"is {agent}, and a filtered vector search needs Neo4j {OLDEST[0]}.{OLDEST[1]:02}",
                    "Run `isopath up` without NEO4J_URI, or update that server",
                )
            self._version = found[1]
        return self._version

    def rows(self, query: str | Query, **params: object) -> list[Row]:
        """The rows of one query that only reads, given by its name in cypher/."""
        return self.read([(query, params)])[0]

    @contextmanager
    def reading(self, seconds: float = _LONG_READ_SECONDS) -> Iterator[Transaction]:
        """One read transaction for a chain of queries, each of which may depend on the rows of those before it."""
        with self._transaction(neo4j.READ_ACCESS, seconds) as transaction:
            yield transaction

    def read(self, asked: Sequence[tuple[str | Query, Mapping[str, object]]]) -> list[list[Row]]:
        """The rows of each query, all from one state of the graph."""
        with self._transaction(neo4j.READ_ACCESS, _READ_SECONDS) as transaction:
            return [transaction.rows(query, **params) for query, params in asked]

    def write(self, work: Callable[[Transaction], type_], seconds: float = _WRITE_SECONDS) -> type_:
        """What `work` returns, after all that it wrote came true at once; nothing did when it raises.

        Tried again, a few times, when the server asks for it (two writers in each other's way): `work` must not
        mind being called more than once.
        """
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                with self._transaction(neo4j.WRITE_ACCESS, seconds) as transaction:
                    return work(transaction)
            except Busy:
                if attempt == _ATTEMPTS:
                    raise
                time.sleep(0.05 * 2**attempt * (1 + random.random()))  # noqa: S311  # spreads writers, guards nothing
        raise AssertionError("the last attempt returns or raises")

    @contextmanager
    def supposing(self, seconds: float = _WRITE_SECONDS) -> Iterator[Transaction]:
        """A transaction that sees what it writes, and that nobody else ever does: its end takes everything back.

        Whoever would write to the same nodes waits for it.
        """
        with self._begun(neo4j.WRITE_ACCESS, seconds) as inner:
            try:
                yield Transaction(self._server, inner, self.queries)
            finally:
                inner.rollback()  # The driver commits what is left open when its context ends without an error.

    def plan(self, text: str, place: str, seconds: float = _READ_SECONDS) -> Plan:
        """What the server would do for a statement; QueryError when it cannot be understood, or not in time."""
        with (
            translated(self._server, place),
            self._session(neo4j.READ_ACCESS, neo4j.NotificationMinimumSeverity.WARNING) as session,
        ):
            result = session.run(neo4j.Query(f"EXPLAIN {text}", timeout=seconds))
            columns = tuple(result.keys())
            summary = result.consume()
        operators = list(_operators(summary.plan or {}))
        return Plan(
            kind=summary.query_type or "",
            columns=columns,
            operators=tuple((name.partition("@")[0], details) for name, details in operators),
            databases=frozenset(name.partition("@")[2] for name, _ in operators),
            warnings=tuple(
                status.status_description
                for status in summary.gql_status_objects
                # Asked without parameters on purpose: that they are missing (01N60) is no news.
                if status.is_notification and status.gql_status != "01N60"
            ),
        )

    def table(self, text: str, params: Mapping[str, object], place: str, most: int, seconds: float) -> Table:
        """The first rows of a statement that only reads, stopped after so many rows or seconds.

        QueryError for a cell, or a table, that is too large to be of use to anybody.
        """
        with translated(self._server, place), self._session(neo4j.READ_ACCESS, fetched=_FETCHED) as session:
            result = session.run(neo4j.Query(text, timeout=seconds), to_params(params))
            rows: list[Row] = []
            held = 0
            for record in result:
                cells = {column: size(value) for column, value in zip(record.keys(), record.values(), strict=True)}
                held += sum(cells.values())
                if large := [column for column, cell in cells.items() if cell > LARGEST_CELL]:
                    fault = f"answers with a cell of {cells[large[0]]:,} characters or elements in column {large[0]!r}"
                    raise QueryError(place, fault, "Return its size(...), or a part of it")
                if held > LARGEST_TABLE:
                    fault = f"answers with more than {LARGEST_TABLE:,} characters and elements"
                    raise QueryError(place, fault, "Return less of each row, or fewer rows")
                rows.append(to_row(record))
                if len(rows) > most:
                    break
            return Table(tuple(result.keys()), tuple(rows[:most]), len(rows) > most)

    def _session(
        self,
        mode: str,
        notifications: neo4j.NotificationMinimumSeverity = neo4j.NotificationMinimumSeverity.OFF,
        fetched: int = 1_000,
    ) -> neo4j.Session:
        return self._driver.session(
            database=self.database,
            default_access_mode=mode,
            notifications_min_severity=notifications,
            bookmark_manager=self._bookmarks,
            fetch_size=fetched,
        )

    @contextmanager
    def _transaction(self, mode: str, seconds: float) -> Iterator[Transaction]:
        with self._begun(mode, seconds) as inner:
            yield Transaction(self._server, inner, self.queries)
            inner.commit()

    @contextmanager
    def _begun(self, mode: str, seconds: float) -> Iterator[neo4j.Transaction]:
        """A transaction, which whoever asks for it ends."""
        _ = self.version  # too old a server is told apart from a query it does not understand
        with (
            translated(self._server, self.place),
            self._session(mode) as session,
            session.begin_transaction(timeout=seconds) as inner,
        ):
            yield inner


def _operators(plan: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if plan:
        yield plan["operatorType"], str(plan.get("args", {}).get("Details", ""))
    for child in plan.get("children", ()):
        yield from _operators(child)


def _names(names: set[str]) -> str:
    return ", ".join(f"'{name}'" for name in sorted(names))
