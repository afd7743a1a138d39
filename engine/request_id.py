"""Adds the id of a request to log records. Records hold lengths, counts and ids, never a person's text."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import uuid4

_REQUEST_ID: ContextVar[str | None] = ContextVar("request_id", default=None)


@contextmanager
def request_scope(id_: str | None = None) -> Iterator[str]:
    """Sets the request id for records logged inside: the given one, else that of an outer scope, else a new one."""
    chosen = id_ or _REQUEST_ID.get() or uuid4().hex[:12]
    token = _REQUEST_ID.set(chosen)
    try:
        yield chosen
    finally:
        _REQUEST_ID.reset(token)


class RequestIdFilter(logging.Filter):
    """A filter for handlers that adds `request_id` to every record, "-" outside a request."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = _REQUEST_ID.get() or "-"
        return True
