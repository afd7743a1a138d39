"""Measures of a finished journey: step sizes, monotonicity, and how well it keeps targets and bounds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.journey import Candidate, Quality, Waypoint

Floats = NDArray[np.float64]
SHORTEST_LEG = 0.15
"""Distance between start and goal below which a leg has no direction."""


def measure_quality(waypoints: Sequence[Waypoint], picks: Sequence[Candidate], share_of_bound: float) -> Quality:
    """The measures of a journey, from its cues and its valence and arousal."""
    valence, arousal = (np.array([getattr(c, axis) for c in picks]) for axis in ("valence", "arousal"))
    steps = np.hypot(np.diff(valence), np.diff(arousal))
    ends = [
        float(np.hypot(c.valence - w.valence, c.arousal - w.arousal))
        for w, c in ((waypoints[0], picks[0]), (waypoints[-1], picks[-1]))
    ]
    return Quality(
        round(float(steps.max(initial=0.0)), 4),
        round(float(steps.mean()) if len(steps) else 0.0, 4),
        measure_monotonicity(waypoints, valence, arousal),
        round(ends[0], 4),
        round(ends[1], 4),
        round(float(np.mean([meets_bounds(w, c) for w, c in zip(waypoints, picks, strict=True)])), 4),
        round(share_of_bound, 4),
    )


def meets_bounds(waypoint: Waypoint, pick: Candidate) -> bool:
    """Whether a track keeps every bound of its waypoint and has none of the barred traits."""
    known = {**pick.cues, "valence": pick.valence, "arousal": pick.arousal}
    inside = all(bound.low <= known[cue] <= bound.high for cue, bound in waypoint.bounds.items())
    return inside and set(waypoint.barred).isdisjoint(pick.traits)


def measure_monotonicity(waypoints: Sequence[Waypoint], valence: Floats, arousal: Floats) -> float | None:
    """Spearman's rho of progress against position: mean over legs, weighted by steps; None where all legs are short."""
    rhos, sizes = [], []
    for number, leg in find_legs(waypoints).items():
        inside = np.array([w.leg == number for w in waypoints])
        length = np.hypot(leg[1].valence - leg[0].valence, leg[1].arousal - leg[0].arousal)
        if length < SHORTEST_LEG or inside.sum() < 3:
            continue
        share = project_on_leg(leg, valence[inside], arousal[inside])
        rhos.append(float(np.corrcoef(compute_ranks(share), np.arange(inside.sum()))[0, 1]))
        sizes.append(int(inside.sum()))
    return round(float(np.average(rhos, weights=sizes)), 4) if rhos else None


def compute_ranks(values: Floats) -> Floats:
    """Ranks from 0; ties get their mean."""
    order = np.argsort(values, kind="stable")
    place = np.empty(len(values))
    place[order] = np.arange(len(values))
    _, group = np.unique(values, return_inverse=True)
    shared: Floats = (np.bincount(group, place) / np.bincount(group))[group]
    return shared


def find_legs(waypoints: Sequence[Waypoint]) -> dict[int, tuple[Waypoint, Waypoint]]:
    """First and last waypoint of each leg; a leg begins where the one before ended."""
    legs: dict[int, tuple[Waypoint, Waypoint]] = {}
    for waypoint in waypoints:
        first = legs[waypoint.leg][0] if waypoint.leg in legs else legs[waypoint.leg - 1][1] if legs else waypoint
        legs[waypoint.leg] = (first, waypoint)
    return legs


def project_on_leg(leg: tuple[Waypoint, Waypoint], valence: Floats, arousal: Floats) -> Floats:
    """Progress along the straight line of a leg: 0 at its start, 1 at its end; 0 on a leg without direction."""
    first, last = leg
    dv, da = last.valence - first.valence, last.arousal - first.arousal
    length = dv * dv + da * da
    if length < SHORTEST_LEG**2:
        return np.zeros_like(valence)
    share: Floats = ((valence - first.valence) * dv + (arousal - first.arousal) * da) / length
    return share
