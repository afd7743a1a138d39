"""Rules in words: what each of their effects does, as a phrase with figures and units."""

from __future__ import annotations

from dataclasses import asdict
from typing import Final

from engine.answers import ClaimSummary, RuleSummary
from engine.explaining.words import Words
from engine.held_rules import Effect, HeldRule, NamedReference

_UNITS: Final = {"BPM": "bpm", "dB": "db", "1/s": "rate", "semitones": "semitones", "MIDI pitch": "pitch"}
"""Unit of a cue -> the pattern that says a value in it; other units are said by the value alone."""
_SAID: Final = {
    "Lean": "effect-lean",
    "Replace": "effect-replace",
    "Silence": "effect-silence",
    "Via": "effect-via",
    "Bar": "effect-bar",
    "Ask": "effect-ask",
    "Notify": "effect-notify",
    "Hold": "effect-hold",
}
_DOSES: Final = ("steps_min", "seconds_max", "minutes_low", "minutes_high", "steps_max")


def format_number(value: float) -> str:
    """Three significant digits, without a trailing zero."""
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"


def format_value(words: Words, cue: str, value: float, step: bool = False) -> str:
    """A value of a cue with its unit: '84 BPM', 'minor (-0.42)'; as a step between tracks, '0.3 octaves'."""
    if cue not in words.spoken["cues"]:
        return format_number(value)
    spoken = words.get_cue(cue)
    if step and spoken.is_log:
        return words.say("value-octaves", value=format_number(value))
    if not step and cue == "mode" and (word := words.find_plain_word(cue, value)):
        return words.say("value-word", word=word, value=format_number(value))
    return words.say(f"value-{_UNITS.get(spoken.unit, 'plain')}", value=format_number(value))


def describe_effect(effect: Effect, words: Words) -> str:
    """What one effect does, as a phrase: 'mirrors tempo, onset rate 50 % of the way back to the feeling'."""
    numbers = {name: value for name, value in asdict(effect.numbers).items() if value is not None}
    named = [_name_reference(words, thing) for thing in effect.of]
    of = ", ".join(named)
    cue = effect.of[0].id if effect.of else ""
    match effect.kind:
        case "Bound":
            sides = (("low", "at-least"), ("high", "at-most"))
            limits = [
                words.say(said, value=format_value(words, cue, numbers[side]))
                for side, said in sides
                if side in numbers
            ]
            return words.say("effect-bound", of=of, limits=words.join(limits, "limits"))
        case "Lean" if "best" in numbers:
            best, ends = (
                format_value(words, cue, numbers["best"]),
                {side: format_number(numbers[side]) for side in ("low", "high")},
            )
            return words.say("effect-lean-to", of=of, best=best, **ends)
        case "Mirror" if numbers["depth"] >= 1:
            return words.say("effect-mirror-whole", of=of)
        case "Mirror" if numbers["depth"] <= 0:
            return words.say("effect-mirror-none", of=of)
        case "Mirror":
            return words.say("effect-mirror-part", of=of, share=format_number(numbers["depth"] * 100))
        case "Dose":
            doses = [(name.replace("_", "-"), numbers[name]) for name in _DOSES if name in numbers]
            return ", ".join(words.say(f"dose-{name}", value=format_number(value)) for name, value in doses)
        case "StepLimit":
            said = "effect-rise" if numbers.get("direction") == "up" else "effect-step"
            return words.say(said, of=of, value=format_value(words, cue, numbers["at_most"], step=True))
        case kind:
            return words.say(_SAID[kind], of=of)


def _name_reference(words: Words, thing: NamedReference) -> str:
    """What an effect is of, in words."""
    if thing.id in words.spoken["cues"]:
        return words.get_cue(thing.id).label
    return words.name("scales", thing.id) if thing.id in words.spoken["scales"] else thing.label or thing.id


def summarise_rule(rule: HeldRule, words: Words) -> RuleSummary:
    """A rule as an answer shows it."""
    return RuleSummary(
        rule.id,
        rule.label,
        rule.definition,
        rule.stages,
        rule.tier,
        tuple(describe_effect(effect, words) for effect in rule.effects),
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
