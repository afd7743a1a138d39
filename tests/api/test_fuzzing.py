"""Requests that schemathesis makes up from the service's own description: none is a fault of the service, and every
answer is what the description promises of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import SearchStrategy
from schemathesis import GenerationMode, checks
from schemathesis.core.result import Ok
from starlette.testclient import TestClient

from api.problems import TITLES
from tests.helpers.proofs import PROVING

pytestmark = pytest.mark.graph

EACH = 550 if PROVING else 1
"""Requests of each kind for each operation: over 20,000 in all with `make prove`."""
FEW = 20 if PROVING else 1
"""Of those that take a second each: what is rendered, or reasoned out again."""
SLOW = {
    ("GET", "/v1/tracks/{track_id}/audio"),
    ("GET", "/v1/journeys/{journey_id}/explanation"),
    ("GET", "/v1/journeys/{journey_id}/export"),
    ("POST", "/v1/journeys/{journey_id}/replan"),
}
HELD = [
    checks.not_a_server_error, checks.status_code_conformance, checks.content_type_conformance,
    checks.response_headers_conformance, checks.response_schema_conformance, checks.negative_data_rejection,
]  # fmt: skip
"""What every answer is held against. That what fits the description is accepted is not among them: an id may be well
formed and nobody's."""


@pytest.fixture(scope="module")
def known(api: TestClient) -> dict[str, str]:
    """Something that is there, for each name that stands in a path."""
    planned = api.post("/v1/journeys", json={"feel": ["joy"], "seed": 1, "listener": "fuzzed", "minutes": 5}).json()
    return {
        "journey_id": planned["id"],
        "track_id": planned["stages"][0]["steps"][0]["track_id"],
        "rule_id": planned["rules"][0]["id"],
        "listener_id": "fuzzed",
        "name": "rules_by_stage",
    }


def kinds(operation: Any, known: dict[str, str]) -> Iterator[tuple[SearchStrategy[Any], int]]:
    """What fits the description, what does not, and what asks for something that is there; how many of each."""
    yield operation.as_strategy(GenerationMode.POSITIVE), EACH
    if operation.body or any(operation.iter_parameters()):
        yield operation.as_strategy(GenerationMode.NEGATIVE), EACH
    named = {one.name: known[one.name] for one in operation.path_parameters}
    method = operation.method.upper()
    if named and method != "DELETE":
        few = FEW if (method, operation.path) in SLOW else EACH
        yield operation.as_strategy(GenerationMode.POSITIVE, path_parameters=named), few
        if operation.body:
            yield operation.as_strategy(GenerationMode.NEGATIVE, path_parameters=named), EACH


@pytest.mark.proof
def test_no_request_that_can_be_made_up_is_a_fault_of_the_service(
    api: TestClient, known: dict[str, str], record_property: Callable[[str, object], None]
) -> None:
    schema = schemathesis.openapi.from_dict(without_keys(api.get("/openapi.json").json()))
    answered: Counter[int] = Counter()
    for found in schema.get_all_operations():
        assert isinstance(found, Ok)
        for strategy, count in kinds(found.ok(), known):

            @settings(max_examples=count, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
            @given(case=strategy)
            def holds(case: Any) -> None:
                answer = sent(api, case)
                answered[answer.status_code] += 1
                # A body of more than 64 kB is refused before anybody looks into it.
                case.validate_response(answer, checks=HELD[:-1] if answer.status_code == 413 else HELD)
                if answer.status_code >= 400:
                    assert answer.json()["code"] in TITLES

            holds()
    told = ", ".join(f"{count} x {status}" for status, count in sorted(answered.items()))
    record_property("requests", f"{answered.total():,} ({told})")
    assert answered.total() >= (20_000 if PROVING else 50)


def without_keys(description: dict[str, Any]) -> dict[str, Any]:
    """The description of a service that needs no key: tests/api/test_access.py is about keys."""
    for operations in description["paths"].values():
        for operation in operations.values():
            operation.pop("security", None)
    return description


def sent(api: TestClient, case: Any) -> Any:
    """The answer to a case."""
    given_ = case.as_transport_kwargs(base_url="http://127.0.0.1")
    content = {"content": data} if isinstance(data := given_.get("data"), str | bytes) else {"data": data}
    taken = {name: given_[name] for name in ("headers", "params", "json") if name in given_}
    return api.request(given_["method"], given_["url"].removeprefix("http://127.0.0.1"), **taken, **content)
