"""What a rule changes: what is answered with it and without it, where it holds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import log
from statistics import fmean, median

from engine.errors import NoJourney
from engine.graph import Graph
from engine.journey import Request
from engine.reasoning.facts import Case
from engine.reasoning.knowledge import Knowledge
from engine.reasoning.ordering import Ordered, Ordering
from engine.reasoning.reading import Reader, Signs
from engine.reasoning.search import Search

NOTICED = 0.25
"""A rule asks a cue elsewhere when what is asked moves by this share of a half-width, or more."""
SEED = 1


@dataclass(frozen=True, slots=True)
class Supposed:
    """Signs that are there, emotions as strong as they come, and a goal."""

    signs: tuple[str, ...]
    goal: str


@dataclass(frozen=True, slots=True)
class Answered:
    """What rules come to for what is supposed."""

    said: tuple[str, ...]
    """Ids of what holds the journey back, of the question that comes first, and of what is told."""
    found: Ordered | None
    """None where the journey is held back, or there is none."""

    @property
    def tracks(self) -> tuple[str, ...]:
        return tuple(pick.track_id for pick in self.found.order.picks) if self.found else ()


@dataclass(frozen=True, slots=True)
class Moved:
    """How a rule moved one cue, over the cases in which it asks it elsewhere."""

    cue: str
    cases: int
    way: float
    """Median share of the way that the music went from where it was without the rule to where it is asked with it."""
    towards: float
    """Share of cases in which it went that way at all."""


@dataclass(frozen=True, slots=True)
class Influence:
    """What one rule changes where it holds."""

    rule_id: str
    cases: int
    """Readings and goals in which it holds and was looked at."""
    changed: float
    """Share of them in which the answer is another without it."""
    journeys: float
    """Share of them in which the music is."""
    tracks: float
    """Mean share of a journey's tracks that are others."""
    cues: tuple[Moved, ...]


@dataclass(slots=True)
class Influences:
    """Weighs rules; what holds without any rule taken out is planned once."""

    graph: Graph
    reader: Reader
    contexts: frozenset[str]
    """Ids of signs that are declared, and not read."""
    _known: dict[Supposed, Answered] = field(default_factory=dict, init=False)

    def of(self, rule_id: str, cases: Iterable[Supposed]) -> Influence:
        """What the rule changes in the cases in which it holds and is not overridden."""
        pairs = []
        for case in cases:
            if self._holds(rule_id, case):
                if case not in self._known:
                    self._known[case] = self._answer(case)
                pairs.append((self._known[case], self._answer(case, (rule_id,))))
        played = [(one, other) for one, other in pairs if one.found or other.found]
        others = [len(set(one.tracks) - set(other.tracks)) / max(1, len(one.tracks)) for one, other in played]
        return Influence(
            rule_id,
            len(pairs),
            share([one.said != other.said or one.tracks != other.tracks for one, other in pairs]),
            share([one.tracks != other.tracks for one, other in pairs]),
            round(fmean(others), 3) if others else 0.0,
            moved([(one.found, other.found) for one, other in pairs if one.found and other.found]),
        )

    def _holds(self, rule_id: str, case: Supposed) -> bool:
        with self.graph.reading() as asking:
            rules = Knowledge(asking, Search(self.graph)).rules(self._signs(case), case.goal)
        return any(rule.id == rule_id and not rule.overridden_by for rule in rules)

    def _signs(self, case: Supposed) -> Signs:
        levels = self.reader.levels
        scores = {sign: levels[sign]["strong"] if sign in levels else 1.0 for sign in case.signs}
        return Signs({**dict.fromkeys(levels, 0.0), **scores}, levels)

    def _answer(self, supposed: Supposed, without: Sequence[str] = ()) -> Answered:
        signs = self._signs(supposed)
        feelings = {sign: score for sign, score in signs.scores.items() if sign in self.reader.levels}
        markers = [sign for sign in supposed.signs if sign not in feelings and sign not in self.contexts]
        reading = self.reader.reading(feelings, "not_run", markers)
        request = Request(goal=supposed.goal, goal_chosen=True, seed=SEED)
        search = Search(self.graph)
        with self.graph.reading() as asking:
            knowledge = Knowledge(asking, search)
            rules = knowledge.rules(signs, supposed.goal, without)
            declared = tuple(sign for sign in supposed.signs if sign in self.contexts)
            case = Case(request, reading, declared, "en", signs, knowledge.facts(request), rules)
            held, asked, told = (knowledge.said(kind, case.in_force) for kind in ("Hold", "Ask", "Notify"))
            spoken = (*held[:1], *asked[:1], *sorted(told, key=lambda one: one.of))
            try:
                found = None if held else Ordering(knowledge, case).best(case.in_force)
            except NoJourney:
                found = None
        return Answered(tuple(of for one in spoken for of in one.of), found)


def moved(pairs: Sequence[tuple[Ordered, Ordered]]) -> tuple[Moved, ...]:
    """For every cue that is asked elsewhere with the rule than without: how the music followed."""
    ways: dict[str, list[float]] = defaultdict(list)
    for one, other in pairs:
        for stage in dict.fromkeys(waypoint.stage for waypoint in one.waypoints):
            here, there = at(one, stage), at(other, stage)
            for cue in here.keys() & there.keys():
                (asked, heard, half), (before, without, _) = here[cue], there[cue]
                if abs(asked - before) >= NOTICED * half:
                    ways[cue].append((heard - without) / (asked - before))
    return tuple(
        Moved(cue, len(found), round(median(found), 2), share([way > 0 for way in found]))
        for cue, found in sorted(ways.items())
    )


def at(found: Ordered, stage: str) -> Mapping[str, tuple[float, float, float]]:
    """Of every cue at a stage, means over its steps: what is asked, what is heard, the half-width; some by ratio."""
    steps = [(w, pick) for w, pick in zip(found.waypoints, found.order.picks, strict=True) if w.stage == stage]
    cues = {cue for waypoint, _ in steps for cue in waypoint.asked}

    def means(cue: str) -> tuple[float, float, float]:
        scale = log if cue in ("tempo", "onset_rate") else float
        rows = [(w.asked[cue], {**p.cues, "valence": p.valence, "arousal": p.arousal}[cue]) for w, p in steps]
        return (
            fmean(scale(ask.best) for ask, _ in rows),
            fmean(scale(heard) for _, heard in rows),
            fmean((scale(ask.high) - scale(ask.low)) / 2 for ask, _ in rows),
        )

    return {cue: means(cue) for cue in cues}


def share(hits: Sequence[bool]) -> float:
    """Of them, how many; 0 where there are none."""
    return round(fmean(hits), 3) if hits else 0.0
