"""What a listener says, the rest of a journey planned anew, and what a listener's past counts for."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from engine.bootstrap import load_compiled
from engine.plans.plan import Limit, Plan
from engine.server import ServerConnection
from engine.use_cases.journeys.feedback import SIGNALS, Feedback
from engine.use_cases.journeys.listeners import make_pseudonym
from engine.use_cases.journeys.plans import make_plan
from engine.use_cases.plan import UncheckedRequest, plan_journey
from tests.helpers.planning import journey_of
from tests.helpers.serving import ours, problem_of
from tests.helpers.shipped import shipped_ontology


def planned(api: TestClient, **body: Any) -> dict[str, Any]:
    answer = api.post("/v1/journeys", json=body)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def kept_feedback(api: TestClient, journey: str) -> dict[str, Any]:
    """What an analyst finds of it, under the names of the data dictionary."""
    statement = """MATCH (j:Journey {id: $id})-[at:HAS_STEP]->(step) WITH j, step ORDER BY at.position
                   RETURN j.valence_before AS before, j.valence_after AS after, collect(step.verdict) AS verdicts"""
    [row] = api.post("/v1/query", json={"query": statement, "params": {"id": journey}}).json()["rows"]
    found: dict[str, Any] = row
    return found


def tracks(journey: dict[str, Any]) -> list[str]:
    return [step["track_id"] for stage in journey["stages"] for step in stage["steps"]]


def test_the_signals_are_those_of_the_ontology() -> None:
    assert set(SIGNALS) == {individual.id for individual in shipped_ontology().of("Signal")}


@pytest.mark.parametrize(
    ("feedback", "signals"),
    [
        (Feedback(before=5, after=4), ("worse",)),
        (Feedback(before=5, after=5), ()),
        (Feedback(after=1), ()),
        (Feedback(stopped=True), ("stopped",)),
        (Feedback(steps={2: "skip", 3: "never"}), ("skipped-twice",)),
        (Feedback(steps={2: "skip", 4: "skip"}), ()),
        (Feedback(steps={2: "skip", 3: "keep", 4: "skip"}), ()),
        (Feedback(before=5, after=0, stopped=True, steps={1: "skip", 2: "skip"}), SIGNALS),
    ],
)
def test_what_is_said_raises_signals(feedback: Feedback, signals: tuple[str, ...]) -> None:
    assert feedback.signals == signals


def test_a_pseudonym_cannot_be_tried_without_the_secret_of_the_home(tmp_path: Path) -> None:
    first = make_pseudonym(tmp_path / "a", "quokka-anna")
    assert first == make_pseudonym(tmp_path / "a", "quokka-anna")
    assert first not in (make_pseudonym(tmp_path / "b", "quokka-anna"), make_pseudonym(tmp_path / "a", "bert"))
    assert "quokka-anna" not in first


@pytest.mark.graph
def test_the_rest_is_planned_anew_and_what_was_played_stays(api: TestClient) -> None:
    first = planned(api, feel=["sadness"], goal="calm", seed=5)
    skipped = {
        "before": 5,
        "after": 3,
        "steps": [{"position": 2, "verdict": "skip"}, {"position": 3, "verdict": "skip"}],
    }
    said = api.post(f"/v1/journeys/{first['id']}/feedback", json=skipped).json()
    assert said == {"signals": ["worse", "skipped-twice"], "kept": True, "vetoed": 0}
    assert kept_feedback(api, first["id"]) == {"before": 0.0, "after": -0.4, "verdicts": [0.0, 0.0]}
    answer = api.post(f"/v1/journeys/{first['id']}/replan", json={"position": 4})
    assert answer.status_code == 200, answer.text
    again = answer.json()
    assert again["outcome"] == "journey"
    assert again["id"] != first["id"]
    before, after = tracks(first), tracks(again)
    assert after[:3] == before[:3]
    assert not set(after[3:]) & set(before[:3])
    assert next(n["text"] for n in again["notices"] if n["id"] == "replanned").startswith("From track 4 on")
    order = ["match", "guide", "target"]
    stages = [stage["id"] for stage in again["stages"]]
    assert stages == sorted(stages, key=order.index)
    positions = [step["position"] for stage in again["stages"] for step in stage["steps"]]
    assert positions == list(range(1, len(positions) + 1))
    assert api.get(f"/v1/journeys/{again['id']}").json() == again
    problem_of(api.post(f"/v1/journeys/{first['id']}/replan", json={"position": 99}), 422, "usage", "position")
    strange = {"steps": [{"position": 99, "verdict": "skip"}]}
    problem_of(api.post(f"/v1/journeys/{first['id']}/feedback", json=strange), 422, "usage", "steps")


@pytest.mark.graph
def test_a_listeners_past_counts_for_them_alone(api: TestClient, home: Path) -> None:
    asked = {"feel": ["joy"], "goal": "calm", "seed": 9, "listener": "quokka-anna"}
    first = planned(api, **asked)
    second = planned(api, **asked)
    assert not set(tracks(first)) & set(tracks(second))
    assert tracks(planned(api, **{**asked, "listener": "bert"})) == tracks(first)
    never = {"steps": [{"position": 1, "verdict": "never"}]}
    assert api.post(f"/v1/journeys/{first['id']}/feedback", json=never).json()["vetoed"] == 1
    assert tracks(first)[0] not in tracks(planned(api, **{**asked, "repeat": True}))
    known = api.get("/v1/listeners/quokka-anna").json()
    assert len(known["journeys"]) == 3
    assert known["vetoed"] == tracks(first)[:1]
    held = [
        path
        for path in home.rglob("*")
        if path.is_file() and b"quokka-anna" in path.read_bytes() and "neo4j" in str(path)
    ]
    assert held == []
    assert api.delete("/v1/listeners/quokka-anna").status_code == 204
    problem_of(api.get("/v1/listeners/quokka-anna"), 404, "not_found")
    problem_of(api.get(f"/v1/journeys/{first['id']}"), 404, "journey_not_found")
    assert tracks(planned(api, **asked)) == tracks(first)


@pytest.mark.graph
def test_the_rest_is_planned_anew_long_afterwards_where_the_reading_is_kept(api: TestClient) -> None:
    """Another process, or this one after the hour: all that is there is what the graph keeps."""
    service = api.app.state.service  # type: ignore[attr-defined]
    asked = {"text": "I am so worried, I cannot stop", "goal": "calm", "seed": 5, "listener": "quokka-late"}
    kept, unkept = planned(api, **asked, keep_reading=True), planned(api, **asked)
    remembered = api.post(f"/v1/journeys/{kept['id']}/replan", json={"position": 4, "signals": ["worse"]}).json()
    for journey in (kept, unkept):
        assert service.journeys.drop(journey["id"])
    said = {"before": 5, "after": 3, "steps": [{"position": 5, "verdict": "never"}]}
    told = api.post(f"/v1/journeys/{kept['id']}/feedback", json=said).json()
    assert told == {"signals": ["worse"], "kept": True, "vetoed": 1}
    assert service.heard.drop(kept["id"])
    answer = api.post(f"/v1/journeys/{kept['id']}/replan", json={"position": 4})
    assert answer.status_code == 200, answer.text
    again = answer.json()
    assert tracks(again)[:3] == tracks(kept)[:3]
    assert tracks(kept)[4] not in tracks(again)
    assert {rule["id"] for rule in again["rules"]} == {rule["id"] for rule in remembered["rules"]}
    assert again["notices"][0] == remembered["notices"][0]
    assert {again["id"], remembered["id"]} <= set(api.get("/v1/listeners/quokka-late").json()["journeys"])
    later = api.post(f"/v1/journeys/{unkept['id']}/replan", json={"position": 4})
    problem_of(later, 409, "reading_not_kept")


@pytest.mark.graph
def test_all_that_is_kept_of_a_listener_can_be_taken_out(api: TestClient) -> None:
    journey = planned(api, feel=["joy"], goal="lift", seed=9, listener="quokka-out", keep_reading=True, minutes=10)
    said = {"before": 5, "after": 10, "steps": [{"position": 1, "verdict": "never"}]}
    api.post(f"/v1/journeys/{journey['id']}/feedback", json=said)
    known = api.get("/v1/listeners/quokka-out").json()
    kept = known["kept"][-1]
    assert (kept["id"], kept["goal"], kept["valence_before"], kept["valence_after"]) == (
        journey["id"],
        "lift",
        0.0,
        1.0,
    )
    assert kept["felt"] == [{"id": "joy", "score": 1.0}]
    assert [step["track_id"] for step in kept["steps"]] == tracks(journey)
    assert kept["steps"][0]["verdict"] == -1.0
    assert tracks(journey)[0] in known["vetoed"]


@pytest.mark.graph
def test_a_listeners_plan_counts_in_every_answer_is_told_and_goes_with_them(api: TestClient, home: Path) -> None:
    limits = (Limit("tempo", None, 88.0),)
    plan = Plan("Ada Example", "agreed with her and her family", date(2026, 3, 1), ("pregnant",), limits=limits)
    make_plan(ours(home), "quokka-planned", plan)
    first = planned(api, feel=["sadness"], goal="calm", seed=5, listener="quokka-planned")
    rest = api.post(f"/v1/journeys/{first['id']}/replan", json={"position": 3}).json()
    for journey in (first, rest):
        assert all(step["cues"]["tempo"] <= 88.0 for stage in journey["stages"] for step in stage["steps"])
        assert "listener-limits" in {rule["id"] for rule in journey["rules"]}
        assert "plan-followed" in {notice["id"] for notice in journey["notices"]}
    others = planned(api, feel=["sadness"], goal="calm", seed=5, listener="quokka-without")
    assert "listener-limits" not in {rule["id"] for rule in others["rules"]}
    assert "Ada Example" in api.get("/v1/listeners/quokka-planned").json()["plan"]["plan"]
    assert api.get("/v1/listeners/quokka-without").json()["plan"] is None
    assert api.delete("/v1/listeners/quokka-planned").status_code == 204
    problem_of(api.get("/v1/listeners/quokka-planned"), 404, "not_found")
    make_plan(ours(home), "quokka-planned", plan)
    assert api.get("/v1/listeners/quokka-planned").json()["journeys"] == []
    assert api.delete("/v1/listeners/quokka-planned").status_code == 204


@pytest.mark.graph
def test_a_command_lets_a_listeners_past_count_too(served: ServerConnection, home: Path) -> None:
    settings = ours(home)
    asked = UncheckedRequest(feel=("joy",), goal="calm", seed=9, listener="quokka-eva")
    first, second = (journey_of(plan_journey(settings, load_compiled(settings, print), asked, print)) for _ in range(2))
    assert not {step.track_id for step in first.steps} & {step.track_id for step in second.steps}
    assert "quokka" not in repr(asked)


@pytest.mark.graph
def test_the_same_sadness_again_is_noticed_where_the_reading_may_be_kept(api: TestClient) -> None:
    asked = {"text": "I am so sad and I miss her", "goal": "calm", "seed": 9, "keep_reading": True, "listener": "carl"}
    first = planned(api, **asked)
    if first["outcome"] == "question":
        pytest.fail(f"the text is to be clear: {first['question']}")
    second = planned(api, **asked)
    assert second["outcome"] == "question"
    assert "repeated-sadness-asks" in {rule["id"] for rule in second["rules"]}
    assert planned(api, **{**asked, "listener": "dora"})["outcome"] == "journey"
