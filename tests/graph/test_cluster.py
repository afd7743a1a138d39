"""A cluster's address (`neo4j://`, `neo4j+s://`): who is asked what, what is tried again, and who is trusted."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.application import Application
from engine.errors import GraphUnavailable
from engine.graph import Graph, ServerGone
from engine.queries import Queries
from engine.server import certificate
from engine.server.connection import ServerConnection
from engine.server.home import Home
from engine.settings import CYPHER_DIR, Settings
from engine.use_cases.ask_again import ask_again
from tests.helpers.cluster import Cluster, Member

QUERIES = Queries.load(CYPHER_DIR)
READ, WRITE = "search/last_renewal", "load/lock"
ANSWERS = {QUERIES[READ].text: (["renewed"], [[None]])}


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    with Cluster(ANSWERS) as made:
        made.join(3)
        yield made


def graph_of(cluster: Cluster, scheme: str = "neo4j") -> Graph:
    address = f"{scheme}://{cluster.members[0].address}"
    return Graph.connect(ServerConnection(address, "neo4j", "secret", "journeys"), QUERIES)


def begun(member: Member) -> list[tuple[str, str]]:
    """Mode and database of each transaction that a member was asked to begin."""
    return [(m.extra.get("mode", "w"), m.extra.get("db", "")) for m in member.asked if m.name == "BEGIN"]


def write(graph: Graph) -> None:
    graph.write(lambda transaction: transaction.rows(WRITE))


def test_reads_go_to_readers_and_writes_to_the_writer(cluster: Cluster) -> None:
    with graph_of(cluster) as graph:
        for _ in range(6):
            assert graph.rows(READ) == [{"renewed": None}]
        write(graph)
        with graph.begin_read() as transaction:
            transaction.rows(READ)
    writer, *readers = cluster.members
    assert begun(writer) == [("w", "journeys")]
    assert [one for reader in readers for one in begun(reader)] == [("r", "journeys")] * 7
    assert all(begun(reader) for reader in readers), "both of them"


def test_a_read_waits_for_what_was_written_before(cluster: Cluster) -> None:
    with graph_of(cluster) as graph:
        graph.rows(READ)
        write(graph)
        graph.rows(READ)
    reads = [m.extra["bookmarks"] for reader in cluster.members[1:] for m in reader.asked
             if m.name == "BEGIN" and m.extra.get("bookmarks")]  # fmt: skip
    written = f"bookmark:{cluster.commits - 1}"
    assert any(written in bookmarks for bookmarks in reads)


def test_a_write_is_tried_again_where_another_member_leads_now(cluster: Cluster) -> None:
    with graph_of(cluster) as graph:
        write(graph)
        cluster.writer, cluster.readers = 1, [0, 2]
        cluster.members[0].faults = ["Neo.ClientError.Cluster.NotALeader"]
        write(graph)
    assert [begun(member)[-1:] for member in cluster.members[:2]] == [[("w", "journeys")]] * 2
    assert cluster.members[1].names().count("COMMIT") == 1


def test_a_write_is_tried_again_a_few_times_and_then_told(cluster: Cluster) -> None:
    cluster.members[0].faults = ["Neo.TransientError.General.DatabaseUnavailable"] * 9
    with graph_of(cluster) as graph, pytest.raises(GraphUnavailable, match="busy or restarting"):
        write(graph)
    assert len(begun(cluster.members[0])) == 4


def test_a_reader_that_goes_away_is_stood_in_for(cluster: Cluster, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, cache=tmp_path, neo4j_uri="neo4j://c", neo4j_password="secret")
    with graph_of(cluster) as graph:
        for _ in range(4):
            graph.rows(READ)
        cluster.members[2].leave()
        cluster.readers = [1]
        for _ in range(4):
            assert ask_again(settings, print, lambda: graph.rows(READ)) == [{"renewed": None}]


def test_without_any_member_it_says_so(cluster: Cluster) -> None:
    with graph_of(cluster) as graph:
        graph.rows(READ)
        for member in cluster.members:
            member.leave()
        with pytest.raises(ServerGone, match="does not answer"):
            graph.rows(READ)


@pytest.fixture
def encrypted(tmp_path: Path) -> Iterator[tuple[Cluster, Path]]:
    """A cluster that proves itself with a certificate, and that certificate."""
    home = Home.at(tmp_path)
    home.make_folders()
    certificate.make(home)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(home.certificate, home.private_key)
    with Cluster(ANSWERS, context) as made:
        made.join(3)
        yield made, home.certificate


def test_an_encrypted_address_is_routed_too(encrypted: tuple[Cluster, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    cluster, trusted = encrypted
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    with graph_of(cluster, "neo4j+s") as graph:
        assert graph.rows(READ) == [{"renewed": None}]
        write(graph)
    assert begun(cluster.members[0]) == [("w", "journeys")]


def test_who_cannot_prove_itself_is_told_nothing(encrypted: tuple[Cluster, Path]) -> None:
    cluster, _ = encrypted
    with graph_of(cluster, "neo4j+s") as graph, pytest.raises(ServerGone):
        graph.rows(READ)
    assert [member.asked for member in cluster.members] == [[], [], []]
    assert cluster.members[0].connections > 0


def test_a_service_says_that_a_cluster_without_members_is_away(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, cache=tmp_path, neo4j_uri="neo4j://127.0.0.1:1", neo4j_password="secret")
    application = Application(settings, lambda _: None)
    with pytest.raises(GraphUnavailable, match="is being reached"):
        application.ask(lambda graph: graph.rows(READ))
    application.close()
