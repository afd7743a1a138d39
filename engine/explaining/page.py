"""The therapist's page: what `--explain` shows, as sentences with figures, units, rules and evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from engine.explaining.measures import DIGITS
from engine.explaining.reasons import format_number, format_value
from engine.explaining.words import Words, capitalise
from engine.held_rules import Claim
from engine.journey import Candidate
from engine.reasoning.facts import Case

WEAK: Final = 0.4
"""Labels that models find worse than this (published F1) are said to be unsure."""
FIGURES: Final = ("tempo", "level", "mode", "onset_rate")
"""Cues whose figures stand beside every track; of the others, those that rules lead and that were not met."""

Report = Mapping[str, Any]
"""The explanation report as plain values (`engine/explaining/report.py`)."""


def make_page(words: Words, case: Case, told: Report, picks: Sequence[Candidate]) -> list[str]:
    """The page, a sentence or two a line: asked against heard first, then rules, tracks, and what is not known."""
    return [
        *describe_ends(words, told["asked_heard"]),
        *describe_meeting(words, told["met"]),
        *describe_reading(words, told["reading"]),
        *describe_rules(words, case, told),
        *describe_tracks(words, told, picks),
        *describe_doses(words, told["dose"]),
        *(words.say("page-not-known", what=what) for what in told["not_known"]),
    ]


def describe_ends(words: Words, asked_heard: Sequence[Report]) -> list[str]:
    """What was asked of the first and the last track against what is heard, met or not, cue by cue."""
    return [
        capitalise(
            words.say(
                f"page-{one['step']}",
                asked=format_value(words, one["cue"], one["asked"]),
                heard=format_value(words, one["cue"], one["heard"]),
                cue=words.get_cue(one["cue"]).label,
                verdict=words.say("met" if one["met"] else "not-met"),
            )
        )
        for one in asked_heard
    ]


def describe_meeting(words: Words, met: Report) -> list[str]:
    """How the feeling is met, by which rules; what is silenced; the safety rules in force."""
    mirrored = [
        words.say("mirrored-cue", cue=words.get_cue(cue).label, share=format_number(100 * depth))
        for cue, depth in met["depths"].items()
        if depth > 0
    ]
    by = name_rules(words, met["by"])
    if not met["by"] or not mirrored:
        lines = [words.say("page-unmirrored")]
    elif met["replaced"]:
        lines = [words.say("page-elsewhere", rules=by)]
    else:
        verdict = words.say(
            {"met": "verdict-met", "met in part": "verdict-part"}.get(met["verdict"], "verdict-not-met")
        )
        lines = [words.say("page-mirrored", verdict=verdict, cues=words.join(mirrored), rules=by)]
    if met["silenced"]:
        scales = words.join([words.name("scales", scale) for scale in met["silenced"]])
        lines.append(words.say("page-silenced", scales=scales))
    return [*lines, words.say("page-safety", rules=name_rules(words, met["safety"]))]


def describe_reading(words: Words, labels: Sequence[Report]) -> list[str]:
    """What was read, with scores, and which labels are often misread."""
    counted = [one for one in labels if one["counted"]]
    said = [
        words.say("page-label", label=words.name("emotions", one["label"]), score=f"{one['score']:.2f}")
        for one in counted
    ]
    weak = [one for one in counted if (one["detectability"] or 1.0) < WEAK]
    return [
        *([words.say("page-read", labels=words.join(said))] if said else []),
        *(
            capitalise(
                words.say("page-weak", label=words.name("emotions", one["label"]), score=f"{one['detectability']:.2f}")
            )
            for one in weak
        ),
    ]


def describe_rules(words: Words, case: Case, told: Report) -> list[str]:
    """Every rule but those of safety, with its evidence and what it changed; and what gave way, or nearly held."""
    without = {one["rule"]: one for one in told["without"]}
    lines = [
        words.say(
            "page-rule",
            rule=words.name("rules", rule.id),
            definition=rule.definition,
            evidence=words.join([describe_evidence(words, claim) for claim in rule.claims], "items"),
            effect=describe_difference(words, without[rule.id]),
        )
        for rule in case.in_force
        if rule.id in without
    ]
    lines += [
        words.say("page-shadowed", rule=words.name("rules", one["id"]), by=words.name("rules", one["by"]))
        for one in told["overridden"]
    ]
    if told["relaxed"]:
        lines.append(words.say("page-relaxed", rules=name_rules(words, told["relaxed"])))
    for one in told["nearly_held"]:
        rule = words.name("rules", one["rule_id"])
        signs = words.join(list(one["defeated"] or one["missing"]), "or")
        score = f"{one['short']:.2f}"
        said = {"rule": rule, "signs": signs} | ({} if one["defeated"] else {"score": score})
        lines.append(words.say("page-defeated" if one["defeated"] else "page-nearly", **said))
    return lines


def describe_evidence(words: Words, claim: Claim) -> str:
    """What a claim is about, its grade, and the short references for it and against it."""
    said = {"about": claim.about, "grade": claim.grade}
    sources = ", ".join(one.key for one in claim.evidence)
    text = words.say("evidence", **said, sources=sources) if sources else words.say("evidence-judgement", **said)
    if claim.challenged_by:
        text += ", " + words.say("evidence-against", sources=", ".join(one.key for one in claim.challenged_by))
    return text


def describe_difference(words: Words, without: Report) -> str:
    """What the journey would have been without a rule."""
    if not without["shaped"] and not without["tracks_changed"]:
        return words.say("page-rule-nothing")
    first = {axis: f"{without['first'][axis]:+.2f}" for axis in ("valence", "arousal")}
    return words.say("page-rule-changed", tracks=without["tracks_changed"], **first)


def describe_tracks(words: Words, told: Report, picks: Sequence[Candidate]) -> list[str]:
    """Figures of every track, asked beside heard where that was not met, and the rules without which it is not here."""
    lines = []
    for track, pick in zip(told["tracks"], picks, strict=True):
        position, asked = track["position"], track["asked"]
        shaped = [one["rule"] for one in told["without"] if position in one["shaped"]]
        figures = [describe_figure(words, cue, asked[cue]) for cue in FIGURES if cue in asked]
        said = {"position": position, "title": pick.title, "figures": words.join(figures, "items")}
        lines.append(
            words.say("page-track", **said, rules=name_rules(words, shaped))
            if shaped
            else words.say("page-track-free", **said)
        )
    return lines


def describe_figure(words: Words, cue: str, against: Report) -> str:
    """What is heard of a cue with its unit, and what was asked where that is not met."""
    label, heard = words.get_cue(cue).label, format_value(words, cue, against["measured"])
    low, value, high = (round(against[name], DIGITS) for name in ("low", "measured", "high"))
    if low <= value <= high:
        return words.say("figure-met", cue=label, heard=heard)
    return words.say("figure-missed", cue=label, heard=heard, asked=format_value(words, cue, against["best"]))


def describe_doses(words: Words, dose: Report) -> list[str]:
    """Minutes of each stage and of dark music, and the largest step."""
    stages = words.join(
        [
            words.say("page-stage", stage=words.name("stages", stage), minutes=f"{minutes:g}")
            for stage, minutes in dose["minutes"].items()
        ]
    )
    sad, tense = (f"{dose[f'minutes_of_{kind}_music']:g}" for kind in ("sad", "tense"))
    lines = [words.say("page-dose", stages=stages, sad=sad, tense=tense)]
    if step := dose["largest_step"]:
        lines.append(words.say("page-step", size=f"{step['size']:.2f}", position=step["into"]))
    return lines


def name_rules(words: Words, ids: Sequence[str]) -> str:
    """Rules by their labels."""
    return words.join([words.name("rules", id_) for id_ in ids], "items")
