"""The service in a test: in this process, over a graph that is there or that is not."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from api.access import Access
from api.app import create_app
from api.door import Limits
from api.service import Service
from engine.application import Application
from engine.bootstrap import compiled
from engine.gate import COMPILED
from engine.keys import Keyring
from engine.settings import Settings


def service(settings: Settings, **access: Any) -> Service:
    """A service whose keys are those of the settings' home."""
    given = {"needs_key": False, **access}
    application, access_ = Application(settings, lambda line: None), Access(Keyring(settings.home), **given)
    # A machine that does much else at a time is slow: no test is about that.
    return Service(application, access_, Limits(seconds=2.0), seconds=120.0)


def without_graph(home: Path) -> Settings:
    """Settings of a server that nobody runs, under a home for which the gate was compiled already."""
    given = Settings.from_environment()
    compiled(given, lambda _: None)
    home.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(given.home / COMPILED, home / COMPILED)
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
