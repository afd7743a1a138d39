"""Plans what a scenario supposes, on the engine that journeys are planned with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from engine.answers import Journey, Question, Withheld
from engine.authoring.scenario import Given
from engine.errors import NoJourney
from engine.journey import Request
from engine.reasoning.asking import understood
from engine.reasoning.facts import Basis, Case
from engine.reasoning.knowledge import Knowledge
from engine.reasoning.planner import Planner
from engine.reasoning.waypoints import Settled

SEED: Final = 1


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
    def settled(self) -> Settled | None:
        """What the rules in force come to."""
        return self.knowledge.settled(self.case, self.case.in_force) if self.case else None

    @cached_property
    def traits(self) -> Mapping[str, tuple[str, ...]]:
        """Track id -> traits, of the journey's tracks."""
        ids = [step.track_id for step in self.answer.steps] if isinstance(self.answer, Journey) else []
        return self.knowledge.traits(ids)


@dataclass(frozen=True, slots=True)
class Trial:
    """One state of the graph, and what reads words into the terms of the ontology that it holds."""

    planner: Planner
    knowledge: Knowledge

    def observe(self, given: Given) -> Observed:
        """What comes of it, with the same seed each time; nothing is kept."""
        gated = self.planner.gate.check_all((given.text,))
        if gated is not None and gated.hit:
            return Observed("support", self.knowledge)
        request = Request(
            text=given.text,
            goal=given.goal,
            goal_chosen=True,
            minutes=given.minutes,
            seed=SEED,
            feel=given.feel,
            contexts=given.contexts,
            signals=given.signals,
            answer=given.answer,
        )
        basis = self.planner.basis(request, gated) if given.text is not None else self._supposed(request, given)
        case = understood(self.knowledge, self.planner.reader, basis)
        try:
            answer = self.planner.answer(self.knowledge, case, basis.head, "trial", "")
        except NoJourney:
            return Observed("no_journey", self.knowledge, None, case)
        return Observed(answer.outcome, self.knowledge, answer, case)

    def _supposed(self, request: Request, given: Given) -> Basis:
        """The reading that is supposed, without words."""
        reader = self.planner.reader
        scores = dict.fromkeys(reader.levels, 0.0) | dict(given.scores)
        for level, signs in (("present", given.present), ("strong", given.strong)):
            scores |= {sign: reader.levels[sign][level] for sign in signs if sign in reader.levels}
        markers = [sign for sign in given.present if sign not in reader.levels]
        return Basis(request, reader.reading(scores, "not_run", markers, given.feel))
