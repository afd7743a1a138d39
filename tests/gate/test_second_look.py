"""What is not clear is asked about, once and carefully: by phrases alone, and by a learned reader of danger."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from encoders.base import Matrix
from encoders.errors import EncoderUnavailable
from encoders.languages import LANGUAGES
from engine.answers import Answer, SafetyQuestion, Support
from engine.gate import Gate
from engine.gate.second_look import SecondLook
from engine.journey import Reading, Request
from engine.settings import Settings
from engine.use_cases.journeys.safety_question import NO, UNSURE, YES, make_question
from engine.use_cases.plan import UncheckedRequest, answer_request
from tests.helpers.gate_rates import HELD_OUT, rounds

SETTINGS = Settings(home=Path("/nowhere"), cache=Path("/nowhere"))
ORDINARY = "The bus leaves at nine from the main square."


class FakeDangerReader:
    """A danger reader that gives every sentence the probability of the first of its words that it knows."""

    def __init__(self, **danger: float) -> None:
        self.danger = danger
        self.seen: list[str] = []

    def score_danger(self, texts: Sequence[str]) -> Matrix:
        self.seen += texts
        scores = [next((p for word, p in self.danger.items() if word in text), 0.0) for text in texts]
        return np.array(scores, dtype=np.float32)


class FakeFeelingReader:
    """A reader whose model reads danger, and whose readings are empty."""

    def __init__(self, model: object) -> None:
        self.model = model

    def read(self, _text: str | None, gate: str, *_: object) -> Reading:
        return Reading("uncertain", gate, {}, (), 0.0, 0.0)  # type: ignore[arg-type]


class Went(Exception):
    """The request went on to the plan."""


def ask(gate: Gate, model: object, text: str, answer: str | None = None, **more: object) -> Answer:
    def plan(request: Request, gated: object) -> Answer:
        raise Went(request.answer, getattr(gated, "asks", None), getattr(gated, "one_look", None))

    def open_reader() -> FakeFeelingReader:
        if isinstance(model, Exception):
            raise model
        return FakeFeelingReader(model)

    asked = UncheckedRequest(text=text, answer=answer, seed=7, **more)  # type: ignore[arg-type]
    return answer_request(SETTINGS, gate, asked, plan, open_reader)  # type: ignore[arg-type]


@pytest.fixture
def unsure(gate: Gate) -> Gate:
    """A gate with thresholds of its own."""
    return replace(gate, second_look=SecondLook(0.3, 0.8))


def test_the_most_dangerous_sentence_decides_whatever_stands_around_it(unsure: Gate) -> None:
    chat = f"{ORDINARY} It rains. The zebra waits. Lunch was fine."
    reader = FakeDangerReader(zebra=0.9)
    answer = ask(unsure, reader, chat)
    assert isinstance(answer, Support)
    assert "The zebra waits." in reader.seen
    assert answer.support["message"].startswith("Thank you for saying it. It sounds as if you, or somebody near you")
    assert answer.support["lines"]


@pytest.mark.parametrize(
    ("danger", "outcome"), [(0.29, "on"), (0.31, "question"), (0.79, "question"), (0.8, "support")]
)
def test_two_thresholds_divide_pass_ask_and_support(danger: float, outcome: str, unsure: Gate) -> None:
    try:
        answer = ask(unsure, FakeDangerReader(zebra=danger), "The zebra waits.")
    except Went:
        assert outcome == "on"
    else:
        assert answer.outcome == outcome


def test_the_question_is_careful_whole_and_has_people_beside_it(unsure: Gate) -> None:
    answer = ask(unsure, FakeDangerReader(zebra=0.5), "The zebra waits.")
    assert isinstance(answer, SafetyQuestion)
    told = json.loads(json.dumps(answer.as_json()))
    assert told["question"]["text"] == "Some of what you wrote could mean that you are in danger. Is that so?"
    assert [choice["id"] for choice in told["question"]["choices"]] == [YES, NO, UNSURE]
    assert (told["outcome"], told["gate"], told["question"]["kind"], told["seed"]) == ("question", "asked", "safety", 7)
    assert all(line["name"] and line["contact"] and line["url"] for line in told["question"]["lines"])
    assert told["reading"]["gate"] == "asked"
    assert "zebra" not in json.dumps(told)


@pytest.mark.parametrize("choice", [YES, UNSURE])
def test_yes_and_not_knowing_lead_to_help(choice: str, unsure: Gate) -> None:
    answer = ask(unsure, FakeDangerReader(zebra=0.5), "The zebra waits.", choice)
    assert isinstance(answer, Support)
    assert isinstance(ask(unsure, FakeDangerReader(), ORDINARY, choice), Support), "who says so is believed"


def test_no_goes_on_and_is_remembered_for_the_questions_after_it(unsure: Gate) -> None:
    model = FakeDangerReader(zebra=0.5)
    with pytest.raises(Went, match=r"None, True"):
        ask(unsure, model, "The zebra waits.", NO)
    with pytest.raises(Went, match=r"'joy', True"):
        ask(unsure, model, "The zebra waits.", f"{NO},joy")
    assert isinstance(ask(unsure, model, "The zebra waits.", "joy"), SafetyQuestion)
    assert isinstance(ask(unsure, model, "The zebra waits.", feel=("joy",)), SafetyQuestion)
    assert isinstance(ask(unsure, FakeDangerReader(zebra=0.9), "The zebra waits.", NO), Support)


@pytest.mark.parametrize("fault", [EncoderUnavailable("m", "is gone", "Fetch it"), ValueError("bad weights")])
def test_a_fault_of_the_model_never_keeps_the_phrases_from_answering(fault: Exception, unsure: Gate) -> None:
    assert isinstance(ask(unsure, fault, "I want to kill myself"), Support)
    with pytest.raises(Went, match=r"None, False, True"):
        ask(unsure, fault, ORDINARY)


def test_a_model_that_reads_no_danger_leaves_it_to_the_phrases(unsure: Gate) -> None:
    with pytest.raises(Went, match=r"None, False, False"):
        ask(unsure, object(), ORDINARY)


def test_phrases_that_are_not_sure_ask_without_a_model(gate: Gate) -> None:
    clue = next(each.text for each in rounds() if each.round != HELD_OUT and gate.check(each.text).asks)
    answer = ask(gate, EncoderUnavailable("m", "is gone", "Fetch it"), clue)
    assert isinstance(answer, SafetyQuestion)
    assert answer.reading is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_question_speaks_every_language(language: str, gate: Gate) -> None:
    found = replace(gate.check("I want to die"), hit=False, asks=True, language=language)
    question = make_question(gate, found, None)
    assert question.language == language
    assert question.text == gate.asked["safety"][language]
    assert len({choice.label for choice in question.choices}) == 3
