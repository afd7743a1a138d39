"""The four answers: support, withheld, question, journey. Their `as_json` is the contract with other programs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar, Literal

from encoders.languages import ENGLISH
from engine.explaining.words import Language
from engine.journey import Quality, Reading, Step

Outcome = Literal["journey", "question", "support", "withheld"]


@dataclass(frozen=True, slots=True)
class ClaimSummary:
    """A claim of a rule, with the keys of publications for and against it."""

    about: str
    grade: str
    signed_by: str | None
    evidence: tuple[str, ...]
    challenged_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RuleSummary:
    """A rule that held, with its effects as phrases."""

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
    """A message beside a journey."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A choice of a question, in one language."""

    id: str
    label: str


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """A question in one language, with "something else" as its last choice."""

    id: str
    kind: Literal["feeling", "rule", "safety"]
    text: str
    choices: tuple[Choice, ...]
    language: str = ENGLISH
    lines: tuple[Mapping[str, str], ...] = ()
    """People to call, beside the safety question: {name, contact, url}."""

    def as_json(self) -> dict[str, Any]:
        """The question without its language, which the answer has; with lines where it is about safety."""
        known = asdict(self)
        del known["language"]
        return known if self.kind == "safety" else {name: value for name, value in known.items() if name != "lines"}


@dataclass(frozen=True, slots=True)
class ModelVersion:
    """Name and checksum of a model."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Provenance:
    """Versions and checksums of ontology, models and server, without any words of the person."""

    ontology_version: str
    version: str
    """Id of the version of the graph."""
    ontology_sha256: str
    emotion_model: ModelVersion
    embedding_model: ModelVersion
    neo4j: str
    like: bool = False
    """Whether words for the sound were given."""

    def as_json(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if name != "like" or value}


@dataclass(frozen=True, slots=True)
class Support:
    """The text speaks of a crisis: help is shown instead of music."""

    outcome: ClassVar[Outcome] = "support"

    id: str
    seed: int
    goal: str
    support: Mapping[str, Any]
    """{message, region, lines: [{name, contact, url}]}, made by the gate."""

    def as_json(self) -> dict[str, Any]:
        return _make_head(self) | {"notices": [], "reading": None, "support": self.support, "provenance": {}}


@dataclass(frozen=True, slots=True)
class SafetyQuestion:
    """Danger is possible: one careful question comes first. It needs neither a graph nor, where there is none, a model.

    "Yes" and "I don't know" are answered with support; after "no" the request goes on.
    """

    outcome: ClassVar[Outcome] = "question"

    id: str
    seed: int
    goal: str
    question: AskedQuestion
    reading: Reading | None = None
    """None where no emotion model is there."""
    notices: tuple[Notice, ...] = ()

    @property
    def language(self) -> str:
        """In which it speaks."""
        return self.question.language

    def as_json(self) -> dict[str, Any]:
        return _make_head(self) | {
            "language": self.language,
            "gate": "asked",
            "notices": [asdict(notice) for notice in self.notices],
            "reading": None if self.reading is None else self.reading.as_json(),
            "rules": [],
            "question": self.question.as_json(),
            "provenance": {},
        }


@dataclass(frozen=True, slots=True)
class ReasonedAnswer:
    """What the other three answers share: a reading, and the rules that held for it."""

    id: str
    seed: int
    goal: str
    reading: Reading
    rules: tuple[RuleSummary, ...]
    """Overridden rules are included."""
    provenance: Provenance


@dataclass(frozen=True, slots=True)
class Withheld(ReasonedAnswer):
    """Music is withheld."""

    outcome: ClassVar[Outcome] = "withheld"

    message: str
    rule_ids: tuple[str, ...]
    """Ids of the rules that withhold it."""
    language: Language = "en"
    """In which it speaks."""

    def as_json(self) -> dict[str, Any]:
        return _make_json(self, withheld={"message": self.message, "rule_ids": self.rule_ids})


@dataclass(frozen=True, slots=True)
class Question(ReasonedAnswer):
    """A question comes first. It is answered by the same request with this seed and the id of a choice."""

    outcome: ClassVar[Outcome] = "question"

    question: AskedQuestion
    notices: tuple[Notice, ...] = ()

    @property
    def language(self) -> str:
        """In which it speaks."""
        return self.question.language

    def as_json(self) -> dict[str, Any]:
        return _make_json(self, self.notices, question=self.question.as_json())


@dataclass(frozen=True, slots=True)
class Journey(ReasonedAnswer):
    """Tracks in order, stage by stage."""

    outcome: ClassVar[Outcome] = "journey"

    notices: tuple[Notice, ...]
    stages: tuple[tuple[str, tuple[Step, ...]], ...]
    """(stage id, steps) in order."""
    quality: Quality
    opening: str = ""
    """What was understood and what the journey will do, as an offer to correct."""
    language: Language = "en"
    """In which it speaks."""
    explanation: Mapping[str, Any] = field(default_factory=dict)
    """The explanation report of `--explain` (`engine/explaining/report.py`)."""

    @property
    def steps(self) -> tuple[Step, ...]:
        return tuple(step for _, steps in self.stages for step in steps)

    def as_json(self) -> dict[str, Any]:
        stages = [{"id": stage, "steps": [step.as_json() for step in steps]} for stage, steps in self.stages]
        answer = _make_json(self, self.notices, opening=self.opening, stages=stages, quality=asdict(self.quality))
        return answer | ({"explanation": dict(self.explanation)} if self.explanation else {})


Answer = Support | SafetyQuestion | Withheld | Question | Journey
"""The answer to a request."""


def _make_head(answer: Answer) -> dict[str, Any]:
    return {"outcome": answer.outcome, "id": answer.id, "seed": answer.seed, "goal": answer.goal}


def _make_json(
    answer: Withheld | Question | Journey, notices: tuple[Notice, ...] = (), **own: object
) -> dict[str, Any]:
    """The shared members of the three answers, and those in `own`."""
    return {
        **_make_head(answer),
        "language": answer.language,
        "notices": [asdict(notice) for notice in notices],
        "reading": answer.reading.as_json(),
        "rules": [asdict(rule) for rule in answer.rules],
        **own,
        "provenance": answer.provenance.as_json(),
    }
