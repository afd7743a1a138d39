"""Writes a journey to a directory: a page, M3U8, JSPF, the JSON answer, and each track as MIDI and sound."""

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
from encoders.sound.midi import write_midi
from encoders.sound.players import Player
from engine.errors import UsageError
from engine.export.audio import FADE_OUT, AudioTrack, Progress, WrittenSound, write_tracks
from engine.export.pages import draw_page_and_picture
from engine.export.playlists import SavedStep, build_jspf, make_entries, make_file_name, make_midi_name, write_m3u8

_ENTRIES = (
    "audio",
    "midi",
    "journey.m3u8",
    "journey.jspf",
    "journey.svg",
    "journey.html",
    "session.html",
    "journey.json",
)
"""Entries of a saved journey; journey.json is moved into place last."""
_OWN_FILES = re.compile(r"\d{2,}-.+\.(ogg|mid)")
_UNFINISHED = ".isopath-"
_BYTES_A_SECOND = 130_000
"""Disk space that rendering takes at most, temporary files included."""


@dataclass(frozen=True, slots=True)
class SavedFiles:
    """The written files."""

    directory: Path
    playlist: Path
    soundings: tuple[WrittenSound, ...]
    seconds: float
    """Total length of the sound files."""


def write_journey(
    steps: Sequence[SavedStep],
    answer: Mapping[str, Any],
    directory: Path,
    player: Player,
    progress: Progress,
    fade: float = FADE_OUT,
    title: str = "A journey",
) -> SavedFiles:
    """Writes the journey into a directory, which is created, or must be empty or have an earlier journey, to replace.

    `answer` is the JSON object of the journey, `fade` the seconds that its last track fades, `title` what it is called
    in playlists and on its page. All files are made in a
    temporary folder and moved at the end, so that a failure leaves the directory unchanged. UsageError when it has
    other files, cannot be written, or the disk is full.
    """
    directory = Path(os.path.abspath(directory))  # noqa: PTH100  resolve() would replace a link by what it points to
    _refuse_foreign(directory)
    with _open_workshop(directory, sum(step.performance.seconds for step in steps)) as made:
        soundings = _write_files(steps, answer, made, player, progress, fade, title)
        _put_in_place(made, directory)
    moved = tuple(
        WrittenSound(directory / "audio" / sounding.path.name, sounding.seconds, sounding.loudness, sounding.peak)
        for sounding in soundings
    )
    return SavedFiles(directory, directory / "journey.m3u8", moved, sum(sounding.seconds for sounding in moved))


def _write_files(
    steps: Sequence[SavedStep],
    answer: Mapping[str, Any],
    folder: Path,
    player: Player,
    progress: Progress,
    fade: float,
    title: str,
) -> list[WrittenSound]:
    """Writes all files of the journey to an empty folder."""
    for name in ("audio", "midi", "work"):
        (folder / name).mkdir()
    for step in steps:
        if isinstance(step.performance, Performance) and (notes := make_midi_name(step)):
            (folder / "midi" / notes).write_bytes(write_midi(step.performance, step.title))
    tracks = [
        AudioTrack(
            folder / "audio" / make_file_name(step.position, step.title, "ogg"),
            step.performance, step.level, step.position, step.title, step.artist, title, step.work,
            max(FADE_OUT, fade) if step is steps[-1] else FADE_OUT,
        )
        for step in steps
    ]  # fmt: skip
    soundings = write_tracks(player, tracks, folder / "work", progress)
    (folder / "work").rmdir()
    listed = make_entries(steps, soundings)
    (folder / "journey.m3u8").write_text(write_m3u8(listed, title), encoding="utf-8", newline="\n")
    for name, value in (("journey.jspf", build_jspf(listed, answer, title)), ("journey.json", answer)):
        text = json_text(value, indent=1)
        (folder / name).write_text(text + "\n", encoding="utf-8", newline="\n")
    for name, text in draw_page_and_picture(steps, soundings, answer, title).items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    return soundings


def _refuse_foreign(directory: Path) -> None:
    """Raises UsageError when the path is no directory, or has files that are not of a saved journey."""
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
        raise _make_write_error(directory, exc) from exc
    if strange:
        named = ", ".join(sorted(strange)[:3]) + (" …" if len(strange) > 3 else "")
        raise UsageError(str(directory), f"it holds other files ({named})", repair)


@contextmanager
def _open_workshop(directory: Path, seconds: float) -> Iterator[Path]:
    """A temporary folder on the same disk as the directory, as a context; disk errors become UsageErrors."""
    near = directory if directory.is_dir() else directory.parent
    folder: Path | None = None
    try:
        near.mkdir(parents=True, exist_ok=True)
        needed, free = round(seconds * _BYTES_A_SECOND), shutil.disk_usage(near).free
        if free < needed:
            raise OSError(errno.ENOSPC, f"{needed // 2**20} MiB are needed, {free // 2**20} MiB are free")
        folder = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=near))
        # mkdtemp's folder is private; a folder inside it has the usual permissions.
        made = folder / "journey"
        made.mkdir()
        yield made
    except (OSError, soundfile.LibsndfileError) as exc:
        raise _make_write_error(directory, exc) from exc
    finally:
        if folder:
            shutil.rmtree(folder, ignore_errors=True)


def _put_in_place(made: Path, directory: Path) -> None:
    """Moves the files into place: by one rename when the directory is new; else entry by entry, with a rollback."""
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


def _make_write_error(directory: Path, exc: Exception) -> UsageError:
    number = getattr(exc, "errno", None)
    if number == errno.ENAMETOOLONG:
        # The argument may be a person's words by mistake: it is not repeated.
        return UsageError("--save", "the name is too long for a directory", "Name another directory")
    if number in (errno.ENOSPC, errno.EDQUOT):
        return UsageError(str(directory), f"the disk is full ({exc})", "Free some space, or name another disk")
    if number in (errno.EACCES, errno.EPERM, errno.EROFS):
        return UsageError(str(directory), "it may not be written to", "Name a directory of your own")
    if number in (errno.ENOTDIR, errno.EEXIST):
        return UsageError(str(directory), "a part of its path is a file", "Name another directory")
    return UsageError(str(directory), f"a file could not be written ({exc})", "Look at the disk, then try again")
