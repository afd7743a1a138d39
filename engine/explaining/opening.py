"""How a journey opens: what was understood, and what it will do, as an offer to correct."""

from __future__ import annotations

from collections.abc import Sequence

from engine.explaining.measures import find_changes
from engine.explaining.sentences import PACE, Purport, is_true
from engine.explaining.steps import Stages
from engine.explaining.words import Words, capitalise
from engine.journey import Candidate, Reading, Waypoint
from engine.reasoning.facts import Case
from engine.reasoning.reading import NEUTRAL, SOMETHING_ELSE
from engine.reasoning.waypoints import SettledEffects

MAX_FEELINGS = 3
"""Feelings that are named at most, strongest first."""


def make_purport(words: Words, case: Case, settled: SettledEffects) -> Purport:
    """What the journey is about, by what was felt and by what rules mirror of it."""
    felt = list_feelings(case.reading, case.request.answer)
    points = [point for point in settled.list_points() if point.point == "start"]
    mirrored = {point.cue for point in points if point.depth > 0}
    replaced = any(effect["kind"] == "Replace" for effect in settled.effects)
    meets = "elsewhere" if replaced or not mirrored else "pace" if mirrored <= PACE else "feeling"
    if not felt:
        return Purport(case.request.goal, None, None)
    return Purport(case.request.goal, words.name("emotions", felt[0]), meets)


def list_feelings(reading: Reading, answer: str | None = None) -> list[str]:
    """Ids of what was felt, strongest first; none where the person said that it was none of those shown."""
    if answer == SOMETHING_ELSE:
        return []
    return list(reading.chosen or [label for label in reading.labels if label != NEUTRAL])[:MAX_FEELINGS]


def describe_understood(words: Words, case: Case) -> str:
    """What was understood, as a sentence."""
    felt = list_feelings(case.reading, case.request.answer)
    if not felt:
        return words.say("heard-unnamed" if case.request.answer == SOMETHING_ELSE else "heard-unclear")
    named = words.join([words.name("emotions", each) for each in felt])
    given = case.request.scores is not None and not case.reading.chosen
    return words.say(
        "heard-chosen" if case.reading.chosen else "heard-given" if given else "heard-read", feelings=named
    )


def make_opening(
    words: Words,
    purport: Purport,
    case: Case,
    stages: Stages,
    waypoints: Sequence[Waypoint],
    picks: Sequence[Candidate],
) -> str:
    """What was understood, what the journey will do stage by stage, and that another one can be had."""
    way = list(zip(waypoints, picks, strict=True))
    passages = [
        _make_passage(words, purport, way, stage, [step.position - 1 for step in steps], bool(number))
        for number, (stage, steps) in enumerate(stages)
    ]
    return words.say(
        "opening", heard=describe_understood(words, case), way=capitalise(words.join(passages, "passages"))
    )


def _make_passage(
    words: Words,
    purport: Purport,
    way: Sequence[tuple[Waypoint, Candidate]],
    stage: str,
    places: Sequence[int],
    following: bool,
) -> str:
    """What one stage will do: the largest change over it that words are for, where there is one."""
    first, last = places[0], places[-1]
    begin, end, before = way[first], way[last], way[max(0, first - 1)][1]
    noticed = find_changes(words, before, end[1])
    true = [
        clause
        for clause in words.list_clauses("Passage")
        if clause.belongs(stage, purport.goal) and is_true(clause, purport, *begin, noticed)
    ]

    def weigh(name: str, cues: Sequence[str], compared: str | None) -> tuple[float, str]:
        size = sum(noticed[cue].weight for cue in cues) if compared == "before" else 10.0 * len(cues)
        return -size, name

    # Of a stage that meets something, or elsewhere, that is said before that it begins.
    best = min(true, key=lambda one: (one.meets is None and one.against is None, weigh(one.id, one.cues, one.against)))
    minutes = words.spell_minutes(sum(way[place][1].seconds for place in places), following)
    return best.text.format(minutes=minutes)
