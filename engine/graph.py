"""The door to Neo4j: the only module that knows its driver."""

import logging
import random
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, Protocol, Self, TypeVar

import neo4j
import numpy as np
from neo4j import exceptions
from neo4j.vector import Vector

from engine.errors import GraphUnavailable, QueryError
from engine.queries import Query

type_ = TypeVar("type_")
Row = dict[str, Any]

OLDEST: Final = (2026, 8)
"""Filtered SEARCH was measured on this version; an older server answers it with a syntax error, or not as meant."""

_READ_SECONDS: Final = 30.0
_WRITE_SECONDS: Final = 1800.0
_ATTEMPTS: Final = 4


class Connection(Protocol):
    """Where a Neo4j listens and who we are to it."""

    @property
    def uri(self) -> str: ...
    @property
    def user(self) -> str: ...
    @property
    def password(self) -> str: ...
    @property
    def database(self) -> str: ...


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


class Transaction:
    """Several queries that see one state of the graph; what they write comes true together or not at all."""

    def __init__(self, graph: "Graph", inner: neo4j.Transaction) -> None:
        self._graph = graph
        self._inner = inner

    def rows(self, query: Query, **params: object) -> list[Row]:
        """The rows of one query; QueryError when the server refuses it or the params are not those promised."""
        given, promised = set(params), {param.name for param in query.params}
        if given != promised:
            raise QueryError(
                f"cypher/{query.name}.cypher",
                f"was given {_names(given - promised) or 'nothing more'} and not {_names(promised - given) or 'less'}",
                "Give exactly the params that its first lines promise",
            )
        with self._graph.translated(f"cypher/{query.name}.cypher"):
            result = self._inner.run(query.text, _native_params(params))
            return [{key: _native(value) for key, value in record.data().items()} for record in result]


class Graph:
    """A Neo4j that holds the ontology and the tracks. Connects when first asked."""

    def __init__(self, driver: neo4j.Driver, connection: Connection) -> None:
        self._driver = driver
        self.database = connection.database
        self._user = connection.user
        self.place = connection.uri
        """The address, for messages."""
        self._version: str | None = None

    @classmethod
    def connect(cls, connection: Connection) -> Self:
        """A graph behind an address. Says nothing to the server yet: the first query finds out whether it is there."""
        # At debug level the driver logs every parameter, and a parameter may hold what a person declared.
        logging.getLogger("neo4j").setLevel(logging.ERROR)
        try:
            driver = neo4j.GraphDatabase.driver(
                connection.uri,
                auth=(connection.user, connection.password),
                connection_timeout=5.0,
                connection_acquisition_timeout=10.0,
                # A connection that lay idle may belong to a server that has since been restarted.
                liveness_check_timeout=20.0,
                notifications_min_severity=neo4j.NotificationMinimumSeverity.OFF,
                warn_notification_severity=neo4j.NotificationMinimumSeverity.OFF,
                user_agent="isopath",
            )
        except (exceptions.ConfigurationError, ValueError) as exc:
            raise GraphUnavailable(
                connection.uri, "is not an address of a Neo4j", "Write it as bolt://host:7687 in NEO4J_URI"
            ) from exc
        return cls(driver, connection)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Hang up. The server stays."""
        self._driver.close()

    @property
    def version(self) -> str:
        """The server's version, such as `2026.08.1`; GraphUnavailable when it is not there or too old."""
        if self._version is None:
            with self.translated(self.place):
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

    def rows(self, query: Query, **params: object) -> list[Row]:
        """The rows of one query that only reads."""
        return self.read([(query, params)])[0]

    def read(self, asked: Sequence[tuple[Query, Mapping[str, object]]]) -> list[list[Row]]:
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
            except _Busy:
                if attempt == _ATTEMPTS:
                    raise
                time.sleep(0.05 * 2**attempt * (1 + random.random()))  # noqa: S311  # spreads writers, guards nothing
        raise AssertionError("the last attempt returns or raises")

    def plan(self, text: str, place: str) -> Plan:
        """What the server would do for a statement; QueryError when it cannot be understood."""
        with (
            self.translated(place),
            self._session(neo4j.READ_ACCESS, neo4j.NotificationMinimumSeverity.WARNING) as session,
        ):
            result = session.run(neo4j.Query(f"EXPLAIN {text}", timeout=_READ_SECONDS))
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
        """The first rows of a statement that only reads, stopped after so many rows or seconds."""
        with self.translated(place), self._session(neo4j.READ_ACCESS) as session:
            result = session.run(neo4j.Query(text, timeout=seconds), _native_params(params))
            rows = [{key: _native(value) for key, value in record.data().items()} for record in result.fetch(most + 1)]
            return Table(tuple(result.keys()), tuple(rows[:most]), len(rows) > most)

    def _session(
        self,
        mode: str,
        notifications: neo4j.NotificationMinimumSeverity = neo4j.NotificationMinimumSeverity.OFF,
    ) -> neo4j.Session:
        return self._driver.session(
            database=self.database, default_access_mode=mode, notifications_min_severity=notifications
        )

    @contextmanager
    def _transaction(self, mode: str, seconds: float) -> Iterator[Transaction]:
        _ = self.version  # too old a server is told apart from a query it does not understand
        with (
            self.translated(self.place),
            self._session(mode) as session,
            session.begin_transaction(timeout=seconds) as inner,
        ):
            yield Transaction(self, inner)
            inner.commit()

    @contextmanager
    def translated(self, place: str) -> Iterator[None]:
        """Errors of the driver become ours. `place` is the query that was asked, or the server."""
        try:
            yield
        except exceptions.AuthError as exc:
            raise GraphUnavailable(
                self.place,
                f"does not let user '{self._user}' in",
                "Check NEO4J_USER and NEO4J_PASSWORD; for the local server, run `isopath down` and `isopath up`",
            ) from exc
        except exceptions.Neo4jError as exc:
            raise self._refused(place, exc) from _safe_cause(exc)
        except exceptions.DriverError as exc:
            raise GraphUnavailable(
                self.place, "does not answer", "Run `isopath up`, or check NEO4J_URI and the server behind it"
            ) from exc

    def _refused(self, place: str, exc: exceptions.Neo4jError) -> Exception:
        """Our error for what the server said. Its own words are left out where they may quote a parameter."""
        code = exc.code or ""
        status = f"{code}, {exc.gql_status}"
        if exc.is_retryable() and "OutOfMemory" not in code:
            return _Busy(self.place, f"is busy or restarting ({status})", "Wait a moment and try again")
        if "OutOfMemory" in code:
            return GraphUnavailable(
                self.place,
                f"has too little memory for {place} ({status})",
                "Give the server more heap (server.memory.heap.max_size), or ask for less",
            )
        if "TransactionTimedOut" in code or code.endswith(("Transaction.Terminated", "LockClientStopped")):
            return QueryError(place, f"took too long and was stopped ({status})", "Ask for less, or for fewer rows")
        if code.endswith("DatabaseNotFound"):
            return GraphUnavailable(self.place, f"has no database '{self.database}'", "Check NEO4J_DATABASE")
        if code.endswith("IndexNotFound"):
            return GraphUnavailable(self.place, f"lacks an index that {place} searches", "Run `isopath load`")
        if code.startswith("Neo.ClientError"):
            said = f": {exc.message}" if _quotes_no_value(exc) else ""
            return QueryError(place, f"was refused ({status}){said}", "Correct the statement, or run `isopath load`")
        return GraphUnavailable(self.place, f"failed at {place} ({status})", "See the server's log, then try again")


class _Busy(GraphUnavailable):
    """The server asked to try again."""


def take_over(connection: Connection, first_password: str, seconds: float) -> bool:
    """Whether the server takes the connection's password, which replaces `first_password` where that still holds.

    A server that has just begun to answer is given up to `seconds` to become ready; then GraphUnavailable.
    """
    deadline = time.monotonic() + seconds
    while True:
        try:
            return _enters(connection) or (_replace_password(connection, first_password) and _enters(connection))
        except (exceptions.DriverError, exceptions.Neo4jError) as exc:
            if time.monotonic() > deadline:
                raise GraphUnavailable(
                    connection.uri,
                    f"answers and does not become ready ({type(exc).__name__})",
                    "Run `isopath down` and `isopath up`, and read the server's log",
                ) from None
            time.sleep(0.2)


def _enters(connection: Connection) -> bool:
    try:
        with neo4j.GraphDatabase.driver(connection.uri, auth=(connection.user, connection.password)) as driver:
            driver.execute_query("RETURN 1", database_=connection.database)
    except exceptions.AuthError:
        return False
    return True


def _replace_password(connection: Connection, first: str) -> bool:
    # Over Bolt: the server's own command for it would show the password in the list of processes.
    statement = "ALTER CURRENT USER SET PASSWORD FROM $first TO $second"
    try:
        with neo4j.GraphDatabase.driver(connection.uri, auth=(connection.user, first)) as driver:
            driver.execute_query(statement, first=first, second=connection.password, database_="system")
    except exceptions.AuthError:
        return False
    return True


def as_vector(values: np.ndarray[Any, np.dtype[np.floating[Any]]]) -> Vector:
    """A vector as it travels fastest: float32 bytes instead of a list of numbers (ten times the tracks a second)."""
    return Vector.from_numpy(np.ascontiguousarray(values, dtype=np.float32))


def _quotes_no_value(exc: exceptions.Neo4jError) -> bool:
    """Whether the server spoke about the statement before it saw a parameter."""
    return (exc.code or "").endswith((".SyntaxError", ".AccessMode", ".ParameterMissing"))


def _safe_cause(exc: exceptions.Neo4jError) -> exceptions.Neo4jError | None:
    """The cause to chain: a traceback must not show a parameter either."""
    return exc if _quotes_no_value(exc) else None


def _operators(plan: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if plan:
        yield plan["operatorType"], str(plan.get("args", {}).get("Details", ""))
    for child in plan.get("children", ()):
        yield from _operators(child)


def _names(names: set[str]) -> str:
    return ", ".join(f"'{name}'" for name in sorted(names))


def _native_params(params: Mapping[str, object]) -> dict[str, object]:
    return {name: _plain(value) for name, value in params.items()}


def _plain(value: object) -> object:
    """A parameter without numpy in it; vectors that travel as bytes stay as they are."""
    if isinstance(value, str | float | int | bool | None | Vector) and not isinstance(value, np.generic):
        return value
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value


def _native(value: Any) -> Any:
    """An answer without the driver's own types in it."""
    if isinstance(value, str | float | int | bool | None):
        return value
    if isinstance(value, list):
        return [_native(inner) for inner in value]
    if isinstance(value, dict):
        return {key: _native(inner) for key, inner in value.items()}
    if isinstance(value, neo4j.time.DateTime | neo4j.time.Date | neo4j.time.Time):
        return value.to_native()
    if isinstance(value, Vector):
        return value.to_native()
    return value
