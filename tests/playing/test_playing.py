"""A journey is heard from its first track to its last, and stops as whoever listens asks."""

import os
import pty
import sys
import termios
from collections.abc import Callable, Iterator
from contextlib import suppress
from enum import Enum
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import soundfile

from engine.cli.journeys.playing import KEYS, play_saved
from engine.errors import SoundUnavailable
from engine.export.audio import WrittenSound
from engine.export.files import SavedFiles
from engine.journey import Step
from engine.playing.keys import open_keys
from engine.playing.programme import PAUSE_SECONDS, SKIP_SECONDS, Programme
from engine.playing.speaker import Samples, SoundDevice

RATE = 8000
FADE = 0.5


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Three files of two seconds: each sounds at one height, 0.1, 0.2 and 0.3."""
    made = []
    for number in (1, 2, 3):
        made.append(tmp_path / f"{number:02d}-piece.wav")
        soundfile.write(made[-1], np.full((2 * RATE, 2), number / 10, np.float32), RATE, "FLOAT")
    return made


def hear(programme: Programme, seconds: float, block: int = 441) -> Samples:
    """What is read, block by block."""
    return np.concatenate([programme.read(block) for _ in range(round(seconds * RATE / block))])


@pytest.fixture
def programme(files: list[Path]) -> Iterator[Programme]:
    opened = Programme(files, FADE)
    yield opened
    opened.close()


def biggest_jump(heard: Samples) -> float:
    return float(np.abs(np.diff(heard[:, 0])).max())


def test_files_follow_each_other_sample_by_sample(programme: Programme, files: list[Path]) -> None:
    heard = hear(programme, 6.5)
    expected = np.concatenate([soundfile.read(file, dtype="float32")[0] for file in files])
    np.testing.assert_array_equal(heard[: len(expected)], expected)
    assert not heard[len(expected) :].any()
    assert programme.has_ended


def test_a_pause_is_silent_without_a_click_and_loses_nothing(programme: Programme) -> None:
    hear(programme, 0.5)
    programme.pause_or_resume()
    assert programme.is_paused
    falling = hear(programme, PAUSE_SECONDS + 0.1)
    assert not hear(programme, 5.0).any()
    assert programme.position == 0
    programme.pause_or_resume()
    rising = hear(programme, PAUSE_SECONDS + 0.1)
    for heard in (falling, rising):
        assert biggest_jump(heard) < 0.1 * 3 / (PAUSE_SECONDS * RATE)
    assert rising[-1, 0] == pytest.approx(0.1)
    rest = hear(programme, 6.0)
    assert np.count_nonzero(np.isclose(rest[:, 0], 0.3)) == 2 * RATE


def test_next_fades_and_begins_the_track_after(programme: Programme) -> None:
    hear(programme, 0.1)
    programme.skip()
    falling = hear(programme, SKIP_SECONDS - 0.2)
    assert programme.position == 0
    assert biggest_jump(falling) < 0.1 * 3 / (SKIP_SECONDS * RATE)
    hear(programme, 0.4)
    assert programme.position == 1
    assert hear(programme, 0.1)[-1, 0] == pytest.approx(0.2)


def test_next_asked_just_before_the_end_goes_one_track_on(programme: Programme) -> None:
    hear(programme, 1.9)
    programme.skip()
    hear(programme, 0.5)
    assert programme.position == 1
    assert hear(programme, 1.0)[-1, 0] == pytest.approx(0.2)


def test_next_after_the_last_track_is_the_end(programme: Programme) -> None:
    hear(programme, 4.5)
    programme.skip()
    hear(programme, SKIP_SECONDS + 0.2)
    assert programme.has_ended


def test_stop_fades_for_as_long_as_the_goal_says(programme: Programme) -> None:
    hear(programme, 0.5)
    programme.stop()
    assert hear(programme, FADE * 0.8)[-1, 0] > 0
    hear(programme, FADE * 0.2 + 0.15)
    assert programme.has_ended
    assert not hear(programme, 1.0).any()


@pytest.mark.parametrize("first", ["stop", "pause"])
def test_stop_ends_at_once_where_it_was_asked_before_or_is_silent(programme: Programme, first: str) -> None:
    hear(programme, 0.2)
    programme.stop() if first == "stop" else programme.pause_or_resume()
    hear(programme, PAUSE_SECONDS + 0.1)
    programme.stop()
    hear(programme, 0.1)
    assert programme.has_ended


def test_a_pause_while_it_fades_changes_nothing(programme: Programme) -> None:
    programme.stop()
    programme.pause_or_resume()
    programme.skip()
    hear(programme, FADE + 0.1)
    assert programme.has_ended


class FakeSpeaker:
    """Reads all that is to be played whenever it is asked for a key, and keeps it."""

    def __init__(self) -> None:
        self.heard: list[Samples] = []
        self.closed = False

    def start(self, rate: int, read: Callable[[int], Samples]) -> None:
        assert rate == RATE
        self.read = read

    def close(self) -> None:
        self.closed = True

    def pass_time(self, seconds: float) -> None:
        self.heard += [self.read(80) for _ in range(round(seconds * RATE / 80))]


def play(files: list[Path], typed: list[str]) -> tuple[FakeSpeaker, list[str]]:
    """What is heard and told while these keys are typed, one each half a second."""
    speaker, told = FakeSpeaker(), list[str]()
    soundings = tuple(WrittenSound(file, 2.0, -20.0, -3.0) for file in files)
    saved = SavedFiles(files[0].parent, files[0].parent / "journey.m3u8", soundings, 6.0)
    steps = [
        Step(n, "match", f"t{n}", f"Title {n}", "Somebody", 2.0, {}, 0, 0, 0.5, 0.5, ("rule",), "") for n in (1, 2, 3)
    ]
    keys = iter(typed)

    def read_key(_: float) -> str | None:
        speaker.pass_time(0.5)
        return next(keys, None)

    play_saved(saved, steps, FADE, speaker, read_key, told.append)
    assert speaker.closed
    return speaker, told


def test_every_track_is_named_as_it_begins(files: list[Path]) -> None:
    speaker, told = play(files, [])
    assert told == [KEYS, *(f"{n} of 3  Title {n}  Somebody" for n in (1, 2, 3))]
    assert np.concatenate(speaker.heard)[: 6 * RATE, 0].min() > 0.09


def test_keys_lead_what_is_heard(files: list[Path]) -> None:
    _, told = play(files, [" ", " ", "n", "", "", "q"])
    assert told == [
        KEYS, "1 of 3  Title 1  Somebody", "paused; space goes on", "going on", "2 of 3  Title 2  Somebody",
        "fading; q again ends at once",
    ]  # fmt: skip


def test_an_interrupt_gives_the_device_back(files: list[Path]) -> None:
    speaker = FakeSpeaker()

    def interrupt(_: float) -> str | None:
        raise KeyboardInterrupt

    saved = SavedFiles(files[0].parent, files[0], (WrittenSound(files[0], 2.0, -20.0, -3.0),), 2.0)
    with pytest.raises(KeyboardInterrupt):
        play_saved(saved, [], FADE, speaker, interrupt, lambda _: None)
    assert speaker.closed


def test_keys_are_read_without_enter_and_the_terminal_is_as_before() -> None:
    master, slave = pty.openpty()
    try:
        before = termios.tcgetattr(slave)
        with os.fdopen(os.dup(slave)) as terminal, suppress(KeyboardInterrupt), open_keys(terminal) as read_key:
            assert read_key is not None
            assert read_key(0.01) is None
            os.write(master, b"n q")
            assert [read_key(5.0) for _ in range(3)] == ["n", " ", "q"]
            assert termios.tcgetattr(slave) != before
            raise KeyboardInterrupt
        assert termios.tcgetattr(slave) == before
    finally:
        os.close(master)
        os.close(slave)


def test_where_there_is_no_terminal_there_are_no_keys(tmp_path: Path) -> None:
    (tmp_path / "words").write_text("")
    with (tmp_path / "words").open() as file, open_keys(file) as read_key:
        assert read_key is None


class NoDevice(ModuleType):
    """The library on a machine without a sound device."""

    class MiniaudioError(Exception):
        """As the library's."""

    class SampleFormat:
        FLOAT32 = 5

    class Backend(Enum):
        ALSA = 8
        NULL = 14

    @staticmethod
    def PlaybackDevice(*_: object, **__: object) -> None:  # noqa: N802  as the library has it
        os.write(2, b"ALSA lib confmisc.c: cannot find card\n")
        raise NoDevice.MiniaudioError("failed to init device", -401)


def test_a_machine_without_a_device_says_so_and_offers_to_save(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "miniaudio", NoDevice("miniaudio"))
    with pytest.raises(SoundUnavailable, match=r"no sound device.*--save") as caught:
        SoundDevice()
    assert caught.value.exit_code == 6
    assert capfd.readouterr().err == ""


def test_a_machine_without_the_library_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "miniaudio", None)
    with pytest.raises(SoundUnavailable, match=r"miniaudio.*--save"):
        SoundDevice()
