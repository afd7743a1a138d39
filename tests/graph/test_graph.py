"""The door to Neo4j: what it says when the server is gone, and what it never says."""

import logging
import socket
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

import numpy as np
import pytest

from engine.errors import GraphUnavailable, QueryError, UsageError
from engine.graph import Graph, RunawayStatement, Transaction, run_within, to_vector
from engine.queries import Query
from engine.server import ServerConnection
from engine.use_cases.query import PROCEDURES, SHOWS, read_query_rows
from tests.helpers.asking import ask, values
from tests.helpers.fakes import broken_promises

pytestmark = pytest.mark.graph
SECRET = "my mother died and I drink"


@dataclass(frozen=True, slots=True)
class Address:
    """A connection with anything in it."""

    uri: str
    user: str = "neo4j"
    password: str = "wrong"
    database: str = "neo4j"


def query(body: str, *params: str, columns: str = "value") -> Query:
    """A query of one line for a test."""
    promises = "".join(f"// param {name} ANY\n" for name in params)
    promises += "".join(f"// column {name} ANY\n" for name in columns.split())
    return Query.read("journey/test", f"CYPHER 25\n// Test. One row.\n//\n{promises}{body}\n")


@pytest.fixture(scope="module")
def graph(connection: ServerConnection) -> Iterator[Graph]:
    with Graph.connect(connection) as graph:
        yield graph


@pytest.fixture
def things(graph: Graph) -> Iterator[Graph]:
    """A graph that forgets the test's own nodes."""
    yield graph
    graph.write(lambda t: t.rows(query("MATCH (n:TestThing) DETACH DELETE n RETURN count(*) AS value")))


def count(graph: Graph) -> int:
    [row] = graph.rows(query("MATCH (n:TestThing) RETURN count(*) AS value"))
    return int(row["value"])


CREATE = query("CREATE (n:TestThing {id: $id}) RETURN n.id AS value", "id")


def test_numbers_of_numpy_go_in_and_plain_values_come_out(graph: Graph) -> None:
    given = {
        "i": np.int64(3),
        "f": np.float32(0.5),
        "b": np.bool_(True),
        "l": np.array([1.0, 2.0]),
        "n": None,
        "deep": [{"x": np.float64(1.5)}],
        "empty": (),
    }
    [row] = graph.rows(query("RETURN $given AS value", "given"), given=given)
    assert row["value"] == {"i": 3, "f": 0.5, "b": True, "l": [1.0, 2.0], "n": None, "deep": [{"x": 1.5}], "empty": []}
    assert [type(row["value"][key]) for key in "ifb"] == [int, float, bool]


def test_a_vector_travels_as_bytes_and_is_stored_as_numbers(things: Graph) -> None:
    store = query(
        "CREATE (n:TestThing) WITH n CALL db.create.setNodeVectorProperty(n, 'v', $v) RETURN size(n.v) AS value", "v"
    )
    assert things.write(lambda t: t.rows(store, v=to_vector(np.array([0.25, -1.0], dtype=np.float16)))) == [
        {"value": 2}
    ]
    assert things.rows(query("MATCH (n:TestThing) RETURN n.v AS value")) == [{"value": [0.25, -1.0]}]


def test_what_json_has_no_form_for_gets_a_plain_one(graph: Graph) -> None:
    """The driver gives both as tuples, which would be printed as lists of numbers that mean nothing."""
    rows = graph.rows(query("UNWIND [duration('P1DT2H'), point({x: 1.0, y: 2.0})] AS value RETURN value"))
    assert [row["value"] for row in rows] == ["P1DT2H", {"srid": 7203, "x": 1.0, "y": 2.0}]


def test_a_date_comes_out_as_pythons_own(graph: Graph) -> None:
    rows = graph.rows(query("RETURN datetime('2026-11-23T01:02:03Z') AS value"))
    promised = Query.read("a/b", "CYPHER 25\n// Test. One row.\n// column value ZONED DATETIME NOT NULL\nRETURN 1")
    assert not broken_promises(promised, rows)
    assert rows[0]["value"].isoformat() == "2026-11-23T01:02:03+00:00"


def test_the_params_must_be_those_promised(graph: Graph) -> None:
    with pytest.raises(QueryError, match=r"is not given 'goal'(.|\n)*is given 'goals', which it does not promise"):
        graph.rows(query("RETURN $goal AS value", "goal"), goals=1)


def test_queries_read_together_see_one_state_of_the_graph(things: Graph) -> None:
    counting = query("MATCH (n:TestThing) RETURN count(*) AS value")
    seen = things.read([(counting, {}), (counting, {})])
    assert seen == [[{"value": 0}], [{"value": 0}]]


def test_a_read_cannot_write(things: Graph) -> None:
    with pytest.raises(QueryError, match="AccessMode"):
        things.rows(CREATE, id="a")
    assert count(things) == 0


def test_a_work_that_raises_writes_nothing(things: Graph) -> None:
    def work(transaction: Transaction) -> None:
        transaction.rows(CREATE, id="a")
        raise RuntimeError("changed my mind")

    with pytest.raises(RuntimeError, match="changed my mind"):
        things.write(work)
    assert count(things) == 0


def test_two_writers_in_each_others_way_both_finish(things: Graph) -> None:
    for id_ in ("a", "b"):
        things.write(lambda t, id_=id_: t.rows(CREATE, id=id_))  # type: ignore[misc]
    touch = query("MATCH (n:TestThing {id: $id}) SET n.n = coalesce(n.n, 0) + 1 RETURN n.n AS value", "id")
    met = threading.Barrier(2, timeout=20)
    faults: list[BaseException] = []

    def work(transaction: Transaction, ids: str) -> None:
        transaction.rows(touch, id=ids[0])
        with suppress(threading.BrokenBarrierError):
            met.wait()  # Each holds one node now and wants the other's: the server must refuse one of them.
        transaction.rows(touch, id=ids[1])

    def write(ids: str) -> None:
        try:
            things.write(lambda t: work(t, ids))
        except BaseException as exc:
            faults.append(exc)
        finally:
            met.abort()

    threads = [threading.Thread(target=write, args=(ids,)) for ids in ("ab", "ba")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults
    assert things.rows(query("MATCH (n:TestThing) RETURN n.n AS value ORDER BY n.id")) == [{"value": 2}, {"value": 2}]


@pytest.mark.parametrize(
    "asked",
    [
        query("RETURN 1 + date($words) AS value", "words"),
        query("RETURN $words.inside AS value", "words"),
        query("RETURN datetime({year: $words}) AS value", "words"),
        query("RETURN toInteger(1) / size(substring($words, -1)) AS value", "words"),
        query("UNWIND range(1, 3) AS i MATCH (n:$($words)) RETRUN n AS value", "words"),
        query("RETURN point({x: $words, y: 1}) AS value", "words"),
        query("CALL db.index.vector.queryNodes($words, 3, [1.0]) YIELD node RETURN node AS value", "words"),
    ],
    ids=["type", "access", "component", "range", "syntax", "point", "procedure"],
)
def test_what_a_person_wrote_is_in_no_error_and_no_log(
    asked: Query, graph: Graph, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises((QueryError, GraphUnavailable)) as caught:
        graph.rows(asked, words=SECRET)
    told = "".join(traceback.format_exception(caught.value))
    assert "cypher/journey/test.cypher" in told
    assert SECRET not in told
    assert SECRET not in caplog.text


def test_what_a_person_wrote_is_in_no_error_of_a_broken_constraint(things: Graph) -> None:
    things.write(lambda t: t.rows(query("CREATE CONSTRAINT test_thing FOR (n:TestThing) REQUIRE n.id IS UNIQUE")))
    try:
        things.write(lambda t: t.rows(CREATE, id=SECRET))
        with pytest.raises(QueryError, match="ConstraintValidationFailed") as caught:
            things.write(lambda t: t.rows(CREATE, id=SECRET))
        assert SECRET not in "".join(traceback.format_exception(caught.value))
    finally:
        things.write(lambda t: t.rows(query("DROP CONSTRAINT test_thing")))


def test_nobody_there_is_told_within_seconds() -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        began = time.monotonic()
        with Graph.connect(Address(f"bolt://127.0.0.1:{taken.getsockname()[1]}")) as graph:
            with pytest.raises(GraphUnavailable, match="does not answer") as caught:
                graph.rows(query("RETURN 1 AS value"))
            assert "isopath up" in caught.value.repair
        assert time.monotonic() - began < 10


def test_an_address_that_is_none_is_told() -> None:
    with pytest.raises(GraphUnavailable, match="is not an address"):
        Graph.connect(Address("nonsense://127.0.0.1:7687"))


def test_a_wrong_password_is_told_without_the_password(connection: ServerConnection) -> None:
    password = "swordfish-and-more"
    wrong = replace(connection, password=password)
    with Graph.connect(wrong) as graph, pytest.raises(GraphUnavailable, match="does not let user 'neo4j' in") as caught:
        graph.rows(query("RETURN 1 AS value"))
    assert password not in "".join(traceback.format_exception(caught.value))


def test_a_database_that_is_not_there_is_told(connection: ServerConnection) -> None:
    elsewhere = replace(connection, database="nowhere")
    with Graph.connect(elsewhere) as graph, pytest.raises(GraphUnavailable, match="has no database 'nowhere'"):
        graph.rows(query("RETURN 1 AS value"))


class Wire:
    """A line to a server that a test can cut."""

    def __init__(self, uri: str) -> None:
        parts = urlsplit(uri)
        self._target = (parts.hostname or "127.0.0.1", parts.port or 7687)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._ends: list[socket.socket] = []
        self.uri = f"bolt://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Ends every connection, and takes no more."""
        # Closing alone would leave a thread in accept() with the port still open.
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for end in self._ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                far = socket.create_connection(self._target)
                self._ends += [near, far]
                for source, sink in ((near, far), (far, near)):
                    threading.Thread(target=self._carry, args=(source, sink), daemon=True).start()

    @staticmethod
    def _carry(source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)


def test_a_server_that_goes_half_way_is_told_and_nothing_was_written(
    connection: ServerConnection, things: Graph
) -> None:
    wire = Wire(connection.uri)

    def work(transaction: Transaction) -> None:
        transaction.rows(CREATE, id="a")
        wire.cut()
        transaction.rows(CREATE, id="b")

    through = replace(connection, uri=wire.uri)
    with Graph.connect(through) as graph, pytest.raises(GraphUnavailable, match="does not answer") as caught:
        graph.write(work)
    assert "isopath up" in caught.value.repair
    assert count(things) == 0


def test_a_server_that_comes_back_is_found_again(connection: ServerConnection) -> None:
    wire = Wire(connection.uri)
    through = replace(connection, uri=wire.uri)
    one = query("RETURN 1 AS value")
    with Graph.connect(through) as graph:
        assert graph.rows(one)
        for end in wire._ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        with suppress(GraphUnavailable):  # The first call may still hold the broken line.
            graph.rows(one)
        assert graph.rows(one) == [{"value": 1}]


def test_a_query_that_never_ends_is_stopped(connection: ServerConnection) -> None:
    endless = query("UNWIND range(1, 1000000000000) AS i WITH i WHERE i % 7 = 8 RETURN i AS value")
    with Graph.connect(connection) as graph, pytest.raises(QueryError, match="took too long"):
        graph.write(lambda t: t.rows(endless), seconds=1)


def test_an_index_that_is_missing_sends_to_load(graph: Graph) -> None:
    body = "MATCH (n:TestThing) SEARCH n IN (VECTOR INDEX none_such FOR [1.0] LIMIT 1) SCORE AS s RETURN s AS value"
    with pytest.raises(GraphUnavailable, match="lacks an index") as caught:
        graph.rows(query(body))
    assert "isopath load" in caught.value.repair


def test_the_version_of_the_server_is_known_and_an_old_one_refused(graph: Graph, connection: ServerConnection) -> None:
    assert graph.version.startswith("20")
    with Graph.connect(connection) as other:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("engine.graph.graph.MIN_VERSION", (2999, 1))
            with pytest.raises(GraphUnavailable, match=r"needs Neo4j 2999\.01"):
                other.rows(query("RETURN 1 AS value"))
        assert other.rows(query("RETURN 1 AS value"))


def test_an_analyst_reads_by_name_by_file_and_by_text(graph: Graph, tmp_path_factory: pytest.TempPathFactory) -> None:
    assert read_query_rows(graph, "analytics/artists").columns[0] == "artist"
    path = tmp_path_factory.mktemp("analyst") / "mine.cypher"
    path.write_text("RETURN 1 AS one")
    assert read_query_rows(graph, str(path)).rows == ({"one": 1},)
    assert read_query_rows(graph, "RETURN $n + 1 AS two", {"n": 1}).rows == ({"two": 2},)


def test_an_analyst_gets_no_more_rows_than_the_limit_and_is_told(graph: Graph) -> None:
    table = read_query_rows(graph, "UNWIND range(1, 100000000) AS i RETURN i", max_rows=3)
    assert (len(table.rows), table.more) == (3, True)
    assert not read_query_rows(graph, "UNWIND range(1, 3) AS i RETURN i", max_rows=3).more


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("CREATE (n:TestThing)", "would change something"),
        ("MATCH (n) DETACH DELETE n RETURN 1", "would change something"),
        ("CREATE INDEX x FOR (n:TestThing) ON (n.x)", "would change something"),
        ("CALL db.createLabel('TestThing')", "db.createLabel"),
        ("LOAD CSV FROM 'file:///etc/passwd' AS l RETURN l", "LOAD CSV"),
        ("CALL () { LOAD CSV FROM 'http://127.0.0.1/x' AS l RETURN l } RETURN l", "LOAD CSV"),
        ("CALL dbms.listConfig() YIELD name, value RETURN name, value", "calls dbms.listConfig"),
        ("CALL dbms.listConnections()", "calls dbms.listConnections"),
        ("CALL db.index.vector.queryNodes('track_embedding', 1, [1.0])", "calls db.index.vector.queryNodes"),
        ("MATCH (n) CALL db.awaitIndexes(1) RETURN n", "calls db.awaitIndexes"),
        ("SHOW TRANSACTIONS", "server command"),
        ("SHOW SETTINGS", "server command"),
        ("SHOW USERS", "ShowUsers|server command|reads database"),
        ("TERMINATE TRANSACTIONS 'neo4j-transaction-1'", "server command"),
        ("USE system SHOW DATABASES", "reads database 'system'|server command"),
        ("USE nowhere RETURN 1", "DatabaseNotFound"),
        ("MATCH (n RETURN n", "SyntaxError"),
        ("RETURN $a + $b AS c", r"needs \$a, \$b"),
    ],
)
def test_an_analysts_statement_that_does_more_than_read_is_refused(text: str, fault: str, things: Graph) -> None:
    with pytest.raises(UsageError, match=fault):
        read_query_rows(things, text)
    assert count(things) == 0


@pytest.mark.parametrize(
    "text",
    [
        "'WORDS' she said",
        '"WORDS" she said',
        "`WORDS` she said",
        "RETURN 1 'WORDS'",
        "RETURN 1 'it''s WORDS'",
        "RETURN 1 'WORDS\nWORDS'",
        "RETURN 'x: expected WORDS' 'y: expected WORDS'",
        "MATCH (n) RETURN n.`WORDS` 'WORDS'",
        "MATCH (`WORDS`) RETURN count(*) + `WORDS`.x",
        "MATCH (`'WORDS' 'WORDS`) RETURN `'WORDS' or 'WORDS' .`",
        "RETURN $`WORDS`",
        "RETURN 'WORDS",
        "RETURN `WORDS`('WORDS')",
        "MATCH (n:`WORDS`) RETURN `WORDS: expected WORDS`",
        "USE WORDS RETURN 1",
        "RETURN 1 AS `WORDS`, 2 AS `WORDS`",
    ],
)
def test_what_a_statement_quotes_is_not_repeated(text: str, graph: Graph) -> None:
    with pytest.raises(UsageError) as caught:
        read_query_rows(graph, text.replace("WORDS", "mothers grave"))
    assert "mother" not in str(caught.value)
    assert "grave" not in str(caught.value)


def test_the_server_still_tells_what_it_expected(graph: Graph) -> None:
    with pytest.raises(UsageError, match=r"Invalid input: expected 'ALTER', .*\(line 1, column"):
        read_query_rows(graph, "MATHC (n) RETURN n")


@pytest.mark.parametrize(
    "word", ["PROFILE", "explain", "CYPHER 25 PROFILE", "/* read */ Profile", "ALTER CURRENT GRAPH TYPE"]
)
def test_a_statement_that_answers_nothing_is_told_why(word: str, things: Graph) -> None:
    with pytest.raises(UsageError, match="begins with"):
        read_query_rows(things, f"{word} MATCH (n) RETURN n")


def test_a_fault_of_the_server_at_a_statement_is_the_statements(graph: Graph) -> None:
    with pytest.raises(UsageError, match="failed at the statement"):
        read_query_rows(graph, "MATCH (n) WITH n LIMIT 1 MATCH p = shortestPath((n)-[*..3]-(n)) RETURN p")


def test_a_cell_that_is_too_large_is_told(graph: Graph) -> None:
    with pytest.raises(UsageError, match=r"cell of 2,\d+,\d+ characters or elements in column 'xs'"):
        read_query_rows(graph, "UNWIND range(1, 1000000) AS i RETURN collect(i) AS xs")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("engine.graph.graph.LARGEST_TABLE", 1_000)
        with pytest.raises(UsageError, match="more than 1,000 characters and elements"):
            read_query_rows(graph, "UNWIND range(1, 900) AS i RETURN [1, 2, 3] AS xs")


def test_a_statement_that_the_server_does_not_end_is_left_alone_at_the_deadline() -> None:
    ended = threading.Event()
    began = time.monotonic()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("engine.graph.deadline._GRACE", 0.1)
        with pytest.raises(RunawayStatement, match="goes on at the server"):
            run_within(0.1, "the statement", ended.wait)
    assert time.monotonic() - began < 5
    ended.set()
    assert run_within(5, "the statement", lambda: 7) == 7


def test_profile_and_explain_run_nothing_they_should_not(things: Graph) -> None:
    for word in ("PROFILE", "EXPLAIN", "CYPHER 25 PROFILE"):
        with suppress(UsageError):
            read_query_rows(things, f"{word} CREATE (n:TestThing) RETURN n")
    assert count(things) == 0


def test_an_analysts_endless_statement_is_stopped(graph: Graph) -> None:
    text = "UNWIND range(1, 1000000000000) AS i WITH i WHERE i % 7 = 8 RETURN i"
    with pytest.raises(UsageError, match="took too long"):
        read_query_rows(graph, text, seconds=1)


def test_a_name_that_is_nearly_right_gets_a_hint(graph: Graph) -> None:
    with pytest.raises(UsageError, match="neither a query of cypher/ nor a file") as caught:
        read_query_rows(graph, "analytics/artist")
    assert "analytics/artists" in caught.value.repair


@pytest.mark.parametrize("name", PROCEDURES)
def test_every_procedure_that_is_allowed_is_still_needed(name: str, graph: Graph) -> None:
    assert PROCEDURES[name]
    assert read_query_rows(graph, f"CALL {name}() YIELD *").columns


@pytest.mark.parametrize("operator", SHOWS)
def test_every_show_command_that_is_allowed_is_still_needed(operator: str, graph: Graph) -> None:
    assert SHOWS[operator]
    command = f"SHOW {operator.removeprefix('Show').upper()}"
    plan = graph.plan_statement(command, "test")
    assert operator in {name for name, _ in plan.operators}
    assert read_query_rows(graph, command).columns


def test_connecting_says_nothing_to_the_server() -> None:
    address = Address("bolt://127.0.0.1:1")
    Graph.connect(replace(address, database="x")).close()


def test_those_who_make_the_same_schema_at_once_all_succeed(connection: ServerConnection) -> None:
    makes = Query.read(
        "test/make",
        "CYPHER 25\n// An index. No rows.\nCREATE INDEX test_racing IF NOT EXISTS FOR (n:TestRacing) ON (n.place)\n",
    )
    drops = Query.read("test/drop", "CYPHER 25\n// No index. No rows.\nDROP INDEX test_racing IF EXISTS\n")
    faults: list[Exception] = []
    together = threading.Barrier(4)

    def make() -> None:
        with Graph.connect(connection) as graph:
            assert graph.version
            together.wait(30)
            try:
                graph.write(lambda transaction: transaction.rows(makes))
            except Exception as fault:
                faults.append(fault)

    try:
        for _ in range(3):
            threads = [threading.Thread(target=make) for _ in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            with Graph.connect(connection) as graph:
                graph.write(lambda transaction: transaction.rows(drops))
    finally:
        with suppress(GraphUnavailable), Graph.connect(connection) as graph:
            graph.write(lambda transaction: transaction.rows(drops))
    assert faults == []


@pytest.mark.parametrize("fails", [False, True])
def test_what_is_supposed_is_seen_inside_alone_and_taken_back(fails: bool, graph: Graph) -> None:
    with suppress(ValueError), graph.begin_discarded() as transaction:
        transaction.rows(ask("CREATE (:Supposed {id: 'x'})", ""))
        assert transaction.rows(ask("MATCH (n:Supposed) RETURN count(n) AS value")) == [{"value": 1}]
        assert values(graph, "MATCH (n:Supposed) RETURN count(n) AS value") == [0]
        if fails:
            raise ValueError
    assert values(graph, "MATCH (n:Supposed) RETURN count(n) AS value") == [0]
