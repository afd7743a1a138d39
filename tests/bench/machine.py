"""What a measurement ran on, and how busy that was: a time means little without."""

from __future__ import annotations

import os
import platform
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

import psutil

LIBRARIES = ("neo4j", "numpy", "onnxruntime")
LOOPS = 300_000


def described(neo4j: str | None = None) -> dict[str, Any]:
    """Date, machine and versions, as they stand in the results; `neo4j` where a server was measured."""
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, "
        f"{psutil.virtual_memory().total / 2**30:.0f} GB",
        "load": [round(load, 1) for load in os.getloadavg()],
        "versions": {
            "python": platform.python_version(),
            **({"neo4j server": neo4j} if neo4j else {}),
            **{f"{name} (Python)": version(name) for name in LIBRARIES},
        },
    }


def reference() -> float:
    """Milliseconds of wall clock that a fixed loop takes just now: the yardstick beside every time."""
    began = time.perf_counter()
    total = 0
    for number in range(LOOPS):
        total += number * number % 7
    assert total
    return 1000 * (time.perf_counter() - began)


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds of one thing done several times, each with the reference loop beside it."""

    each: tuple[float, ...]
    beside: tuple[float, ...]
    """The reference loop, ms, measured right before each."""

    def as_json(self) -> dict[str, float]:
        quarters = statistics.quantiles(self.each, n=4) if len(self.each) > 1 else [self.each[0]] * 3
        return {
            "median": round(statistics.median(self.each), 1),
            "least": round(min(self.each), 1),
            "quarter": round(quarters[0], 1),
            "three_quarters": round(quarters[2], 1),
            "runs": len(self.each),
            "reference": round(statistics.median(self.beside), 1),
            "ratio": round(statistics.median(a / b for a, b in zip(self.each, self.beside, strict=True)), 2),
        }


def times(each: Sequence[float], beside: Sequence[float]) -> dict[str, float]:
    """Median, quartiles, least, and the median ratio to the reference loop."""
    return Times(tuple(each), tuple(beside)).as_json()


class ServerClock:
    """Processor time of the server's process: what a question costs it, however busy the machine is."""

    def __init__(self, pid: int | None) -> None:
        self._process = psutil.Process(pid) if pid else None

    def spent(self) -> float:
        """Milliseconds of processor time so far; not a number when the server is somewhere else."""
        if self._process is None:
            return float("nan")
        used = self._process.cpu_times()
        return 1000 * float(used.user + used.system)
