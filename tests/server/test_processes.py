"""Processes: which of them serves a home, and what becomes of one that no longer does as it is told."""

import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from engine.errors import GraphUnavailable
from engine.server import Server, certificate, local, process
from engine.server.home import Home, ServerMemory, find_free_port
from engine.settings import Settings
from tests.conftest import say
from tests.helpers.homes import nobody_should_start, note_as_answering, pretend_server, settings_at


def test_a_process_that_is_gone_means_down(made: Home) -> None:
    with pretend_server(made, secret=made.read_secret()) as gone:
        note_as_answering(made, gone.pid)
        assert process.find_answering(made) is not None
    assert process.find_answering(made) is None
    assert Server(settings_at(made.root.parent)).status().state == "down"


def test_a_pid_that_another_program_has_now_is_not_ours_and_is_not_stopped(made: Home) -> None:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as other:
        note_as_answering(made, other.pid)
        server = Server(settings_at(made.root.parent))
        assert server.status().state == "down"
        assert not server.down(nobody_should_start)
        assert other.poll() is None
        other.kill()


def test_the_server_of_another_home_is_not_ours(made: Home, tmp_path: Path) -> None:
    elsewhere = Home.at(tmp_path / "other")
    elsewhere.make_folders()
    with pretend_server(elsewhere, secret=elsewhere.read_secret()) as other:
        note_as_answering(made, other.pid)
        assert process.find_answering(made) is None
        assert process.find_serving(made) is None
        assert process.find_foreign(made) == ()


@pytest.mark.parametrize("text", ["", "nonsense", "-1 0", "99999999999999999999 0", "1", "1 x", "1 2 3", "\x00"])
def test_a_note_of_a_process_that_makes_no_sense_means_down(made: Home, text: str) -> None:
    made.answering_file.write_text(text)
    assert Server(settings_at(made.root.parent)).status().state == "down"


def test_the_pid_file_that_neo4j_writes_before_it_answers_proves_nothing(made: Home) -> None:
    with pretend_server(made, secret=made.read_secret()) as started:
        (made.root / "run" / "neo4j.pid").write_text(f"{started.pid}\n")
        assert process.find_answering(made) is None
        assert Server(settings_at(made.root.parent)).status().state == "starting"


def test_a_server_whose_start_was_interrupted_is_found_and_stopped(made: Home) -> None:
    with pretend_server(made, secret=made.read_secret()) as started:
        server = Server(settings_at(made.root.parent))
        assert server.status().pid == started.pid
        assert server.status().state == "starting"
        assert server.down(say)
        assert process.find_serving(made) is None


def test_a_server_of_an_earlier_isopath_is_known_by_the_store_it_holds_open(made: Home) -> None:
    store = made.root / "data" / "databases"
    store.mkdir()
    (store / "store_lock").touch()
    with pretend_server(made, holding=store / "store_lock") as earlier:
        server = Server(settings_at(made.root.parent))
        assert server.status().pid == earlier.pid
        assert process.find_foreign(made) == ()
        assert server.down(say)
        assert earlier.wait(10) is not None


def test_a_server_that_cannot_prove_itself_any_more_is_stopped_before_another_starts(
    made: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = made.root / "data" / "databases"
    store.mkdir()
    (store / "store_lock").touch()
    launched: list[bool] = []

    def launch(server: Server, progress: local.Progress) -> None:
        launched.append(process.is_alive(running))
        raise GraphUnavailable("here", "was to be started", "None")

    monkeypatch.setattr(Server, "_launch", launch)
    certificate.make(made)
    made.configure(find_free_port(), ServerMemory(512, 128))
    with pretend_server(made, secret=made.read_secret(), holding=store / "store_lock") as lost:
        note_as_answering(made, lost.pid)
        running = psutil.Process(lost.pid)
        made.secret_file.unlink()
        made.certificate.write_bytes(b"junk")
        told: list[str] = []
        with pytest.raises(GraphUnavailable, match="was to be started"):
            Server(settings_at(made.root.parent)).ensure_up(told.append)
    assert "cannot prove itself" in told[0]
    assert launched == [False]


@pytest.mark.parametrize("secret", [None, "", "another"])
def test_a_process_that_names_its_arguments_like_the_servers_is_told_and_left_alone(
    made: Home, secret: str | None
) -> None:
    made.configure(find_free_port(), ServerMemory(512, 128))
    with pretend_server(made, secret=secret) as other:
        note_as_answering(made, other.pid)
        server = Server(settings_at(made.root.parent))
        began = time.monotonic()
        status = server.status()
        assert status.state == "down"
        assert len(status.foreign_processes) == 1
        assert f"process {other.pid} of user" in status.foreign_processes[0]
        told: list[str] = []
        assert not server.down(told.append)
        assert time.monotonic() - began < 2
        assert len(told) == 1
        assert "is not it" in told[0]
        assert f"kill {other.pid}" in told[0]
        assert other.poll() is None


def test_a_process_of_another_user_is_never_ours_though_it_knew_the_secret(
    made: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pretend_server(made, secret=made.read_secret()) as other:
        note_as_answering(made, other.pid)
        monkeypatch.setattr(psutil.Process, "uids", lambda _: SimpleNamespace(real=54321))
        assert process.find_answering(made) is None
        assert process.find_serving(made) is None
        assert [stranger.pid for stranger in process.find_foreign(made)] == [other.pid]


def test_what_we_may_not_look_into_is_not_ours(made: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: psutil.Process) -> None:
        raise psutil.AccessDenied

    with pretend_server(made, secret=made.read_secret()):
        for question in ("environ", "open_files", "username"):
            monkeypatch.setattr(psutil.Process, question, refuse)
        server = Server(settings_at(made.root.parent))
        assert server.status().state == "down"
        assert not server.down(say)


def test_a_process_that_we_may_not_stop_is_told(made: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: psutil.Process) -> None:
        raise psutil.AccessDenied

    with pretend_server(made, secret=made.read_secret()) as other:
        monkeypatch.setattr(psutil.Process, "terminate", refuse)
        with pytest.raises(GraphUnavailable, match=f"process {other.pid} of user .* we may not stop it"):
            Server(settings_at(made.root.parent)).down(say)


def test_looking_for_a_server_makes_no_secret(made: Home) -> None:
    with pretend_server(made, secret="another"):
        assert Server(settings_at(made.root.parent)).status().state == "down"
    assert not made.secret_file.exists()


class Starts:
    """Stands in for the start of a server: counts, and leaves a process that bears the home's secret."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self.started: list[pretend_server] = []

    def __call__(self, server: Server, progress: local.Progress) -> None:
        assert not self._home.answering_file.exists()
        self.started.append(pretend_server(self._home, secret=self._home.read_secret()))


@pytest.fixture
def starts(made: Home, monkeypatch: pytest.MonkeyPatch) -> Iterator[Starts]:
    starts = Starts(made)
    monkeypatch.setattr(Server, "_start", lambda server, progress: starts(server, progress))
    yield starts
    for started in starts.started:
        started.__exit__()


def test_a_server_that_is_renewed_is_killed_and_another_started(
    made: Home, starts: Starts, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wait_for_ever(_: psutil.Process) -> None:
        raise AssertionError("a server that hangs was asked to end")

    monkeypatch.setattr(psutil.Process, "terminate", wait_for_ever)
    server = Server(settings_at(made.root.parent))
    with pretend_server(made, secret=made.read_secret()) as stuck:
        note_as_answering(made, stuck.pid)
        assert server.renew(stuck.pid, say)
        assert stuck.poll() is not None
        assert len(starts.started) == 1
        # Who asks for the same renewal a moment later finds the new one, and leaves it alone.
        assert server.renew(stuck.pid, say)
        assert len(starts.started) == 1
        assert server.status().pid != stuck.pid


def test_of_many_who_ask_for_the_same_renewal_one_renews(made: Home, starts: Starts) -> None:
    server = Server(settings_at(made.root.parent))
    with pretend_server(made, secret=made.read_secret()) as stuck, ThreadPoolExecutor(4) as pool:
        assert all(pool.map(lambda _: server.renew(stuck.pid, say), range(4)))
    assert len(starts.started) == 1


def test_a_server_that_died_is_started_and_one_that_lives_is_left_alone(made: Home, starts: Starts) -> None:
    server = Server(settings_at(made.root.parent))
    assert server.renew(None, say)
    assert len(starts.started) == 1
    alive = server.status().pid
    assert server.renew(None, say)
    assert (len(starts.started), server.status().pid) == (1, alive)


def test_a_server_that_ends_by_itself_while_it_is_renewed_is_no_fault(
    made: Home, starts: Starts, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_late(ended: psutil.Process) -> None:
        raise psutil.NoSuchProcess(ended.pid)

    with pretend_server(made, secret=made.read_secret()) as stuck:
        monkeypatch.setattr(psutil.Process, "kill", too_late)
        assert Server(settings_at(made.root.parent)).renew(stuck.pid, say)
        assert len(starts.started) == 1


def test_a_server_that_we_may_not_kill_is_told(made: Home, starts: Starts, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: psutil.Process) -> None:
        raise psutil.AccessDenied

    with pretend_server(made, secret=made.read_secret()) as stuck:
        monkeypatch.setattr(psutil.Process, "kill", refuse)
        with pytest.raises(GraphUnavailable, match=f"process {stuck.pid} of user .* we may not stop it"):
            Server(settings_at(made.root.parent)).renew(stuck.pid, say)
        assert starts.started == []


def test_another_server_is_not_ours_to_renew(root: Path) -> None:
    assert not Server(Settings(home=root, cache=root, neo4j_uri="bolt://graph.example")).renew(1, nobody_should_start)
    assert not root.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no zombies")
def test_a_process_whose_starter_lives_on_is_stopped_at_once() -> None:
    """A service that starts a server takes no note of its end: to others it is still there."""
    script = "import subprocess, time; print(subprocess.Popen(['sleep', '600']).pid, flush=True); time.sleep(600)"
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout
        ends = [psutil.Process(int(starter.stdout.readline()))]
        began = time.monotonic()
        assert process.stop(ends[0])
        assert time.monotonic() - began < 20
        assert not process.is_alive(ends[0])
        starter.kill()
