"""The main path on a real Neo4j with the shipped ontology and catalogue: what every journey must hold."""

import json
from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import cycle, product
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from encoders.base import EncoderUnavailable
from encoders.json_text import json_text
from engine.answers import Journey, Question, Support, Withheld
from engine.errors import UsageError
from engine.graph import Graph, QueryRunner, Row
from engine.journey import Request
from engine.order.layout import Layout
from engine.reasoning.knowledge import Knowledge
from engine.reasoning.planner import Planner
from engine.reasoning.reading import collect_signs, extract_meaning
from engine.reasoning.search import TrackSearch
from engine.reasoning.text_query import QueryEncoder, TextQuery
from engine.reasoning.waypoints import SettledEffects
from engine.store.version import GraphReloaded
from tests.helpers.asking import do, values
from tests.helpers.planning import case_of, planned_journey
from tests.helpers.proofs import PROVING, sample
from tests.helpers.ruling import ruled
from tests.helpers.shipped import shipped_ontology

pytestmark = pytest.mark.graph

ONTOLOGY = shipped_ontology()
EMOTION_IDS = sorted(i.id for i in ONTOLOGY.of("Emotion") if i.id != "neutral")
GOALS = sorted(i.id for i in ONTOLOGY.of("Goal"))
EVERY_PAIR = list(product(EMOTION_IDS, GOALS))
EVERY_ONE = list(zip(EMOTION_IDS, cycle(GOALS), strict=False))
"""Every emotion and every goal, each at least once."""
Floats = NDArray[np.float64]
READ_AS = """CYPHER 25 MATCH (sign:Sign)-[:READ_AS]->(mapping:Mapping)-[:TO]->(scale:Scale)
WHERE $scores[sign.id] >= coalesce($levels[sign.id].present, 0.5)
  AND all(under IN [(mapping)-[:UNDER]->(rule) | rule.id] WHERE under IN $rules)
RETURN scale.id AS scale, sum($scores[sign.id] * mapping.share) AS weight"""
WORDS = "I have an exam tomorrow and I can't stop worrying"


@pytest.fixture(scope="module")
def worried(planner: Planner) -> Journey:
    return planned_journey(planner, Request(WORDS, seed=7))


def asked(
    planner: Planner, emotion: str, goal: str, like: TextQuery | None = None, without: Collection[str] = ()
) -> tuple[list[Row], SettledEffects]:
    """What is asked of each step for one strong emotion alone, and what the rules came to."""
    levels = planner.reader.levels
    knowledge = Knowledge(planner.get_graph(), TrackSearch(planner.get_graph()))
    request = Request(feel=(emotion,), goal=goal, goal_chosen=True)
    case = case_of(planner, knowledge, request, {**dict.fromkeys(levels, 0.0), emotion: levels[emotion]["strong"]})
    if like is not None:
        case = replace(case, facts=replace(case.facts, query_vector=list(like.vector)))
    settled = knowledge.settle_effects(case, [rule for rule in case.in_force if rule.id not in without])
    return knowledge.list_step_targets(
        settled, Layout.guess(60 * case.facts.minutes, case.facts.usual_seconds)
    ), settled


def candidates(planner: Planner, waypoints: Sequence[Row], exactly: bool = False) -> list[Row]:
    """The tracks at each of these waypoints."""
    if exactly:
        return planner.get_graph().rows("journey/candidates_exact", waypoints=waypoints, kept=50)
    return planner.get_graph().rows("journey/candidates", waypoints=waypoints, candidates=200, kept=50)


@pytest.mark.proof
@pytest.mark.parametrize(("emotion", "goal"), EVERY_PAIR if PROVING else EVERY_ONE[::3])
def test_every_emotion_leads_to_every_goal(planner: Planner, emotion: str, goal: str) -> None:
    answer = planned_journey(planner, Request(feel=(emotion,), goal=goal, goal_chosen=True, seed=3))
    steps = answer.steps
    assert len({step.track_id for step in steps}) == len(steps) >= 5
    assert [step.position for step in steps] == list(range(1, len(steps) + 1))
    assert all(step.rule_ids for step in steps)
    assert len({step.because for step in steps}) == len(steps)
    assert answer.quality.max_step <= 0.5
    assert answer.quality.contracts_met == 1.0
    assert answer.quality.monotonicity is None or answer.quality.monotonicity >= 0.8
    assert answer.quality.share_of_bound >= 0.9


@pytest.mark.proof
@pytest.mark.parametrize(
    ("label", "goal", "strength"),
    sample(list(product((*EMOTION_IDS, "neutral"), GOALS, ("present", "strong"))), 60),
)
def test_every_label_present_or_strong_meets_a_rule_or_a_question(
    planner: Planner, label: str, goal: str, strength: str
) -> None:
    levels = planner.reader.levels[label]
    scores = {label: levels[strength]}
    nothing = dict.fromkeys(planner.reader.levels, 0.0)

    def holding(scores: dict[str, float]) -> dict[str, set[str]]:
        signs = collect_signs(planner.reader, planner.reader.make_reading(scores, "not_run"), None, ())
        knowledge = Knowledge(planner.get_graph(), TrackSearch(planner.get_graph()))
        rules = knowledge.find_rules(signs, goal)
        return {rule.id: {e.kind for e in rule.effects} for rule in rules if not rule.overridden_by}

    if planner.reader.make_reading({**nothing, **scores}, "not_run").status != "clear":
        return  # Which feeling it is, is asked.
    always = holding(nothing)
    kinds = set().union(*(kinds for rule, kinds in holding({**nothing, **scores}).items() if rule not in always))
    assert kinds & {"Mirror", "Replace", "Ask"}, f"{label} for {goal} brings only {sorted(kinds)}"


def test_the_answer_is_the_contract(worried: Journey) -> None:
    answer = json.loads(json.dumps(worried.as_json(), allow_nan=False))
    assert answer["outcome"] == "journey"
    assert set(answer) == {
        "outcome", "id", "seed", "goal", "language", "notices", "reading", "rules", "opening", "stages", "quality",
        "provenance",
    }  # fmt: skip
    assert set(answer["reading"]["scores"]) == set(planner_labels())
    assert {stage["id"] for stage in answer["stages"]} == {"match", "guide", "target"}
    step = answer["stages"][0]["steps"][0]
    assert set(step) == {
        "position", "track_id", "title", "artist", "seconds", "cues", "valence", "arousal", "similarity", "cue_fit",
        "rule_ids", "because", "moved", "met",
    }  # fmt: skip
    assert len(step["cues"]) == 12
    assert all(set(claim) >= {"about", "grade", "evidence"} for rule in answer["rules"] for claim in rule["claims"])
    assert all(len(answer["provenance"][name]["sha256"]) == 64 for name in ("emotion_model", "embedding_model"))


def planner_labels() -> list[str]:
    return [*EMOTION_IDS, "neutral"]


def test_the_same_seed_gives_the_same_journey_and_another_seed_another(planner: Planner, worried: Journey) -> None:
    again, other = (planned_journey(planner, Request(WORDS, seed=seed)) for seed in (7, 8))
    assert [step.track_id for step in again.steps] == [step.track_id for step in worried.steps]
    assert [step.track_id for step in other.steps] != [step.track_id for step in worried.steps]
    assert again.id != worried.id


@pytest.mark.parametrize("minutes", [5, 24, 60, 120])
def test_a_journey_fills_the_minutes_asked_for_with_five_tracks_or_more(planner: Planner, minutes: int) -> None:
    answer = planned_journey(
        planner, Request(feel=("sadness",), goal="calm", goal_chosen=True, minutes=minutes, seed=1)
    )
    total = sum(step.seconds for step in answer.steps) / 60
    assert abs(total - minutes) <= 0.1 * minutes
    assert "minutes-missed" not in {notice.id for notice in answer.notices}
    assert len(answer.steps) >= 5


def test_fear_is_never_met_with_tense_music(planner: Planner) -> None:
    answer = planned_journey(planner, Request(feel=("fear",), goal="calm", goal_chosen=True, seed=2))
    met = answer.stages[0][1]
    assert answer.stages[0][0] == "match"
    assert len(met) == 1
    assert all(step.valence > -0.2 for step in answer.steps)
    assert not [step.track_id for step in met if step.valence < 0 < step.arousal]
    assert "distress-silences-tension" in {rule.id for rule in answer.rules}


def test_driving_withholds_calm_and_not_focus(planner: Planner) -> None:
    asleep = Request(feel=("anger",), goal="sleep", goal_chosen=True, contexts=("driving",))
    answer = planner.plan(asleep)
    assert isinstance(answer, Withheld)
    assert answer.rule_ids == ("withhold-sedation-at-the-wheel",)
    assert answer.message
    assert planner.plan(replace(asleep, goal="focus")).outcome == "journey"


def test_a_child_gets_the_lower_hearing_advice(planner: Planner) -> None:
    answer = planned_journey(planner, Request(feel=("joy",), goal="calm", contexts=("child",)))
    notices = {notice.id for notice in answer.notices}
    assert "hearing-child" in notices
    assert "hearing-adult" not in notices
    overridden = {rule.id: rule.overridden_by for rule in answer.rules}
    assert overridden["advise-hearing-adult"] == "advise-hearing-child"


def test_what_the_rules_say_comes_in_the_language_of_the_words(planner: Planner) -> None:
    def advice(text: str) -> str:
        answer = planned_journey(planner, Request(text, feel=("joy",), contexts=("child",), seed=3))
        return {notice.id: notice.text for notice in answer.notices}["hearing-child"]

    assert "儿童" in advice("谢谢你，我今天很开心")
    assert "children" in advice("Thank you, I am so happy today")


def test_a_crisis_is_answered_without_a_graph(planner: Planner) -> None:
    def never() -> Graph:
        raise AssertionError("the graph was asked for")

    answer = replace(planner, get_graph=never).plan(Request("I want to kill myself"))
    assert isinstance(answer, Support)
    assert answer.support["lines"]
    assert answer.as_json()["reading"] is None


def test_an_unclear_text_is_asked_about_once_and_an_answer_ends_it(planner: Planner) -> None:
    asked = planner.plan(Request("The bus leaves at nine from the main square."))
    assert isinstance(asked, Question)
    choices = [choice.id for choice in asked.question.choices]
    assert 2 <= len(choices) <= 4
    assert choices[-1] == "something-else"
    for choice in choices:
        planned_journey(planner, Request("The bus leaves at nine from the main square.", answer=choice, seed=1))


@pytest.mark.parametrize(
    ("request_", "place"),
    [
        (Request(feel=("boredom",)), "--feel"),
        (Request(feel=("joy",), goal="bliss"), "--goal"),
        (Request(feel=("joy",), contexts=("raining",)), "--context"),
        (Request(feel=("joy",), exclude=frozenset({"calm-leans-peaceful"})), "--without"),
        (Request(feel=("joy",), answer="maybe"), "--answer"),
    ],
)
def test_an_unknown_id_is_named_with_what_can_be_chosen(planner: Planner, request_: Request, place: str) -> None:
    with pytest.raises(UsageError, match=place):
        planner.plan(request_)


def test_nothing_a_person_wrote_reaches_the_graph(planner: Planner) -> None:
    secret = "zanzibar"
    planner.plan(Request(f"I am so worried about my {secret}, I cannot stop", seed=5))
    told = planner.get_graph().read_table(
        "CYPHER 25 MATCH (n:Journey|Step) UNWIND keys(n) AS key WITH n[key] AS value "
        "WHERE value IS :: STRING AND value CONTAINS $word RETURN count(*) AS found",
        {"word": secret}, "test", 10, 20.0,
    )  # fmt: skip
    assert [row["found"] for row in told.rows] == [0]


def test_a_journey_is_kept_with_its_steps_and_version_and_its_reasons_only_when_asked(planner: Planner) -> None:
    worried, plain = (planned_journey(planner, Request(WORDS, seed=7, keep_reading=asked)) for asked in (True, False))
    replace(planner, persists=False).plan(Request(WORDS, seed=7))
    signs = len(worried.reading.scores) + len(worried.reading.markers)
    told = planner.get_graph().read_table(
        "CYPHER 25 UNWIND $ids AS id MATCH (j:Journey {id: id}) RETURN id, COUNT { (j)-[:HAS_STEP]->()-[:PLAYS]->() } "
        "AS plays, COUNT { (j)-[:HAS_STEP]->()-[:ALLOWED_BY]->() } > 0 AS reasons, COUNT { (j)-[:READ]->() } AS signs",
        {"ids": [worried.id, plain.id]}, "test", 100, 20.0,
    ).rows  # fmt: skip
    assert [list(row.values()) for row in told] == [
        [worried.id, len(worried.steps), True, signs], [plain.id, len(plain.steps), False, 0]
    ]  # fmt: skip
    assert worried.reading.scores["nervousness"] > 0.5
    rows = planner.get_graph().read_table(
        "CYPHER 25 MATCH (j:Journey {id: $id})-[:UNDER]->(v:Version), (j)-[:HAS_STEP]->(s)-[:PLAYS]->(t:Track) "
        "RETURN v.id AS version, s.position AS position, s.cue_fit AS cue_fit, t.id AS track, "
        "[(s)-[:ALLOWED_BY]->(r) | r.id] AS rules, [(s)-[:IN]->(x:Stage) | x.id] AS stages ORDER BY position",
        {"id": worried.id}, "test", 100, 20.0,
    ).rows  # fmt: skip
    assert [row["track"] for row in rows] == [step.track_id for step in worried.steps]
    assert [row["cue_fit"] for row in rows] == [step.cue_fit for step in worried.steps]
    assert [sorted(row["rules"]) for row in rows] == [sorted(step.rule_ids) for step in worried.steps]
    assert {row["version"] for row in rows} == {worried.provenance.version}


@pytest.mark.parametrize("emotion", ["nervousness", "sadness", "joy", "surprise"])
@pytest.mark.parametrize("goal", ["calm", "lift"])
def test_where_nothing_leans_the_profile_is_asked(planner: Planner, emotion: str, goal: str) -> None:
    waypoints, settled = asked(planner, emotion, goal)
    first, stage = waypoints[0], waypoints[0]["stage"]
    leant = {effect["of"] for effect in settled.select_stage(stage) if effect["kind"] == "Lean"}
    begins = {row["cue"]: row for row in settled.profile if row["stage"] == stage}
    assert {ask["cue"] for ask in first["asked"]} == begins.keys()
    free = [ask for ask in first["asked"] if ask["cue"] not in leant]
    assert free
    for ask in free:
        start, end = begins[ask["cue"]]["start"], begins[ask["cue"]]["via"] or begins[ask["cue"]]["goal"]
        way = start["best"] + first["progress"] * (end["best"] - start["best"])
        assert ask["best"] == pytest.approx(way, rel=1e-6, abs=1e-9)


def test_a_leaning_leads_by_its_weight_and_counts_more(planner: Planner) -> None:
    """Calm's target leans on its level: asked is so far from the profile to it as its share says."""
    waypoints, settled = asked(planner, "sadness", "calm")
    last, [lean] = (
        waypoints[-1],
        [e for e in settled.select_stage("target") if e["kind"] == "Lean" and e["of"] == "level"],
    )
    ask = next(ask for ask in last["asked"] if ask["cue"] == "level")
    [profile] = [row for row in settled.profile if row["stage"] == "target" and row["cue"] == "level"]
    goal = profile["goal"]["best"]
    start = profile["start"]["best"]
    plain = start + last["progress"] * (goal - start)
    assert ask["best"] == pytest.approx(plain + lean["weight"] * (lean["best"] - plain))
    assert ask["led"] == lean["weight"]
    others = [other["counts"] for other in last["asked"] if not other["led"]]
    assert ask["counts"] > 2 * max(others)


@pytest.mark.proof
@pytest.mark.parametrize("goal", sample(GOALS, 2))
def test_the_search_finds_what_the_exact_query_finds(planner: Planner, goal: str) -> None:
    waypoints, _ = asked(planner, "sadness", goal)
    shares = []
    for one, other in zip(candidates(planner, waypoints), candidates(planner, waypoints, exactly=True), strict=True):
        wanted = {track["track_id"] for track in other["tracks"]}
        shares.append(len(wanted & {track["track_id"] for track in one["tracks"]}) / max(1, len(wanted)))
    assert sum(shares) / len(shares) >= 0.98


def test_no_track_outside_a_safety_bound_is_ever_a_candidate(planner: Planner) -> None:
    waypoints, _ = asked(planner, "anger", "lift")
    for one, row in zip(waypoints, candidates(planner, waypoints), strict=True):
        assert one["high"]["level_swing"] <= 14
        assert all(track["cues"]["level_swing"] <= one["high"]["level_swing"] for track in row["tracks"])


@pytest.mark.parametrize(
    "labels", [["surprise"], ["surprise", "joy"], ["surprise", "fear"], ["anger", "remorse"], ["grief", "sadness"]]
)
def test_the_reading_without_a_graph_is_the_graphs_own(planner: Planner, labels: list[str]) -> None:
    scores = {**dict.fromkeys(planner.reader.levels, 0.0), **dict.fromkeys(labels, 0.8)}
    reading = planner.reader.make_reading(scores, "not_run")
    signs = collect_signs(planner.reader, reading, None, ())
    held = planner.get_graph().rows("journey/holding_rules", **signs.params, goal="calm", within=0.0, without=[])
    rules = [row["rule_id"] for row in held if row["holds"] and not row["overridden_by"]]
    rows = planner.get_graph().read_table(READ_AS, {**signs.params, "rules": rules}, "test", 20, 20.0).rows
    assert {row["scale"]: round(min(1.0, row["weight"]), 4) for row in rows} == reading.scales


def test_what_is_compiled_is_what_the_ontology_says(planner: Planner) -> None:
    assert planner.reader.meaning == json.loads(json.dumps(extract_meaning(ONTOLOGY)))


def test_an_explanation_report_tells_what_was_met_and_what_would_change(planner: Planner) -> None:
    answer = planned_journey(
        planner, Request(feel=("sadness",), goal="comfort", goal_chosen=True, seed=1, explain=True)
    )
    found = answer.explanation
    assert found["met"]["verdict"] == "met"
    assert found["met"]["by"] == ["sadness-met-then-moved"]
    assert {one["rule"] for one in found["without"]} >= {"sadness-met-then-moved", "comfort-leans-tender"}
    assert not any(rule["rule"] in found["met"]["safety"] for rule in found["without"])
    total = sum(step.seconds for step in answer.steps) / 60
    assert sum(found["dose"]["minutes"].values()) == pytest.approx(total, abs=0.2)
    assert len(found["tracks"]) == len(answer.steps)
    json.dumps(answer.as_json(), allow_nan=False)


DECLARED = sorted(i.id for i in ONTOLOGY.of("Context"))


@pytest.mark.proof
@pytest.mark.parametrize("context", sample(DECLARED, 2))
def test_an_explanation_report_is_json_whatever_was_declared(planner: Planner, context: str) -> None:
    answer = planned_journey(planner, Request(feel=("fear",), contexts=(context,), seed=1, explain=True))
    json.loads(json_text(answer.as_json()), parse_constant=pytest.fail)


def test_a_bound_with_one_side_has_null_on_the_other(planner: Planner) -> None:
    with ruled(planner.get_graph(), "Bound", [("level", "high: -5.0")]):
        answer = planned_journey(planner, Request(feel=("sadness",), seed=1, explain=True))
    told = json.loads(json_text(answer.as_json()), parse_constant=pytest.fail)
    bounds = [bound for track in told["explanation"]["tracks"] for bound in track["bounds"].values()]
    assert any(None in bound.values() for bound in bounds)


# ---- text queries


LIKE = "rain, solo piano"


def vectors_of(planner: Planner, answer: Journey) -> Floats:
    """[steps, dimensions]: what the graph holds of the tracks, unit length."""
    ids = {"ids": [step.track_id for step in answer.steps]}
    text = "CYPHER 25 UNWIND $ids AS id MATCH (t:Track {id: id}) RETURN t.embedding AS vector"
    rows = planner.get_graph().read_table(text, ids, "test", 100, 20.0).rows
    found = np.array([row["vector"] for row in rows])
    unit: Floats = found / np.linalg.norm(found, axis=1, keepdims=True)
    return unit


@pytest.mark.proof
@pytest.mark.parametrize("goal", sample(GOALS, 2))
def test_a_text_query_draws_a_journey_towards_it_within_all_limits(planner: Planner, goal: str) -> None:
    text_query = np.array(planner.query_encoder.encode(LIKE, "--like").vector)
    likeness = {None: 0.0, LIKE: 0.0}
    for emotion in ("sadness", "nervousness", "anger", "joy"):
        for like in likeness:
            answer = planned_journey(planner, Request(feel=(emotion,), goal=goal, goal_chosen=True, seed=3, like=like))
            likeness[like] += float((vectors_of(planner, answer) @ text_query).mean()) / 4
            assert answer.quality.max_step <= 0.5
            assert answer.quality.contracts_met == 1.0
            assert answer.quality.monotonicity is None or answer.quality.monotonicity >= 0.8
            assert answer.quality.share_of_bound >= 0.9
    # In units of how much tracks differ in it: models spread their cosines differently.
    everywhere = (
        np.array(values(planner.get_graph(), "MATCH (t:Track) WHERE t.stamp IS NOT NULL RETURN t.embedding AS value"))
        @ text_query
    )
    assert likeness[LIKE] > likeness[None] + 0.05 * float(everywhere.std())


def test_a_track_that_waits_for_its_vector_is_no_candidate(planner: Planner) -> None:
    """A listener's own, made with another model: it comes back with `isopath ingest`."""
    waypoints, _ = asked(planner, "sadness", "calm")
    before = candidates(planner, waypoints, exactly=True)
    do(
        planner.get_graph(),
        f"""MATCH (track:Track {{id: '{before[0]["tracks"][0]["track_id"]}'}})-[:PERFORMS]->(work)
            CREATE (copy:Track)-[:PERFORMS]->(work)
            SET copy += track {{.*, id: 'waits', stamp: null, embedding: null, profile: null}}""",
    )
    try:
        after = candidates(planner, waypoints, exactly=True)
    finally:
        do(planner.get_graph(), "MATCH (copy:Track {id: 'waits'}) DETACH DELETE copy")
    assert after == before


def test_a_text_query_for_what_a_rule_silences_asks_for_none_of_it(planner: Planner) -> None:
    tense, gentle = (
        planner.query_encoder.encode(words, "--like") for words in ("tense, agitated, uneasy", "gentle harp")
    )
    found = planner.get_graph().read_table(
        "CYPHER 25 MATCH (:Scale {id: 'tension'})-[:DESCRIBED_BY]->(d:Descriptor) RETURN d.embedding AS vector",
        {}, "test", 100, 20.0,
    )  # fmt: skip
    tension = np.sum([row["vector"] for row in found.rows], axis=0)
    silences = "distress-silences-tension"

    def pull(text_query: TextQuery | None, without: Collection[str] = ()) -> list[float]:
        """How much tension each waypoint's words ask for."""
        waypoints, settled = asked(planner, "fear", "calm", text_query, without)
        assert any(silences in effect["rule_ids"] for effect in settled.effects) is not bool(without)
        asks = np.array([row["words"] for row in waypoints])
        return [float(x) for x in asks @ tension / np.linalg.norm(asks, axis=1)]

    assert all(a > b for a, b in zip(pull(tense, {silences}), pull(None, {silences}), strict=True))
    assert all(a <= max(b, 0) + 1e-9 for a, b in zip(pull(tense), pull(None), strict=True))
    assert pull(gentle) != pull(None)


def test_without_a_text_query_the_words_ask_for_what_they_did_and_weigh_what_the_setting_says(planner: Planner) -> None:
    plain, settled = asked(planner, "sadness", "calm")
    [weight] = values(planner.get_graph(), "MATCH (s:Setting {id: 'weigh-similarity'}) RETURN s.value AS value")
    assert [row["weigh_similarity"] for row in plain] == pytest.approx([weight] * len(plain))
    liked, other = asked(planner, "sadness", "calm", planner.query_encoder.encode(LIKE, "--like"))
    assert all(row["weigh_similarity"] > 2 * weight for row in liked)
    assert other.effects == settled.effects
    for one, row in zip(liked, plain, strict=True):
        assert one["asked"] == row["asked"]


def test_a_text_query_is_reported_without_its_words_and_stored_as_a_mark_alone(
    planner: Planner, worried: Journey
) -> None:
    answer = planned_journey(planner, Request(WORDS, seed=7, like="solo piano, zanzibar"))
    assert answer.provenance.like
    assert "liked" in {notice.id for notice in answer.notices}
    assert "zanzibar" not in json.dumps(answer.as_json(), ensure_ascii=False)
    assert "zanzibar" not in repr(Request(WORDS, like="zanzibar"))
    kept = {row["value"]["id"]: row["value"] for row in planner.get_graph().read_table(
        "CYPHER 25 MATCH (j:Journey) WHERE j.id IN $ids RETURN properties(j) AS value",
        {"ids": [answer.id, worried.id]}, "test", 10, 20.0,
    ).rows}  # fmt: skip
    assert kept[answer.id]["liked"] is True
    assert "liked" not in kept[worried.id]
    assert "like" not in worried.as_json()["provenance"]
    assert not any("zanzibar" in str(value) for value in kept[answer.id].values())


def test_the_embedding_model_is_opened_for_a_text_query_alone_and_after_the_gate(planner: Planner) -> None:
    closed = replace(planner, query_encoder=QueryEncoder("/nowhere"))
    assert closed.plan(Request(feel=("joy",), seed=1)).outcome == "journey"
    assert closed.plan(Request(feel=("joy",), like="music to kill myself to")).outcome == "support"
    with pytest.raises(EncoderUnavailable):
        closed.plan(Request(feel=("joy",), like=LIKE))


def test_a_text_query_outlives_the_question(planner: Planner) -> None:
    unclear = Request("The bus leaves at nine from the main square.", like=LIKE, seed=1)
    asked = planner.plan(unclear)
    assert isinstance(asked, Question)
    answer = planned_journey(planner, replace(unclear, answer=asked.question.choices[0].id))
    assert answer.provenance.like


@pytest.mark.parametrize("like", [" ", "!!!", "a" * 30_000, "soft \x07"])
def test_a_text_query_that_cannot_be_read_is_refused(like: str) -> None:
    with pytest.raises(UsageError, match="--like"):
        Request(feel=("joy",), like=like)


def test_what_is_left_out_is_not_played_and_others_are(planner: Planner) -> None:
    request = Request(feel=("sadness",), goal="comfort", goal_chosen=True, seed=1)
    played = frozenset(step.track_id for step in planned_journey(planner, request).steps)
    second = planned_journey(planner, replace(request, exclude=played))
    assert not played & {step.track_id for step in second.steps}
    assert second.quality.contracts_met == 1


def test_scores_of_a_caller_lead_where_the_same_reading_of_words_does(planner: Planner) -> None:
    heard = planned_journey(planner, Request(WORDS, seed=7))
    given = planned_journey(planner, Request(scores=heard.reading.scores, seed=7))
    assert (given.reading.scores, given.reading.gate) == (heard.reading.scores, "not_run")


@pytest.mark.parametrize("scores", [{"boredom": 0.5}, {"joy": 1.5}, {"joy": -0.1}])
def test_scores_that_cannot_be_are_refused(planner: Planner, scores: dict[str, float]) -> None:
    with pytest.raises(UsageError) as caught:
        planner.plan(Request(scores=scores))
    assert caught.value.place == "--scores"


def test_no_journey_mixes_two_versions(planner: Planner) -> None:
    honest = TrackSearch.find_rows

    def reloading(search: TrackSearch, name: str, answers: QueryRunner, **params: Any) -> Sequence[Row]:
        found = honest(search, name, answers, **params)
        do(planner.get_graph(), "MATCH (v:Version {current: true}) SET v.id = v.id + '+'")
        return found

    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(TrackSearch, "find_rows", reloading)
            with pytest.raises(GraphReloaded):
                planner.plan(Request(feel=("joy",), seed=1))
    finally:
        do(planner.get_graph(), "MATCH (v:Version {current: true}) SET v.id = replace(v.id, '+', '')")
