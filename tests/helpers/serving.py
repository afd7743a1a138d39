"""The service in a test: in this process, over a graph that is there or that is not."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from starlette.testclient import TestClient

from api.access import Access
from api.app import create_app
from api.connections import PatientProtocol
from api.gate_middleware import Limits
from api.service import Service
from engine.application import Application
from engine.bootstrap import Models
from engine.keys import Keyring
from engine.server.home import find_free_port
from engine.settings import Settings
from tests.helpers.shipped import put_gate


@cache
def models() -> Models:
    """The shipped models, opened once for all services of a test run."""
    return Models(Settings.from_environment({}))


def service(settings: Settings, **access: Any) -> Service:
    """A service whose keys are those of the settings' home."""
    given = {"needs_key": False, **access}
    application = Application(settings, lambda line: None, models())
    access_ = Access(Keyring(settings.home), **given)
    # A machine that does much else at a time is slow: no test is about that.
    return Service(application, access_, Limits(seconds=2.0), seconds=120.0)


def without_graph(home: Path) -> Settings:
    """Settings of a server that nobody runs, under a home that has its gate."""
    put_gate(home)
    return Settings(home=home, cache=home / "cache", neo4j_uri="bolt://127.0.0.1:1", neo4j_password="none")


def ours(home: Path) -> Settings:
    """Settings of the server that the tests run, under the home that every test sees."""
    given = Settings.from_environment()
    return replace(given, keep_days=None)


@contextmanager
def client(made: Service) -> Iterator[TestClient]:
    """A client that sees what a client over a network sees: no exception of the service comes through."""
    with TestClient(create_app(made), base_url="http://127.0.0.1", raise_server_exceptions=False) as opened:
        yield opened


@contextmanager
def listening(service: Service) -> Iterator[int]:
    """The port of a service that answers in this process meanwhile, over the loopback."""
    port = find_free_port()
    config = uvicorn.Config(
        create_app(service), port=port, log_config=None, access_log=False, http=PatientProtocol, ws="none"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    try:
        yield port
    finally:
        server.should_exit = True
        thread.join(30)


def problem_of(answer: Any, status: int, code: str, field: str | None = None) -> dict[str, Any]:
    """The problem that an answer is, held against what every problem must say."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    told: dict[str, Any] = answer.json()
    assert (told["code"], told["status"]) == (code, status)
    assert told["detail"]
    assert told["repair"]
    assert told["type"].endswith(code)
    if field is not None:
        assert told["field"] == field
    return told


SERVE = (sys.executable, "-m", "engine.cli.main", "serve")


@contextmanager
def serving(
    home: Path, *arguments: str, command: Sequence[str] = SERVE, **environment: str
) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The service as a process of its own, over a graph that nobody runs unless one is named, and its address."""
    without_graph(home)  # Else every start would read the ontology for its gate.
    port = find_free_port()
    nowhere = {"NEO4J_URI": "bolt://127.0.0.1:1", "NEO4J_PASSWORD": "none"}
    given = os.environ | nowhere | {"ISOPATH_HOME": str(home), **environment}
    with (home / "log").open("w") as log:
        process = subprocess.Popen(
            [*command, "--port", str(port), *arguments], env=given, stderr=log, stdout=log, text=True
        )
    try:
        address = f"http://127.0.0.1:{port}"
        end = time.monotonic() + 180
        while time.monotonic() < end:
            try:
                httpx.get(f"{address}/v1/health", timeout=5)
                break
            except httpx.TransportError:
                assert process.poll() is None, (home / "log").read_text()
                time.sleep(0.2)
        yield address, process
    finally:
        process.kill()
        process.wait()
