"""The local Neo4j: it starts once, stays, tells what is wrong, and keeps its doors closed."""

import errno
import os
import re
import shutil
import socket
import ssl
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Self

import psutil
import pytest
from neo4j.exceptions import ClientError, DriverError

from engine.errors import GraphUnavailable
from engine.graph import Graph
from engine.graph.driver import open_driver
from engine.queries import Promise, Query
from engine.server import Connection, Server, certificate, faults, local, process, storage
from engine.server.home import CLOSED, Home, Memory, free_port, is_free
from engine.server.jars import MAIN_CLASS
from engine.settings import ROOT, Settings
from tests.conftest import GIVEN, say
from tests.helpers.watcher import Watcher

UP = """
import sys
from engine.server import Server
from engine.settings import Settings
print(Server(Settings.from_environment()).up(lambda line: print(line, file=sys.stderr)).pid)
"""


def settings_at(home: Path) -> Settings:
    return Settings(home=home, cache=GIVEN.cache, java_home=GIVEN.java_home)


def nobody_should_start(_: str) -> None:
    raise AssertionError("a server was started")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An empty home, for tests that start nothing."""
    return tmp_path / "home"


@pytest.fixture
def made(root: Path) -> Home:
    """A home with its folders."""
    home = Home.at(root)
    home.make_folders()
    return home


# A home without a server


def test_a_home_that_was_never_used_is_down_and_stays_untouched(root: Path) -> None:
    server = Server(settings_at(root))
    status = server.status()
    assert (status.state, status.uri, status.pid) == ("down", None, None)
    assert not server.down(nobody_should_start)
    assert not root.exists()


def test_another_server_is_used_as_it_is_and_none_is_started(root: Path) -> None:
    settings = Settings(
        home=root,
        cache=root,
        neo4j_uri="bolt://graph.example",
        neo4j_user="ada",
        neo4j_password="x",
        neo4j_database="d",
    )
    server = Server(settings)
    assert server.ensure_up(nobody_should_start) == Connection("bolt://graph.example", "ada", "x", "d")
    assert server.up(nobody_should_start).state == "elsewhere"
    assert not server.down(nobody_should_start)
    assert not root.exists()


def test_a_connection_does_not_show_its_password() -> None:
    assert "open-sesame" not in repr(Connection("bolt://h", "neo4j", "open-sesame"))


def test_folders_and_password_are_the_owners_alone(made: Home) -> None:
    password = made.password()
    assert len(password) >= 24
    assert made.password() == password
    assert stat.S_IMODE(made.password_file.stat().st_mode) == 0o600
    assert stat.S_IMODE(made.root.stat().st_mode) == 0o700


def test_two_homes_have_two_passwords(tmp_path: Path) -> None:
    homes = [Home.at(tmp_path / name) for name in "ab"]
    for home in homes:
        home.make_folders()
    assert homes[0].password() != homes[1].password()


def test_the_port_is_remembered_in_the_configuration(made: Home) -> None:
    assert made.port() is None
    made.configure(45678, Memory(512, 128))
    assert made.port() == 45678


@pytest.mark.parametrize("text", [b"\xff\xfe\x00", b"server.bolt.listen_address=127.0.0.1:99999\n", b""])
def test_a_damaged_configuration_names_no_port(made: Home, text: bytes) -> None:
    made.configuration.write_bytes(text)
    assert made.port() is None
    assert Server(settings_at(made.root.parent)).status().state == "down"


def test_every_closed_setting_is_in_the_configuration(made: Home) -> None:
    made.configure(45678, Memory(512, 128))
    lines = made.configuration.read_text(encoding="utf-8").splitlines()
    assert {f"{name}={value}" for name, value in CLOSED.items()} <= set(lines)
    assert "server.bolt.listen_address=127.0.0.1:45678" in lines


def test_the_container_has_the_same_version_and_the_same_closed_settings() -> None:
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    for name, value in CLOSED.items():
        variable = "NEO4J_" + name.replace("_", "__").replace(".", "_")
        assert f'{variable}: "{value}"' in text
    assert f"image: neo4j:{Server(GIVEN).status().version}\n" in text
    assert re.search(r"ports:\n\s+- \"127\.0\.0\.1:", text), "the container must listen on loopback only"


def test_memory_is_modest_on_any_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for gigabytes, heap in ((2, 512), (8, 1024), (256, 2048)):
        total = SimpleNamespace(total=gigabytes * 1024**3)
        monkeypatch.setattr(psutil, "virtual_memory", lambda total=total: total)
        assert Memory.of_this_machine().heap == heap


# Processes: which of them is ours


def test_a_process_that_is_gone_means_down(made: Home) -> None:
    with pretend_server(made, secret=made.secret()) as gone:
        note_as_answering(made, gone.pid)
        assert process.answering(made) is not None
    assert process.answering(made) is None
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
    with pretend_server(elsewhere, secret=elsewhere.secret()) as other:
        note_as_answering(made, other.pid)
        assert process.answering(made) is None
        assert process.serving(made) is None
        assert process.strangers(made) == ()


@pytest.mark.parametrize("text", ["", "nonsense", "-1 0", "99999999999999999999 0", "1", "1 x", "1 2 3", "\x00"])
def test_a_note_of_a_process_that_makes_no_sense_means_down(made: Home, text: str) -> None:
    made.answering_file.write_text(text)
    assert Server(settings_at(made.root.parent)).status().state == "down"


def test_the_pid_file_that_neo4j_writes_before_it_answers_proves_nothing(made: Home) -> None:
    with pretend_server(made, secret=made.secret()) as started:
        (made.root / "run" / "neo4j.pid").write_text(f"{started.pid}\n")
        assert process.answering(made) is None
        assert Server(settings_at(made.root.parent)).status().state == "starting"


def test_a_server_whose_start_was_interrupted_is_found_and_stopped(made: Home) -> None:
    with pretend_server(made, secret=made.secret()) as started:
        server = Server(settings_at(made.root.parent))
        assert server.status().pid == started.pid
        assert server.status().state == "starting"
        assert server.down(say)
        assert process.serving(made) is None


def test_a_server_of_an_earlier_isopath_is_known_by_the_store_it_holds_open(made: Home) -> None:
    store = made.root / "data" / "databases"
    store.mkdir()
    (store / "store_lock").touch()
    with pretend_server(made, holding=store / "store_lock") as earlier:
        server = Server(settings_at(made.root.parent))
        assert server.status().pid == earlier.pid
        assert process.strangers(made) == ()
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
        launched.append(process.alive(running))
        raise GraphUnavailable("here", "was to be started", "None")

    monkeypatch.setattr(Server, "_launch", launch)
    certificate.make(made)
    made.configure(free_port(), Memory(512, 128))
    with pretend_server(made, secret=made.secret(), holding=store / "store_lock") as lost:
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
    made.configure(free_port(), Memory(512, 128))
    with pretend_server(made, secret=secret) as other:
        note_as_answering(made, other.pid)
        server = Server(settings_at(made.root.parent))
        began = time.monotonic()
        status = server.status()
        assert status.state == "down"
        assert len(status.strangers) == 1
        assert f"process {other.pid} of user" in status.strangers[0]
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
    with pretend_server(made, secret=made.secret()) as other:
        note_as_answering(made, other.pid)
        monkeypatch.setattr(psutil.Process, "uids", lambda _: SimpleNamespace(real=54321))
        assert process.answering(made) is None
        assert process.serving(made) is None
        assert [stranger.pid for stranger in process.strangers(made)] == [other.pid]


def test_what_we_may_not_look_into_is_not_ours(made: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: psutil.Process) -> None:
        raise psutil.AccessDenied

    with pretend_server(made, secret=made.secret()):
        for question in ("environ", "open_files", "username"):
            monkeypatch.setattr(psutil.Process, question, refuse)
        server = Server(settings_at(made.root.parent))
        assert server.status().state == "down"
        assert not server.down(say)


def test_a_process_that_we_may_not_stop_is_told(made: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: psutil.Process) -> None:
        raise psutil.AccessDenied

    with pretend_server(made, secret=made.secret()) as other:
        monkeypatch.setattr(psutil.Process, "terminate", refuse)
        with pytest.raises(GraphUnavailable, match=f"process {other.pid} of user .* we may not stop it"):
            Server(settings_at(made.root.parent)).down(say)


def test_looking_for_a_server_makes_no_secret(made: Home) -> None:
    with pretend_server(made, secret="another"):
        assert Server(settings_at(made.root.parent)).status().state == "down"
    assert not made.secret_file.exists()


# A server that no longer does as it is told


class Starts:
    """Stands in for the start of a server: counts, and leaves a process that bears the home's secret."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self.started: list[pretend_server] = []

    def __call__(self, server: Server, progress: local.Progress) -> None:
        assert not self._home.answering_file.exists()
        self.started.append(pretend_server(self._home, secret=self._home.secret()))


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
    with pretend_server(made, secret=made.secret()) as stuck:
        note_as_answering(made, stuck.pid)
        assert server.renew(stuck.pid, say)
        assert not psutil.pid_exists(stuck.pid)
        assert len(starts.started) == 1
        # Who asks for the same renewal a moment later finds the new one, and leaves it alone.
        assert server.renew(stuck.pid, say)
        assert len(starts.started) == 1
        assert server.status().pid != stuck.pid


def test_of_many_who_ask_for_the_same_renewal_one_renews(made: Home, starts: Starts) -> None:
    server = Server(settings_at(made.root.parent))
    with pretend_server(made, secret=made.secret()) as stuck, ThreadPoolExecutor(4) as pool:
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

    with pretend_server(made, secret=made.secret()) as stuck:
        monkeypatch.setattr(psutil.Process, "kill", too_late)
        assert Server(settings_at(made.root.parent)).renew(stuck.pid, say)
        assert len(starts.started) == 1


def test_a_server_that_we_may_not_kill_is_told(made: Home, starts: Starts, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: psutil.Process) -> None:
        raise psutil.AccessDenied

    with pretend_server(made, secret=made.secret()) as stuck:
        monkeypatch.setattr(psutil.Process, "kill", refuse)
        with pytest.raises(GraphUnavailable, match=f"process {stuck.pid} of user .* we may not stop it"):
            Server(settings_at(made.root.parent)).renew(stuck.pid, say)
        assert starts.started == []


def test_another_server_is_not_ours_to_renew(root: Path) -> None:
    assert not Server(Settings(home=root, cache=root, neo4j_uri="bolt://graph.example")).renew(1, nobody_should_start)
    assert not root.exists()


def note_as_answering(home: Home, pid: int) -> None:
    home.answering_file.write_text(f"{pid} {psutil.Process(pid).create_time()}\n")


class pretend_server:  # noqa: N801  used as a context
    """A process whose command line is that of the server of a home, and that does nothing but hold a file open."""

    def __init__(self, home: Home, secret: str | None = None, holding: Path | None = None) -> None:
        script = f"import time; held = {str(holding)!r} != 'None' and open({str(holding)!r}); time.sleep(60)"
        environment = os.environ | ({} if secret is None else {"ISOPATH_SERVER_OF": secret})
        self._process = subprocess.Popen(
            [sys.executable, "-c", script, MAIN_CLASS, f"--home-dir={home.root}"], env=environment
        )
        seen = psutil.Process(self._process.pid)
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline and not (
            MAIN_CLASS in seen.cmdline()
            and (holding is None or any(str(holding) == at.path for at in seen.open_files()))
        ):
            time.sleep(0.01)

    def __enter__(self) -> subprocess.Popen[bytes]:
        return self._process

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()


# What a server proves itself with


def test_a_certificate_is_made_for_this_machine_alone_and_its_key_is_the_owners(made: Home) -> None:
    assert not certificate.is_whole(made)
    certificate.make(made)
    assert certificate.is_whole(made)
    assert stat.S_IMODE(made.private_key.stat().st_mode) == 0o600
    trusted = ssl.create_default_context(cafile=made.certificate)
    trusted.verify_flags |= ssl.VERIFY_X509_STRICT
    with (
        answering_tls(made) as port,
        socket.create_connection(("127.0.0.1", port)) as plain,
        trusted.wrap_socket(plain, server_hostname="127.0.0.1") as proved,
    ):
        assert dict(proved.getpeercert() or {})["subjectAltName"] == (
            ("IP Address", "127.0.0.1"),
            ("DNS", "localhost"),
        )


@pytest.mark.parametrize("damage", [b"", b"junk \x00\xff", None], ids=["emptied", "junk", "gone"])
@pytest.mark.parametrize("which", ["certificate", "private_key"])
def test_a_damaged_certificate_is_no_certificate(made: Home, which: str, damage: bytes | None) -> None:
    certificate.make(made)
    path = getattr(made, which)
    path.unlink() if damage is None else path.write_bytes(damage)
    assert not certificate.is_whole(made)


def test_a_key_of_another_home_does_not_fit(made: Home, tmp_path: Path) -> None:
    other = Home.at(tmp_path / "other")
    other.make_folders()
    for home in (made, other):
        certificate.make(home)
    shutil.copy(other.private_key, made.private_key)
    assert not certificate.is_whole(made)


@contextmanager
def answering_tls(home: Home) -> Iterator[int]:
    """A port where somebody proves itself with a home's certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(home.certificate, home.private_key)

    def answer() -> None:
        with suppress(OSError):
            while True:
                near, _ = listening.accept()
                with suppress(OSError):
                    context.wrap_socket(near, server_side=True).close()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=answer, daemon=True).start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)


class Squatter:
    """A program that listens at a port, lets everybody in, and keeps what it is told."""

    def __init__(self, port: int, says: bytes) -> None:
        self.heard = b""
        self._says = says
        self._listening = socket.create_server(("127.0.0.1", port))
        threading.Thread(target=self._listen, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listening.accept()
                threading.Thread(target=self._hear, args=(near,), daemon=True).start()

    def _hear(self, near: socket.socket) -> None:
        with suppress(OSError), near:
            while data := near.recv(65536):
                self.heard += data
                near.sendall(self._says)


BOLT_4_4 = bytes.fromhex("00000404")
"""What a Neo4j answers to a driver's first words: the version of Bolt that both speak from then on."""
SQUATTERS = {"like a Neo4j": BOLT_4_4, "silent": b"", "like a web server": b"HTTP/1.1 200 OK\r\n\r\n"}


@pytest.mark.parametrize("says", SQUATTERS.values(), ids=SQUATTERS)
def test_who_has_not_the_key_is_told_no_password(made: Home, says: bytes) -> None:
    certificate.make(made)
    port = free_port()
    with Squatter(port, says) as squatter:
        assert not local._proves_itself(port, made)
        connection = Connection(f"bolt://127.0.0.1:{port}", "neo4j", made.password(), "neo4j", made.certificate)
        with (
            open_driver(connection, connection_acquisition_timeout=1, max_transaction_retry_time=0) as driver,
            pytest.raises(DriverError),
        ):
            driver.verify_connectivity()
        assert squatter.heard
        assert made.password().encode() not in squatter.heard
        assert b"neo4j" not in squatter.heard


def test_who_proves_itself_with_another_key_is_told_no_password(made: Home, tmp_path: Path) -> None:
    other = Home.at(tmp_path / "other")
    other.make_folders()
    for home in (made, other):
        certificate.make(home)
    with answering_tls(other) as port:
        assert local._proves_itself(port, other)
        assert not local._proves_itself(port, made)


def test_a_certificate_that_cannot_be_read_is_told(made: Home) -> None:
    connection = Connection("bolt://127.0.0.1:1", "neo4j", "x", "neo4j", made.certificate)
    with pytest.raises(GraphUnavailable, match=r"certificate cannot be read.*isopath up"):
        Graph.connect(connection)


def test_the_initial_password_is_written_as_neo4j_reads_it_and_not_as_it_is(made: Home) -> None:
    made.set_initial_password()
    text = made.initial_password_file.read_text()
    assert re.fullmatch(r"neo4j:SHA-256,[0-9a-f]{64},[0-9a-f]{64},1024:\n", text)
    assert made.password() not in text


# A disk that refuses


@pytest.mark.parametrize(
    ("number", "fault"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EDQUOT, "quota"),
        (errno.EACCES, "no permission to write"),
        (errno.EPERM, "no permission to write"),
        (errno.EROFS, "read-only"),
        (errno.ENOTDIR, "a file stands where a folder is needed"),
        (errno.EIO, "the disk refuses"),
    ],
)
def test_every_refusal_of_the_disk_names_place_fault_and_repair(root: Path, number: int, fault: str) -> None:
    with pytest.raises(GraphUnavailable) as caught, storage.at_the_disk(root, "ISOPATH_HOME"):
        raise OSError(number, os.strerror(number), str(root / "file"))
    assert caught.value.place == str(root / "file")
    assert fault in caught.value.fault
    assert caught.value.repair


def test_a_home_where_nothing_may_be_written_is_said() -> None:
    # Not even an administrator can make a folder in here.
    place = Path("/sys/isopath") if sys.platform == "linux" else Path("/dev/isopath")
    with pytest.raises(GraphUnavailable) as caught:
        Server(settings_at(place)).ensure_up(nobody_should_start)
    assert str(place) in caught.value.place
    assert "ISOPATH_HOME" in caught.value.repair


def test_a_file_in_the_place_of_the_home_is_said(root: Path) -> None:
    root.write_text("in the way")
    with pytest.raises(GraphUnavailable, match="a file stands where a folder is needed"):
        Server(settings_at(root)).ensure_up(nobody_should_start)
    assert root.read_text() == "in the way"


def test_a_full_disk_is_said_before_a_server_is_started(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=0))
    with pytest.raises(GraphUnavailable, match=r"the disk is full.*ISOPATH_HOME"):
        Server(settings_at(root)).ensure_up(nobody_should_start)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
def test_a_file_that_cannot_be_written_whole_is_not_there_at_all(root: Path) -> None:
    root.mkdir()
    target = root / "password"
    (root / f"password.{os.getpid()}.part").symlink_to("/dev/full")
    with pytest.raises(GraphUnavailable, match="the disk is full"), storage.at_the_disk(root, "ISOPATH_HOME"):
        storage.write_whole(target, "x" * 100_000)
    assert list(root.iterdir()) == []


# Locks


def test_a_lock_file_that_was_left_behind_stops_nobody(made: Home) -> None:
    made.lock_file.write_text("4711")
    with storage.alone(made.lock_file, "busy", nobody_should_start):
        pass


def test_who_waits_for_another_is_told_so(made: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage, "_LOCK_SECONDS", 0.2)
    said: list[str] = []
    with (
        storage.alone(made.lock_file, "first", said.append),
        pytest.raises(GraphUnavailable, match="Another command is starting"),
    ):
        Server(settings_at(made.root.parent)).ensure_up(said.append)
    assert said == ["Another command is starting or stopping Neo4j: waiting for it"]


# A server that dies while starting

DEATHS = {
    "another program took the port": "Caused by: java.net.BindException: Address already in use",
    "the disk is full": "java.io.IOException: No space left on device",
    "another program uses this home's store": "Lock file has been locked by another process: /x/store_lock",
    "may not write": "java.nio.file.AccessDeniedException: /x/data/databases",
    "too little free memory": "Error occurred during initialization of VM\nCould not reserve enough space for heap",
    "cannot read the server's jars": "Error: Could not find or load main class\njava.lang.ClassNotFoundException: x",
    "another version of Neo4j": "UnableToMigrateException: downgrade is not supported",
}


@pytest.mark.parametrize(("fault", "said"), DEATHS.items(), ids=DEATHS)
def test_every_known_death_is_told_apart(made: Home, fault: str, said: str) -> None:
    made.log.write_text(f"Starting...\n{said}\n at org.neo4j.Some.line\n")
    error = faults.of_log(made)
    assert fault in error.fault
    assert error.place == str(made.log)
    assert error.repair


def test_the_list_of_deaths_is_whole() -> None:
    assert len(DEATHS) == len(faults.KNOWN)


@pytest.mark.parametrize(("said", "shown"), [("Boom\n", "its last line: Boom"), ("", "it printed nothing")])
def test_an_unknown_death_shows_the_last_line(made: Home, said: str, shown: str) -> None:
    made.log.write_text(said)
    assert shown in faults.of_log(made).fault


def test_a_server_that_dies_at_once_says_why(made: Home, tmp_path: Path) -> None:
    java = tmp_path / "jdk" / "bin" / "java"
    java.parent.mkdir(parents=True)
    java.write_text(
        "#!/bin/sh\ncase $* in *-version*) echo 'version \"25\"' >&2; exit 0;; esac\n"
        "echo 'Error: Could not reserve enough space for object heap'; exit 1\n"
    )
    java.chmod(0o755)
    server = Server(Settings(home=made.root.parent, cache=GIVEN.cache, java_home=tmp_path / "jdk"))
    with pytest.raises(GraphUnavailable, match="too little free memory"):
        server.ensure_up(say)
    assert server.status().state == "down"


def test_a_server_that_never_answers_is_stopped_and_said(
    made: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local, "_START_SECONDS", 1.0)
    java = tmp_path / "jdk" / "bin" / "java"
    java.parent.mkdir(parents=True)
    sleeper = f"exec {sys.executable} -c 'import time; time.sleep(60)' \"$@\""
    java.write_text(f"#!/bin/sh\ncase $* in *-version*) echo 'version \"25\"' >&2; exit 0;; esac\n{sleeper}\n")
    java.chmod(0o755)
    server = Server(Settings(home=made.root.parent, cache=GIVEN.cache, java_home=tmp_path / "jdk"))
    with pytest.raises(GraphUnavailable, match="did not answer"):
        server.ensure_up(say)
    assert server.status().state == "down"


# A real server: one life, told in order. It is not `connection`'s, because it is stopped and killed here.


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home whose server was started twice at the same moment, from two commands that have ended, and never let
    anybody in with the password that all servers begin with."""
    home = tmp_path_factory.mktemp("life") / "a home with späces and 音"
    environment = os.environ | {"ISOPATH_HOME": str(home), "TEXT": "a secret feeling", "MAKEFLAGS": "TEXT=a secret"}
    for name in [name for name in environment if name.startswith("NEO4J_")]:
        del environment[name]
    watcher = Watcher(home)
    starts = [
        subprocess.Popen(
            [sys.executable, "-c", UP], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    # communicate() ends only when nobody holds the pipes any more: a server that inherited them would hang here.
    try:
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
    found: psutil.Process | None = process.answering(Home.at(life))
    assert found is not None
    return found


@contextmanager
def listener(port: int) -> Iterator[None]:
    """Another program that listens at the port."""
    with socket.socket() as taker:
        taker.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taker.bind(("127.0.0.1", port))
        taker.listen()
        yield


def statement(text: str, *columns: str) -> Query:
    promised = tuple(Promise(name, "ANY", "") for name in columns)
    return Query(name="test", text=text, summary="", grain="", params=(), columns=promised)


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
        assert [address.port for address in listening] == [Home.at(life).port()]
        assert all(address.ip in ("127.0.0.1", "::1", "::ffff:127.0.0.1") for address in listening)

    def test_it_holds_nothing_of_the_environment_it_was_started_from(self, life: Path, alive: psutil.Process) -> None:
        assert set(alive.environ()) <= {"LANG", "HOME", "ISOPATH_SERVER_OF", "__CF_USER_TEXT_ENCODING"}
        assert not any("secret" in part for part in alive.cmdline())

    def test_its_password_is_on_no_command_line_and_in_no_log(self, life: Path, alive: psutil.Process) -> None:
        home = Home.at(life)
        assert not any(home.password() in part or home.secret() in part for part in alive.cmdline())
        assert home.password() not in alive.environ().values()
        for log in (home.root / "logs").iterdir():
            assert home.password() not in log.read_text(encoding="utf-8", errors="replace"), log
        assert home.password() not in home.configuration.read_text(encoding="utf-8")

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
        assert process.answering(home) == alive

    def test_a_lost_password_is_said_with_its_repair(self, life: Path) -> None:
        home = Home.at(life)
        kept = home.password()
        home.password_file.unlink()
        home.answering_file.unlink()
        try:
            with pytest.raises(GraphUnavailable, match="does not take this password") as caught:
                Server(settings_at(life)).ensure_up(say)
            assert caught.value.place == str(home.password_file)
        finally:
            storage.write_whole(home.password_file, kept + "\n")
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
        port = Home.at(life).port()
        assert port is not None
        told: list[str] = []
        with Squatter(port, BOLT_4_4) as squatter, pretend_server(Home.at(life)) as other:
            elsewhere = server.ensure_up(told.append)
        assert f"process {other.pid} of user" in told[0]
        assert any(f"Port {port} is taken" in line for line in told)
        assert squatter.heard == b""
        assert elsewhere.uri != connection.uri
        assert elsewhere.uri == f"bolt://127.0.0.1:{Home.at(life).port()}"
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
        assert not process.alive(alive)
        server.ensure_up(nobody_should_start)

    def test_down_stops_it_and_a_second_down_has_nothing_to_do(self, life: Path, alive: psutil.Process) -> None:
        server = Server(settings_at(life))
        assert server.down(say)
        assert not process.alive(alive)
        assert server.status().state == "down"
        assert not server.down(say)


@pytest.mark.graph
@pytest.mark.parametrize(
    "text",
    [
        "LOAD CSV FROM 'file:///etc/passwd' AS row RETURN row",
        "LOAD CSV FROM 'http://127.0.0.1:9/' AS row RETURN row",
        "LOAD CSV FROM 'http://[::1]:9/' AS row RETURN row",
        "LOAD CSV FROM 'https://10.0.0.1/' AS row RETURN row",
        "LOAD CSV FROM 'http://localhost:9/' AS row RETURN row",
        "LOAD CSV FROM 'ftp://127.0.0.1:9/x' AS row RETURN row",
    ],
    ids=["file", "http", "http over IPv6", "https", "a name", "ftp"],
)
def test_cypher_reads_no_file_and_no_address(connection: Connection, text: str) -> None:
    with open_driver(connection) as driver, pytest.raises(ClientError) as caught:
        driver.execute_query(text, database_=connection.database)
    assert re.search(r"not allowed|blocked|disabled|denied|configuration", str(caught.value), re.IGNORECASE)


@pytest.mark.graph
def test_the_server_speaks_the_dialect_of_our_queries(connection: Connection) -> None:
    with Graph.connect(connection) as graph:
        assert graph.rows(statement("RETURN vector([1.0], 1, FLOAT32) IS NOT NULL AS is_new", "is_new")) == [
            {"is_new": True}
        ]


def test_a_free_port_is_free_and_a_taken_one_is_not() -> None:
    port = free_port()
    assert is_free(port)
    with listener(port):
        assert not is_free(port)
