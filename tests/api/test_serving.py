"""The service as a process of its own: it says what it allows, has several workers, and ends when it is told to."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from engine.server.home import find_free_port


@contextmanager
def serving(home: Path, *arguments: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """`isopath serve` over a graph that nobody runs, and its address."""
    port = find_free_port()
    command = [sys.executable, "-m", "engine.cli.main", "serve", "--port", str(port), *arguments]
    environment = os.environ | {"ISOPATH_HOME": str(home), "NEO4J_URI": "bolt://127.0.0.1:1", "NEO4J_PASSWORD": "none"}
    with (home / "log").open("w") as log:
        process = subprocess.Popen(command, env=environment, stderr=log, stdout=log, text=True)
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


def posted(address: str, body: Any) -> Any:
    return httpx.post(f"{address}/v1/journeys", json=body, timeout=60)


@pytest.mark.parametrize("workers", ["1", "2"])
def test_it_gives_help_without_a_graph_and_ends_when_it_is_told_to(tmp_path: Path, workers: str) -> None:
    with serving(tmp_path, "--workers", workers) as (address, process):
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


def test_a_body_that_never_ends_is_told_so(tmp_path: Path) -> None:
    def slowly() -> Iterator[bytes]:
        yield b'{"text": "'
        for _ in range(60):
            time.sleep(0.5)
            yield b"a"

    with serving(tmp_path) as (address, _):
        try:
            answer = httpx.post(
                f"{address}/v1/journeys", content=slowly(), headers={"Content-Type": "application/json"}, timeout=60
            )
            assert (answer.status_code, answer.json()["code"]) == (408, "too_slow")
        except httpx.TransportError:
            pass  # It hung up while the client still sent: as good.
        assert httpx.get(f"{address}/v1/health", timeout=30).status_code == 200
