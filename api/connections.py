"""Connections that cost nothing while nothing comes: who sends no request, or takes no answer, is hung up on."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any, Final

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from api.observing import HEADERS
from api.problems import problem

HEAD_SECONDS: Final = 10.0
"""From the first moment of a connection, or the first byte of a further request, until its headers are there."""
TAKEN_SECONDS: Final = 30.0
"""Until a client takes up reading again what it is sent."""
MOST: Final = 800
"""Open connections: a process may commonly have 1,024 files. One more takes the place of one that asks nothing."""


class PatientProtocol(H11Protocol):
    """HTTP over one connection, with an end to waiting in every direction, and refusals that are problems."""

    _head: asyncio.TimerHandle | None = None
    _taken: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        if len(self.connections) > MOST:
            next(self._idle(), self)._hang_up()
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.transport.is_closing() or self.conn.their_state is not h11.IDLE:
            _cancel(self._head)
            self._head = None
        elif self._head is None:
            self._await_head()

    def pause_writing(self) -> None:
        super().pause_writing()
        _cancel(self._taken)
        self._taken = self.loop.call_later(TAKEN_SECONDS, self._hang_up)

    def resume_writing(self) -> None:
        super().resume_writing()
        _cancel(self._taken)

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002  # uvicorn's words, which may come from the client
        """What is no HTTP is told as every other fault is."""
        if self.conn.our_state not in (h11.IDLE, h11.SEND_RESPONSE):
            self.transport.close()
            return
        told = problem("malformed", "it is no HTTP request that can be read", "Send it as HTTP/1.1").response()
        headers = [*told.raw_headers, *((n.lower().encode(), v.encode()) for n, v in HEADERS.items())]
        head = h11.Response(status_code=told.status_code, headers=[*headers, (b"connection", b"close")])
        for event in (head, h11.Data(data=bytes(told.body)), h11.EndOfMessage()):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    @property
    def _answers(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _await_head(self) -> None:
        self._head = self.loop.call_later(HEAD_SECONDS, self._hang_up)

    def _idle(self) -> Iterator[PatientProtocol]:
        """Other connections on which nothing is being answered."""
        for one in list(self.connections):
            if isinstance(one, PatientProtocol) and one is not self and not one._answers:
                yield one

    def _hang_up(self) -> None:
        self._stop_waiting()
        self.transport.abort()

    def _stop_waiting(self) -> None:
        _cancel(self._head)
        _cancel(self._taken)


def _cancel(timer: asyncio.TimerHandle | None) -> None:
    if timer is not None:
        timer.cancel()
