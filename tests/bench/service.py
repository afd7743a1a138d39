"""The service against the planner alone, in one run: `python -m tests.bench.service`."""

from __future__ import annotations

import statistics
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import psutil
import uvicorn

from api.access import Access
from api.app import create_app
from api.service import Service
from encoders.json_text import json_text
from engine.application import Application
from engine.journey import Request
from engine.keys import Keyring
from engine.server.home import find_free_port
from engine.settings import ROOT, Settings
from tests.bench.machine import described

WORDS = "I have an exam tomorrow and I can't stop worrying"
BODY = {"text": WORDS, "goal": "calm", "seed": 7}
ASKED = Request(text=WORDS, goal="calm", goal_chosen=True, seed=7)
CLIENTS = 32


def measure(settings: Settings, runs: int, seconds: float, say: Callable[[str], None]) -> dict[str, Any]:
    """Milliseconds of a lone client and of the planner, in turn; journeys a second of both when many ask at once."""
    application = Application(settings, say)
    application.warm()
    service = Service(application, Access(Keyring(settings.home), needs_key=False))
    port = find_free_port()
    server = uvicorn.Server(uvicorn.Config(create_app(service), port=port, log_config=None, access_log=False))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=120) as client:

        def post() -> int:
            return client.post("/v1/journeys", json=BODY).status_code

        def plan() -> int:
            return application.serve(lambda s: application.planner(s).plan(ASKED).outcome == "journey") * 200

        for _ in range(3):
            post(), plan()
        alone: list[float] = []
        over: list[float] = []
        # In turn, so that whatever else the machine does falls on both.
        for _ in range(runs):
            alone.append(_timed(plan)[1])
            over.append(_timed(post)[1])
        say(f"planner {_told(alone)}, service {_told(over)}")
        planner_rate, _, _ = _crowd(plan, 2, seconds / 2)
        memory = psutil.Process().memory_info().rss
        rate, times, statuses = _crowd(post, CLIENTS, seconds)
        grown = psutil.Process().memory_info().rss - memory
    server.should_exit = True
    thread.join(30)
    application.close()
    return {
        "planner": _told(alone),
        "service": _told(over),
        "median_ratio": round(statistics.median(over) / statistics.median(alone), 2),
        "p99_ratio": round(_quantile(over, 0.99) / _quantile(alone, 0.99), 2),
        "planner_two_threads_a_second": round(planner_rate, 2),
        "service_32_clients_a_second": round(rate, 2),
        "throughput_ratio": round(rate / planner_rate, 2),
        "p95_over_lone_median": round(_quantile(times, 0.95) / statistics.median(over), 1),
        "answers": {str(status): statuses.count(status) for status in sorted(set(statuses))},
        "memory_grown_mb": round(grown / 1e6, 1),
    }


def _crowd(ask: Callable[[], int], clients: int, seconds: float) -> tuple[float, list[float], list[int]]:
    """Answers a second, their milliseconds and their statuses, when so many ask without a pause."""
    end = time.monotonic() + seconds

    def asking(_: int) -> list[tuple[int, float]]:
        answers = []
        while time.monotonic() < end:
            answers.append(_timed(ask))
        return answers

    began = time.monotonic()
    with ThreadPoolExecutor(clients) as crowd:
        answers = [answer for some in crowd.map(asking, range(clients)) for answer in some]
    return len(answers) / (time.monotonic() - began), [ms for _, ms in answers], [status for status, _ in answers]


def _timed(ask: Callable[[], int]) -> tuple[int, float]:
    began = time.perf_counter()
    status = ask()
    return status, 1000 * (time.perf_counter() - began)


def _told(times: list[float]) -> dict[str, float]:
    return {"median_ms": round(statistics.median(times), 1), "p99_ms": round(_quantile(times, 0.99), 1)}


def _quantile(times: list[float], share: float) -> float:
    return sorted(times)[min(len(times) - 1, int(share * len(times)))]


if __name__ == "__main__":
    home = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "build" / "bench" / "home").resolve()
    quick = "--quick" in sys.argv
    given = replace(Settings.from_environment(), home=home)
    found = measure(given, 30 if quick else 200, 20.0 if quick else 60.0, lambda line: print(line, file=sys.stderr))
    print(json_text(described() | found, indent=1))
