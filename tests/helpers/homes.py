"""Homes of a server in tests, and programs that stand where a server or its port is expected."""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self

import psutil

from engine.queries import Promise, Query
from engine.server.home import Home
from engine.server.jars import MAIN_CLASS
from engine.settings import Settings
from tests.conftest import GIVEN


def settings_at(home: Path) -> Settings:
    return Settings(home=home, cache=GIVEN.cache, java_home=GIVEN.java_home)


def nobody_should_start(_: str) -> None:
    raise AssertionError("a server was started")


def note_as_answering(home: Home, pid: int) -> None:
    home.answering_file.write_text(f"{pid} {psutil.Process(pid).create_time()}\n")


class pretend_server:  # noqa: N801  used as a context
    """A process whose command line is that of the server of a home, and that does nothing but hold a file open."""

    def __init__(self, home: Home, secret: str | None = None, holding: Path | None = None) -> None:
        script = f"import time; held = {str(holding)!r} != 'None' and open({str(holding)!r}); time.sleep(60)"
        environment = os.environ | ({} if secret is None else {"ISOPATH_SERVER_OF": secret})
        self._process = subprocess.Popen(
            [sys.executable, "-c", script, MAIN_CLASS, f"--home-dir={home.root}"], env=environment
        )
        seen = psutil.Process(self._process.pid)
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline and not (
            MAIN_CLASS in seen.cmdline()
            and (holding is None or any(str(holding) == at.path for at in seen.open_files()))
        ):
            time.sleep(0.01)

    def __enter__(self) -> subprocess.Popen[bytes]:
        return self._process

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()


class Squatter:
    """A program that listens at a port, lets everybody in, and keeps what it is told."""

    def __init__(self, port: int, says: bytes) -> None:
        self.heard = b""
        self._says = says
        self._listening = socket.create_server(("127.0.0.1", port))
        threading.Thread(target=self._listen, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listening.accept()
                threading.Thread(target=self._hear, args=(near,), daemon=True).start()

    def _hear(self, near: socket.socket) -> None:
        with suppress(OSError), near:
            while data := near.recv(65536):
                self.heard += data
                near.sendall(self._says)


BOLT_4_4 = bytes.fromhex("00000404")
"""What a Neo4j answers to a driver's first words: the version of Bolt that both speak from then on."""


@contextmanager
def listener(port: int) -> Iterator[None]:
    """Another program that listens at the port."""
    with socket.socket() as taker:
        taker.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taker.bind(("127.0.0.1", port))
        taker.listen()
        yield


def statement(text: str, *columns: str) -> Query:
    promised = tuple(Promise(name, "ANY", "") for name in columns)
    return Query(name="test", text=text, summary="", grain="", params=(), columns=promised)
