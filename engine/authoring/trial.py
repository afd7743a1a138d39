"""Plans what a scenario supposes, on the engine that journeys are planned with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from engine.answers import Journey, Question, Withheld
from engine.authoring.scenario import Given
from engine.errors import NoJourney
from engine.gate import GateResult
from engine.journey import Reading, Request
from engine.reasoning.asking import build_case
from engine.reasoning.facts import Basis, Case
from engine.reasoning.knowledge import Knowledge
from engine.reasoning.planner import Planner
from engine.reasoning.reading import Signs, collect_signs
from engine.reasoning.waypoints import SettledEffects


@dataclass(frozen=True)
class Observed:
    """What came of it."""

    outcome: str
    """journey, question, support, withheld or no_journey"""
    knowledge: Knowledge
    answer: Withheld | Question | Journey | None = None
    """None for support, and where the rules leave no music."""
    case: Case | None = None
    """None for support: nothing was reasoned."""

    @cached_property
    def settled(self) -> SettledEffects | None:
        """What the rules in force come to."""
        return self.knowledge.settle_effects(self.case, self.case.in_force) if self.case else None

    @cached_property
    def traits(self) -> Mapping[str, tuple[str, ...]]:
        """Track id -> traits, of the journey's tracks."""
        ids = [step.track_id for step in self.answer.steps] if isinstance(self.answer, Journey) else []
        return self.knowledge.read_traits(ids)


@dataclass(frozen=True, slots=True)
class Trial:
    """One state of the graph, and what reads words into the terms of the ontology that it holds."""

    planner: Planner
    knowledge: Knowledge

    def remove_rule(self, rule: str) -> Trial:
        """The same with one rule taken out. It is shown, and never played."""
        return replace(self, knowledge=replace(self.knowledge, without=(*self.knowledge.without, rule)))

    def observe(self, given: Given) -> Observed:
        """What comes of it, with the seed that is given; nothing is kept."""
        gated = self.planner.gate.check_all((given.text,))
        if gated is not None and gated.hit:
            return Observed("support", self.knowledge)
        case = self.build_case(given, gated)
        try:
            answer = self.planner.make_answer(self.knowledge, case, (), "trial", "")
        except NoJourney:
            return Observed("no_journey", self.knowledge, None, case)
        return Observed(answer.outcome, self.knowledge, answer, case)

    def build_case(self, given: Given, gated: GateResult | None = None) -> Case:
        """The case that it is, with the rules that hold; `gated` is what the gate found in its words."""
        request = Request(
            text=given.text,
            goal=given.goal,
            goal_chosen=True,
            minutes=given.minutes,
            seed=given.seed,
            feel=given.feel,
            contexts=given.contexts,
            signals=given.signals,
            answer=given.answer,
        )
        reads = given.text is not None
        basis = self.planner.read_request(request, gated) if reads else Basis(request, self._make_reading(given))
        return build_case(self.knowledge, self.planner.reader, basis)

    def collect_signs(self, given: Given) -> Signs:
        """What rules look at, where nothing was asked or answered."""
        return collect_signs(self.planner.reader, self._make_reading(given), None, (*given.contexts, *given.signals))

    def _make_reading(self, given: Given) -> Reading:
        """The reading that is supposed, without words."""
        reader = self.planner.reader
        scores = dict.fromkeys(reader.levels, 0.0) | dict(given.scores)
        for level, signs in (("present", given.present), ("strong", given.strong)):
            scores |= {sign: reader.levels[sign][level] for sign in signs if sign in reader.levels}
        markers = [sign for sign in given.present if sign not in reader.levels]
        return reader.make_reading(scores, "not_run", markers, given.feel)
