"""Work of use cases, done in threads: so much at a time, and no longer than anybody waits for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, TypeVar

import anyio
from anyio.to_thread import run_sync

from api.problems import problem

type_ = TypeVar("type_")
QUEUE: Final = 200
"""Requests that wait for a place at most: more are told to come again."""


@dataclass(frozen=True, slots=True)
class Work:
    """Places where work is done. `doubt` is called when some took too long: something behind it may hang."""

    doubt: Callable[[], None]
    seconds: float = 30.0
    places: int = 4
    _limiters: list[anyio.CapacityLimiter] = field(default_factory=list)

    async def do(self, ask: Callable[[], type_], seconds: float | None = None) -> type_:
        """What `ask` returns; a problem when nobody should wait for it any longer. It then ends by itself."""
        limiter = self._limiter()
        if limiter.statistics().tasks_waiting >= QUEUE:
            raise problem("overloaded", "too many requests wait already", "Send it again in a few seconds")
        try:
            with anyio.fail_after(seconds or self.seconds):
                return await run_sync(ask, abandon_on_cancel=True, limiter=limiter)
        except TimeoutError:
            self.doubt()
            raise problem("timeout", "it took too long and was given up", "Send it again in a few seconds") from None

    def _limiter(self) -> anyio.CapacityLimiter:
        # Made at the first request: a limiter belongs to the event loop that it is made in.
        if not self._limiters:
            self._limiters.append(anyio.CapacityLimiter(self.places))
        return self._limiters[0]
