"""The rows of the candidates' query as the values that travel, and the order of tracks as stages of steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from engine.explaining import reasons as explain
from engine.journey import Candidate, Row, Step, Waypoint
from engine.order.sequence import Order, StepLimit
from engine.reasoning.asking import effects


def emptying(rows: Sequence[Row], holding: Sequence[Row]) -> str:
    """The rules that left waypoints without a track, or kept the order from closing, as text."""
    hard = {"Bound", "Bar", "Dose", "StepLimit"}
    limiting = {row["rule_id"] for row in holding if hard & {effect["kind"] for effect in row["effects"]}}
    empty = {str(row["position"]): limiting & set(row["rule_ids"]) for row in rows if not row["tracks"]}
    told = [f"{', '.join(sorted(rules))} (step {step})" for step, rules in empty.items()]
    return "; ".join(told) or ", ".join(sorted(limiting))


def waypoint_of(row: Row) -> Waypoint:
    asked = {ask["cue"]: ask for ask in row["asked"]}
    return Waypoint(
        row["position"],
        row["stage"],
        row["leg"],
        row["progress"],
        asked["valence"]["best"],
        asked["arousal"]["best"],
        asked,
        {bound["cue"]: bound for bound in row["bounds"]},
        tuple(row["rule_ids"]),
        row["weigh_similarity"],
    )


def candidate_of(row: Row, track: Row) -> Candidate:
    return Candidate(
        row["position"],
        track["track_id"],
        track["work_id"],
        track["artist_id"],
        track["similarity"],
        track["cue_fit"],
        track["seconds"],
        track["cues"],
        track["valence"],
        track["arousal"],
        tuple(track["rule_ids"]),
        track["title"],
        track["artist"],
    )


def step_limits(holding: Sequence[Row], waypoints: Sequence[Waypoint]) -> list[StepLimit]:
    """The limits between neighbours that rules set, each for the steps of its stages."""
    return [
        StepLimit(
            effect["of"][0]["id"],
            effect["numbers"]["at_most"],
            effect["numbers"]["direction"] == "up",
            frozenset(w.position for w in waypoints if {w.stage, "every-stage"} & set(row["stages"])),
        )
        for row in holding
        for effect in effects(row, "StepLimit")
    ]


Stages = tuple[tuple[str, tuple[Step, ...]], ...]


def continued(head: Sequence[Step], stages: Stages) -> Stages:
    """The stages with the first steps as they were played. No later step goes back to an earlier stage."""
    if not head:
        return stages
    order = list(dict.fromkeys([*(step.stage for step in head), *(stage for stage, _ in stages)]))
    steps = list(head)
    for step in (step for _, planned in stages for step in planned if step.position > len(head)):
        steps.append(replace(step, stage=max(steps[-1].stage, step.stage, key=order.index)))
    return tuple(
        (stage, tuple(s for s in steps if s.stage == stage)) for stage in dict.fromkeys(s.stage for s in steps)
    )


def staged(waypoints: Sequence[Waypoint], order: Order, rules: Sequence[Row]) -> Stages:
    """The steps of each stage, every one with the rules that allowed it and its reason.

    A rule is named in the reason of the first step it speaks at; safety rules, which hold throughout, stand apart.
    """
    labels = {row["rule_id"]: row["label"] for row in rules if row["tier"] != "safety"}
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
                explain.because(pick, before, waypoint, new, [step.because for step in steps]),
            )
        )
        before = pick
    return tuple(
        (stage, tuple(s for s in steps if s.stage == stage)) for stage in dict.fromkeys(s.stage for s in steps)
    )
