"""Reasons in words, derived from what decided: effects of rules, and why each track stands where it stands."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, replace
from math import log2

from engine.answers import ClaimSummary, RuleSummary
from engine.held_rules import Effect, HeldRule
from engine.journey import Candidate, Step, Waypoint
from engine.order.sequence import Order

COMPARED = {  # cue -> (more, less), in the order in which a listener notices them
    "tempo": ("faster", "slower"),
    "level": ("louder", "softer"),
    "onset_rate": ("busier", "sparser"),
    "mode": ("nearer to major", "nearer to minor"),
    "register": ("higher", "lower"),
    "brightness": ("brighter", "darker"),
    "articulation": ("more connected", "more detached"),
    "roughness": ("rougher", "smoother"),
    "level_swing": ("more uneven", "more even"),
}
SPOKEN = {  # cue -> how a value of it is said
    "tempo": "{} BPM",
    "level": "a level of {} dB",
    "onset_rate": "{} notes or chords a second",
    "register": "a register around MIDI pitch {}",
    "brightness": "a brightness of {}",
    "articulation": "notes held for {} of their time",
    "roughness": "a roughness of {}",
    "level_swing": "a level that swings by {} dB",
}
CHANGED = {"tempo": " BPM", "level": " dB", "onset_rate": " a second", "level_swing": " dB"}
"""Units behind a change from one value to another; the other cues are plain numbers."""
NOTICED = 0.3
"""A change is told when it is larger than this share of the width that the waypoint asks for."""


def number(value: float) -> str:
    """Three significant digits, without a trailing zero."""
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"


def effect_sentence(effect: Effect, units: Mapping[str, str]) -> str:
    """What one effect does, as a phrase: 'mirrors tempo, onset rate at depth 0.5'."""
    numbers = {name: value for name, value in asdict(effect.numbers).items() if value is not None}
    of = ", ".join(thing.label or thing.id for thing in effect.of)
    unit = f" {units[effect.of[0].id]}" if effect.of and effect.of[0].id in units else ""
    match effect.kind:
        case "Bound":
            limits = [
                f"{word} {number(numbers[side])}{unit}"
                for side, word in (("low", "at least"), ("high", "at most"))
                if side in numbers
            ]
            return f"keeps {of} {' and '.join(limits)}"
        case "Lean" if "best" in numbers:
            reach = f"({number(numbers['low'])} to {number(numbers['high'])})"
            return f"leans {of} towards {number(numbers['best'])}{unit} {reach}"
        case "Mirror":
            depth = numbers["depth"]
            return f"mirrors {of} " + (
                "fully"
                if depth >= 1
                else "not at all"
                if depth <= 0
                else f"{number(depth * 100)} % of the way back to the feeling"
            )
        case "Dose":
            words = {
                "steps_min": "at least {} steps",
                "seconds_max": "at most {} s",
                "minutes_low": "from {} minutes",
                "minutes_high": "to {} minutes",
                "steps_max": "at most {} steps",
            }
            return ", ".join(said.format(number(numbers[name])) for name, said in words.items() if name in numbers)
        case "StepLimit":
            way = "rises" if numbers.get("direction") == "up" else "changes"
            return f"{of} {way} by at most {number(numbers['at_most'])}{unit} between tracks"
        case kind:
            said = {
                "Lean": "leans towards",
                "Replace": "begins in the feeling's place at",
                "Silence": "lets nothing ask for",
                "Via": "passes through",
                "Bar": "bars",
                "Ask": "asks:",
                "Notify": "says:",
                "Hold": "holds the journey back:",
            }
            return f"{said[kind]} {of}"


def because(
    step: Candidate, before: Candidate | None, waypoint: Waypoint, rules: Sequence[str], told: Collection[str] = ()
) -> str:
    """One sentence on a step: what changes from the track before, what it meets, and the rules that are new here.

    Its own and not a refrain: of the cues that it meets, the closest whose sentence is not among those `told` before.
    """
    asked = {cue: ask for cue, ask in waypoint.asked.items() if cue in COMPARED}

    def share(cue: str, other: float) -> float:
        """How far the track lies from another value, in half widths of what is asked."""
        return apart(cue, step.cues[cue], other) / max(1e-6, apart(cue, asked[cue].high, asked[cue].low) / 2)

    moves = []
    if before is not None:
        changes = {cue: share(cue, before.cues[cue]) for cue in asked}
        moves = sorted((cue for cue in asked if changes[cue] >= NOTICED), key=lambda cue: -changes[cue])[:2]
    near = sorted(asked, key=lambda cue: share(cue, asked[cue].best) / max(asked[cue].weight, 1e-6))
    met = [cue for cue in near if cue not in moves]
    count = 1 if moves else 2
    if before is None:
        opening = "Opens with "
    elif moves:
        opening = f"{' and '.join(moved(cue, step, before) for cue in moves)}; "
    else:
        opening = "Stays close to the track before; "
    under = f". Under: {'; '.join(rules)}." if rules else "."
    sentence = ""
    for first in range(max(1, len(met) - count + 1)):
        fits = [
            f"{spoken(cue, step.cues[cue])} where {number(asked[cue].best)} is asked" for cue in met[first:][:count]
        ]
        sentence = f"{opening}{' and '.join(fits)}{under}"
        sentence = sentence[0].upper() + sentence[1:]
        if sentence not in told:
            break
    return sentence


def spoken(cue: str, value: float) -> str:
    """A value of a cue in words: '84 BPM', 'a minor mode (-0.42)'."""
    if cue == "mode":
        return f"a {'major' if value > 0 else 'minor'} mode ({number(value)})"
    return SPOKEN[cue].format(number(value))


def moved(cue: str, step: Candidate, before: Candidate) -> str:
    """'slower (96 to 84 BPM)'"""
    word = COMPARED[cue][0 if step.cues[cue] > before.cues[cue] else 1]
    return f"{word} ({number(before.cues[cue])} to {number(step.cues[cue])}{CHANGED.get(cue, '')})"


def apart(cue: str, one: float, other: float) -> float:
    """How far apart two values of a cue are: octaves for tempo and onset rate, else the cue's unit."""
    return abs(log2(one / other)) if cue in {"tempo", "onset_rate"} and min(one, other) > 0 else abs(one - other)


def shown(rule: HeldRule, units: Mapping[str, str]) -> RuleSummary:
    """A rule as an answer shows it; `units` are those of the cues."""
    return RuleSummary(
        rule.id,
        rule.label,
        rule.definition,
        rule.stages,
        rule.tier,
        tuple(effect_sentence(effect, units) for effect in rule.effects),
        tuple(
            ClaimSummary(
                claim.about,
                claim.grade,
                claim.signed_by,
                tuple(one.key for one in claim.evidence),
                tuple(one.key for one in claim.challenged_by),
            )
            for claim in rule.claims
        ),
        rule.overridden_by,
    )


Stages = tuple[tuple[str, tuple[Step, ...]], ...]
"""Stage id, and its steps."""


def continued(head: Sequence[Step], stages: Stages) -> Stages:
    """The stages with the first steps as they were played. No later step goes back to an earlier stage."""
    if not head:
        return stages
    order = list(dict.fromkeys([*(step.stage for step in head), *(stage for stage, _ in stages)]))
    steps = list(head)
    for step in (step for _, planned in stages for step in planned if step.position > len(head)):
        steps.append(replace(step, stage=max(steps[-1].stage, step.stage, key=order.index)))
    return _by_stage(steps)


def staged(waypoints: Sequence[Waypoint], order: Order, rules: Sequence[HeldRule]) -> Stages:
    """The steps of each stage, every one with the rules that allowed it and its reason.

    A rule is named in the reason of the first step it speaks at; safety rules, which hold throughout, stand apart.
    """
    labels = {rule.id: rule.label for rule in rules if rule.tier != "safety"}
    steps: list[Step] = []
    before: Candidate | None = None
    for waypoint, pick in zip(waypoints, order.picks, strict=True):
        told = {rule for step in steps for rule in step.rule_ids}
        new = [labels[rule] for rule in pick.rule_ids if rule in labels and rule not in told]
        steps.append(
            Step(
                waypoint.position,
                waypoint.stage,
                pick.track_id,
                pick.title,
                pick.artist,
                pick.seconds,
                pick.cues,
                pick.valence,
                pick.arousal,
                round(pick.similarity, 4),
                round(pick.cue_fit, 4),
                pick.rule_ids,
                because(pick, before, waypoint, new, [step.because for step in steps]),
            )
        )
        before = pick
    return _by_stage(steps)


def _by_stage(steps: Sequence[Step]) -> Stages:
    return tuple(
        (stage, tuple(s for s in steps if s.stage == stage)) for stage in dict.fromkeys(s.stage for s in steps)
    )
