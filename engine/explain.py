"""Reasons in words, derived from the rows that decided: effects of rules, and why each track stands where it stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log2
from typing import Any

from engine.journey import Candidate, Waypoint

Row = Mapping[str, Any]

COMPARED = {  # cue -> (more, less), in the order in which a listener notices them
    "tempo": ("faster", "slower"), "level": ("louder", "softer"), "onset_rate": ("busier", "sparser"),
    "mode": ("more major", "more minor"), "register": ("higher", "lower"), "brightness": ("brighter", "darker"),
    "articulation": ("more connected", "more detached"), "roughness": ("rougher", "smoother"), "level_swing": ("more uneven", "more even")}
NOTICED = 0.3
"""A change is told when it is larger than this share of the width that the waypoint asks for."""


def number(value: float) -> str:
    """Three significant digits, without a trailing zero."""
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"


def effect_sentence(effect: Row, units: Mapping[str, str]) -> str:
    """What one effect does, as a phrase: 'mirrors tempo, onset rate at depth 0.5'."""
    numbers = {name: value for name, value in effect["numbers"].items() if value is not None}
    of = ", ".join(str(thing["label"] or thing["id"]) for thing in effect["of"])
    unit = f" {units[effect['of'][0]['id']]}" if effect["of"] and effect["of"][0]["id"] in units else ""
    match effect["kind"]:
        case "Bound":
            limits = [f"{word} {number(numbers[side])}{unit}" for side, word in (("low", "at least"), ("high", "at most")) if side in numbers]
            return f"keeps {of} {' and '.join(limits)}"
        case "Lean" if "best" in numbers:
            return f"leans {of} towards {number(numbers['best'])}{unit} ({number(numbers['low'])} to {number(numbers['high'])})"
        case "Mirror":
            depth = numbers["depth"]
            return f"mirrors {of} " + ("fully" if depth >= 1 else "not at all" if depth <= 0 else f"{number(depth * 100)} % of the way back to the feeling")
        case "Dose":
            words = {"steps_min": "at least {} steps", "steps_max": "at most {} steps", "seconds_max": "at most {} s",
                     "minutes_low": "from {} minutes", "minutes_high": "to {} minutes"}
            return ", ".join(words[name].format(number(value)) for name, value in numbers.items() if name in words)
        case "StepLimit":
            way = "rises" if numbers.get("direction") == "up" else "changes"
            return f"{of} {way} by at most {number(numbers['at_most'])}{unit} between tracks"
        case kind:
            said = {"Lean": "leans towards", "Replace": "begins in the feeling's place at", "Silence": "lets nothing ask for", "Via": "passes through",
                    "Bar": "bars", "Ask": "asks:", "Notify": "says:", "Hold": "holds the journey back:"}
            return f"{said[kind]} {of}"


def because(step: Candidate, before: Candidate | None, waypoint: Waypoint, units: Mapping[str, str],
            rules: Sequence[str]) -> str:
    """One honest sentence on a step: what it changes against the track before, and how it meets what is asked there."""
    asked = {cue: ask for cue, ask in waypoint.asked.items() if cue in COMPARED}

    def width(cue: str) -> float:
        return max(1e-6, distance(cue, asked[cue]["high"], asked[cue]["low"]) / 2)

    met = sorted(asked, key=lambda cue: distance(cue, step.cues[cue], asked[cue]["best"]) / width(cue) / max(asked[cue]["weight"], 1e-6))
    moves: list[str] = []
    if before is not None:
        change = {cue: distance(cue, step.cues[cue], before.cues[cue]) / width(cue) for cue in asked}
        for cue in sorted((c for c in asked if change[c] >= NOTICED), key=lambda c: -change[c])[:2]:
            word = COMPARED[cue][0 if step.cues[cue] > before.cues[cue] else 1]
            moves.append(f"{word} ({number(before.cues[cue])} to {number(step.cues[cue])}{unit_of(cue, units)})")
    told = [cue for cue in met if not any(move.split(" (")[0] in COMPARED[cue] for move in moves)][:1 if moves else 2]
    fits = [f"{cue.replace('_', ' ')} {number(step.cues[cue])}{unit_of(cue, units)} where {number(asked[cue]['best'])} is asked" for cue in told]
    opening = ("Opens the journey" if before is None else "Goes on " + " and ".join(moves) if moves else "Stays close to the track before")
    rule = f"; {rules[0]}" if rules else ""
    return f"{opening}, with {' and '.join(fits)}{rule}."


def unit_of(cue: str, units: Mapping[str, str]) -> str:
    """The unit behind a number, with a space; nothing for cues that are plain shares."""
    unit = units.get(cue, "")
    return f" {unit}" if unit and unit not in {"1", "share", "0..1", "-1..1"} and len(unit) <= 12 else ""


def distance(cue: str, one: float, other: float) -> float:
    """How far apart two values of a cue are: octaves for tempo and onset rate, else the cue's unit."""
    return abs(log2(one / other)) if cue in {"tempo", "onset_rate"} and min(one, other) > 0 else abs(one - other)


def rule_json(row: Row, units: Mapping[str, str]) -> dict[str, Any]:
    """A rule as the contract shows it; evidence by key, contrary evidence beside it."""
    claims = [{"about": c["about"], "grade": c["grade"], "signed_by": c["signed_by"], "evidence": [e["key"] for e in c["evidence"]],
               "challenged_by": [e["key"] for e in c["challenged_by"]]} for c in row["claims"]]
    return {"id": row["rule_id"], "label": row["label"], "definition": row["definition"], "stages": row["stages"], "tier": row["tier"],
            "effects": [effect_sentence(effect, units) for effect in row["effects"]], "claims": claims, "overridden_by": row["overridden_by"]}
