"""A query on its way: whoever asked may stop waiting for it, whatever the server does."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread
from typing import TypeVar

type_ = TypeVar("type_")


def asked(ask: Callable[[], type_]) -> Future[type_]:
    """What `ask` returns or raises, some time. A server that hangs holds up nobody, not even the end of the process:
    the thread that waits for it is a daemon, which an executor's threads are not."""
    answer: Future[type_] = Future()

    def run() -> None:
        try:
            answer.set_result(ask())
        except BaseException as error:
            answer.set_exception(error)

    Thread(target=run, name="isopath-asked", daemon=True).start()
    return answer
