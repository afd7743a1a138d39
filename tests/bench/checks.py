"""What a check of the shipped ontology takes, over loading its files with rdflib alone in the same run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import Any

from rdflib import Graph

from engine.rules.owl.modules import list_files
from engine.settings import ONTOLOGY_DIR, Settings
from engine.use_cases.check_ontology import check_ontology
from tests.bench.tables import Section, table

MOST = {"without HermiT": 3.0, "with HermiT": 8.0}


def measure(settings: Settings, quick: bool, say: Callable[[str], None]) -> dict[str, Any]:
    """By way: seconds of the clock and of the processor (HermiT's own left out), and both over rdflib's; medians.

    The home has compiled the gate of these files, as any journey does; in a new one its phrases are tried as well.
    """
    with TemporaryDirectory() as folder:
        new = replace(settings, home=Path(folder))
        ways: dict[str, Callable[[], object]] = {
            "rdflib alone": load,
            "without HermiT": lambda: check_ontology(settings, quiet, with_reasoner=False),
            "without HermiT, in a new home": lambda: check_ontology(new, quiet, with_reasoner=False),
            "with HermiT": lambda: check_ontology(settings, quiet),
        }
        taken: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
        for run in range(2 if quick else 5):
            say(f"checking the ontology, {run + 1}")
            for name, way in ways.items():
                wall, processor = perf_counter(), process_time()
                way()
                taken[name].append((perf_counter() - wall, process_time() - processor))
    figures = {
        name: {"wall": round(median(w for w, _ in runs), 2), "processor": round(median(p for _, p in runs), 2)}
        for name, runs in taken.items()
    }
    plain = figures["rdflib alone"]
    return {
        name: one | {f"{clock} ratio": round(one[clock] / plain[clock], 2) for clock in ("wall", "processor")}
        for name, one in figures.items()
    }


def load() -> None:
    for path in list_files(ONTOLOGY_DIR):
        Graph().parse(path, format="xml")


def quiet(_: str) -> None:
    """Progress that nobody reads."""


def tell(figures: Section) -> Iterator[str]:
    yield "## Checks of the ontology"
    yield ""
    yield from table(
        ["", "wall, s", "ratio", "processor, itself, s", "ratio"],
        [[name, o["wall"], o["wall ratio"], o["processor"], o["processor ratio"]] for name, o in figures.items()],
    )


def targets(figures: Section) -> Iterator[tuple[str, str, str, bool]]:
    for name, most in MOST.items():
        ratio = figures[name]["wall ratio"]
        yield f"`isopath ontology check` {name}, over rdflib's load", f"<= {most:g} x", f"{ratio} x", ratio <= most
