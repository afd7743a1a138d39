"""The full report of a journey, for whoever must answer for it: what `--explain` adds to the answer.

Everything here is read off what decided, or is a replay with one rule off. Nothing of the words is in it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from itertools import pairwise
from typing import Any

import numpy as np

from engine.explaining.measures import compare_with_target, compare_with_targets, list_measures, measure_change
from engine.explaining.page import make_page
from engine.explaining.words import Words
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
NOT_KNOWN = ("not-known-ear", "not-known-person", "not-known-after", "not-known-most")
"""Patterns of what no field of the answer can tell (music_therapy.md, c3 and f)."""
PROMISED = ("tempo", "level", "mode")
"""Cues of which asked and heard are told for the first and the last track."""

Replay = Callable[[Sequence[HeldRule]], OrderedJourney]


def make_report(
    knowledge: Knowledge, reader: FeelingReader, case: Case, found: OrderedJourney, replay: Replay
) -> dict[str, Any]:
    """The report as plain values, with `page`, what a therapist reads; `replay` plans it anew under other rules."""
    waypoints, order = found.waypoints, found.order
    words = reader.get_words(case.language).with_rules(case.request.rule_names)
    profile = found.settled.list_points()
    told = {
        "met": judge_meeting(profile, case.in_force, waypoints, order.picks),
        "asked_heard": compare_ends(words, waypoints, order.picks),
        "reading": describe_labels(reader, case.reading),
        "rules": [
            {"id": rule.id, "claims": [asdict(c) for c in rule.claims], "effects": [asdict(e) for e in rule.effects]}
            for rule in case.rules
        ],
        "overridden": [{"id": rule.id, "by": rule.overridden_by} for rule in case.rules if rule.overridden_by],
        "nearly_held": [asdict(one) for one in knowledge.find_nearly_held(case, NEARLY)],
        "profile": [asdict(point) for point in profile],
        "tracks": [describe_track(*one) for one in zip(waypoints, order.picks, (None, *order.picks), strict=False)],
        "dose": measure_dose(waypoints, order.picks),
        "without": [
            replay_without(rule, case.in_force, order, replay) for rule in case.in_force if rule.tier != "safety"
        ],
        "relaxed": list(found.settled.relaxed),
        "not_known": [words.say(pattern) for pattern in NOT_KNOWN],
    }
    return {"page": make_page(words, case, told, order.picks), **told}


def judge_meeting(
    profile: Sequence[ProfilePoint],
    rules: Sequence[HeldRule],
    waypoints: Sequence[Waypoint],
    picks: Sequence[Candidate],
) -> dict[str, Any]:
    """Whether the feeling is met, in part or not at all, and by which rules; and the safety rules in force.

    Met is what the first track is heard to meet, and not what rules ask: all of tempo, level and mode, as far as they
    are mirrored, some of them, or none.
    """
    depths = {point.cue: point.depth for point in profile if point.point == "start"}
    heard, asked = list_measures(picks[0]), waypoints[0].asked
    mirrored = [cue for cue, depth in depths.items() if depth > 0 and cue in asked]
    promised = [cue for cue in mirrored if cue in PROMISED] or mirrored
    kept = [compare_with_target(asked[cue], heard[cue]) == "same" for cue in promised]
    verdict = "not met" if not any(kept) else "met" if all(kept) else "met in part"
    return {
        "verdict": verdict,
        "depths": depths,
        "replaced": any(rule.list_effects("Replace") for rule in rules),
        "by": [rule.id for rule in rules if rule.list_effects("Replace")]
        or [rule.id for rule in rules if rule.list_effects("Mirror")],
        "silenced": sorted({of.id for rule in rules for effect in rule.list_effects("Silence") for of in effect.of}),
        "safety": [rule.id for rule in rules if rule.tier == "safety"],
    }


def compare_ends(words: Words, waypoints: Sequence[Waypoint], picks: Sequence[Candidate]) -> list[dict[str, Any]]:
    """For the first and the last track: what was asked of tempo, level and mode, what is heard, and if that is met.

    `noticed`: a listener hears that it is not what was asked, be it within what counts as met.
    """
    ends = [("first", 0), ("last", len(picks) - 1)]
    return [
        {
            "step": end,
            "position": at + 1,
            "cue": cue,
            "unit": words.get_cue(cue).unit,
            **found[cue],
            "noticed": abs(measure_change(words, cue, found[cue]["asked"], found[cue]["heard"])) >= words.noticed,
        }
        for end, at in ends
        for found in [compare_with_targets(waypoints[at].asked, picks[at])]
        for cue in PROMISED
        if cue in found
    ]


def describe_labels(reader: FeelingReader, reading: Reading) -> list[dict[str, Any]]:
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


def describe_track(waypoint: Waypoint, pick: Candidate, before: Candidate | None) -> dict[str, Any]:
    """One track against what was asked and bounded there, and the step of level into it."""
    heard = list_measures(pick)

    def compare_measures(wanted: Mapping[str, CueTarget] | Mapping[str, CueBound]) -> dict[str, Any]:
        return {cue: {"cue": cue, **asdict(one), "measured": heard.get(cue)} for cue, one in wanted.items()}

    return {
        "position": waypoint.position,
        "asked": compare_measures(waypoint.asked),
        "bounds": compare_measures(waypoint.bounds),
        "barred": list(waypoint.barred),
        "similarity": pick.similarity,
        "cue_fit": pick.cue_fit,
        "level_step": None if before is None else round(pick.cues["level_in"] - before.cues["level_out"], 2),
    }


def measure_dose(waypoints: Sequence[Waypoint], picks: Sequence[Candidate]) -> dict[str, Any]:
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


def replay_without(rule: HeldRule, holding: Sequence[HeldRule], order: Order, replay: Replay) -> dict[str, Any]:
    """What the journey would have been with one rule off."""
    found = replay([one for one in holding if one != rule])
    other = found.order
    then = measure_quality(found.waypoints, other.picks, other.share_of_bound)
    kept, others = ({pick.track_id for pick in one.picks} for one in (order, other))
    return {
        "rule": rule.id,
        "tracks_changed": len(others - kept),
        "shaped": [place for place, pick in enumerate(order.picks, 1) if pick.track_id not in others],
        "tracks": [pick.track_id for pick in other.picks],
        "first": {"valence": round(other.picks[0].valence, 3), "arousal": round(other.picks[0].arousal, 3)},
        "max_step": then.max_step,
        "target_error": then.target_error,
    }
