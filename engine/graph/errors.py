"""The driver's errors become ours, here and nowhere else, and without a word that a person wrote."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from neo4j import exceptions

from engine.errors import GraphUnavailable, QueryError
from engine.graph.connection import Connection


class ServerBusy(GraphUnavailable):
    """The server asked to try again."""


class ServerGone(GraphUnavailable):
    """The server does not answer, or went away while it was asked."""


class StatementFailed(GraphUnavailable):
    """The server gave up on one statement, and answers others: too little memory for it, or a fault of its own."""


@contextmanager
def translate_errors(server: Connection, place: str) -> Iterator[None]:
    """Raises our error for any of the driver's. `place` is the query that was asked, or the server's address."""
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
    """Our error for what the server said. Its own words are left out where they may quote a parameter."""
    code = exc.code or ""
    status = f"{code}, {exc.gql_status}"
    # Two who make the schema at once: IF NOT EXISTS looks before the other has it, and sees it the next time.
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
    """What the server said, without what it quotes of the statement: somebody may have typed their words there.

    What is quoted may hold quotes itself, so everything from the first to the last goes. The server's own list of what
    it expected stands behind them, and stays.
    """
    said = message.partition("\n")[0]
    listed = re.fullmatch(r"Invalid input (['`\"]).*\1(: expected .*)", said)
    if listed:
        return f"Invalid input{listed[2]}"
    unquoted = re.sub(r"\s*['`\"].*['`\"]|\s*['`\"].*", "", said)
    return re.sub(r"(expression\(s\)): .*(?= \(line )", r"\1", unquoted)


def _quotes_no_value(exc: exceptions.Neo4jError) -> bool:
    """Whether the server spoke about the statement before it saw a parameter."""
    return (exc.code or "").endswith((".SyntaxError", ".AccessMode"))


def _safe_cause(exc: exceptions.Neo4jError) -> exceptions.Neo4jError | None:
    """The cause to chain: a traceback must not show a parameter either."""
    return exc if _quotes_no_value(exc) else None
