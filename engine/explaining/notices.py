"""What is told beside a journey: what the rules say to the listener, and what the plan itself must own up to."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from typing import Final, Protocol

from engine.answers import Notice
from engine.explaining.measures import compare_with_target
from engine.explaining.words import Words, capitalise
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


def list_notices(knowledge: Knowledge, words: Words, case: Case, found: OrderedJourney) -> list[Notice]:
    """What the rules say to the listener, safety first, then what the plan itself must own up to, in their language."""
    request, total, picks = case.request, found.total, found.order.picks

    def read_notices(ids: Sequence[str]) -> list[Notice]:
        return [Notice(text.id, text.get_text(case.language)) for text in knowledge.read_texts(ids)]

    def make_notice(id_: str, **slots: object) -> list[Notice]:
        return [Notice(id_, words.say(id_, **slots))]

    told = list_language_notices(words, case, words.language)
    told += read_notices([of for said in knowledge.find_messages("Notify", case.in_force) for of in said.of])
    if request.plan is not None:
        told += [*make_notice("plan-followed"), *(make_notice("plan-carer") if request.plan.has_carer else [])]
    if not request.goal_chosen:
        others = words.join([words.name("goals", goal) for goal in case.facts.goals if goal != request.goal], "or")
        told += make_notice("goal-not-chosen", goal=words.name("goals", request.goal), others=others)
    doses = [effect.numbers for rule in case.in_force for effect in rule.list_effects("Dose")]
    outside = any(d.minutes_low and not d.minutes_low <= total / 60 <= (d.minutes_high or inf) for d in doses)
    if request.minutes and outside:
        told += read_notices([OUTSIDE_DOSE])
    if request.answer == SOMETHING_ELSE:
        told += make_notice("feeling-not-read")
    if case.facts.query_vector is not None and not (request.plan is not None and request.plan.has_sound):
        told += make_notice("liked")
    if not found.order.fills_time:
        minutes = f"{sum(pick.seconds for pick in picks) / 60:.0f}"
        told += make_notice("minutes-missed", minutes=minutes, tracks=len(picks), asked=f"{total / 60:.0f}")
    told += list_gone_files(knowledge, words, picks)
    told += [Notice("asked-not-met", text) for text in describe_missed(words, found)]
    if found.settled.relaxed:
        relaxed = words.join([words.name("rules", rule) for rule in found.settled.relaxed], "rules")
        told += make_notice("bounds-relaxed", rules=relaxed)
    return told


def list_language_notices(words: Words, case: Case, spoken: str) -> list[Notice]:
    """People to call, where nobody can read the words; that nothing was read of them; that the answer is in English."""
    unread = not case.is_covered and not case.reading.chosen
    said = {"not-read": unread, "other-language": spoken != case.language, "one-look": case.one_look}
    told = [Notice(id_, words.say(id_)) for id_, holds in said.items() if holds]
    if case.help_lines:
        people = "; ".join(f"{line['name']}: {line['contact']}" for line in case.help_lines)
        told.insert(0, Notice("help-beside", words.say("help-beside", lines=people)))
    return told


def describe_missed(words: Words, found: OrderedJourney) -> list[str]:
    """For each cue that rules lead: the step where what is heard is farthest off what they ask, where it is far off."""
    worst: dict[str, tuple[float, str]] = {}
    last = len(found.order.picks)
    for shortlist, pick in zip(found.shortlists, found.order.picks, strict=True):
        at = shortlist.waypoint
        for cue, ask in at.asked.items():
            if ask.led < LED or cue not in pick.cues or cue not in words.compared:
                continue
            off, change = ask.measure_error(pick.cues[cue]), compare_with_target(ask, pick.cues[cue])
            if change != "same" and off > worst.get(cue, (FAR_OFF, ""))[0]:
                place = "first" if at.position == 1 else "last" if at.position == last else "between"
                track = words.say(f"track-{place}")
                said = words.say("asked-not-met", track=track, changes=words.get_comparative(cue, change))
                worst[cue] = off, capitalise(said)
    return [text for _, text in worst.values()]


def list_gone_files(knowledge: Knowledge, words: Words, picks: Sequence[Titled]) -> list[Notice]:
    """That the files of some of a listener's own tracks are not there, by their titles."""
    own = {pick.track_id: pick.title for pick in picks if pick.track_id.startswith(OWN)}
    if not own:
        return []
    from engine.ingest.listing import source_exists

    gone = [
        words.say("title", title=own[id_])
        for id_, source in knowledge.read_sources(list(own)).items()
        if not source_exists(source)
    ]
    return [Notice("files-gone", words.say("files-gone", titles=words.join(gone)))] if gone else []
