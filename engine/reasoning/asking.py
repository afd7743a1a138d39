"""What comes before a journey: what an answer to a question means, no music for now, or one question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from engine.answers import AskedQuestion, Choice
from engine.errors import UsageError
from engine.held_rules import Text
from engine.journey import Reading, Request
from engine.reasoning.facts import Basis, Case
from engine.reasoning.knowledge import Knowledge
from engine.reasoning.reading import SOMETHING_ELSE, Reader, signs_of, which_feeling


def understood(knowledge: Knowledge, reader: Reader, basis: Basis) -> Case:
    """The request as the person's answer completes it, with the rules that hold for it and for the signals it raised.

    UsageError when a context, the answer or the goal is none that is known.
    """
    request, reading, declared, feelings = _answered(knowledge, reader, basis.request, basis.reading)
    signs = signs_of(reader, reading, feelings, (*declared, *request.signals))
    facts = knowledge.facts(request, basis.wish)
    return Case(request, reading, declared, basis.language, signs, facts, knowledge.rules(signs, request.goal))


def _answered(
    knowledge: Knowledge, reader: Reader, request: Request, reading: Reading
) -> tuple[Request, Reading, tuple[str, ...], Mapping[str, float] | None]:
    """Request, reading and declared signs after the person's answer, and scores that take the place of those read.

    No such scores (None) where the reading's own count; empty ones when none of the choices was right.
    """
    known = knowledge.contexts()
    if not set(known).issuperset(request.contexts):
        raise UsageError("--context", "names a context that is not known", f"Choose from: {', '.join(sorted(known))}")
    if request.answer is None:
        return request, reading, request.contexts, None
    if request.answer == SOMETHING_ELSE:
        return request, reading, request.contexts, {}
    if request.answer in reader.meaning["emotions"]:
        return request, replace(reading, chosen=(request.answer,)), request.contexts, None
    if (choice := knowledge.choice(request.answer)) is None:
        raise UsageError(
            "--answer",
            "is no choice of any question",
            f"Give the id of a choice that was shown, an emotion, or {SOMETHING_ELSE}",
        )
    return (
        replace(request, goal=choice.goal or request.goal, goal_chosen=request.goal_chosen or bool(choice.goal)),
        replace(reading, chosen=choice.feels or reading.chosen),
        (*request.contexts, *choice.declares),
        None,
    )


def withholding(knowledge: Knowledge, case: Case) -> tuple[str, tuple[str, ...]] | None:
    """Why music is not for now, in the language of the words, and the rules that say so; None when music is."""
    held = tuple(rule.id for rule in case.in_force if rule.doing("Hold"))
    if not held:
        return None
    said = knowledge.texts([of.id for rule in case.rules for effect in rule.doing("Hold") for of in effect.of])
    return " ".join(text.said(case.language) for text in said), held


def question(knowledge: Knowledge, reader: Reader, case: Case) -> AskedQuestion | None:
    """The question that comes first, in the language of the words; None when the journey may be planned.

    A choice made ends all asking. A question whose answer was declared is not asked.
    """
    if case.request.feel or case.request.answer:
        return None
    asking = [effect.of[0].id for rule in case.in_force for effect in rule.doing("Ask")]
    asked = [text for text in knowledge.texts(asking) if not is_answered(text, case.declared)]
    status = case.reading.status
    if status == "uncertain" or (status == "neutral" and not asked):
        return put(which_feeling(reader, case.reading), case.language)
    return put(asked[0], case.language) if asked else None


def is_answered(question: Text, declared: Sequence[str]) -> bool:
    """Whether what was declared already says which choice it would be."""
    return any(choice.declares and set(choice.declares) <= set(declared) for choice in question.choices)


def put(question: Text, language: str) -> AskedQuestion:
    """A question in one language, with a way out as its last choice."""
    chinese = language == "zh"
    choices = [Choice(choice.id, choice.label_zh if chinese else choice.label) for choice in question.choices]
    out = Choice(SOMETHING_ELSE, "其他" if chinese else "something else")
    return AskedQuestion(question.id, question.said(language), (*choices, out))
