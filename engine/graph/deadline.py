"""Queries in threads of their own, so that a caller can stop waiting whatever the server does."""

from collections.abc import Callable
from concurrent.futures import Future, wait
from threading import Thread
from typing import Final, TypeVar

from engine.errors import QueryError

type_ = TypeVar("type_")

_GRACE: Final = 6.0
"""Seconds that a server gets beyond its own deadline to end a transaction: it looks every other second."""


class RunawayStatement(QueryError):
    """A statement that the server did not end at its deadline."""


def submit_query(query: Callable[[], type_]) -> Future[type_]:
    """Calls `query` in a daemon thread; the future holds its result or its exception.

    Threads of an executor are no daemons: a server that hangs would keep the process from ending.
    """
    future: Future[type_] = Future()

    def run() -> None:
        try:
            future.set_result(query())
        except BaseException as error:
            future.set_exception(error)

    Thread(target=run, name="isopath-query", daemon=True).start()
    return future


def run_within(seconds: float, place: str, query: Callable[[], type_]) -> type_:
    """The result of `query`, which asks the server to end it after so many seconds.

    RunawayStatement when the server does not. The query is then abandoned, in a thread that ends with its connection.
    """
    future = submit_query(query)
    wait([future], seconds + _GRACE)
    if not future.done():
        raise RunawayStatement(
            place,
            f"was to end after {seconds:.0f} seconds, and goes on at the server",
            "Ask for less, and let the server's operator end it",
        )
    return future.result()
