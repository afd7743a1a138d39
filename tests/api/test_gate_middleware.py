"""Help stands before everything that can fail; what cannot be read is told without a word of it. No graph is there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.helpers.serving import client, problem_of, service, without_graph

CRISIS = "I want to kill myself"
WORD = "zanzibar"
JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with client(service(without_graph(tmp_path_factory.mktemp("home")))) as opened:
        yield opened


HELPED: dict[str, Any] = {
    "a text": {"text": CRISIS},
    "another field": {"feel": ["joy"], "goal": CRISIS},
    "an unknown field": {"mood": CRISIS},
    "the name of a field": {CRISIS: 1},
    "a nested field": {"contexts": [{"a": [CRISIS]}]},
    "words cut into a list": {"feel": ["kill", "myself", "I want to kill myself"]},
    "wrong types beside it": {"text": CRISIS, "minutes": "long", "seed": -1},
    "text and scores": {"text": CRISIS, "scores": {"joy": 1}},
    "Chinese": {"text": "我想自杀"},
}
DAMAGED: dict[str, bytes] = {
    "broken JSON": b'{"text": "I want to kill myself',
    "escapes in broken JSON": b'{"text": "I want to k\\u0069ll myself"',
    "a list": b'["I want to kill myself"]',
    "plain text": b"I want to kill myself",
    "GB18030": "我想自杀".encode("gb18030"),
    "UTF-16": '{"text": "I want to kill myself"}'.encode("utf-16"),
    "a bad byte": b'{"text": "I want to kill myself \xff"}',
    "too large": b'{"text": "I want to kill myself ' + b"x" * 100_000 + b'"}',
    "too deep": b'{"text": "I want to kill myself", "like": ' + b"[" * 5_000,
    "given twice": b'{"text": "I want to kill myself", "text": "hello"}',
    "no number": b'{"text": "I want to kill myself", "minutes": NaN}',
}


@pytest.mark.parametrize(
    "route", ["/v1/journeys", "/v1/emotions", "/v1/search", "/v1/nothing", "/v1/journeys/x/feedback"]
)
@pytest.mark.parametrize("body", HELPED.values(), ids=HELPED)
def test_help_comes_before_every_fault_of_a_body(api: TestClient, route: str, body: Any) -> None:
    answer = api.post(route, json=body)
    assert answer.status_code == 200
    assert answer.json()["outcome"] == "support"
    assert answer.json()["support"]["lines"]


@pytest.mark.parametrize("body", DAMAGED.values(), ids=DAMAGED)
def test_help_comes_before_every_fault_of_syntax(api: TestClient, body: bytes) -> None:
    answer = api.post("/v1/journeys", content=body, headers=JSON)
    assert answer.status_code == 200
    assert answer.json()["outcome"] == "support"


def test_help_comes_before_a_key_a_media_type_and_a_method(tmp_path: Path) -> None:
    with client(service(without_graph(tmp_path), needs_key=True)) as closed:
        assert closed.post("/v1/journeys", json={"text": CRISIS}).json()["outcome"] == "support"
        plain = closed.post("/v1/emotions", content=CRISIS, headers={"Content-Type": "text/plain"})
        assert plain.json()["outcome"] == "support"
        assert closed.put("/v1/journeys", json={"text": CRISIS}).json()["outcome"] == "support"
        assert closed.post("/v1/journeys", json={"text": "I am well"}).status_code == 401


def test_support_has_the_fields_of_the_contract(api: TestClient) -> None:
    answer = api.post("/v1/journeys", json={"text": CRISIS, "seed": 7, "goal": "sleep"}).json()
    assert (answer["seed"], answer["goal"], answer["reading"]) == (7, "sleep", None)
    assert answer["id"]
    assert api.post("/v1/journeys", json={"goal": CRISIS}).json()["goal"] == "calm"


def test_a_statement_is_nobodys_words(api: TestClient) -> None:
    answer = api.post("/v1/query", json={"query": f"RETURN '{CRISIS}' AS text"})
    assert answer.status_code == 503


UNREADABLE: dict[str, tuple[bytes, dict[str, str], int, str]] = {
    "no body": (b"", JSON, 422, "invalid_request"),
    "no JSON": (f'{{"text": "{WORD}'.encode(), JSON, 400, "invalid_json"),
    "a field twice": (f'{{"text": "{WORD}", "text": "b"}}'.encode(), JSON, 400, "invalid_json"),
    "NaN": (b'{"minutes": NaN}', JSON, 400, "invalid_json"),
    "Infinity": (b'{"minutes": -Infinity}', JSON, 400, "invalid_json"),
    "a number of 5,000 digits": (b'{"seed": ' + b"9" * 5_000 + b"}", JSON, 400, "invalid_json"),
    "deep": (b'{"text": ' + b"[" * 40 + b"]" * 40 + b"}", JSON, 400, "too_deep"),
    "brackets in a text are no depth": (b'{"text": "' + b"[" * 40 + b'", "seed": "x"}', JSON, 422, "invalid_request"),
    "bad UTF-8": (f'{{"text": "{WORD} '.encode() + b'\xff"}', JSON, 400, "invalid_utf8"),
    "1 MB": (b'{"text": "' + WORD.encode() * 130_000 + b'"}', JSON, 413, "body_too_large"),
    "plain text": (WORD.encode(), {"Content-Type": "text/plain"}, 415, "unsupported_media_type"),
    "a form": (b"text=" + WORD.encode(), {"Content-Type": "application/x-www-form-urlencoded"}, 415,
               "unsupported_media_type"),
    "another charset": (b"{}", {"Content-Type": "application/json; charset=latin-1"}, 415, "unsupported_media_type"),
    "no media type": (b"{}", {}, 415, "unsupported_media_type"),
    "compressed": (b"{}", {**JSON, "Content-Encoding": "gzip"}, 415, "unsupported_media_type"),
    "null": (b"null", JSON, 422, "invalid_request"),
    "a list": (f'["{WORD}"]'.encode(), JSON, 422, "invalid_request"),
}  # fmt: skip


@pytest.mark.parametrize("route", ["/v1/journeys", "/v1/emotions", "/v1/search", "/v1/query"])
@pytest.mark.parametrize("case", UNREADABLE.values(), ids=UNREADABLE)
def test_what_cannot_be_read_is_told_without_a_word_of_it(
    api: TestClient, route: str, case: tuple[bytes, dict[str, str], int, str]
) -> None:
    body, headers, status, code = case
    answer = api.post(route, content=body, headers=headers)
    problem_of(answer, status, code)
    assert WORD not in answer.text


FIELDS: dict[str, tuple[dict[str, Any], str | None]] = {
    "neither": ({}, "text"),
    "both": ({"text": "I am sad", "scores": {"joy": 1.0}}, "scores"),
    "text is a number": ({"text": 5}, "text"),
    "text is empty": ({"text": ""}, "text"),
    "text has no word": ({"text": "!!!"}, "text"),
    "text holds signs": ({"text": "a \u0007"}, "text"),
    "text is half a character": ({"text": "\ud800"}, "text"),
    "text is too long": ({"text": "a " * 11_000}, "text"),
    "goal is a list": ({"text": "I am sad", "goal": [WORD]}, "goal"),
    "goal is words": ({"text": "I am sad", "goal": f"{WORD} and rain"}, "goal"),
    "minutes is a text": ({"text": "I am sad", "minutes": WORD}, "minutes"),
    "minutes is true": ({"text": "I am sad", "minutes": True}, "minutes"),
    "minutes is small": ({"text": "I am sad", "minutes": 4.9}, "minutes"),
    "minutes is large": ({"text": "I am sad", "minutes": 121}, "minutes"),
    "seed is a fraction": ({"text": "I am sad", "seed": 1.5}, "seed"),
    "seed is negative": ({"text": "I am sad", "seed": -1}, "seed"),
    "seed is large": ({"text": "I am sad", "seed": 2**32}, "seed"),
    "feel is a text": ({"feel": WORD}, "feel"),
    "feel is empty": ({"feel": []}, "feel"),
    "feel holds a number": ({"feel": ["joy", 5]}, "feel.1"),
    "scores has words": ({"scores": {f"{WORD} rain": 0.5}}, "scores"),
    "scores is out of range": ({"scores": {"joy": 1.1}}, "scores"),
    "contexts is null": ({"text": "I am sad", "contexts": None}, "contexts"),
    "like has no word": ({"text": "I am sad", "like": "..."}, "like"),
    "exclude is long": ({"text": "I am sad", "exclude": ["a"] * 501}, "exclude"),
    "an unknown field": ({"text": "I am sad", WORD: WORD}, None),
    "keep_reading is a number": ({"text": "I am sad", "keep_reading": 1}, "keep_reading"),
}


@pytest.mark.parametrize("case", FIELDS.values(), ids=FIELDS)
def test_every_fault_of_a_field_names_it_and_its_repair_and_no_word(
    api: TestClient, case: tuple[dict[str, Any], str | None]
) -> None:
    body, field = case
    answer = api.post("/v1/journeys", content=json.dumps(body), headers=JSON)
    assert answer.status_code == 422, answer.text
    told = answer.json()
    assert told["code"] in ("invalid_request", "usage")
    assert told["field"] == field
    assert told["detail"]
    assert told["repair"]
    assert WORD not in answer.text
    assert "--" not in answer.text


def test_paths_and_methods_that_are_none(api: TestClient) -> None:
    problem_of(api.get(f"/v1/{WORD}"), 404, "not_found")
    assert WORD not in api.get(f"/{WORD}").text
    told = api.put("/v1/journeys", json={})
    problem_of(told, 405, "method_not_allowed")
    assert told.headers["allow"] == "POST"
    problem_of(api.get(f"/v1/journeys/{WORD}"), 422, "invalid_request", "journey_id")


def test_without_a_graph_it_says_so_and_when_to_come_again(api: TestClient) -> None:
    answer = api.post("/v1/journeys", json={"feel": ["joy"]})
    problem_of(answer, 503, "graph_unavailable")
    assert int(answer.headers["retry-after"]) >= 1
    problem_of(api.get("/v1/ready"), 503, "graph_unavailable")
    assert api.get("/v1/health").json()["status"] == "ok"
    assert api.post("/v1/emotions", json={"text": "I am so happy today"}).json()["outcome"] == "reading"


def test_every_answer_has_an_id_a_version_and_headers_that_shut_it_in(api: TestClient) -> None:
    for answer in (api.get("/v1/health"), api.get("/nothing"), api.post("/v1/journeys", json={"text": CRISIS})):
        assert answer.headers["isopath-version"]
        assert len(answer.headers["x-request-id"]) == 36
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "access-control-allow-origin" not in answer.headers
    given = "0b0f5d4e-93d1-4a6b-8a0e-7f5d9f2f4a11"
    assert api.get("/v1/health", headers={"X-Request-ID": given}).headers["x-request-id"] == given
    assert WORD not in api.get("/v1/health", headers={"X-Request-ID": WORD}).headers["x-request-id"]
