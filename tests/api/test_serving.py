"""The service as a process of its own: it says what it allows, has several workers, and ends when it is told to."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from tests.helpers.serving import listening, service, serving, without_graph


def posted(address: str, body: Any) -> Any:
    return httpx.post(f"{address}/v1/journeys", json=body, timeout=60)


def test_several_workers_give_help_without_a_graph_and_end_when_they_are_told_to(tmp_path: Path) -> None:
    with serving(tmp_path, "--workers", "2") as (address, process):
        assert posted(address, {"text": "I want to kill myself, zanzibar"}).json()["outcome"] == "support"
        refused = posted(address, {"feel": ["joy"]})
        assert (refused.status_code, refused.json()["code"]) == (503, "graph_unavailable")
        assert refused.headers["content-type"] == "application/problem+json"
        assert "server" not in refused.headers
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) in (0, -signal.SIGTERM)
    lines = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    assert [line["allows"] for line in lines if line["message"] == "serving"] == [
        "everything to everybody on this machine, as there is no key"
    ]
    asked = [line for line in lines if line["message"] == "request" and line["route"] == "/v1/journeys"]
    assert [(line["status"], line["outcome"]) for line in asked][-1] == (503, None)
    assert all(len(line["request_id"]) == 36 for line in asked)
    assert "zanzibar" not in (tmp_path / "log").read_text()


def test_workers_end_with_whoever_started_them(tmp_path: Path) -> None:
    with serving(tmp_path, "--workers", "2") as (address, process):
        workers = psutil.Process(process.pid).children(recursive=True)
        assert len(workers) >= 2
        process.kill()
        _, left = psutil.wait_procs(workers, timeout=60)
        assert left == []
        with pytest.raises(httpx.TransportError):
            httpx.get(f"{address}/v1/health", timeout=5)


def test_a_body_that_never_ends_is_told_so(tmp_path: Path) -> None:
    def slowly() -> Iterator[bytes]:
        yield b'{"text": "'
        for _ in range(60):
            time.sleep(0.5)
            yield b"a"

    with listening(service(without_graph(tmp_path))) as port:
        address = f"http://127.0.0.1:{port}"
        with suppress(httpx.TransportError):  # It hung up while the client still sent: as good.
            answer = httpx.post(
                f"{address}/v1/journeys", content=slowly(), headers={"Content-Type": "application/json"}, timeout=60
            )
            assert (answer.status_code, answer.json()["code"]) == (408, "too_slow")
        assert httpx.get(f"{address}/v1/health", timeout=30).status_code == 200


def test_a_body_that_is_too_large_is_told_so_once_it_was_sent(tmp_path: Path) -> None:
    with listening(service(without_graph(tmp_path))) as port:
        answer = httpx.post(f"http://127.0.0.1:{port}/v1/journeys", json={"text": "a" * 1_000_000}, timeout=60)
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
