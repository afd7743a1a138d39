"""The whole corpus of statements through `POST /v1/query`: hostile ones are refused while journeys are answered."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from statistics import median

import pytest
from starlette.testclient import TestClient

from tests.helpers.proofs import sample
from tests.helpers.statements import HONEST, HOSTILE, PASSING, Hostile

pytestmark = pytest.mark.graph
REFUSED = [case for case in HOSTILE if case not in PASSING]


def found(api: TestClient, statement: str) -> list[object]:
    rows = api.post("/v1/query", json={"query": statement}).json()["rows"]
    return [next(iter(row.values())) for row in rows]


def test_no_hostile_statement_gets_through_while_journeys_are_answered(api: TestClient) -> None:
    def ask(case: Hostile) -> str | None:
        answer = api.post("/v1/query", json={"query": case.text, "params": {"x": 1}})
        told = f"{case.number} {case.kind}: {answer.status_code} {answer.text[:200]}"
        refused = answer.status_code in (413, 422) and answer.headers["content-type"] == "application/problem+json"
        return None if refused else told

    with ThreadPoolExecutor(1) as analyst:
        through = analyst.map(ask, REFUSED)
        outcomes = [
            api.post("/v1/journeys", json={"feel": ["joy"], "seed": seed}).json()["outcome"] for seed in range(8)
        ]
        assert [told for told in through if told] == []
    assert outcomes == ["journey"] * 8
    assert found(api, "MATCH (n:TestThing) RETURN count(n) AS n") == [0]


def test_every_honest_statement_is_answered(api: TestClient) -> None:
    answers = {text: api.post("/v1/query", json={"query": text}) for text in HONEST}
    assert {text: answer.text for text, answer in answers.items() if answer.status_code != 200} == {}


@pytest.mark.long  # A sample of bombs runs with `make test` in tests/graph/test_statement.py.
@pytest.mark.proof
@pytest.mark.parametrize("case", sample(PASSING, 1), ids=lambda case: f"{case.number}-{case.kind}")
def test_journeys_are_answered_while_a_bomb_runs(api: TestClient, case: Hostile) -> None:
    def journey() -> float:
        """Seconds until a journey is there; a client comes again where the server had to be started anew."""
        began = time.monotonic()
        while (answer := api.post("/v1/journeys", json={"feel": ["sadness"], "seed": 7})).status_code == 503:
            assert answer.json()["code"] in ("graph_unavailable", "timeout"), answer.text
            assert time.monotonic() - began < 90
            time.sleep(float(answer.headers["Retry-After"]))
        assert answer.json()["outcome"] == "journey"
        return time.monotonic() - began

    alone = median(journey() for _ in range(5))
    with ThreadPoolExecutor(1) as analyst:
        bomb, beside = analyst.submit(api.post, "/v1/query", json={"query": case.text}), list[float]()
        while not bomb.done():
            beside.append(journey())
    assert bomb.result().status_code in (422, 503), bomb.result().text
    assert median(beside) < max(20 * alone, 10.0)
    assert journey() < 60
