"""Progress as server-sent events: where an answer stands, then the answer or the problem."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable

from starlette.requests import Request
from starlette.responses import StreamingResponse

from api.problems import of_error

MEDIA_TYPE = "text/event-stream"
_QUIET = 10.0
"""Seconds after which a comment is sent, so that nothing between takes the connection for dead."""


def asks_for_events(request: Request) -> bool:
    return MEDIA_TYPE in request.headers.get("accept", "")


def streamed(answer: Callable[[Callable[[str], None]], Awaitable[bytes]]) -> StreamingResponse:
    """Events `progress` ({"at": …}) as `answer` tells them, then one `answer`, or one `problem`."""

    async def events() -> AsyncIterator[bytes]:
        loop, told = asyncio.get_running_loop(), asyncio.Queue[bytes | None]()

        def tell(at: str) -> None:
            loop.call_soon_threadsafe(told.put_nowait, _event("progress", json.dumps({"at": at}).encode()))

        async def run() -> None:
            try:
                told.put_nowait(_event("answer", await answer(tell)))
            except Exception as error:
                told.put_nowait(_event("problem", bytes(of_error(error).response().body)))
            told.put_nowait(None)

        running = asyncio.create_task(run())
        try:
            while True:
                try:
                    event = await asyncio.wait_for(told.get(), _QUIET)
                except TimeoutError:
                    event = b": still here\n\n"
                if event is None:
                    break
                yield event
        finally:
            running.cancel()

    return StreamingResponse(events(), media_type=MEDIA_TYPE, headers={"Cache-Control": "no-store"})


def _event(kind: str, content: bytes) -> bytes:
    # What is sent is JSON on one line, so that one `data` holds it.
    return b"event: " + kind.encode() + b"\ndata: " + content + b"\n\n"
