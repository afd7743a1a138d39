"""Which request a log record belongs to. Records hold lengths, counts and ids of ours, never what a person wrote."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import uuid4

_REQUEST_ID: ContextVar[str | None] = ContextVar("request_id", default=None)


@contextmanager
def request_scope(id_: str | None = None) -> Iterator[str]:
    """Gives what is logged inside the id of one request: the id given, else the one around it, else a new one."""
    chosen = id_ or _REQUEST_ID.get() or uuid4().hex[:12]
    token = _REQUEST_ID.set(chosen)
    try:
        yield chosen
    finally:
        _REQUEST_ID.reset(token)


class RequestIdFilter(logging.Filter):
    """Puts `request_id` into every record that passes, "-" outside a request. For the handlers of an application."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = _REQUEST_ID.get() or "-"
        return True
