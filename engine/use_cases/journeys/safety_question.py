"""What the gate decides of a request before anything is planned: help, the safety question, or to go on.

The phrases decide first, without a model. A learned second look follows; a fault of its model never keeps the phrases
from deciding.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Final, cast
from uuid import uuid4

from encoders.languages import ENGLISH
from engine.answers import AskedQuestion, Choice, Notice, SafetyQuestion
from engine.gate import Gate, GateResult
from engine.journey import LONGEST_TEXT, Reading

if TYPE_CHECKING:
    from encoders.base import DangerReader
    from engine.reasoning.reading import FeelingReader

YES, NO, UNSURE = "safety-yes", "safety-no", "safety-unsure"
SAFETY_ANSWERS: Final = (YES, NO, UNSURE)
DANGER: Final = "danger"
"""The kind of a crisis that nobody named."""
OpenReader = Callable[[], "FeelingReader"]
_LOG = logging.getLogger(__name__)


def look_again(
    gate: Gate, found: GateResult | None, texts: Iterable[str | None], open_reader: OpenReader
) -> GateResult | None:
    """The result of the phrases, with what the second look finds besides; `one_look` where it was not possible."""
    read = [text for text in texts if text is not None and len(text) <= LONGEST_TEXT]
    if found is None or found.hit or gate.second_look is None or not read:
        return found
    try:
        model = open_reader().model
        if not hasattr(model, "score_danger"):
            return found
        seen = gate.second_look.look(cast("DangerReader", model), read)
    except Exception as error:  # Whatever is wrong with a model, the phrases have decided.
        _LOG.warning("the second look for danger is away: %s", type(error).__name__)
        return replace(found, one_look=True)
    if seen == "pass":
        return found
    kind, person = found.kind or DANGER, found.person or "self"
    return replace(found, hit=seen == "support", asks=seen == "ask", kind=kind, person=person)


def answer_yes(found: GateResult | None) -> GateResult:
    """The crisis of somebody who answered the safety question with "yes" or "I don't know"."""
    kind, person = (found.kind, found.person) if found is not None and found.asks else (None, None)
    language = found.language if found is not None else ENGLISH
    return GateResult(True, kind or DANGER, person or "self", language)


def ask_for_safety(
    gate: Gate, found: GateResult, region: str | None, seed: int, goal: str, read: Callable[[], Reading]
) -> SafetyQuestion:
    """The safety question in the language of the text, with people to call, and with the reading where there is one."""
    try:
        reading: Reading | None = read()
    except Exception as error:  # A question about safety waits for no model.
        _LOG.warning("no reading stands beside the safety question: %s", type(error).__name__)
        reading = None
    return SafetyQuestion(
        str(uuid4()), seed, goal, make_question(gate, found, region), reading, tuple(list_look_notices(gate, found))
    )


def make_question(gate: Gate, found: GateResult, region: str | None) -> AskedQuestion:
    """The safety question in the language of the text where it has that, else in English."""
    language = found.language if found.language in gate.asked["safety"] else ENGLISH
    choices = tuple(Choice(id_, gate.asked[id_][language]) for id_ in SAFETY_ANSWERS)
    lines = tuple(gate.list_lines(found.kind, language, region))
    return AskedQuestion("safety", "safety", gate.asked["safety"][language], choices, language, lines)


def list_look_notices(gate: Gate, found: GateResult | None) -> list[Notice]:
    """That the second look was not possible."""
    if found is None or not found.one_look:
        return []
    texts = gate.asked["one-look"]
    return [Notice("one-look", texts.get(found.language) or texts[ENGLISH])]
