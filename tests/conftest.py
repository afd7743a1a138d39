"""What tests share: a home of their own, and two real Neo4j, one that holds what is shipped and one to write into.

Both are `NEO4J_URI`'s, else a container of docker-compose.yml when ISOPATH_TEST_NEO4J=container, else local servers
that Isopath starts itself. A test that asks for one is never skipped: no server is a failure.
"""

import gc
import os
import secrets
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis.configuration import set_hypothesis_home_dir
from xdist.remote import Producer

from encoders.emotions.model import open_emotion_model as load_emotions
from engine.bootstrap import EMOTIONS, load_compiled, open_graph
from engine.gate import Gate
from engine.graph import Graph, Row, Transaction, can_log_in
from engine.queries import Query
from engine.reasoning.planner import Planner
from engine.reasoning.reading import FeelingReader
from engine.reasoning.text_query import QueryEncoder
from engine.server import Server, ServerConnection
from engine.server.home import find_free_port
from engine.settings import ROOT, Settings
from tests.helpers.fakes import broken_promises
from tests.helpers.gate_rates import compiled as compiled_gate
from tests.helpers.hurried_java import hurried_java
from tests.helpers.shipped import put_gate
from tests.helpers.spreading import ByServer

GIVEN = Settings.from_environment()
"""The settings as whoever started the tests set them."""

# The same cases on every machine and in every run, none of them kept.
settings.register_profile("same", derandomize=True, deadline=None, max_examples=50, database=None)
settings.load_profile("same")
# Its table of all characters would stand beside the sources.
set_hypothesis_home_dir(ROOT / "build" / "hypothesis")


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByServer:
    """Who runs which tests, where several processes do."""
    spread = ByServer(config, log)
    spread.one_for_all = GIVEN.neo4j_uri is not None or os.environ.get("ISOPATH_TEST_NEO4J") == "container"
    return spread


def pytest_collection_finish() -> None:
    """All that is there by now stays to the end: no search for garbage need go through it again and again."""
    gc.collect()
    gc.freeze()


def say(line: str) -> None:
    """Progress of a server that starts, past pytest's capture: a start takes long enough to be wondered about."""
    print(f"  {line}", file=sys.__stderr__)


@pytest.fixture(scope="session", autouse=True)
def home() -> Iterator[Path]:
    """The home that every command started by a test sees: never the person's own."""
    # `make test` names the folder, so that it can clean up after tests that were killed.
    given = os.environ.get("ISOPATH_TEST_HOME")
    # Each process that runs tests beside others (pytest-xdist) has its own, and so a server of its own.
    name = f"home-{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
    whole = Path(given or tempfile.mkdtemp(prefix="isopath-test-"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ISOPATH_TEST_HOME", str(whole))
        patch.setenv("ISOPATH_HOME", str(whole / name))
        yield whole / name
    if not given:
        shutil.rmtree(whole, ignore_errors=True)


@pytest.fixture(scope="session")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that has its gate, and in which no server is ever started."""
    root = tmp_path_factory.mktemp("quiet")
    put_gate(root)
    return root


@pytest.fixture(scope="session", autouse=True)
def same_cases() -> Iterator[None]:
    """Hypothesis tries numbers and texts that it finds in our modules: in those imported so far, whichever they are."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("hypothesis.internal.conjecture.providers.is_local_module_file", lambda _path: False)
        yield


@pytest.fixture(scope="session")
def given_server(home: Path) -> Iterator[ServerConnection | None]:
    """The one server of all tests, where whoever started them names it or asks for a container."""
    if GIVEN.neo4j_uri is not None:
        yield Server(GIVEN).ensure_up(say)
    elif os.environ.get("ISOPATH_TEST_NEO4J") == "container":
        yield from _in_a_container()
    else:
        yield None


@pytest.fixture(scope="session")
def scratch_home(home: Path) -> Path:
    """The home of the server that tests write into."""
    return home / "scratch"


@pytest.fixture(scope="session")
def connection(scratch_home: Path, given_server: ServerConnection | None) -> Iterator[ServerConnection]:
    """A way into a real Neo4j that belongs to this test run. What is in it is the tests' own affair."""
    if given_server:
        yield given_server
        return
    server = Server(
        Settings(home=scratch_home, cache=GIVEN.cache, java_home=hurried_java(GIVEN.java_home, scratch_home))
    )
    try:
        yield server.ensure_up(say)
    finally:
        server.down(say)


@pytest.fixture(scope="session")
def served(home: Path, given_server: ServerConnection | None) -> Iterator[ServerConnection]:
    """A way into the Neo4j of the home, which holds what is shipped. Who changes it puts it back as it was."""
    server = Server(Settings.from_environment())
    put_gate(home)
    try:
        open_graph(Settings.from_environment(), say).close()
        yield server.ensure_up(say)
    finally:
        server.down(say)


@pytest.fixture(scope="module")
def shipped_graph(served: ServerConnection) -> Iterator[Graph]:
    """A graph that holds what is shipped: loaded here where it does not, as on a server that all tests share."""
    graph = open_graph(Settings.from_environment(), say)
    try:
        yield graph
    finally:
        graph.close()


@pytest.fixture(scope="module")
def planner(shipped_graph: Graph) -> Planner:
    """A planner over a graph that holds what is shipped."""
    gate, meaning = load_compiled(Settings.from_environment(), say)
    reader = FeelingReader(load_emotions(EMOTIONS), meaning)
    return Planner(gate, lambda: reader, lambda: shipped_graph, QueryEncoder())


@pytest.fixture(scope="session", autouse=True)
def promises() -> Iterator[None]:
    """Whatever a test reads is held against the columns that the first lines of its query promise."""
    honest = Transaction.rows

    def rows(self: Transaction, query: str | Query, **params: object) -> list[Row]:
        found = honest(self, query, **params)
        assert broken_promises(self.queries[query] if isinstance(query, str) else query, found) == []
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Transaction, "rows", rows)
        yield


def _in_a_container() -> Iterator[ServerConnection]:
    """The Neo4j that docker-compose.yml describes, on a port of its own, gone afterwards with all its data."""
    from testcontainers.compose import DockerCompose

    password, port = secrets.token_urlsafe(24), find_free_port()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (("PASSWORD", password), ("PORT", str(port)), ("URI", f"bolt://127.0.0.1:{port}")):
            patch.setenv(f"NEO4J_{name}", value)
        patch.setenv("COMPOSE_PROJECT_NAME", f"isopath-test-{port}")
        with DockerCompose(str(ROOT), "docker-compose.yml", wait=True, services=["neo4j"]):
            connection = ServerConnection(f"bolt://127.0.0.1:{port}", "neo4j", password)
            assert can_log_in(connection, seconds=120)
            yield connection


@pytest.fixture(scope="session")
def gate() -> Gate:
    """The crisis gate of ontology/, compiled once; it counts nothing."""
    return compiled_gate()
