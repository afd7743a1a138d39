"""A canary through every route and every fault: found in nothing that the system writes, but in no answer either."""

from __future__ import annotations

import io
import json
import logging
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from api.observing import Lines
from engine.application import Application
from engine.graph import Graph
from engine.request_id import RequestIdFilter
from engine.server import ServerConnection
from tests.helpers.asking import ask
from tests.helpers.serving import client, ours, service, without_graph

CANARY = "zanzibarquokka"
WORDS = f"I am so worried about my {CANARY}, I cannot stop"
UNKNOWN = "0b0f5d4e-93d1-4a6b-8a0e-7f5d9f2f4a11"
JSON = {"Content-Type": "application/json"}


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """All that every logger says, from DEBUG upwards, as the service writes it and as Python would."""
    written = io.StringIO()
    handlers = [logging.StreamHandler(written), logging.StreamHandler(written)]
    handlers[0].setFormatter(Lines())
    handlers[0].addFilter(RequestIdFilter())
    root = logging.getLogger()
    before = root.level
    root.setLevel(logging.DEBUG)
    for handler in handlers:
        # What asks in these tests logs where it asks: no part of the service.
        handler.addFilter(lambda record: not record.name.startswith("httpx"))
        root.addHandler(handler)
    yield written
    root.setLevel(before)
    for handler in handlers:
        root.removeHandler(handler)


def everywhere(api: TestClient) -> list[Any]:
    """An answer for each route and each kind of fault, with the canary wherever a word can stand."""
    texts: list[dict[str, Any]] = [
        {"text": WORDS},
        {"text": WORDS, "like": f"rain and {CANARY}", "keep_reading": True, "seed": 3},
        {"text": f"{WORDS} \u0007"},
        {"text": WORDS, "goal": CANARY},
        {"text": WORDS, "goal": f"{CANARY} and more"},
        {"feel": [CANARY]},
        {"text": WORDS, "contexts": [CANARY]},
        {"text": WORDS, "answer": CANARY},
        {"text": WORDS, "minutes": CANARY},
        {"text": WORDS, "exclude": [CANARY]},
        {"text": WORDS, CANARY: CANARY},
        {"feel": ["joy"], "listener": CANARY},
        {"scores": {CANARY: 1.0}},
        {"text": f"I want to kill myself, {CANARY}"},
        {"text": f"The bus leaves at nine from {CANARY} square."},
    ]
    answers = [api.post("/v1/journeys", json=body) for body in texts]
    answers += [api.post(f"/v1/{route}", json={"text": WORDS}) for route in ("emotions", "search", CANARY)]
    answers += [api.post("/v1/search", json={"text": WORDS, "limit": CANARY})]
    answers += [
        api.post("/v1/journeys", content=body, headers=JSON)
        for body in (
            CANARY.encode(),
            f'{{"text": "{WORDS}'.encode(),
            f'"{CANARY}'.encode() * 9_000,
            b'"\xff' + CANARY.encode(),
        )
    ]
    answers += [api.post("/v1/journeys", content=WORDS, headers={"Content-Type": "text/plain"})]
    headers = {
        "X-Request-ID": CANARY,
        "Idempotency-Key": CANARY,
        "User-Agent": CANARY,
        "Authorization": f"Bearer {CANARY}",
    }
    answers += [api.post("/v1/journeys", json={"text": WORDS}, headers={"Idempotency-Key": CANARY})]
    answers += [api.get("/v1/health", headers=headers), api.get(f"/v1/health?{CANARY}={CANARY}")]
    for path in ("journeys", "journeys/x/explanation", "rules", "tracks", "tracks/x/audio", "goals"):
        answers.append(api.get(f"/v1/{path.replace('x', CANARY)}", params={"cursor": CANARY, "limit": CANARY}))
        answers.append(api.get(f"/v1/{path}/{CANARY}"))
        answers.append(api.delete(f"/v1/{path}/{CANARY}"))
    for body in (
        {"query": CANARY},
        {"query": f"RETURN {CANARY}"},
        {"name": f"x/{CANARY}"},
        {"query": f"RETURN '{CANARY}' + 1/0"},
    ):
        answers.append(api.post("/v1/query", json=body))
    kept = next((a.json()["id"] for a in answers if a.status_code == 200 and a.json().get("stages")), UNKNOWN)
    for route, said in (("feedback", {"before": CANARY}), ("feedback", {CANARY: 1}), ("replan", {"position": CANARY})):
        answers.append(api.post(f"/v1/journeys/{kept}/{route}", json=said))
    answers += [api.get(f"/v1/listeners/{CANARY}"), api.get(f"/v1/journeys/{kept}/export", params={"format": CANARY})]
    answers += [api.post("/v1/journeys", json={"text": WORDS}, headers={"Accept": "text/event-stream"})]
    answers += [api.post("/v1/query", json={"name": "rules_by_stage", "params": {CANARY: CANARY}})]
    answers += [api.post(f"/v1/journeys/{kept}/replan", json={"position": 2, "exclude": [CANARY]})]
    answers += [api.get(f"/v1/journeys/{kept}{rest}") for rest in ("", "/explanation", "/export")]
    answers += [
        api.get(f"/v1/{path}", params={CANARY: CANARY}) for path in ("contexts", "questions", "ready", "metrics")
    ]
    answers += [api.get(f"/v1/questions/{CANARY}"), api.delete(f"/v1/listeners/{CANARY}")]
    answers += [api.request(CANARY.upper(), f"/v1/{CANARY}", content=CANARY)]
    return answers


def test_no_fault_without_a_graph_repeats_a_word(tmp_path: Path, log: io.StringIO) -> None:
    with client(service(without_graph(tmp_path))) as api:
        for answer in everywhere(api):
            assert CANARY not in f"{answer.text} {answer.headers}".lower()
        paths = api.get("/openapi.json").json()["paths"]
        described = {(method.upper(), path) for path, operations in paths.items() for method in operations}
        lines = [json.loads(line) for line in log.getvalue().splitlines() if line.startswith("{")]
        asked = {(line["method"], line["route"]) for line in lines if "route" in line}
        assert described <= asked, "a route that no canary goes through"
        assert CANARY not in api.get("/v1/metrics").text.lower()
    assert CANARY not in log.getvalue().lower()
    assert leaks(tmp_path) == []


def test_a_fault_that_nobody_foresaw_is_told_and_logged_without_its_message(
    tmp_path: Path, log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: Application) -> None:
        raise RuntimeError(WORDS)

    monkeypatch.setattr(Application, "opened", property(broken))
    with client(service(without_graph(tmp_path))) as api:
        answer = api.post("/v1/emotions", json={"text": WORDS})
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert CANARY not in answer.text
    assert CANARY not in log.getvalue()
    assert "RuntimeError" in log.getvalue()


@pytest.mark.graph
def test_a_canary_is_found_in_nothing_that_the_system_writes(
    served: ServerConnection, home: Path, log: io.StringIO, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    made = service(ours(home))
    made.application.warm_up()
    with client(made) as api:
        bodies = [answer.json() for answer in everywhere(api) if "json" in answer.headers.get("content-type", "")]
        outcomes = [body.get("outcome") for body in bodies]
        assert {"journey", "support", "question"} <= set(outcomes)
        assert CANARY not in api.get("/v1/metrics").text.lower()
    assert CANARY not in log.getvalue().lower()
    assert leaks(home, tmp_path) == []
    with Graph.connect(served) as graph:
        holds = f"any(key IN keys(n) WHERE toStringOrNull(n[key]) CONTAINS '{CANARY}')"
        found = graph.rows(ask(f"MATCH (n) WHERE {holds} RETURN 1 AS value"))
    assert found == []


def leaks(*folders: Path) -> list[Path]:
    """Files that hold the canary, in any of the ways in which texts are stored."""
    spelt = [CANARY.encode(encoding) for encoding in ("utf-8", "utf-16-le", "utf-16-be")]
    return [
        path
        for folder in folders
        for path in folder.rglob("*")
        if path.is_file() and any(each in path.read_bytes().lower() for each in spelt)
    ]
