"""The server of one home: started when first needed, and left running."""

import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psutil

from engine.errors import GraphUnavailable
from engine.server import certificate, faults, jars, java, process
from engine.server.connection import ServerConnection
from engine.server.home import DATABASE, HOST, USER, Home, ServerMemory, find_free_port, is_free
from engine.server.storage import hold_lock, require_space, translate_disk_faults, write_atomically
from engine.settings import Settings

Progress = Callable[[str], None]
"""Receives one line of progress for the user."""

_START_SECONDS = 240.0
_PORTS_TRIED = 3
_ROOM = 300_000_000
"""Bytes that a new home needs: the empty store, its logs and a catalogue."""


@dataclass(frozen=True, slots=True)
class ServerState:
    """The state of the server, found without a query."""

    state: str
    """`up`, `starting` (it runs and does not accept TLS connections yet), `down`, or `elsewhere` (NEO4J_URI is set)."""
    home: str
    uri: str | None
    """None before the first start."""
    pid: int | None
    since: datetime | None
    """When its process began, UTC."""
    memory: int | None
    """Resident bytes."""
    version: str
    """Of the Neo4j that this Isopath starts."""
    certificate: Path | None = None
    """The certificate that a Bolt client must trust, PEM; None before the first start, and for a server elsewhere."""
    foreign_processes: tuple[str, ...] = ()
    """Descriptions of processes that have the arguments of this home's server and are not it."""


class Server:
    """The Neo4j of the settings: the one at NEO4J_URI, or the local one of their home."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._home = Home.at(settings.home)

    def ensure_up(self, progress: Progress) -> ServerConnection:
        """Connection data of a running server; the local one is fetched and started first when necessary.

        Raises GraphUnavailable when it cannot be started. A server at NEO4J_URI is not checked.
        """
        given = self._settings
        if given.neo4j_uri is not None:
            return ServerConnection(given.neo4j_uri, given.neo4j_user, given.neo4j_password or "", given.neo4j_database)
        with translate_disk_faults(self._home.root, "ISOPATH_HOME"):
            if not self._is_ready():
                with self._lock(progress):
                    self._start(progress)
            return self._make_connection()

    def up(self, progress: Progress) -> ServerState:
        """Starts the local server unless it runs; its state. A server at NEO4J_URI is not touched."""
        self.ensure_up(progress)
        return self.status()

    def down(self, progress: Progress) -> bool:
        """Stops the local server; False when none ran. Its data stays. A server at NEO4J_URI is not touched."""
        if self._settings.neo4j_uri is not None or not self._home.root.exists():
            return False
        with translate_disk_faults(self._home.root, "ISOPATH_HOME"), self._lock(progress):
            found = process.find_serving(self._home) or process.find_outdated(self._home)
            if found is not None and not process.stop(found):
                progress("Neo4j did not end within a minute and was killed; it repairs its store at the next start")
            self._home.answering_file.unlink(missing_ok=True)
            self._warn_of_foreign_processes(progress)
        return found is not None

    def renew(self, pid: int | None, progress: Progress) -> bool:
        """Kills the local server with this process id, which does not respond any more, and starts a new one.

        The new one repairs the store when it starts. A server with another process id is kept: another command has
        replaced the old one already. False when NEO4J_URI names the server.
        """
        if self._settings.neo4j_uri is not None:
            return False
        with translate_disk_faults(self._home.root, "ISOPATH_HOME"), self._lock(progress):
            found = process.find_serving(self._home)
            if found is not None and found.pid == pid:
                process.kill(found)
                found = None
            if found is None:
                self._home.answering_file.unlink(missing_ok=True)
                self._start(progress)
        return True

    def status(self) -> ServerState:
        """The state of the server; neither starts it nor waits."""
        home, place = self._home, str(self._settings.home)
        version = jars.find_version(jars.read_lock())
        if self._settings.neo4j_uri is not None:
            return ServerState("elsewhere", place, self._settings.neo4j_uri, None, None, None, version)
        port = home.read_port()
        uri = None if port is None else _make_uri(port)
        trusted = home.certificate if home.certificate.exists() else None
        found = process.find_answering(home)
        foreign: tuple[str, ...] = ()
        if found is None and home.root.exists():
            found = process.find_serving(home) or process.find_outdated(home)
            foreign = tuple(map(process.describe, process.find_foreign(home)))
        try:
            if found is not None:
                since = datetime.fromtimestamp(found.create_time(), UTC)
                memory = found.memory_info().rss
                state = "up" if port is not None and _proves_itself(port, home) else "starting"
                return ServerState(state, place, uri, found.pid, since, memory, version, trusted, foreign)
        except psutil.NoSuchProcess:
            pass  # It ended while it was being asked.
        return ServerState("down", place, uri, None, None, None, version, trusted, foreign)

    @contextmanager
    def _lock(self, progress: Progress) -> Iterator[None]:
        """Allows one start or stop of this home at a time; others wait."""
        self._home.make_folders()
        with hold_lock(self._home.lock_file, "Another command is starting or stopping Neo4j", progress):
            yield

    def _is_ready(self) -> bool:
        """Whether the server accepted our password before, still runs, and has its certificate."""
        return process.find_answering(self._home) is not None and certificate.is_whole(self._home)

    def _start(self, progress: Progress) -> None:
        """Starts a server, checks its certificate and our password, and stores its process id. Call under the lock."""
        if self._is_ready():
            return
        found, port = self._await_earlier_start(progress) or self._launch(progress)
        self._check_password(port)
        write_atomically(self._home.answering_file, f"{found.pid} {found.create_time()}\n")
        progress(f"Neo4j is up at {_make_uri(port)} and stays up between commands; `isopath down` stops it")

    def _await_earlier_start(self, progress: Progress) -> tuple[psutil.Process, int] | None:
        """Waits for the server of an interrupted earlier start; None when there is none that can be used."""
        home = self._home
        self._warn_of_foreign_processes(progress)
        found, port = process.find_serving(home), home.read_port()
        if found is not None and port is not None and certificate.is_whole(home):
            progress("An earlier start was interrupted: waiting for the server that it began")
            try:
                self._wait(found, port, progress)
            except GraphUnavailable as error:
                progress(f"That server did not come up ({error.fault}): starting another")
                return None
            return found, port
        if found := found or process.find_outdated(home):
            progress("The server that runs cannot prove itself, as one of an earlier Isopath: starting it anew")
            process.stop(found)
        return None

    def _warn_of_foreign_processes(self, progress: Progress) -> None:
        for foreign in process.find_foreign(self._home):
            progress(
                f"{process.describe(foreign)} has the arguments of this home's server and is not it: nothing is sent"
                f" to it, and it is left alone. If you do not know it, end it: kill {foreign.pid}"
            )

    def _launch(self, progress: Progress) -> tuple[psutil.Process, int]:
        """Starts a server process and waits for it; the process and its port."""
        home = self._home
        if not (home.root / "data" / "databases").exists():
            require_space(home.root, _ROOM)
        locked = jars.read_lock()
        home.write_class_path(jars.fetch(locked, self._settings.cache, progress))
        found, memory = java.find(self._settings.java_home), ServerMemory.of_this_machine()
        home.set_initial_password()
        if not certificate.is_whole(home):
            certificate.make(home)
        for tries_left in reversed(range(_PORTS_TRIED)):
            port = home.read_port() or find_free_port()
            if not is_free(port):
                taken, port = port, find_free_port()
                progress(f"Port {taken} is taken by another program: this home now uses {port}")
            home.configure(port, memory)
            progress(
                f"Neo4j {jars.find_version(locked)}: starting on Java {found.major}, at most {memory.heap} MB of heap"
                " (about 10 seconds)"
            )
            started = process.start(home, found, memory)
            try:
                self._wait(started, port, progress)
            except faults.PortTaken:
                # Another program took the port between our check and the server's bind; the next try sees that.
                if not tries_left:
                    raise
                continue
            return started, port
        raise AssertionError("unreachable: the last try returns or raises")

    def _wait(self, started: psutil.Process, port: int, progress: Progress) -> None:
        """Returns once the server presents its certificate at the port.

        Raises the error in the log when the process ends, and GraphUnavailable when it takes too long. Nothing is sent
        to another program that answers there.
        """
        started_at, reported = time.monotonic(), 0.0
        while not _proves_itself(port, self._home):
            waited = time.monotonic() - started_at
            if not process.is_alive(started):
                raise faults.read_fault(self._home)
            if waited > _START_SECONDS:
                process.stop(started)
                raise GraphUnavailable(
                    str(self._home.log),
                    f"Neo4j did not answer within {_START_SECONDS / 60:.0f} minutes and was stopped",
                    "Read the end of that file; a busy machine may need a second try",
                )
            if waited - reported >= 10:
                reported = waited
                progress(f"Neo4j: still starting, {waited:.0f} seconds")
            time.sleep(0.1)

    def _check_password(self, port: int) -> None:
        """Raises GraphUnavailable when the server does not accept our password."""
        # Imported here because status and stop do not need the driver.
        from engine.graph import can_log_in

        if not can_log_in(self._make_connection_at(port), _START_SECONDS):
            raise GraphUnavailable(
                str(self._home.password_file),
                "the server does not take this password",
                "Put the file back as it was; without it, run `isopath down`, delete the folder it stands in and"
                " `isopath load` again (all of it is made anew, except stored journeys)",
            )

    def _make_connection(self) -> ServerConnection:
        port = self._home.read_port()
        if port is None:
            raise GraphUnavailable(
                str(self._home.configuration),
                "the server runs and its address is not here",
                "Run `isopath down` and `isopath up`",
            )
        return self._make_connection_at(port)

    def _make_connection_at(self, port: int) -> ServerConnection:
        password = self._home.read_password()
        return ServerConnection(_make_uri(port), USER, password, DATABASE, self._home.certificate, self._home.files)


def _make_uri(port: int) -> str:
    return f"bolt://{HOST}:{port}"


def _proves_itself(port: int, home: Home) -> bool:
    """Whether the program at the port has the key of the home's certificate; only a TLS handshake is sent to it."""
    try:
        trusting = ssl.create_default_context(cafile=home.certificate)
        with (
            socket.create_connection((HOST, port), timeout=1) as plain,
            trusting.wrap_socket(plain, server_hostname=HOST),
        ):
            return True
    except OSError:
        return False
