"""A real server: one life, told in order. It is not `connection`'s, because it is stopped and killed here."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from engine.errors import GraphUnavailable
from engine.graph import Graph
from engine.server import Server, process, storage
from engine.server.home import Home
from tests.conftest import say
from tests.helpers.homes import BOLT_4_4, Squatter, nobody_should_start, pretend_server, settings_at, statement
from tests.helpers.interrupting import HALFWAY, break_off
from tests.helpers.watcher import Watcher

UP = """
import sys
from engine.server import Server
from engine.settings import Settings
print(Server(Settings.from_environment()).up(lambda line: print(line, file=sys.stderr)).pid)
"""


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home whose first start was broken off halfway, and whose server was then started twice at the same moment, from
    two commands that have ended. It never let anybody in with the password that all servers begin with."""
    home = tmp_path_factory.mktemp("life") / "a home with späces and 音"
    environment = os.environ | {"ISOPATH_HOME": str(home), "TEXT": "a secret feeling", "MAKEFLAGS": "TEXT=a secret"}
    for name in [name for name in environment if name.startswith("NEO4J_")]:
        del environment[name]
    watcher = Watcher(home)
    try:
        break_off(home, HALFWAY)
        starts = [
            subprocess.Popen(
                [sys.executable, "-c", UP], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
            )
            for _ in range(2)
        ]
        # communicate() ends only when nobody holds the pipes any more: a server that inherited them would hang here.
        answers = [start.communicate(timeout=300) for start in starts]
    finally:
        watcher.end()
    assert watcher.refused
    assert not watcher.let_in
    assert [start.returncode for start in starts] == [0, 0], answers
    assert answers[0][0] == answers[1][0], "two servers were started"
    assert sum("starting on Java" in told for _, told in answers) == 1
    yield home
    Server(settings_at(home)).down(say)
    shutil.rmtree(home)


@pytest.fixture
def alive(life: Path) -> psutil.Process:
    found: psutil.Process | None = process.find_answering(Home.at(life))
    assert found is not None
    return found


@pytest.mark.graph
class TestARealServer:
    def test_it_stays_up_after_the_command_that_started_it(self, life: Path, alive: psutil.Process) -> None:
        status = Server(settings_at(life)).status()
        assert (status.state, status.pid) == ("up", alive.pid)
        assert status.memory
        assert status.memory > 100_000_000

    def test_a_second_start_is_a_matter_of_milliseconds(self, life: Path) -> None:
        began = time.perf_counter()
        Server(settings_at(life)).ensure_up(nobody_should_start)
        assert time.perf_counter() - began < 0.5

    def test_it_listens_on_loopback_only_and_at_one_port(self, life: Path, alive: psutil.Process) -> None:
        listening = [at.laddr for at in alive.net_connections("inet") if at.status == psutil.CONN_LISTEN]
        assert [address.port for address in listening] == [Home.at(life).read_port()]
        assert all(address.ip in ("127.0.0.1", "::1", "::ffff:127.0.0.1") for address in listening)

    def test_it_holds_nothing_of_the_environment_it_was_started_from(self, life: Path, alive: psutil.Process) -> None:
        assert set(alive.environ()) <= {"LANG", "HOME", "ISOPATH_SERVER_OF", "__CF_USER_TEXT_ENCODING"}
        assert not any("secret" in part for part in alive.cmdline())

    def test_its_password_is_on_no_command_line_and_in_no_log(self, life: Path, alive: psutil.Process) -> None:
        home = Home.at(life)
        assert not any(home.read_password() in part or home.read_secret() in part for part in alive.cmdline())
        assert home.read_password() not in alive.environ().values()
        for log in (home.root / "logs").iterdir():
            assert home.read_password() not in log.read_text(encoding="utf-8", errors="replace"), log
        assert home.read_password() not in home.configuration.read_text(encoding="utf-8")

    def test_it_lets_nobody_in_with_the_password_that_all_servers_begin_with(self, life: Path) -> None:
        connection = Server(settings_at(life)).ensure_up(nobody_should_start)
        stranger = replace(connection, password="neo4j")
        with Graph.connect(stranger) as graph, pytest.raises(GraphUnavailable, match="let user 'neo4j' in"):
            graph.rows(statement("RETURN 1 AS one", "one"))

    def test_it_speaks_to_nobody_who_does_not_ask_it_to_prove_itself(self, life: Path) -> None:
        connection = Server(settings_at(life)).ensure_up(nobody_should_start)
        with Graph.connect(replace(connection, certificate=None)) as graph, pytest.raises(GraphUnavailable):
            graph.rows(statement("RETURN 1 AS one", "one"))

    def test_wrong_passwords_of_others_lock_nobody_out(self, life: Path) -> None:
        connection = Server(settings_at(life)).ensure_up(nobody_should_start)
        for _ in range(20):
            with Graph.connect(replace(connection, password="guess")) as graph, pytest.raises(GraphUnavailable):
                graph.rows(statement("RETURN 1 AS one", "one"))
        with Graph.connect(connection) as graph:
            assert graph.rows(statement("RETURN 1 AS one", "one")) == [{"one": 1}]

    def test_a_lost_note_of_its_process_costs_nothing(self, life: Path, alive: psutil.Process) -> None:
        home = Home.at(life)
        home.answering_file.unlink()
        server = Server(settings_at(life))
        assert server.status().state == "up"
        told: list[str] = []
        server.ensure_up(told.append)
        assert server.status().pid == alive.pid
        assert "interrupted" in told[0]
        assert process.find_answering(home) == alive

    def test_a_lost_password_is_said_with_its_repair(self, life: Path) -> None:
        home = Home.at(life)
        kept = home.read_password()
        home.password_file.unlink()
        home.answering_file.unlink()
        try:
            with pytest.raises(GraphUnavailable, match="does not take this password") as caught:
                Server(settings_at(life)).ensure_up(say)
            assert caught.value.place == str(home.password_file)
        finally:
            storage.write_atomically(home.password_file, kept + "\n")
        Server(settings_at(life)).ensure_up(say)

    def test_after_a_kill_it_starts_again_with_its_data_though_its_port_was_taken(
        self, life: Path, alive: psutil.Process
    ) -> None:
        server = Server(settings_at(life))
        connection = server.ensure_up(nobody_should_start)
        with Graph.connect(connection) as graph:
            graph.write(lambda transaction: transaction.rows(statement("CREATE (n:Kept {id: 1})")))
        alive.kill()
        alive.wait(30)
        assert server.status().state == "down"
        port = Home.at(life).read_port()
        assert port is not None
        told: list[str] = []
        with Squatter(port, BOLT_4_4) as squatter, pretend_server(Home.at(life)) as other:
            elsewhere = server.ensure_up(told.append)
        assert f"process {other.pid} of user" in told[0]
        assert any(f"Port {port} is taken" in line for line in told)
        assert squatter.heard == b""
        assert elsewhere.uri != connection.uri
        assert elsewhere.uri == f"bolt://127.0.0.1:{Home.at(life).read_port()}"
        with Graph.connect(elsewhere) as graph:
            assert graph.rows(statement("MATCH (n:Kept) RETURN n.id AS id", "id")) == [{"id": 1}]

    @pytest.mark.long
    def test_what_it_proves_itself_with_is_made_anew_when_it_is_lost(self, life: Path, alive: psutil.Process) -> None:
        home, server = Home.at(life), Server(settings_at(life))
        with Graph.connect(server.ensure_up(nobody_should_start)) as graph:
            graph.write(lambda transaction: transaction.rows(statement("MERGE (n:Kept {id: 1})")))
        home.secret_file.unlink()
        home.certificate.write_bytes(b"junk")
        told: list[str] = []
        with Graph.connect(server.ensure_up(told.append)) as graph:
            assert graph.rows(statement("MATCH (n:Kept) RETURN n.id AS id", "id")) == [{"id": 1}]
        assert "cannot prove itself" in told[0]
        assert not process.is_alive(alive)
        server.ensure_up(nobody_should_start)

    def test_down_stops_it_and_a_second_down_has_nothing_to_do(self, life: Path, alive: psutil.Process) -> None:
        server = Server(settings_at(life))
        assert server.down(say)
        assert not process.is_alive(alive)
        assert server.status().state == "down"
        assert not server.down(say)
