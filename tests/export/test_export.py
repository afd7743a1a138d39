"""Saved journeys: files that play, at the levels that were planned, and a directory that is never spoilt."""

import errno
import json
import re
import shutil
import tempfile
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import unquote

import mido
import numpy as np
import pytest
import soundfile

from encoders.base import ScoreUnreadable
from encoders.performing.performance import Note, Performance
from encoders.sound.levels import measure_loudness, measure_true_peak
from encoders.sound.playback import OwnRecording
from encoders.sound.stage import Samples
from encoders.sound.synthesis import RATE, TAIL, Synthesizer
from engine.errors import UsageError
from engine.export.audio import CEILING, OVERSHOOT, compute_reference_level
from engine.export.files import SavedFiles, write_journey
from engine.export.playlists import EXTENSION, SavedStep, make_file_name
from engine.use_cases.save import find_whole_work

LEVELS = (-9.0, -14.5, -20.0, -26.0)


def nothing(what: str, done: int, of: int) -> None:
    """Progress that nobody watches."""


def tune(velocity: int, program: int) -> Performance:
    """Six seconds of a rising and falling scale."""
    keys = (60, 62, 64, 65, 67, 65, 64, 62, 60, 59, 60, 60)
    notes = tuple(Note(i / 2, 0.45, key, velocity + 3 * (i % 4), 0) for i, key in enumerate(keys))
    return Performance(notes, (program,), 5.95, 120.0)


STEPS = [
    SavedStep(
        number, stage, f"t{number}", title, "Traditional", f"Because of {number}.", ("even-loudness", "fear-pace-only"),
        level, tune(velocity, program),
    )
    for number, (stage, title, level, velocity, program) in enumerate(
        [("match", "Reel #1: “fast”", LEVELS[0], 100, 0), ("guide", "悲しみ/../のうた", LEVELS[1], 60, 48),
         ("guide", "", LEVELS[2], 60, 46), ("target", "Air\nin G", LEVELS[3], 40, 73)],
        start=1,
    )
]  # fmt: skip


RULE = {
    "label": "Level steps stay small", "definition": "It stays even.", "tier": "safety", "overridden_by": None,
    "claims": [{"about": "risk", "grade": "B", "evidence": ["Front2016"]}],
}  # fmt: skip
ANSWER = {
    "outcome": "journey", "id": "j-1", "seed": 7, "goal": "calm", "provenance": {"neo4j": "x"},
    "notices": [{"id": "stop-any-time", "text": "Stop at any time."}], "rules": [RULE],
    "stages": [
        {"id": step.stage, "steps": [
            {"position": step.position, "valence": 0.1 * step.position, "arousal": -0.1,
             "cues": {"tempo": 120.0 - 10 * step.position, "level": step.level},
             "met": {"tempo": {"asked": 90.0, "met": False}} if step.position == 1 else {}}]}
        for step in STEPS
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def player() -> Synthesizer:
    return Synthesizer.load()


@pytest.fixture(scope="module")
def saved(player: Synthesizer, tmp_path_factory: pytest.TempPathFactory) -> SavedFiles:
    return write_journey(STEPS, ANSWER, tmp_path_factory.mktemp("out") / "journey", player, nothing)


def loudness(samples: Samples) -> float:
    return measure_loudness(samples, RATE)


def read(path: Path) -> Samples:
    samples, rate = soundfile.read(path, dtype="float32")
    assert rate == RATE
    return np.ascontiguousarray(samples.T)


def test_every_file_named_in_the_playlist_plays_for_as_long_as_it_says(saved: SavedFiles) -> None:
    lines = saved.playlist.read_text(encoding="utf-8").splitlines()
    assert lines[0] == "#EXTM3U"
    paths = [line for line in lines if not line.startswith("#")]
    told = [int(line.split(":")[1].split(",")[0]) for line in lines if line.startswith("#EXTINF")]
    assert len(paths) == len(told) == len(STEPS)
    for path, seconds, step in zip(paths, told, STEPS, strict=True):
        heard = read(saved.directory / path)
        assert heard.shape[1] / RATE == pytest.approx(step.performance.seconds + TAIL, abs=0.01)
        assert abs(seconds - heard.shape[1] / RATE) <= 0.5
    assert [line for line in lines if line.startswith("#EXTGRP")] == [f"#EXTGRP:{step.stage}" for step in STEPS]


def test_the_page_plays_what_lies_beside_it_and_the_picture_shows_every_track(saved: SavedFiles) -> None:
    page = (saved.directory / "journey.html").read_text(encoding="utf-8")
    sounds = [unquote(address) for address in re.findall(r'<audio [^>]*src="([^"]+)"', page)]
    assert [saved.directory / sound for sound in sounds] == [sounding.path for sounding in saved.soundings]
    assert all((saved.directory / sound).is_file() for sound in sounds)
    for said in ("Because of 3.", "Level steps stay small", "Front2016", "Stop at any time."):
        assert said in page
    picture = (saved.directory / "journey.svg").read_text(encoding="utf-8")
    assert picture.strip() in page
    assert [f">{step.position}</text>" in picture for step in STEPS] == [True] * len(STEPS)


def test_level_steps_between_tracks_are_the_planned_ones(saved: SavedFiles) -> None:
    heard = [loudness(read(sounding.path)) for sounding in saved.soundings]
    for before, after in zip(range(3), range(1, 4), strict=True):
        assert heard[after] - heard[before] == pytest.approx(LEVELS[after] - LEVELS[before], abs=0.3)
    assert heard == pytest.approx([sounding.loudness for sounding in saved.soundings], abs=0.2)


def test_nothing_clips_and_nothing_begins_or_ends_abruptly(saved: SavedFiles) -> None:
    for sounding in saved.soundings:
        heard = np.abs(read(sounding.path))
        assert measure_true_peak(read(sounding.path)) <= CEILING
        assert sounding.peak <= CEILING
        assert heard[:, : RATE // 200].max() < 0.01
        assert heard[:, -RATE // 200 :].max() < 0.001


@pytest.mark.parametrize("channels", [1, 2, 6])
def test_a_recording_of_ones_own_plays_among_the_rest_and_has_no_midi(
    channels: int, player: Synthesizer, tmp_path: Path
) -> None:
    tone = 0.1 * np.sin(2 * np.pi * 440 * np.arange(RATE * 4) / RATE)
    soundfile.write(tmp_path / "tone.wav", np.repeat(tone[:, None], channels, axis=1), RATE)
    steps = [STEPS[0], replace(STEPS[1], performance=OwnRecording(tmp_path / "tone.wav", 4.0)), STEPS[2]]
    saved = write_journey(steps, ANSWER, tmp_path / "journey", player, nothing)
    heard = [read(sounding.path) for sounding in saved.soundings]
    assert heard[1].shape[1] / RATE == pytest.approx(4.0, abs=0.01)
    assert loudness(heard[1]) - loudness(heard[0]) == pytest.approx(LEVELS[1] - LEVELS[0], abs=0.3)
    assert sorted(path.name[:2] for path in (saved.directory / "midi").iterdir()) == ["01", "03"]
    told = json.loads((saved.directory / "journey.jspf").read_text("utf-8"))["playlist"]["track"]
    assert ["midi" in track["extension"][EXTENSION][0] for track in told] == [True, False, True]


def test_a_recording_at_another_rate_keeps_its_pitch_and_length(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "tone.flac", 0.3 * np.sin(2 * np.pi * 440 * np.arange(48000 * 2) / 48000), 48000)
    samples = OwnRecording(tmp_path / "tone.flac", 2.0).decode()
    assert samples.shape == (2, 2 * RATE)
    assert int(np.abs(np.fft.rfft(samples[0])).argmax()) / 2 == pytest.approx(440, abs=1)


@pytest.mark.parametrize("content", [None, b"no sound"])
def test_a_recording_that_is_gone_or_damaged_leaves_no_half_journey(
    content: bytes | None, player: Synthesizer, tmp_path: Path
) -> None:
    if content is not None:
        (tmp_path / "tone.wav").write_bytes(content)
    steps = [STEPS[0], replace(STEPS[1], performance=OwnRecording(tmp_path / "tone.wav", 4.0))]
    with pytest.raises(ScoreUnreadable, match=r"tone\.wav"):
        write_journey(steps, ANSWER, tmp_path / "journey", player, nothing)
    assert not (tmp_path / "journey").exists()


def test_more_instruments_than_midi_has_channels_are_played_all_the_same(player: Synthesizer, tmp_path: Path) -> None:
    many = Performance(tuple(Note(n / 8, 0.1, 60, 80, n) for n in range(16)), tuple(range(16)), 2.0, 120.0)
    saved = write_journey([replace(STEPS[0], performance=many)], ANSWER, tmp_path / "journey", player, nothing)
    assert saved.soundings[0].path.is_file()
    assert not list((saved.directory / "midi").iterdir())


def test_the_louder_the_peaks_the_lower_the_whole_journey() -> None:
    calm = compute_reference_level([-20, -26], [(-30, -16), (-30, -16)])
    peaky = compute_reference_level([-20, -26], [(-30, -16), (-30, 10)])
    assert calm == pytest.approx(2)
    assert peaky == pytest.approx(CEILING - OVERSHOOT - 10 - 30 + 26)


def test_jspf_carries_stage_reason_and_rules(saved: SavedFiles) -> None:
    playlist = json.loads((saved.directory / "journey.jspf").read_text(encoding="utf-8"))["playlist"]
    assert playlist["extension"][EXTENSION][0]["id"] == "j-1"
    for track, step in zip(playlist["track"], STEPS, strict=True):
        own = track["extension"][EXTENSION][0]
        assert (own["stage"], own["reason"], own["rule_ids"]) == (step.stage, step.because, list(step.rule_ids))
        assert (track["title"], track["creator"], track["trackNum"]) == (step.title, step.artist, step.position)
        sound = saved.directory / unquote(track["location"][0])
        assert track["duration"] == pytest.approx(1000 * soundfile.info(sound).duration, abs=1)
        assert mido.MidiFile(saved.directory / unquote(own["midi"])).length == pytest.approx(5.95, abs=0.01)


def test_the_answer_lies_beside_the_music(saved: SavedFiles) -> None:
    assert json.loads((saved.directory / "journey.json").read_text(encoding="utf-8")) == ANSWER
    assert sorted(path.name for path in saved.directory.iterdir()) == [
        *("audio", "journey.html", "journey.json", "journey.jspf", "journey.m3u8", "journey.svg", "midi"),
        "session.html",
    ]
    assert soundfile.SoundFile(saved.soundings[1].path).title == STEPS[1].title


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Air in G", "07-Air-in-G.ogg"), ("../../etc/passwd", "07-etc-passwd.ogg"), ("悲しみの", "07-悲しみの.ogg"),
        ("  ", "07-untitled.ogg"), ("🙂", "07-untitled.ogg"), ("CON", "07-CON.ogg"),
        ("a:b\\c|d?e*f\"g<h>", "07-a-b-c-d-e-f-g-h.ogg"),
        ("\u202egnp.exe", "07-gnp-exe.ogg"), ("line\nbreak\x00", "07-line-break.ogg"), ("E\u0301tude", "07-Étude.ogg"),
        ("हिन्दी", "07-हिन्दी.ogg"), ("…-.hidden.-", "07-hidden.ogg"),
    ],
)  # fmt: skip
def test_a_title_makes_a_safe_name(title: str, name: str) -> None:
    assert make_file_name(7, title, "ogg") == name


@pytest.mark.parametrize("letter", ["x", "é", "悲", "𝒳"])
def test_a_long_title_is_cut_between_characters(letter: str) -> None:
    name = make_file_name(123, letter * 500, "ogg")
    assert len(name.encode()) <= 100
    assert name.startswith("123-")
    assert all(unicodedata.category(c)[0] in "LMN" for c in name[4:-4])


def test_an_earlier_journey_is_replaced(player: Synthesizer, tmp_path: Path) -> None:
    write_journey(STEPS, ANSWER, tmp_path, player, nothing)
    write_journey(STEPS[:1], ANSWER | {"id": "j-2"}, tmp_path, player, nothing)
    assert json.loads((tmp_path / "journey.json").read_text(encoding="utf-8"))["id"] == "j-2"
    assert len(list((tmp_path / "audio").iterdir())) == len(list((tmp_path / "midi").iterdir())) == 1
    assert len(list(tmp_path.iterdir())) == 8


def test_a_directory_within_new_ones_is_made(player: Synthesizer, tmp_path: Path) -> None:
    done = write_journey(STEPS[:1], ANSWER, tmp_path / "a" / "b", player, nothing)
    assert done.playlist.is_file()
    assert sorted(path.name for path in (tmp_path / "a").iterdir()) == ["b"]


@pytest.mark.parametrize("strange", ["thesis.txt", "audio/my-own.ogg", "midi/notes.txt", ".secret"])
def test_a_directory_with_other_files_is_refused_and_left_alone(
    player: Synthesizer, tmp_path: Path, strange: str
) -> None:
    (tmp_path / strange).parent.mkdir(exist_ok=True)
    (tmp_path / strange).write_text("mine")
    with pytest.raises(UsageError, match=strange):
        write_journey(STEPS, ANSWER, tmp_path, player, nothing)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [tmp_path / strange]


def test_a_file_in_the_place_of_the_directory_is_refused(player: Synthesizer, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("mine")
    for place in (tmp_path / "taken", tmp_path / "taken" / "below"):
        with pytest.raises(UsageError, match=r"Name a(nother)? directory"):
            write_journey(STEPS, ANSWER, place, player, nothing)


class Breaking:
    """A player whose third track cannot be rendered."""

    def __init__(self, player: Synthesizer, fault: Exception) -> None:
        self.player = player
        self.fault = fault

    def render(self, performance: Performance) -> Samples:
        if performance is STEPS[2].performance:
            raise self.fault
        return self.player.render(performance)


def _full(*_: object) -> Any:
    return SimpleNamespace(free=0)


def _closed(*_: object, **__: object) -> str:
    raise PermissionError(errno.EACCES, "Permission denied")


@pytest.mark.parametrize(
    ("break_it", "match"),
    [
        (lambda patch: patch.setattr(shutil, "disk_usage", _full), "the disk is full"),
        (lambda patch: patch.setattr(tempfile, "mkdtemp", _closed), "may not be written to"),
        (None, "the disk is full"),
    ],
)
@pytest.mark.parametrize("existing", [False, True])
def test_a_fault_leaves_the_directory_as_it_was(
    player: Synthesizer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, existing: bool,
    break_it: Callable[[pytest.MonkeyPatch], None] | None, match: str,
) -> None:  # fmt: skip
    place = tmp_path / "journey"
    if existing:
        write_journey(STEPS[:1], ANSWER, place, player, nothing)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    playing: Any = player
    if break_it:
        break_it(monkeypatch)
    else:
        playing = Breaking(player, OSError(errno.ENOSPC, "No space left on device"))
    with pytest.raises(UsageError, match=match):
        write_journey(STEPS, ANSWER, place, playing, nothing)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
    assert place.exists() == existing


def test_words_in_the_place_of_a_directory_are_not_repeated(player: Synthesizer, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="too long for a directory") as caught:
        write_journey(STEPS, ANSWER, tmp_path / ("zanzibar makes me sad " * 20), player, nothing)
    assert "zanzibar" not in str(caught.value)


def test_an_entry_that_cannot_be_moved_brings_the_earlier_journey_back(
    player: Synthesizer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_journey(STEPS[:1], ANSWER, tmp_path, player, nothing)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    rename = Path.rename

    def failing(self: Path, target: Path) -> Path:
        if self.name == "journey.m3u8" and "journey" in self.parent.name and target.parent == tmp_path:
            raise OSError(errno.EIO, "Input/output error")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(UsageError, match="could not be written"):
        write_journey(STEPS, ANSWER, tmp_path, player, nothing)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("title", ["", "x" * 5000, "悲" * 3000, "a\x00b"])
def test_any_title_can_be_written_into_the_sound_file(player: Synthesizer, tmp_path: Path, title: str) -> None:
    named = replace(STEPS[0], title=title, artist=title)
    done = write_journey([named], ANSWER, tmp_path / "journey", player, nothing)
    assert read(done.soundings[0].path).shape[1] > 5 * RATE


def test_progress_counts_every_track_twice(player: Synthesizer, tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    write_journey(STEPS[:2], ANSWER, tmp_path / "journey", player, lambda *what: told.append(what))
    assert told == [("rendered", 1, 2), ("rendered", 2, 2), ("written", 1, 2), ("written", 2, 2)]


@pytest.mark.parametrize(("left", "right", "lufs"), [(1.0, 0.0, -3.01), (1.0, 1.0, 0.0), (0.1, 0.1, -20.0)])
def test_loudness_of_the_reference_tone(left: float, right: float, lufs: float) -> None:
    tone = np.sin(2 * np.pi * 997 * np.arange(5 * RATE) / RATE)
    assert loudness(np.stack([left * tone, right * tone]).astype(np.float32)) == pytest.approx(lufs, abs=0.1)


def test_loudness_leaves_out_silence_and_softens_the_bass() -> None:
    tone = np.sin(2 * np.pi * 997 * np.arange(5 * RATE) / RATE)
    silence = np.zeros(10 * RATE)
    both = loudness(np.stack([np.concatenate([tone, silence])] * 2).astype(np.float32))
    bass = np.sin(2 * np.pi * 30 * np.arange(5 * RATE) / RATE)
    assert both == pytest.approx(0, abs=0.3)
    assert loudness(np.stack([bass, bass]).astype(np.float32)) < -8
    assert loudness(np.zeros((2, 5 * RATE), np.float32)) == -70


def test_the_level_of_a_step_decides_and_not_how_hard_it_was_played(player: Synthesizer, tmp_path: Path) -> None:
    alike = [replace(STEPS[0], position=n, level=-18.0, performance=tune(v, 0)) for n, v in ((1, 40), (2, 110))]
    done = write_journey(alike, ANSWER, tmp_path / "journey", player, nothing)
    first, second = (loudness(read(sounding.path)) for sounding in done.soundings)
    assert first == pytest.approx(second, abs=0.3)


def test_a_loud_and_peaky_track_keeps_its_true_peak_below_the_ceiling(player: Synthesizer, tmp_path: Path) -> None:
    strokes = tuple(Note(n / 2, 0.05, 60 + 7 * (n % 4), 120, 0) for n in range(24))
    wood = replace(STEPS[0], performance=Performance(strokes, (115,), 12.0, 120.0))
    [sounding] = write_journey([wood], ANSWER, tmp_path / "journey", player, nothing).soundings
    assert -3 < measure_true_peak(read(sounding.path)) <= CEILING


def measure_energy(path: Path, start: float, end: float) -> float:
    """dB of the mean energy of a file between two moments, in seconds."""
    return 10 * float(np.log10(np.mean(read(path)[:, int(start * RATE) : int(end * RATE)] ** 2) + 1e-12))


def test_only_the_last_track_fades_for_as_long_as_the_goal_says(player: Synthesizer, tmp_path: Path) -> None:
    steps = [replace(step, performance=tune(80, 0)) for step in STEPS[:2]]
    plain = write_journey(steps, ANSWER, tmp_path / "plain", player, nothing)
    faded = write_journey(steps, ANSWER, tmp_path / "faded", player, nothing, fade=5.0)
    usual, long = (
        [measure_energy(one.path, 5.0, 5.4) - measure_energy(one.path, 1.0, 2.0) for one in saved.soundings]
        for saved in (plain, faded)
    )
    assert long[0] == pytest.approx(usual[0], abs=0.2)
    assert long[1] < usual[1] - 1.2


def test_parts_of_one_work_follow_each_other_without_a_gap(player: Synthesizer, tmp_path: Path) -> None:
    alike = [replace(step, performance=tune(80, 48), level=-20.0, work="sonata") for step in STEPS[:3]]
    steps = [*alike[:2], replace(alike[2], work="another")]
    files = [read(one.path) for one in write_journey(steps, ANSWER, tmp_path / "journey", player, nothing).soundings]
    music = alike[0].performance.seconds
    assert [file.shape[1] / RATE for file in files] == pytest.approx([music, music + TAIL, music + TAIL], abs=0.01)
    at, whole = files[0].shape[1], np.concatenate(files[:2], axis=1)
    jumps = np.abs(np.diff(whole, axis=1)).max(axis=0)
    assert jumps[at - 50 : at + 50].max() <= jumps.max()
    # What sounded at the end of the first sounds on at the beginning of the second.
    assert 10 * np.log10(np.mean(whole[:, at : at + RATE // 50] ** 2) + 1e-12) > -50


def test_parts_of_one_work_have_their_planned_levels(player: Synthesizer, tmp_path: Path) -> None:
    steps = [replace(STEPS[n], performance=tune(80, 0), level=-20.0 - 9 * n, work="sonata") for n in range(2)]
    loud, soft = (
        read(one.path) for one in write_journey(steps, ANSWER, tmp_path / "journey", player, nothing).soundings
    )
    assert loudness(loud) - loudness(soft) == pytest.approx(9, abs=1)


@pytest.mark.parametrize(
    ("source", "whole"),
    [("music21:mozart/k155/movement2.mxl", "music21:mozart/k155"), ("music21:airdsAirs/book2.abc#38", "air")],
)
def test_movements_are_parts_of_one_work(source: str, whole: str) -> None:
    assert find_whole_work({"source": source, "work_id": "air"}) == whole


def test_the_peak_stays_below_the_ceiling_where_one_part_sounds_into_the_next(
    player: Synthesizer, tmp_path: Path
) -> None:
    """A blow at the very end of the first part is still loud when the second begins with another."""
    end = Performance((Note(0, 0.2, 60, 40, 0), Note(3.9, 0.1, 36, 127, 0)), (47,), 4.0, 120.0)
    begin = Performance((Note(0, 0.4, 36, 127, 0), Note(3, 0.2, 60, 40, 0)), (47,), 4.0, 120.0)
    steps = [replace(STEPS[n], performance=part, level=-9.0, work="drums") for n, part in enumerate((end, begin))]
    done = write_journey(steps, ANSWER, tmp_path / "journey", player, nothing)
    for sounding in done.soundings:
        assert measure_true_peak(read(sounding.path)) <= min(CEILING, sounding.peak + OVERSHOOT)


def test_the_page_and_playlists_bear_the_name_that_the_journey_is_given(player: Synthesizer, tmp_path: Path) -> None:
    write_journey(STEPS[:1], ANSWER, tmp_path / "journey", player, nothing, title="通向平静的旅程")
    for name in ("journey.html", "journey.m3u8", "journey.jspf"):
        assert "通向平静的旅程" in (tmp_path / "journey" / name).read_text("utf-8")
