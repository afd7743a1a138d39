"""Decides what precedes a journey: applies the answer to a question, withholds music, or asks one question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

from engine.answers import AskedQuestion, Choice
from engine.errors import UsageError
from engine.explaining.words import Words
from engine.held_rules import SpokenText
from engine.journey import Reading, Request
from engine.reasoning.facts import Basis, Case
from engine.reasoning.knowledge import Knowledge
from engine.reasoning.reading import SOMETHING_ELSE, WHICH_FEELING, FeelingReader, ask_which_feeling, collect_signs


def build_case(knowledge: Knowledge, reader: FeelingReader, basis: Basis) -> Case:
    """The request with the person's answer applied, and the rules that hold for it.

    UsageError for an unknown context, answer, goal or excluded track.
    """
    request, reading, declared, feelings = _apply_answer(knowledge, reader, basis.request, basis.reading)
    signs = collect_signs(reader, reading, feelings, (*declared, *request.signals))
    facts = knowledge.read_facts(request, basis.text_query)
    if not knowledge.are_tracks(request.exclude):
        repair = "Give ids as `isopath tracks` and --json show them; a rule cannot be left out"
        error = UsageError("--without", "names a track that is not known", repair)
        raise error.set_patterns("fault-without", "repair-without")
    rules = knowledge.find_rules(signs, request.goal)
    looked = basis.is_covered, basis.help_lines, basis.one_look
    return Case(request, reading, declared, basis.language, signs, facts, rules, *looked)


def _apply_answer(
    knowledge: Knowledge, reader: FeelingReader, request: Request, reading: Reading
) -> tuple[Request, Reading, tuple[str, ...], Mapping[str, float] | None]:
    """Request, reading and declared signs after the person's answer, and scores that replace those of the reading.

    The last is None where the scores of the reading count, and empty when the person chose "something else".
    """
    known = knowledge.list_contexts()
    if not set(known).issuperset(request.contexts):
        choices = ", ".join(sorted(known))
        error = UsageError("--context", "names a context that is not known", f"Choose from: {choices}")
        raise error.set_patterns("fault-context", "repair-choose", choices=choices)
    if request.answer is None:
        return request, reading, request.contexts, None
    if request.answer == SOMETHING_ELSE:
        return request, reading, request.contexts, {}
    if request.answer in reader.meaning["emotions"]:
        return request, replace(reading, chosen=(request.answer,)), request.contexts, None
    if (choice := knowledge.read_choice(request.answer)) is None:
        repair = f"Give the id of a choice that was shown, an emotion, or {SOMETHING_ELSE}"
        error = UsageError("--answer", "is no choice of any question", repair)
        raise error.set_patterns("fault-answer", "repair-answer", other=SOMETHING_ELSE)
    return (
        replace(request, goal=choice.goal or request.goal, goal_chosen=request.goal_chosen or bool(choice.goal)),
        replace(reading, chosen=choice.feels or reading.chosen),
        (*request.contexts, *choice.declares),
        None,
    )


def find_withholding(knowledge: Knowledge, case: Case) -> tuple[str, tuple[str, ...]] | None:
    """Why music is withheld, in the text of the first rule that does so, and the ids of all these rules; else None."""
    holds = knowledge.find_messages("Hold", case.in_force)
    if not holds:
        return None
    texts = knowledge.read_texts(holds[0].of)
    return " ".join(text.get_text(case.language) for text in texts), tuple(dict.fromkeys(one.rule_id for one in holds))


def choose_question(knowledge: Knowledge, reader: FeelingReader, case: Case) -> AskedQuestion | None:
    """The question to ask, in the language of the person's text; None when the journey may be planned.

    A question of a safety rule comes first, even after a feeling was chosen or another question answered; at most one
    of them is asked. Then, unless something was chosen: which feeling it is, if that is unclear, and the questions of
    other rules. Questions that declared signs answer are left out.
    """
    messages, answer = knowledge.find_messages("Ask", case.in_force), case.request.answer
    safety = {of for said in messages if said.tier == "safety" for of in said.of}
    texts = knowledge.read_texts([of for said in messages for of in said.of])
    choices = {choice.id for text in texts if text.id in safety for choice in text.choices}
    asked = [text for text in texts if not is_answered(text, case.declared)]
    first = next((text for text in asked if text.id in safety), None)
    if first and answer != SOMETHING_ELSE and answer not in choices:
        return localise_question(first, reader.get_words(case.language))
    if case.request.feel or answer:
        return None
    status = case.reading.status
    unclear = status == "uncertain" or (status == "neutral" and not asked)
    likely = ask_which_feeling(reader, case.reading) if unclear else None
    text = likely or (asked[0] if asked else None)
    return localise_question(text, reader.get_words(case.language)) if text else None


def is_answered(question: SpokenText, declared: Sequence[str]) -> bool:
    """Whether the declared signs include those of one of its choices."""
    return any(choice.declares and set(choice.declares) <= set(declared) for choice in question.choices)


def localise_question(question: SpokenText, words: Words) -> AskedQuestion:
    """The question in the language that was written, with "something else" as its last choice; else in English."""
    language = question.choose_language(words.written)
    choices = [Choice(choice.id, choice.labels[language]) for choice in question.choices]
    out = Choice(SOMETHING_ELSE, words.spoken["patterns"][SOMETHING_ELSE][language])
    kind: Literal["feeling", "rule"] = "feeling" if question.id == WHICH_FEELING else "rule"
    return AskedQuestion(question.id, kind, question.get_text(language), (*choices, out), language)
