"""Which rules hold: the query decides it, and the checks and the reading, which ask no graph, say the same."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.reasoning.planner import Planner
from engine.reasoning.reading import weigh_scales
from engine.rules.checks.holding import Rulebook
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
