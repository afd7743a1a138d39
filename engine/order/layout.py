"""How many steps fill the minutes: first guessed from all tracks, then fitted to the tracks near each waypoint."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from statistics import fmean
from typing import Any, Final

from engine.journey import Shortlist

MIN_STEPS: Final = 5
"""A journey has five steps even where they take longer than the minutes asked for."""
MAX_STEPS: Final = 60
"""With more steps, short tracks are left out of the search where there are longer ones."""
USUAL: Final = (90.0, 300.0)
"""Range of the median length, s, in a first guess: most tracks of a library may be far from every waypoint."""
CROWDED: Final = 0.75
"""With steps shorter than this share of the usual track, long tracks are left out of the search."""
TYPICAL: Final = 12
"""Number of best-ranked tracks at a waypoint whose mean length is expected for its step."""
STRAINED: Final = 1.5
"""A layout is not ordered when its expected length is off the minutes by more than this factor."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Number of steps of a journey, with their expected lengths by stage."""

    total: float
    """Length asked for, s."""
    steps: int
    stages: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    """Stage id -> `steps` before any dose, and their mean length in `seconds`; empty for a first guess."""
    shortest: float = 0.0
    longest: float = math.inf
    """Limits on the length of a track, s."""
    scale: float = 1.0
    """Correction of the number of steps for doses of rules and for rounding."""

    @classmethod
    def guess(cls, total: float, usual_seconds: float) -> Layout:
        """The first layout: as if every track had the usual length, s."""
        usual_seconds = min(max(usual_seconds, USUAL[0]), USUAL[1])
        steps = min(MAX_STEPS, max(MIN_STEPS, round(total / usual_seconds)))
        crowded = total / steps < CROWDED * usual_seconds
        return cls(total, steps, longest=total / steps / CROWDED if crowded else math.inf)

    @property
    def unlimited(self) -> Layout:
        """The same layout without limits on lengths."""
        return replace(self, shortest=0.0, longest=math.inf)

    def make_params(self, candidates: int, kept: int) -> dict[str, Any]:
        """Params of `journey/candidates`: how many tracks are compared and kept, at least."""
        return {"candidates": max(candidates, 4 * self.steps), "kept": max(kept, 2 * self.steps)}

    @property
    def steps_params(self) -> dict[str, Any]:
        """Params of `journey/steps`."""
        return {"steps": self.steps, "seconds": self.total / self.steps, "stages": self.stages}

    def suits(self, shortlists: Sequence[Shortlist]) -> bool:
        """Whether the typical lengths at these waypoints come near the minutes, or no layout is shorter."""
        share = sum(map(measure_typical_seconds, shortlists)) / self.total
        return 1 / STRAINED <= share <= STRAINED or (self.steps == MIN_STEPS and share > 1)

    def fit(self, shortlists: Sequence[Shortlist], shares: Mapping[str, float]) -> Layout:
        """The layout that follows from the tracks found at the waypoints; `shares` are those of the stages."""
        found = [shortlist for shortlist in shortlists if shortlist.tracks]
        if not found:
            return self.unlimited
        lengths = {
            stage: fmean(measure_typical_seconds(shortlist) for shortlist in found if shortlist.waypoint.stage == stage)
            for stage in list_stages(found)
        }
        overall = fmean(map(measure_typical_seconds, found))
        expected = sum(self.stages[one.waypoint.stage]["seconds"] for one in shortlists) if self.stages else self.total
        scale = self.scale * self.total / expected
        wanted = {stage: scale * share * self.total / lengths.get(stage, overall) for stage, share in shares.items()}
        steps = max(MIN_STEPS, len(shares), round(sum(wanted.values())))
        return Layout(
            self.total,
            steps,
            {
                stage: {"steps": count, "seconds": lengths.get(stage, overall)}
                for stage, count in apportion(steps, wanted).items()
            },
            CROWDED * self.total / MAX_STEPS,
            self.total / MIN_STEPS / CROWDED,
            scale,
        )

    def compute_stage_ends(
        self, shortlists: Sequence[Shortlist], shares: Mapping[str, float]
    ) -> list[tuple[int, float]]:
        """(steps, seconds) after which each stage but the last should end.

        By the shares of the stages; where doses changed the number of steps, by their expected lengths.
        """
        counts = Counter(shortlist.waypoint.stage for shortlist in shortlists)
        if not self.stages:
            expected = dict.fromkeys(counts, 1.0)
        elif all(counts[stage] == given["steps"] for stage, given in self.stages.items()):
            expected = {stage: shares[stage] / count for stage, count in counts.items()}
        else:
            expected = {stage: self.stages[stage]["seconds"] for stage in counts}
        stages = [shortlist.waypoint.stage for shortlist in shortlists]
        times = [expected[stage] for stage in stages]
        lasts = [number for number, (here, there) in enumerate(pairwise(stages), 1) if here != there]
        return [(last, self.total * sum(times[:last]) / sum(times)) for last in lasts]


def measure_typical_seconds(shortlist: Shortlist) -> float:
    """Mean length of the best-ranked tracks at a waypoint, s; 0 where there are none."""
    return fmean(track.seconds for track in shortlist.tracks[:TYPICAL]) if shortlist.tracks else 0.0


def list_stages(shortlists: Sequence[Shortlist]) -> list[str]:
    """The stages of the waypoints, in order."""
    return list(dict.fromkeys(shortlist.waypoint.stage for shortlist in shortlists))


def apportion(steps: int, wanted: Mapping[str, float]) -> dict[str, int]:
    """Distributes steps in proportion to `wanted`: whole numbers, at least 1 each."""
    total, before, shares = sum(wanted.values()), 0.0, {}
    for stage, want in wanted.items():
        shares[stage] = max(1, round(steps * (before + want) / total) - round(steps * before / total))
        before += want
    while sum(shares.values()) > steps:
        shares[max(shares, key=lambda stage: shares[stage])] -= 1
    return shares
