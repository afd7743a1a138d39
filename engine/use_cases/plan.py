"""Plans a journey from a person's request."""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from uuid import uuid4

from engine.answers import Answer, SafetyQuestion, Support
from engine.bootstrap import CompiledOntology, Progress, open_planner, open_reader
from engine.errors import IsopathError, UsageError
from engine.gate import Gate, GateResult
from engine.journey import Reading, Request
from engine.reasoning.reading import FeelingReader
from engine.request_id import request_scope
from engine.settings import Settings
from engine.use_cases.ask_again import ask_again
from engine.use_cases.journeys.safety_question import (
    NO,
    SAFETY_ANSWERS,
    UNSURE,
    YES,
    OpenReader,
    answer_yes,
    ask_for_safety,
    look_again,
)

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class UncheckedRequest:
    """A request before validation: the gate checks all of its texts first.

    Any field may hold a person's text (`--goal "I want to die"`), so `repr` shows none of them.
    """

    text: str | None = field(default=None, repr=False)
    like: str | None = field(default=None, repr=False)
    goal: str | None = field(default=None, repr=False)
    """None: calm is taken."""
    minutes: float | None = None
    seed: int | None = None
    """None: a random one is taken; the answer holds it."""
    feel: tuple[str, ...] = field(default=(), repr=False)
    contexts: tuple[str, ...] = field(default=(), repr=False)
    answer: str | None = field(default=None, repr=False)
    """The id of a choice; of several questions one after the other, their ids with commas between."""
    explain: bool = False
    keep_reading: bool = False
    scores: Mapping[str, float] | None = field(default=None, repr=False)
    exclude: frozenset[str] = field(default=frozenset(), repr=False)
    listener: str | None = field(default=None, repr=False)
    """Name of a listener, whose last journeys count; only a keyed hash of it is stored."""
    language: str | None = None
    """In which language it is answered; None: in that of the text."""

    @property
    def free_text(self) -> tuple[str | None, ...]:
        """The free texts."""
        return self.text, self.like

    @property
    def names(self) -> tuple[str | None, ...]:
        """Names of goals, choices, feelings, contexts, listeners and tracks, which may hold a person's text instead.

        What looks like the id of a track ("kill-old-napper") is left out.
        """
        excluded = sorted(each for each in self.exclude if each.isalpha() or " " in each or not each.isascii())
        return (
            self.goal, self.answer, self.listener, ", ".join(self.feel), ", ".join(self.contexts), ", ".join(excluded)
        )  # fmt: skip

    @property
    def answers(self) -> tuple[str, ...]:
        """The ids of the choices, in the order of the questions."""
        return tuple(one.strip() for one in (self.answer or "").split(",") if one.strip())

    @property
    def safety(self) -> str | None:
        """What the safety question was answered with; None where it was not."""
        return next((one for one in reversed(self.answers) if one in SAFETY_ANSWERS), None)

    def check(self, seed: int) -> Request:
        """The validated request; UsageError with all faults."""
        answer = next((one for one in reversed(self.answers) if one not in SAFETY_ANSWERS), None)
        return Request(
            text=self.text,
            like=self.like,
            goal=self.goal or "calm",
            goal_chosen=self.goal is not None,
            minutes=self.minutes,
            seed=seed,
            feel=self.feel,
            contexts=self.contexts,
            answer=answer,
            explain=self.explain,
            keep_reading=self.keep_reading,
            scores=self.scores,
            exclude=self.exclude,
            language=self.language,
        )


def plan_journey(settings: Settings, opened: CompiledOntology, asked: UncheckedRequest, progress: Progress) -> Answer:
    """Support, withheld, a question or a journey. The gate checks all texts before any error is raised.

    A question is answered by the same request with the answer's seed and the id of a choice.
    """

    @cache
    def reader() -> FeelingReader:
        return open_reader(settings, opened)

    def plan(request: Request, gated: GateResult | None) -> Answer:
        from engine.use_cases.journeys.listeners import make_pseudonym, plan_for_listener
        from engine.use_cases.journeys.plans import Plans
        from engine.use_cases.journeys.vetoes import can_have_vetoes, exclude_vetoed

        listener = None if asked.listener is None else make_pseudonym(settings.home, asked.listener)

        def once() -> Answer:
            with open_planner(settings, opened, progress, reader) as opened_planner:
                wanted = request
                if can_have_vetoes(settings):
                    wanted = exclude_vetoed(settings, opened_planner.get_graph(), request)
                return plan_for_listener(opened_planner, wanted, gated, listener, Plans(settings, progress))

        return ask_again(settings, progress, once)

    return answer_request(settings, opened.gate, asked, plan, reader)


def answer_request(
    settings: Settings,
    gate: Gate,
    asked: UncheckedRequest,
    plan: Callable[[Request, GateResult | None], Answer],
    open_reader: OpenReader,
) -> Answer:
    """Support where the gate finds a crisis, the safety question where danger is possible, else the answer of `plan`.

    Logged. `plan` gets the validated request.
    """
    with request_scope(), _log_request(asked) as log_end:
        seed = secrets.randbelow(2**32) if asked.seed is None else asked.seed
        gated = gate.check_all(asked.free_text)
        helps = (
            make_support(gate, found, settings.region, seed, asked.goal)
            for found in (gated, gate.check_all(asked.names))
        )
        answer: Answer | None = next((help_ for help_ in helps if help_ is not None), None)
        if answer is None:
            gated = look_again(gate, gated, asked.free_text, open_reader)
            answer = _answer_for_safety(settings, gate, asked, gated, seed, open_reader)
        if answer is None:
            if asked.keep_reading and not settings.keep:
                raise UsageError("--keep-reading", "ISOPATH_KEEP=0 keeps no journeys", "Leave one of the two away")
            answer = plan(asked.check(seed), gated)
        log_end(answer)
        return answer


def _answer_for_safety(
    settings: Settings,
    gate: Gate,
    asked: UncheckedRequest,
    found: GateResult | None,
    seed: int,
    open_reader: OpenReader,
) -> Support | SafetyQuestion | None:
    """Support, or the safety question unless it was answered with "no"; None where the request goes on."""
    if asked.safety in (YES, UNSURE):
        found = answer_yes(found)
    if (support := make_support(gate, found, settings.region, seed, asked.goal)) is not None:
        return support
    if found is None or not found.asks or asked.safety == NO:
        return None

    def read() -> Reading:
        return open_reader().read(asked.text, "asked", found.markers, asked.feel)

    return ask_for_safety(gate, found, settings.region, seed, _name_goal(gate, asked.goal), read)


def _name_goal(gate: Gate, goal: str | None) -> str:
    """The goal if it is a name, and calm for a text that stands in its place."""
    return goal if goal is not None and goal.isidentifier() and not gate.check(goal).hit else "calm"


def make_support(
    gate: Gate, found: GateResult | None, region: str | None, seed: int, goal: str | None = None
) -> Support | None:
    """Support where the gate found a crisis, else None."""
    if found is None or not found.hit:
        return None
    return Support(str(uuid4()), seed, _name_goal(gate, goal), gate.support(found, region))


@contextmanager
def _log_request(asked: UncheckedRequest) -> Iterator[Callable[[Answer], None]]:
    """Logs the start and the end of a request; yields a function that takes the answer.

    Logs numbers and flags, never a text. A goal is only logged after the graph has accepted it, since it may hold a
    person's text before.
    """
    began = time.perf_counter()

    def end(said: str) -> None:
        _LOG.info("journey %s, %.0f ms", said, 1000 * (time.perf_counter() - began))

    def answered(answer: Answer) -> None:
        end(
            f"answered: {answer.outcome}"
            + ("" if isinstance(answer, Support | SafetyQuestion) else f", goal {answer.goal}")
        )

    _LOG.info(
        "journey asked: goal %s, minutes %s, text %s, like %s, %d feelings and %d contexts named, question %s",
        "chosen" if asked.goal is not None else "not chosen",
        "the goal's own" if asked.minutes is None else f"{asked.minutes:g}",
        "given" if asked.text is not None else "none",
        "given" if asked.like is not None else "none",
        len(asked.feel),
        len(asked.contexts),
        "answered" if asked.answer is not None else "none",
    )
    try:
        yield answered
    except BaseException as error:
        end(f"failed: {error.code if isinstance(error, IsopathError) else type(error).__name__}")
        raise
