"""What a process remembers for an hour, in memory alone: journeys for a replan, and answers for a repeated request."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Generic, TypeVar

from api.problems import problem

type_ = TypeVar("type_")
HOUR = 3600.0


class Recent(Generic[type_]):
    """Values by key: the last so many, each for so many seconds."""

    def __init__(self, most: int, seconds: float = HOUR) -> None:
        self._most, self._seconds = most, seconds
        self._held: OrderedDict[str, tuple[float, type_]] = OrderedDict()
        self._lock = Lock()

    def put(self, key: str, value: type_) -> None:
        with self._lock:
            self._held[key] = time.monotonic(), value
            self._held.move_to_end(key)
            self._forget_old()

    def get(self, key: str) -> type_ | None:
        with self._lock:
            self._forget_old()
            found = self._held.get(key)
            return found[1] if found else None

    def drop(self, key: str) -> bool:
        with self._lock:
            return self._held.pop(key, None) is not None

    def drop_where(self, is_meant: Callable[[type_], bool]) -> None:
        with self._lock:
            for key in [key for key, (_, value) in self._held.items() if is_meant(value)]:
                del self._held[key]

    def take(self, key: str, value: type_) -> type_ | None:
        """What stands there; where nothing does, the value is put there and None comes back."""
        with self._lock:
            self._forget_old()
            if key in self._held:
                return self._held[key][1]
            self._held[key] = time.monotonic(), value
            return None

    def _forget_old(self) -> None:
        before = time.monotonic() - self._seconds
        while self._held and (len(self._held) > self._most or next(iter(self._held.values()))[0] < before):
            self._held.popitem(last=False)


@dataclass(frozen=True, slots=True)
class Repeatable:
    """An answer under an idempotency key: of which request, and what it was once it is there."""

    body: bytes
    """Keyed hash."""
    answer: bytes | None = None
    id: str | None = None
    """Of the journey that was answered."""


class Repeated:
    """Answers to requests with an idempotency key. Bodies are compared by a hash whose key dies with the process."""

    def __init__(self) -> None:
        self._secret = secrets.token_bytes(32)
        self._answers: Recent[Repeatable] = Recent(2_000)

    def begin(self, whose: str, key: str, body: bytes) -> tuple[str, Repeatable | None]:
        """The name of this request, and its answer where it was answered before.

        A problem where the key was used for another body, or the same request is still being answered.
        """
        name = self._hash(f"{whose}\n{key}".encode()).hex()
        fresh = Repeatable(self._hash(body))
        before = self._answers.take(name, fresh)
        if before is None:
            return name, None
        if not hmac.compare_digest(before.body, fresh.body):
            fault = "the idempotency key was used for a request with another body"
            raise problem("idempotency_mismatch", fault, "Use a new key for a new request", "Idempotency-Key")
        if before.answer is None:
            raise problem("in_progress", "the same request is being answered", "Wait for its answer", Retry_After="1")
        return name, before

    def end(self, name: str, body: bytes, answer: bytes | None, id_: str | None) -> None:
        """Notes the answer; without one the request may be sent again."""
        if answer is None:
            self._answers.drop(name)
        else:
            self._answers.put(name, Repeatable(self._hash(body), answer, id_))

    def forget(self, id_: str) -> None:
        """Forgets what was answered with this journey."""
        self._answers.drop_where(lambda held: held.id == id_)

    def _hash(self, content: bytes) -> bytes:
        return hmac.new(self._secret, content, hashlib.sha256).digest()
