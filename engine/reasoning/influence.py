"""Measures the influence of a rule: compares answers with and without it in cases in which it holds."""

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
"""Change of a target, in half-widths, from which on a cue counts as moved by a rule."""
SEED = 1


@dataclass(frozen=True, slots=True)
class SupposedCase:
    """Signs that are present, emotions strongly so, and a goal."""

    signs: tuple[str, ...]
    goal: str


@dataclass(frozen=True, slots=True)
class CaseResult:
    """The answer in one case."""

    message_ids: tuple[str, ...]
    """Ids of texts: the first hold, the first question, and all notices."""
    ordered: OrderedJourney | None
    """None where music is withheld or no journey is possible."""

    @property
    def tracks(self) -> tuple[str, ...]:
        return tuple(pick.track_id for pick in self.ordered.order.picks) if self.ordered else ()


@dataclass(frozen=True, slots=True)
class CueShift:
    """How a rule moved one cue, over the cases in which it changes the cue's target."""

    cue: str
    cases: int
    way: float
    """Median change of the music, as a share of the change of the target."""
    towards: float
    """Share of cases in which the music moved in the direction of the target."""


@dataclass(frozen=True, slots=True)
class Influence:
    """What one rule changes where it holds."""

    rule_id: str
    cases: int
    """Number of cases in which it holds."""
    changed: float
    """Share of cases with another answer without the rule."""
    journeys: float
    """Share of cases with other music without the rule."""
    tracks: float
    """Mean share of a journey's tracks that differ."""
    cues: tuple[CueShift, ...]


@dataclass(slots=True)
class InfluenceMeter:
    """Measures the influence of rules. The plan of a case with all rules is cached."""

    graph: Graph
    reader: FeelingReader
    contexts: frozenset[str]
    """Ids of signs that are declared and not read from a text."""
    _known: dict[SupposedCase, CaseResult] = field(default_factory=dict, init=False)

    def measure(self, rule_id: str, cases: Iterable[SupposedCase]) -> Influence:
        """What the rule changes in those of the cases in which it is in force."""
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
        with self.graph.begin_read() as transaction:
            rules = Knowledge(transaction, TrackSearch(self.graph)).find_rules(self._make_signs(case), case.goal)
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
        with self.graph.begin_read() as transaction:
            knowledge = Knowledge(transaction, search)
            rules = knowledge.find_rules(signs, supposed.goal, without)
            declared = tuple(sign for sign in supposed.signs if sign in self.contexts)
            case = Case(request, reading, declared, "en", signs, knowledge.read_facts(request), rules)
            holds, asked, notified = (
                knowledge.find_messages(kind, case.in_force) for kind in ("Hold", "Ask", "Notify")
            )
            messages = (*holds[:1], *asked[:1], *sorted(notified, key=lambda one: one.of))
            try:
                found = None if holds else Sequencer(knowledge, case).find_best(case.in_force)
            except NoJourney:
                found = None
        return CaseResult(tuple(of for one in messages for of in one.of), found)


def measure_shifts(pairs: Sequence[tuple[OrderedJourney, OrderedJourney]]) -> tuple[CueShift, ...]:
    """How the music followed the targets: a shift for every cue whose target a rule changed.

    Each pair holds the journeys with and without the rule.
    """
    ways: dict[str, list[float]] = defaultdict(list)
    for one, other in pairs:
        for stage in dict.fromkeys(waypoint.stage for waypoint in one.waypoints):
            here, there = average_cues(one, stage), average_cues(other, stage)
            for cue in here.keys() & there.keys():
                (target, measured, half), (target_without, measured_without, _) = here[cue], there[cue]
                if abs(target - target_without) >= NOTICED * half:
                    ways[cue].append((measured - measured_without) / (target - target_without))
    return tuple(
        CueShift(cue, len(found), round(median(found), 2), compute_share([way > 0 for way in found]))
        for cue, found in sorted(ways.items())
    )


def average_cues(found: OrderedJourney, stage: str) -> Mapping[str, tuple[float, float, float]]:
    """Cue id -> means over the steps of a stage: target, value of the track, half-width; logarithms for log cues."""
    steps = [(w, pick) for w, pick in zip(found.waypoints, found.order.picks, strict=True) if w.stage == stage]
    cues = {cue for waypoint, _ in steps for cue in waypoint.asked}

    def means(cue: str) -> tuple[float, float, float]:
        scale = log if cue in ("tempo", "onset_rate") else float
        rows = [(w.asked[cue], {**p.cues, "valence": p.valence, "arousal": p.arousal}[cue]) for w, p in steps]
        return (
            fmean(scale(ask.best) for ask, _ in rows),
            fmean(scale(measured) for _, measured in rows),
            fmean((scale(ask.high) - scale(ask.low)) / 2 for ask, _ in rows),
        )

    return {cue: means(cue) for cue in cues}


def compute_share(hits: Sequence[bool]) -> float:
    """Share of true values; 0 for an empty sequence."""
    return round(fmean(hits), 3) if hits else 0.0
