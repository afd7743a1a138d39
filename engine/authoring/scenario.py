"""A scenario: what is supposed, what must come of it, and what must never."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Range = tuple[float | None, float | None]
"""Least and most, both included; None where a side is open."""


@dataclass(frozen=True, slots=True)
class Given:
    """What is supposed: words, or signs in their place, and the rest of a request."""

    goal: str
    text: str | None = None
    """Invented words, read by gate and model."""
    present: tuple[str, ...] = ()
    """Emotions exactly on their threshold, and markers."""
    strong: tuple[str, ...] = ()
    """Emotions exactly on their second threshold."""
    scores: Mapping[str, float] = field(default_factory=dict)
    """Emotion -> probability, 0..1."""
    feel: tuple[str, ...] = ()
    """Emotions that the person chose."""
    contexts: tuple[str, ...] = ()
    signals: tuple[str, ...] = ()
    answer: str | None = None
    """Choice of a question."""
    minutes: float | None = None
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Expected:
    """What must come of it; what is not named may be anything."""

    outcome: str = "journey"
    rules: tuple[str, ...] = ()
    """Rules that hold, and that no other one overrides."""
    overridden: tuple[str, ...] = ()
    """Rules that hold, and give way to another."""
    withheld_by: tuple[str, ...] = ()
    """Rules that hold the music back."""
    questions: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    barred: tuple[str, ...] = ()
    """Traits that no track may have at any stage."""
    stages: tuple[str, ...] = ()
    """The stages that have steps, all of them, first stage first."""
    scales: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Stage -> scales that the music is asked for there."""
    mirrored: Mapping[str, Range] = field(default_factory=dict)
    """Cue -> how deep it is mirrored, 0..1."""
    steps: Mapping[str, Range] = field(default_factory=dict)
    """Stage -> tracks."""
    minutes: Mapping[str, Range] = field(default_factory=dict)
    """Stage -> minutes."""
    tracks: Mapping[str, Mapping[str, Range]] = field(default_factory=dict)
    """Stage -> cue -> where every track lies, in the cue's unit."""


@dataclass(frozen=True, slots=True)
class Never:
    """What must not come of it."""

    outcomes: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    """Rules that must not be in force."""
    questions: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    barred: tuple[str, ...] = ()
    """Traits that must not be barred."""
    traits: tuple[str, ...] = ()
    """Traits that no track of the journey has."""
    scales: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    mirrored: Mapping[str, Range] = field(default_factory=dict)
    """Cue -> depths that it is not mirrored at."""
    steps: Mapping[str, Range] = field(default_factory=dict)
    minutes: Mapping[str, Range] = field(default_factory=dict)
    tracks: Mapping[str, Mapping[str, Range]] = field(default_factory=dict)
    """Stage -> cue -> where no track lies."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """A clinical sentence that can be tried."""

    name: str
    place: str
    """File and line: `ontology/scenarios/fear.yaml:3`."""
    given: Given
    expect: Expected
    never: Never

    @property
    def title(self) -> str:
        """What a reader of a report knows it by."""
        return f"Scenario: {self.name}"

    @property
    def rules(self) -> frozenset[str]:
        """The rules that it would miss: those that it expects to hold."""
        return frozenset((*self.expect.rules, *self.expect.overridden, *self.expect.withheld_by))

    @property
    def signs(self) -> frozenset[str]:
        """What is supposed to be there."""
        given = self.given
        return frozenset((*given.present, *given.strong, *given.feel, *given.contexts, *given.signals))
