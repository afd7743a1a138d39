"""Who may ask what, and how often."""

from __future__ import annotations

import math
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from threading import Lock

from fastapi import Request, Security
from fastapi.security import HTTPBearer
from starlette.requests import HTTPConnection

from api.problems import problem
from engine.keys import RATE, Keyring

BEARER = HTTPBearer(auto_error=False, description="`isopath key create` makes keys.")
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
"""Names under which this machine asks itself."""
ANYBODY = "-"
"""Whose a request without a key is, where none is needed."""


@dataclass(slots=True)
class Bucket:
    """Requests that one key has left; they come back as time goes by."""

    rate: int
    """A minute."""
    left: float
    at: float

    def take(self, now: float) -> float:
        """Takes one; 0 when there was one, else the seconds until there is."""
        self.left = min(float(self.rate), self.left + (now - self.at) * self.rate / 60)
        self.at = now
        if self.left < 1:
            return (1 - self.left) * 60 / self.rate
        self.left -= 1
        return 0.0


@dataclass(frozen=True, slots=True)
class Access:
    """The keys that open the service. Without any, on loopback, everybody of this machine may ask everything."""

    keys: Keyring
    needs_key: bool
    """Where the service can be reached from other machines a key is needed even when there is none any more."""
    share: float = 1.0
    """What part of each key's rate this process grants: one of several workers grants its own."""
    _buckets: dict[str, Bucket] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def admit(self, connection: HTTPConnection, scope: str | None) -> str:
        """Whose request it is: the id of a key that opens `scope` (None: any key). A problem where there is none."""
        given = connection.headers.get("authorization", "")
        if not given and not self.needs_key and not self.keys:
            if connection.url.hostname not in LOOPBACK:
                # A page in a browser of this machine may have its own name lead here (DNS rebinding).
                raise problem("forbidden", "it is asked under another name than this machine's own", "Ask 127.0.0.1")
            return self._counted(ANYBODY, 100 * RATE)
        kind, _, token = given.partition(" ")
        key = self.keys.find(token.strip()) if kind.lower() == "bearer" else None
        if key is None:
            fault = "no key was given" if not given else "the key is none, or was revoked"
            raise problem(
                "unauthorized", fault, "Send Authorization: Bearer KEY; `isopath key create` makes one",
                WWW_Authenticate="Bearer",
            )  # fmt: skip
        if scope is not None and not key.opens(scope):
            repair = f"Use a key with the scope {scope}; `isopath key create --scope {scope}` makes one"
            raise problem("forbidden", f"the key does not open {scope}", repair)
        return self._counted(key.id, key.rate)

    def _counted(self, whose: str, rate: int) -> str:
        granted = max(1, round(rate * self.share))
        with self._lock:
            now = time.monotonic()
            bucket = self._buckets.setdefault(whose, Bucket(granted, granted, now))
            wait = bucket.take(now)
        if wait:
            fault = f"the key may send {granted} requests a minute"
            raise problem("rate_limited", fault, "Wait, then send it again", Retry_After=str(math.ceil(wait)))
        return whose


def needs(scope: str | None) -> Callable[..., Awaitable[str]]:
    """A dependency that lets in who holds a key for the scope; it gives whose the request is."""

    async def admit(request: Request, _: object = Security(BEARER)) -> str:
        access: Access = request.app.state.service.access
        return access.admit(request, scope)

    return admit
