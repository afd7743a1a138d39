"""Plans a journey from a person's words."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from uuid import uuid4

from engine.bootstrap import Compiled, Progress, planner
from engine.errors import UsageError
from engine.journey import Answer, Request
from engine.settings import Settings
from engine.use_cases.ask_again import ask_again


@dataclass(frozen=True, slots=True)
class UncheckedRequest:
    """A request as it came in: the gate reads every word of it before any of it is checked.

    Words in the wrong place are a person's words too (`--goal "I want to die"`), so `repr` shows none of them.
    """

    text: str | None = field(default=None, repr=False)
    like: str | None = field(default=None, repr=False)
    goal: str | None = field(default=None, repr=False)
    """None: nobody named one, and calm is taken."""
    minutes: float | None = None
    seed: int | None = None
    """None: one is drawn, and the answer names it."""
    feel: tuple[str, ...] = field(default=(), repr=False)
    contexts: tuple[str, ...] = field(default=(), repr=False)
    answer: str | None = field(default=None, repr=False)
    explain: bool = False
    keep_reading: bool = False

    @property
    def words(self) -> tuple[str | None, ...]:
        """Everything that a person may have written."""
        return self.text, self.like, self.goal, self.answer, ", ".join(self.feel), ", ".join(self.contexts)

    def checked(self, seed: int) -> Request:
        """The request that a planner takes; UsageError with all its faults."""
        return Request(
            text=self.text,
            like=self.like,
            goal=self.goal or "calm",
            goal_chosen=self.goal is not None,
            minutes=self.minutes,
            seed=seed,
            feel=self.feel,
            contexts=self.contexts,
            answer=self.answer,
            explain=self.explain,
            keep_reading=self.keep_reading,
        )


def plan_journey(settings: Settings, opened: Compiled, asked: UncheckedRequest, progress: Progress) -> Answer:
    """Support, withheld, a question or a journey. The gate reads all words before any fault is raised.

    A question is answered by the same request with the answer's seed and the id of a choice.
    """
    seed = secrets.randbelow(2**32) if asked.seed is None else asked.seed
    if support := _support(settings, opened, asked, seed):
        return support
    if asked.keep_reading and not settings.keep:
        raise UsageError("--keep-reading", "ISOPATH_KEEP=0 keeps no journeys", "Leave one of the two away")
    request = asked.checked(seed)

    def plan() -> Answer:
        with planner(settings, opened, progress) as opened_planner:
            return opened_planner.plan(request)

    return ask_again(settings, progress, plan)


def _support(settings: Settings, opened: Compiled, asked: UncheckedRequest, seed: int) -> Answer | None:
    """Help where the words speak of a crisis."""
    found = opened.gate.check_all(asked.words)
    if found is None or not found.hit:
        return None
    # The goal is repeated only where it is a name and no words.
    is_name = asked.goal is not None and asked.goal.isidentifier() and not opened.gate.check(asked.goal).hit
    goal = asked.goal if asked.goal and is_name else "calm"
    return Answer("support", str(uuid4()), seed, goal, (), None, support=opened.gate.support(found, settings.region))
