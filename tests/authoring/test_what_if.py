"""What a draft changes is found, and what it does not change is not planned again."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from encoders.embedding.embedder import open_embedder
from engine.authoring.kept import read_kept_readings
from engine.authoring.readings import LEAST, SuppliedReading, read_readings
from engine.authoring.scenario import Expected, Given, Never, Scenario
from engine.authoring.trial import Trial
from engine.authoring.what_if import WhatIf, find_held, summarise_answer
from engine.drawing.picture import PlottedStep
from engine.drawing.report import ReportRow, ReportSide, write_report
from engine.graph import Row
from engine.queries import Query
from engine.reasoning.knowledge import Knowledge
from engine.reasoning.planner import Planner
from engine.reasoning.search import TransactionSearch
from engine.rules import Ontology
from engine.store.supposing import suppose
from tests.helpers.proofs import PROVING, sample
from tests.helpers.shipped import shipped_ontology
from tests.rules.test_signatures import edited, effect, having

SAD = SuppliedReading(1, {"sadness": 0.9}, (), "calm")
GLAD = SuppliedReading(2, {"joy": 0.9}, (), "calm")


def test_a_thousand_readings_ship_without_a_word() -> None:
    readings = read_readings()
    assert len(readings) >= 1_000
    emotions = {emotion.id for emotion in shipped_ontology().of("Emotion")}
    markers = {marker.id for marker in shipped_ontology().of("Marker")}
    for reading in readings:
        assert reading.scores.keys() <= emotions
        assert set(reading.markers) <= markers - {"crisis"}
        assert all(LEAST / 2 <= score <= 1 for score in reading.scores.values())
    assert {reading.goal for reading in readings} == {goal.id for goal in shipped_ontology().of("Goal")}


@pytest.fixture(scope="module")
def before(planner: Planner) -> Iterator[Trial]:
    with planner.get_graph().begin_discarded() as asking:
        yield Trial(planner, Knowledge(asking, TransactionSearch(planner.get_graph().queries)))


def what_if(before: Trial, draft: Ontology) -> Iterator[WhatIf]:
    graph, served = before.planner.get_graph(), shipped_ontology()
    ids = served.by_id.keys() | draft.by_id.keys()
    changed = frozenset(id_ for id_ in ids if served.by_id.get(id_) != draft.by_id.get(id_))
    with suppose(graph, draft.individuals, lambda: open_embedder(None)) as supposed:
        assert supposed.changed == changed
        search = TransactionSearch(graph.queries, supposed.tracks_changed)
        yield WhatIf(before, Trial(before.planner, Knowledge(supposed.transaction, search)), served, draft, changed)


@pytest.mark.graph
def test_a_change_is_found_with_the_rule_that_did_it(before: Trial) -> None:
    for tried in what_if(before, having(effect("sadness-met-then-moved", "Dose"), steps_max=1)):
        found = tried.find_difference(SAD)
        assert found is not None
        assert found.rules == ("sadness-met-then-moved",)
        assert summarise_answer(found.before) != summarise_answer(found.after)
        assert not tried.may_differ(GLAD)
    for tried in what_if(before, having("joy-mirrored", status="retired")):
        found = tried.find_difference(GLAD)
        assert found is not None
        assert found.rules == ("joy-mirrored",)
        assert tried.find_difference(SAD) is None


@pytest.mark.graph
def test_words_that_are_polished_change_no_journey(before: Trial) -> None:
    for tried in what_if(before, having("joy-mirrored", definition="Said otherwise.")):
        assert tried.may_differ(GLAD)
        assert tried.find_difference(GLAD) is None


@pytest.mark.graph
@pytest.mark.proof
@pytest.mark.parametrize("reading", sample(read_readings()[::12], 3), ids=lambda reading: str(reading.number))
def test_what_is_not_planned_again_would_be_the_same(reading: SuppliedReading, before: Trial) -> None:
    for tried in what_if(before, having(effect("sadness-met-then-moved", "Dose"), steps_max=1)):
        if not tried.may_differ(reading):
            given = reading.given
            assert summarise_answer(tried.before.observe(given)) == summarise_answer(tried.after.observe(given))


@pytest.mark.graph
@pytest.mark.proof
def test_readings_that_no_threshold_tells_apart_hold_the_same_rules(before: Trial) -> None:
    readings = read_readings()
    for tried in what_if(before, having("joy-mirrored", status="retired")):
        told = [(one, tried.find_held_rules(one.given)) for one in readings[: 1_200 if PROVING else 60]]
        asked = len({id(held) for _, held in told})
        assert asked < len(told), "the graph is asked once for several"
        for one, held in sample(told, 5):
            assert held == (find_held(tried.before, one.given), find_held(tried.after, one.given))


@pytest.mark.graph
def test_a_scale_that_moves_may_change_any_journey(before: Trial) -> None:
    scale = shipped_ontology()["peacefulness"].to("callsFor")[0]
    draft = edited(lambda i: replace(i, properties={**i.properties, "weight": 0.01}) if i.id == scale else i)
    for tried in what_if(before, draft):
        assert tried.may_differ(GLAD)


def test_the_report_shows_before_and_after_and_loads_nothing() -> None:
    steps = tuple(PlottedStep(n, "match", f"Air <{n}>", 120.0, 0.1 * n, -0.1, 80.0, -20.0) for n in (1, 2))
    row = ReportRow("Reading 1", ("fear-pace-only",), ReportSide("2 tracks", steps), ReportSide("asks: which?", ()))
    page = write_report("What this draft would change", ["1 of 2"], ["Fear now opens with one track"], [row])
    assert page.count("<svg") == 1
    assert "Air &lt;2&gt;" in page
    assert "Because of fear-pace-only" in page
    assert "http:" not in page
    assert "https:" not in page
    assert "<script" not in page


@pytest.mark.graph
def test_scenarios_are_replayed_too_and_words_are_read(before: Trial) -> None:
    sad = Scenario("a sad day", "here", Given("calm", present=("sadness",)), Expected(), Never())
    told = Scenario("told in words", "here", Given("calm", text="I am so sad today"), Expected(), Never())
    crisis = Scenario("a crisis", "here", Given("calm", text="I want to kill myself"), Expected(), Never())
    for tried in what_if(before, having(effect("sadness-met-then-moved", "Dose"), steps_max=1)):
        first, second, none = (difference for _, difference in tried.iterate_differences([sad, told, crisis]))
        assert first is not None
        assert second is not None
        assert second.rules == ("sadness-met-then-moved",)
        assert none is None


def test_a_kept_reading_says_neither_whose_it_is_nor_what_was_felt() -> None:
    class Kept:
        def rows(self, query: str | Query, **_: object) -> list[Row]:
            assert query == "authoring/kept_readings"
            signs = [{"id": "sadness", "score": 0.8}, {"id": "child", "score": 1.0}, {"id": "gone", "score": 1.0}]
            return [{"id": "j", "goal": goal, "seed": 3, "signs": signs} for goal in ("calm", "no-goal")]

    [kept] = read_kept_readings(Kept(), shipped_ontology(), 9)
    assert kept.title == "Kept reading 1, to calm"
    assert kept.given == Given("calm", scores={"sadness": 0.8}, contexts=("child",), seed=3)
