"""Saved questions: each runs as it stands, through the analysts' own door, and answers what it says."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from itertools import pairwise
from statistics import mean, stdev
from typing import Any

import pytest

from engine.errors import QueryError, UsageError
from engine.graph import Graph, Row
from engine.queries import Queries, Query
from engine.questions import SavedQuestion, SavedQuestions, fill_params, has_type
from engine.settings import CYPHER_DIR, SEED_DIR
from engine.store.catalogue import Catalogue
from engine.use_cases.query import read_query_rows
from tests.helpers.asking import do
from tests.helpers.shipped import shipped_ontology

QUERIES = Queries.load(CYPHER_DIR)
QUESTIONS = SavedQuestions.from_queries(QUERIES)
TRACKS: dict[str, Any] = {str(row["track_id"]): row for row in Catalogue.read(SEED_DIR).tracks}
PLAYED = sorted(TRACKS)[::400][:4]
"""Four tracks that the journeys below play."""

# id, goal, day, tracks, mood before and after (valence, arousal), what was said of each track, and what was read
JOURNEYS: tuple[tuple[Any, ...], ...] = (
    ("q1", "calm", "2026-09-01", PLAYED[:3], ((-0.5, 0.5), (0.1, -0.1)), (1.0, 0.0, -1.0), {"fear": 0.8}),
    ("q2", "calm", "2026-09-01", PLAYED[:3], ((-0.2, 0.4), (0.2, 0.0)), (1.0, 0.0, 1.0), {"fear": 0.4}),
    ("q3", "calm", "2026-09-02", PLAYED[1:4], ((-0.4, 0.6), (0.4, -0.3)), (), {}),
    ("q4", "sleep", "2026-10-05", PLAYED[:1], None, (), {"sadness": 0.6}),
    ("q5", "sleep", "2026-10-06", PLAYED[3:4], None, (), {}),
)
RULE = "distress-silences-tension"


def write_journeys(graph: Graph) -> None:
    """The journeys above, with feedback as the service writes it: numbers, which can be written over when erased."""
    do(graph, "MATCH (n:Journey|Step) DETACH DELETE n")
    for number, (id_, goal, day, tracks, mood, verdicts, read) in enumerate(JOURNEYS, 1):
        facts: dict[str, Any] = {
            "minutes": 3.0 * len(tracks),
            "max_step": 0.1 * number,
            "share_of_bound": 0.9,
            "seed": 1,
        }
        if mood:
            (facts["valence_before"], facts["arousal_before"]), (facts["valence_after"], facts["arousal_after"]) = mood
        told = ", ".join(f"{name}: {value}" for name, value in facts.items())
        do(
            graph,
            f"""MATCH (v:Version {{current: true}}), (g:Goal {{id: '{goal}'}})
                CREATE (j:Journey {{id: '{id_}', goal: g.id, day: date('{day}'), number: {number}, {told}}}),
                       (j)-[:UNDER]->(v), (j)-[:LEADS_TO]->(g)""",
        )
        for sign, score in read.items():
            pair = f"(j:Journey {{id: '{id_}'}}), (s:Sign {{id: '{sign}'}})"
            do(graph, f"MATCH {pair} CREATE (j)-[:READ {{score: {score}}}]->(s)")
        for position, track in enumerate(tracks, 1):
            stage = ("match", "guide", "target")[position - 1]
            verdict = f", verdict: {verdicts[position - 1]}" if verdicts else ""
            rules = f"WITH step MATCH (r:Rule {{id: '{RULE}'}}) CREATE (step)-[:ALLOWED_BY]->(r)" if read else ""
            do(
                graph,
                f"""MATCH (j:Journey {{id: '{id_}'}}), (t:Track {{id: "{track}"}}), (s:Stage {{id: '{stage}'}})
                    CREATE (j)-[:HAS_STEP {{position: {position}}}]->(step:Step {{position: {position}{verdict}}}),
                           (step)-[:PLAYS]->(t), (step)-[:IN]->(s)
                    {rules}""",
            )


@pytest.fixture(scope="module")
def graph(shipped_graph: Graph) -> Iterator[Graph]:
    """What is shipped, with five journeys."""
    do(shipped_graph, "MATCH (n:Journey|Step) DETACH DELETE n")
    write_journeys(shipped_graph)
    yield shipped_graph
    do(shipped_graph, "MATCH (n:Journey|Step) DETACH DELETE n")


def asked(graph: Graph, name: str, **params: object) -> list[Row]:
    return list(read_query_rows(graph, QUESTIONS[name].query.name, params).rows)


def by(rows: list[Row], *keys: str) -> dict[Any, Row]:
    found = {tuple(row[key] for key in keys) if len(keys) > 1 else row[keys[0]]: row for row in rows}
    assert len(found) == len(rows), "one row of each"
    return found


def point(weights: Mapping[str, float]) -> tuple[float, float]:
    total = sum(weights.values())
    told: dict[str, Any] = {id_: shipped_ontology()[id_].properties for id_ in weights}
    return (
        sum(weight * told[id_]["music_valence"] for id_, weight in weights.items()) / total,
        sum(weight * told[id_]["music_arousal"] for id_, weight in weights.items()) / total,
    )


def coverage(graph: Graph) -> None:
    rows = by(asked(graph, "coverage"), "emotion", "stage")
    assert {stage for _, stage in rows} == {"match", "guide", "target"}
    assert len({emotion for emotion, _ in rows}) >= 20
    fear = rows["fear", "match"]
    plane = graph.read_table("MATCH (t:Track) RETURN t.valence AS v, t.arousal AS a", {}, "test", 10_000, 20).rows
    near = [1 for row in plane if math.dist((row["v"], row["a"]), (fear["valence"], fear["arousal"])) <= 0.25]
    assert fear["tracks"] == len(near)
    assert fear["share"] == pytest.approx(len(near) / len(TRACKS))
    # The later the stage, the nearer the goal, wherever the way began.
    goal = point({"peacefulness": 1.0})
    for emotion in {emotion for emotion, _ in rows}:
        away = [
            math.dist((rows[emotion, stage]["valence"], rows[emotion, stage]["arousal"]), goal)
            for stage in ("match", "guide", "target")
        ]
        assert away == sorted(away, reverse=True)
    assert asked(graph, "coverage", reach=4.0)[0]["share"] == 1.0
    assert asked(graph, "coverage", goal="no-goal") == []


def rules_never_used(graph: Graph) -> None:
    rows = by(asked(graph, "rules_never_used"), "rule_id")
    published = {rule.id for rule in shipped_ontology().of("Rule") if rule.properties["status"] == "published"}
    assert set(rows) == published - {RULE}
    assert rows["even-loudness"]["journeys"] == 3, "of those that kept a reading"
    for row in rows.values():
        if row["goals"] == ["sleep"]:
            assert row["journeys"] == 1


def mood_change_by_goal(graph: Graph) -> None:
    rows = by(asked(graph, "mood_change_by_goal"), "goal", "axis")
    assert set(rows) == {("calm", "valence"), ("calm", "arousal")}
    changes = [0.6, 0.4, 0.8]
    row = rows["calm", "valence"]
    assert (row["journeys"], row["mean"]) == (3, pytest.approx(mean(changes)))
    reach = 4.303 * stdev(changes) / math.sqrt(3)  # Student's t at .975 with two degrees of freedom
    assert row["high"] - row["mean"] == pytest.approx(reach, rel=0.05)
    assert row["mean"] - row["low"] == pytest.approx(row["high"] - row["mean"])
    assert rows["calm", "arousal"]["mean"] < 0
    assert asked(graph, "mood_change_by_goal", least=4) == []


def skips_by_rule(graph: Graph) -> None:
    [row] = asked(graph, "skips_by_rule")
    assert (row["rule_id"], row["told"], row["skipped"], row["share"]) == (RULE, 6, 3, 0.5)
    assert (row["low"], row["high"]) == (pytest.approx(0.188, abs=1e-3), pytest.approx(0.812, abs=1e-3))  # Wilson
    assert asked(graph, "skips_by_rule", least=7) == []


def tracks_skipped(graph: Graph) -> None:
    rows = by(asked(graph, "tracks_skipped"), "track_id")
    assert {id_: (row["told"], row["skipped"], row["never"]) for id_, row in rows.items()} == {
        PLAYED[1]: (2, 2, 0),
        PLAYED[2]: (2, 1, 1),
    }


def drift_of_readings(graph: Graph) -> None:
    rows = by(asked(graph, "drift_of_readings", least=1), "month", "sign")
    assert set(rows) == {("2026-09", "fear"), ("2026-10", "sadness")}
    assert rows["2026-09", "fear"]["mean"] == pytest.approx(0.6)
    assert rows["2026-09", "fear"]["journeys"] == 2, "the third of that month kept no reading"
    assert asked(graph, "drift_of_readings") == [], "a month of two journeys tells of persons, not of a drift"


def feelings_by_goal(graph: Graph) -> None:
    rows = by(asked(graph, "feelings_by_goal"), "goal", "sign")
    assert {key: (row["journeys"], row["read"], row["share"]) for key, row in rows.items()} == {
        ("calm", "fear"): (2, 2, 1.0),
        ("sleep", "sadness"): (1, 1, 1.0),
    }


def sameness_of_journeys(graph: Graph) -> None:
    rows = by(asked(graph, "sameness_of_journeys"), "goal")
    assert rows["sleep"]["shared"] == 0
    # Pairs q1-q2 share three, the other two pairs two each.
    assert rows["calm"]["shared"] == pytest.approx((3 + 2 + 2) / 3)
    assert rows["calm"]["share"] == pytest.approx(7 / 9)
    assert (rows["calm"]["tracks"], rows["calm"]["different"]) == (3.0, 4)


def tracks_never_chosen(graph: Graph) -> None:
    rows = by(asked(graph, "tracks_never_chosen"), "why")
    assert sum(row["tracks"] for row in rows.values()) == len(TRACKS) - len(PLAYED)
    assert sum(row["share"] for row in rows.values()) == pytest.approx(1 - len(PLAYED) / len(TRACKS))
    assert not {id_ for row in rows.values() for id_ in row["examples"]} & set(PLAYED)
    [far] = [row for why, row in rows.items() if "far" in why]
    wider = by(asked(graph, "tracks_never_chosen", reach=4.0, examples=1), "why")
    assert far["tracks"] > 0
    assert far["why"] not in wider
    assert all(len(row["examples"]) == 1 for row in wider.values())


def evidence_by_grade(graph: Graph) -> None:
    rows = by(asked(graph, "evidence_by_grade"), "about", "grade")
    told = Counter((one.properties["about"], one.properties["grade"]) for one in shipped_ontology().of("Claim"))
    assert {key: row["claims"] for key, row in rows.items()} == told
    sources = {
        target
        for one in shipped_ontology().of("Claim")
        if (one.properties["about"], one.properties["grade"]) == ("direction", "A")
        for name, target in one.links
        if name == "supportedBy"
    }
    assert rows["direction", "A"]["sources"] == len(sources)


def claims_challenged(graph: Graph) -> None:
    rows = by(asked(graph, "claims_challenged"), "claim_id")
    assert set(rows) == {one.id for one in shipped_ontology().of("Claim") if "challengedBy" in dict(one.links)}
    assert all(row["challenge"] and row["made_by"] for row in rows.values())


def hubness(graph: Graph) -> None:
    rows = asked(graph, "hubness", sample=60)
    assert [row["found"] for row in rows] == sorted((row["found"] for row in rows), reverse=True)
    assert rows[0]["times"] > 1, "somebody is above the mean"
    assert rows[0]["expected"] == pytest.approx(60 * 9 / len(TRACKS))
    assert max(row["found"] for row in rows) <= 60


def nearest_tracks(graph: Graph) -> None:
    rows = asked(graph, "nearest_tracks", track_id=PLAYED[1])
    assert len(rows) == 10
    assert {row["asked"] for row in rows} == {PLAYED[1]}
    assert PLAYED[1] not in {row["track_id"] for row in rows}
    near = [row["similarity"] for row in rows]
    assert near == sorted(near, reverse=True)
    assert near[0] > 0.9
    assert all(row["same_work"] == (TRACKS[row["track_id"]]["work_id"] == TRACKS[PLAYED[1]]["work_id"]) for row in rows)
    assert asked(graph, "nearest_tracks")[0]["asked"] == min(TRACKS)


def share_of_collections(graph: Graph) -> None:
    rows = by(asked(graph, "share_of_collections"), "collection")
    told = Counter(row["source"].removeprefix("music21:").split("/")[0] for row in TRACKS.values())
    assert {key: row["tracks"] for key, row in rows.items()} == told
    assert sum(row["share"] for row in rows.values()) == pytest.approx(1)
    assert sum(row["plays"] for row in rows.values()) == 11
    assert sum(row["played"] for row in rows.values()) == pytest.approx(1)


def rules_by_stage(graph: Graph) -> None:
    rows = by(asked(graph, "rules_by_stage"), "stage", "tier")
    assert {stage for stage, _ in rows} == {"match", "guide", "target"}
    everywhere = {
        rule.id for rule in shipped_ontology().of("Rule")
        if "every-stage" in dict(rule.links).values() and rule.properties["tier"] == "safety"
    }  # fmt: skip
    for stage in ("match", "guide", "target"):
        assert everywhere <= set(rows[stage, "safety"]["rule_ids"])
    assert all(row["rules"] == len(row["rule_ids"]) for row in rows.values())


def rules_that_give_way(graph: Graph) -> None:
    rows = {(row["rule_id"], row["gives_way"]) for row in asked(graph, "rules_that_give_way")}
    assert rows == {
        (one.id, target) for one in shipped_ontology().of("Rule") for name, target in one.links if name == "overrides"
    }


def unused_descriptors(graph: Graph) -> None:
    assert asked(graph, "unused_descriptors") == [], "every descriptor that ships is used"
    do(graph, "CREATE (:Descriptor {id: 'idle', text: 'soft, even'})")
    try:
        assert [row["descriptor_id"] for row in asked(graph, "unused_descriptors")] == ["idle"]
    finally:
        do(graph, "MATCH (d:Descriptor {id: 'idle'}) DELETE d")


def distribution_of_a_cue(graph: Graph) -> None:
    rows = asked(graph, "distribution_of_a_cue", bins=7)
    assert len(rows) == 7
    assert sum(row["tracks"] for row in rows) == len(TRACKS)
    tempos = [row["tempo"] for row in TRACKS.values()]
    assert (rows[0]["low"], rows[-1]["high"]) == (pytest.approx(min(tempos)), pytest.approx(max(tempos)))
    assert rows[1]["low"] / rows[0]["low"] == pytest.approx(rows[2]["low"] / rows[1]["low"]), "ratios on a log scale"
    levels = asked(graph, "distribution_of_a_cue", cue="level", bins=4)
    assert levels[1]["low"] - levels[0]["low"] == pytest.approx(levels[2]["low"] - levels[1]["low"])
    assert sum(row["tracks"] for row in levels) == len(TRACKS)


def tempo_gaps(graph: Graph) -> None:
    rows = asked(graph, "tempo_gaps")
    tempos = sorted({row["tempo"] for row in TRACKS.values()})
    wide = [(a, b) for a, b in pairwise(tempos) if math.log2(b / a) >= 0.02]
    assert {(row["slower"], row["faster"]) for row in rows} == set(wide)
    assert rows[0]["octaves"] == pytest.approx(max(math.log2(b / a) for a, b in wide))


def tracks_withheld(graph: Graph) -> None:
    def withheld() -> dict[tuple[str, str], int]:
        return {(row["rule_id"], row["trait"]): row["tracks"] for row in asked(graph, "tracks_withheld")}

    assert withheld()["exclude-vetoed-music", "vetoed"] == 0
    do(graph, f'MATCH (t:Track {{id: "{PLAYED[0]}"}}) SET t.traits = ["vetoed", "imagery"]')
    try:
        assert withheld()["exclude-vetoed-music", "vetoed"] == 1
        assert withheld()["trauma-even-and-chosen", "imagery"] == 1
    finally:
        do(graph, f'MATCH (t:Track {{id: "{PLAYED[0]}"}}) SET t.traits = []')


def journeys_per_day(graph: Graph) -> None:
    rows = by(asked(graph, "journeys_per_day"), "day", "goal")
    assert rows[date(2026, 9, 1), "calm"]["journeys"] == 2
    assert rows[date(2026, 9, 1), "calm"]["minutes"] == 18
    assert len(rows) == 4


def journeys(graph: Graph) -> None:
    rows = by(asked(graph, "journeys"), "journey_id")
    assert [row["number"] for row in rows.values()] == [1, 2, 3, 4, 5]
    assert [step["track_id"] for step in rows["q3"]["steps"]] == PLAYED[1:4]
    assert rows["q1"]["reading"] == [{"sign": "fear", "score": 0.8}]
    assert rows["q1"]["steps"][0]["rule_ids"] == [RULE]
    assert rows["q3"]["reading"] == [], "not kept, so not told"
    assert rows["q3"]["steps"][0]["rule_ids"] == []
    assert [row["journey_id"] for row in asked(graph, "journeys", goal="sleep", since="2026-10-06")] == ["q5"]


def quality_by_goal(graph: Graph) -> None:
    rows = by(asked(graph, "quality_by_goal"), "goal")
    assert rows["calm"]["max_step"] == pytest.approx(mean([0.1, 0.2, 0.3]))
    assert rows["calm"]["monotonicity"] is None, "no journey tells one"
    assert (rows["calm"]["journeys"], rows["sleep"]["journeys"]) == (3, 2)


def length_of_stages(graph: Graph) -> None:
    rows = by(asked(graph, "length_of_stages"), "goal", "stage")
    assert rows["calm", "guide"]["steps"] == 1
    assert rows["sleep", "match"]["share"] == 1
    assert sum(row["share"] for (goal, _), row in rows.items() if goal == "calm") == pytest.approx(1)
    seconds = [TRACKS[id_]["seconds"] for id_ in (PLAYED[0], PLAYED[0], PLAYED[1])]
    assert rows["calm", "match"]["minutes"] == pytest.approx(mean(seconds) / 60)


def sound_of_scales(graph: Graph) -> None:
    rows = by(asked(graph, "sound_of_scales"), "scale", "cue")
    assert len({scale for scale, _ in rows}) == 9
    tempo: Mapping[str, Any] = shipped_ontology()["tempo"].properties
    row = rows["joyful-activation", "tempo"]
    assert row["deviation"] == pytest.approx(math.log2(row["best"] / tempo["center"]) / tempo["spread"])
    assert rows["joyful-activation", "tempo"]["deviation"] > rows["peacefulness", "tempo"]["deviation"]


def tracks_on_the_plane(graph: Graph) -> None:
    rows = asked(graph, "tracks_on_the_plane", squares=2)
    assert {abs(row["valence"]) for row in rows} == {0.5}
    assert sum(row["tracks"] for row in rows) == len(TRACKS)
    assert sum(row["plays"] for row in rows) == 11


def instruments(graph: Graph) -> None:
    rows = by(asked(graph, "instruments"), "instrument")
    assert {key: row["tracks"] for key, row in rows.items()} == Counter(row["instrument"] for row in TRACKS.values())
    assert sum(row["plays"] for row in rows.values()) == 11


def way_to_goals(graph: Graph) -> None:
    rows = by(asked(graph, "way_to_goals"), "emotion", "goal")
    assert {goal for _, goal in rows} == {goal.id for goal in shipped_ontology().of("Goal")}
    assert all(row["distance"] == pytest.approx(math.hypot(row["valence"], row["arousal"])) for row in rows.values())
    assert rows["fear", "calm"]["arousal"] < 0, "calm lies below fear"
    assert rows["fear", "calm"]["distance"] > rows["relief", "calm"]["distance"]


def steps_of_a_journey(graph: Graph) -> None:
    assert {row["journey_id"] for row in asked(graph, "steps_of_a_journey")} == {"q5"}, "the last one"
    rows = asked(graph, "steps_of_a_journey", journey_id="q3")
    assert [(row["position"], row["stage"], row["track_id"]) for row in rows] == [
        (1, "match", PLAYED[1]), (2, "guide", PLAYED[2]), (3, "target", PLAYED[3])
    ]  # fmt: skip
    assert rows[0]["tempo"] == TRACKS[PLAYED[1]]["tempo"]


def reasons_of_a_journey(graph: Graph) -> None:
    [row] = asked(graph, "reasons_of_a_journey")
    assert (row["journey_id"], row["rule_id"], row["signs"]) == ("q4", RULE, []), "its conditions are not on sadness"
    assert "Sandstrom2010" in row["evidence"]
    rows = asked(graph, "reasons_of_a_journey", journey_id="q1")
    assert [(row["position"], row["signs"]) for row in rows] == [(1, ["fear"]), (2, ["fear"]), (3, ["fear"])]
    assert asked(graph, "reasons_of_a_journey", journey_id="q3") == [], "it was kept without its reading"


MEANINGS: Mapping[str, Callable[[Graph], None]] = {
    check.__name__: check
    for check in (
        claims_challenged, coverage, distribution_of_a_cue, drift_of_readings, evidence_by_grade, feelings_by_goal,
        hubness, instruments, journeys, journeys_per_day, length_of_stages, mood_change_by_goal, nearest_tracks,
        quality_by_goal, reasons_of_a_journey, rules_by_stage, rules_never_used, rules_that_give_way,
        sameness_of_journeys,
        share_of_collections, skips_by_rule, sound_of_scales,
        steps_of_a_journey, tempo_gaps, tracks_never_chosen,
        tracks_on_the_plane, tracks_skipped, tracks_withheld, unused_descriptors, way_to_goals,
    )
}  # fmt: skip
"""Question -> what its answer must say of the journeys above and of what ships."""


def test_every_question_has_a_test_of_its_meaning() -> None:
    assert set(MEANINGS) == {query.name.removeprefix("questions/") for query in QUERIES.list_folder("questions")}
    assert len(QUESTIONS) == len(MEANINGS) + len(QUERIES.list_folder("analytics")) >= 20


@pytest.mark.graph
@pytest.mark.parametrize("name", MEANINGS)
def test_a_question_answers_what_it_says(name: str, graph: Graph) -> None:
    MEANINGS[name](graph)


@pytest.mark.graph
@pytest.mark.parametrize("question", QUESTIONS.values(), ids=lambda question: question.name)
def test_an_answer_keeps_its_promise(question: SavedQuestion, graph: Graph) -> None:
    table = read_query_rows(graph, question.query.name)
    assert table.columns == tuple(column.name for column in question.query.columns)
    assert not table.more, "the door's own limit cuts nothing off"
    for column in question.query.columns:
        assert all(has_type(row[column.name], column.type) for row in table.rows), column
        assert column.type != "INTEGER" or all(type(row[column.name]) in (int, type(None)) for row in table.rows)
    told = question.as_json()
    assert told["example"].startswith(f"isopath query --saved {question.name}")
    assert question.query.title != question.name


SOUND = """CYPHER 25
// Tracks of a tempo. One row per track.
//
// title   Fast tracks
// chart   bar  x=id y=tempo
// param   least  FLOAT = 100.0  BPM
// column  id     STRING
// column  tempo  FLOAT
MATCH (track:Track) WHERE track.tempo >= $least
RETURN track.id AS id, track.tempo AS tempo
"""


def test_a_question_is_read() -> None:
    question = SavedQuestion.from_query(Query.read("questions/fast", SOUND))
    assert (question.name, question.query.title, question.chart.kind) == ("fast", "Fast tracks", "bar")
    assert question.chart.axes == {"x": "id", "y": "tempo"}
    assert question.example == "isopath query --saved fast --param least=100.0"
    assert question.as_json()["params"] == [{"name": "least", "type": "FLOAT", "default": 100.0, "text": "BPM"}]


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ("// title   Fast tracks\n", "", "has no title"),
        (" = 100.0", "", "param 'least' has no default"),
        (" = 100.0", " = fast", "param 'least' has no default"),
        ("y=tempo", "y=speed", "has no chart"),
        (" y=tempo", "", "has no chart"),
        ("bar", "pie", "has no chart"),
        ("// chart   bar  x=id y=tempo\n", "", "has no chart"),
    ],
)
def test_a_question_that_lacks_something_is_told(before: str, after: str, fault: str) -> None:
    assert before in SOUND
    with pytest.raises(QueryError, match=re.escape(fault)):
        SavedQuestion.from_query(Query.read("questions/fast", SOUND.replace(before, after, 1)))


def test_params_are_checked_and_defaults_fill_the_rest() -> None:
    query = Query.read("questions/fast", SOUND)
    assert fill_params(query, {}) == {"least": 100.0}
    assert fill_params(query, {"least": 90}) == {"least": 90.0}
    with pytest.raises(UsageError, match="'least' is not of type FLOAT") as caught:
        fill_params(query, {"least": "my mother"})
    assert "mother" not in str(caught.value)
    with pytest.raises(UsageError, match="is given a param that it does not take") as caught:
        fill_params(query, {"my mother": 1})
    assert "mother" not in str(caught.value)
    bare = Query.read("questions/fast", SOUND.replace(" = 100.0", ""))
    with pytest.raises(UsageError, match=r"needs \$least"):
        fill_params(bare, {})


def test_a_name_that_is_nearly_right_gets_a_hint() -> None:
    with pytest.raises(UsageError, match="no saved question") as caught:
        QUESTIONS["rules_by_stages"]
    assert "rules_by_stage" in caught.value.repair
    assert QUESTIONS["questions/rules_by_stage"] is QUESTIONS["rules_by_stage"]
