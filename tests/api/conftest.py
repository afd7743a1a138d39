"""The service as most of its tests want it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from engine.server import ServerConnection
from tests.helpers.serving import client, ours, service


@pytest.fixture(scope="session")
def api(served: ServerConnection, home: Path) -> Iterator[TestClient]:
    """A client of a service over the graph that holds what is shipped, all of it open; one for all tests."""
    made = service(ours(home))
    made.application.warm_up()
    with client(made) as opened:
        assert opened.get("/v1/ready").json() == {"status": "ready"}
        yield opened
