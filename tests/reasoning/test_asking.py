"""What is asked before a journey: safety first, whatever was chosen, and nothing that was hardly read."""

import pytest

from engine.answers import Question
from engine.journey import Request
from engine.reasoning.planner import Planner
from engine.reasoning.reading import ask_which_feeling
from tests.helpers.planning import planned_journey

pytestmark = pytest.mark.graph

HURT = "The flashbacks of what he did to me years ago are back tonight"


@pytest.mark.parametrize("request_", [Request(HURT), Request(HURT, feel=("sadness",)), Request(HURT, answer="relief")])
def test_a_safety_question_goes_first_whatever_was_chosen_or_answered(planner: Planner, request_: Request) -> None:
    answer = planner.plan(request_)
    assert isinstance(answer, Question)
    assert answer.question.id == "choose-the-beginning"


@pytest.mark.parametrize("choice", ["begin-calm", "begin-warm", "something-else"])
def test_its_answer_ends_all_asking(planner: Planner, choice: str) -> None:
    journey = planned_journey(planner, Request(HURT, goal="calm", answer=choice, seed=1))
    assert "trauma-even-and-chosen" in {rule.id for rule in journey.rules}


def test_with_a_marker_no_feeling_is_offered_that_was_hardly_found(planner: Planner) -> None:
    reader = planner.reader
    nothing = dict.fromkeys(reader.levels, 0.0)
    some = nothing | {"fear": 0.5 * reader.levels["fear"]["present"]}
    assert ask_which_feeling(reader, reader.make_reading(nothing, "passed", ["rumination"])) is None
    asked = ask_which_feeling(reader, reader.make_reading(some, "passed", ["rumination"]))
    assert asked is not None
    assert [choice.id for choice in asked.choices] == ["fear"]
    plain = ask_which_feeling(reader, reader.make_reading(nothing, "passed"))
    assert plain is not None
    assert len(plain.choices) == 3
