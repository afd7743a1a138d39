"""An analyst's questions over HTTP: they only read, and their rows come in the form that is asked for."""

from __future__ import annotations

import io
import json
import sys

import pytest
from pyarrow import ipc, parquet
from starlette.testclient import TestClient

from tests.helpers.serving import problem_of

pytestmark = pytest.mark.graph


def test_an_analyst_asks_and_only_reads(api: TestClient) -> None:
    rows = api.post("/v1/query", json={"query": "UNWIND range(1, 9) AS n RETURN n", "limit": 3}).json()
    assert rows == {"columns": ["n"], "rows": [{"n": 1}, {"n": 2}, {"n": 3}], "truncated": True}
    named = api.post("/v1/query", json={"name": "analytics/rules_and_their_evidence"}).json()
    assert named["rows"]
    one = api.post("/v1/query", json={"name": "nearest_tracks", "params": {"looked": 3}}).json()
    assert len(one["rows"]) == 2
    given = api.post("/v1/query", json={"query": "RETURN $a AS a", "params": {"a": [1, {"b": None}]}}).json()
    assert given["rows"] == [{"a": [1, {"b": None}]}]
    for body, field in (
        ({"query": "CREATE (n) RETURN n"}, None),
        ({"query": "zanzibar"}, None),
        ({"name": "i_want/zanzibar"}, "name"),
        ({"name": "kept/blank"}, "name"),
        ({"name": "nearest_tracks", "params": {"looked": "zanzibar"}}, None),
        ({"name": "nearest_tracks", "params": {"zanzibar": 1}}, None),
        ({"query": "RETURN $zanzibar"}, None),
        ({}, "query"),
        ({"query": "RETURN 1", "name": "kept/journeys"}, "query"),
    ):
        answer = api.post("/v1/query", json=body)
        assert answer.status_code == 422, answer.text
        assert answer.json()["field"] == field


def test_the_saved_questions_are_listed_with_bodies_that_run(api: TestClient) -> None:
    listed = api.get("/v1/questions")
    told = {each["name"]: each for each in listed.json()["items"]}
    assert len(told) >= 39
    assert api.get("/v1/questions", headers={"If-None-Match": listed.headers["etag"]}).status_code == 304
    one = api.get("/v1/questions/hubness").json()
    assert one == told["hubness"]
    assert set(one) >= {"title", "answers", "chart", "params", "columns", "example"}
    for name in ("rules_by_stage", "evidence_at_work", "tempo_gaps"):
        rows = api.post("/v1/query", json=told[name]["example"]).json()
        assert rows["columns"] == [column["name"] for column in told[name]["columns"]]
    problem_of(api.get("/v1/questions/zanzibar"), 404, "not_found", "name")
    assert "zanzibar" not in api.get("/v1/questions/zanzibar").text


def test_rows_come_in_the_form_that_is_accepted(api: TestClient) -> None:
    asked = {"query": "UNWIND [1, 2, 3] AS n RETURN n, toString(n) AS said", "limit": 2}
    lines = api.post("/v1/query", json=asked, headers={"Accept": "application/x-ndjson"})
    assert [json.loads(line) for line in lines.text.splitlines()] == [{"n": 1, "said": "1"}, {"n": 2, "said": "2"}]
    assert lines.headers["isopath-truncated"] == "true"
    assert lines.headers["content-type"] == "application/x-ndjson"
    for accept in ("*/*", "application/*;q=0.5, text/html", "application/json, text/csv;q=0.9"):
        assert api.post("/v1/query", json=asked, headers={"Accept": accept}).json()["columns"] == ["n", "said"], accept
    for accept in ("text/html", "text/csv;q=0", "zanzibar", ""):
        refused = api.post("/v1/query", json=asked, headers={"Accept": accept})
        assert "zanzibar" not in refused.text
        problem_of(refused, 406, "not_acceptable", "Accept")


def test_rows_come_as_tables(api: TestClient) -> None:
    asked = {"query": "UNWIND [1, 2, 3] AS n RETURN n, toString(n) AS said", "limit": 2}
    rows = [{"n": 1, "said": "1"}, {"n": 2, "said": "2"}]

    def content(kind: str) -> bytes:
        answer = api.post("/v1/query", json=asked, headers={"Accept": kind})
        assert answer.headers["content-type"].partition(";")[0] == kind
        return bytes(answer.content)

    assert content("text/csv").decode().splitlines() == ['"n","said"', '1,"1"', '2,"2"']
    assert parquet.read_table(io.BytesIO(content("application/vnd.apache.parquet"))).to_pylist() == rows
    with ipc.open_file(io.BytesIO(content("application/vnd.apache.arrow.file"))) as found:
        assert found.read_all().to_pylist() == rows
    with ipc.open_stream(io.BytesIO(content("application/vnd.apache.arrow.stream"))) as stream:
        assert stream.read_all().to_pylist() == rows


def test_without_pyarrow_a_table_is_a_problem_that_says_what_to_install(
    api: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    answer = api.post("/v1/query", json={"query": "RETURN 1 AS n"}, headers={"Accept": "text/csv"})
    assert "isopath[analyst]" in problem_of(answer, 422, "usage")["repair"]
