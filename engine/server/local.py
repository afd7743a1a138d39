"""Up, down, status: the server of one home, started when it is needed and left running."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import psutil

from engine.errors import GraphUnavailable
from engine.server import faults, jars, java, process
from engine.server.connection import Connection
from engine.server.home import DATABASE, FIRST_PASSWORD, HOST, USER, Home, Memory, free_port, is_free
from engine.server.storage import alone, at_the_disk, require_space, write_whole
from engine.settings import Settings

Progress = Callable[[str], None]
"""Takes one line for a person who waits."""

_START_SECONDS = 240.0
_PORTS_TRIED = 3
_ROOM = 300_000_000
"""Bytes that a new home needs: the empty store, its logs and a catalogue."""


@dataclass(frozen=True, slots=True)
class Status:
    """What is known of the server without asking it anything."""

    state: str
    """`up`, `starting` (it runs and does not answer yet), `down`, or `elsewhere` (NEO4J_URI names it)."""
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


class Server:
    """The Neo4j that the settings name: somebody else's, or the local one of their home."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._home = Home.at(settings.home)

    def ensure_up(self, progress: Progress) -> Connection:
        """A way into a server that answers; the local one is fetched and started first when it must be.

        Raises GraphUnavailable when it cannot be started. NEO4J_URI's server is taken at its word.
        """
        given = self._settings
        if given.neo4j_uri is not None:
            return Connection(given.neo4j_uri, given.neo4j_user, given.neo4j_password or "", given.neo4j_database)
        with at_the_disk(self._home.root, "ISOPATH_HOME"):
            if process.running(self._home) is None:
                with self._alone(progress):
                    self._start(progress)
            return self._connection()

    def up(self, progress: Progress) -> Status:
        """Starts the local server unless it runs, and says how it stands. NEO4J_URI's server is left alone."""
        self.ensure_up(progress)
        return self.status()

    def down(self, progress: Progress) -> bool:
        """Stops the local server; False when none ran. Its data stays. NEO4J_URI's server is left alone."""
        if self._settings.neo4j_uri is not None or not self._home.root.exists():
            return False
        with at_the_disk(self._home.root, "ISOPATH_HOME"), self._alone(progress):
            found = process.running(self._home) or process.stray(self._home)
            if found is not None and not process.stop(found):
                progress("Neo4j did not end within a minute and was killed; it repairs its store at the next start")
            self._home.pid_file.unlink(missing_ok=True)
        return found is not None

    def renew(self, pid: int | None, progress: Progress) -> bool:
        """Kills the local server with this process id, which no longer does as it is told, and starts one anew.

        It repairs its store when it starts. One with another process id is left alone: somebody was quicker. False
        when NEO4J_URI names the server.
        """
        if self._settings.neo4j_uri is not None:
            return False
        with at_the_disk(self._home.root, "ISOPATH_HOME"), self._alone(progress):
            found = process.running(self._home)
            if found is not None and found.pid == pid:
                found.kill()
                found.wait()
                found = None
            if found is None:
                self._home.pid_file.unlink(missing_ok=True)
                self._start(progress)
        return True

    def status(self) -> Status:
        """How the server stands; starts nothing, waits for nothing."""
        version = jars.version(jars.locked())
        if self._settings.neo4j_uri is not None:
            return Status("elsewhere", str(self._settings.home), self._settings.neo4j_uri, None, None, None, version)
        home, port = self._home, self._home.port()
        uri = None if port is None else _uri(port)
        found = process.running(home) or process.stray(home)
        try:
            if found is not None:
                since = datetime.fromtimestamp(found.create_time(), UTC)
                state = "up" if port is not None and _answers(port) else "starting"
                return Status(state, str(self._settings.home), uri, found.pid, since, found.memory_info().rss, version)
        except psutil.NoSuchProcess:
            pass  # It ended while it was being asked.
        return Status("down", str(self._settings.home), uri, None, None, None, version)

    @contextmanager
    def _alone(self, progress: Progress) -> Iterator[None]:
        """Only one start or stop of this home at a time; the others wait for it."""
        self._home.make_folders()
        with alone(self._home.lock_file, "Another command is starting or stopping Neo4j", progress):
            yield

    def _start(self, progress: Progress) -> None:
        """Under the lock: a server that answers and takes our password, its process id written down."""
        home = self._home
        if process.running(home) is not None:
            return
        found, port = process.stray(home), home.port()
        if found is not None and port is not None:
            progress("An earlier start was interrupted: waiting for the server that it began")
            self._wait(found, port, progress)
        else:
            if found is not None:
                process.stop(found)
            found, port = self._launch(progress)
        self._let_in(port)
        write_whole(home.pid_file, f"{found.pid}\n")
        progress(f"Neo4j is up at {_uri(port)} and stays up between commands; `isopath down` stops it")

    def _launch(self, progress: Progress) -> tuple[psutil.Process, int]:
        """A server process that answers, and its port."""
        home = self._home
        if not (home.root / "data" / "databases").exists():
            require_space(home.root, _ROOM)
        locked = jars.locked()
        home.write_class_path(jars.fetched(locked, self._settings.cache, progress))
        found, memory = java.find(self._settings.java_home), Memory.of_this_machine()
        for tries_left in reversed(range(_PORTS_TRIED)):
            port = home.port() or free_port()
            if not is_free(port):
                taken, port = port, free_port()
                progress(f"Port {taken} is taken by another program: this home now uses {port}")
            home.configure(port, memory)
            progress(
                f"Neo4j {jars.version(locked)}: starting on Java {found.major}, at most {memory.heap} MB of heap"
                " (about 10 seconds)"
            )
            started = process.start(home, found, memory)
            try:
                self._wait(started, port, progress)
            except faults.PortTaken:
                # Somebody took it between our look and the server's bind; the next look sees that.
                if not tries_left:
                    raise
                continue
            return started, port
        raise AssertionError("unreachable: the last try returns or raises")

    def _wait(self, started: psutil.Process, port: int, progress: Progress) -> None:
        """Returns once the port answers. Raises what the log says when the process ends, or takes too long."""
        begun, said = time.monotonic(), 0.0
        while not _answers(port):
            waited = time.monotonic() - begun
            if not process.alive(started):
                raise faults.of_log(self._home)
            if waited > _START_SECONDS:
                process.stop(started)
                raise GraphUnavailable(
                    str(self._home.log),
                    f"Neo4j did not answer within {_START_SECONDS / 60:.0f} minutes and was stopped",
                    "Read the end of that file; a busy machine may need a second try",
                )
            if waited - said >= 10:
                said = waited
                progress(f"Neo4j: still starting, {waited:.0f} seconds")
            time.sleep(0.1)

    def _let_in(self, port: int) -> None:
        """Makes sure that the server takes our password: a new one still has the password that all servers have."""
        # Imported here: to say how the server stands, or to stop it, nobody needs the driver.
        from engine.graph import take_over

        ours = Connection(_uri(port), USER, self._home.password(), DATABASE)
        if not take_over(ours, FIRST_PASSWORD, _START_SECONDS):
            raise GraphUnavailable(
                str(self._home.password_file),
                "the server does not take this password",
                "Put the file back as it was; without it, run `isopath down`, delete the folder it stands in and"
                " `isopath load` again (all of it is made anew, except stored journeys)",
            )

    def _connection(self) -> Connection:
        port = self._home.port()
        if port is None:
            raise GraphUnavailable(
                str(self._home.configuration),
                "the server runs and its address is not here",
                "Run `isopath down` and `isopath up`",
            )
        return Connection(_uri(port), USER, self._home.password(), DATABASE)


def _uri(port: int) -> str:
    return f"bolt://{HOST}:{port}"


def _answers(port: int) -> bool:
    """Whether something on this machine takes connections at the port."""
    try:
        socket.create_connection((HOST, port), timeout=1).close()
    except OSError:
        return False
    return True
