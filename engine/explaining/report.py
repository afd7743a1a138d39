"""The full account of a journey, for whoever must answer for it: what `--explain` adds to the answer.

Everything here is read off the rows that decided, or is a replay with one rule off. Nothing of the words is in it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from engine.graph import Answers
from engine.journey import Candidate, Reading, Row, Waypoint
from engine.order.sequence import Order, quality
from engine.reasoning.reading import Reader

NEARLY = 0.05
"""A rule nearly held when no more than this was missing of a score."""
WEAK = 0.4
"""Labels that models find worse than this (published F1) are said to be unsure."""
NOT_KNOWN = (
    "the level at the ear, and what is done with the volume",
    "any diagnosis, and what a piece means to the listener",
    "how the listener feels after it: the music is measured, not the person",
    "most of what moves people: in real music cues explain .2 to .5 of rated emotion",
)
"""What no field of the answer can tell (music_therapy.md, c3 and f)."""

Replay = Callable[[Sequence[Row]], tuple[Sequence[Waypoint], Order]]


def account(
    graph: Answers,
    reader: Reader,
    reading: Reading,
    given: Row,
    goal: str,
    rules: Sequence[Row],
    waypoints: Sequence[Waypoint],
    order: Order,
    replay: Replay,
) -> dict[str, Any]:
    """The account as plain values; `given` are the signs the rules were asked with."""
    holding = [row for row in rules if not row["overridden_by"]]
    profile = graph.rows(
        "journey/settled_profile", **given, goal=goal, rules=[r["rule_id"] for r in holding], relaxed=[]
    )
    nearly = graph.rows("journey/nearly_held", **given, goal=goal, within=NEARLY)
    return {
        "met": met(profile, rules),
        "reading": read(reader, reading),
        "rules": [{"id": row["rule_id"], "claims": row["claims"], "effects": row["effects"]} for row in rules],
        "overridden": [{"id": r["rule_id"], "by": r["overridden_by"]} for r in rules if r["overridden_by"]],
        "nearly_held": nearly,
        "profile": profile,
        "tracks": [track(*one) for one in zip(waypoints, order.picks, (None, *order.picks), strict=False)],
        "dose": dose(waypoints, order.picks),
        "without": [without(row, holding, order, replay) for row in holding if row["tier"] != "safety"],
        "not_known": list(NOT_KNOWN),
    }


def met(profile: Sequence[Row], rules: Sequence[Row]) -> dict[str, Any]:
    """Whether the feeling is met, in part or not at all, and by which rules; and the safety rules in force."""
    depths = {row["cue"]: row["depth"] for row in profile if row["point"] == "start"}
    deepest, shallowest = max(depths.values()), min(depths.values())
    verdict = "met" if shallowest >= 1 else "not met" if deepest <= 0 else "met in part"
    held = [row for row in rules if not row["overridden_by"]]
    return {
        "verdict": verdict,
        "depths": depths,
        "by": [r["rule_id"] for r in held if any(e["kind"] in {"Mirror", "Replace"} for e in r["effects"])],
        "silenced": sorted({o["id"] for r in held for e in r["effects"] if e["kind"] == "Silence" for o in e["of"]}),
        "safety": [row["rule_id"] for row in held if row["tier"] == "safety"],
    }


def read(reader: Reader, reading: Reading) -> list[dict[str, Any]]:
    """Every label with its score, its thresholds, how well it can be detected, and whether it counted."""
    emotions = reader.meaning["emotions"]
    counted = set(reading.chosen or reading.labels)
    return [
        {
            "label": label,
            "score": score,
            **reader.levels[label],
            "detectability": emotions[label].get("detectability"),
            "counted": label in counted,
        }
        for label, score in sorted(reading.scores.items(), key=lambda item: (-item[1], item[0]))
    ]


def track(waypoint: Waypoint, pick: Candidate, before: Candidate | None) -> dict[str, Any]:
    """One track against what was asked and bounded there, and the step of level into it."""
    known = {**pick.cues, "valence": pick.valence, "arousal": pick.arousal}
    return {
        "position": waypoint.position,
        "asked": {cue: {**ask, "measured": known.get(cue)} for cue, ask in waypoint.asked.items()},
        "bounds": {cue: {**bound, "measured": known.get(cue)} for cue, bound in waypoint.bounds.items()},
        "similarity": pick.similarity,
        "cue_fit": pick.cue_fit,
        "level_step": None if before is None else round(pick.cues["level_in"] - before.cues["level_out"], 2),
    }


def dose(waypoints: Sequence[Waypoint], picks: Sequence[Candidate]) -> dict[str, Any]:
    """Minutes of each stage and of music on the dark side of the plane, and where the largest step is."""
    minutes = dict.fromkeys(dict.fromkeys(w.stage for w in waypoints), 0.0)
    for waypoint, pick in zip(waypoints, picks, strict=True):
        minutes[waypoint.stage] += pick.seconds / 60
    steps = [float(np.hypot(b.valence - a.valence, b.arousal - a.arousal)) for a, b in pairwise(picks)]
    largest = int(np.argmax(steps)) if steps else 0
    return {
        "minutes": {stage: round(value, 1) for stage, value in minutes.items()},
        "minutes_of_sad_music": round(sum(p.seconds for p in picks if p.valence < 0 and p.arousal < 0) / 60, 1),
        "minutes_of_tense_music": round(sum(p.seconds for p in picks if p.valence < 0 <= p.arousal) / 60, 1),
        "largest_step": {"into": largest + 2, "size": round(steps[largest], 3)} if steps else None,
    }


def without(row: Row, holding: Sequence[Row], order: Order, replay: Replay) -> dict[str, Any]:
    """What the journey would have been with one rule off."""
    waypoints, other = replay([one for one in holding if one["rule_id"] != row["rule_id"]])
    then = quality(waypoints, other.picks, other.share_of_bound)
    kept = {pick.track_id for pick in order.picks}
    return {
        "rule": row["rule_id"],
        "tracks_changed": sum(pick.track_id not in kept for pick in other.picks),
        "tracks": [pick.track_id for pick in other.picks],
        "first": {"valence": round(other.picks[0].valence, 3), "arousal": round(other.picks[0].arousal, 3)},
        "max_step": then.max_step,
        "target_error": then.target_error,
    }


def told(found: Mapping[str, Any]) -> list[str]:
    """The account in lines that a therapist reads first; the rest is in the JSON."""
    meeting, doses, step = found["met"], found["dose"], found["dose"]["largest_step"]
    cues = ", ".join(f"{cue.replace('_', ' ')} {depth:.0%}" for cue, depth in meeting["depths"].items() if depth > 0)
    parts = [f"The feeling is {meeting['verdict']}"]
    parts += [f"by {', '.join(meeting['by'])}"] * bool(meeting["by"])
    parts += [f"({cues})"] * (meeting["verdict"] == "met in part")
    lines = [" ".join(parts) + "."]
    lines += [f"No words or cues of {', '.join(meeting['silenced'])} are asked for."] * bool(meeting["silenced"])
    lines.append(f"Safety rules in force: {', '.join(meeting['safety'])}.")
    weak = [r for r in found["reading"] if r["counted"] and (r["detectability"] or 1.0) < WEAK]
    lines += [f"{r['label']} is often missed or misread (published F1 {r['detectability']:.2f})." for r in weak]
    shares = ", ".join(f"{stage} {minutes:g} min" for stage, minutes in doses["minutes"].items())
    dark = f"sad music {doses['minutes_of_sad_music']:g} min, tense music {doses['minutes_of_tense_music']:g} min"
    lines.append(f"Dose: {shares}; {dark}.")
    lines += [f"The largest step is {step['size']:.2f}, into track {step['into']}."] if step else []
    lines += [f"Gave way: {one['id']} to {one['by']}." for one in found["overridden"]]
    for one in found["nearly_held"]:
        short = f"{one['short']:.2f} short of {' or '.join(one['missing'])}"
        why = f"defeated by {', '.join(one['defeated'])}" if one["defeated"] else short
        lines.append(f"Nearly held: {one['rule_id']}, {why}.")
    for one in found["without"]:
        start = f"valence {one['first']['valence']:+.2f}, arousal {one['first']['arousal']:+.2f}"
        lines.append(f"Without {one['rule']}: {one['tracks_changed']} other tracks, beginning at {start}.")
    return [*lines, *(f"Not known: {one}." for one in found["not_known"])]
