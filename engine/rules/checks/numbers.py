"""Checks of numbers: ranges, shares, units."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise
from math import isclose, log2

from engine.rules.checks.findings import Finding, make_error
from engine.rules.ontology import Ontology

IN_ORDER = (
    ("minimum", "center", "maximum"),
    ("low", "best", "high"),
    ("minutes_low", "minutes_best", "minutes_high"),
    ("steps_min", "steps_max"),
    ("at_least", "at_most"),
)
TOLERANCE = 1e-6


def numbers_in_order(ontology: Ontology) -> Iterator[Finding]:
    """low <= best <= high, wherever two of them are stated."""
    for individual in ontology.individuals:
        for names in IN_ORDER:
            stated = [(n, value) for n in names if (value := individual.number(n)) is not None]
            for (a, low), (b, high) in pairwise(stated):
                if low > high:
                    yield make_error(
                        "numbers-in-order", individual, f"'{a}' is {low:g} and '{b}' is {high:g}", "Put them in order"
                    )


def numbers_inside_the_cue(ontology: Ontology) -> Iterator[Finding]:
    """Numbers about a cue lie in the cue's range, and a step limit is no wider than the range."""
    for individual in ontology.individuals:
        for cue in (ontology[i] for i in individual.to("of") if "Cue" in ontology[i].classes):
            least, most = cue.number("minimum") or 0.0, cue.number("maximum") or 0.0
            for name in ("low", "best", "high"):
                value = individual.number(name)
                if value is not None and not least <= value <= most:
                    fault = f"'{name}' is {value:g}, and {cue.id} runs from {least:g} to {most:g} {cue.text('unit')}"
                    yield make_error(
                        "numbers-inside-the-cue",
                        individual,
                        fault,
                        f"State it in {cue.text('unit')}, within that range",
                    )
            limit, is_log = individual.number("at_most"), cue.text("scale") == "log"
            if limit is not None and least < most and (least > 0 or not is_log):
                widest, unit = (log2(most / least), "octaves") if is_log else (most - least, cue.text("unit"))
                if limit > widest:
                    fault = f"'at_most' is {limit:g}, and {cue.id} spans {widest:.3g} {unit}"
                    yield make_error("numbers-inside-the-cue", individual, fault, f"State it in {unit}")


def leanings_have_width(ontology: Ontology) -> Iterator[Finding]:
    """What is leaned to is a range with more than one value, and weighs something."""
    for kind in ("Lean", "CueTarget"):
        for lean in ontology.of(kind):
            low, high, weight = lean.number("low"), lean.number("high"), lean.number("weight")
            if low is not None and low == high:
                yield make_error(
                    "leanings-have-width",
                    lean,
                    f"'low' and 'high' are both {low:g}, which no track meets exactly",
                    "Give it the range that is meant",
                )
            if kind == "Lean" and weight is not None and not 0 < weight <= 1:
                yield make_error(
                    "leanings-have-width",
                    lean,
                    f"its weight is {weight:g}, "
                    + ("so it leads nowhere" if weight <= 0 else "more than the whole way"),
                    "Give it a share of the way above 0 and at most 1, or take it away",
                )


def log_cues_above_zero(ontology: Ontology) -> Iterator[Finding]:
    """The minimum of a cue on a log scale is above zero."""
    for cue in ontology.of("Cue"):
        if cue.text("scale") == "log" and (cue.number("minimum") or 0.0) <= 0:
            yield make_error(
                "log-cues-above-zero",
                cue,
                "its scale is log and its minimum is not above 0",
                "Raise the minimum, or make the scale linear",
            )


def targets_for_every_cue(ontology: Ontology) -> Iterator[Finding]:
    """Every scale has exactly one target for every cue, except for cues that are computed from others."""
    computed = {str(weight.properties["axis"]) for weight in ontology.of("CueWeight")}
    wanted = {cue.id for cue in ontology.of("Cue")} - computed
    for scale in ontology.of("Scale"):
        found = [cue for target in scale.to("callsFor") for cue in ontology[target].to("of")]
        if missing := sorted(wanted - set(found)):
            yield make_error(
                "targets-for-every-cue",
                scale,
                f"it calls for nothing in {', '.join(missing)}",
                "Give it a CueTarget for each",
            )
        if twice := sorted({cue for cue in found if found.count(cue) > 1}):
            yield make_error(
                "targets-for-every-cue", scale, f"it has several targets for {', '.join(twice)}", "Keep one each"
            )
        if spare := sorted(set(found) & computed):
            yield make_error(
                "targets-for-every-cue",
                scale,
                f"it has a target for {', '.join(spare)}",
                "Drop it: the scale's own point says it",
            )


def shares_of_stages(ontology: Ontology) -> Iterator[Finding]:
    """The shares of the stages add up to one, `next` follows `order`, and `ends_at` increases to 1 at the last."""
    stages = sorted(ontology.of("Stage"), key=lambda s: s.number("order") or 0.0)
    if not stages:
        return
    total = sum(s.number("share") or 0.0 for s in stages)
    if not isclose(total, 1.0, abs_tol=TOLERANCE):
        yield make_error(
            "shares-of-stages", stages[0], f"the shares of the stages add up to {total:g}", "Make them add up to 1"
        )
    for stage, after in zip(stages, [*stages[1:], None], strict=True):
        if stage.to("next") != ((after.id,) if after else ()):
            stated = ", ".join(stage.to("next")) or "nothing"
            yield make_error(
                "shares-of-stages",
                stage,
                f"'next' names {stated}, and by 'order' it is {after.id if after else 'the last'}",
                "Make the two agree",
            )
        here = stage.number("ends_at") or 0.0
        there = 1.0 if after is None else after.number("ends_at") or 0.0
        if (after is None and here != there) or (after is not None and here >= there):
            fault = f"it ends at {here:g}, and {'the goal is at 1' if after is None else f'{after.id} at {there:g}'}"
            yield make_error(
                "shares-of-stages", stage, fault, "Let each stage end further on than the one before, the last at 1"
            )


def shares_of_aims(ontology: Ontology) -> Iterator[Finding]:
    """The aims of a goal add up to one."""
    for goal in ontology.of("Goal"):
        total = sum(ontology[aim].number("share") or 0.0 for aim in goal.to("aimsAt"))
        if not isclose(total, 1.0, abs_tol=TOLERANCE):
            yield make_error(
                "shares-of-aims", goal, f"the shares of its aims add up to {total:g}", "Make them add up to 1"
            )


def shares_of_readings(ontology: Ontology) -> Iterator[Finding]:
    """The shares of a sign's readings add up to at most one, under every rule."""
    for sign in ontology.of("Sign"):
        always, under = 0.0, defaultdict[str, float](float)
        for mapping in (ontology[i] for i in sign.to("readAs")):
            share = mapping.number("share") or 0.0
            if mapping.to("under"):
                under[mapping.to("under")[0]] += share
            else:
                always += share
        for rule in sorted(under) or [""]:
            total = always + under.get(rule, 0.0)
            if sign.to("readAs") and (total <= 0 or total > 1 + TOLERANCE):
                where = f" while '{rule}' holds" if rule else ""
                yield make_error(
                    "shares-of-readings",
                    sign,
                    f"the shares of its readings add up to {total:g}{where}",
                    "Keep them above 0 and at most 1",
                )


CHECKS = (
    numbers_in_order,
    numbers_inside_the_cue,
    leanings_have_width,
    log_cues_above_zero,
    targets_for_every_cue,
    shares_of_stages,
    shares_of_aims,
    shares_of_readings,
)
