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
from engine.reasoning.ordering import OrderedJourney, Sequencer
from engine.reasoning.reading import FeelingReader, Signs
from engine.reasoning.search import TrackSearch

NOTICED = 0.25
"""A rule asks a cue elsewhere when what is asked moves by this share of a half-width, or more."""
SEED = 1


@dataclass(frozen=True, slots=True)
class SupposedCase:
    """Signs that are there, emotions as strong as they come, and a goal."""

    signs: tuple[str, ...]
    goal: str


@dataclass(frozen=True, slots=True)
class CaseResult:
    """What rules come to for what is supposed."""

    message_ids: tuple[str, ...]
    """Ids of what holds the journey back, of the question that comes first, and of what is told."""
    ordered: OrderedJourney | None
    """None where the journey is held back, or there is none."""

    @property
    def tracks(self) -> tuple[str, ...]:
        return tuple(pick.track_id for pick in self.ordered.order.picks) if self.ordered else ()


@dataclass(frozen=True, slots=True)
class CueShift:
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
    cues: tuple[CueShift, ...]


@dataclass(slots=True)
class InfluenceMeter:
    """Weighs rules; what holds without any rule taken out is planned once."""

    graph: Graph
    reader: FeelingReader
    contexts: frozenset[str]
    """Ids of signs that are declared, and not read."""
    _known: dict[SupposedCase, CaseResult] = field(default_factory=dict, init=False)

    def measure(self, rule_id: str, cases: Iterable[SupposedCase]) -> Influence:
        """What the rule changes in the cases in which it holds and is not overridden."""
        pairs = []
        for case in cases:
            if self._is_in_force(rule_id, case):
                if case not in self._known:
                    self._known[case] = self._plan_case(case)
                pairs.append((self._known[case], self._plan_case(case, (rule_id,))))
        played = [(one, other) for one, other in pairs if one.ordered or other.ordered]
        others = [len(set(one.tracks) - set(other.tracks)) / max(1, len(one.tracks)) for one, other in played]
        return Influence(
            rule_id,
            len(pairs),
            compute_share([one.message_ids != other.message_ids or one.tracks != other.tracks for one, other in pairs]),
            compute_share([one.tracks != other.tracks for one, other in pairs]),
            round(fmean(others), 3) if others else 0.0,
            measure_shifts([(one.ordered, other.ordered) for one, other in pairs if one.ordered and other.ordered]),
        )

    def _is_in_force(self, rule_id: str, case: SupposedCase) -> bool:
        with self.graph.begin_read() as asking:
            rules = Knowledge(asking, TrackSearch(self.graph)).find_rules(self._make_signs(case), case.goal)
        return any(rule.id == rule_id and not rule.overridden_by for rule in rules)

    def _make_signs(self, case: SupposedCase) -> Signs:
        levels = self.reader.levels
        scores = {sign: levels[sign]["strong"] if sign in levels else 1.0 for sign in case.signs}
        return Signs({**dict.fromkeys(levels, 0.0), **scores}, levels)

    def _plan_case(self, supposed: SupposedCase, without: Sequence[str] = ()) -> CaseResult:
        signs = self._make_signs(supposed)
        feelings = {sign: score for sign, score in signs.scores.items() if sign in self.reader.levels}
        markers = [sign for sign in supposed.signs if sign not in feelings and sign not in self.contexts]
        reading = self.reader.make_reading(feelings, "not_run", markers)
        request = Request(goal=supposed.goal, goal_chosen=True, seed=SEED)
        search = TrackSearch(self.graph)
        with self.graph.begin_read() as asking:
            knowledge = Knowledge(asking, search)
            rules = knowledge.find_rules(signs, supposed.goal, without)
            declared = tuple(sign for sign in supposed.signs if sign in self.contexts)
            case = Case(request, reading, declared, "en", signs, knowledge.read_facts(request), rules)
            held, asked, told = (knowledge.find_messages(kind, case.in_force) for kind in ("Hold", "Ask", "Notify"))
            spoken = (*held[:1], *asked[:1], *sorted(told, key=lambda one: one.of))
            try:
                found = None if held else Sequencer(knowledge, case).find_best(case.in_force)
            except NoJourney:
                found = None
        return CaseResult(tuple(of for one in spoken for of in one.of), found)


def measure_shifts(pairs: Sequence[tuple[OrderedJourney, OrderedJourney]]) -> tuple[CueShift, ...]:
    """For every cue that is asked elsewhere with the rule than without: how the music followed."""
    ways: dict[str, list[float]] = defaultdict(list)
    for one, other in pairs:
        for stage in dict.fromkeys(waypoint.stage for waypoint in one.waypoints):
            here, there = average_cues(one, stage), average_cues(other, stage)
            for cue in here.keys() & there.keys():
                (asked, heard, half), (before, without, _) = here[cue], there[cue]
                if abs(asked - before) >= NOTICED * half:
                    ways[cue].append((heard - without) / (asked - before))
    return tuple(
        CueShift(cue, len(found), round(median(found), 2), compute_share([way > 0 for way in found]))
        for cue, found in sorted(ways.items())
    )


def average_cues(found: OrderedJourney, stage: str) -> Mapping[str, tuple[float, float, float]]:
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


def compute_share(hits: Sequence[bool]) -> float:
    """Of them, how many; 0 where there are none."""
    return round(fmean(hits), 3) if hits else 0.0
