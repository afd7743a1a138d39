"""Starts, identifies and stops the server's process."""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psutil

from engine.errors import GraphUnavailable
from engine.server.home import Home, ServerMemory
from engine.server.jars import MAIN_CLASS
from engine.server.java import Java

_OPEN = (
    "--add-opens=java.base/java.nio=ALL-UNNAMED",
    "--add-opens=java.base/java.io=ALL-UNNAMED",
    "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
    "--enable-native-access=ALL-UNNAMED",
)
_NEVER_STORED = "-Dkeystore.pkcs12.keyPbeIterationCount=1"
"""For every connection Neo4j puts its key into an in-memory keystore, whose password is hashed 10,000 times by default:
two thirds of the server's time for a connection."""
_STOP_SECONDS = 60.0
_PROOF = "ISOPATH_SERVER_OF"


def find_answering(home: Home) -> psutil.Process | None:
    """The process that accepted this home's password, if it still runs. Fast, for every command: checks one process."""
    known = home.read_answering()
    if known is None:
        return None
    pid, started = known
    try:
        process = psutil.Process(pid)
        # A change of the system clock shifts the start time; the caller then searches all processes.
        same = abs(process.create_time() - started) < 1
    except (psutil.NoSuchProcess, psutil.AccessDenied, ValueError, OverflowError):
        return None
    return process if same and _has_secret(process, home) else None


def find_serving(home: Home) -> psutil.Process | None:
    """The process that serves this home, whether or not it answers yet. Searches all processes."""
    return next((process for process in psutil.process_iter() if _has_secret(process, home)), None)


def find_outdated(home: Home) -> psutil.Process | None:
    """A server of this home without its secret: an earlier Isopath started it, or the secret was lost.

    It counts as ours because it runs as our user and has the home's store open.
    """
    return next((process for process in _list_claiming(home) if _has_store_open(process, home)), None)


def find_foreign(home: Home) -> tuple[psutil.Process, ...]:
    """Foreign processes: they have the arguments of this home's server and are not it."""
    return tuple(
        process
        for process in _list_claiming(home)
        if not _has_secret(process, home) and not _has_store_open(process, home)
    )


def describe(process: psutil.Process) -> str:
    """Id and user of a process, for a message."""
    try:
        return f"process {process.pid} of user '{process.username()}'"
    except (psutil.Error, KeyError):
        return f"process {process.pid}"


def _list_claiming(home: Home) -> Iterator[psutil.Process]:
    """Processes with the arguments of this home's server, which any program may have."""
    for process in psutil.process_iter():
        try:
            line = process.cmdline()
            if MAIN_CLASS in line and _make_home_argument(home) in line and process.status() != psutil.STATUS_ZOMBIE:
                yield process
        except psutil.Error:
            continue


def _has_secret(process: psutil.Process, home: Home) -> bool:
    try:
        return (
            _is_our_users(process, home)
            and home.is_secret(process.environ().get(_PROOF))
            and process.status() != psutil.STATUS_ZOMBIE
        )
    except (psutil.Error, OSError):
        return False


def _has_store_open(process: psutil.Process, home: Home) -> bool:
    store = str(home.root / "data" / "databases")
    try:
        return _is_our_users(process, home) and any(file.path.startswith(store) for file in process.open_files())
    except (psutil.Error, OSError):
        return False


def _is_our_users(process: psutil.Process, home: Home) -> bool:
    """Whether the process runs as our user, or as the owner of the home."""
    if psutil.WINDOWS:
        return bool(process.username() == psutil.Process().username())
    return process.uids().real in {os.getuid(), home.root.stat().st_uid}


def start(home: Home, java: Java, memory: ServerMemory) -> psutil.Process:
    """Starts the server as a detached process and returns at once.

    It inherits nothing: make puts a person's words into the environment, where they would stay as long as the server;
    an open pipe would make `make` wait forever. Its environment has the home's secret, which identifies it.
    """
    command = [
        str(java.path),
        f"@{home.class_path}",
        *java.flags,
        *_OPEN,
        _NEVER_STORED,
        f"-Xms{memory.heap // 4}m",
        f"-Xmx{memory.heap}m",
        "-XX:-UsePerfData",
        "-XX:+ExitOnOutOfMemoryError",
        f"-XX:ErrorFile={home.log.with_name('crash.log')}",
        f"-Djava.io.tmpdir={home.root / 'tmp'}",
        MAIN_CLASS,
        _make_home_argument(home),
        f"--config-dir={home.configuration.parent}",
        "--console-mode",
    ]
    with home.log.open("wb") as log:
        process = subprocess.Popen(
            command,
            cwd=home.root,
            env={"LANG": "C.UTF-8", "HOME": str(home.root), _PROOF: home.read_secret()},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            close_fds=True,
        )
    # It outlives this object, which would otherwise warn when it is collected.
    process.returncode = 0
    return psutil.Process(process.pid)


def is_alive(process: psutil.Process) -> bool:
    """Whether the process runs; a zombie does not."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def stop(process: psutil.Process) -> bool:
    """Terminates the process and waits for its end; False when it had to be killed. No data is lost either way."""
    with _translate_faults(process):
        process.terminate()
        if not _wait_for_end(process):
            kill(process)
            return False
    return True


def kill(process: psutil.Process) -> None:
    """Kills the process. No data is lost: a server repairs its store when it starts."""
    with _translate_faults(process):
        process.kill()
        _wait_for_end(process)


def _wait_for_end(process: psutil.Process) -> bool:
    """Whether the process ends within `_STOP_SECONDS`.

    Polls instead of waiting: a child of a long-running parent stays a zombie until that reaps it.
    """
    deadline = time.monotonic() + _STOP_SECONDS
    while is_alive(process):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


@contextmanager
def _translate_faults(process: psutil.Process) -> Iterator[None]:
    """Ignores a process that has ended already; GraphUnavailable for one that we may not end."""
    try:
        yield
    except psutil.NoSuchProcess:
        pass
    except psutil.AccessDenied as exc:
        raise GraphUnavailable(
            describe(process), "we may not stop it", f"Let its owner end it: kill {process.pid}"
        ) from exc


def _make_home_argument(home: Home) -> str:
    return f"--home-dir={home.root}"
