"""Measures the numbers of the README on this machine: `make bench ARGS="--quick"`."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from encoders.embedding.embedder import CLAMP3
from engine.bootstrap import load_compiled, open_reader, use_graph
from engine.reasoning.planner import Planner
from engine.reasoning.text_query import QueryEncoder
from engine.server import Server
from engine.settings import ROOT, Settings
from tests.bench import (
    analyst,
    checks,
    comparison,
    embedding,
    emotions,
    growth,
    influence,
    ingest,
    machine,
    recall,
    repertoire,
    report,
    service,
    speed,
    steering,
)
from tests.bench.readings import GOALS, SEEDS, mixed, single

SECTIONS = (
    "speed", "recall", "comparison", "repertoire", "influence", "steering", "analyst", "service", "emotions",
    "embedding", "ingest", "checks",
)  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    asked = parser().parse_args(arguments)
    # A home of its own: measuring keeps thousands of journeys, and none of them is anybody's.
    settings = replace(Settings.from_environment(), home=asked.home.resolve())
    server = Server(settings)
    running = server.status().state == "up"
    opened = load_compiled(settings, say)
    gate, reader = opened.gate, open_reader(settings, opened)
    wanted = ["growth"] if asked.growth else asked.only or SECTIONS
    if "emotions" in wanted:
        uncounted = replace(gate, home=None)
        taken(
            "emotions",
            lambda: emotions.measure(reader.model, uncounted, settings.home, asked.data, asked.quick, say),
            machine.described() | {"quick": asked.quick},
        )
    if "embedding" in wanted:
        on = machine.described() | {"quick": asked.quick}
        taken("embedding", lambda: embedding.measure(CLAMP3, asked.quick, say), on)
    if "ingest" in wanted:
        on = machine.described() | {"quick": asked.quick}
        taken("ingest", lambda: ingest.measure(settings, asked.quick, say), on)
    if "checks" in wanted:
        on = machine.described() | {"quick": asked.quick}
        taken("checks", lambda: checks.measure(settings, asked.quick, say), on)
    if set(wanted) <= {"emotions", "embedding", "ingest", "checks"}:  # the others need this home's graph
        return shown(wanted)
    try:
        with use_graph(settings, say) as graph:
            query_encoder = QueryEncoder(settings.embedding_model)
            planner = Planner(gate, lambda: reader, lambda: graph, query_encoder, settings.region)
            facts = graph.rows("journey/facts", goal=GOALS[0])[0]
            tracks = graph.read_table(
                "CYPHER 25 MATCH (t:Track) RETURN count(t) AS n", {}, "tests/bench", 1, 20.0
            ).rows[0]["n"]
            about = {"quick": asked.quick, "tracks": tracks, "ontology": facts["version"]["version_info"]}
            quick = asked.quick
            feelings = [*single(reader), *mixed(reader, 100)]

            def measure_speed() -> dict[str, Any]:
                clock, runs = machine.ServerClock(server.status().pid), 5 if quick else 27
                return {
                    "journeys": speed.journeys(planner, graph, clock, runs, say),
                    "around": speed.around(planner, graph, 5 if quick else 25),
                    "commands": speed.commands(settings.home, 3 if quick else 9, COMMANDS),
                }

            def measure_recall() -> dict[str, Any]:
                some = list(single(reader))
                return recall.recall(planner, graph, some[::6] if quick else some, say)

            def measure_comparison() -> dict[str, Any]:
                some = [*feelings[:27:9], *feelings[27:127:33]] if quick else feelings
                return comparison.compare(planner, graph, some, GOALS, SEEDS[:1] if quick else SEEDS, say)

            measures: Mapping[str, Callable[[], dict[str, Any]]] = {
                "speed": measure_speed, "recall": measure_recall, "comparison": measure_comparison,
                "influence": lambda: influence.measure(settings, opened, quick, say),
                "repertoire": lambda: repertoire.measure(
                    planner, graph, feelings[:27:9] if quick else feelings[:27], say
                ),
                "steering": lambda: steering.measure(planner, graph, feelings[:120], quick, say),
                "analyst": lambda: analyst.measure(planner, graph, 5 if quick else 25, say),
                "service": lambda: service.measure(settings, quick, say),
            }  # fmt: skip
            if asked.growth:
                count, runs = asked.growth, 5 if quick else 15
                measures = {"growth": lambda: growth.measure(settings, planner, count, runs, say)}
            for name, measure in measures.items():
                if name in wanted:
                    taken(name, measure, machine.described(graph.version) | about)
    finally:
        if not running:
            server.down(say)
    return shown(wanted)


def shown(sections: Sequence[str]) -> int:
    """Shows the page; 1 where a target of these sections is missed, else 0."""
    print(report.PAGE.read_text("utf-8"))
    missed = report.missed(sections)
    for what in missed:
        say(f"missed: {what}")
    return 1 if missed else 0


def taken(name: str, measure: Callable[[], dict[str, Any]], on: Mapping[str, Any]) -> None:
    """Measures one section and keeps it, with how busy the machine was before and after."""
    say(f"{name}:")
    began = time.monotonic()
    figures = measure()
    report.keep(name, figures, {**on, "load_after": [round(load, 1) for load in os.getloadavg()]})
    say(f"{name}: {time.monotonic() - began:.0f} s")


COMMANDS = {
    "journey": ["journey", speed.WORDS, "--goal", "calm", "--seed", "7", "--json"],
    "journey --feel": ["journey", "--feel", "sadness", "--goal", "lift", "--seed", "7", "--json"],
    "emotions": ["emotions", speed.WORDS, "--json"],
}


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="make bench", description="Measure what the README tells.")
    top.add_argument("--quick", action="store_true", help="a sample of everything, under two minutes")
    top.add_argument("--only", nargs="+", choices=SECTIONS, help="these sections; the others keep their last figures")
    top.add_argument(
        "--growth", type=int, nargs="?", const=100_000, metavar="TRACKS", help="instead: speed and recall over so many"
    )
    top.add_argument("--data", type=Path, metavar="FOLDER", help="GoEmotions, for the emotion model's figures")
    top.add_argument(
        "--home", type=Path, default=ROOT / "build" / "bench", metavar="FOLDER", help="where the measured server lives"
    )
    return top


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
