"""The therapist's page: what `--explain` shows, as sentences with figures, units, rules and evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from engine.explaining.measures import DIGITS
from engine.explaining.reasons import measured, number
from engine.explaining.words import Words, sentence
from engine.held_rules import Claim
from engine.journey import Candidate
from engine.reasoning.facts import Case

WEAK: Final = 0.4
"""Labels that models find worse than this (published F1) are said to be unsure."""
FIGURES: Final = ("tempo", "level", "mode", "onset_rate")
"""Cues whose figures stand beside every track; of the others, those that rules lead and that were not met."""

Told = Mapping[str, Any]
"""The explanation report as plain values (`engine/explaining/report.py`)."""


def page(words: Words, case: Case, told: Told, picks: Sequence[Candidate]) -> list[str]:
    """The page, a sentence or two a line: asked against heard first, then rules, tracks, and what is not known."""
    return [
        *ends(words, told["asked_heard"]),
        *meeting(words, told["met"]),
        *reading(words, told["reading"]),
        *rules(words, case, told),
        *tracks(words, told, picks),
        *doses(words, told["dose"]),
        *(words.say("page-not-known", what=what) for what in told["not_known"]),
    ]


def ends(words: Words, asked_heard: Sequence[Told]) -> list[str]:
    """What was asked of the first and the last track against what is heard, met or not, cue by cue."""
    return [
        sentence(
            words.say(
                f"page-{one['step']}",
                asked=measured(words, one["cue"], one["asked"]),
                heard=measured(words, one["cue"], one["heard"]),
                cue=words.cue(one["cue"]).label,
                verdict=words.say("met" if one["met"] else "not-met"),
            )
        )
        for one in asked_heard
    ]


def meeting(words: Words, met: Told) -> list[str]:
    """How the feeling is met, by which rules; what is silenced; the safety rules in force."""
    mirrored = [
        words.say("mirrored-cue", cue=words.cue(cue).label, share=number(100 * depth))
        for cue, depth in met["depths"].items()
        if depth > 0
    ]
    by = named(words, met["by"])
    if not met["by"] or not mirrored:
        lines = [words.say("page-unmirrored")]
    elif met["replaced"]:
        lines = [words.say("page-elsewhere", rules=by)]
    else:
        verdict = words.say(
            {"met": "verdict-met", "met in part": "verdict-part"}.get(met["verdict"], "verdict-not-met")
        )
        lines = [words.say("page-mirrored", verdict=verdict, cues=words.listed(mirrored), rules=by)]
    if met["silenced"]:
        scales = words.listed([words.name("scales", scale) for scale in met["silenced"]])
        lines.append(words.say("page-silenced", scales=scales))
    return [*lines, words.say("page-safety", rules=named(words, met["safety"]))]


def reading(words: Words, labels: Sequence[Told]) -> list[str]:
    """What was read, with scores, and which labels are often misread."""
    counted = [one for one in labels if one["counted"]]
    said = [
        words.say("page-label", label=words.name("emotions", one["label"]), score=f"{one['score']:.2f}")
        for one in counted
    ]
    weak = [one for one in counted if (one["detectability"] or 1.0) < WEAK]
    return [
        *([words.say("page-read", labels=words.listed(said))] if said else []),
        *(
            sentence(
                words.say("page-weak", label=words.name("emotions", one["label"]), score=f"{one['detectability']:.2f}")
            )
            for one in weak
        ),
    ]


def rules(words: Words, case: Case, told: Told) -> list[str]:
    """Every rule but those of safety, with its evidence and what it changed; and what gave way, or nearly held."""
    without = {one["rule"]: one for one in told["without"]}
    lines = [
        words.say(
            "page-rule",
            rule=words.name("rules", rule.id),
            definition=rule.definition,
            evidence=words.listed([evidence(words, claim) for claim in rule.claims], "items"),
            effect=changed(words, without[rule.id]),
        )
        for rule in case.in_force
        if rule.id in without
    ]
    lines += [
        words.say("page-shadowed", rule=words.name("rules", one["id"]), by=words.name("rules", one["by"]))
        for one in told["overridden"]
    ]
    if told["relaxed"]:
        lines.append(words.say("page-relaxed", rules=named(words, told["relaxed"])))
    for one in told["nearly_held"]:
        rule = words.name("rules", one["rule_id"])
        signs = words.listed(list(one["defeated"] or one["missing"]), "or")
        score = f"{one['short']:.2f}"
        said = {"rule": rule, "signs": signs} | ({} if one["defeated"] else {"score": score})
        lines.append(words.say("page-defeated" if one["defeated"] else "page-nearly", **said))
    return lines


def evidence(words: Words, claim: Claim) -> str:
    """What a claim is about, its grade, and the short references for it and against it."""
    said = {"about": claim.about, "grade": claim.grade}
    sources = ", ".join(one.key for one in claim.evidence)
    text = words.say("evidence", **said, sources=sources) if sources else words.say("evidence-judgement", **said)
    if claim.challenged_by:
        text += ", " + words.say("evidence-against", sources=", ".join(one.key for one in claim.challenged_by))
    return text


def changed(words: Words, without: Told) -> str:
    """What the journey would have been without a rule."""
    if not without["shaped"] and not without["tracks_changed"]:
        return words.say("page-rule-nothing")
    first = {axis: f"{without['first'][axis]:+.2f}" for axis in ("valence", "arousal")}
    return words.say("page-rule-changed", tracks=without["tracks_changed"], **first)


def tracks(words: Words, told: Told, picks: Sequence[Candidate]) -> list[str]:
    """Figures of every track, asked beside heard where that was not met, and the rules without which it is not here."""
    lines = []
    for track, pick in zip(told["tracks"], picks, strict=True):
        position, asked = track["position"], track["asked"]
        shaped = [one["rule"] for one in told["without"] if position in one["shaped"]]
        figures = [figure(words, cue, asked[cue]) for cue in FIGURES if cue in asked]
        said = {"position": position, "title": pick.title, "figures": words.listed(figures, "items")}
        lines.append(
            words.say("page-track", **said, rules=named(words, shaped))
            if shaped
            else words.say("page-track-free", **said)
        )
    return lines


def figure(words: Words, cue: str, against: Told) -> str:
    """What is heard of a cue with its unit, and what was asked where that is not met."""
    label, heard = words.cue(cue).label, measured(words, cue, against["measured"])
    low, value, high = (round(against[name], DIGITS) for name in ("low", "measured", "high"))
    if low <= value <= high:
        return words.say("figure-met", cue=label, heard=heard)
    return words.say("figure-missed", cue=label, heard=heard, asked=measured(words, cue, against["best"]))


def doses(words: Words, dose: Told) -> list[str]:
    """Minutes of each stage and of dark music, and the largest step."""
    stages = words.listed(
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


def named(words: Words, ids: Sequence[str]) -> str:
    """Rules by their labels."""
    return words.listed([words.name("rules", id_) for id_ in ids], "items")
