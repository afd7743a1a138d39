"""Whether the music goes where the rules lead: leanings, tempo, neighbouring emotions, and how many tracks are used."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import combinations
from statistics import fmean, median
from typing import Any, cast

import numpy as np

from engine.errors import NoJourney
from engine.graph import Graph, Row
from engine.journey import Candidate, Request, Waypoint
from engine.order.search_space import LOG_CUES
from engine.reasoning.knowledge import Knowledge
from engine.reasoning.ordering import OrderedJourney, Sequencer
from engine.reasoning.planner import Planner
from engine.reasoning.search import TrackSearch
from engine.store.catalogue import CUES
from tests.bench.music import Music
from tests.bench.readings import GOALS, Feeling
from tests.bench.tables import table
from tests.helpers.planning import case_of

STAGES = ("match", "guide", "target")
LEANING_FROM = ("fear", "grief", "joy", "nervousness", "pride", "sadness")
"""Emotions from whose journeys leanings lead away."""
WEIGHTS = (1.0, 0.2)
ENDS = (15, 85)
"""Percentiles of the catalogue to which a cue is led."""
NOTICED = 0.5
"""Half-widths between the music and what is asked of it, from which on a leaning has a way to go."""
SEED = 1


@dataclass(frozen=True, slots=True)
class Leaning:
    """A leaning that no rule of the ontology has: one cue at one stage, led to one value."""

    cue: str
    stage: str
    best: float
    half: float
    """In the scale of the cue: logarithmic or not."""
    weight: float

    def put_into(self, effects: Sequence[Row]) -> list[Row]:
        """Settled effects with this one, alone on its cue and stage."""
        others = [e for e in effects if (e["kind"], e["stage"], e["of"]) != ("Lean", self.stage, self.cue)]
        low, high = (
            (self.best * np.exp(-self.half), self.best * np.exp(self.half))
            if self.cue in LOG_CUES
            else (self.best - self.half, self.best + self.half)
        )
        numbers = dict.fromkeys(
            ("at_most", "direction", "steps_min", "steps_max", "seconds_max", "minutes_low", "minutes_high")
        )
        mine = {"kind": "Lean", "stage": self.stage, "of": self.cue, "low": low, "best": self.best, "high": high}
        return [*others, {**mine, **numbers, "weight": self.weight, "named": True, "rule_ids": ["measured"]}]


class LeaningGraph:
    """A graph whose rules lean once more than they do."""

    def __init__(self, graph: Graph, leaning: Leaning | None) -> None:
        self._graph, self._leaning = graph, leaning

    def __getattr__(self, name: str) -> Any:
        return getattr(self._graph, name)

    def rows(self, query: str, **params: object) -> list[Row]:
        found = self._graph.rows(query, **params)
        return self._leaning.put_into(found) if query == "journey/effects" and self._leaning else found

    @contextmanager
    def begin_read(self) -> Iterator[LeaningGraph]:
        with self._graph.begin_read() as transaction:
            yield LeaningGraph(cast("Graph", transaction), self._leaning)


@dataclass(frozen=True, slots=True)
class Plan:
    """One journey, and the rules in force for it."""

    feeling: str
    goal: str
    rules: frozenset[str]
    found: OrderedJourney

    @property
    def steps(self) -> list[tuple[Waypoint, Candidate]]:
        return list(zip(self.found.waypoints, self.found.order.picks, strict=True))


def plan(
    planner: Planner, graph: Graph, feeling: Feeling, goal: str, leaning: Leaning | None = None, seed: int = SEED
) -> Plan | None:
    """A journey, questions aside; None where none is possible."""
    leant = cast("Graph", LeaningGraph(graph, leaning))
    with leant.begin_read() as transaction:
        knowledge = Knowledge(transaction, TrackSearch(leant))
        case = case_of(planner, knowledge, Request(goal=goal, goal_chosen=True, seed=seed), feeling.scores)
        try:
            found = Sequencer(knowledge, case).find_best(case.in_force)
        except NoJourney:
            return None
    return Plan(feeling.name, goal, frozenset(rule.id for rule in case.in_force), found)


def measure(
    planner: Planner, graph: Graph, feelings: Sequence[Feeling], quick: bool, say: Callable[[str], None]
) -> dict[str, Any]:
    """All of it. `feelings`: 27 readings of one emotion, then mixed ones."""
    single = [p for goal in GOALS for feeling in feelings[:27] if (p := plan(planner, graph, feeling, goal))]
    say(f"  {len(single)} journeys of one seed")
    some = feelings[:27] if quick else feelings
    asked = [(feeling, goal) for goal in GOALS for feeling in some]
    plans = [p for seed, (f, goal) in enumerate(asked) if (p := plan(planner, graph, f, goal, seed=seed))]
    say(f"  {len(plans)} journeys, each of a seed of its own")
    music = Music.of(graph)
    figures = {
        "journeys": len(plans),
        "tempo": measure_tempo(single),
        "neighbours": measure_neighbours(single),
        "variety": measure_variety(plans, len(music.tracks)),
        "limits": measure_limits(plans),
    }
    led = [f for f in feelings[:27] if f.name.split()[0] in (LEANING_FROM[::3] if quick else LEANING_FROM)]
    return figures | {"leanings": measure_leanings(planner, graph, led, music, say)}


def measure_tempo(plans: Sequence[Plan]) -> dict[str, Any]:
    """Octaves between the tempo heard and the tempo asked."""
    off = [
        (w.position, w.asked["tempo"].led > 0, abs(np.log2(pick.cues["tempo"] / w.asked["tempo"].best)))
        for one in plans
        for w, pick in one.steps
        if "tempo" in w.asked
    ]
    every = [far for *_, far in off]
    named = [far for _, is_named, far in off if is_named]
    first = [far for position, is_named, far in off if is_named and position == 1]
    return {
        "first_named": describe(first),
        "named": describe(named),
        "every": describe(every),
    }


def describe(values: Sequence[float]) -> dict[str, float | int]:
    """How many, their median, 90th percentile and largest."""
    if not values:
        return {"steps": 0}
    tenth = np.percentile(values, [50, 90, 100])
    return {"steps": len(values)} | dict(zip(("median", "tenth", "most"), tenth.round(3).tolist(), strict=True))


def measure_neighbours(plans: Sequence[Plan]) -> dict[str, Any]:
    """Share of tracks in common before the target, of each two emotions whose rules differ at a goal."""
    shares = defaultdict(list)
    for one, other in combinations(plans, 2):
        if one.goal == other.goal and one.rules != other.rules:
            mine, theirs = ({pick.track_id for w, pick in p.steps if w.stage != "target"} for p in (one, other))
            shares[one.feeling, other.feeling].append(2 * len(mine & theirs) / max(1, len(mine) + len(theirs)))
    means = {pair: fmean(found) for pair, found in shares.items()}
    nearest = sorted(means, key=lambda pair: -means[pair])[:10]
    return {
        "pairs": len(means),
        "mean": round(fmean(means.values()), 3),
        "over": sum(mean > 0.4 for mean in means.values()),
        "nearest": [[*(name.split()[0] for name in pair), round(means[pair], 3)] for pair in nearest],
    }


def measure_variety(plans: Sequence[Plan], tracks: int) -> dict[str, Any]:
    """How often the most frequent track plays among journeys to a goal, and the share of tracks that play."""
    played = {
        goal: Counter(pick.track_id for one in plans if one.goal == goal for _, pick in one.steps) for goal in GOALS
    }
    journeys = Counter(one.goal for one in plans)
    most = {goal: round(max(played[goal].values()) / journeys[goal], 3) for goal in GOALS}
    return {"most_frequent": most, "used": round(len(set().union(*played.values())) / tracks, 3)}


def measure_limits(plans: Sequence[Plan]) -> dict[str, Any]:
    """Worth of the orders over their bounds, and journeys with a composer in more than two tracks of nine."""
    shares = [one.found.order.share_of_bound for one in plans]
    crowded = [
        f"{one.feeling}, {one.goal}"
        for one in plans
        if max(Counter(p.artist_id for _, p in one.steps).values()) > max(2, np.ceil(2 * len(one.steps) / 9))
    ]
    return {"share_of_bound": round(min(shares), 3), "crowded": len(crowded)}


def measure_leanings(
    planner: Planner, graph: Graph, feelings: Sequence[Feeling], music: Music, say: Callable[[str], None]
) -> dict[str, Any]:
    """The way that a leaning brings its cue, as a share of what it asks, by weight, cue and stage."""
    ways: dict[float, list[tuple[str, str, float]]] = {weight: [] for weight in WEIGHTS}
    for goal in GOALS:
        for feeling in feelings:
            if not (without := plan(planner, graph, feeling, goal)):
                continue
            for stage in STAGES:
                for cue in CUES:
                    for asked in find_ends(music, without, cue, stage):
                        for weight in WEIGHTS:
                            leaning = replace(asked, weight=weight)
                            if found := plan(planner, graph, feeling, goal, leaning):
                                ways[weight].append((cue, stage, measure_way(leaning, without, found)))
        say(f"  leanings on the way to {goal}: {len(ways[1.0])} so far")
    return {str(weight): summarise(found) for weight, found in ways.items()}


def find_ends(music: Music, without: Plan, cue: str, stage: str) -> Iterator[Leaning]:
    """The leanings on this cue that have a way to go."""
    asked = [w.asked[cue] for w, _ in without.steps if w.stage == stage and cue in w.asked]
    if not asked:
        return
    scale = np.log if cue in LOG_CUES else float
    half = fmean(float(scale(ask.high) - scale(ask.low)) / 2 for ask in asked)
    for value in np.percentile(music.measured[cue], ENDS):
        best = float(np.exp(value)) if cue in LOG_CUES else float(value)
        if abs(value - mean_of(without, cue, stage)) >= NOTICED * half:
            yield Leaning(cue, stage, best, half, 1.0)


def mean_of(found: Plan, cue: str, stage: str) -> float:
    """Mean of a cue over a stage, in the cue's scale."""
    scale = np.log if cue in LOG_CUES else float
    return fmean(float(scale(pick.cues[cue])) for w, pick in found.steps if w.stage == stage)


def measure_way(leaning: Leaning, without: Plan, found: Plan) -> float:
    """Where the cue came to, as a share of the way from where it is without the leaning to where that asks."""
    start = mean_of(without, leaning.cue, leaning.stage)
    end = float(np.log(leaning.best)) if leaning.cue in LOG_CUES else leaning.best
    return (mean_of(found, leaning.cue, leaning.stage) - start) / (end - start)


def summarise(found: Sequence[tuple[str, str, float]]) -> dict[str, Any]:
    cues, stages = defaultdict(list), defaultdict(list)
    for cue, stage, way in found:
        cues[cue].append(way)
        stages[stage].append(way)
    return {
        "leanings": len(found),
        "median": round(median(way for *_, way in found), 3),
        "cues": {cue: round(median(ways), 3) for cue, ways in sorted(cues.items())},
        "stages": {stage: round(median(ways), 3) for stage, ways in stages.items()},
    }


def targets(figures: Mapping[str, Any]) -> Iterator[tuple[str, str, str, bool]]:
    full, light = (figures["leanings"][str(weight)] for weight in WEIGHTS)
    cue, least = min(full["cues"].items(), key=lambda item: item[1])
    yield (
        "way that a leaning of weight 1 covers, median; worst cue's median", ">= .8; >= .5",
        f"{full['median']}; {least} ({cue})", full["median"] >= 0.8 and least >= 0.5,
    )  # fmt: skip
    yield "the same of weight .2", ".08 to .3", str(light["median"]), 0.08 <= light["median"] <= 0.3
    tempo = figures["tempo"]
    first, named, every = (tempo[name] for name in ("first_named", "named", "every"))
    if first["steps"]:
        found = f"{first['median']} (largest {first['most']}, {first['steps']} journeys)"
        yield "tempo off what is asked, first step under a rule, octaves", "<= .15 each", found, first["most"] <= 0.15
        yield (
            "the same, steps where a rule names tempo, median",
            "<= .06",
            str(named["median"]),
            named["median"] <= 0.06,
        )
    yield (
        "the same, all steps, median; 90th percentile", "<= .12; <= .30", f"{every['median']}; {every['tenth']}",
        every["median"] <= 0.12 and every["tenth"] <= 0.3,
    )  # fmt: skip
    near = figures["neighbours"]
    yield (
        "tracks in common before the target, emotions whose rules differ, mean", "<= .4",
        f"{near['mean']} ({near['over']} of {near['pairs']} pairs above .4)", near["mean"] <= 0.4,
    )  # fmt: skip
    variety = figures["variety"]
    goal, most = max(variety["most_frequent"].items(), key=lambda item: item[1])
    yield "most frequent track among journeys to one goal", "<= .12", f"{most} ({goal})", most <= 0.12
    yield (
        f"share of the catalogue used over {figures['journeys']} journeys", ">= .6", str(variety["used"]),
        variety["used"] >= 0.6,
    )  # fmt: skip
    crowded = figures["limits"]["crowded"]
    yield "journeys with a composer in more than two tracks of nine", "none", str(crowded), not crowded


def tell(figures: Mapping[str, Any]) -> Iterator[str]:
    yield "## Steering"
    yield ""
    yield "A leaning alone on its cue and stage, to the catalogue's 15th and 85th percentile: the share of the way from"
    yield "where the music is without it to where it asks, medians."
    yield ""
    leanings = figures["leanings"]
    first = leanings[str(WEIGHTS[0])]
    yield from table(
        ["Weight", "leanings", "median", *first["cues"], *first["stages"]],
        [[w, one["leanings"], one["median"], *one["cues"].values(), *one["stages"].values()]
         for w, one in leanings.items()],
    )  # fmt: skip
    yield ""
    yield "Octaves between the tempo heard and the tempo asked:"
    yield ""
    tempo = figures["tempo"]
    yield from table(
        ["Steps", "number", "median", "90 %", "largest"],
        [[name.replace("_", " "), one["steps"], one.get("median"), one.get("tenth"), one.get("most")]
         for name, one in tempo.items()],
    )  # fmt: skip
    yield ""
    yield "Emotions with the most tracks in common before the target, though their rules differ:"
    yield ""
    yield from table(["Emotion", "Emotion", "Share"], figures["neighbours"]["nearest"])
    yield ""
    most = ", ".join(f"{goal} {share}" for goal, share in figures["variety"]["most_frequent"].items())
    yield f"Share of journeys in which the most frequent track plays: {most}."
