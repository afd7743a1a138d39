"""Hit policies decide: another way to settle effects of a kind leads to another answer."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from engine.answers import Answer, Journey, Question, Withheld
from engine.graph import Graph
from engine.journey import Request
from engine.reasoning.planner import Planner
from engine.rules.checks.policies import KNOWN
from tests.helpers.asking import do, values
from tests.helpers.proofs import sample
from tests.helpers.ruling import ruled
from tests.helpers.shipped import shipped_ontology

pytestmark = pytest.mark.graph

SHIPPED = {p.text("governs"): (p.text("policy"), p.text("combine")) for p in shipped_ontology().of("HitPolicy")}
OTHERS = [
    (kind, how, combine)
    for kind, settling in KNOWN.items()
    for how, combines in settling.ways.items()
    for combine in combines
    if (how, combine) != SHIPPED[kind]
]
TRIED = {
    "Ask": (("which-goal", ""), ("another-way", "")),
    "Bar": (("tried-one", ""), ("tried-two", "")),
    "Bound": (("tempo", "low: 50.0, high: 84.0"), ("tempo", "low: 74.0, high: 160.0")),
    "Dose": (("", "steps_max: 3"), ("", "steps_max: 1")),
    "Hold": (("hearing-adult", "outcome: 'withheld'"), ("hearing-child", "outcome: 'withheld'")),
    "Lean": (
        ("tempo", "low: 50.0, best: 60.0, high: 70.0, weight: 1.0"),
        ("tempo", "low: 120.0, best: 140.0, high: 160.0, weight: 1.0"),
    ),
    "Mirror": (),
    "Replace": (("power", ""), ("tenderness", "")),
    "Silence": (("sadness-scale", ""), ("tenderness", "")),
    "StepLimit": (("tempo", "at_most: 0.2, direction: 'either'"), ("level", "at_most: 1.0, direction: 'either'")),
    "Via": (("power", ""), ("sadness-scale", "")),
}
"""Of each kind, what two rules do that hold always: what it is of, and its numbers."""


@contextmanager
def settled(graph: Graph, kind: str, how: str, combine: str) -> Iterator[None]:
    """Effects of this kind settled another way."""
    change = "MATCH (policy:HitPolicy {{governs: '{0}'}}) SET policy.policy = '{1}', policy.combine = '{2}'"
    do(graph, change.format(kind, how, combine))
    try:
        yield
    finally:
        do(graph, change.format(kind, *SHIPPED[kind]))


@contextmanager
def marked(graph: Graph, tracks: tuple[str, ...]) -> Iterator[None]:
    """Every second of these tracks has one of two traits, which nothing else has; the others have the other one."""
    do(graph, "UNWIND ['tried-one', 'tried-two'] AS id CREATE (:Trait:Individual {id: id, label: id})")
    for at, track in enumerate(tracks):
        trait = ("tried-one", "tried-two")[at % 2]
        do(graph, f"MATCH (t:Track {{id: '{track}'}}) SET t.traits = t.traits + '{trait}'")
    try:
        yield
    finally:
        do(graph, "MATCH (t:Track) SET t.traits = [trait IN t.traits WHERE NOT trait STARTS WITH 'tried-']")
        do(graph, "MATCH (n:Trait) WHERE n.id STARTS WITH 'tried-' DELETE n")


def told(answer: Answer) -> object:
    match answer:
        case Journey():
            return tuple(step.track_id for step in answer.steps)
        case Withheld():
            return answer.message
        case Question():
            return answer.question.id
        case _:
            raise AssertionError(answer)


@pytest.mark.proof
@pytest.mark.parametrize(("kind", "how", "combine"), sample(OTHERS, 8), ids=lambda one: one)
def test_another_way_to_settle_a_kind_leads_to_another_answer(
    planner: Planner, kind: str, how: str, combine: str
) -> None:
    graph, planner = planner.get_graph(), replace(planner, persists=False)
    levels = planner.reader.levels
    felt = ("sadness", "fear") if kind == "Mirror" else ("sadness",)
    request = Request(scores={e: levels[e]["strong"] for e in felt}, goal="comfort", goal_chosen=True, seed=1)
    plain = told(planner.plan(request))
    assert isinstance(plain, tuple)
    with marked(graph, plain if kind == "Bar" else ()), ruled(graph, kind, TRIED[kind]):
        before = told(planner.plan(request))
        with settled(graph, kind, how, combine):
            assert told(planner.plan(request)) != before
    assert told(planner.plan(request)) == plain


def test_of_several_that_hold_a_journey_back_the_first_speaks_and_all_are_named(planner: Planner) -> None:
    graph = planner.get_graph()
    with ruled(graph, "Hold", TRIED["Hold"]):
        answer = planner.plan(Request(feel=("sadness",), goal="calm"))
    assert isinstance(answer, Withheld)
    assert answer.rule_ids == ("tried-0", "tried-1")
    [said] = values(graph, "MATCH (n:Notice {id: 'hearing-adult'}) RETURN n.text AS value")
    assert answer.message == said


def test_a_trait_that_is_new_bars_its_tracks_and_the_contract_is_kept(planner: Planner) -> None:
    graph, planner = planner.get_graph(), replace(planner, persists=False)
    request = Request(feel=("joy",), goal="calm", goal_chosen=True, seed=1)
    plain = told(planner.plan(request))
    assert isinstance(plain, tuple)
    with marked(graph, plain), ruled(graph, "Bar", TRIED["Bar"]):
        answer = planner.plan(request)
    assert isinstance(answer, Journey)
    assert not set(plain) & {step.track_id for step in answer.steps}
    assert answer.quality.contracts_met == 1.0


def test_tier_goes_before_priority(planner: Planner) -> None:
    """A rule of taste that says priority 1 does not come before acute stress, which begins in peacefulness."""
    graph = planner.get_graph()
    request = Request(feel=("fear",), contexts=("declines-match",), goal="lift", goal_chosen=True, seed=1)
    before = told(replace(planner, persists=False).plan(request))
    with ruled(graph, "Replace", TRIED["Replace"]):
        do(graph, "MATCH (rule:Rule) WHERE rule.id STARTS WITH 'tried-' SET rule.tier = 'taste', rule.priority = -9")
        assert told(replace(planner, persists=False).plan(request)) == before
