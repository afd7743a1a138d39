"""Holds what came of a scenario against what it expects, in sentences."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from engine.answers import Journey, Question, Withheld
from engine.authoring.scenario import Range, Scenario
from engine.authoring.trial import Observed
from engine.journey import Step
from engine.reasoning.waypoints import SettledEffects

EVERY_STAGE: Final = "every-stage"
EVERY_CUE: Final = "every-cue"
CLOSE: Final = 1e-6
"""Measured numbers this near to a limit are within it: they went through logarithms."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """One scenario, tried."""

    scenario: Scenario
    faults: tuple[str, ...]
    """What is not as it says; none where it holds."""


def judge(scenario: Scenario, observed: Observed) -> Verdict:
    """What of a scenario does not hold."""
    expected, never = scenario.expect, scenario.never
    if observed.outcome != expected.outcome:
        ruled = ", ".join(sorted(list_in_force(observed))) or "none"
        return Verdict(scenario, (f"the outcome is {observed.outcome}, not {expected.outcome} (in force: {ruled})",))
    faults = [
        *(
            f"'{rule}' is not in force{explain_absence(observed, rule)}"
            for rule in expected.rules
            if rule not in list_in_force(observed)
        ),
        *(f"'{rule}' gives way to no rule" for rule in expected.overridden if rule not in list_overridden(observed)),
        *(
            f"'{rule}' does not hold the music back"
            for rule in expected.withheld_by
            if rule not in list_withholding(observed)
        ),
        *(f"'{rule}' is in force, and must not be" for rule in never.rules if rule in list_in_force(observed)),
        *([f"the outcome is {observed.outcome}, and must not be"] if observed.outcome in never.outcomes else []),
        *(f"'{id_}' is not asked" for id_ in expected.questions if id_ != find_asked(observed)),
        *(f"'{id_}' is asked, and must not be" for id_ in never.questions if id_ == find_asked(observed)),
        *(f"'{id_}' is not told" for id_ in expected.notices if id_ not in list_noticed(observed)),
        *(f"'{id_}' is told, and must not be" for id_ in never.notices if id_ in list_noticed(observed)),
    ]
    if isinstance(observed.answer, Journey) and (settled := observed.settled) is not None:
        faults += [
            *find_rule_faults(scenario, observed, settled),
            *find_track_faults(scenario, observed, observed.answer),
        ]
    return Verdict(scenario, tuple(faults))


def list_in_force(observed: Observed) -> frozenset[str]:
    return frozenset(rule.id for rule in observed.case.in_force) if observed.case else frozenset()


def list_overridden(observed: Observed) -> frozenset[str]:
    return frozenset(r.id for r in observed.case.rules if r.overridden_by) if observed.case else frozenset()


def list_withholding(observed: Observed) -> tuple[str, ...]:
    return observed.answer.rule_ids if isinstance(observed.answer, Withheld) else ()


def find_asked(observed: Observed) -> str | None:
    return observed.answer.question.id if isinstance(observed.answer, Question) else None


def list_noticed(observed: Observed) -> frozenset[str]:
    """Ids of what is told beside a journey, or would be beside another answer."""
    if isinstance(observed.answer, Journey):
        return frozenset(notice.id for notice in observed.answer.notices)
    if observed.case is None:
        return frozenset()
    said = observed.knowledge.find_messages("Notify", observed.case.in_force)
    return frozenset(id_ for one in said for id_ in one.of)


def explain_absence(observed: Observed, rule: str) -> str:
    """What keeps a rule from being in force, as far as the graph can say."""
    if observed.case is None:
        return ": the words are a crisis, and nothing else is looked at"
    beaten = next((r.overridden_by for r in observed.case.rules if r.id == rule), None)
    if beaten:
        return f": '{beaten}' overrides it"
    near = next((n for n in observed.knowledge.find_nearly_held(observed.case, 1.0) if n.rule_id == rule), None)
    if near is None:
        return ": it is not published, or not for this goal, or its conditions are on other signs"
    defeated = f": {', '.join(near.defeated)} defeats it" if near.defeated else ""
    return defeated or f": it lacks {' or '.join(near.missing)} by {near.short:.2f}"


def find_rule_faults(scenario: Scenario, observed: Observed, settled: SettledEffects) -> Iterator[str]:
    """What rules ask of the music otherwise than they should."""
    expected, never = scenario.expect, scenario.never
    stages = list(observed.case.facts.shares) if observed.case else []
    barred = [{row["of"] for row in settled.select_stage(stage) if row["kind"] == "Bar"} for stage in stages]
    yield from (f"music of {trait} is not barred" for trait in expected.barred if not all(trait in b for b in barred))
    yield from (f"music of {trait} is barred" for trait in never.barred if any(trait in b for b in barred))
    for stage in stages:
        scales = list_scales(settled, stages, stage)
        wanted, unwanted = _select_scales(expected.scales, stage), _select_scales(never.scales, stage)
        yield from (
            f"{stage} does not ask for {s}, but for {_join_ids(sorted(scales))}" for s in wanted if s not in scales
        )
        yield from (f"{stage} asks for {s}" for s in unwanted if s in scales)
    depths = {row["cue"]: row["depth"] for row in settled.depths if row["cue"]}
    for cues, holds, told in ((expected.mirrored, True, "not"), (never.mirrored, False, "and must not be")):
        for cue, limits in cues.items():
            for one in depths if cue == EVERY_CUE else [cue]:
                if (depth := depths.get(one)) is not None and lies_in(depth, limits) is not holds:
                    yield f"{one} is mirrored to a depth of {depth:.2f}, {told} {_format_range(limits)}"


def list_scales(settled: SettledEffects, stages: list[str], stage: str) -> frozenset[str]:
    """The scales that the music is asked for at a stage.

    At the first those that are met, or that take their place; between those that the way passes; at the last those of
    the goal; everywhere those that rules lean on. Never those silenced there.
    """
    point = "start" if stage == stages[0] else "goal" if stage == stages[-1] else "via"
    met = point != "start" or any(row["depth"] > 0 for row in settled.depths)
    here = settled.select_stage(stage)
    silenced = {row["of"] for row in here if row["kind"] == "Silence"}
    scales = {row["scale"] for row in settled.ends if row["point"] == point and met}
    # A leaning on a scale has a row of its own, without numbers; so has one on a trait, and neither is a cue.
    scales |= {
        row["of"]
        for row in here
        if row["kind"] in ("Replace", "Via") or (row["kind"] == "Lean" and row["best"] is None)
    }
    return frozenset(scales - silenced)


def find_track_faults(scenario: Scenario, observed: Observed, journey: Journey) -> Iterator[str]:
    """What the tracks themselves are otherwise than they should."""
    expected, never = scenario.expect, scenario.never
    played = {stage: steps for stage, steps in journey.stages if steps}
    if expected.stages and tuple(played) != expected.stages:
        yield f"the stages are {_join_ids(played)}, not {_join_ids(expected.stages)}"
    scoped = played | {EVERY_STAGE: journey.steps}
    for side, holds, told in ((expected, True, "not"), (never, False, "and must not have")):
        for stage, limits in side.steps.items():
            if lies_in(count := len(scoped.get(stage, ())), limits) is not holds:
                yield f"{stage} has {count} tracks, {told} {_format_range(limits)}"
        for stage, limits in side.minutes.items():
            if lies_in(minutes := sum(step.seconds for step in scoped.get(stage, ())) / 60, limits) is not holds:
                yield f"{stage} has {minutes:.1f} minutes, {told} {_format_range(limits)}"
    for stage, steps in played.items():
        for step in steps:
            yield from _find_cue_faults(step, _select_ranges(expected.tracks, stage), lambda inside: inside, "not")
            yield from _find_cue_faults(
                step, _select_ranges(never.tracks, stage), lambda inside: not inside, "and must not be"
            )
    for id_, traits in observed.traits.items():
        yield from (f"track {id_} has the trait {trait}" for trait in never.traits if trait in traits)


def _find_cue_faults(
    step: Step, limits: Mapping[str, Range], holds: Callable[[bool], bool], told: str
) -> Iterator[str]:
    heard = {**step.cues, "valence": step.valence, "arousal": step.arousal}
    for cue, around in limits.items():
        if not holds(lies_in(heard[cue], around)):
            value = f"{cue} of {heard[cue]:.2f}"
            yield f"track {step.position} ({step.stage}) has a {value}, {told} {_format_range(around)}"


def lies_in(value: float, limits: Range) -> bool:
    """Whether a number lies within limits, both included."""
    low, high = limits
    return (low is None or value >= low - CLOSE) and (high is None or value <= high + CLOSE)


def _select_scales(scales: Mapping[str, tuple[str, ...]], stage: str) -> tuple[str, ...]:
    return (*scales.get(stage, ()), *scales.get(EVERY_STAGE, ()))


def _select_ranges(tracks: Mapping[str, Mapping[str, Range]], stage: str) -> dict[str, Range]:
    return {**tracks.get(EVERY_STAGE, {}), **tracks.get(stage, {})}


def _format_range(limits: Range) -> str:
    low, high = limits
    if low is None or high is None:
        return f"at least {low:g}" if low is not None else f"at most {high:g}"
    return f"{low:g}" if low == high else f"{low:g} to {high:g}"


def _join_ids(ids: Iterable[str]) -> str:
    return ", ".join(ids) or "nothing"
