"""The four answers: support, withheld, a question, a journey. `as_json` of each is the contract of other programs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar, Literal

from engine.journey import Quality, Reading, Step

Outcome = Literal["journey", "question", "support", "withheld"]


@dataclass(frozen=True, slots=True)
class ClaimSummary:
    """A claim of a rule, with the keys of the publications for it and against it."""

    about: str
    grade: str
    signed_by: str | None
    evidence: tuple[str, ...]
    challenged_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RuleSummary:
    """A rule that held, as it is shown: each of its effects is a phrase."""

    id: str
    label: str
    definition: str
    stages: tuple[str, ...]
    tier: str
    effects: tuple[str, ...]
    claims: tuple[ClaimSummary, ...]
    overridden_by: str | None


@dataclass(frozen=True, slots=True)
class Notice:
    """What is told beside a journey."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person may answer."""

    id: str
    label: str


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """A question in one language, with a way out as its last choice."""

    id: str
    text: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class ModelVersion:
    """Which model decided."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Provenance:
    """Versions and checksums of everything that decided; never a word of the person."""

    ontology_version: str
    version: str
    """Id of the version of the graph."""
    ontology_sha256: str
    emotion_model: ModelVersion
    embedding_model: ModelVersion
    neo4j: str
    like: bool = False
    """Whether words for the sound did, too."""

    def as_json(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if name != "like" or value}


@dataclass(frozen=True, slots=True)
class Support:
    """The words speak of a crisis: help is shown, and no music."""

    outcome: ClassVar[Outcome] = "support"

    id: str
    seed: int
    goal: str
    support: Mapping[str, Any]
    """{message, region, lines: [{name, contact, url}]}, as the gate shows it."""

    def as_json(self) -> dict[str, Any]:
        return _make_head(self) | {"notices": [], "reading": None, "support": self.support, "provenance": {}}


@dataclass(frozen=True, slots=True)
class ReasonedAnswer:
    """What the other three answers stand on: a reading, and the rules that held for it."""

    id: str
    seed: int
    goal: str
    reading: Reading
    rules: tuple[RuleSummary, ...]
    """Those that another one overrides included."""
    provenance: Provenance


@dataclass(frozen=True, slots=True)
class Withheld(ReasonedAnswer):
    """Music is not for now."""

    outcome: ClassVar[Outcome] = "withheld"

    message: str
    rule_ids: tuple[str, ...]
    """The rules that say so."""

    def as_json(self) -> dict[str, Any]:
        return _make_json(self, withheld={"message": self.message, "rule_ids": self.rule_ids})


@dataclass(frozen=True, slots=True)
class Question(ReasonedAnswer):
    """One question comes first: the same request with the id of a choice, and this seed, answers it."""

    outcome: ClassVar[Outcome] = "question"

    question: AskedQuestion

    def as_json(self) -> dict[str, Any]:
        return _make_json(self, question=asdict(self.question))


@dataclass(frozen=True, slots=True)
class Journey(ReasonedAnswer):
    """Tracks in order, stage by stage."""

    outcome: ClassVar[Outcome] = "journey"

    notices: tuple[Notice, ...]
    stages: tuple[tuple[str, tuple[Step, ...]], ...]
    """Stage id, and its steps."""
    quality: Quality
    explanation: Mapping[str, Any] = field(default_factory=dict)
    """What `--explain` adds (`engine/explaining/report.py`)."""

    @property
    def steps(self) -> tuple[Step, ...]:
        return tuple(step for _, steps in self.stages for step in steps)

    def as_json(self) -> dict[str, Any]:
        stages = [{"id": stage, "steps": [step.as_json() for step in steps]} for stage, steps in self.stages]
        answer = _make_json(self, self.notices, stages=stages, quality=asdict(self.quality))
        return answer | ({"explanation": dict(self.explanation)} if self.explanation else {})


Answer = Support | Withheld | Question | Journey
"""What a request comes to."""


def _make_head(answer: Answer) -> dict[str, Any]:
    return {"outcome": answer.outcome, "id": answer.id, "seed": answer.seed, "goal": answer.goal}


def _make_json(
    answer: Withheld | Question | Journey, notices: tuple[Notice, ...] = (), **own: object
) -> dict[str, Any]:
    """The members that the three share, around those of its own."""
    return {
        **_make_head(answer),
        "notices": [asdict(notice) for notice in notices],
        "reading": answer.reading.as_json(),
        "rules": [asdict(rule) for rule in answer.rules],
        **own,
        "provenance": answer.provenance.as_json(),
    }
