"""Checks against what is loaded: the tracks of the catalogue, and the thresholds of the emotion model.

Bounds are intervals, so what they leave is counted exactly, track by track; tracks that a listener adds are not seen.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from math import inf, log2
from typing import TypeAlias

from engine.rules.checks.findings import Finding
from engine.rules.checks.holding import Rulebook
from engine.rules.individuals import Individual
from engine.rules.ontology import Ontology

LEAST_SHARE = 0.01
"""Share of the tracks that a leaning must find in its range for its unit to be believed."""
Columns: TypeAlias = "Mapping[str, Sequence[float]]"
"""Cue id -> the values of all tracks, sorted; `seconds` among them."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What the program has loaded beside the ontology; empty parts are not checked."""

    tracks: Sequence[Mapping[str, float]] = ()
    """Cue id -> value in the cue's unit, and `seconds`."""
    traits: Sequence[frozenset[str]] = ()
    """Ids of the traits of each track."""
    levels: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    """Emotion id -> thresholds of the model for `present` and `strong`."""


def check_loaded(ontology: Ontology, loaded: Loaded) -> Iterator[Finding]:
    """Findings of the rules against the tracks and the thresholds."""
    if loaded.tracks:
        tracks = _place_on_the_plane(ontology, loaded.tracks)
        columns = {cue: sorted(track[cue] for track in tracks if cue in track) for cue in tracks[0]}
        yield from _bounds_leave_tracks(ontology, tracks, columns)
        yield from _leanings_find_tracks(ontology, columns)
        yield from _steps_are_limited(ontology, columns)
        yield from _doses_hold_a_track(ontology, columns.get("seconds", []))
        yield from _traits_are_there(ontology, loaded.traits)
    if loaded.levels:
        yield from _thresholds_are_reached(ontology, loaded.levels)


def _bounds_leave_tracks(
    ontology: Ontology, tracks: Sequence[Mapping[str, float]], columns: Columns
) -> Iterator[Finding]:
    """The hard bounds of a rule, and those of two that can hold together, leave enough tracks at every stage."""
    book = Rulebook(ontology)
    fewest = _read_setting(ontology, "fewest-candidates", 1.0)
    ruled = [(rule, bounds) for rule in book.rules if (bounds := book.list_effects(rule, "Bound"))]
    for _, bounds in ruled:
        for bound in bounds:
            values = columns.get(bound.to("of")[0], [])
            if values and _count_inside(values, bound) == len(values):
                yield Finding(
                    "notice",
                    "bounds-leave-tracks",
                    bound.place,
                    f"it shuts out no track of the catalogue ({_describe(bound, ontology)})",
                    "Leave it for music that is added, or set it where it matters",
                )
    short: set[str] = set()
    for first, second in [*((one, one) for one in ruled), *combinations(ruled, 2)]:
        rule, other = first[0], second[0]
        if {rule.id, other.id} & short:
            continue  # told of the one alone
        if rule.id != other.id and not (book.share(rule, other, "at") and book.can_meet(rule, other)):
            continue
        bounds = [*first[1], *([] if rule.id == other.id else second[1])]
        ranges = [(bound.to("of")[0], *_read_range(bound)) for bound in bounds]
        left = sum(all(low <= track.get(cue, low) <= high for cue, low, high in ranges) for track in tracks)
        if left < fewest:
            short |= {rule.id} if rule.id == other.id else set()
            stages = [
                s.id for s in ontology.of("Stage") if book.covers(rule, "at", s.id) and book.covers(other, "at", s.id)
            ]
            named = "; ".join(_describe(bound, ontology) for bound in bounds)
            yield Finding(
                "error",
                "bounds-leave-tracks",
                rule.place,
                f"{'its bounds' if rule.id == other.id else f'its bounds and those of {other.id!r}'} leave {left} of "
                f"{len(tracks)} tracks at {', '.join(stages)} ({named}), and {fewest:g} are needed",
                "Widen a bound, or state it in the cue's unit",
            )


def _leanings_find_tracks(ontology: Ontology, columns: Columns) -> Iterator[Finding]:
    """What is leaned to exists: some track lies in the range, so that the number is in the cue's unit."""
    for kind in ("Lean", "CueTarget"):
        for lean in ontology.of(kind):
            cues = [cue for cue in lean.to("of") if columns.get(cue)]
            if lean.number("best") is None or not cues:
                continue
            values = columns[cues[0]]
            inside = _count_inside(values, lean)
            if inside < LEAST_SHARE * len(values):
                yield Finding(
                    "notice" if inside else "error",
                    "leanings-find-tracks",
                    lean.place,
                    f"{inside or 'no'} track of {len(values)} lies there ({_describe(lean, ontology)})",
                    f"State it in {ontology[cues[0]].text('unit')}, where music is",
                )


def _steps_are_limited(ontology: Ontology, columns: Columns) -> Iterator[Finding]:
    """A step limit is smaller than the difference between most tracks; a wider one limits nothing."""
    for limit in ontology.of("StepLimit"):
        cue = ontology[limit.to("of")[0]]
        if not (values := columns.get(cue.id, [])):
            continue
        low, high = values[len(values) // 20], values[-1 - len(values) // 20]
        is_log = cue.text("scale") == "log"
        usual, unit = (log2(high / low), "octaves") if is_log else (high - low, cue.text("unit"))
        if (limit.number("at_most") or 0.0) >= usual:
            yield Finding(
                "error",
                "steps-are-limited",
                limit.place,
                f"it allows {limit.number('at_most'):g} {unit} of {cue.id}, and nine in ten tracks lie within "
                f"{usual:.3g}",
                f"State it in {unit}, smaller than that",
            )


def _doses_hold_a_track(ontology: Ontology, lengths: Sequence[float]) -> Iterator[Finding]:
    """Seconds that a dose allows are those of a track; fewer would take the stage away in silence."""
    for dose in ontology.of("Dose"):
        most = dose.number("seconds_max")
        if most is None or not lengths or dose.number("steps_max") == 0:
            continue
        if bisect_right(lengths, most) < LEAST_SHARE * len(lengths):
            yield Finding(
                "error",
                "doses-hold-a-track",
                dose.place,
                f"it allows {most:g} seconds, and the shortest track has {lengths[0]:g}: nothing could be played",
                "State it in seconds, long enough for a track; for none at all write 'steps_max' 0",
            )


def _traits_are_there(ontology: Ontology, traits: Sequence[frozenset[str]]) -> Iterator[Finding]:
    """A trait that no track has changes nothing."""
    there = frozenset[str]().union(*traits)
    for kind, verb in (("Bar", "bars"), ("Lean", "leans to")):
        for effect in ontology.of(kind):
            for what in effect.to("of"):
                if "Trait" in ontology[what].classes and what not in there and what != "vetoed":
                    yield Finding(
                        "notice",
                        "traits-are-there",
                        effect.place,
                        f"it {verb} {what}, which no track of the catalogue has: it changes nothing yet",
                        "Leave it for music that is added, or take it away",
                    )


def _thresholds_are_reached(ontology: Ontology, levels: Mapping[str, tuple[float, float]]) -> Iterator[Finding]:
    """The model can give what a condition asks for; a label that is strong as soon as it is present is on the line."""
    for emotion in ontology.of("Emotion"):
        present, strong = levels.get(emotion.id, (2.0, 2.0))
        conditions = [c for c in ontology.of("Condition") if emotion.id in c.to("on")]
        asked = {c.text("level") for c in conditions if c.number("at_least") is None}
        never = "strong" if present <= 1.0 else "present"
        if emotion.id not in levels:
            fault = "the emotion model has no such label, so nothing would ever show it"
        elif (never == "present" and asked) or ("strong" in asked and strong > 1.0):
            fault = f"a condition asks for it {never}, which the emotion model never gives"
        elif "strong" in asked and strong <= present:
            fault = f"it is strong from {strong:g} and present from {present:g}: whoever is present is strong"
        else:
            continue
        yield Finding(
            "error", "thresholds-are-reached", emotion.place, fault, "Ask for another level, or load another model"
        )
    for condition in ontology.of("Condition"):
        yield from _scores_are_given(condition, levels)


def _scores_are_given(condition: Individual, levels: Mapping[str, tuple[float, float]]) -> Iterator[Finding]:
    """The model can give a score between the numbers of a condition."""
    least, most, level = condition.number("at_least"), condition.number("at_most"), condition.text("level")
    for sign in sorted(levels.keys() & {*condition.to("on")}):
        from_ = levels[sign][level == "strong"]
        if least is None and most is not None and most < from_:
            yield Finding(
                "error",
                "thresholds-are-reached",
                condition.place,
                f"'at_most' is {most:g}, and {sign} is {level} from {from_:g}: no score meets both",
                "Raise 'at_most', or state 'at_least' below it",
            )
        elif least is not None and least >= 1:
            yield Finding(
                "notice",
                "thresholds-are-reached",
                condition.place,
                f"'at_least' is {least:g}, which the emotion model never gives: only who chooses {sign} meets it",
                "Lower it, unless that is meant",
            )


def _place_on_the_plane(ontology: Ontology, tracks: Sequence[Mapping[str, float]]) -> list[Mapping[str, float]]:
    """The tracks with valence and arousal, as cypher/load/affect.cypher gives them to the graph."""
    weights = [(w.text("axis"), ontology[w.to("of")[0]], w.number("weight") or 0.0) for w in ontology.of("CueWeight")]
    placed: list[Mapping[str, float]] = []
    for track in tracks:
        sums = dict.fromkeys((axis for axis, _, _ in weights), 0.0)
        for axis, cue, weight in weights:
            value, center, spread = track.get(cue.id), cue.number("center") or 0.0, cue.number("spread") or 1.0
            if value is not None:
                off = log2(value / center) if cue.text("scale") == "log" else value - center
                sums[axis] += weight * off / spread
        placed.append({**track, **{axis: min(1.0, max(-1.0, total)) for axis, total in sums.items()}})
    return placed


def _count_inside(values: Sequence[float], range_: Individual) -> int:
    """How many of the sorted values lie in the range, its ends included."""
    low, high = _read_range(range_)
    return bisect_right(values, high) - bisect_left(values, low)


def _read_range(range_: Individual) -> tuple[float, float]:
    low, high = range_.number("low"), range_.number("high")
    return -inf if low is None else low, inf if high is None else high


def _describe(range_: Individual, ontology: Ontology) -> str:
    cue = ontology[range_.to("of")[0]]
    low, high = (f"{n:g}" if (n := range_.number(name)) is not None else "" for name in ("low", "high"))
    said = f"{low} to {high}" if low and high else f"from {low}" if low else f"up to {high}"
    return f"{cue.id} {said} {cue.text('unit')}"


def _read_setting(ontology: Ontology, id_: str, otherwise: float) -> float:
    setting = ontology.by_id.get(id_)
    value = setting.number("value") if setting is not None else None
    return otherwise if value is None else value
