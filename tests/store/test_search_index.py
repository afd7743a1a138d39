"""The vector index can fail; a journey cannot."""

import select
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any, cast
from urllib.parse import urlsplit

import pytest

from engine.answers import Journey
from engine.errors import GraphUnavailable
from engine.graph import Graph, Row
from engine.ingest.forgetting import forget
from engine.journey import Request
from engine.queries import Queries
from engine.reasoning.planner import Planner
from engine.reasoning.search import TrackSearch
from engine.server import ServerConnection
from engine.settings import CYPHER_DIR
from engine.store.search_index import SearchIndex
from tests.helpers.asking import do
from tests.helpers.planning import planned_journey
from tests.helpers.proofs import sample

ASKED = Request(feel=("sadness",), goal="calm", goal_chosen=True, seed=1)
MOST_SECONDS = 20.0
"""Five on a machine that does nothing else. After a change of schema or statistics the server plans both queries anew,
which takes seconds where tests run beside each other; a search that hangs holds a journey up for two minutes."""
COUNTS = (2, 3, 5, 10, 20, 30, 40, 50, 64, 65, 100, 128, 150, 200)
GRID = sorted(
    {(n, max(1, n * tenth // 10), beside) for n in COUNTS for tenth in range(1, 11) for beside in (True, False)}
)


@pytest.fixture(autouse=True)
def rest(request: pytest.FixtureRequest) -> Iterator[None]:
    """Nothing of a listener's own is left, and the index is whole."""
    yield
    if "planner" in request.fixturenames:
        tidy(request.getfixturevalue("planner").get_graph())


@pytest.fixture
def warm(planner: Planner) -> Planner:
    """A planner whose server has planned both ways to search: what it takes then is the search alone."""
    planner.plan(ASKED)
    replace(planner, get_graph=lambda: cast("Graph", Refusing(planner.get_graph()))).plan(ASKED)
    return planner


def tidy(graph: Graph) -> None:
    do(graph, "MATCH (n:!Individual) WHERE n.id STARTS WITH 'own-' OR n:File OR n:Journey OR n:Step DETACH DELETE n")
    do(graph, "MATCH (t:Set_aside) SET t:Track REMOVE t:Set_aside")
    built(graph)


def built(graph: Graph) -> None:
    """Waits until the index answers."""
    index = SearchIndex(graph)
    for _ in range(400):
        index.repair()
        if index.check_state() == "answers":
            return
        time.sleep(0.1)
    raise AssertionError(index.describe())


def take_in(graph: Graph, count: int, batch: int = 50) -> list[str]:
    """Own tracks like those of the catalogue, each in a file of its own, as an ingest writes them: batch by batch."""
    ids = [f"own-{number:05}" for number in range(count)]
    for start in range(0, count, batch):
        do(
            graph,
            f"""MATCH (like:Track|Set_aside) WHERE NOT like.id STARTS WITH 'own-'
            WITH like ORDER BY like.id WITH collect(like) AS likes
            UNWIND range({start}, {min(start + batch, count) - 1}) AS number
            WITH number, likes[number * 7 % size(likes)] AS like, right('0000' + number, 5) AS name
            CREATE (t:Track)-[:STANDS_IN]->(:File {{path: '/music/' + name, size: 1, modified: 1}})
            SET t = like {{.*, id: 'own-' + name, stamp: null, kind: 'midi', source: '/music/' + name}}
            CREATE (t)-[:PERFORMS]->(:Work {{id: 'own-w' + name, title: name}})
                      -[:BY]->(:Artist {{id: 'own-a' + name, name: name}})""",
        )
    return ids


def delete(graph: Graph, ids: Sequence[str]) -> None:
    """Tracks go, and nobody looks after the index."""
    do(graph, f"MATCH (t:Track) WHERE t.id IN {list(ids)!r} DETACH DELETE t")


def planned(planner: Planner) -> Journey:
    """A journey, soon."""
    began = time.monotonic()
    answer = planned_journey(planner, ASKED)
    assert time.monotonic() - began < MOST_SECONDS
    return answer


@pytest.mark.graph
def test_a_journey_is_planned_and_the_index_made_anew_after_a_deletion_that_breaks_it(planner: Planner) -> None:
    graph = planner.get_graph()
    index = SearchIndex(graph)
    before = planned_journey(planner, ASKED)
    ids = take_in(graph, 2)
    delete(graph, ids[:1])
    assert index.check_state() == "fails", "the server has been mended: is all of this still needed?"
    assert "fails" in index.describe()
    answer = planner.plan(ASKED)  # It is so wide a search that it may be answered all the same.
    assert answer.outcome == "journey"
    index.repair()
    assert index.check_state() in {"building", "answers"}
    assert "made anew" in index.describe()
    built(graph)
    do(graph, f"MATCH (t:Track) WHERE t.id IN {ids!r} DETACH DELETE t")
    built(graph)
    assert [s.track_id for s in planned_journey(planner, ASKED).steps] == [s.track_id for s in before.steps]


@pytest.mark.graph
def test_forgetting_leaves_an_index_that_answers(planner: Planner) -> None:
    graph = planner.get_graph()
    ids = take_in(graph, 2)
    forget(graph, ids[:1])
    assert SearchIndex(graph).check_state() in {"building", "answers"}
    assert planner.plan(ASKED).outcome == "journey"


@pytest.mark.graph
@pytest.mark.proof
@pytest.mark.parametrize(("count", "gone", "beside"), sample(GRID, 2))
def test_a_journey_is_planned_whatever_was_forgotten(warm: Planner, count: int, gone: int, beside: bool) -> None:
    graph = warm.get_graph()
    ids = take_in(graph, count)
    if not beside:  # a fifth is left: enough for a journey
        do(
            graph,
            """MATCH (t:Track) WHERE NOT t.id STARTS WITH 'own-'
            WITH t ORDER BY t.id WITH collect(t) AS tracks UNWIND range(0, size(tracks) - 1) AS n
            WITH tracks[n] AS t WHERE n % 5 > 0 SET t:Set_aside REMOVE t:Track""",
        )
    delete(graph, ids[:gone])
    planned(warm)


@pytest.mark.graph
@pytest.mark.proof
@pytest.mark.parametrize("careful", sample([True, False], 1))
def test_a_journey_is_planned_after_nearly_all_of_thousands_were_forgotten(warm: Planner, careful: bool) -> None:
    graph = warm.get_graph()
    ids = take_in(graph, 4096, batch=500)
    if careful:
        forget(graph, ids[:4000])
    else:
        delete(graph, ids[:4000])
    planned(warm)


@pytest.mark.graph
def test_a_journey_and_a_search_are_answered_without_an_index(warm: Planner) -> None:
    graph = warm.get_graph()
    wish = [1.0] * graph.rows("load/version")[0]["dimensions"]
    given: dict[str, Any] = {"wish": wish, "looked": 400, "limit": 20}
    found = graph.rows("search/tracks", **given)
    do(graph, "DROP INDEX track_embedding")
    do(graph, "DROP INDEX track_profile")
    assert "no vector index" in SearchIndex(graph).describe()
    search = TrackSearch(graph)
    exact = search.find_rows("search/tracks", graph, **given)
    assert [row["similarity"] for row in exact] == pytest.approx([row["similarity"] for row in found], abs=1e-4)
    planned(warm)
    assert SearchIndex(graph).check_state() in {"building", "answers"}


@pytest.mark.graph
def test_of_two_that_find_the_index_failing_one_makes_it_anew(planner: Planner) -> None:
    graph = planner.get_graph()
    delete(graph, take_in(graph, 2)[:1])
    made: list[bool] = []
    both = [threading.Thread(target=lambda: made.append(SearchIndex(graph).repair())) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert sorted(made) == [False, True]


@pytest.mark.graph
def test_a_server_that_swallows_the_search_holds_up_no_journey(warm: Planner, served: ServerConnection) -> None:
    with swallowing(served, b"SEARCH t IN") as address, Graph.connect(replace_uri(served, address)) as graph:
        planned(replace(warm, get_graph=lambda: graph))


@contextmanager
def swallowing(connection: ServerConnection, word: bytes) -> Iterator[str]:
    """The address of a wire to the server on which a message with this word, and what comes after it, is lost.

    In the clear: who encrypts is the wire.
    """
    parts = urlsplit(connection.uri)
    listener = socket.create_server(("127.0.0.1", 0))
    opened: list[socket.socket] = [listener]

    def carry(ours: socket.socket, theirs: socket.socket) -> None:
        to = {ours: theirs, theirs: ours}
        with suppress(OSError, ValueError):
            while to:
                for source in select.select(list(to), [], [])[0]:
                    data = source.recv(1 << 16)
                    while isinstance(source, ssl.SSLSocket) and source.pending():
                        data += source.recv(1 << 16)
                    if not data:
                        return
                    if source is ours and word in data:
                        del to[ours]
                    else:
                        to[source].sendall(data)

    def take() -> None:
        while True:
            try:
                ours, _ = listener.accept()
            except OSError:
                return
            theirs = socket.create_connection((parts.hostname or "", parts.port or 0))
            if connection.certificate:
                trusting = ssl.create_default_context(cafile=connection.certificate)
                theirs = trusting.wrap_socket(theirs, server_hostname=parts.hostname)
            opened.extend((ours, theirs))
            threading.Thread(target=carry, args=(ours, theirs), daemon=True).start()

    threading.Thread(target=take, daemon=True).start()
    try:
        yield f"{parts.scheme}://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        for one in opened:
            one.close()


def replace_uri(connection: ServerConnection, uri: str) -> ServerConnection:
    return ServerConnection(uri, connection.user, connection.password, connection.database)


class Refusing:
    """A graph that refuses the filtered search."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph

    def __getattr__(self, name: str) -> Any:
        return getattr(self.graph, name)

    def rows(self, query: str, **params: object) -> list[Row]:
        return refused() if query == "journey/candidates" else self.graph.rows(query, **params)


SEARCH: dict[str, Any] = {"wish": [0.0], "looked": 1, "limit": 1}
"""Params of `search/tracks`."""


class FakeGraph:
    """A graph whose vector index does as told; the exact query takes `seconds`."""

    def __init__(self, index: Callable[[], list[Row]], seconds: float = 0.0) -> None:
        self.index, self.seconds = index, seconds
        self.queries = Queries.load(CYPHER_DIR)

    def rows(self, query: str, **_: object) -> list[Row]:
        if not query.endswith("_exact"):
            return self.index()
        time.sleep(self.seconds)
        return [{"from": "exact"}]

    @contextmanager
    def begin_read(self) -> Iterator["FakeGraph"]:
        yield self


def refused() -> list[Row]:
    raise GraphUnavailable("bolt://here", "failed (50N00)", "See the log")


def late(seconds: float) -> list[Row]:
    time.sleep(seconds)
    return [{"from": "index"}]


@pytest.mark.parametrize(
    ("index", "exact_seconds", "expected"),
    [
        (lambda: [{"from": "index"}], 0.0, "index"),
        (refused, 0.0, "exact"),
        (lambda: late(60), 0.0, "exact"),
        (lambda: late(1.3), 3.0, "index"),
        (lambda: late(1.3) and refused(), 0.6, "exact"),
    ],
    ids=["answers", "errs", "hangs", "is slow, and faster than looking at all", "errs late"],
)
def test_the_exact_query_answers_where_the_index_does_not(
    index: Callable[[], list[Row]], exact_seconds: float, expected: str, caplog: pytest.LogCaptureFixture
) -> None:
    graph = cast("Graph", FakeGraph(index, exact_seconds))
    search = TrackSearch(graph)
    began = time.monotonic()
    assert search.find_rows("search/tracks", graph, **SEARCH) == [{"from": expected}]
    assert time.monotonic() - began < 2.5
    assert (search.given_up is not None) == (expected == "exact")
    warned = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert ["given up" in message for message in warned] == [True] * (expected == "exact")


def test_a_search_that_failed_once_is_not_tried_again_for_the_same_answer() -> None:
    times: list[int] = []

    def index() -> list[Row]:
        times.append(1)
        return refused()

    graph = cast("Graph", FakeGraph(index))
    search = TrackSearch(graph)
    assert [search.find_rows("search/tracks", graph, **SEARCH) for _ in range(3)] == [[{"from": "exact"}]] * 3
    assert len(times) == 1


def test_an_error_that_is_not_the_servers_is_raised() -> None:
    def index() -> list[Row]:
        raise KeyError("ours")

    with pytest.raises(KeyError):
        TrackSearch(cast("Graph", FakeGraph(index))).find_rows(
            "search/tracks", cast("Graph", FakeGraph(index)), **SEARCH
        )


def test_an_error_that_is_not_the_servers_does_not_pass_for_a_failing_index() -> None:
    names = ("track_embedding", "track_profile")
    states: list[list[Row]] = [[{"name": name, "state": "ONLINE", "dimensions": 2} for name in names]]

    def index() -> list[Row]:
        if states:
            return states.pop()
        raise KeyError("ours")

    with pytest.raises(KeyError):
        SearchIndex(cast("Graph", FakeGraph(index))).check_state()
