"""The description holds what happens: its examples run, and its refusals are problems."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.problems import TITLES
from engine.settings import ROOT
from tests.helpers.serving import service, without_graph

README = (ROOT / "api" / "README.md").read_text(encoding="utf-8")
CURL = (ROOT / "api" / "CURL.md").read_text(encoding="utf-8")


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
def test_every_command_of_the_page_for_curl_is_answered(api: TestClient) -> None:
    lines = [line for line in CURL.splitlines() if line.startswith("curl ")]
    planned = api.post("/v1/journeys", json={"feel": ["joy"], "seed": 2, "minutes": 5}).json()
    tracks = [step for stage in planned["stages"] for step in stage["steps"]]
    shortest = min(tracks, key=lambda step: step["seconds"])["track_id"]
    asked = set()
    for line in lines:
        command = line.replace("$URL", "").replace("$JOURNEY", planned["id"]).replace("$TRACK", shortest)
        _, options, path, *rest = shlex.split(command)
        assert options in ("-s", "-sN")
        method = "GET"
        if path == "-X":
            method, path, *rest = rest
        given = dict(zip(rest[::2], rest[1::2], strict=True))
        headers = dict([given["-H"].split(": ")]) if "-H" in given else {}
        body = {"json": json.loads(given["--json"])} if "--json" in given else {}
        answer = api.request("POST" if body else method, path, headers=headers, **body)
        assert answer.is_success, f"{line}: {answer.text}"
        asked.add(answer.url.path)
    assert len(asked) > 15


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
