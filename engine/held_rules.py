"""Rules that hold for one request: what each does, what it says, and on whose evidence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Tier = Literal["safety", "clinical", "taste"]


@dataclass(frozen=True, slots=True)
class NamedReference:
    """What an effect is of: a cue, a scale, a notice, a question."""

    id: str
    label: str | None


@dataclass(frozen=True, slots=True)
class EffectNumbers:
    """The numbers of an effect; None where its kind has none of the name. Units are those of the cue it is of."""

    low: float | None = None
    best: float | None = None
    high: float | None = None
    weight: float | None = None
    depth: float | None = None
    """0..1: how much of the way back to the feeling is mirrored."""
    steps_min: int | None = None
    steps_max: int | None = None
    seconds_max: float | None = None
    minutes_low: float | None = None
    minutes_high: float | None = None
    at_most: float | None = None
    direction: str | None = None
    """`up` where a limit between tracks is one for rises alone."""
    outcome: str | None = None


@dataclass(frozen=True, slots=True)
class Effect:
    """One thing that a rule does."""

    kind: str
    """Its class in the ontology: Bound, Lean, Mirror, ..."""
    of: tuple[NamedReference, ...]
    numbers: EffectNumbers


@dataclass(frozen=True, slots=True)
class Evidence:
    """One publication, and what it found."""

    id: str
    key: str
    design: str | None
    n: int | None
    population: str | None
    finding: str | None
    doi: str | None
    read: str | None


@dataclass(frozen=True, slots=True)
class Claim:
    """What a rule claims, how well that is supported, and what speaks against it."""

    about: str
    grade: str
    signed_by: str | None
    evidence: tuple[Evidence, ...]
    challenged_by: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class HeldRule:
    """A rule whose every condition holds; in force unless another one overrides it."""

    id: str
    label: str
    definition: str
    tier: Tier
    stages: tuple[str, ...]
    effects: tuple[Effect, ...]
    claims: tuple[Claim, ...]
    signs: tuple[str, ...]
    """What it holds for, of all it could."""
    overridden_by: str | None
    """Id of a rule that holds as well."""

    def list_effects(self, kind: str) -> tuple[Effect, ...]:
        """Its effects of one kind."""
        return tuple(effect for effect in self.effects if effect.kind == kind)


@dataclass(frozen=True, slots=True)
class TextChoice:
    """One choice of a question, in both languages."""

    id: str
    label: str
    label_zh: str
    declares: tuple[str, ...] = ()
    """Contexts and other signs that it declares."""


@dataclass(frozen=True, slots=True)
class BilingualText:
    """What a notice or a question says, in both languages."""

    id: str
    text: str
    text_zh: str | None
    choices: tuple[TextChoice, ...] = ()
    """Of a question, in their order."""

    def get_text(self, language: str) -> str:
        """In Chinese for "zh" where it has any, else in English."""
        return (language == "zh" and self.text_zh) or self.text
