"""What the graph says of the goal, the music at hand and the numbers of search and order: asked once a journey."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.asking import Row
from engine.errors import UsageError
from engine.graph import Answers
from engine.journey import Request
from engine.queries import Queries
from engine.sequence import Preferences
from engine.wish import Wish

FEWEST_STEPS = 5
"""Five steps win over the minutes (design.md, what a caller gets)."""
CROWDED = 0.75
"""With steps shorter than this share of the usual track, long tracks are left out of the search."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the graph says of the goal, the music at hand and the numbers of search and order."""

    goals: Sequence[Row]
    version: Row
    wishes: Preferences
    units: Mapping[str, str]
    """Cue id -> unit."""
    total: float
    """Length asked for, s."""
    steps: int
    search: Mapping[str, Any]
    """Params of the candidates' queries: steps, mean seconds, longest track, candidates for each waypoint, the wish."""
    fewest: int
    """With fewer candidates than this at a waypoint the search goes farther."""

    @classmethod
    def of(cls, graph: Answers, queries: Queries, request: Request, wish: Wish | None = None) -> Facts:
        row = graph.rows(queries["journey/facts"], goal=request.goal)[0]
        if row["goal"] is None:
            raise UsageError(
                "--goal",
                "is none of the goals",
                f"Choose from: {', '.join(goal['id'] for goal in row['goals'])}",
            )
        settings = {setting["id"]: setting["value"] for setting in row["settings"]}
        total = 60.0 * (request.minutes or row["goal"]["minutes_best"])
        steps = max(FEWEST_STEPS, round(total / row["median_seconds"]))
        crowded = total / steps < CROWDED * row["median_seconds"]
        return cls(
            goals=row["goals"],
            version=row["version"],
            wishes=Preferences.of(settings),
            units={cue["id"]: cue["unit"] for cue in row["cues"]},
            total=total,
            steps=steps,
            search={
                "steps": steps,
                "seconds": total / steps,
                "longest": total / steps / CROWDED if crowded else float("inf"),
                "candidates": max(round(settings["candidates-per-waypoint"]), 4 * steps),
                "kept": max(round(settings["kept-per-waypoint"]), 2 * steps),
                "like": wish.among(row["version"]) if wish else None,
            },
            fewest=round(settings["fewest-candidates"]),
        )
