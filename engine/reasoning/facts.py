"""Values that a journey is planned from: the basis of a plan, facts of the graph, and the case with its rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from encoders.languages import ENGLISH
from engine.held_rules import HeldRule
from engine.journey import Reading, Request, Step
from engine.order.sequence import OrderWeights
from engine.reasoning.reading import Signs
from engine.reasoning.text_query import TextQuery
from engine.store.version import Version


@dataclass(frozen=True, slots=True)
class Basis:
    """A request and the reading of its text, without the text."""

    request: Request
    reading: Reading
    text_query: TextQuery | None = None
    """The words for the sound (`like`), embedded."""
    language: str = ENGLISH
    """Language that the person writes, or asked to be answered in."""
    is_covered: bool = True
    """Whether the emotion model reads the language of the text."""
    help_lines: tuple[Mapping[str, str], ...] = ()
    """People to call, {name, contact, url}, where neither phrases nor the model know the language of the text."""
    one_look: bool = False
    """Whether the second look for danger was wanted and was not possible."""
    head: tuple[Step, ...] = ()
    """Steps that were played already, with which the plan begins."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the graph holds on the goal and the music, and the settings of search and order."""

    goals: tuple[str, ...]
    """Ids of all goals."""
    version: Version
    weights: OrderWeights
    units: Mapping[str, str]
    """Cue id -> unit."""
    minutes: float
    """Default length of a journey to the goal."""
    shares: Mapping[str, float]
    """Stage id -> its share of the minutes, first stage first."""
    usual_seconds: float
    """Median length of all tracks, s."""
    candidates: int
    """Tracks that are compared for each waypoint, at least."""
    found: int
    """Tracks of a waypoint that candidates are drawn from."""
    query_vector: Sequence[float] | None
    """The embedded words for the sound; None without any."""
    min_candidates: int
    """Below this number of candidates at a waypoint the search is widened."""


@dataclass(frozen=True, slots=True)
class Case:
    """A request with its reading, and the rules that hold for it."""

    request: Request
    """After the answer to a question."""
    reading: Reading
    declared: tuple[str, ...]
    """Contexts and signs that were declared by `--context` or by the answer."""
    language: str
    """Language that the person writes, or asked to be answered in."""
    signs: Signs
    facts: Facts
    rules: tuple[HeldRule, ...]
    """In order of effect; overridden rules are included."""
    is_covered: bool = True
    """Whether the emotion model reads the language of the text."""
    help_lines: tuple[Mapping[str, str], ...] = ()
    """People to call, where neither phrases nor the model know the language of the text."""
    one_look: bool = False
    """Whether the second look for danger was wanted and was not possible."""

    @property
    def in_force(self) -> tuple[HeldRule, ...]:
        """The rules that are not overridden."""
        return tuple(rule for rule in self.rules if not rule.overridden_by)
