"""The values of the main path: request, reading, waypoints, candidates, steps.

All are frozen; fields name their units. The answers are in `engine/answers.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from math import exp, inf, log
from typing import Any, Literal, TypeAlias

from engine.errors import UsageError
from engine.held_rules import PlanFollowed

OWN = "own-"
"""Prefix of the ids of a listener's own tracks; no id of the catalogue begins so."""
GateState: TypeAlias = Literal["passed", "asked", "not_run"]
"""What the gate found in words that go on: nothing, a danger that was possible, or it was not asked."""
LONGEST_TEXT = 20_000
"""Limit on free text, code points: nobody types more, and models would truncate it."""
MOST_EXCLUDED = 500
"""Limit on excluded tracks of a request: the search compares as many more tracks."""

FEELING = ("Say in a sentence how you feel", "Add a few words, or name feelings with --feel")
SOUND = ('Describe a sound, such as "rain, solo piano"', 'Add a few words, such as "rain, solo piano"')
"""Repairs for an empty text, and for a text of signs alone."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request of a person. `text` and `like` are never stored or logged, and left out of `repr`."""

    text: str | None = field(default=None, repr=False)
    like: str | None = field(default=None, repr=False)
    """Words for the sound; they influence the choice among the tracks that the rules allow."""
    goal: str = "calm"
    goal_chosen: bool = False
    """Whether a goal was named; otherwise a notice says that calm was taken."""
    minutes: float | None = None
    """5 to 120; None: the default of the goal."""
    seed: int = 0
    feel: tuple[str, ...] = ()
    """Ids of emotions that the person chose; they replace those read from the text, and no question follows but those
    of safety rules."""
    contexts: tuple[str, ...] = ()
    answer: str | None = None
    """Id of a choice of the previous question."""
    scores: Mapping[str, float] | None = None
    """Emotion id -> probability, 0..1, in place of a text."""
    exclude: frozenset[str] = frozenset()
    """Ids of tracks that are not played."""
    signals: tuple[str, ...] = ()
    """Ids of signals that feedback raised (worse, stopped, skipped-twice); rules may depend on them."""
    explain: bool = False
    """Whether the answer has an explanation report, with replays without each rule."""
    keep_reading: bool = False
    """Whether signs and rules are stored with the journey."""
    language: str | None = None
    """In which language it is answered; None: in that of the text."""
    plan: PlanFollowed | None = field(default=None, repr=False)
    """What a listener's plan adds."""

    @property
    def rule_names(self) -> Mapping[str, Mapping[str, str]]:
        """Id -> language -> label of the plan's own rules, which the shared words do not know."""
        own = self.plan.own_rules if self.plan is not None else None
        return own.names if own is not None else {}

    @property
    def left_out(self) -> frozenset[str]:
        """Ids of all tracks that are not played: those of the request and those of the plan."""
        return self.exclude | (self.plan.kept_out if self.plan is not None else frozenset())

    def __post_init__(self) -> None:
        faults = []
        if self.minutes is not None and not 5 <= self.minutes <= 120:
            faults.append(("--minutes", f"{self.minutes:g} minutes cannot be filled", "Ask for 5 to 120"))
        if not 0 <= self.seed < 2**32:
            faults.append(("--seed", f"{self.seed} is no seed", "Give a whole number from 0 to 4294967295"))
        if self.scores is not None and self.text is not None:
            faults.append(("--scores", "a text and scores are two readings of one feeling", "Give one of the two"))
        if self.scores is not None and not all(0 <= score <= 1 for score in self.scores.values()):
            faults.append(("--scores", "a score lies outside 0 to 1", "Give probabilities"))
        if len(self.exclude) > MOST_EXCLUDED:
            faults.append(
                ("--without", f"{len(self.exclude)} tracks are too many", f"Leave out {MOST_EXCLUDED} at most")
            )
        faults += find_text_faults("TEXT", self.text)
        faults += find_text_faults("--like", self.like, SOUND)
        if faults:
            raise UsageError.of(faults)


def find_text_faults(place: str, text: str | None, wanted: tuple[str, str] = FEELING) -> list[tuple[str, str, str]]:
    """Faults of a text as (place, fault, repair); none repeats the text."""
    if text is None:
        return []
    if not text.strip():
        return [(place, "there are no words", wanted[0])]
    if len(text) > LONGEST_TEXT:
        return [(place, f"{len(text):,} characters are too many", f"Say it in at most {LONGEST_TEXT:,}")]
    if any((ord(c) < 32 and c not in "\n\r\t") or 0x7F <= ord(c) < 0xA0 or 0xD800 <= ord(c) < 0xE000 for c in text):
        return [(place, "it holds control characters", "Remove them; line ends and tabs may stay")]
    if not any(c.isalnum() for c in text):
        return [(place, "it holds no word, only signs or pictures", wanted[1])]
    return []


@dataclass(frozen=True, slots=True)
class Reading:
    """The reading of a text by the emotion model, and the emotions that the person chose."""

    status: Literal["clear", "uncertain", "neutral"]
    gate: GateState
    scores: Mapping[str, float]
    """All 28 calibrated probabilities, 0..1."""
    labels: tuple[str, ...]
    """Emotion labels over their thresholds, highest first."""
    valence: float
    arousal: float
    scales: Mapping[str, float] = field(default_factory=dict)
    """GEMS scale id -> weight, 0..1: sum of the shares of labels, at most 1."""
    markers: tuple[str, ...] = ()
    """Ids of markers that the gate found in the wording (rumination, bereavement, ...)."""
    chosen: tuple[str, ...] = ()
    """Ids of emotions that the person chose instead; `scores`, `labels` and `status` remain as read."""

    def as_json(self) -> dict[str, Any]:
        known = asdict(self)
        return known if self.chosen else {key: value for key, value in known.items() if key != "chosen"}


@dataclass(frozen=True, slots=True)
class Candidate:
    """One track that the rules allow at one waypoint."""

    waypoint: int
    """1 is the first step."""
    track_id: str
    work_id: str
    artist_id: str
    similarity: float
    """(1 + cosine) / 2, the form Neo4j reports; 0.5 means unrelated."""
    miss: float
    """Error of its cues: pseudo-Huber error in half-widths, weighted over cues; 0: every target is met."""
    seconds: float
    cues: Mapping[str, float]
    valence: float
    arousal: float
    rule_ids: tuple[str, ...]
    """Ids of the rules that shaped the profile and that the track meets."""
    title: str
    artist: str
    traits: tuple[str, ...] = ()
    """Ids of its traits, which rules may bar."""
    instrument: str = ""
    """What plays it, as in "flute and harp"; empty where nobody stated it."""

    @property
    def cue_fit(self) -> float:
        """0..1: 1 where every target is met."""
        return exp(-self.miss)


@dataclass(frozen=True, slots=True)
class CueTarget:
    """The target of one cue, in its unit."""

    low: float
    best: float
    high: float
    weight: float
    """Cost of an error of one half-width."""
    led: float
    """How far rules that name the cue moved the target, 0..1."""
    log: bool = False
    """Whether the cue has a logarithmic scale."""

    def measure_error(self, value: float) -> float:
        """Distance of a value from the target, in half-widths of its side."""
        if self.log and value <= 0:
            return inf
        scaled, low, best, high = (log(x) if self.log else x for x in (value, self.low, self.best, self.high))
        return abs(scaled - best) / max(1e-6, best - low if scaled < best else high - best)


@dataclass(frozen=True, slots=True)
class CueBound:
    """Limits of one cue, in its unit; infinite for an open side."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Waypoint:
    """The target profile of one step."""

    position: int
    stage: str
    leg: int
    """0; 1 for the second leg of a journey that passes through a `Via` scale."""
    progress: float
    """0..1 along its leg."""
    valence: float
    arousal: float
    asked: Mapping[str, CueTarget]
    """By cue."""
    bounds: Mapping[str, CueBound]
    """By cue."""
    rule_ids: tuple[str, ...]
    weigh_similarity: float
    """Weight of the similarity to the query vector: the setting of that name, raised by words for the sound."""
    barred: tuple[str, ...] = ()
    """Ids of traits that no track may have here."""


@dataclass(frozen=True, slots=True)
class Shortlist:
    """A waypoint and its candidates, best rank first."""

    waypoint: Waypoint
    tracks: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One track of a journey, with its reason."""

    position: int
    stage: str
    track_id: str
    title: str
    artist: str
    seconds: float
    cues: Mapping[str, float]
    valence: float
    arousal: float
    similarity: float
    cue_fit: float
    rule_ids: tuple[str, ...]
    """Ids of the rules that allowed the track; never empty."""
    because: str
    """One plain sentence: what one hears, and what it does here."""
    moved: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    """Cue -> {before, now}: what a listener notices against the track before, largest change first."""
    met: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Cue -> {asked, low, high, heard, met}: what was asked is met where what is heard lies from low to high."""

    def as_json(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if name != "stage"}


@dataclass(frozen=True, slots=True)
class Quality:
    """Measures of a journey (`engine/order/quality.py`)."""

    max_step: float
    mean_step: float
    monotonicity: float | None
    match_error: float
    target_error: float
    contracts_met: float
    share_of_bound: float
