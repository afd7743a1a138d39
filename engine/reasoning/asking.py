"""What comes before a journey: no music for now, or one question; and what an answer to a question means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from engine.errors import UsageError
from engine.journey import Answer, Reading, Request, Row
from engine.reasoning.reading import SOMETHING_ELSE, Reader, which_feeling

if TYPE_CHECKING:
    from engine.graph import Answers


@dataclass(frozen=True, slots=True)
class Understood:
    """A request after the person's answer was taken in."""

    request: Request
    reading: Reading
    declared: tuple[str, ...]
    """Contexts and signs that were declared, by `--context` or by the answer."""
    feelings: Mapping[str, float] | None
    """Emotion id -> score in place of the reading's own; None: as read. Empty when none of the choices was right."""


def answered(graph: Answers, reader: Reader, request: Request, reading: Reading) -> Understood:
    """The request as the person's answer completes it. UsageError when no question offers that choice."""
    known = {row["id"] for row in graph.rows("journey/contexts")}
    if not known.issuperset(request.contexts):
        raise UsageError("--context", "names a context that is not known", f"Choose from: {', '.join(sorted(known))}")
    if request.answer is None:
        return Understood(request, reading, request.contexts, None)
    if request.answer == SOMETHING_ELSE:
        return Understood(request, reading, request.contexts, {})
    if request.answer in reader.meaning["emotions"]:
        return Understood(request, replace(reading, chosen=(request.answer,)), request.contexts, None)
    if not (rows := graph.rows("journey/choice", choice=request.answer)):
        raise UsageError(
            "--answer",
            "is no choice of any question",
            f"Give the id of a choice that was shown, an emotion, or {SOMETHING_ELSE}",
        )
    choice = rows[0]
    chosen = tuple(choice["feels"]) or reading.chosen
    return Understood(
        replace(request, goal=choice["goal"] or request.goal, goal_chosen=request.goal_chosen or bool(choice["goal"])),
        replace(reading, chosen=chosen),
        (*request.contexts, *choice["declares"]),
        None,
    )


def before_music(
    graph: Answers,
    reader: Reader,
    understood: Understood,
    rules: Sequence[Row],
    blank: Answer,
    language: str,
) -> Answer | None:
    """`blank` as withheld or as a question; None when the journey may be planned. A choice made ends all asking.

    The question is put in the language of the words, "en" or "zh". One whose answer was declared is not asked.
    """
    request, reading = understood.request, understood.reading
    if held := [row["rule_id"] for row in rules if not row["overridden_by"] and effects(row, "Hold")]:
        texts = said(graph, [of["id"] for row in rules for e in effects(row, "Hold") for of in e["of"]])
        message = " ".join(text["text_zh" if language == "zh" else "text"] for text in texts)
        return replace(blank, outcome="withheld", withheld={"message": message, "rule_ids": held})
    if request.feel or request.answer:
        return None
    asking = [e["of"][0]["id"] for row in rules if not row["overridden_by"] for e in effects(row, "Ask")]
    asked = [q for q in said(graph, asking) if not is_answered(q, understood.declared)]
    if reading.status == "uncertain" or (reading.status == "neutral" and not asked):
        question = which_feeling(reader, reading)
    elif asked:
        question = asked[0]
    else:
        return None
    return replace(blank, outcome="question", question=put(question, language))


def is_answered(question: Row, declared: Sequence[str]) -> bool:
    """Whether what was declared already says which choice it would be."""
    return any(choice["declares"] and set(choice["declares"]) <= set(declared) for choice in question["choices"])


def put(question: Row, language: str) -> dict[str, Any]:
    """A question as the contract shows it, in one language, with a way out as its last choice."""
    key = "_zh" if language == "zh" else ""
    choices = [{"id": choice["id"], "label": choice[f"label{key}"]} for choice in question["choices"]]
    out = {"id": SOMETHING_ELSE, "label": "其他" if language == "zh" else "something else"}
    return {"id": question["id"], "text": question[f"text{key}"], "choices": [*choices, out]}


def effects(row: Row, kind: str) -> list[Row]:
    """The effects of one kind of a rule that holds."""
    return [effect for effect in row["effects"] if effect["kind"] == kind]


def said(graph: Answers, ids: Sequence[str]) -> list[dict[str, Any]]:
    """Texts of notices and questions, in the order asked, each once."""
    rows = {row["id"]: row for row in graph.rows("journey/texts", ids=list(dict.fromkeys(ids)))}
    return [rows[i] for i in dict.fromkeys(ids)]
