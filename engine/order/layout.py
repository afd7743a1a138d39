"""How many steps fill the minutes: a first guess from all tracks, then what the tracks near each waypoint say."""

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
"""Five steps win over the minutes (design.md, what a caller gets)."""
MAX_STEPS: Final = 60
"""Beyond it, short tracks are left out of the search where longer ones are at hand."""
USUAL: Final = (90.0, 300.0)
"""Median lengths of libraries, s, that a first guess believes: most tracks may be of a kind that is nowhere near."""
CROWDED: Final = 0.75
"""With steps shorter than this share of the usual track, long tracks are left out of the search."""
TYPICAL: Final = 12
"""Tracks of the best rank at a waypoint whose mean length is taken for that of its step."""
STRAINED: Final = 1.5
"""Steps whose tracks would take so many times the minutes, or so small a part of them, are not put in order."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Steps of a journey, and how long those of each stage are expected to be."""

    total: float
    """Length asked for, s."""
    steps: int
    stages: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    """Stage id -> its `steps` before any dose, and their mean length in `seconds`; empty for a first guess."""
    shortest: float = 0.0
    longest: float = math.inf
    """Tracks that are shorter or longer are left out of the search, s."""
    scale: float = 1.0
    """Steps for each one that the expected lengths would give: doses of rules and rounding are made up for."""

    @classmethod
    def guess(cls, total: float, usual: float) -> Layout:
        """As if every track had the usual length, s, or were not far from what is usual anywhere."""
        usual = min(max(usual, USUAL[0]), USUAL[1])
        steps = min(MAX_STEPS, max(MIN_STEPS, round(total / usual)))
        crowded = total / steps < CROWDED * usual
        return cls(total, steps, longest=total / steps / CROWDED if crowded else math.inf)

    @property
    def unlimited(self) -> Layout:
        """The same with tracks of every length."""
        return replace(self, shortest=0.0, longest=math.inf)

    def make_params(self, candidates: int, kept: int) -> dict[str, Any]:
        """Params of the candidates' queries, with the least candidates to be looked at and kept."""
        return {"candidates": max(candidates, 4 * self.steps), "kept": max(kept, 2 * self.steps)}

    @property
    def steps_params(self) -> dict[str, Any]:
        """Params of the steps' query."""
        return {"steps": self.steps, "seconds": self.total / self.steps, "stages": self.stages}

    def suits(self, shortlists: Sequence[Shortlist]) -> bool:
        """Whether tracks of the typical length at these waypoints come near the minutes, or cannot be fewer."""
        share = sum(map(measure_typical_seconds, shortlists)) / self.total
        return 1 / STRAINED <= share <= STRAINED or (self.steps == MIN_STEPS and share > 1)

    def fit(self, shortlists: Sequence[Shortlist], shares: Mapping[str, float]) -> Layout:
        """The layout that the tracks found at its waypoints speak for; stages share the time by `shares`."""
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
        """Where each stage but the last should end: after how many steps, and after how long, s.

        By the shares of the time, or where doses gave a stage other steps by what those are expected to take.
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
    """Length of a step at a waypoint, s, by the tracks of best rank there; 0 where there are none."""
    return fmean(track.seconds for track in shortlist.tracks[:TYPICAL]) if shortlist.tracks else 0.0


def list_stages(shortlists: Sequence[Shortlist]) -> list[str]:
    return list(dict.fromkeys(shortlist.waypoint.stage for shortlist in shortlists))


def apportion(steps: int, wanted: Mapping[str, float]) -> dict[str, int]:
    """So many steps in shares like those wanted, each a whole number and at least 1."""
    total, before, shares = sum(wanted.values()), 0.0, {}
    for stage, want in wanted.items():
        shares[stage] = max(1, round(steps * (before + want) / total) - round(steps * before / total))
        before += want
    while sum(shares.values()) > steps:
        shares[max(shares, key=lambda stage: shares[stage])] -= 1
    return shares
