"""Kept journeys: what is stored of one, that it tells nothing of the person, and that an erased one leaves no byte."""

from __future__ import annotations

import random
import struct
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import pytest

import engine.store.journeys
from engine.answers import Journey, ModelVersion, Provenance
from engine.errors import UsageError
from engine.graph import Connection, Graph, Row, Transaction
from engine.journey import Quality, Reading, Step
from engine.server import Server
from engine.server.transaction_logs import wait_for_pruning
from engine.settings import Settings
from engine.store.catalogue import Catalogue
from engine.store.journeys import (
    erase_expired,
    erase_from_graph,
    find_journeys,
    find_older,
    persist_journey,
    read_journeys,
)
from engine.store.load import load
from tests.conftest import GIVEN, say
from tests.helpers.asking import do, values, wipe
from tests.helpers.fakes import FakeEmbedder, FakeOntology, individual, small_catalogue, small_ontology

pytestmark = pytest.mark.graph
ID = "49ed6c2b-caee-42e1-9eb4-5588761f5247"
NUMBERS = (0.16, 0.07, 0.98, 0.01, 0.06, 0.92, 0.99, 0.8, 0.9, 120.5)
BECAUSE = "Opens with a brightness of 0.615. Under: Sadness is met."

AS_73429CC_KEPT = """
MATCH (version:Version {current: true}), (goal:Goal {id: 'calm'})
CREATE (journey:Journey {id: '%(id)s', seed: 7, goal: 'calm', minutes: 21.987654321, max_step: 0.16171819,
          emotion_model_sha256: 'e0', embedding_model_sha256: 'e1'})
SET journey.created = datetime('%(created)s')
CREATE (journey)-[:UNDER]->(version), (journey)-[:LEADS_TO]->(goal)
WITH journey
UNWIND range(1, 4) AS position
MATCH (track:Track {id: 't0000' + position}), (stage:Stage {id: 'match'}), (rule:Rule {id: 'soft-always'})
CREATE (journey)-[:HAS_STEP {position: position}]->(step:Step {position: position, similarity: %(score)r,
          cue_fit: 0.912837, because: '%(because)s' + position}),
       (step)-[:PLAYS]->(track), (step)-[:IN]->(stage), (step)-[:ALLOWED_BY]->(rule)
"""
"""What `cypher/journey/keep` of commit 73429cc stored, with values of our own."""


Load = Callable[[Graph], None]


@pytest.fixture(scope="module")
def loads(tmp_path_factory: pytest.TempPathFactory) -> Load:
    """Loads the small ontology, with a goal, and the small catalogue."""
    catalogue: Catalogue = small_catalogue(tmp_path_factory.mktemp("seed"))
    ontology = FakeOntology((*small_ontology().individuals, individual("calm", "Goal")))

    def loads(graph: Graph) -> None:
        load(graph, ontology, catalogue, FakeEmbedder(), lambda line: None)

    return loads


@pytest.fixture(scope="module")
def loaded(connection: Connection, loads: Load) -> Iterator[Graph]:
    with Graph.connect(connection) as graph:
        wipe(graph)
        loads(graph)
        yield graph
        wipe(graph)


@pytest.fixture
def graph(loaded: Graph) -> Graph:
    """What was loaded, and no journey."""
    do(loaded, "MATCH (n:Journey|Step|Erasing) DETACH DELETE n")
    return loaded


def a_journey(id_: str = ID, track: str = "t00001", numbers: Sequence[float] = NUMBERS) -> Journey:
    """An answer with two steps, as a planner gives it; the numbers are nine measures, and a length in seconds."""
    steps = tuple(
        Step(
            position, "match", track_id, "Air", "Nobody", numbers[9], {}, 0.0, 0.0, numbers[7], numbers[8],
            ("soft-always",), BECAUSE,
        )
        for position, track_id in enumerate((track, "t00002"), 1)
    )  # fmt: skip
    model, reading = ModelVersion("n", "ab" * 32), Reading("clear", "passed", {}, (), 0.0, 0.0)
    made_by = Provenance("0", "v", "ab" * 32, model, model, "2026.08.1")
    return Journey(id_, 3405691582, "calm", reading, (), made_by, (), (("match", steps),), Quality(*numbers[:7]))


def stored(graph: Graph) -> list[Any]:
    """All that is kept of journeys: properties, and where their links lead."""
    return values(
        graph,
        """MATCH (n:Journey|Step)
           RETURN {labels: labels(n), facts: properties(n), links: COLLECT {
             MATCH (n)-[link]->(to) RETURN {type: type(link), facts: properties(link), to: coalesce(to.id, '')}
           }} AS value""",
    )


def test_what_is_kept_does_not_tell_what_was_felt_nor_the_hour(graph: Graph) -> None:
    persist_journey(graph, a_journey())
    kept = stored(graph)
    assert {link["type"] for row in kept for link in row["links"]} == {"UNDER", "LEADS_TO", "HAS_STEP", "PLAYS", "IN"}
    [journey] = [row["facts"] for row in kept if "Journey" in row["labels"]]
    assert (journey["day"], journey["number"]) == (date.today(), 1)
    assert not any(hasattr(value, "hour") for value in journey.values())
    assert [sorted(row["facts"]) for row in kept if "Step" in row["labels"]] == [["position"], ["position"]]
    assert "Sadness" not in repr(kept)
    assert "soft-always" not in repr(kept)
    assert graph.rows("checks/step_without_a_reason") == []
    assert graph.rows("analytics/rules_in_journeys") == []
    assert [row["track_id"] for row in graph.rows("analytics/most_played")] == ["t00001", "t00002"]


def test_the_reading_is_kept_when_the_person_asks(graph: Graph) -> None:
    [sign] = values(graph, "MATCH (s:Sign) RETURN s.id AS value ORDER BY value LIMIT 1")
    persist_journey(graph, a_journey(), {sign: 0.75})
    assert values(graph, "MATCH (:Journey)-[r:READ]->(s) RETURN [s.id, r.score] AS value") == [[sign, 0.75]]
    assert (
        values(graph, "MATCH (s:Step)-[:ALLOWED_BY]->(r) RETURN [s.cue_fit, r.id] AS value")
        == [[NUMBERS[8], "soft-always"]] * 2
    )
    assert BECAUSE not in repr(stored(graph))
    assert graph.rows("checks/step_without_a_reason") == []
    do(graph, "MATCH (:Step)-[allowed:ALLOWED_BY]->() DELETE allowed")
    assert [row["position"] for row in graph.rows("checks/step_without_a_reason")] == [1, 2]


def test_journeys_are_listed_in_their_order_and_named_by_id(graph: Graph) -> None:
    ids = [ID, ID.replace("4", "1"), ID.replace("4", "0")]
    for id_ in ids:
        persist_journey(graph, a_journey(id_))
    rows = read_journeys(graph)
    assert [(row["id"], row["number"], row["tracks"], row["goal"]) for row in rows] == [
        (id_, number, 2, "calm") for number, id_ in enumerate(ids, 1)
    ]
    assert find_journeys(graph, [ids[1], ids[1]]) == [ids[1]]
    with pytest.raises(UsageError) as caught:
        find_journeys(graph, [ID, "my secret words"])
    assert "name 2" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_only_what_is_older_goes_and_the_rest_stays_whole(graph: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    for days, id_ in ((31, "old"), (30, "aged"), (0, "new")):
        monkeypatch.setattr(engine.store.journeys, "get_today", lambda days=days: date.today() - timedelta(days))
        persist_journey(graph, a_journey(id_))
    monkeypatch.undo()
    assert find_older(graph, 30) == ["old"]
    assert find_older(graph, 10**9) == []
    assert erase_expired(graph, None) == 0
    before = [row for row in stored(graph) if "Journey" in row["labels"] and row["facts"]["id"] != "old"]
    assert erase_expired(graph, 30) == 1
    assert [row for row in stored(graph) if "Journey" in row["labels"]] == before
    assert len(stored(graph)) == 6
    assert values(graph, "MATCH (n:Erasing) RETURN n.id AS value") == []


def test_an_erasing_that_broke_off_is_ended_by_the_next_command(graph: Graph) -> None:
    persist_journey(graph, a_journey())

    class Killed:
        """The graph of a command that is killed when all is written over and cleared, before that is noted."""

        def __getattr__(self, name: str) -> Any:
            return getattr(graph, name)

        def write(self, work: Callable[[Any], Any]) -> Any:
            def noted(transaction: Transaction) -> Any:
                class Watched:
                    def rows(self, query: str, **params: object) -> list[Row]:
                        if query == "kept/filled":
                            raise KeyboardInterrupt
                        return transaction.rows(query, **params)

                return work(Watched())

            return graph.write(noted)

    with pytest.raises(KeyboardInterrupt):
        erase_from_graph(cast("Graph", Killed()), [ID])
    assert read_journeys(graph) == []
    assert values(graph, "MATCH (n:Unfilled) RETURN n.journeys AS value") == [1]
    erase_expired(graph, None)
    assert values(graph, "MATCH (n:Erasing|Step|Journey|Unfilled) RETURN n.id AS value") == []


class Measured:
    """A graph that notes what each statement of a write says that it wrote."""

    def __init__(self, graph: Graph) -> None:
        self.graph, self.wrote = graph, [0]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.graph, name)

    def write(self, work: Callable[[Any], Any]) -> Any:
        def noted(transaction: Transaction) -> Any:
            class Noting:
                def rows(_, query: str, **params: object) -> list[Row]:  # noqa: N805  # `self` is the graph
                    rows = transaction.rows(query, **params)
                    self.wrote += [value for row in rows for value in row.values() if isinstance(value, int)]
                    return rows

            return work(Noting())

        return self.graph.write(noted)


def test_no_transaction_grows_with_the_journeys_that_are_erased(graph: Graph) -> None:
    """3,000 at once took more memory than a server gives a transaction, and every command failed from then on."""
    do(graph, "UNWIND range(1, 450) AS n CREATE (:Journey {id: 'many-' + n, day: date(), number: n, seed: n})")
    do(graph, "UNWIND range(1, 9000) AS n CREATE (:Erasing)")
    measured = Measured(graph)
    erase_from_graph(cast("Graph", measured), [f"many-{number}" for number in range(1, 451)])
    assert values(graph, "MATCH (n:Erasing|Journey) RETURN n.id AS value") == []
    assert 0 < max(measured.wrote) <= 2000


def test_a_retired_track_of_the_listener_goes_with_the_last_journey_that_plays_it(graph: Graph) -> None:
    do(
        graph,
        """CREATE (:Track {id: 'own-1'})-[:PERFORMS]->(:Work {id: 'own-w', title: 'Mine'})
                  -[:BY]->(:Artist {id: 'own-a', name: 'Me'})""",
    )
    persist_journey(graph, a_journey(track="own-1"))
    do(graph, "MATCH (track:Track {id: 'own-1'}) REMOVE track:Track SET track:Retired")
    erase_from_graph(graph, [ID])
    assert values(graph, "MATCH (n) WHERE n.id STARTS WITH 'own-' RETURN n.id AS value") == []


def test_journeys_of_an_older_release_are_reduced_by_the_next_load(graph: Graph, loads: Load) -> None:
    keep_as_an_older_release(graph, BECAUSE, 0.5)
    loads(graph)
    kept = stored(graph)
    assert [(row["id"], row["day"], row["number"]) for row in read_journeys(graph)] == [
        ("first", "2026-11-27", 1), ("later", "2026-11-27", 2), ("next", "2026-11-28", 1)
    ]  # fmt: skip
    assert {link["type"] for row in kept for link in row["links"]} == {"UNDER", "LEADS_TO", "HAS_STEP", "PLAYS", "IN"}
    assert {key for row in kept for key in row["facts"]} == {
        "id", "day", "number", "seed", "goal", "minutes", "max_step", "emotion_model_sha256", "embedding_model_sha256",
        "position",
    }  # fmt: skip


def keep_as_an_older_release(graph: Graph, because: str, score: float) -> None:
    """Three journeys as it stored them, under a version that the next load replaces."""
    for id_, created in (
        ("later", "2026-11-27T21:14:55.123Z"),
        ("first", "2026-11-27T08:00:01Z"),
        ("next", "2026-11-28T00:00:00Z"),
    ):
        do(graph, AS_73429CC_KEPT % {"id": id_, "created": created, "because": because, "score": score})
    do(graph, "MATCH (v:Version {current: true}) SET v.id = 'older', v.mapping_sha256 = 'older'")


@pytest.fixture
def fresh(tmp_path: Path, loads: Load) -> Iterator[tuple[Graph, Settings]]:
    """A loaded graph on a server of its own: where much was freed by others, more must be written to fill it all."""
    settings = Settings(home=tmp_path / "home", cache=GIVEN.cache, java_home=GIVEN.java_home)
    server = Server(settings)
    try:
        with Graph.connect(server.ensure_up(say)) as graph:
            loads(graph)
            yield graph, settings
    finally:
        server.down(say)


@pytest.mark.long
def test_what_an_older_release_kept_of_journeys_is_in_no_file_after_the_next_load(
    fresh: tuple[Graph, Settings], loads: Load
) -> None:
    graph, settings = fresh
    score, second = random.random(), datetime.fromisoformat("2026-11-27T21:14:55Z").timestamp()  # noqa: S311
    because = f"{BECAUSE} {uuid4()}"
    # Places that others freed first are taken first.
    do(graph, f"UNWIND range(1, 8000) AS n CREATE (:Erasing {{because: n + '{'x' * 1000}'}})")
    keep_as_an_older_release(graph, because, score)
    do(graph, "MATCH (n:Erasing) DELETE n")
    loads(graph)
    assert wait_for_pruning(settings)
    assert where(settings.home, because.encode(), struct.pack(">d", score), struct.pack(">q", int(second))) == []


def of_local_server(home: Path) -> Settings | None:
    """The settings of the server under test; None when it is not ours, and its files are not ours to look into."""
    settings = Settings(home=home, cache=GIVEN.cache)
    return settings if GIVEN.neo4j_uri is None and (home / "neo4j").exists() else None


def packed(id_: str) -> bytes:
    """An id as the server's property store holds it: six bits a character, after a head of 39 bits."""
    codes = [44 if c == "-" else 32 + int(c) if c.isdigit() else ord(c) - ord("a") + 1 for c in id_]
    bits = sum(code << (39 + 6 * place) for place, code in enumerate(codes))
    return b"".join((bits >> shift & 2**64 - 1).to_bytes(8, "big") for shift in (64, 128, 192))


def where(home: Path, *wanted: bytes) -> list[tuple[str, int]]:
    """Files of the home that hold one of these, and which."""
    held = {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}
    return [(path.name, place) for path, all_ in held.items() for place, one in enumerate(wanted) if one in all_]


@pytest.mark.parametrize("reading", [False, True], ids=["plain", "with its reading"])
def test_an_erased_journey_is_in_no_file_of_the_home(graph: Graph, scratch_home: Path, reading: bool) -> None:
    score = random.random()  # noqa: S311
    # No other test's: what a test deletes without erasing stays in the files.
    numbers, id_ = [random.random() for _ in range(10)], str(uuid4())  # noqa: S311
    answer = a_journey(id_, numbers=numbers)
    [sign] = values(graph, "MATCH (s:Sign) RETURN s.id AS value ORDER BY value LIMIT 1")
    persist_journey(graph, answer, {sign: score} if reading else None)
    measures, minutes = numbers[:9], 2 * numbers[9] / 60
    told = [*measures, minutes, score] if reading else [*measures[:7], minutes]
    traces = [packed(id_), id_.encode(), *(struct.pack(">d", number) for number in told)]
    local = of_local_server(scratch_home)
    # The searches below find something only if the journey is on the disk, and as we think it is.
    end, bare = time.monotonic() + 60, {0, *range(2, len(traces))}
    while local and {place for name, place in where(scratch_home, *traces) if "store" in name} != bare:
        assert time.monotonic() < end, "no checkpoint wrote the journey down"
        time.sleep(0.5)
    erase_from_graph(graph, [id_])
    assert read_journeys(graph) == []
    if local:
        assert wait_for_pruning(local)
        assert where(scratch_home, *traces) == []
