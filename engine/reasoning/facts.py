"""What the graph says of the goal, the music at hand and the numbers of search and order: asked once a journey."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.errors import UsageError
from engine.graph import Answers
from engine.journey import Request, Row
from engine.order.layout import Layout
from engine.order.sequence import Preferences
from engine.reasoning.text_query import Wish


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
    shares: Mapping[str, float]
    """Stage id -> its share of the minutes, first stage first."""
    layout: Layout
    """A first guess of the steps that fill the minutes."""
    candidates: int
    """Tracks looked at for each waypoint, at least."""
    kept: int
    """Tracks kept of them for the order, at least."""
    like: Sequence[float] | None
    """The wish as a vector; None for none."""
    fewest: int
    """With fewer candidates than this at a waypoint the search goes farther."""

    @classmethod
    def of(cls, graph: Answers, request: Request, wish: Wish | None = None) -> Facts:
        row = graph.rows("journey/facts", goal=request.goal)[0]
        if row["goal"] is None:
            raise UsageError(
                "--goal",
                "is none of the goals",
                f"Choose from: {', '.join(goal['id'] for goal in row['goals'])}",
            )
        settings = {setting["id"]: setting["value"] for setting in row["settings"]}
        total = 60.0 * (request.minutes or row["goal"]["minutes_best"])
        return cls(
            goals=row["goals"],
            version=row["version"],
            wishes=Preferences.of(settings),
            units={cue["id"]: cue["unit"] for cue in row["cues"]},
            total=total,
            shares={stage["id"]: stage["share"] for stage in row["stages"]},
            layout=Layout.first(total, row["median_seconds"]),
            candidates=round(settings["candidates-per-waypoint"]),
            kept=round(settings["kept-per-waypoint"]),
            like=wish.among(row["version"]) if wish else None,
            fewest=round(settings["fewest-candidates"]),
        )

    @property
    def search(self) -> dict[str, Any]:
        """Params of the candidates' queries for the first guess."""
        return self.searching(self.layout)

    def searching(self, layout: Layout) -> dict[str, Any]:
        """Params of the candidates' queries for a layout of steps, the wish among them."""
        return {**layout.params(self.candidates, self.kept), "like": self.like}
