"""The server's disk: free space, permissions, locks, and atomic writes."""

import errno
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import filelock

from engine.errors import GraphUnavailable

_LOCK_SECONDS = 600.0

_FAULTS = {
    errno.ENOSPC: ("the disk is full", "Free some space, or point {setting} at another disk"),
    errno.EDQUOT: ("the disk quota is used up", "Free some space, or point {setting} at another disk"),
    errno.EACCES: ("no permission to write here", "Make the folder yours, or point {setting} at one that is"),
    errno.EPERM: ("no permission to write here", "Make the folder yours, or point {setting} at one that is"),
    errno.EROFS: ("the disk is read-only", "Point {setting} at a disk that can be written"),
    errno.ENOTDIR: ("a file stands where a folder is needed", "Move the file away, or point {setting} elsewhere"),
    errno.EEXIST: ("a file stands where a folder is needed", "Move the file away, or point {setting} elsewhere"),
}


@contextmanager
def translate_disk_faults(place: Path, setting: str) -> Iterator[None]:
    """Translates OSErrors to GraphUnavailable; `setting` is the variable by which the user can name another disk."""
    try:
        yield
    except OSError as exc:
        where = str(exc.filename or place)
        fault, repair = _FAULTS.get(
            exc.errno or 0, (f"the disk refuses ({exc.strerror or type(exc).__name__})", "Check the disk")
        )
        raise GraphUnavailable(where, fault, repair.format(setting=setting)) from exc


@contextmanager
def hold_lock(lock_file: Path, busy: str, progress: Callable[[str], None]) -> Iterator[None]:
    """Holds the lock, as a context. Waits for another holder, reporting `busy`; GraphUnavailable after ten minutes.

    The kernel releases the lock when its holder dies, so a file that is left behind does not block.
    """
    lock = filelock.FileLock(lock_file)
    try:
        lock.acquire(timeout=1)
    except filelock.Timeout:
        progress(f"{busy}: waiting for it")
        try:
            lock.acquire(timeout=_LOCK_SECONDS)
        except filelock.Timeout as exc:
            raise GraphUnavailable(
                str(lock_file),
                f"{busy}, and has been for {_LOCK_SECONDS / 60:.0f} minutes",
                "End that `isopath` and run this command again",
            ) from exc
    try:
        yield
    finally:
        lock.release()


def require_space(folder: Path, needed: int) -> None:
    """Raises OSError (no space) when fewer than `needed` bytes are free, before anything is written."""
    if shutil.disk_usage(folder).free < needed:
        raise OSError(errno.ENOSPC, f"needs {needed / 1e6:.0f} MB", str(folder))


def write_atomically(path: Path, content: str | bytes) -> None:
    """Writes the file atomically; only its owner can read it."""
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content if isinstance(content, bytes) else content.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
