"""Translates errors of the driver to IsopathErrors, without any text that a person wrote."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from neo4j import exceptions

from engine.errors import GraphUnavailable, QueryError
from engine.graph.connection import Connection


class ServerBusy(GraphUnavailable):
    """A transient error: the transaction can be repeated."""


class ServerGone(GraphUnavailable):
    """The server does not answer, or the connection was lost."""


class StatementFailed(GraphUnavailable):
    """The server failed at one statement, for lack of memory or by an internal error; others work."""


@contextmanager
def translate_errors(server: Connection, place: str) -> Iterator[None]:
    """Raises an IsopathError for any error of the driver. `place` is the query's file, or the server's address."""
    try:
        yield
    except exceptions.AuthError as exc:
        raise GraphUnavailable(
            server.uri,
            f"does not let user '{server.user}' in",
            "Check NEO4J_USER and NEO4J_PASSWORD; for the local server, run `isopath down` and `isopath up`",
        ) from exc
    except exceptions.Neo4jError as exc:
        raise _translate_error(server, place, exc) from _safe_cause(exc)
    except exceptions.DriverError as exc:
        raise ServerGone(
            server.uri, "does not answer", "Run `isopath up`, or check NEO4J_URI and the server behind it"
        ) from exc


def _translate_error(server: Connection, place: str, exc: exceptions.Neo4jError) -> Exception:
    """The IsopathError for an error of the server; its message is left out where it may quote a parameter."""
    code = exc.code or ""
    status = f"{code}, {exc.gql_status}"
    # Concurrent schema changes: IF NOT EXISTS does not see what another transaction is creating.
    racing = code.endswith("EquivalentSchemaRuleAlreadyExists")
    if racing or (exc.is_retryable() and "OutOfMemory" not in code):
        return ServerBusy(server.uri, f"is busy or restarting ({status})", "Wait a moment and try again")
    if "OutOfMemory" in code:
        return StatementFailed(
            server.uri,
            f"has too little memory for {place} ({status})",
            "Ask for less, or give the server more memory (db.memory.transaction.max, server.memory.heap.max_size)",
        )
    if "TransactionTimedOut" in code or code.endswith(("Transaction.Terminated", "LockClientStopped")):
        return QueryError(place, f"took too long and was stopped ({status})", "Ask for less, or for fewer rows")
    # A statement may name another one (USE).
    if code.endswith("DatabaseNotFound") and server.database in (exc.message or ""):
        return GraphUnavailable(server.uri, f"has no database '{server.database}'", "Check NEO4J_DATABASE")
    if code.endswith("IndexNotFound"):
        return GraphUnavailable(server.uri, f"lacks an index that {place} searches", "Run `isopath load`")
    if code.startswith("Neo.ClientError"):
        said = f": {_remove_quotes(exc.message or '')}" if _quotes_no_value(exc) else ""
        return QueryError(place, f"was refused ({status}){said}", "Correct the statement, or run `isopath load`")
    return StatementFailed(server.uri, f"failed at {place} ({status})", "See the server's log, then try again")


def _remove_quotes(message: str) -> str:
    """The server's message without its quotations of the statement, which may hold a person's words.

    Quotations may hold quotes, so everything from the first to the last is removed. The list of expected tokens after
    them is kept.
    """
    said = message.partition("\n")[0]
    listed = re.fullmatch(r"Invalid input (['`\"]).*\1(: expected .*)", said)
    if listed:
        return f"Invalid input{listed[2]}"
    unquoted = re.sub(r"\s*['`\"].*['`\"]|\s*['`\"].*", "", said)
    return re.sub(r"(expression\(s\)): .*(?= \(line )", r"\1", unquoted)


def _quotes_no_value(exc: exceptions.Neo4jError) -> bool:
    """Whether the error arose before parameters were evaluated."""
    return (exc.code or "").endswith((".SyntaxError", ".AccessMode"))


def _safe_cause(exc: exceptions.Neo4jError) -> exceptions.Neo4jError | None:
    """The error to chain, unless its traceback may show a parameter."""
    return exc if _quotes_no_value(exc) else None
