"""A journey as files that anyone can open: a page, M3U8, JSPF, the answer itself, and each track as MIDI and sound."""

import errno
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import soundfile

from encoders.json_text import json_text
from encoders.performing.performance import Performance
from encoders.sound.synthesis import Player, midi
from engine.errors import UsageError
from engine.export.audio import Progress, Sounding, Track, write_tracks
from engine.export.pages import page_and_picture
from engine.export.playlists import SavedStep, file_name, jspf, m3u8, midi_name

_ENTRIES = ("audio", "midi", "journey.m3u8", "journey.jspf", "journey.svg", "journey.html", "journey.json")
"""All that a saved journey holds; journey.json is put in place last."""
_OWN_FILES = re.compile(r"\d{2,}-.+\.(ogg|mid)")
_UNFINISHED = ".isopath-"
_BYTES_A_SECOND = 130_000
"""Space that rendering takes at most, half-made files included."""


@dataclass(frozen=True, slots=True)
class Saved:
    """What was written."""

    directory: Path
    playlist: Path
    soundings: tuple[Sounding, ...]
    seconds: float
    """Of all sound files together."""


def save(
    steps: Sequence[SavedStep],
    answer: Mapping[str, Any],
    directory: Path,
    player: Player,
    progress: Progress,
) -> Saved:
    """Writes the journey into the directory, which is made, or is empty, or holds an earlier journey that is replaced.

    `answer` is the JSON object of the journey. All is made aside and moved in at the end: whatever goes wrong, the
    directory is as it was. UsageError when it holds anything else, cannot be written, or the disk is full.
    """
    directory = Path(os.path.abspath(directory))  # noqa: PTH100  resolve() would replace a link by what it points to
    _refuse_foreign(directory)
    with _workshop(directory, sum(step.performance.seconds for step in steps)) as made:
        soundings = _make(steps, answer, made, player, progress)
        _put_in_place(made, directory)
    moved = tuple(
        Sounding(directory / "audio" / sounding.path.name, sounding.seconds, sounding.loudness, sounding.peak)
        for sounding in soundings
    )
    return Saved(directory, directory / "journey.m3u8", moved, sum(sounding.seconds for sounding in moved))


def _make(
    steps: Sequence[SavedStep],
    answer: Mapping[str, Any],
    folder: Path,
    player: Player,
    progress: Progress,
) -> list[Sounding]:
    """All files of the journey, in a folder of their own."""
    for name in ("audio", "midi", "work"):
        (folder / name).mkdir()
    title = f"A journey to {answer['goal']}" if answer.get("goal") else "A journey"
    for step in steps:
        if isinstance(step.performance, Performance) and (notes := midi_name(step)):
            (folder / "midi" / notes).write_bytes(midi(step.performance, step.title))
    tracks = [
        Track(
            folder / "audio" / file_name(step.position, step.title, "ogg"),
            step.performance, step.level, step.position, step.title, step.artist, title,
        )
        for step in steps
    ]  # fmt: skip
    soundings = write_tracks(player, tracks, folder / "work", progress)
    (folder / "work").rmdir()
    (folder / "journey.m3u8").write_text(m3u8(steps, soundings, title), encoding="utf-8", newline="\n")
    for name, value in (("journey.jspf", jspf(steps, soundings, answer, title)), ("journey.json", answer)):
        text = json_text(value, indent=1)
        (folder / name).write_text(text + "\n", encoding="utf-8", newline="\n")
    for name, text in page_and_picture(steps, soundings, answer, title).items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    return soundings


def _refuse_foreign(directory: Path) -> None:
    """UsageError when the directory is none, or holds a file that no journey of ours has."""
    repair = "Name a directory that is empty, or does not exist, or holds an earlier journey"
    try:
        if not directory.exists():
            return
        if not directory.is_dir():
            raise UsageError(str(directory), "it is not a directory", repair)
        strange = [
            entry.name
            for entry in directory.iterdir()
            if entry.name not in _ENTRIES and not entry.name.startswith(_UNFINISHED)
        ]
        for name in ("audio", "midi"):
            inside = directory / name
            if inside.is_dir() and not inside.is_symlink():
                names = sorted(entry.name for entry in inside.iterdir())
                strange += [f"{name}/{entry}" for entry in names if not _OWN_FILES.fullmatch(entry)]
            elif inside.exists() or inside.is_symlink():
                strange.append(name)
    except OSError as exc:
        raise _unwritable(directory, exc) from exc
    if strange:
        named = ", ".join(sorted(strange)[:3]) + (" …" if len(strange) > 3 else "")
        raise UsageError(str(directory), f"it holds other files ({named})", repair)


@contextmanager
def _workshop(directory: Path, seconds: float) -> Iterator[Path]:
    """A folder on the same disk as the directory, gone at the end; faults of the disk become UsageErrors."""
    near = directory if directory.is_dir() else directory.parent
    folder: Path | None = None
    try:
        near.mkdir(parents=True, exist_ok=True)
        needed, free = round(seconds * _BYTES_A_SECOND), shutil.disk_usage(near).free
        if free < needed:
            raise OSError(errno.ENOSPC, f"{needed // 2**20} MiB are needed, {free // 2**20} MiB are free")
        folder = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=near))
        # mkdtemp lets nobody else in; a folder within it is as open as any that the owner makes.
        made = folder / "journey"
        made.mkdir()
        yield made
    except (OSError, soundfile.LibsndfileError) as exc:
        raise _unwritable(directory, exc) from exc
    finally:
        if folder:
            shutil.rmtree(folder, ignore_errors=True)


def _put_in_place(made: Path, directory: Path) -> None:
    """The new directory by one rename; into an existing one entry by entry, the old ones kept until all are in."""
    if not directory.exists():
        made.rename(directory)
        return
    old = made.parent / "old"
    old.mkdir()
    moved: list[tuple[Path, Path]] = []
    try:
        for name in reversed(_ENTRIES):
            if (directory / name).exists():
                (directory / name).rename(old / name)
                moved.append((old / name, directory / name))
        for name in _ENTRIES:
            (made / name).rename(directory / name)
            moved.append((directory / name, made / name))
    except OSError:
        for now, before in reversed(moved):
            with suppress(OSError):
                now.rename(before)
        raise


def _unwritable(directory: Path, exc: Exception) -> UsageError:
    number = getattr(exc, "errno", None)
    if number == errno.ENAMETOOLONG:
        # Nobody has a folder of such a name: they may be words in the wrong place.
        return UsageError("--save", "the name is too long for a directory", "Name another directory")
    if number in (errno.ENOSPC, errno.EDQUOT):
        return UsageError(str(directory), f"the disk is full ({exc})", "Free some space, or name another disk")
    if number in (errno.EACCES, errno.EPERM, errno.EROFS):
        return UsageError(str(directory), "it may not be written to", "Name a directory of your own")
    if number in (errno.ENOTDIR, errno.EEXIST):
        return UsageError(str(directory), "a part of its path is a file", "Name another directory")
    return UsageError(str(directory), f"a file could not be written ({exc})", "Look at the disk, then try again")
