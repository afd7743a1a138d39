"""What a journey is planned from: the request as it was understood, and what the graph says of goal and music."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.held_rules import HeldRule
from engine.journey import Reading, Request, Step
from engine.order.sequence import OrderWeights
from engine.reasoning.reading import Signs
from engine.reasoning.text_query import TextQuery
from engine.store.version import Version


@dataclass(frozen=True, slots=True)
class Basis:
    """What a journey is planned from: a request and what its words were read as, without the words."""

    request: Request
    reading: Reading
    text_query: TextQuery | None = None
    """What `like` asks for, as a vector."""
    language: str = "en"
    """Of what is said to the person."""
    head: tuple[Step, ...] = ()
    """Steps that were played already: a plan begins with them."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the graph says of the goal, the music at hand and the numbers of search and order."""

    goals: tuple[str, ...]
    """Ids of all there are."""
    version: Version
    weights: OrderWeights
    units: Mapping[str, str]
    """Cue id -> unit."""
    minutes: float
    """Length of a journey to the goal where nobody asks for another."""
    shares: Mapping[str, float]
    """Stage id -> its share of the minutes, first stage first."""
    usual_seconds: float
    """Median length of all tracks, s."""
    candidates: int
    """Tracks looked at for each waypoint, at least."""
    kept: int
    """Tracks kept of them for the order, at least."""
    query_vector: Sequence[float] | None
    """The wish as a vector; None for none."""
    min_candidates: int
    """With fewer candidates than this at a waypoint the search goes farther."""


@dataclass(frozen=True, slots=True)
class Case:
    """One request as it was understood, and the rules that hold for it."""

    request: Request
    """With what an answer to a question made of it."""
    reading: Reading
    declared: tuple[str, ...]
    """Contexts and signs that were declared, by `--context` or by the answer."""
    language: str
    """Of the words: "en" or "zh"."""
    signs: Signs
    facts: Facts
    rules: tuple[HeldRule, ...]
    """First in effect first; those that another one overrides included."""

    @property
    def in_force(self) -> tuple[HeldRule, ...]:
        """The rules that no other one overrides."""
        return tuple(rule for rule in self.rules if not rule.overridden_by)
