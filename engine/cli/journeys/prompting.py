"""What is asked at the prompt: a question before a journey, and whether what was understood is right."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.cli.terminal import read_prompt
from engine.gate import detect_language

if TYPE_CHECKING:
    from engine.answers import Question, SafetyQuestion
    from engine.bootstrap import CompiledOntology
    from engine.explaining.words import Words
    from engine.gate import Gate
    from engine.settings import Settings
    from engine.use_cases.plan import UncheckedRequest

MAX_CHOICES = 6
"""Feelings that are shown, what was read first."""


def ask_at_prompt(
    answer: Question | SafetyQuestion,
    asked: UncheckedRequest,
    gate: Gate,
    input_texts: list[str],
    words: Words | None = None,
) -> UncheckedRequest:
    """The request with the choice that the person typed at the terminal, or with the crisis that they typed instead."""
    for notice in answer.notices:
        print(notice.text)
    print(answer.question.text)
    for line in answer.question.lines:
        print(f"  {line['name']}: {line['contact']}  {line['url']}")
    choices = answer.question.choices
    chosen = ask_for_number([choice.label for choice in choices], gate, input_texts, words)
    if isinstance(chosen, str):
        return replace(asked, seed=answer.seed, like=chosen)
    return replace(asked, seed=answer.seed, answer=",".join([*asked.answers, choices[chosen].id]))


def correct_at_prompt(
    settings: Settings, opened: CompiledOntology, asked: UncheckedRequest, input_texts: list[str]
) -> UncheckedRequest:
    """The request, with the feeling that the person typed where what was read of their words is not right.

    What was read stands in a numbered line, and what is likely besides in further ones; Enter takes it. Words that are
    not clear, or speak of a crisis, are left to the plan, which asks about them itself.
    """
    from engine.explaining.words import Words
    from engine.use_cases.read_emotions import read_emotions

    answer = read_emotions(settings, opened, asked.text or "", gated=True)
    if answer["outcome"] != "reading":
        return asked
    words = Words.choose(opened.meaning["words"], asked.language or detect_language(asked.text or ""))
    scores = answer["reading"]["scores"]
    likely = sorted((one for one in scores if one != "neutral"), key=lambda one: (-scores[one], one))[:MAX_CHOICES]
    labels = [words.name("emotions", one) for one in likely]
    print(words.say("heard-read", feelings=labels[0]))
    chosen = ask_for_number(labels, opened.gate, input_texts, words, may_be_right=True)
    if isinstance(chosen, str):
        return replace(asked, like=chosen)
    return replace(asked, feel=(likely[chosen],)) if chosen > 0 else asked


def ask_for_number(
    labels: list[str], gate: Gate, input_texts: list[str], words: Words | None = None, may_be_right: bool = False
) -> int | str:
    """Which of the numbered lines was typed, from 0; the words themselves where they speak of a crisis.

    -1 for an empty line where what was understood `may_be_right`. Without `words` it is told in plain English.
    """
    for place, label in enumerate(labels, 1):
        print(f"  {place}  {label}")
    if may_be_right and words is not None:
        print(words.say("prompt-enter"))
    while True:
        typed = read_prompt(input_texts).strip()
        if gate.check(typed).hit:
            return typed
        if may_be_right and not typed:
            return -1
        if typed.isdigit() and 1 <= int(typed) <= len(labels):
            return int(typed) - 1
        last = len(labels)
        print(words.say("prompt-number", first="1", last=last) if words else f"Type a number from 1 to {last}.")
