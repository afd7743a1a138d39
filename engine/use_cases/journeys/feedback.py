"""Stores a listener's feedback on a journey, and plans the rest of the journey again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Final, Literal, Self
from uuid import uuid4

from engine.answers import Journey, Notice, Question, Withheld
from engine.errors import UsageError
from engine.explaining.words import Words
from engine.journey import Step

if TYPE_CHECKING:
    from engine.graph import Graph
    from engine.reasoning.facts import Basis
    from engine.reasoning.planner import Planner

Verdict = Literal["keep", "skip", "never"]
VERDICTS: Final[Mapping[Verdict, float]] = {"keep": 1.0, "skip": 0.0, "never": -1.0}
"""Verdict -> stored number, since numbers can be overwritten in place."""
SIGNALS: Final = ("worse", "stopped", "skipped-twice")
"""The signals of the ontology; a test compares both."""


@dataclass(frozen=True, slots=True)
class Feedback:
    """A listener's feedback during or after a journey."""

    before: float | None = None
    """Mood before it, 0 worst .. 10 best."""
    after: float | None = None
    steps: Mapping[int, Verdict] = field(default_factory=dict)
    """Position -> verdict."""
    stopped: bool = False

    @property
    def signals(self) -> tuple[str, ...]:
        """Ids of the ontology's signals that it raises."""
        skipped = sorted(position for position, verdict in self.steps.items() if verdict != "keep")
        raised = {
            "worse": self.before is not None and self.after is not None and self.after < self.before,
            "stopped": self.stopped,
            "skipped-twice": any(there == here + 1 for here, there in pairwise(skipped)),
        }
        return tuple(signal for signal in SIGNALS if raised[signal])

    def list_rejected(self, tracks: Mapping[int, str]) -> frozenset[str]:
        """Ids of the tracks with the verdict skip or never; `tracks` maps positions to ids."""
        return frozenset(tracks[position] for position, verdict in self.steps.items() if verdict != "keep")


@dataclass(frozen=True, slots=True)
class PastJourney:
    """A journey whose rest can be planned again."""

    steps: tuple[Step, ...]
    rules: Mapping[str, str]
    """Id -> label of the rules that were in force."""
    basis: Basis
    listener: str | None
    """Pseudonym of its listener."""

    @classmethod
    def from_answer(cls, answer: Journey, basis: Basis, listener: str | None) -> Self:
        """From a journey that this process planned."""
        return cls(answer.steps, {r.id: r.label for r in answer.rules if not r.overridden_by}, basis, listener)


def keep_feedback(graph: Graph, id_: str, feedback: Feedback) -> bool:
    """Stores feedback with a kept journey, moods as valence, -1..1; False when the journey is not kept."""
    moods = {"valence_before": feedback.before, "valence_after": feedback.after}
    steps = [{"position": position, "verdict": VERDICTS[said]} for position, said in feedback.steps.items()]
    given = {name: mood / 5.0 - 1.0 for name, mood in moods.items() if mood is not None}
    rows = graph.write(lambda t: t.rows("kept/feedback", id=id_, moods=given, steps=steps))
    return bool(rows)


def replan(
    planner: Planner, past: PastJourney, position: int, signals: tuple[str, ...], exclude: frozenset[str]
) -> tuple[Withheld | Question | Journey, Basis]:
    """Plans a journey again from this step on, under a new id; returns the answer and its basis. Earlier steps stay.

    `signals` count for the rules from now on. The notice `replanned` says what changed. The new journey has the same
    listener. UsageError for an invalid position; NoJourney when no track is left.
    """
    if not 1 <= position <= len(past.steps):
        raise UsageError("--position", "is no step of the journey", f"Give 1 to {len(past.steps)}")
    asked = past.basis.request
    request = replace(asked, signals=tuple(dict.fromkeys((*asked.signals, *signals))), exclude=asked.exclude | exclude)
    again = replace(past.basis, request=request, head=past.steps[: position - 1])
    made, case = planner.plan_basis(again, str(uuid4()))
    if isinstance(made, Journey):
        planner.persist(made, case)
        if past.listener is not None:
            params = {"listener": past.listener, "journey": made.id}
            planner.get_graph().write(lambda transaction: transaction.rows("listeners/heard", **params))
        words = planner.reader.get_words(past.basis.language)
        why = Notice("replanned", _describe_change(words, past.rules, made, position, signals))
        made = replace(made, notices=(why, *made.notices))
    return made, again


def _describe_change(
    words: Words, before: Mapping[str, str], made: Journey, position: int, signals: tuple[str, ...]
) -> str:
    """A sentence on what was planned again and which rules changed; `before` maps ids of earlier rules to labels."""
    since = words.join([words.say(f"signal-{signal}") for signal in signals]) if signals else ""
    why = words.say("replanned-since", signals=since) if signals else ""
    after = [rule.id for rule in made.rules if not rule.overridden_by]
    gone = {
        "rules-came": [id_ for id_ in after if id_ not in before],
        "rules-went": [id_ for id_ in before if id_ not in after],
    }
    changed = [
        words.say(pattern, rules=words.join([words.name("rules", id_) for id_ in ids], "items"))
        for pattern, ids in gone.items()
        if ids
    ]
    return words.say("replanned", position=position, why=why, changed=", ".join(changed) or words.say("rules-same"))
