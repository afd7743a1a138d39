"""Finds the music files below a path, in the order of their names, and the reasons for skipped places."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from encoders.analysis.analyser import KINDS
from engine.errors import UsageError
from engine.ingest.naming import path_text, place_of

Listing = Callable[[str], AbstractContextManager[Iterable["os.DirEntry[str]"]]]
"""Lists the entries of a folder; OSError when it cannot be read."""

_KIND_OF_PLACE: Final = {stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket", stat.S_IFDIR: "a folder"}


@dataclass(frozen=True, slots=True)
class Found:
    """One file that may be music, with its size and time when it was found."""

    path: Path
    """Absolute; links to folders are resolved, a link to a file keeps its own name."""
    kind: str
    """One of the values of `encoders.analysis.analyser.KINDS`."""
    size: int
    """Bytes."""
    modified: int
    """Nanoseconds since 1970."""


@dataclass(frozen=True, slots=True)
class Left:
    """A file or folder that was skipped, and why."""

    path: Path
    reason: str


@dataclass(slots=True)
class PassedOver:
    """Numbers of ignored entries."""

    other: int = 0
    """Files with a suffix that no reader supports."""
    hidden: int = 0
    """Names that begin with a dot: files of systems and players."""


def find(place: Path, passed: PassedOver, listing: Listing = os.scandir) -> Iterator[Found | Left]:
    """Yields the files of a folder and all folders below it, or the one file. Links are followed, each folder once;
    a file's path has the resolved path of its folder. `passed` counts the ignored entries.

    UsageError when there is nothing at the place, or the folder itself cannot be read.
    """
    repair = "Name a folder or a file that is there and that you may read"
    try:
        place = _place(place)
        status = place.stat()
        if not stat.S_ISDIR(status.st_mode):
            yield _looked_at(place)
            return
        with listing(str(place)):
            pass
    except OSError as exc:
        # The argument may be a person's words by mistake: only an existing path is named.
        named = path_text(place) if os.path.lexists(place) else "PATH"
        raise UsageError(named, f"cannot be read ({exc.strerror or 'unknown reason'})", repair) from exc
    yield from _below(place, passed, listing, {(status.st_dev, status.st_ino)})


def _below(folder: Path, passed: PassedOver, listing: Listing, seen: set[tuple[int, int]]) -> Iterator[Found | Left]:
    """Depth-first search without recursion, so that folders may be nested to any depth."""
    waiting = [folder]
    while waiting:
        entry = waiting.pop()
        if entry is not folder and not _is_folder(entry):
            yield _looked_at(entry)
            continue
        try:
            if entry is not folder:
                status = entry.stat()
                if (status.st_dev, status.st_ino) in seen:
                    yield Left(entry, "leads to a folder that is looked through already")
                    continue
                seen.add((status.st_dev, status.st_ino))
                entry = Path(os.path.realpath(entry))
            with listing(str(entry)) as entries:
                names = [inner.name for inner in entries]
        except OSError as exc:
            yield Left(entry, f"the folder cannot be read ({exc.strerror or 'unknown reason'})")
            continue
        waiting += [entry / name for name in _wanted(entry, names, passed)]


def _place(place: Path) -> Path:
    """The resolved path of a folder; for a link to a file, its own name in the resolved path of its folder."""
    place = Path(os.path.abspath(place))  # noqa: PTH100  a link to a file keeps its own name
    if place.is_symlink() and place.is_file():
        return place_of(place.parent) / place.name
    return place_of(place)


def _wanted(folder: Path, names: list[str], passed: PassedOver) -> Iterator[str]:
    """Names of folders and music files, in reverse order."""
    for name in sorted(names, reverse=True):
        if name.startswith("."):
            passed.hidden += 1
        elif Path(name).suffix.lower() in KINDS or _is_folder(folder / name):
            yield name
        else:
            passed.other += 1


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # a link to itself, or a name that is too long: reported when it is inspected
        return False


def _looked_at(path: Path) -> Found | Left:
    kind = KINDS.get(path.suffix.lower())
    try:
        status = path.stat()
    except OSError as exc:
        return Left(path, f"cannot be read ({exc.strerror or 'unknown reason'})")
    if not stat.S_ISREG(status.st_mode):
        return Left(path, f"is {_KIND_OF_PLACE.get(stat.S_IFMT(status.st_mode), 'a device')}, not a file")
    if kind is None:
        return Left(path, f"is none of the kinds that can be heard ({' '.join(KINDS)})")
    return Found(path, kind, status.st_size, status.st_mtime_ns)
