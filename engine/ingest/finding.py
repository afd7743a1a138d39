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
from engine.ingest.naming import encode_path, resolve_place

Listing = Callable[[str], AbstractContextManager[Iterable["os.DirEntry[str]"]]]
"""Lists the entries of a folder; OSError when it cannot be read."""

_KIND_OF_PLACE: Final = {stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket", stat.S_IFDIR: "a folder"}


@dataclass(frozen=True, slots=True)
class FoundFile:
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
class SkippedPlace:
    """A file or folder that was skipped, and why."""

    path: Path
    reason: str


@dataclass(slots=True)
class IgnoredCounts:
    """Numbers of ignored entries."""

    other: int = 0
    """Files with a suffix that no reader supports."""
    hidden: int = 0
    """Names that begin with a dot: files of systems and players."""


def find_files(place: Path, passed: IgnoredCounts, listing: Listing = os.scandir) -> Iterator[FoundFile | SkippedPlace]:
    """Yields the files of a folder and all folders below it, or the one file. Links are followed, each folder once;
    a file's path has the resolved path of its folder. `passed` counts the ignored entries.

    UsageError when there is nothing at the place, or the folder itself cannot be read.
    """
    repair = "Name a folder or a file that is there and that you may read"
    try:
        place = _resolve_place(place)
        status = place.stat()
        if not stat.S_ISDIR(status.st_mode):
            yield _inspect_file(place)
            return
        with listing(str(place)):
            pass
    except OSError as exc:
        # The argument may be a person's words by mistake: only an existing path is named.
        named = encode_path(place) if os.path.lexists(place) else "PATH"
        raise UsageError(named, f"cannot be read ({exc.strerror or 'unknown reason'})", repair) from exc
    yield from _walk_folders(place, passed, listing, {(status.st_dev, status.st_ino)})


def _walk_folders(
    folder: Path, passed: IgnoredCounts, listing: Listing, seen: set[tuple[int, int]]
) -> Iterator[FoundFile | SkippedPlace]:
    """Depth-first search without recursion, so that folders may be nested to any depth."""
    waiting = [folder]
    while waiting:
        entry = waiting.pop()
        if entry is not folder and not _is_folder(entry):
            yield _inspect_file(entry)
            continue
        try:
            if entry is not folder:
                status = entry.stat()
                if (status.st_dev, status.st_ino) in seen:
                    yield SkippedPlace(entry, "leads to a folder that is looked through already")
                    continue
                seen.add((status.st_dev, status.st_ino))
                entry = Path(os.path.realpath(entry))
            with listing(str(entry)) as entries:
                names = [inner.name for inner in entries]
        except OSError as exc:
            yield SkippedPlace(entry, f"the folder cannot be read ({exc.strerror or 'unknown reason'})")
            continue
        waiting += [entry / name for name in _select_names(entry, names, passed)]


def _resolve_place(place: Path) -> Path:
    """The resolved path of a folder; for a link to a file, its own name in the resolved path of its folder."""
    place = Path(os.path.abspath(place))  # noqa: PTH100  a link to a file keeps its own name
    if place.is_symlink() and place.is_file():
        return resolve_place(place.parent) / place.name
    return resolve_place(place)


def _select_names(folder: Path, names: list[str], passed: IgnoredCounts) -> Iterator[str]:
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


def _inspect_file(path: Path) -> FoundFile | SkippedPlace:
    kind = KINDS.get(path.suffix.lower())
    try:
        status = path.stat()
    except OSError as exc:
        return SkippedPlace(path, f"cannot be read ({exc.strerror or 'unknown reason'})")
    if not stat.S_ISREG(status.st_mode):
        return SkippedPlace(path, f"is {_KIND_OF_PLACE.get(stat.S_IFMT(status.st_mode), 'a device')}, not a file")
    if kind is None:
        return SkippedPlace(path, f"is none of the kinds that can be heard ({' '.join(KINDS)})")
    return FoundFile(path, kind, status.st_size, status.st_mtime_ns)
