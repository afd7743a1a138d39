"""Clients that are slow, half there, or too many: each is hung up on in time, and others are answered meanwhile."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from http.client import HTTPConnection

import pytest
import uvicorn
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api.connections import PatientProtocol
from engine.server.home import find_free_port

LARGE = 60_000_000


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    await Response(b"x" * (LARGE if scope["path"] == "/large" else 5))(scope, receive, send)


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    for name, value in (("HEAD_SECONDS", 0.4), ("TAKEN_SECONDS", 0.6), ("MOST", 20)):
        monkeypatch.setattr(f"api.connections.{name}", value)
    chosen = find_free_port()
    server = uvicorn.Server(
        uvicorn.Config(app, port=chosen, http=PatientProtocol, ws="none", lifespan="off", log_config=None)
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield chosen
    server.should_exit = True
    thread.join(10)


def opened(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=10)


def is_hung_up(one: socket.socket, seconds: float) -> bool:
    one.settimeout(seconds)
    try:
        return one.recv(1) == b""
    except ConnectionError:
        return True
    except TimeoutError:
        return False


def answered(port: int) -> int:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", "/")
    status = connection.getresponse().status
    connection.close()
    return status


@pytest.mark.parametrize("said", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: a\r\nX-A: b"])
def test_who_does_not_finish_a_request_is_hung_up_on(port: int, said: bytes) -> None:
    with opened(port) as half:
        half.sendall(said)
        assert answered(port) == 200
        assert is_hung_up(half, 5)


def test_a_header_that_comes_byte_by_byte_has_no_more_time(port: int) -> None:
    with opened(port) as slow:
        slow.sendall(b"GET / HTTP/1.1\r\nX-A: ")
        began = time.monotonic()
        with suppress(ConnectionError):
            while time.monotonic() < began + 5:
                slow.sendall(b"a")
                time.sleep(0.05)
    assert time.monotonic() - began < 4


def test_who_does_not_take_its_answer_is_hung_up_on(port: int) -> None:
    with opened(port) as slow:
        slow.sendall(b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
        time.sleep(2)
        assert answered(port) == 200
        taken = 0
        slow.settimeout(5)
        with suppress(ConnectionError):
            while part := slow.recv(1_000_000):
                taken += len(part)
    assert taken < LARGE


def test_one_connection_is_enough_for_requests_with_pauses_between(port: int) -> None:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    for _ in range(3):
        connection.request("GET", "/")
        assert connection.getresponse().read() == b"xxxxx"
        time.sleep(0.6)
    connection.close()


def test_a_flood_of_connections_keeps_nobody_out(port: int) -> None:
    with ExitStack() as flood:
        for _ in range(100):
            flood.enter_context(opened(port))
        assert answered(port) == 200


def test_what_is_no_http_is_told_so_without_a_word_of_it(port: int) -> None:
    with opened(port) as one:
        one.sendall(b"zanzibar quokka\r\n\r\n")
        said = b""
        while part := one.recv(10_000):
            said += part
    head, _, body = said.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400")
    assert b"application/problem+json" in head
    assert json.loads(body)["code"] == "malformed"
    assert b"zanzibar" not in said
