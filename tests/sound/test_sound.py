"""Performances as MIDI and as sound: what was planned is what is heard."""

import io
from pathlib import Path

import mido
import numpy as np
import pytest

from encoders.base import EncoderUnavailable
from encoders.performing.performance import Note, Performance
from encoders.sound.soundfont import SoundFont, find_bundled_font
from encoders.sound.synthesis import RATE, TAIL, Samples, Synthesizer, write_midi
from tests.helpers.fonts import sine_font
from tests.helpers.proofs import sample


def played(*notes: Note, programs: tuple[int, ...] = (0,), tempo: float = 90.0) -> Performance:
    return Performance(notes, programs, max(note.onset + note.duration for note in notes), tempo)


def level(samples: Samples, start: float, end: float) -> float:
    """dB of the mean energy between two moments, in seconds."""
    return 10 * float(np.log10(np.mean(samples[:, int(start * RATE) : int(end * RATE)] ** 2) + 1e-12))


@pytest.fixture(scope="module")
def player() -> Synthesizer:
    return Synthesizer.load()


@pytest.fixture(scope="module")
def sine(tmp_path_factory: pytest.TempPathFactory) -> Synthesizer:
    return Synthesizer(
        SoundFont.load(sine_font(tmp_path_factory.mktemp("font") / "sine.sf2")), np.zeros((2, 1), np.float32)
    )


@pytest.mark.parametrize("program", [0, 19, 46, 48, 73])
def test_velocity_is_heard_as_the_cues_measure_it(player: Synthesizer, program: int) -> None:
    loud, soft = (player.render(played(Note(0, 1, 64, v, 0), programs=(program,))) for v in (96, 48))
    assert level(loud, 0, 1) - level(soft, 0, 1) == pytest.approx(40 * np.log10(96 / 48), abs=1.5)


@pytest.mark.parametrize(("program", "falls"), [(0, True), (24, True), (46, True), (48, False), (73, False)])
def test_plucked_notes_die_away_and_bowed_ones_last(player: Synthesizer, program: int, falls: bool) -> None:
    heard = player.render(played(Note(0, 4, 64, 80, 0), programs=(program,)))
    drop = level(heard, 0.3, 0.8) - level(heard, 3.3, 3.8)
    assert drop > 10 if falls else abs(drop) < 6


@pytest.mark.proof
@pytest.mark.parametrize("program", sample(range(128), 32))
def test_every_instrument_sounds_and_stays_finite(player: Synthesizer, program: int) -> None:
    heard = player.render(played(Note(0, 0.4, 60, 80, 0), programs=(program,)))
    assert np.isfinite(heard).all()
    assert 0.001 < np.abs(heard).max() < 4


def test_the_sound_lasts_as_long_as_the_performance_and_its_tail(player: Synthesizer) -> None:
    heard = player.render(played(Note(0, 1.5, 60, 80, 0)))
    assert heard.dtype == np.float32
    assert heard.shape == (2, int((1.5 + TAIL) * RATE))
    assert level(heard, 3.3, 3.5) < level(heard, 0, 1) - 30


def test_the_same_performance_gives_the_same_sound(player: Synthesizer) -> None:
    one = played(Note(0, 1, 60, 80, 0), Note(0.5, 1, 67, 60, 1), programs=(0, 42))
    np.testing.assert_array_equal(player.render(one), player.render(one))


@pytest.mark.parametrize(("key", "hertz"), [(69, 440.0), (57, 220.0), (81, 880.0), (72, 523.25)])
def test_a_key_sounds_at_its_pitch(sine: Synthesizer, key: int, hertz: float) -> None:
    heard = sine.render(played(Note(0, 4, key, 100, 0)))[0, RATE : 3 * RATE]
    spectrum = np.abs(np.fft.rfft(heard * np.hanning(len(heard))))
    assert spectrum.argmax() / 2 == pytest.approx(hertz, abs=0.6)


def test_a_note_longer_than_its_recording_goes_on_without_a_click(sine: Synthesizer) -> None:
    # 3000 samples at 22,050 Hz are 0.14 s: at 3 s the loop has been round many times.
    heard = sine.render(played(Note(0, 4, 69, 100, 0)))[0, 2 * RATE : 3 * RATE]
    spectrum = np.abs(np.fft.rfft(heard * np.hanning(len(heard)))) ** 2
    assert spectrum[430:450].sum() / spectrum.sum() > 0.9999


def test_the_envelope_is_the_fonts(sine: Synthesizer) -> None:
    heard = sine.render(played(Note(0, 2, 69, 127, 0)))
    assert level(heard, 0.02, 0.04) - level(heard, 1.5, 1.9) == pytest.approx(20 - 3, abs=1)
    assert level(heard, 0.1, 0.12) - level(heard, 0.15, 0.17) == pytest.approx(5, abs=0.3)
    assert level(heard, 2.1, 2.15) - level(heard, 2.2, 2.25) == pytest.approx(10, abs=1)


def test_a_filter_takes_the_height_from_a_sound(tmp_path: Path) -> None:
    # 6900 cents above 8.2 Hz are 440 Hz: two octaves above, 12 dB an octave leave 24 dB less.
    fonts = [sine_font(tmp_path / "open.sf2"), sine_font(tmp_path / "dark.sf2", {8: 6900})]
    bright, dark = (Synthesizer(SoundFont.load(font), np.zeros((2, 1), np.float32)) for font in fonts)
    high = played(Note(0, 1, 93, 127, 0))
    assert level(bright.render(high), 0.3, 0.9) - level(dark.render(high), 0.3, 0.9) == pytest.approx(24, abs=1)


def test_a_packed_font_sounds_like_a_plain_one(tmp_path: Path, sine: Synthesizer) -> None:
    packed = Synthesizer(SoundFont.load(sine_font(tmp_path / "sine.sf3", packed=True)), sine.room)
    note = played(Note(0, 1, 69, 100, 0))
    assert level(packed.render(note), 0.3, 0.9) == pytest.approx(level(sine.render(note), 0.3, 0.9), abs=0.5)


def test_a_key_out_of_range_is_played_all_the_same(tmp_path: Path) -> None:
    font = SoundFont.load(sine_font(tmp_path / "narrow.sf2", keys=(60, 72)))
    assert font.find_regions(0, 40, 80) == font.find_regions(0, 65, 80) != []


def test_a_program_that_a_font_lacks_is_named(tmp_path: Path) -> None:
    font = SoundFont.load(sine_font(tmp_path / "one.sf2", program=5))
    with pytest.raises(EncoderUnavailable, match="no program 0"):
        font.find_regions(0, 60, 80)


@pytest.mark.parametrize("share", [0, 0.001, 0.3, 0.9, 0.97, 0.999])
def test_a_font_cut_short_is_refused(tmp_path: Path, share: float) -> None:
    whole = sine_font(tmp_path / "whole.sf2").read_bytes()
    (tmp_path / "cut.sf2").write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(EncoderUnavailable, match="ISOPATH_SOUNDFONT"):
        SoundFont.load(tmp_path / "cut.sf2")


def test_a_font_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EncoderUnavailable, match="No such file"):
        SoundFont.load(tmp_path / "none.sf2")


def test_the_font_of_pip_has_every_general_midi_program() -> None:
    assert set(SoundFont.load(find_bundled_font()).programs) >= set(range(128))


def test_midi_says_what_the_performance_says() -> None:
    notes = (Note(0, 0.5, 60, 80, 0), Note(0.25, 1, 64, 70, 1), Note(0.5, 0.5, 60, 90, 0))
    body = write_midi(played(*notes, programs=(40, 46), tempo=72.0), "悲しみ")
    file = mido.MidiFile(file=io.BytesIO(body), charset="utf-8")
    assert file.tracks[0].name == "悲しみ"
    assert file.length == pytest.approx(1.25, abs=0.002)
    struck, programs, now = [], {}, 0.0
    for message in file:
        now += message.time
        if message.type == "program_change":
            programs[message.channel] = message.program
        elif message.type == "note_on":
            struck.append((now, programs[message.channel], message.note, message.velocity))
    expected = [(note.onset, (40, 46)[note.part], note.pitch, note.velocity) for note in notes]
    assert [row[1:] for row in struck] == [row[1:] for row in expected]
    assert [row[0] for row in struck] == pytest.approx([row[0] for row in expected], abs=0.001)


def test_a_key_struck_again_is_let_go_first() -> None:
    again = write_midi(played(Note(0, 0.5, 60, 80, 0), Note(0.5, 0.5, 60, 80, 0)), "twice")
    kinds = [m.type for m in mido.MidiFile(file=io.BytesIO(again)) if m.type.startswith("note")]
    assert kinds == ["note_on", "note_off", "note_on", "note_off"]


def test_twenty_parts_share_channels_by_instrument_and_never_the_drums() -> None:
    notes = [Note(part / 10, 0.5, 60 + part, 80, part) for part in range(20)]
    many = mido.MidiFile(file=io.BytesIO(write_midi(played(*notes, programs=(40,) * 10 + (73,) * 10), "many")))
    channels = {m.channel for m in many if m.type == "note_on"}
    assert len(channels) == 2
    assert 9 not in channels


def test_more_instruments_than_channels_are_refused() -> None:
    notes = [Note(0, 1, 60, 80, part) for part in range(16)]
    with pytest.raises(ValueError, match="16 instruments"):
        write_midi(played(*notes, programs=tuple(range(16))), "too many")
