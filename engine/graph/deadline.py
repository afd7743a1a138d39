"""A deadline that holds whatever the server does."""

from collections.abc import Callable
from concurrent.futures import wait
from typing import Final, TypeVar

from engine.errors import QueryError
from engine.graph.asked import asked

type_ = TypeVar("type_")

_GRACE: Final = 6.0
"""Seconds from a server's own deadline until it must have ended a transaction: it looks every other second."""


class Unstopped(QueryError):
    """A statement that goes on at the server after its deadline."""


def within(seconds: float, place: str, work: Callable[[], type_]) -> type_:
    """What `work` returns, which asks the server to end it after so many seconds; Unstopped when the server does not.

    The work is then left alone, in a thread that ends with its connection.
    """
    answer = asked(work)
    wait([answer], seconds + _GRACE)
    if not answer.done():
        raise Unstopped(
            place,
            f"was to end after {seconds:.0f} seconds, and goes on at the server",
            "Ask for less, and let the server's operator end it",
        )
    return answer.result()
