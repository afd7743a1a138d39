"""Which rules hold: the query decides it, and the checks and the reading, which ask no graph, say the same."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.journey import Request
from engine.reasoning.planner import Planner
from engine.reasoning.reading import extract_meaning, weigh_scales
from engine.rules.checks.holding import Rulebook
from tests.helpers.asking import do, values
from tests.helpers.planning import planned_journey
from tests.helpers.shipped import shipped_ontology

pytestmark = pytest.mark.graph

ONTOLOGY = shipped_ontology()
BOOK = Rulebook(ONTOLOGY)
SIGNS = sorted(i.id for kind in ("Emotion", "Marker", "Context", "Signal") for i in ONTOLOGY.of(kind))
GOALS = sorted(goal.id for goal in ONTOLOGY.of("Goal"))
READ_AS = """CYPHER 25 MATCH (sign:Sign)-[:READ_AS]->(mapping:Mapping)-[:TO]->(scale:Scale)
WHERE $scores[sign.id] >= coalesce($levels[sign.id].present, 0.5)
  AND all(under IN [(mapping)-[:UNDER]->(rule) | rule.id] WHERE under IN $rules)
RETURN scale.id AS scale, sum($scores[sign.id] * mapping.share) AS weight"""


@given(
    levels=st.dictionaries(st.sampled_from(SIGNS), st.sampled_from(["present", "strong"]), max_size=6),
    goal=st.sampled_from(GOALS),
)
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_the_query_and_those_without_a_graph_say_the_same(planner: Planner, levels: dict[str, str], goal: str) -> None:
    known = planner.reader.levels
    scores = {sign: known[sign][level] if sign in known else 1.0 for sign, level in levels.items()}
    strong = [sign for sign, level in levels.items() if level == "strong" or sign not in known]
    all_scores = {**dict.fromkeys(known, 0.0), **scores}
    given_ = {"scores": all_scores, "levels": known}
    rows = planner.get_graph().rows("journey/holding_rules", **given_, goal=goal, within=0.0, without=[])
    in_force = {row["rule_id"] for row in rows if row["holds"] and not row["overridden_by"]}
    assert in_force == {rule.id for rule in BOOK.find_holding(BOOK.suppose(levels, strong), goal)}
    read = planner.get_graph().read_table(READ_AS, {**given_, "rules": sorted(in_force)}, "test", 20, 20.0).rows
    scales = weigh_scales(planner.reader.meaning, all_scores, known)
    assert {row["scale"]: round(min(1.0, row["weight"]), 4) for row in read} == scales


def test_what_nearly_holds_says_what_it_lacks_and_what_defeats_it(planner: Planner) -> None:
    levels = planner.reader.levels
    scores = dict.fromkeys(levels, 0.0) | {"sadness": levels["sadness"]["present"] - 0.01}

    def found(scores: dict[str, float]) -> dict[str, tuple[bool, list[str], list[str]]]:
        rows = planner.get_graph().rows(
            "journey/holding_rules", scores=scores, levels=levels, goal="calm", within=0.05, without=[]
        )
        return {row["rule_id"]: (row["holds"], row["missing"], row["defeated"]) for row in rows}

    holds, missing, defeated = found(scores)["sadness-met-then-moved"]
    assert (holds, defeated) == (False, [])
    assert "sadness" in missing
    assert "sadness-met-then-moved" not in found(dict.fromkeys(levels, 0.0))
    surprised = dict.fromkeys(levels, 0.0) | {"surprise": 1.0, "joy": 1.0, "fear": 1.0}
    holds, missing, defeated = found(surprised)["surprise-as-wonder"]
    assert (holds, missing) == (False, [])
    assert "fear" in defeated


def test_a_rule_that_is_taken_out_gives_way_to_those_it_overrode(planner: Planner) -> None:
    given_ = {"scores": {"child": 1.0}, "levels": planner.reader.levels, "goal": "calm", "within": 0.0}

    def overridden(without: list[str]) -> dict[str, str | None]:
        rows = planner.get_graph().rows("journey/holding_rules", **given_, without=without)
        return {row["rule_id"]: row["overridden_by"] for row in rows}

    assert overridden([])["advise-hearing-adult"] == "advise-hearing-child"
    assert overridden(["advise-hearing-child"])["advise-hearing-adult"] is None


SCORES = [0.5, 0.69, 0.7, 0.8, 0.81, 1.0]


@pytest.mark.parametrize(
    ("numbers", "holding"),
    [("at_least: 0.7", SCORES[2:]), ("at_most: 0.8", SCORES[:4]), ("at_least: 0.7, at_most: 0.8", SCORES[2:4])],
)
def test_a_condition_with_numbers_holds_between_them(planner: Planner, numbers: str, holding: list[float]) -> None:
    """The lower number takes the place of the threshold of its level, which anger of .5 clears."""
    graph, levels = planner.get_graph(), planner.reader.levels
    given_ = {"levels": levels, "goal": "calm", "within": 0.0, "without": []}

    def holds(anger: float) -> bool:
        scores = dict.fromkeys(levels, 0.0) | {"anger": anger}
        rows = graph.rows("journey/holding_rules", scores=scores, **given_)
        return any(row["rule_id"] == "anger-pace-only" and row["holds"] for row in rows)

    asked = Request(scores=dict.fromkeys(levels, 0.0) | {"anger": 0.6}, goal="calm", goal_chosen=True, seed=1)
    alone = replace(planner, persists=False)
    before = [step.track_id for step in planned_journey(alone, asked).steps]
    assert [score for score in SCORES if holds(score)] == SCORES
    [condition] = values(
        graph, "MATCH (:Rule {id: 'anger-pace-only'})-[:WHEN]->(c)-[:ON]->({id: 'anger'}) RETURN c.id AS value"
    )
    named = f"MATCH (c:Condition {{id: '{condition}'}}) "
    do(graph, f"{named} SET c += {{{numbers}}}")
    try:
        assert [score for score in SCORES if holds(score)] == holding
        if "at_least" in numbers:
            assert [step.track_id for step in planned_journey(alone, asked).steps] != before
    finally:
        do(graph, f"{named} REMOVE c.at_least, c.at_most")


def test_the_reading_knows_the_numbers_of_a_condition() -> None:
    """Surprise is read as wonder while a rule holds that is on it: where that rule asks for more, it is not."""
    [mapping] = [m for m in ONTOLOGY.of("Mapping") if "surprise-as-wonder" in m.to("under")]
    [scale] = mapping.to("to")
    levels = {sign: {"present": 0.3, "strong": 0.6} for sign in SIGNS}
    signs = {"surprise": 0.5, "joy": 0.5}
    assert scale in weigh_scales(extract_meaning(ONTOLOGY), signs, levels)
    for numbers in ({"at_least": 0.7}, {"at_most": 0.4}):
        changed = [
            replace(i, properties={**i.properties, **numbers})
            if "Condition" in i.classes and "surprise" in i.to("on")
            else i
            for i in ONTOLOGY.individuals
        ]
        assert scale not in weigh_scales(extract_meaning(replace(ONTOLOGY, individuals=tuple(changed))), signs, levels)
