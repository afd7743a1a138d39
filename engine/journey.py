"""The values that travel along the main path: a request, a reading, waypoints, candidates, steps.

All are frozen and say their units at the field. What comes of them stands in `engine/answers.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from math import exp, inf, log
from typing import Any, Literal

from engine.errors import UsageError

OWN = "own-"
"""How the id of every track of a listener's own begins, and none of the catalogue's does."""
LONGEST_TEXT = 20_000
"""Code points of free text that are read; more is refused, since nobody types it and the models would only cut it."""
MOST_EXCLUDED = 500
"""Tracks that one request may leave out: as many more are looked at for it."""

FEELING = ("Say in a sentence how you feel", "Add a few words, or name feelings with --feel")
SOUND = ('Describe a sound, such as "rain, solo piano"', 'Add a few words, such as "rain, solo piano"')
"""What is asked for where there are no words, and where there are only signs."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a person asks for. `text` and `like` are never stored, logged or repeated: they are left out of `repr`."""

    text: str | None = field(default=None, repr=False)
    like: str | None = field(default=None, repr=False)
    """Words for the sound, which colour the choice among the tracks that the rules allow."""
    goal: str = "calm"
    goal_chosen: bool = False
    """False when nobody named a goal: the answer then says that calm was taken and that others can be had."""
    minutes: float | None = None
    """5 to 120; None takes the goal's own length."""
    seed: int = 0
    feel: tuple[str, ...] = ()
    """Emotion ids the person chose; they take the place of what the model read, and end all asking."""
    contexts: tuple[str, ...] = ()
    answer: str | None = None
    """Id of a choice of the question asked before."""
    scores: Mapping[str, float] | None = None
    """Emotion id -> probability, 0..1, of a caller that read the feeling itself; they take the place of a text."""
    exclude: frozenset[str] = frozenset()
    """Ids of tracks that are not to be played."""
    signals: tuple[str, ...] = ()
    """Ids of signals that a journey raised while it played (worse, stopped, skipped-twice): rules may hold for them."""
    explain: bool = False
    """Whether the answer carries its full account, replays with one rule off included."""
    keep_reading: bool = False
    """Whether what was felt, and the rules that tell of it, are kept with the journey."""

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
                ("--exclude", f"{len(self.exclude)} tracks are too many", f"Leave out {MOST_EXCLUDED} at most")
            )
        faults += find_text_faults("TEXT", self.text)
        faults += find_text_faults("--like", self.like, SOUND)
        if faults:
            raise UsageError.of(faults)


def find_text_faults(place: str, text: str | None, wanted: tuple[str, str] = FEELING) -> list[tuple[str, str, str]]:
    """Why words cannot be read, as (place, fault, repair); never with the words in it."""
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
    """What the emotion model made of a text, and what the person said about that."""

    status: Literal["clear", "uncertain", "neutral"]
    gate: Literal["passed", "not_run"]
    scores: Mapping[str, float]
    """All 28 calibrated probabilities, 0..1."""
    labels: tuple[str, ...]
    """Emotion labels over their thresholds, highest first."""
    valence: float
    arousal: float
    scales: Mapping[str, float] = field(default_factory=dict)
    """GEMS scale id -> weight, 0..1: shares of several labels add, capped at 1."""
    markers: tuple[str, ...] = ()
    """Ids of what the wording itself shows (rumination, bereavement, ...); never the words."""
    chosen: tuple[str, ...] = ()
    """Emotion ids the person chose instead; `scores`, `labels` and `status` stay as read."""

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
    """How far its cues are off what is asked: pseudo-Huber error in half-widths, weighted over cues; 0 is met."""
    seconds: float
    cues: Mapping[str, float]
    valence: float
    arousal: float
    rule_ids: tuple[str, ...]
    """Every rule that shaped the profile the track was let in by."""
    title: str
    artist: str
    traits: tuple[str, ...] = ()
    """Ids of what it has that a rule may bar."""

    @property
    def cue_fit(self) -> float:
        """0..1: 1 where every cue is met."""
        return exp(-self.miss)


@dataclass(frozen=True, slots=True)
class CueTarget:
    """What is asked of one cue, in its unit."""

    low: float
    best: float
    high: float
    weight: float
    """What a half-width off it costs."""
    led: float
    """How far a rule that names the cue led it, 0..1."""
    log: bool = False
    """Whether it is measured by ratio."""

    def measure_error(self, heard: float) -> float:
        """How far a value is off what is asked, in half-widths of that side."""
        if self.log and heard <= 0:
            return inf
        value, low, best, high = (log(x) if self.log else x for x in (heard, self.low, self.best, self.high))
        return abs(value - best) / max(1e-6, best - low if value < best else high - best)


@dataclass(frozen=True, slots=True)
class CueBound:
    """What is not crossed for one cue, in its unit; infinite where one side is open."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Waypoint:
    """The profile one step should meet."""

    position: int
    stage: str
    leg: int
    """0, or 0 and 1 where the journey passes through a `Via` scale."""
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
    """What likeness in words is worth here: the setting of that name, and more where a wish adds to it."""
    barred: tuple[str, ...] = ()
    """Ids of the traits that no track has here."""


@dataclass(frozen=True, slots=True)
class Shortlist:
    """A waypoint, and the tracks that the rules allow there, best rank first."""

    waypoint: Waypoint
    tracks: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One track in a journey, and why it is there."""

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
    """Every rule that allowed the track. Never empty: nothing enters a journey unasked."""
    because: str

    def as_json(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if name != "stage"}


@dataclass(frozen=True, slots=True)
class Quality:
    """How well the order does what was planned; fields as in the design's table."""

    max_step: float
    mean_step: float
    monotonicity: float | None
    match_error: float
    target_error: float
    contracts_met: float
    share_of_bound: float
