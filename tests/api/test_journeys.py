"""Journeys over HTTP on a real Neo4j: planned, read again, explained, repeated, erased; rules and tracks in pages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.helpers.serving import client, ours, problem_of, service

pytestmark = pytest.mark.graph
WORDS = "I have an exam tomorrow and I can't stop worrying"


@pytest.fixture(scope="module")
def journey(api: TestClient) -> dict[str, Any]:
    return planned(api, text=WORDS, seed=7, goal="calm")


def planned(api: TestClient, **body: Any) -> dict[str, Any]:
    answer = api.post("/v1/journeys", json=body)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def tracks(journey: dict[str, Any]) -> list[str]:
    return [step["track_id"] for stage in journey["stages"] for step in stage["steps"]]


def test_a_journey_is_the_object_of_the_contract(journey: dict[str, Any]) -> None:
    assert (journey["outcome"], journey["seed"], journey["goal"]) == ("journey", 7, "calm")
    assert set(journey["reading"]) >= {"status", "gate", "scores", "scales", "valence", "arousal"}
    assert [stage["id"] for stage in journey["stages"]] == ["match", "guide", "target"]
    assert journey["rules"]
    assert journey["quality"]["share_of_bound"] > 0.9
    assert all(step["rule_ids"] and step["because"] for stage in journey["stages"] for step in stage["steps"])


def test_the_same_seed_gives_the_same_journey_and_scores_lead_where_words_do(
    api: TestClient, journey: dict[str, Any]
) -> None:
    again = planned(api, text=WORDS, seed=7, goal="calm")
    assert tracks(again) == tracks(journey)
    assert again["id"] != journey["id"]
    scored = planned(api, scores={"nervousness": 0.9}, seed=7)
    assert (scored["outcome"], scored["reading"]["gate"]) == ("journey", "not_run")


def test_the_four_outcomes_are_told_apart(api: TestClient) -> None:
    asked = planned(api, text="The bus leaves at nine from the main square.", seed=3)
    assert asked["outcome"] == "question"
    assert asked["question"]["choices"]
    answered = planned(api, text="The bus leaves at nine from the main square.", seed=asked["seed"], answer="joy")
    assert answered["outcome"] == "journey"
    held = planned(api, feel=["anger"], goal="sleep", contexts=["driving"])
    assert held["outcome"] == "withheld"
    assert held["withheld"]["rule_ids"]
    assert planned(api, text="I want to kill myself")["outcome"] == "support"


def test_progress_comes_as_events_and_then_the_answer(api: TestClient, journey: dict[str, Any]) -> None:
    body = {"text": WORDS, "seed": 7, "goal": "calm"}
    answer = api.post("/v1/journeys", json=body, headers={"Accept": "text/event-stream"})
    assert answer.headers["content-type"].startswith("text/event-stream")
    events = [event.split("\ndata: ") for event in answer.text.strip().split("\n\n") if event.startswith("event")]
    assert [name for name, _ in events] == ["event: progress"] * 4 + ["event: answer"]
    assert [json.loads(data)["at"] for _, data in events[:-1]] == ["reading", "rules", "order", "keeping"]
    assert tracks(json.loads(events[-1][1])) == tracks(journey)
    refused = api.post("/v1/journeys", json={"feel": ["zanzibar"]}, headers={"Accept": "text/event-stream"})
    assert refused.text.splitlines()[-2].startswith('data: {"type"')
    assert "event: problem" in refused.text


def test_what_is_left_out_is_not_played(api: TestClient, journey: dict[str, Any]) -> None:
    other = planned(api, text=WORDS, seed=7, goal="calm", exclude=tracks(journey))
    assert not set(tracks(other)) & set(tracks(journey))


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"feel": ["zanzibar"]}, "feel"),
        ({"scores": {"zanzibar": 0.5}}, "scores"),
        ({"feel": ["joy"], "goal": "zanzibar"}, "goal"),
        ({"feel": ["joy"], "contexts": ["zanzibar"]}, "contexts"),
        ({"feel": ["joy"], "answer": "zanzibar"}, "answer"),
    ],
)
def test_what_the_graph_does_not_know_is_told_by_field(api: TestClient, body: dict[str, Any], field: str) -> None:
    answer = api.post("/v1/journeys", json=body)
    problem_of(answer, 422, "usage", field)
    assert "zanzibar" not in answer.text


def test_a_journey_is_read_again_and_explained(api: TestClient, journey: dict[str, Any]) -> None:
    assert api.get(f"/v1/journeys/{journey['id']}").json() == journey
    told = api.get(f"/v1/journeys/{journey['id']}/explanation").json()
    assert told["met"]["verdict"]
    assert len(told["tracks"]) == len(tracks(journey))
    assert told["without"]


def test_what_is_kept_is_read_by_another_process(api: TestClient, home: Path, journey: dict[str, Any]) -> None:
    kept = planned(api, text=WORDS, seed=8, keep_reading=True)
    other = service(ours(home))
    other.application.warm_up()
    with client(other) as second:
        told = second.get(f"/v1/journeys/{journey['id']}").json()
        assert (told["complete"], told["reading"], tracks(told)) == (False, None, tracks(journey))
        assert told["quality"] == journey["quality"]
        problem_of(second.get(f"/v1/journeys/{journey['id']}/explanation"), 409, "reading_not_kept")
        explained = second.get(f"/v1/journeys/{kept['id']}/explanation").json()
        assert {sign["id"] for sign in explained["signs"]} >= {"nervousness"}
        assert all(track["rule_ids"] for track in explained["tracks"])


def test_a_repeated_request_gives_the_same_answer_and_another_body_is_refused(api: TestClient) -> None:
    key = {"Idempotency-Key": "0b0f5d4e"}
    first = api.post("/v1/journeys", json={"feel": ["joy"]}, headers=key)
    assert api.post("/v1/journeys", json={"feel": ["joy"]}, headers=key).content == first.content
    other = api.post("/v1/journeys", json={"feel": ["fear"]}, headers=key)
    problem_of(other, 409, "idempotency_mismatch")
    assert api.post("/v1/journeys", json={"feel": ["joy"]}).json()["id"] != first.json()["id"]
    failed = api.post("/v1/journeys", json={"feel": ["zanzibar"]}, headers={"Idempotency-Key": "f"})
    assert failed.status_code == 422
    assert api.post("/v1/journeys", json={"feel": ["joy"]}, headers={"Idempotency-Key": "f"}).status_code == 200


def test_an_erased_journey_is_gone_everywhere(api: TestClient, home: Path) -> None:
    key = {"Idempotency-Key": "gone"}
    gone = api.post("/v1/journeys", json={"feel": ["joy"], "seed": 4}, headers=key).json()
    assert api.delete(f"/v1/journeys/{gone['id']}").status_code == 204
    problem_of(api.get(f"/v1/journeys/{gone['id']}"), 404, "journey_not_found")
    problem_of(api.get(f"/v1/journeys/{gone['id']}/explanation"), 404, "journey_not_found")
    problem_of(api.delete(f"/v1/journeys/{gone['id']}"), 404, "journey_not_found")
    assert api.post("/v1/journeys", json={"feel": ["joy"], "seed": 4}, headers=key).json()["id"] != gone["id"]
    held = [path for path in home.rglob("*") if path.is_file() and gone["id"].encode() in path.read_bytes()]
    assert held == []


def test_lists_come_in_pages_without_a_gap(api: TestClient) -> None:
    seen, cursor = [], None
    while True:
        page = api.get("/v1/rules", params={"limit": 7, **({"cursor": cursor} if cursor else {})}).json()
        seen += [rule["id"] for rule in page["items"]]
        if (cursor := page["next"]) is None:
            break
    assert seen == sorted(set(seen))
    whole = api.get("/v1/rules", params={"limit": 500}).json()
    assert [rule["id"] for rule in whole["items"]] == seen
    assert whole["next"] is None
    rule = api.get(f"/v1/rules/{seen[0]}").json()
    assert {"conditions", "effects", "claims", "overrides"} <= rule.keys()
    problem_of(api.get("/v1/rules/zanzibar"), 404, "not_found", "rule_id")
    problem_of(api.get("/v1/rules", params={"cursor": "%%%"}), 422, "invalid_request", "cursor")
    problem_of(api.get("/v1/rules", params={"limit": 0}), 422, "invalid_request", "limit")
    tracks_ = api.get("/v1/tracks", params={"limit": 3}).json()
    assert len(tracks_["items"]) == 3
    assert api.get(f"/v1/tracks/{tracks_['items'][0]['id']}").json()["cues"] == tracks_["items"][0]["cues"]


@pytest.mark.parametrize("path", ["/v1/goals", "/v1/contexts", "/v1/rules", "/v1/tracks"])
def test_what_does_not_change_has_a_tag(api: TestClient, path: str) -> None:
    first = api.get(path)
    tag = first.headers["etag"]
    again = api.get(path, headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    assert api.get(path, headers={"If-None-Match": '"stale"'}).status_code == 200
    problem_of(api.get(path, headers={"If-Match": '"stale"'}), 412, "changed")
    assert api.get(path, headers={"If-Match": tag}).status_code == 200


def test_words_find_tracks_and_emotions(api: TestClient) -> None:
    found = api.post("/v1/search", json={"text": "slow warm strings", "limit": 3}).json()
    assert len(found["tracks"]) == 3
    read = api.post("/v1/emotions", json={"text": "I am so happy today"}).json()
    assert read["reading"]["labels"] == ["joy"]
    assert len(read["reading"]["scores"]) == 28


def test_numbers_hold_routes_and_outcomes_and_no_word(api: TestClient) -> None:
    api.post("/v1/journeys", json={"text": "zanzibar worries me", "feel": ["joy"]})
    api.get("/v1/tracks/zanzibar")
    text = api.get("/v1/metrics").text
    assert 'isopath_outcomes_total{outcome="journey"}' in text
    assert 'route="/v1/tracks/{track_id}",status="404"' in text
    assert "isopath_ready 1.0" in text
    assert "zanzibar" not in text


def test_a_journey_can_be_had_as_json_alone(journey: dict[str, Any]) -> None:
    assert json.loads(json.dumps(journey, allow_nan=False)) == journey
