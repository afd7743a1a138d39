"""What is told beside a journey: what the rules say to the listener, and what the plan itself must own up to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf
from typing import Final, Protocol

from engine.answers import Notice
from engine.explaining.reasons import number
from engine.journey import OWN
from engine.reasoning.facts import Case
from engine.reasoning.knowledge import Knowledge
from engine.reasoning.ordering import OrderedJourney
from engine.reasoning.reading import SOMETHING_ELSE

OUTSIDE_DOSE = "minutes-outside-trials"
"""Notice of ontology/rules for minutes that a rule's dose does not hold: the listener's win, and are told so."""


LED: Final = 0.5
"""Cues that rules lead so far of the way, or farther, are promised."""
FAR_OFF: Final = 1.5
"""Half-widths off what is asked from which a promise is not kept."""


class Titled(Protocol):
    """A track by its id and its title."""

    @property
    def track_id(self) -> str: ...
    @property
    def title(self) -> str: ...


def notices(knowledge: Knowledge, case: Case, found: OrderedJourney) -> list[Notice]:
    """What the rules say to the listener, safety first, then what the plan itself must own up to.

    What the rules say comes in the language of the words, "en" or "zh".
    """
    request, total, picks = case.request, found.total, found.order.picks

    def written(ids: Sequence[str]) -> list[Notice]:
        return [Notice(text.id, text.get_text(case.language)) for text in knowledge.read_texts(ids)]

    told = written([of for said in knowledge.find_messages("Notify", case.in_force) for of in said.of])
    if not request.goal_chosen:
        others = ", ".join(goal for goal in case.facts.goals if goal != request.goal)
        text = f"The journey leads to {request.goal}; choose {others} if that is better for you."
        told.append(Notice("goal-not-chosen", text))
    doses = [effect.numbers for rule in case.in_force for effect in rule.list_effects("Dose")]
    outside = any(d.minutes_low and not d.minutes_low <= total / 60 <= (d.minutes_high or inf) for d in doses)
    if request.minutes and outside:
        told += written([OUTSIDE_DOSE])
    if request.answer == SOMETHING_ELSE:
        text = "No feeling was mirrored, since none was named. Name one with --feel to begin there."
        told.append(Notice("feeling-not-read", text))
    if case.facts.query_vector is not None:
        text = "Your wish for the sound coloured the choice among the tracks that the rules allow; it is not stored."
        told.append(Notice("liked", text))
    if not found.order.fills_time:
        minutes, asked = sum(pick.seconds for pick in picks) / 60, total / 60
        text = f"It takes {minutes:.0f} minutes: {len(picks)} fitting tracks do not come closer to {asked:.0f}."
        told.append(Notice("minutes-missed", text))
    told += gone_files(knowledge, picks)
    told += [Notice("asked-not-met", text) for text in missed(found, case.facts.units)]
    if found.settled.relaxed:
        text = f"Too few tracks kept the bounds of {', '.join(found.settled.relaxed)}; they were let go."
        told.append(Notice("bounds-relaxed", text))
    return told


def missed(found: OrderedJourney, units: Mapping[str, str]) -> list[str]:
    """For each cue that rules lead: the step where what is heard is farthest off what they ask, where it is far off."""
    worst: dict[str, tuple[float, str]] = {}
    for shortlist, pick in zip(found.shortlists, found.order.picks, strict=True):
        at = shortlist.waypoint
        for cue, ask in at.asked.items():
            if ask.led < LED or cue not in pick.cues:
                continue
            off = ask.measure_error(pick.cues[cue])
            nearest = min((track.cues[cue] for track in shortlist.tracks), key=ask.measure_error)
            if off > worst.get(cue, (FAR_OFF, ""))[0]:
                unit = f" {units[cue]}" if units.get(cue, "1") != "1" else ""
                text = (
                    f"Step {at.position}: {cue.replace('_', ' ')} {number(ask.best)}{unit} was asked,"
                    f" {number(pick.cues[cue])} is heard; the nearest that fits the rest is {number(nearest)}."
                )
                worst[cue] = off, text
    return [text for _, text in worst.values()]


def gone_files(knowledge: Knowledge, picks: Sequence[Titled]) -> list[Notice]:
    """That the files of some of a listener's own tracks are not there, by their titles."""
    own = {pick.track_id: pick.title for pick in picks if pick.track_id.startswith(OWN)}
    if not own:
        return []
    from engine.ingest.listing import source_exists

    gone = ", ".join(
        f"“{own[id_]}”" for id_, source in knowledge.read_sources(list(own)).items() if not source_exists(source)
    )
    text = f"The files of {gone} are not there any more: --save leaves them out until they are back, or ingested anew."
    return [Notice("files-gone", text)] if gone else []
