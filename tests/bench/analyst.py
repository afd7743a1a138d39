"""What a study takes out: a thousand kept journeys with their steps, as Parquet and the other forms beside JSON."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any
from uuid import uuid4

from engine.answers import Journey
from engine.export.tables import FORMATS, encode_table
from engine.graph import Graph
from engine.journey import Request
from engine.reasoning.planner import Planner
from engine.store.journeys import persist_journey
from engine.use_cases.query import read_query_rows
from tests.bench.machine import reference, times
from tests.bench.readings import GOALS
from tests.bench.tables import table

JOURNEYS = 1_000
EXPORT = "questions/journeys"
SIGNS = {"nervousness": 0.8, "sadness": 0.5, "rumination": 1.0}
"""What each journey is kept with."""


def measure(planner: Planner, graph: Graph, runs: int, say: Callable[[str], None]) -> dict[str, Any]:
    """Each form of the same rows in turn; what is missing to a thousand journeys is kept first, with its reading."""
    kept = graph.read_table("CYPHER 25 MATCH (j:Journey) RETURN count(j) AS n", {}, "tests/bench", 1, 20.0).rows[0]["n"]
    if missing := max(0, JOURNEYS - kept):
        say(f"  keeping {missing} journeys")
        planned = [
            planner.plan(Request(feel=(feeling,), goal=goal, goal_chosen=True, seed=seed))
            for goal in GOALS
            for seed, feeling in enumerate(("nervousness", "sadness", "joy"))
        ]
        answers = [answer for answer in planned if isinstance(answer, Journey)]
        for number in range(missing):
            answer = answers[number % len(answers)]
            persist_journey(graph, replace(answer, id=str(uuid4())), SIGNS)
    began = time.perf_counter()
    found = read_query_rows(graph, EXPORT)
    asked = 1000 * (time.perf_counter() - began)
    promised = graph.queries[EXPORT].columns
    spent: dict[str, list[float]] = {form: [] for form in FORMATS}
    beside: list[float] = []
    sizes: dict[str, int] = {}
    for _ in range(runs):
        beside.append(reference())
        for form, each in spent.items():
            began = time.perf_counter()
            sizes[form] = len(encode_table(form, found.columns, found.rows, found.more, promised))
            each.append(1000 * (time.perf_counter() - began))
    steps = sum(len(row["steps"]) for row in found.rows)
    forms = {form: times(each, beside) | {"kilobytes": round(sizes[form] / 1000)} for form, each in spent.items()}
    say(f"  {len(found.rows)} journeys: " + ", ".join(f"{form} {one['median']} ms" for form, one in forms.items()))
    return {"journeys": len(found.rows), "steps": steps, "asked": round(asked), "forms": forms}


def targets(figures: Mapping[str, Any]) -> Iterator[tuple[str, str, str, bool]]:
    parquet, as_json = (figures["forms"][form]["median"] for form in ("parquet", "json"))
    yield (
        f"{figures['journeys']:,} journeys as Parquet, against the same rows as JSON",
        "no slower",
        f"{parquet} ms against {as_json} ms",
        parquet <= as_json,
    )


def tell(figures: Mapping[str, Any]) -> Iterator[str]:
    yield "## What analysts take out"
    yield ""
    yield f"{figures['journeys']:,} kept journeys with {figures['steps']:,} steps and their readings, a row each"
    yield f"(`isopath query --saved journeys`); the server answers in {figures['asked']} ms. Each form of these rows:"
    yield ""
    yield from table(
        ["Form", "median", "quartiles", "least", "ratio", "kB"],
        [
            [form, one["median"], f"{one['quarter']}-{one['three_quarters']}", one["least"], one["ratio"], size]
            for form, one in figures["forms"].items()
            for size in [one["kilobytes"]]
        ],
    )
