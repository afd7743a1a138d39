"""How long it takes: scores to an ordered journey, its parts, and the whole command."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

from engine.graph import Graph
from engine.journey import Request
from engine.reasoning.knowledge import Knowledge
from engine.reasoning.ordering import Sequencer
from engine.reasoning.planner import Planner
from engine.reasoning.search import TrackSearch
from engine.settings import ROOT
from tests.bench.asking import listening, planned
from tests.bench.machine import ServerClock, reference, times
from tests.bench.readings import GOALS, mixed, single
from tests.helpers.planning import case_of

WORDS = "I have an exam tomorrow and I can't stop worrying"
PARTS = {
    "journey/facts": "facts",
    "journey/holding_rules": "rules that hold",
    "journey/candidates": "candidates",
    "journey/candidates_exact": "candidates, exactly",
}
BETWEEN = "from rules to waypoints"
"""All other queries of a journey."""


def journeys(planner: Planner, graph: Graph, clock: ServerClock, runs: int, say: Callable[[str], None]) -> Any:
    """Scores to ordered journey, for each goal over `runs` readings: the whole, its parts, processor time."""
    feelings = [*single(planner.reader), *mixed(planner.reader, 27)]
    feelings = [feelings[i * len(feelings) // runs] for i in range(runs)] if runs < len(feelings) else feelings
    heard, ear = listening(planner, graph)
    for feeling in feelings[:3]:  # plans are compiled and caches filled: the server is warm
        for goal in GOALS:
            planned(heard, ear, feeling, goal, 1)
    found: dict[str, Any] = {}
    for goal in GOALS:
        whole, beside, ours, servers = [], [], [], []
        parts: dict[str, list[float]] = defaultdict(list)
        for feeling in feelings:
            ear.milliseconds.clear()
            beside.append(reference())
            before, began, cpu = clock.spent(), time.perf_counter(), time.process_time()
            request = Request(goal=goal, goal_chosen=True, seed=1)
            with ear.reading() as transaction:  # as `Planner.plan` asks
                asking = cast("Graph", transaction)
                knowledge = Knowledge(asking, TrackSearch(cast("Graph", ear)))
                case = case_of(heard, knowledge, request, feeling.scores)
                Sequencer(knowledge, case).find_best(case.in_force)
            whole.append(1000 * (time.perf_counter() - began))
            ours.append(1000 * (time.process_time() - cpu))
            servers.append(clock.spent() - before)
            asked: dict[str, float] = defaultdict(float)
            for name, spent in ear.milliseconds.items():
                asked[PARTS.get(name, BETWEEN)] += sum(spent)
            for part, took in asked.items():
                parts[part].append(took)
            parts["order, and rows into values"].append(whole[-1] - sum(map(sum, ear.milliseconds.values())))
        found[goal] = times(whole, beside) | {
            "parts": {name: round(statistics.median(spent), 1) for name, spent in parts.items()},
            "asked_again": sum(len(spent) for name, spent in parts.items() if name == "candidates, exactly"),
            "processor": {"ours": round(statistics.median(ours), 1), "server": round(statistics.fmean(servers), 1)},
        }
        say(f"  {goal}: {found[goal]['median']} ms, {found[goal]['parts']}")
    return found


def around(planner: Planner, graph: Graph, runs: int) -> dict[str, Any]:
    """What a journey costs beside that: contexts and notices read, the answer told, the journey kept."""
    heard, ear = listening(planner, graph)
    spent: dict[str, list[float]] = defaultdict(list)
    beside, whole = [], []
    for number in range(runs):
        request = Request(feel=("nervousness",), goal=GOALS[number % len(GOALS)], goal_chosen=True, seed=number)
        ear.milliseconds.clear()
        beside.append(reference())
        began = time.perf_counter()
        heard.plan(request)
        whole.append(1000 * (time.perf_counter() - began))
        for name, each in ear.milliseconds.items():
            spent[name].append(sum(each))
    beyond = {name.removeprefix("journey/"): each for name, each in spent.items() if not name.startswith("journey/")}
    return times(whole, beside) | {"parts": {name: round(statistics.median(each), 1) for name, each in beyond.items()}}


def commands(settings_home: Path, runs: int, arguments: Mapping[str, list[str]]) -> dict[str, Any]:
    """Whole processes, server warm: wall clock, processor time of the process, largest resident size."""
    environment = os.environ | {"ISOPATH_HOME": str(settings_home)}
    found = {}
    for name, asked in arguments.items():
        wall, beside, processor = [], [], []
        for number in range(runs + 1):
            used = resource.getrusage(resource.RUSAGE_CHILDREN)
            loop, began = reference(), time.perf_counter()
            done = subprocess.run(
                [sys.executable, "-m", "engine.cli.main", *asked],
                cwd=ROOT,
                env=environment,
                capture_output=True,
                check=False,
            )
            took = 1000 * (time.perf_counter() - began)
            if done.returncode not in (0, 3, 4):
                raise RuntimeError(f"isopath {name} ended with {done.returncode}: {done.stderr.decode()[-2000:]}")
            now = resource.getrusage(resource.RUSAGE_CHILDREN)
            if number:  # the first may load what has changed
                wall.append(took)
                beside.append(loop)
                processor.append(1000 * (now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime))
        found[name] = times(wall, beside) | {"processor": round(statistics.median(processor), 1)}
    return found
