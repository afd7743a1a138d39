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
    rules = knowledge.rules(signs, request.goal)
    return Case(request, reading, declared, basis.language, signs, facts, rules, basis.is_foreign)


def _answered(
    knowledge: Knowledge, reader: Reader, request: Request, reading: Reading
) -> tuple[Request, Reading, tuple[str, ...], Mapping[str, float] | None]:
    """Request, reading and declared signs after the person's answer, and scores that take the place of those read.

    No such scores (None) where the reading's own count; empty ones when none of the choices was right.
    """
    known = knowledge.contexts()
    if not set(known).issuperset(request.contexts):
        choices = ", ".join(sorted(known))
        error = UsageError("--context", "names a context that is not known", f"Choose from: {choices}")
        raise error.said_by("fault-context", "repair-choose", choices=choices)
    if request.answer is None:
        return request, reading, request.contexts, None
    if request.answer == SOMETHING_ELSE:
        return request, reading, request.contexts, {}
    if request.answer in reader.meaning["emotions"]:
        return request, replace(reading, chosen=(request.answer,)), request.contexts, None
    if (choice := knowledge.choice(request.answer)) is None:
        repair = f"Give the id of a choice that was shown, an emotion, or {SOMETHING_ELSE}"
        error = UsageError("--answer", "is no choice of any question", repair)
        raise error.said_by("fault-answer", "repair-answer", other=SOMETHING_ELSE)
    return (
        replace(request, goal=choice.goal or request.goal, goal_chosen=request.goal_chosen or bool(choice.goal)),
        replace(reading, chosen=choice.feels or reading.chosen),
        (*request.contexts, *choice.declares),
        None,
    )


def withholding(knowledge: Knowledge, case: Case) -> tuple[str, tuple[str, ...]] | None:
    """Why music is not for now, in the words of the rule that speaks first, and every rule that holds it back."""
    held = knowledge.said("Hold", case.in_force)
    if not held:
        return None
    said = knowledge.texts(held[0].of)
    return " ".join(text.said(case.language) for text in said), tuple(dict.fromkeys(one.rule_id for one in held))


def question(knowledge: Knowledge, reader: Reader, case: Case) -> AskedQuestion | None:
    """The question that comes first, in the language of the words; None when the journey may be planned.

    What a safety rule asks goes first, whatever feeling was chosen and whatever else was answered; one such question at
    most. Then which feeling it is, where that is not clear, then what other rules ask, where nothing was chosen yet.
    What was declared is not asked.
    """
    asking, answer = knowledge.said("Ask", case.in_force), case.request.answer
    safety = {of for said in asking if said.tier == "safety" for of in said.of}
    texts = knowledge.texts([of for said in asking for of in said.of])
    choices = {choice.id for text in texts if text.id in safety for choice in text.choices}
    asked = [text for text in texts if not is_answered(text, case.declared)]
    first = next((text for text in asked if text.id in safety), None)
    if first and answer != SOMETHING_ELSE and answer not in choices:
        return put(first, case.language)
    if case.request.feel or answer:
        return None
    status = case.reading.status
    unclear = status == "uncertain" or (status == "neutral" and not asked)
    likely = which_feeling(reader, case.reading) if unclear else None
    text = likely or (asked[0] if asked else None)
    return put(text, case.language) if text else None


def is_answered(question: Text, declared: Sequence[str]) -> bool:
    """Whether what was declared already says which choice it would be."""
    return any(choice.declares and set(choice.declares) <= set(declared) for choice in question.choices)


def put(question: Text, language: str) -> AskedQuestion:
    """A question in one language, with a way out as its last choice."""
    chinese = language == "zh"
    choices = [Choice(choice.id, choice.label_zh if chinese else choice.label) for choice in question.choices]
    out = Choice(SOMETHING_ELSE, "其他" if chinese else "something else")
    return AskedQuestion(question.id, question.said(language), (*choices, out))
