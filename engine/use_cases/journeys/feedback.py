"""Takes in what a listener says of a journey, and plans the rest of it anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Final, Literal, Self
from uuid import uuid4

from engine.answers import Journey, Notice, Question, Withheld
from engine.errors import UsageError
from engine.journey import Step

if TYPE_CHECKING:
    from engine.graph import Graph
    from engine.reasoning.facts import Basis
    from engine.reasoning.planner import Planner

Verdict = Literal["keep", "skip", "never"]
VERDICTS: Final[Mapping[Verdict, float]] = {"keep": 1.0, "skip": 0.0, "never": -1.0}
"""As they are kept: numbers can be written over where they stand."""
SIGNALS: Final = ("worse", "stopped", "skipped-twice")
"""The ontology's signals: a test holds the two together."""


@dataclass(frozen=True, slots=True)
class Feedback:
    """What a listener says of a journey while it plays, or after it."""

    before: float | None = None
    """Mood before it, 0 worst .. 10 best."""
    after: float | None = None
    steps: Mapping[int, Verdict] = field(default_factory=dict)
    """Position -> verdict."""
    stopped: bool = False

    @property
    def signals(self) -> tuple[str, ...]:
        """Ids of the ontology's signals that this raises."""
        skipped = sorted(position for position, verdict in self.steps.items() if verdict != "keep")
        raised = {
            "worse": self.before is not None and self.after is not None and self.after < self.before,
            "stopped": self.stopped,
            "skipped-twice": any(there == here + 1 for here, there in pairwise(skipped)),
        }
        return tuple(signal for signal in SIGNALS if raised[signal])

    def list_rejected(self, tracks: Mapping[int, str]) -> frozenset[str]:
        """Ids of the tracks that were skipped or are not wanted again; `tracks` are the journey's, by position."""
        return frozenset(tracks[position] for position, verdict in self.steps.items() if verdict != "keep")


@dataclass(frozen=True, slots=True)
class PastJourney:
    """A journey so far, as its rest needs it."""

    steps: tuple[Step, ...]
    rules: Mapping[str, str]
    """Id -> label of those that were in force."""
    basis: Basis
    listener: str | None
    """Pseudonym of whom it is for."""

    @classmethod
    def from_answer(cls, answer: Journey, basis: Basis, listener: str | None) -> Self:
        """That of a journey which this process planned."""
        return cls(answer.steps, {r.id: r.label for r in answer.rules if not r.overridden_by}, basis, listener)


def keep_feedback(graph: Graph, id_: str, feedback: Feedback) -> bool:
    """Keeps it with the journey, moods as valence, -1..1; False where that is not kept itself."""
    moods = {"valence_before": feedback.before, "valence_after": feedback.after}
    steps = [{"position": position, "verdict": VERDICTS[said]} for position, said in feedback.steps.items()]
    given = {name: mood / 5.0 - 1.0 for name, mood in moods.items() if mood is not None}
    rows = graph.write(lambda t: t.rows("kept/feedback", id=id_, moods=given, steps=steps))
    return bool(rows)


def replan(
    planner: Planner, past: PastJourney, position: int, signals: tuple[str, ...], exclude: frozenset[str]
) -> tuple[Withheld | Question | Journey, Basis]:
    """The journey planned anew from this step on, under a new id, and what it was planned from; the steps before stay.

    `signals` hold from now on for the rules. The notice `replanned` says what changed. It is its listener's as the one
    before was. UsageError for a position that is none; NoJourney where nothing is left.
    """
    if not 1 <= position <= len(past.steps):
        raise UsageError("--position", "is no step of the journey", f"Give 1 to {len(past.steps)}")
    asked = past.basis.request
    request = replace(
        asked, signals=tuple(dict.fromkeys((*asked.signals, *signals))), exclude=asked.exclude | exclude
    )
    again = replace(past.basis, request=request, head=past.steps[: position - 1])
    made, case = planner.plan_basis(again, str(uuid4()))
    if isinstance(made, Journey):
        planner.persist(made, case)
        if past.listener is not None:
            heard = {"listener": past.listener, "journey": made.id}
            planner.get_graph().write(lambda transaction: transaction.rows("listeners/heard", **heard))
        why = Notice("replanned", _describe_change(past.rules, made, position, signals))
        made = replace(made, notices=(why, *made.notices))
    return made, again


def _describe_change(before: Mapping[str, str], made: Journey, position: int, signals: tuple[str, ...]) -> str:
    """What was planned anew, and which rules came or went; `before` are the labels of those in force before, by id."""
    told = {"worse": "it got worse", "stopped": "it was stopped", "skipped-twice": "two tracks in a row were skipped"}
    why = f", since {' and '.join(told[signal] for signal in signals)}" if signals else ""
    after = {rule.id: rule.label for rule in made.rules if not rule.overridden_by}
    came = [label for id_, label in after.items() if id_ not in before]
    went = [label for id_, label in before.items() if id_ not in after]
    changed = [f"now in force: {'; '.join(came)}"] * bool(came) + [f"not any more: {'; '.join(went)}"] * bool(went)
    return f"From track {position} on it is planned anew{why}; {', '.join(changed) or 'the same rules hold'}."
