"""The full account of a journey, for whoever must answer for it: what `--explain` adds to the answer.

Everything here is read off what decided, or is a replay with one rule off. Nothing of the words is in it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from itertools import pairwise
from typing import Any

import numpy as np

from engine.held_rules import HeldRule
from engine.journey import Candidate, CueBound, CueTarget, Reading, Waypoint
from engine.order.sequence import Order, measure_quality
from engine.reasoning.facts import Case
from engine.reasoning.knowledge import Knowledge
from engine.reasoning.ordering import OrderedJourney
from engine.reasoning.reading import FeelingReader
from engine.reasoning.waypoints import ProfilePoint

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

Replay = Callable[[Sequence[HeldRule]], OrderedJourney]


def account(
    knowledge: Knowledge, reader: FeelingReader, case: Case, found: OrderedJourney, replay: Replay
) -> dict[str, Any]:
    """The account as plain values; `replay` plans the journey anew under other rules."""
    waypoints, order = found.waypoints, found.order
    profile = found.settled.list_points()
    return {
        "met": met(profile, case.in_force),
        "reading": read(reader, case.reading),
        "rules": [
            {"id": rule.id, "claims": [asdict(c) for c in rule.claims], "effects": [asdict(e) for e in rule.effects]}
            for rule in case.rules
        ],
        "overridden": [{"id": rule.id, "by": rule.overridden_by} for rule in case.rules if rule.overridden_by],
        "nearly_held": [asdict(one) for one in knowledge.find_nearly_held(case, NEARLY)],
        "profile": [asdict(point) for point in profile],
        "tracks": [track(*one) for one in zip(waypoints, order.picks, (None, *order.picks), strict=False)],
        "dose": dose(waypoints, order.picks),
        "without": [without(rule, case.in_force, order, replay) for rule in case.in_force if rule.tier != "safety"],
        "not_known": list(NOT_KNOWN),
    }


def met(profile: Sequence[ProfilePoint], rules: Sequence[HeldRule]) -> dict[str, Any]:
    """Whether the feeling is met, in part or not at all, and by which rules; and the safety rules in force."""
    depths = {point.cue: point.depth for point in profile if point.point == "start"}
    deepest, shallowest = max(depths.values()), min(depths.values())
    verdict = "met" if shallowest >= 1 else "not met" if deepest <= 0 else "met in part"
    return {
        "verdict": verdict,
        "depths": depths,
        "by": [rule.id for rule in rules if rule.list_effects("Mirror") or rule.list_effects("Replace")],
        "silenced": sorted({of.id for rule in rules for effect in rule.list_effects("Silence") for of in effect.of}),
        "safety": [rule.id for rule in rules if rule.tier == "safety"],
    }


def read(reader: FeelingReader, reading: Reading) -> list[dict[str, Any]]:
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

    def against(wanted: Mapping[str, CueTarget] | Mapping[str, CueBound]) -> dict[str, Any]:
        return {cue: {"cue": cue, **asdict(one), "measured": known.get(cue)} for cue, one in wanted.items()}

    return {
        "position": waypoint.position,
        "asked": against(waypoint.asked),
        "bounds": against(waypoint.bounds),
        "barred": list(waypoint.barred),
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


def without(rule: HeldRule, holding: Sequence[HeldRule], order: Order, replay: Replay) -> dict[str, Any]:
    """What the journey would have been with one rule off."""
    found = replay([one for one in holding if one != rule])
    other = found.order
    then = measure_quality(found.waypoints, other.picks, other.share_of_bound)
    kept = {pick.track_id for pick in order.picks}
    return {
        "rule": rule.id,
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
