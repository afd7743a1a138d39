"""Length belongs to the order: any mix of lengths fills the minutes asked for, or says why not."""

from collections.abc import Iterator, Sequence

import pytest

from engine.answers import Journey
from engine.graph import Graph
from engine.journey import Request, Shortlist
from engine.order.layout import MAX_STEPS, MIN_STEPS, Layout, apportion
from engine.reasoning.planner import Planner
from engine.store.search_index import SearchIndex
from tests.helpers.asking import do
from tests.helpers.planning import planned_journey, shortlist
from tests.helpers.proofs import sample

SHARES = {"match": 0.333, "guide": 0.334, "target": 0.333}
MIXES: dict[str, Sequence[float]] = {"24 s": [24.0], "12 min": [720.0], "both": [24.0, 720.0]}


def shortlists(counts: dict[str, int], seconds: dict[str, float]) -> list[Shortlist]:
    """Waypoints of stages, each with tracks of one length."""
    return [shortlist(stage, [seconds[stage]] * 20) for stage in counts for _ in range(counts[stage])]


@pytest.mark.parametrize(
    ("minutes", "usual", "steps"), [(24, 153.0, 9), (120, 153.0, 47), (5, 153.0, MIN_STEPS), (120, 24.0, MAX_STEPS)]
)
def test_a_first_guess_is_the_minutes_by_the_usual_length(minutes: float, usual: float, steps: int) -> None:
    layout = Layout.guess(60.0 * minutes, usual)
    assert layout.steps == steps
    assert not layout.stages


def test_steps_follow_the_lengths_of_each_stage() -> None:
    seconds = {"match": 24.0, "guide": 720.0, "target": 180.0}
    first = Layout.guess(3600.0, 153.0)
    found = shortlists({"match": 8, "guide": 8, "target": 8}, seconds)
    assert not first.suits(found)
    layout = first.fit(found, SHARES)
    counts = {stage: int(given["steps"]) for stage, given in layout.stages.items()}
    again = shortlists(counts, seconds)
    assert layout.suits(again)
    for stage, share in SHARES.items():
        assert counts[stage] * seconds[stage] == pytest.approx(share * 3600, abs=seconds[stage])
    ends = layout.compute_stage_ends(again, SHARES)
    assert [steps for steps, _ in ends] == [counts["match"], counts["match"] + counts["guide"]]
    assert [time for _, time in ends] == pytest.approx([1198.8, 2401.2])


def test_a_dose_that_takes_steps_is_made_up_for() -> None:
    seconds = dict.fromkeys(SHARES, 120.0)
    layout = Layout.guess(1440.0, 300.0).fit(shortlists({"match": 2, "guide": 2, "target": 2}, seconds), SHARES)
    assert layout.steps == 12
    dosed = layout.fit(shortlists({"match": 1, "guide": 4, "target": 4}, seconds), SHARES)
    assert dosed.steps > layout.steps


def test_long_tracks_leave_five_steps_and_are_left_out_where_others_are_found() -> None:
    long = dict.fromkeys(SHARES, 720.0)
    layout = Layout.guess(900.0, 720.0)
    assert layout.steps == MIN_STEPS
    assert layout.longest < 720.0
    five = layout.fit(shortlists({"match": 2, "guide": 1, "target": 2}, long), SHARES)
    assert five.steps == MIN_STEPS
    assert five.suits(shortlists({"match": 2, "guide": 1, "target": 2}, long)), "fewer there cannot be"


@pytest.mark.parametrize(
    "wanted", [{"a": 0.01, "b": 0.01, "c": 9.0}, {"a": 3.0, "b": 3.0, "c": 3.0}, {"a": 1e-9, "b": 5.0}]
)
@pytest.mark.parametrize("steps", [5, 6, 17])
def test_every_stage_has_a_step_and_none_is_lost(wanted: dict[str, float], steps: int) -> None:
    shared = apportion(steps, wanted)
    assert sum(shared.values()) == steps
    assert min(shared.values()) >= 1


def forget_own(graph: Graph) -> None:
    do(graph, "MATCH (n:!Individual) WHERE n.id STARTS WITH 'own-' OR n:Journey OR n:Step DETACH DELETE n")
    graph.write(lambda transaction: transaction.rows("load/catalogue"))
    SearchIndex(graph).repair()


@pytest.fixture(params=sample(list(MIXES), 1))
def mixed(request: pytest.FixtureRequest, planner: Planner) -> Iterator[Planner]:
    """Beside the catalogue 3,000 tracks like its own, but of other lengths."""
    graph, lengths = planner.get_graph(), list(MIXES[request.param])
    for start in range(0, 3000, 500):
        do(
            graph,
            f"""MATCH (like:Track) WHERE NOT like.id STARTS WITH 'own-'
            WITH like ORDER BY like.id WITH collect(like) AS likes
            UNWIND range({start}, {start + 499}) AS number
            WITH number, likes[number * 7 % size(likes)] AS like, right('0000' + number, 5) AS name,
                 {lengths}[number % {len(lengths)}] * (0.9 + 0.02 * (number % 11)) AS seconds
            CREATE (t:Track)
            SET t = like {{.*, id: 'own-' + name, stamp: null, seconds: seconds}}
            CREATE (t)-[:PERFORMS]->(:Work {{id: 'own-w' + name, title: name}})
                      -[:BY]->(:Artist {{id: 'own-a' + name, name: name}})""",
        )
    graph.write(lambda transaction: transaction.rows("load/catalogue"))
    yield planner
    forget_own(graph)


def minutes_of(answer: Journey) -> dict[str, float]:
    return {stage: sum(step.seconds for step in steps) / 60 for stage, steps in answer.stages}


@pytest.mark.graph
@pytest.mark.proof
def test_any_mix_of_lengths_fills_the_minutes_with_stages_in_their_shares(mixed: Planner) -> None:
    asked = [
        (e, g, m) for m in (15, 24, 45, 60) for e, g in (("sadness", "calm"), ("joy", "lift"), ("surprise", "focus"))
    ]
    for emotion, goal, minutes in sample(asked, 3):
        request = Request(feel=(emotion,), goal=goal, goal_chosen=True, minutes=minutes, seed=1)
        answer = planned_journey(mixed, request)
        stages = minutes_of(answer)
        assert sum(stages.values()) == pytest.approx(minutes, rel=0.1), (emotion, goal, minutes)
        assert "minutes-missed" not in {notice.id for notice in answer.notices}
        if emotion == "joy":  # no dose holds: every stage has a third
            assert all(abs(time / minutes - 1 / 3) <= 0.2 for time in stages.values()), (stages, minutes)
        assert len(answer.steps) >= MIN_STEPS


@pytest.mark.graph
def test_where_all_tracks_are_long_five_of_them_win_over_the_minutes(planner: Planner) -> None:
    graph = planner.get_graph()
    do(graph, "MATCH (t:Track) SET t.was = t.seconds, t.seconds = 720.0 + t.seconds / 10")
    graph.write(lambda transaction: transaction.rows("load/catalogue"))
    try:
        answer = planned_journey(planner, Request(feel=("joy",), goal="lift", goal_chosen=True, minutes=15, seed=1))
        assert len(answer.steps) == MIN_STEPS
        [told] = [notice.text for notice in answer.notices if notice.id == "minutes-missed"]
        assert "5 fitting tracks" in told
        long = planned_journey(planner, Request(feel=("joy",), goal="lift", goal_chosen=True, minutes=90, seed=1))
        assert sum(minutes_of(long).values()) == pytest.approx(90, rel=0.1)
    finally:
        do(graph, "MATCH (t:Track) WHERE t.was IS NOT NULL SET t.seconds = t.was REMOVE t.was")
        graph.write(lambda transaction: transaction.rows("load/catalogue"))
        SearchIndex(graph).repair()
