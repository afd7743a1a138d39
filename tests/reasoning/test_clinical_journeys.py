"""What rules of clinicians do to real journeys: doses, limits, beginnings, holds and questions that only they have."""

from dataclasses import replace
from itertools import pairwise
from math import log2

import pytest

from engine.answers import Question, Withheld
from engine.journey import Request
from engine.reasoning.facts import Case
from engine.reasoning.knowledge import Knowledge
from engine.reasoning.planner import Planner
from engine.reasoning.reading import collect_signs
from engine.reasoning.search import TrackSearch
from engine.reasoning.waypoints import SettledEffects
from tests.helpers.asking import values
from tests.helpers.planning import planned_journey

pytestmark = pytest.mark.graph


def settled(planner: Planner, markers: tuple[str, ...], declared: tuple[str, ...], goal: str) -> SettledEffects:
    """What the rules come to for these signs."""
    reader = planner.reader
    reading = reader.make_reading(dict.fromkeys(reader.levels, 0.0), "passed", markers)
    signs = collect_signs(reader, reading, None, declared)
    knowledge = Knowledge(planner.get_graph(), TrackSearch(planner.get_graph()))
    request = Request(goal=goal, goal_chosen=True)
    case = Case(
        request, reading, declared, "en", signs, knowledge.read_facts(request), knowledge.find_rules(signs, goal)
    )
    return knowledge.settle_effects(case, case.in_force)


def test_craving_is_steadied_and_not_met(planner: Planner) -> None:
    found = settled(planner, ("craving",), (), "calm")
    assert {depth["depth"] for depth in found.depths} == {0.0}
    assert "craving-steadies" in {id_ for depth in found.depths for id_ in depth["rule_ids"]}
    assert all(row["start"] == row["goal"] for row in found.profile)


def test_mania_begins_quiet_and_nothing_asks_for_power(planner: Planner) -> None:
    found = settled(planner, (), ("mania-declared",), "focus")
    replaced = {(row["stage"], row["of"]) for row in found.effects if row["kind"] == "Replace"}
    assert {stage for stage, _ in replaced} == {"match", "guide", "target"}
    silenced = {row["of"] for row in found.effects if row["kind"] == "Silence"}
    assert {"power", "joyful-activation"} <= silenced
    answer = planned_journey(planner, Request(feel=("joy",), goal="focus", contexts=("mania-declared",), seed=1))
    assert answer.quality.contracts_met == 1.0


def test_a_limit_on_tempo_is_kept_from_track_to_track(planner: Planner) -> None:
    request = Request(feel=("sadness",), goal="comfort", contexts=("end-of-life-declared", "religious-welcome"), seed=1)
    steps = planned_journey(planner, request).steps
    [limited] = values(
        planner.get_graph(),
        "MATCH (e:StepLimit {id: 'end-of-life-stays-low-step-limit-tempo'}) RETURN e.at_most AS value",
    )
    # The rule is one of the guiding stage: it limits the steps into its tracks.
    leaps = [abs(log2(b.cues["tempo"] / a.cues["tempo"])) for a, b in pairwise(steps) if b.stage == "guide"]
    assert len(leaps) >= 2
    assert max(leaps) <= limited + 1e-6


def test_a_child_sleeps_twenty_minutes_and_whoever_asks_for_more_gets_it(planner: Planner) -> None:
    planner = replace(planner, persists=False)
    request = Request(feel=("joy",), goal="sleep", goal_chosen=True, contexts=("child",), seed=1)
    short, long = (planned_journey(planner, replace(request, minutes=minutes)) for minutes in (None, 30.0))
    assert [round(sum(step.seconds for step in one.steps) / 60) for one in (short, long)] == pytest.approx(
        [20, 30], rel=0.11
    )
    assert "minutes-outside-trials" not in {notice.id for notice in short.notices}
    assert "minutes-outside-trials" in {notice.id for notice in long.notices}


def test_of_two_holds_the_first_speaks(planner: Planner) -> None:
    answer = planner.plan(Request(feel=("joy",), goal="calm", contexts=("driving", "dementia-declared")))
    assert isinstance(answer, Withheld)
    assert answer.rule_ids == ("withhold-when-unsupervised", "withhold-sedation-at-the-wheel")
    [said] = values(
        planner.get_graph(),
        "MATCH (:Rule {id: 'withhold-when-unsupervised'})-[:DOES]->(:Hold)-[:OF]->(n) RETURN n.text AS value",
    )
    assert answer.message == said


def test_whoever_names_epilepsy_is_asked_whatever_they_chose(planner: Planner) -> None:
    text = "I have epilepsy and want to rest"
    for request in (Request(text, goal="calm"), Request(text, goal="calm", feel=("sadness",))):
        answer = planner.plan(request)
        assert isinstance(answer, Question)
        assert answer.question.id == "has-music-brought-seizures"
    assert planner.plan(Request(text, goal="calm", answer="music-seizure-yes")).outcome == "withheld"
    assert planner.plan(Request(text, goal="calm", answer="music-seizure-no", seed=1)).outcome == "journey"
