"""Tests that share a server run in one process: each start and load of one more takes a minute."""

import pytest

from tests.helpers.spreading import FIXTURES, SERVERS


def test_every_file_that_uses_a_server_is_named_with_it(request: pytest.FixtureRequest) -> None:
    """Of the tests that this run collected, which may be some of a file's."""
    used = {
        (item.nodeid.partition("::")[0], fixture)
        for item in request.session.items
        for fixture in FIXTURES
        if fixture in getattr(item, "fixturenames", ())
    }
    assert {file: SERVERS.get(file) for file, _ in used} == dict(used)
