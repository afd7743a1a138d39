"""The service beside the planner alone, in one run: what HTTP, keeping apart and crowds cost."""

from __future__ import annotations

import json
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import psutil

from api.access import Access
from api.service import Service
from engine.application import Application
from engine.journey import Request
from engine.keys import Keyring
from engine.settings import Settings
from tests.bench.clients import Client, asking, crowd, timed
from tests.bench.tables import table
from tests.helpers.serving import listening

WORDS = "I have an exam tomorrow and I can't stop worrying"
BODY = json.dumps({"text": WORDS, "goal": "calm", "seed": 7})
ASKED = Request(text=WORDS, goal="calm", goal_chosen=True, seed=7)
CLIENTS = 32


def measure(settings: Settings, quick: bool, say: Callable[[str], None]) -> dict[str, Any]:
    """Milliseconds of a lone client and of the planner, by turns; journeys a second of both when many ask at once."""
    application = Application(settings, say)
    application.warm_up()
    if application.fault is not None:
        raise application.fault
    service = Service(application, Access(Keyring(settings.home), needs_key=False))
    runs, seconds = (40, 15.0) if quick else (200, 60.0)

    def plan() -> int:
        return 200 if application.serve(lambda s: application.make_planner(s).plan(ASKED).outcome == "journey") else 500

    with listening(service) as port:
        post = Client(port, BODY)
        asking(plan, 2, seconds / 12), crowd(port, CLIENTS, seconds / 12, BODY)
        alone: list[float] = []
        over: list[float] = []
        for _ in range(runs):  # By turns, so that whatever else the machine does falls on both.
            alone.append(timed(plan)[1])
            over.append(timed(post)[1])
        rates: dict[str, list[float]] = {"planner": [], "service": []}
        crowded, memory = [], []
        for _ in range(3):
            rates["planner"].append(len(asking(plan, 2, seconds / 6)) / (seconds / 6))
            memory.append(psutil.Process().memory_info().rss / 1e6)
            began = time.monotonic()
            answers = crowd(port, CLIENTS, seconds / 3, BODY)
            rates["service"].append(len(answers) / (time.monotonic() - began))
            crowded += answers
        memory.append(psutil.Process().memory_info().rss / 1e6)
    planner, served = (statistics.fmean(rates[who]) for who in rates)
    median = statistics.median(over)
    return {
        "planner": told(alone),
        "service": told(over),
        "median_ratio": round(median / statistics.median(alone), 2),
        "p99_ratio": round(quantile(over, 0.99) / statistics.median(alone), 2),
        "a_second": {"planner, 2 threads": round(planner, 1), f"service, {CLIENTS} clients": round(served, 1)},
        "throughput_ratio": round(served / planner, 2),
        "crowd": told([spent for _, spent in crowded]),
        "p95_ratio": round(quantile([spent for _, spent in crowded], 0.95) / median, 1),
        "answers": {str(status): count for status, count in sorted(Counter(s for s, _ in crowded).items())},
        "memory_mb": [round(each) for each in memory],
        "seconds": seconds,
    }


def told(spent: list[float]) -> dict[str, float]:
    return {
        "median": round(statistics.median(spent), 1),
        "p95": round(quantile(spent, 0.95), 1),
        "p99": round(quantile(spent, 0.99), 1),
        "runs": len(spent),
    }


def quantile(spent: list[float], share: float) -> float:
    return sorted(spent)[min(len(spent) - 1, int(share * len(spent)))]


def targets(figures: Mapping[str, Any]) -> Iterator[tuple[str, str, str, bool]]:
    alone, over, memory = figures["planner"], figures["service"], figures["memory_mb"]
    yield (
        "`POST /v1/journeys`, one client, over `Planner.plan`: median", "<= 1.5 x",
        f"{figures['median_ratio']} x ({over['median']} ms, {alone['median']} ms)", figures["median_ratio"] <= 1.5,
    )  # fmt: skip
    yield (
        "the same: p99 over the planner's median", "<= 4 x",
        f"{figures['p99_ratio']} x ({over['p99']} ms; the planner's own p99 {alone['p99']} ms)",
        figures["p99_ratio"] <= 4,
    )  # fmt: skip
    rates = ", ".join(f"{who}: {rate}/s" for who, rate in figures["a_second"].items())
    yield (
        f"{CLIENTS} clients: throughput over the planner's with two threads", ">= 0.8",
        f"{figures['throughput_ratio']} ({rates})", figures["throughput_ratio"] >= 0.8,
    )  # fmt: skip
    yield (
        f"{CLIENTS} clients: p95 over the lone median", "<= 32 x", f"{figures['p95_ratio']} x",
        figures["p95_ratio"] <= 32,
    )  # fmt: skip
    errors = sum(count for status, count in figures["answers"].items() if status != "200")
    yield f"{CLIENTS} clients: errors", "0", f"{errors} of {sum(figures['answers'].values())}", errors == 0
    grown = memory[-1] - memory[1]
    yield (
        f"{CLIENTS} clients: memory from one third of the time to its end",
        "<= 5 %",
        f"{grown} MB more than {memory[1]}",
        (grown <= 0.05 * memory[1]),
    )


def tell(figures: Mapping[str, Any]) -> Iterator[str]:
    yield "## Service"
    yield ""
    yield f"A text to its journey over HTTP on this machine; {CLIENTS} clients in a process of their own for"
    yield f"{figures['seconds']:g} s."
    yield ""
    rows = [("`Planner.plan` alone", figures["planner"]), ("one client", figures["service"]),
            (f"{CLIENTS} clients", figures["crowd"])]  # fmt: skip
    yield from table(
        ["Who asks", "median", "p95", "p99", "runs"],
        [[who, one["median"], one["p95"], one["p99"], one["runs"]] for who, one in rows],
    )
