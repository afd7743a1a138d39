"""The steps of a journey: tracks in their stages, each with its sentence, and asked beside heard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import zip_longest

from engine.explaining.measures import DIGITS, compare_with_targets, find_changes
from engine.explaining.sentences import Purport, SentenceWriter
from engine.explaining.words import Words
from engine.journey import Candidate, Step, Waypoint

Stages = tuple[tuple[str, tuple[Step, ...]], ...]
"""Stage id, and its steps."""


def make_stages(
    words: Words,
    purport: Purport,
    waypoints: Sequence[Waypoint],
    picks: Sequence[Candidate],
    played: Sequence[Step] = (),
) -> Stages:
    """The steps of each stage. The first stay as they were played, and no later one goes back to an earlier stage.

    A step that was played and has no sentence is told anew: none is kept with a journey.
    """
    writer = SentenceWriter(words, purport, {step.because for step in played})
    order = list(dict.fromkeys([*(step.stage for step in played), *(waypoint.stage for waypoint in waypoints)]))
    steps: list[Step] = []
    for waypoint, pick, before, past in zip_longest(waypoints, picks, (None, *picks[:-1]), played):
        if past is not None and past.because:
            steps.append(past)
            continue
        step = past or make_step(waypoint, pick)
        stage = past.stage if past else max([waypoint.stage, *(one.stage for one in steps[-1:])], key=order.index)
        noticed = {} if before is None else find_changes(words, before, pick)
        steps.append(
            replace(
                step,
                stage=stage,
                because=writer.write(waypoint, stage, pick, before),
                moved={c: {"before": round(m.before, DIGITS), "now": round(m.now, DIGITS)} for c, m in noticed.items()},
                met=compare_with_targets(waypoint.asked, pick),
            )
        )
    return group_by_stage(steps)


def make_step(waypoint: Waypoint, pick: Candidate) -> Step:
    """A track at its waypoint, of which nothing is said yet."""
    return Step(
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
        "",
    )


def group_by_stage(steps: Sequence[Step]) -> Stages:
    """Steps in the stages in which they stand."""
    return tuple(
        (stage, tuple(s for s in steps if s.stage == stage)) for stage in dict.fromkeys(s.stage for s in steps)
    )
