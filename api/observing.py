"""What the outside sees of requests: headers, one structured log line each, numbers for Prometheus. Never a word."""

from __future__ import annotations

import json
import logging
import re
import sys
import time
import traceback
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final
from uuid import uuid4

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import of_error
from engine.request_id import RequestIdFilter, request_scope

VERSION: Final = "1.0"
"""Of what clients rely on; it stands in every answer (`Isopath-Version`), and api/CHANGELOG.md tells what changed."""
_LOG = logging.getLogger("api.requests")
_ID: Final = re.compile(r"[0-9a-f]{8}(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12}")
"""A UUID: whatever else a client sends as an id of a request could be anybody's words."""
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "interest-cohort=()",
    "Isopath-Version": VERSION,
}


@dataclass(frozen=True, slots=True)
class Numbers:
    """What Prometheus reads: how many requests of which kind, how long they took, and whether the graph is there."""

    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    requests: Counter = field(init=False)
    seconds: Histogram = field(init=False)
    outcomes: Counter = field(init=False)
    ready: Gauge = field(init=False)

    def __post_init__(self) -> None:
        place = object.__setattr__
        names = ("method", "route", "status")
        place(self, "requests", Counter("isopath_requests", "Requests answered", names, registry=self.registry))
        buckets = (0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30)
        place(self, "seconds", Histogram("isopath_request_seconds", "Seconds until a request was answered", ("route",),
                                         registry=self.registry, buckets=buckets))  # fmt: skip
        place(self, "outcomes", Counter("isopath_outcomes", "Answers by outcome", ("outcome",), registry=self.registry))
        place(self, "ready", Gauge("isopath_ready", "1 while journeys can be planned", registry=self.registry))


@dataclass(frozen=True, slots=True)
class Observed:
    """The outermost layer: an id for every request, headers for every answer, and an answer to every fault."""

    app: ASGIApp
    numbers: Numbers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = dict(scope["headers"]).get(b"x-request-id", b"").decode("latin-1").lower()
        scope.setdefault("state", {})
        began, status = time.perf_counter(), 0

        async def sent(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in {**HEADERS, "X-Request-ID": id_}.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        with request_scope(given if _ID.fullmatch(given) else str(uuid4())) as id_:
            try:
                await self.app(scope, receive, sent)
            except Exception as error:
                _LOG.error("fault: %s at %s", type(error).__name__, _place_of(error))
                if status == 0:
                    await of_error(error).response()(scope, receive, sent)
            finally:
                self._note(scope, status, time.perf_counter() - began)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        # The pattern of the route, never the path: a path can hold anything.
        route = getattr(scope.get("route"), "path", None) or "(none)"
        method = scope["method"] if scope["method"] in _METHODS else "(other)"
        outcome = scope["state"].get("outcome")
        self.numbers.requests.labels(method, route, str(status)).inc()
        self.numbers.seconds.labels(route).observe(seconds)
        if outcome is not None:
            self.numbers.outcomes.labels(outcome).inc()
        facts = {"method": method, "route": route, "status": status, "ms": round(1000 * seconds, 1), "outcome": outcome}
        _LOG.info("request", extra={"facts": facts})


class Lines(logging.Formatter):
    """A JSON object a line: when, how grave, who says it, for which request, what."""

    def format(self, record: logging.LogRecord) -> str:
        told = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "request_id": getattr(record, "request_id", "-"),
            "message": record.getMessage(),
        }
        if record.exc_info and record.exc_info[1] is not None:
            # Its message may hold anything: its kind and its place are enough.
            told["fault"] = f"{type(record.exc_info[1]).__name__} at {_place_of(record.exc_info[1])}"
        return json.dumps(told | getattr(record, "facts", {}), ensure_ascii=False)


def log_lines(level: str) -> None:
    """Shows our records, and the warnings of the server, as JSON lines on standard error; no other library's."""
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(RequestIdFilter())
    handler.setFormatter(Lines())
    for name, least in (("api", level), ("engine", level), ("encoders", level), ("uvicorn.error", "WARNING")):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [handler], False
        logger.setLevel(least)


def _place_of(error: BaseException) -> str:
    """Where it was raised: file and line, without what stood in it."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno}" if frames else "?"
