"""What is told beside a journey: what the rules say to the listener, and what the plan itself must own up to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from engine.graph import Answers
from engine.journey import Request, Row
from engine.order.sequence import Order
from engine.reasoning.asking import effects, said
from engine.reasoning.facts import Facts
from engine.reasoning.reading import SOMETHING_ELSE

OUTSIDE_DOSE = "minutes-outside-trials"
"""Notice of ontology/rules.owl for minutes that a rule's dose does not hold: the listener's win, and are told so."""


class Titled(Protocol):
    """A track by its id and its title."""

    @property
    def track_id(self) -> str: ...
    @property
    def title(self) -> str: ...


def notices(
    graph: Answers,
    request: Request,
    facts: Facts,
    rules: Sequence[Row],
    order: Order,
    language: str,
) -> list[dict[str, str]]:
    """What the rules say to the listener, safety first, then what the plan itself must own up to.

    What the rules say comes in the language of the words, "en" or "zh".
    """
    holding = [row for row in rules if not row["overridden_by"]]
    ids = [of["id"] for row in holding for effect in effects(row, "Notify") for of in effect["of"]]
    told = [written(text, language) for text in said(graph, ids)]
    if not request.goal_chosen:
        others = ", ".join(goal["id"] for goal in facts.goals if goal["id"] != request.goal)
        told.append(
            {
                "id": "goal-not-chosen",
                "text": f"The journey leads to {request.goal}; choose {others} if that is better for you.",
            }
        )
    doses = [e["numbers"] for row in holding for e in effects(row, "Dose") if e["numbers"]["minutes_low"]]
    if any(not dose["minutes_low"] <= facts.total / 60 <= dose["minutes_high"] for dose in doses):
        told += [written(text, language) for text in said(graph, [OUTSIDE_DOSE])]
    if request.answer == SOMETHING_ELSE:
        text = "No feeling was mirrored, since none was named. Name one with --feel to begin there."
        told.append({"id": "feeling-not-read", "text": text})
    if request.like is not None:
        text = "Your wish for the sound coloured the choice among the tracks that the rules allow; it is not stored."
        told.append({"id": "liked", "text": text})
    if not order.fills_time:
        minutes, asked = sum(pick.seconds for pick in order.picks) / 60, facts.total / 60
        text = f"It takes {minutes:.0f} minutes: {len(order.picks)} fitting tracks do not come closer to {asked:.0f}."
        told.append({"id": "minutes-missed", "text": text})
    return told + gone_files(graph, order.picks)


def written(text: Row, language: str) -> dict[str, str]:
    """A notice of the ontology as the contract shows it; in English where it has no Chinese."""
    return {"id": text["id"], "text": (language == "zh" and text["text_zh"]) or text["text"]}


def gone_files(graph: Answers, picks: Sequence[Titled]) -> list[dict[str, str]]:
    """That the files of some of a listener's own tracks are not there, by their titles."""
    own = {pick.track_id: pick.title for pick in picks if pick.track_id.startswith("own-")}
    if not own:
        return []
    from engine.ingest.listing import is_there

    rows = graph.rows("library/sources", ids=list(own))
    gone = ", ".join(f"“{own[row['id']]}”" for row in rows if not is_there(row["source"]))
    text = f"The files of {gone} are not there any more: --save leaves them out until they are back, or ingested anew."
    return [{"id": "files-gone", "text": text}] if gone else []
