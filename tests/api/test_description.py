"""The description holds what happens: its examples run, its refusals are problems, and no made-up request breaks it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.core.result import Ok
from starlette.testclient import TestClient

from api.app import create_app
from api.problems import TITLES
from engine.settings import ROOT
from tests.helpers.proofs import PROVING
from tests.helpers.serving import service, without_graph

README = (ROOT / "api" / "README.md").read_text(encoding="utf-8")
EACH = 1_300 if PROVING else 3
"""Requests made up for each operation: over 20,000 in all with `make prove`."""
SLOW = {"/v1/tracks/{track_id}/audio", "/v1/journeys/{journey_id}/explanation"}


def description(tmp_path: Path) -> dict[str, Any]:
    return create_app(service(without_graph(tmp_path))).openapi()


def test_every_route_is_described_with_a_summary_and_problems(tmp_path: Path) -> None:
    for path, operations in description(tmp_path)["paths"].items():
        for operation in operations.values():
            assert operation["summary"], path
            assert {"4XX", "5XX"} <= operation["responses"].keys()
            assert "422" not in operation["responses"]


def test_the_page_for_readers_names_every_route_and_every_code(tmp_path: Path) -> None:
    named = README.replace("/tracks/{id}/audio", "/v1/tracks/{id}/audio")
    for path in description(tmp_path)["paths"]:
        told = re.sub(r"\{\w+\}", "{id}", path)
        assert told in named or told.removeprefix("/v1") in named, told
    assert [code for code in TITLES if f"`{code}`" not in README] == []
    statuses = {status for status, _ in TITLES.values()}
    assert {int(each) for each in re.findall(r"\b[45]\d\d\b", README.partition("## Errors")[2])} >= statuses


@pytest.mark.graph
def test_examples_run(api: TestClient) -> None:
    told = api.get("/openapi.json").json()
    ran = 0
    for path, operations in told["paths"].items():
        body = operations.get("post", {}).get("requestBody")
        if body is None:
            continue
        name = body["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        where = path
        if "{journey_id}" in path:
            journey = api.post("/v1/journeys", json={"feel": ["joy"], "seed": 1}).json()
            where = path.replace("{journey_id}", journey["id"])
        for example in told["components"]["schemas"][name]["examples"]:
            answer = api.post(where, json=example)
            assert answer.status_code == 200, f"{path}: {answer.text}"
            ran += 1
    assert ran >= 8


@pytest.mark.graph
@pytest.mark.proof
def test_no_request_that_can_be_made_up_is_a_fault_of_the_service(api: TestClient) -> None:
    schema = schemathesis.openapi.from_dict(api.get("/openapi.json").json())
    asked = 0
    for found in schema.get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()
        strategy = operation.as_strategy()
        if operation.path in SLOW or operation.method.upper() == "DELETE":
            continue

        @settings(max_examples=EACH, phases=[Phase.generate], suppress_health_check=list(HealthCheck), deadline=None)
        @given(case=strategy)
        def holds(case: Any) -> None:
            nonlocal asked
            asked += 1
            given_ = case.as_transport_kwargs(base_url="http://127.0.0.1")
            url = given_.pop("url").removeprefix("http://127.0.0.1")
            answer = api.request(given_.pop("method"), url, **{k: v for k, v in given_.items() if k in TAKEN})
            assert answer.status_code < 500, f"{case.method} {case.path}: {answer.text}"
            if answer.status_code >= 400:
                assert answer.headers["content-type"] == "application/problem+json"
                assert answer.json()["code"] in TITLES

        holds()
    assert asked >= (20_000 if PROVING else 20)


TAKEN = {"headers", "params", "json", "data", "content"}
"""What a request is made of, for schemathesis and for the client alike."""
