"""Recordings are heard as what they are: every sound here is made from numbers, so its answers are known."""

import io
import json
import shutil
import struct
import sys
import textwrap
from collections.abc import Sequence
from dataclasses import astuple, replace
from math import log10
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from encoders.analysis.analyser import analyse
from encoders.analysis.audio import recording as audio
from encoders.analysis.audio.cues import FILE, Calibration, SoundMeasures
from encoders.analysis.audio.likeness import CLOSE, LENGTH
from encoders.analysis.audio.pulse import PulseEstimate
from encoders.analysis.cues import Cues, measure_cues
from encoders.analysis.piece import AnalysedPiece
from encoders.analysis.ranges import RANGES
from encoders.base import EncoderUnavailable, ScoreUnreadable
from encoders.performing.performance import Note, Performance
from encoders.sound.decoding import open_recording
from encoders.sound.levels import LevelMeter, Levels
from encoders.sound.synthesis import Synthesizer
from encoders.sound.tags import read_tags, repair_encoding
from encoders.training.cue_calibration import MeasuredPair, build_report, measure_rendering

RATE = 22050
Wave = NDArray[np.float64]
C_MAJOR = ((60, 64, 67), (65, 69, 72), (67, 71, 74), (60, 64, 67, 72))
A_MINOR = ((57, 60, 64), (62, 65, 69), (64, 68, 71), (57, 60, 64, 69))


def tone(key: float, seconds: float, overtones: int = 6, rolloff: float = 0.5, rate: int = RATE) -> Wave:
    """A harmonic tone of a MIDI key, with an attack of 10 ms and a release of 30."""
    time = np.arange(int(seconds * rate)) / rate
    first = 440.0 * 2.0 ** ((key - 69) / 12)
    wave = sum(rolloff**n * np.sin(2 * np.pi * first * (n + 1) * time) for n in range(overtones))
    edges = np.minimum(np.minimum(time / 0.01, 1.0), np.minimum((seconds - time) / 0.03, 1.0))
    return np.asarray(wave * np.clip(edges, 0.0, 1.0) * 0.1)


def chords(
    keys: Sequence[Sequence[float]] = C_MAJOR,
    each: float = 0.75,
    times: int = 4,
    rolloff: float = 0.5,
    overtones: int = 6,
    rate: int = RATE,
) -> Wave:
    """Chords one after another, so many times through."""
    once = [np.sum([tone(key, each, overtones, rolloff, rate) for key in chord], axis=0) for chord in keys]
    return np.concatenate(once * times)


def clicks(bpm: float, seconds: float = 20.0) -> Wave:
    """A short high click on every beat."""
    wave = np.zeros(int(seconds * RATE))
    click = np.sin(2 * np.pi * 2000 * np.arange(400) / RATE) * np.exp(-np.arange(400) / 80)
    for start in np.arange(0.1, seconds - 0.1, 60 / bpm):
        at = int(start * RATE)
        wave[at : at + len(click)] += click
    return wave * 0.5


def noise(seconds: float, seed: int = 1) -> Wave:
    return np.random.default_rng(seed).standard_normal(int(seconds * RATE)) * 0.1


def written(path: Path, wave: Wave, rate: int = RATE, subtype: str | None = None) -> Path:
    """The wave as a file, a second at a time, as the Vorbis encoder needs it."""
    channels = 1 if wave.ndim == 1 else wave.shape[1]
    with soundfile.SoundFile(path, "w", rate, channels, subtype=subtype) as file:
        for at in range(0, len(wave), rate):
            file.write(wave[at : at + rate])
    return path


def heard(folder: Path, wave: Wave, rate: int = RATE) -> AnalysedPiece:
    return analyse(written(folder / "music.wav", wave, rate))


# What is measured


@pytest.mark.parametrize("bpm", [60, 90, 132])
def test_clicks_have_their_tempo_or_an_octave_of_it_and_the_doubt_is_told(tmp_path: Path, bpm: int) -> None:
    found = heard(tmp_path, clicks(bpm))
    assert min(abs(np.log2(found.cues.tempo / bpm) - octave) for octave in (-1, 0, 1)) < 0.02
    assert found.cues.onset_rate == pytest.approx(bpm / 60, rel=0.15)
    doubt = [remark for remark in found.remarks if remark.startswith("tempo")]
    # At a beat a second nothing happens between the beats, and half as fast is too slow for a beat.
    assert (" or " in doubt[0] and f"{found.cues.tempo:.0f} taken" in doubt[0]) is (bpm != 60)


def test_without_a_beat_none_is_made_up(tmp_path: Path) -> None:
    found = heard(tmp_path, chords(times=1, each=5.0))
    assert found.cues.tempo == 80.0
    assert "no beat was found: 80 BPM taken" in found.remarks


@pytest.mark.parametrize(("channels", "loudness"), [(1, -23.01), (2, -20.0)])
def test_a_sine_of_1_kHz_has_the_loudness_that_the_standard_gives_it(channels: int, loudness: float) -> None:  # noqa: N802
    wave = 10 ** (-20 / 20) * np.sin(2 * np.pi * 1000 * np.arange(48000 * 12) / 48000)
    meter = LevelMeter(48000, channels)
    meter.add(np.repeat(wave[:, None], channels, axis=1).astype(np.float32))
    levels = meter.measure()
    assert levels is not None
    assert levels.whole == pytest.approx(loudness, abs=0.05)
    assert levels.swing == pytest.approx(0.0, abs=0.05)


def test_loudness_taken_in_pieces_is_that_of_the_whole_by_another_meter() -> None:
    import pyloudnorm

    wave = np.stack([noise(20), noise(20, seed=2) * np.linspace(0.01, 1, 20 * RATE)], axis=1).astype(np.float32)
    meter = LevelMeter(RATE, 2)
    for at in range(0, len(wave), 30011):
        meter.add(wave[at : at + 30011])
    levels = meter.measure()
    assert levels is not None
    whole = pyloudnorm.Meter(RATE).integrated_loudness(wave.astype(np.float64))
    assert levels.whole == pytest.approx(whole, abs=0.05)


def test_twice_the_amplitude_is_6_dB_more_at_every_level_and_nothing_else(tmp_path: Path) -> None:  # noqa: N802
    soft, loud = heard(tmp_path, chords() / 2), heard(tmp_path, chords())
    for cue in ("level", "level_in", "level_out"):
        assert getattr(loud.cues, cue) - getattr(soft.cues, cue) == pytest.approx(20 * log10(2), abs=0.02)
    levels = dict.fromkeys(("level", "level_in", "level_out"), 0.0)
    assert astuple(replace(loud.cues, **levels)) == pytest.approx(astuple(replace(soft.cues, **levels)), abs=0.05)
    assert loud.content != soft.content


def test_level_in_and_out_are_those_of_the_first_and_last_ten_seconds(tmp_path: Path) -> None:
    wave = chords(times=10)
    wave[len(wave) // 2 :] *= 0.1
    found = heard(tmp_path, wave).cues
    assert found.level_in - found.level_out == pytest.approx(20.0, abs=0.5)
    assert found.level_swing == pytest.approx(20.0, abs=1.0)


def test_brighter_sound_is_brighter(tmp_path: Path) -> None:
    dull, plain, sharp = (heard(tmp_path, chords(rolloff=r, overtones=20)).cues.brightness for r in (0.2, 0.6, 0.9))
    assert dull + 0.1 < plain < sharp - 0.1


def test_major_is_above_minor_in_every_key(tmp_path: Path) -> None:
    for up in (0, 5, 10):
        major = heard(tmp_path, chords(tuple(tuple(k + up for k in chord) for chord in C_MAJOR))).cues.mode
        minor = heard(tmp_path, chords(tuple(tuple(k + up for k in chord) for chord in A_MINOR))).cues.mode
        assert major > 0.2 > -0.2 > minor


def test_an_instrument_tuned_low_is_in_the_same_mode(tmp_path: Path) -> None:
    low = tuple(tuple(k - 0.4 for k in chord) for chord in C_MAJOR)
    assert heard(tmp_path, chords(low)).cues.mode > 0.2


def test_an_octave_higher_is_higher(tmp_path: Path) -> None:
    low, high = (
        heard(tmp_path, chords(tuple(tuple(k + up for k in chord) for chord in C_MAJOR))).cues.register
        for up in (0, 12)
    )
    assert 9 < high - low < 15


def test_notes_cut_short_are_more_detached(tmp_path: Path) -> None:
    def line(share: float) -> Wave:
        pause = np.zeros(int((0.5 - 0.5 * share) * RATE))
        return np.concatenate([part for key in (60, 64, 67, 65) * 6 for part in (tone(key, 0.5 * share), pause)])

    joined, short = (heard(tmp_path, line(share)).cues.articulation for share in (1.0, 0.3))
    assert short < joined - 0.3


def test_close_low_chords_are_rougher_than_one_voice(tmp_path: Path) -> None:
    rough = heard(tmp_path, chords(((36, 37, 39), (38, 39, 41)), rolloff=0.8)).cues.roughness
    assert heard(tmp_path, chords(((60,), (64,)))).cues.roughness < rough


def test_what_is_played_and_what_is_heard_of_it_agree(tmp_path: Path) -> None:
    tune = (60, 62, 64, 65, 67, 69, 71, 72, 67, 64, 60, 62, 64, 67, 72, 64) * 2
    notes = tuple(Note(n * 0.5, 0.48, key + 12, 72, 0) for n, key in enumerate(tune))
    played = Performance(notes, (73,), 16.0, 120.0)
    samples = Synthesizer.load().render(played)
    told, found = measure_cues(played), heard(tmp_path, samples.T.astype(np.float64), 44100).cues
    assert found.onset_rate == pytest.approx(told.onset_rate, rel=0.15)
    assert found.level == pytest.approx(told.level, abs=5)
    assert found.mode == pytest.approx(told.mode, abs=0.3)
    assert found.register == pytest.approx(told.register, abs=4)
    assert min(abs(np.log2(found.tempo / 120) - octave) for octave in (-1, 0, 1)) < 0.03
    assert measure_rendering(samples).levels.ends == pytest.approx(played.seconds, abs=2.0)


@pytest.mark.parametrize(
    "wave", [noise(8), chords(((60,),), times=1, each=6.0), clicks(100, 6)], ids=["noise", "tone", "clicks"]
)
def test_whatever_sounds_its_cues_lie_within_their_ranges(tmp_path: Path, wave: Wave) -> None:
    found = heard(tmp_path, wave)
    for cue, (low, high) in RANGES.items():
        assert low <= getattr(found.cues, cue) <= high, cue
    assert np.linalg.norm(found.likeness) == pytest.approx(1.0, abs=1e-3)
    assert len(found.likeness) == LENGTH


# The same and the like


def test_wav_and_flac_of_one_sound_are_the_same(tmp_path: Path) -> None:
    wave = chords()
    first = analyse(written(tmp_path / "a.wav", wave))
    for name in ("a.flac", "a.aiff"):
        again = analyse(written(tmp_path / name, wave))
        assert again.content == first.content
        assert astuple(again.cues) == pytest.approx(astuple(first.cues), abs=0.01)
    deep = analyse(written(tmp_path / "deep.wav", wave, subtype="PCM_24"))
    assert deep.content == first.content


def test_one_more_second_or_another_key_is_not_the_same(tmp_path: Path) -> None:
    wave = chords()
    higher = chords(tuple(tuple(k + 1 for k in chord) for chord in C_MAJOR))
    contents = {heard(tmp_path, w).content for w in (wave, np.concatenate([wave, wave[:RATE]]), higher)}
    assert len(contents) == 3


def test_mp3_and_ogg_are_close_and_another_piece_is_not(tmp_path: Path) -> None:
    wave = chords()
    first = np.array(analyse(written(tmp_path / "a.wav", wave)).likeness)
    for name in ("a.mp3", "a.ogg"):
        assert float(first @ np.array(analyse(written(tmp_path / name, wave)).likeness)) > CLOSE, name
    assert float(first @ np.array(heard(tmp_path, chords(A_MINOR)).likeness)) < 0.9


# What can be wrong


def header(channels: int = 1, rate: int = RATE, frames: int = RATE) -> bytes:
    """A WAV file's header, and a second of little."""
    size = frames * channels * 2
    fields = struct.pack("<IHHIIHH", 16, 1, channels, rate, rate * channels * 2 & 0xFFFFFFFF, channels * 2, 16)
    return (
        b"RIFF"
        + struct.pack("<I", min(36 + size, 2**32 - 1))
        + b"WAVEfmt "
        + fields
        + b"data"
        + struct.pack("<I", min(size, 2**32 - 1))
        + bytes(4000)
    )


def with_one(value: float) -> Wave:
    wave = chords()
    wave[5000] = value
    return wave


def wav(wave: Wave, kind: str = "WAV") -> bytes:
    out = io.BytesIO()
    soundfile.write(out, wave, RATE, format=kind)
    return out.getvalue()


def cut(data: bytes) -> bytes:
    return data[: len(data) // 2]


BROKEN: dict[str, tuple[bytes, str]] = {
    "empty.wav": (b"", "it is empty"),
    "noise.wav": (bytes(range(1, 256)) * 40, "cannot be decoded"),
    "noise.mp3": (bytes(range(1, 256)) * 40, "cannot be decoded"),
    "head.flac": (wav(chords(), "FLAC")[:60], "cannot be decoded"),
    "half.flac": (cut(wav(chords(), "FLAC")), "cut short|cannot be decoded beyond"),
    "half.wav": (cut(wav(chords())), "it is cut short: 6 s are there of the 12 s"),
    "half.aiff": (cut(wav(chords(), "AIFF")), "it is cut short: 6 s are there of the 12 s"),
    "one.wav": (header(frames=1)[:46], "less sound than can be measured"),
    "none.wav": (header(frames=0)[:44], "less sound than can be measured|it is empty"),
    "slow.wav": (header(rate=1), "it states 1 samples a second"),
    "fast.wav": (header(rate=4_000_000_000), "samples a second|cannot be decoded"),
    "wide.wav": (header(channels=400), "it states 400 channels"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_refused_with_a_reason_and_a_repair(tmp_path: Path, name: str) -> None:
    content, fault = BROKEN[name]
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ScoreUnreadable, match=fault) as refused:
        analyse(tmp_path / name)
    assert refused.value.place == name
    assert refused.value.repair
    assert str(tmp_path) not in str(refused.value)


@pytest.mark.parametrize(
    ("wave", "fault"),
    [
        (np.zeros(RATE * 5), "it is silent"),
        (np.full(RATE * 5, 0.5), "too short"),
        (chords()[: RATE // 2], "less sound|too short"),
        (with_one(float("nan")), "not numbers"),
        (with_one(float("inf")), "not numbers"),
        (with_one(1e30), "times full scale"),
    ],
    ids=["silent", "DC alone", "half a second", "NaN", "infinite", "beyond all scale"],
)
def test_sound_that_is_none_is_refused(tmp_path: Path, wave: Wave, fault: str) -> None:
    path = written(tmp_path / "a.wav", wave, subtype="FLOAT")
    with pytest.raises(ScoreUnreadable, match=fault):
        analyse(path)


def test_longer_than_any_journey_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    path = tmp_path / "long.wav"
    seconds = 3 * 3600
    with path.open("wb") as file:
        file.write(header(rate=8000, frames=8000 * seconds)[:44])
        file.truncate(44 + 8000 * seconds * 2)
    with pytest.raises(ScoreUnreadable, match="longer than the 2"):
        analyse(path)


@pytest.mark.parametrize(
    ("rate", "channels"), [(8000, 1), (11025, 2), (44100, 3), (48000, 4), (96000, 6), (48000, 8)], ids=str
)
def test_any_rate_and_any_number_of_channels_is_heard(tmp_path: Path, rate: int, channels: int) -> None:
    mono = chords(each=0.75, times=2, rate=rate)
    found = heard(tmp_path, np.repeat(mono[:, None], channels, axis=1), rate)
    assert found.cues.mode > 0.2
    assert found.seconds == pytest.approx(6.0, abs=0.1)
    assert any(f"recorded at {rate}" in remark for remark in found.remarks) is (rate < 20000)


def test_an_offset_and_opposite_phases_change_nothing_that_is_heard(tmp_path: Path) -> None:
    wave = chords()
    plain = heard(tmp_path, np.stack([wave, wave], axis=1)).cues
    shifted = heard(tmp_path, np.stack([wave, wave], axis=1) + 0.3).cues
    opposed = heard(tmp_path, np.stack([wave, -wave], axis=1)).cues
    assert astuple(shifted) == pytest.approx(astuple(plain), abs=0.2)
    assert astuple(opposed) == pytest.approx(astuple(plain), abs=0.2)


def test_silence_at_the_ends_is_told_and_left_out(tmp_path: Path) -> None:
    wave = chords()
    pause = np.zeros(4 * RATE)
    bare, padded = heard(tmp_path, wave), heard(tmp_path, np.concatenate([pause, wave, pause]))
    assert padded.cues.level == pytest.approx(bare.cues.level, abs=0.3)
    assert padded.cues.level_in == pytest.approx(bare.cues.level_in, abs=0.3)
    assert [remark[:9] for remark in padded.remarks if "silence" in remark] == ["it begins", "it ends i"]


def test_of_a_long_recording_levels_are_of_the_whole_and_the_rest_of_its_beginning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wave = np.concatenate([chords(), chords(A_MINOR) * 0.1])
    monkeypatch.setattr(audio, "ANALYSED", 12.0)
    found = heard(tmp_path, wave)
    assert found.cues.mode > 0.2
    assert found.cues.level_in - found.cues.level_out == pytest.approx(20, abs=2)
    assert "beat, harmony and timbre are those of its first 12 s" in found.remarks


def test_a_stream_that_never_learned_its_length_is_heard_to_its_end(tmp_path: Path) -> None:
    data = bytearray(wav(chords()))
    data[40:44] = b"\xff\xff\xff\xff"
    (tmp_path / "stream.wav").write_bytes(data)
    assert analyse(tmp_path / "stream.wav").seconds == pytest.approx(12.0, abs=0.1)


# Tags


@pytest.mark.parametrize("name", ["a.flac", "a.ogg", "a.mp3"])
def test_tags_are_read_in_any_script(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    with soundfile.SoundFile(path, "w", RATE, 1) as file:
        file.title, file.artist, file.copyright = "二泉映月", "阿炳", "公有领域"
        file.write(chords(times=1))
    found = analyse(path)
    # libsndfile writes no rights into an MP3.
    assert found.licence == ("not stated" if name == "a.mp3" else "公有领域")
    assert (found.title, found.artist) == ("二泉映月", "阿炳")
    assert (found.kind, found.instrument, found.performance) == ("audio", "music", None)
    assert (found.lyrics, found.hopeless_lyrics, found.imagery) == (1, 1, 1)


def test_a_file_without_tags_has_its_own_name_and_says_no_more(tmp_path: Path) -> None:
    tags = read_tags(written(tmp_path / "يا_طيرة.wav", chords(times=1)))
    assert (tags.title, tags.artist, tags.work, tags.licence) == ("يا طيرة", "", "", "")


def test_an_album_is_no_work(tmp_path: Path) -> None:
    path = tmp_path / "a.flac"
    with soundfile.SoundFile(path, "w", RATE, 1) as file:
        file.title, file.album = "Nocturne", "Nocturnes"
        file.write(chords(times=1))
    assert read_tags(path).work == ""


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("二泉映月".encode("gb2312").decode("latin-1"), "二泉映月"),
        ("Für Élise".encode().decode("latin-1"), "Für Élise"),
        ("Für Élise", "Für Élise"),
        ("Gymnopédie", "Gymnopédie"),
        ("naïve œuvre", "naïve œuvre"),
        ("Jäämää", "Jäämää"),
        ("二泉映月", "二泉映月"),
        (None, ""),
    ],
)
def test_text_in_the_wrong_letters_is_mended_and_no_other(read: str | None, meant: str) -> None:
    assert repair_encoding(read) == meant


def test_damaged_tags_do_not_keep_music_out(tmp_path: Path) -> None:
    path = written(tmp_path / "song.mp3", chords())
    path.write_bytes(b"ID3\x04\x00\x00\x00\x00\x00\x20TIT2\x7f\x7f\x7f\x7f\x00\x00" + bytes(22) + path.read_bytes())
    assert analyse(path).title == "song"


# M4A


def stand_in(folder: Path, body: str) -> Path:
    """A program called ffmpeg, alone in a folder."""
    program = folder / "bin" / "ffmpeg"
    program.parent.mkdir()
    program.write_text(f"#!{sys.executable}\nimport shutil, sys, time\n{textwrap.dedent(body)}")
    program.chmod(0o755)
    return program.parent


def m4a(folder: Path) -> Path:
    path = folder / "song.m4a"
    path.write_bytes(b"\x00\x00\x00\x20ftypM4A " + bytes(200))
    return path


def test_m4a_without_ffmpeg_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ScoreUnreadable, match="ffmpeg is not on the PATH") as refused:
        analyse(m4a(tmp_path))
    assert "Install ffmpeg" in refused.value.repair
    assert "FLAC" in refused.value.repair


def test_m4a_is_decoded_by_the_ffmpeg_on_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    decoded = written(tmp_path / "decoded.wav", chords())
    body = f"""
    given = sys.argv[sys.argv.index("-i") + 1]
    assert given.startswith("file:/") and given.endswith("/song.m4a"), given
    assert "-t" in sys.argv and "-fs" in sys.argv and "-nostdin" in sys.argv
    shutil.copy({str(decoded)!r}, sys.argv[-1].removeprefix("file:"))
    """
    monkeypatch.setenv("PATH", str(stand_in(tmp_path, body)))
    found = analyse(m4a(tmp_path))
    assert found.content == analyse(decoded).content
    assert found.title == "song"


@pytest.mark.parametrize(
    ("body", "fault"),
    [("sys.exit(1)", "cannot decode it"), ("", "cannot decode it"), ("time.sleep(60)", "had not decoded it")],
)
def test_an_ffmpeg_that_fails_or_hangs_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str, fault: str
) -> None:
    monkeypatch.setenv("PATH", str(stand_in(tmp_path, body)))
    with pytest.raises(ScoreUnreadable, match=fault), open_recording(m4a(tmp_path), ffmpeg_seconds=0.5):
        pass


# The calibration


def test_the_calibration_agrees_with_notes_for_every_cue() -> None:
    cues = json.loads(FILE.read_text(encoding="utf-8"))["cues"]
    assert set(cues) == set(RANGES)
    assert min(cue["rank_correlation"] for cue in cues.values()) > 0.5


def pair(number: int) -> MeasuredPair:
    """Notes, and a sound of theirs whose every measure lies on a known line, or agrees."""
    x = 0.1 + 0.8 * (number * 7 % 20) / 20
    level, tempo, onsets = -30 + 20 * x, 60 * (1 + x), 2.0 ** (2 * x)
    cues = (tempo, onsets, level + 6, 3 * x, level + 5, level + 7, 2 * x - 1, x, 48 + 20 * x, 10 * x, x / 2, x / 4)
    sound = SoundMeasures(
        levels=Levels(level, level - 1, level + 1, 3 * x, 0.0, 60.0),
        pulse=PulseEstimate(onsets, tempo * (2 if number == 3 else 1), (), x / 2),
        register=50 + 20 * x,
        spread=20 * x,
        mode=2 * x - 1,
        roughness=float(np.arctanh(x / 2)),
        centroid=8 + x,
        strengths=np.ones((2, 2), dtype=np.float32),
    )
    return MeasuredPair(f"work {number}", Cues(*cues), sound)


def test_calibrating_finds_the_lines_that_are_there_and_tells_how_well_they_fit() -> None:
    told = build_report([pair(number) for number in range(20)])["cues"]
    assert set(told) == set(RANGES)
    slopes = {"level": 1.0, "articulation": 2.0, "register": 1.0, "pitch_spread": 0.5, "brightness": 0.5}
    assert {cue: told[cue]["slope"] for cue in slopes} == pytest.approx(slopes, abs=0.001)
    assert (told["level"]["offset"], told["register"]["offset"]) == pytest.approx((6.0, -2.0), abs=0.02)
    assert all(told[cue]["rank_correlation"] == pytest.approx(1.0) for cue in RANGES if cue != "tempo")
    assert (told["tempo"]["share_right"], told["tempo"]["share_right_or_an_octave_off"]) == (0.95, 1.0)


@pytest.mark.parametrize("damage", ["missing", "empty", "falling"])
def test_a_damaged_calibration_is_no_default(tmp_path: Path, damage: str) -> None:
    file = tmp_path / "audio_cues.json"
    if damage == "empty":
        file.write_text("{}")
    elif damage == "falling":
        shutil.copy(FILE, file)
        told = json.loads(file.read_text(encoding="utf-8"))
        told["cues"]["register"]["slope"] = -1
        file.write_text(json.dumps(told))
    with pytest.raises(EncoderUnavailable, match=r"calibration|register") as refused:
        Calibration.read(file)
    assert "cue_calibration" in refused.value.repair
