"""What music there is to steer to: works near what every waypoint asks, and whose they are."""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.graph import Graph
from engine.journey import Waypoint
from engine.order.search_space import LOG_CUES
from engine.reasoning.planner import Planner
from tests.bench.asking import listening, planned
from tests.bench.music import Floats, Music
from tests.bench.readings import GOALS, Feeling
from tests.bench.tables import table

NEAR = 0.5
"""Half-widths, weighted root mean square over the cues."""
BEST = 60
"""Tracks nearest to a waypoint whose collections are counted."""


def measure(planner: Planner, graph: Graph, feelings: Sequence[Feeling], say: Callable[[str], None]) -> dict[str, Any]:
    """Works near each waypoint of every reading and goal, the largest collections, and what the catalogue holds."""
    music = Music.of(graph)
    works = np.array([track.work_id for track in music.tracks])
    artists = np.array([track.artist_id for track in music.tracks])
    near: dict[str, list[int]] = defaultdict(list)
    whose: dict[str, Counter[str]] = defaultdict(Counter)
    scarce: list[dict[str, Any]] = []
    for goal in GOALS:
        for feeling in feelings:
            heard, ear = listening(planner, graph)
            for waypoint in planned(heard, ear, feeling, goal, 1).waypoints:
                far, place = distance(music, waypoint), f"{goal}, {waypoint.stage}"
                count = len(set(works[far <= NEAR]))
                near[place].append(count)
                whose[place].update(artists[np.argsort(far)[:BEST]].tolist())
                if count < 12:
                    where = {"feeling": feeling.name, "goal": goal, "position": waypoint.position}
                    scarce.append({**where, "stage": waypoint.stage, "works": count})
        say(f"  {goal}: least {min(min(n) for place, n in near.items() if place.startswith(goal))} works")
    every = [count for counts in near.values() for count in counts]
    return {
        "works": {"least": min(every), "median": statistics.median(every), "waypoints": len(every)},
        "scarce": scarce,
        "places": {
            place: {"least": min(n), "median": statistics.median(n), "largest": largest(whose[place])}
            for place, n in sorted(near.items())
        },
        "held": held(music, works, artists),
    }


def distance(music: Music, waypoint: Waypoint) -> Floats:
    """[tracks]: how far off what is asked, in half-widths."""
    total, weights = np.zeros(len(music.tracks)), 0.0
    for cue, ask in waypoint.asked.items():
        low, best, high = (np.log(x) if cue in LOG_CUES else x for x in (ask.low, ask.best, ask.high))
        x = music.measured[cue]
        total += ask.weight * ((x - best) / np.where(x < best, best - low, high - best)) ** 2
        weights += ask.weight
    far: Floats = np.sqrt(total / weights)
    return far


def held(music: Music, works: NDArray[np.str_], artists: NDArray[np.str_]) -> dict[str, Any]:
    """How many works there are whose pace, loudness and mode stand apart, and who carries the soft, sparse music."""
    level, mode = music.measured["level"], music.measured["mode"]
    tempo, pace = music.measured["tempo"], music.measured["onset_rate"]  # as logarithms
    kinds = {
        "soft_and_brisk": (level < -18) & (tempo >= np.log(80)),
        "loud_and_minor": (level > -14) & (mode < 0),
        "slow_major_full": (tempo < np.log(66)) & (mode > 0) & (level > -16),
    }
    soft = artists[(level < -18) & (pace < np.log(3))]
    return {name: len(set(works[there])) for name, there in kinds.items()} | {
        "soft_sparse": len(soft), "soft_sparse_largest": largest(Counter(soft.tolist())),
    }  # fmt: skip


def largest(counted: Counter[str]) -> list[Any]:
    """The collection with the largest share, and that share."""
    [(name, count)] = counted.most_common(1)
    return [name, round(count / counted.total(), 3)]


def targets(figures: Mapping[str, Any]) -> Iterator[tuple[str, str, str, bool]]:
    near, has = figures["works"], figures["held"]
    yield (
        f"works within {NEAR} half-widths of what is asked, each of {near['waypoints']} waypoints",
        ">= 12, median >= 120", f"least {near['least']}, median {near['median']}",
        near["least"] >= 12 and near["median"] >= 120,
    )  # fmt: skip
    place, most = max(figures["places"].items(), key=lambda item: item[1]["largest"][1])
    name, share = most["largest"]
    yield f"largest collection among the {BEST} nearest tracks", "<= .3", f"{share} ({name}; {place})", share <= 0.3
    name, share = has["soft_sparse_largest"]
    yield "the same among what is softer than -18 dB and sparse", "<= .3", f"{share} ({name})", share <= 0.3
    for kind, least in (("soft_and_brisk", 120), ("loud_and_minor", 200), ("slow_major_full", 120)):
        yield f"works that are {kind.replace('_', ' ')}", f">= {least}", str(has[kind]), has[kind] >= least


def tell(figures: Mapping[str, Any]) -> Iterator[str]:
    yield "## Music to steer to"
    yield ""
    yield f"Works within {NEAR} half-widths of what a waypoint asks (weighted root mean square over the cues), over all"
    yield f"readings of one emotion; and the collection with most of the {BEST} nearest tracks."
    yield ""
    yield from table(
        ["Goal, stage", "least", "median", "largest collection", "share"],
        [[place, one["least"], one["median"], *one["largest"]] for place, one in figures["places"].items()],
    )
    if figures["scarce"]:
        yield ""
        yield from table(
            ["Fewer than 12 works", "Goal", "Step", "Stage", "Works"],
            [[s["feeling"], s["goal"], s["position"], s["stage"], s["works"]] for s in figures["scarce"]],
        )
