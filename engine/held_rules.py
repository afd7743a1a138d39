"""Rules that hold for one request, with their effects, texts, claims and evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from encoders.languages import ENGLISH

Tier = Literal["safety", "clinical", "taste"]


@dataclass(frozen=True, slots=True)
class NamedReference:
    """An object of an effect: a cue, a scale, a notice, a question."""

    id: str
    label: str | None


@dataclass(frozen=True, slots=True)
class EffectNumbers:
    """The numbers of an effect, in units of its cue; None for numbers that its kind does not have."""

    low: float | None = None
    best: float | None = None
    high: float | None = None
    weight: float | None = None
    depth: float | None = None
    """0..1: how much of the distance from the goal to the feeling is mirrored."""
    steps_min: int | None = None
    steps_max: int | None = None
    seconds_max: float | None = None
    minutes_low: float | None = None
    minutes_high: float | None = None
    at_most: float | None = None
    direction: str | None = None
    """`up` for a limit between tracks that only applies to rises."""
    outcome: str | None = None


@dataclass(frozen=True, slots=True)
class Effect:
    """One effect of a rule."""

    kind: str
    """Its class in the ontology: Bound, Lean, Mirror, ..."""
    of: tuple[NamedReference, ...]
    numbers: EffectNumbers


@dataclass(frozen=True, slots=True)
class Evidence:
    """One publication and its finding."""

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
    """A claim of a rule, its grade, and the evidence for and against it."""

    about: str
    grade: str
    signed_by: str | None
    evidence: tuple[Evidence, ...]
    challenged_by: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class HeldRule:
    """A rule whose conditions all hold. It is in force unless another rule overrides it."""

    id: str
    label: str
    definition: str
    tier: Tier
    stages: tuple[str, ...]
    effects: tuple[Effect, ...]
    claims: tuple[Claim, ...]
    signs: tuple[str, ...]
    """Ids of the signs that meet its conditions."""
    overridden_by: str | None
    """Id of the rule that overrides it."""

    def list_effects(self, kind: str) -> tuple[Effect, ...]:
        """The effects of one kind."""
        return tuple(effect for effect in self.effects if effect.kind == kind)


@dataclass(frozen=True, slots=True)
class TextChoice:
    """One choice of a question, in several languages."""

    id: str
    labels: Mapping[str, str]
    """Language -> its words; English is always there."""
    declares: tuple[str, ...] = ()
    """Ids of the contexts and other signs that it declares."""


@dataclass(frozen=True, slots=True)
class SpokenText:
    """The text of a notice or a question, in several languages."""

    id: str
    texts: Mapping[str, str]
    """Language -> its words; English is always there."""
    choices: tuple[TextChoice, ...] = ()
    """Only of a question; in order."""

    def choose_language(self, language: str) -> str:
        """The language itself where the text and all its choices have it, else English."""
        said = [self.texts, *(choice.labels for choice in self.choices)]
        return language if all(language in texts for texts in said) else ENGLISH

    def get_text(self, language: str) -> str:
        """The text in this language if there is one, else in English."""
        return self.texts.get(language) or self.texts[ENGLISH]


@dataclass(frozen=True, slots=True)
class OwnRules:
    """Rules of a listener's plan, as rows that lay them over the rules that serve for as long as one answer takes."""

    individuals: tuple[Mapping[str, Any], ...]
    """{id, labels, properties}, none of which the ontology has."""
    links: tuple[Mapping[str, str], ...]
    """{source, type, target}, in an order in which all write them, so that two never wait for each other."""
    ontology_sha256: str
    """Of the ontology that they were checked with."""

    @property
    def names(self) -> dict[str, dict[str, str]]:
        """Id -> language -> label of each rule."""
        found = ((one["id"], one["properties"]) for one in self.individuals if "Rule" in one["labels"])
        return {id_: {"en": said["label"], "zh": said["label_zh"]} for id_, said in found}


@dataclass(frozen=True, slots=True)
class PlanFollowed:
    """What a listener's plan adds to a request, besides contexts and words for the sound."""

    kept_out: frozenset[str] = frozenset()
    """Ids of tracks that are not played."""
    own_rules: OwnRules | None = None
    has_carer: bool = False
    """Whether it says that a carer is there."""
    has_sound: bool = False
    """Whether the words for the sound are its own, which are kept with it."""
