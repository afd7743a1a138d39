"""The server's process: started on its own feet, recognised for what it is, stopped."""

import contextlib
import subprocess

import psutil

from engine.server.home import Home, Memory
from engine.server.jars import MAIN_CLASS
from engine.server.java import Java

_OPEN = (
    "--add-opens=java.base/java.nio=ALL-UNNAMED",
    "--add-opens=java.base/java.io=ALL-UNNAMED",
    "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
    "--enable-native-access=ALL-UNNAMED",
)
_STOP_SECONDS = 60.0


def running(home: Home) -> psutil.Process | None:
    """The process that serves this home, or None.

    A process id alone proves nothing: after a crash another program may have it. The command line must be ours and
    name this home.
    """
    pid = home.pid()
    if pid is None:
        return None
    try:
        process = psutil.Process(pid)
    except (psutil.NoSuchProcess, ValueError):
        return None
    return process if _serves(process, home) else None


def stray(home: Home) -> psutil.Process | None:
    """A process that serves this home though the pid file does not say so: a start was interrupted."""
    return next((process for process in psutil.process_iter() if _serves(process, home)), None)


def _serves(process: psutil.Process, home: Home) -> bool:
    try:
        line = process.cmdline()
        return MAIN_CLASS in line and _argument(home) in line and process.status() != psutil.STATUS_ZOMBIE
    except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
        return False


def start(home: Home, java: Java, memory: Memory) -> psutil.Process:
    """Starts the server and returns at once; it lives on when its starter ends.

    It inherits nothing: make puts a person's words into the environment, and a server that stays would keep them;
    a pipe held open would make `make` wait for ever.
    """
    command = [
        str(java.path),
        f"@{home.class_path}",
        *java.flags,
        *_OPEN,
        f"-Xms{memory.heap // 4}m",
        f"-Xmx{memory.heap}m",
        "-XX:-UsePerfData",
        "-XX:+ExitOnOutOfMemoryError",
        f"-XX:ErrorFile={home.log.with_name('crash.log')}",
        f"-Djava.io.tmpdir={home.root / 'tmp'}",
        MAIN_CLASS,
        _argument(home),
        f"--config-dir={home.configuration.parent}",
        "--console-mode",
    ]
    with home.log.open("wb") as log:
        process = subprocess.Popen(
            command,
            cwd=home.root,
            env={"LANG": "C.UTF-8", "HOME": str(home.root)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            close_fds=True,
        )
    # It is meant to outlive this object, which would otherwise warn when it goes.
    process.returncode = 0
    return psutil.Process(process.pid)


def alive(process: psutil.Process) -> bool:
    """Whether the process is still there; one that ended and was not waited for is not."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def stop(process: psutil.Process) -> bool:
    """Asks the process to end and waits for it; False when it had to be killed. No data is lost either way."""
    with contextlib.suppress(psutil.NoSuchProcess):
        process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except psutil.TimeoutExpired:
            process.kill()
            process.wait(_STOP_SECONDS)
            return False
    return True


def _argument(home: Home) -> str:
    return f"--home-dir={home.root}"
