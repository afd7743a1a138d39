"""MIDI files are heard as they are played, and what is absurd in them is told."""

import random
from pathlib import Path

import numpy as np
import pytest

from encoders.hearing import hear
from encoders.hearing.ranges import MOST_NOTES
from tests import hard_files as hard
from tests.outside import PLAIN_MIDI, refusal, written


def test_the_cues_of_a_scale_can_be_checked_by_hand(tmp_path: Path) -> None:
    heard = hear(
        written(
            tmp_path,
            "scale.mid",
            hard.midi(hard.track((0, hard.meta(0x51, (500_000).to_bytes(3, "big"))), *hard.scale())),
        )
    )
    pitches = np.array([60, 62, 64, 65, 67, 69, 71, 72])
    assert heard.seconds == 4.0
    assert heard.cues.tempo == 120.0
    assert heard.cues.onset_rate == 2.0
    assert heard.cues.level == pytest.approx(10 * np.log10((80 / 127) ** 4 / 4), abs=0.01)
    assert heard.cues.level_swing == 0.0
    assert heard.cues.articulation == 1.0
    assert heard.cues.register == pytest.approx(pitches.mean(), abs=0.01)
    assert heard.cues.pitch_spread == pytest.approx(pitches.std(), abs=0.01)
    assert heard.cues.roughness == 0.0
    assert heard.cues.mode > 0.2
    assert heard.remarks == ()
    assert heard.instrument == "piano"


def test_tempo_changes_are_followed_and_their_mean_is_told(tmp_path: Path) -> None:
    slow, fast = (hard.meta(0x51, micro.to_bytes(3, "big")) for micro in (1_000_000, 500_000))
    heard = hear(written(tmp_path, "a.mid", hard.midi(hard.track((0, slow), *hard.scale(), (0, fast), *hard.scale()))))
    assert heard.performance is not None
    assert heard.seconds == 12.0
    assert heard.performance.notes[9].onset == 8.5
    assert 76 < heard.cues.tempo < 82  # 15 beats between the first onset and the last, in 11.5 s


def test_a_compound_metre_is_counted_in_dotted_beats(tmp_path: Path) -> None:
    jig = hard.meta(0x58, bytes([6, 3, 36, 8]))
    heard = hear(written(tmp_path, "jig.mid", hard.midi(hard.track((0, jig), *hard.scale(ticks=240)))))
    assert heard.cues.tempo == 80.0


def test_volume_and_expression_of_a_channel_count(tmp_path: Path) -> None:
    loud = hear(written(tmp_path, "loud.mid", PLAIN_MIDI))
    soft = hear(
        written(tmp_path, "soft.mid", hard.midi(hard.track((0, b"\xb0\x07\x32"), (0, b"\xb0\x0b\x7f"), *hard.scale())))
    )
    assert soft.cues.level == pytest.approx(loud.cues.level - 12.04, abs=0.05)


def test_the_pedal_holds_what_was_let_go(tmp_path: Path) -> None:
    short = [event for pitch in (60, 64, 67, 72) for event in [*hard.note(pitch, 120), (360, b"\xb0\x01\x00")]]
    dry = hear(written(tmp_path, "dry.mid", hard.midi(hard.track(*short))))
    held_down = hear(
        written(tmp_path, "wet.mid", hard.midi(hard.track((0, b"\xb0\x40\x7f"), *short, (480, b"\xb0\x40\x00"))))
    )
    assert dry.cues.articulation < 0.3
    assert held_down.cues.articulation > 1.0


def test_a_note_that_never_ends_is_ended_and_told(tmp_path: Path) -> None:
    heard = hear(written(tmp_path, "a.mid", hard.midi(hard.track((0, b"\x90\x3c\x50"), (480, b"\x90\x40\x50")))))
    assert heard.seconds == 2.5
    assert any("2 of its notes never end" in remark for remark in heard.remarks)


def test_drums_count_for_the_onset_rate_alone(tmp_path: Path) -> None:
    beats = hard.track(*[event for _ in range(16) for event in hard.note(38, 240, channel=9)])
    plain = hear(written(tmp_path, "plain.mid", PLAIN_MIDI))
    driven = hear(written(tmp_path, "driven.mid", hard.midi(hard.track(*hard.scale()), beats)))
    assert driven.cues.onset_rate == 2 * plain.cues.onset_rate
    assert (driven.cues.mode, driven.cues.register, driven.content) == (
        plain.cues.mode,
        plain.cues.register,
        plain.content,
    )
    assert any("drums" in remark for remark in driven.remarks)


def test_nothing_absurd_in_a_midi_file_stops_it(tmp_path: Path) -> None:
    odd = hard.track(
        (0, hard.meta(0x51, b"\x00\x00\x00")),
        (0, hard.meta(0x58, b"\x04")),
        (0, hard.meta(0x59, b"\x63\x63")),
        (0, b"\xf0\x05\x7e\x7f\x09\x01\xf7"),
        (0, hard.meta(0x7F, b"\x00" * 300)),
        *hard.scale(),
    )
    heard = hear(written(tmp_path, "odd.mid", b"\x00" * 128 + hard.midi(odd) + b"trailing \x00\xff rubbish"))
    assert heard.cues.tempo == 120.0
    assert any("tempo of nothing" in remark for remark in heard.remarks)


def test_thousands_of_tracks_are_one_piece(tmp_path: Path) -> None:
    tracks = [hard.track((480 * n, b"\x90\x3c\x50"), (240, b"\x80\x3c\x00")) for n in range(2000)]
    heard = hear(written(tmp_path, "many.mid", hard.midi(*tracks)))
    assert heard.performance is not None
    assert len(heard.performance.notes) == 2000
    assert len(heard.performance.programs) == 1


@pytest.mark.parametrize(("micro", "tempo"), [(1, 120.0), (16_777_215, 28.61), (60_000, 250.0)])
def test_absurd_tempi_are_left_out_or_counted_in_another_octave(tmp_path: Path, micro: int, tempo: float) -> None:
    path = written(
        tmp_path, "a.mid", hard.midi(hard.track((0, hard.meta(0x51, micro.to_bytes(3, "big"))), *hard.scale()))
    )
    assert hear(path).cues.tempo == tempo


def test_patterns_of_format_2_follow_each_other(tmp_path: Path) -> None:
    heard = hear(written(tmp_path, "a.mid", hard.midi(*[hard.track(*hard.scale())] * 2, form=2)))
    assert heard.seconds == 8.0


def test_time_code_is_time(tmp_path: Path) -> None:
    heard = hear(written(tmp_path, "a.mid", hard.midi(hard.track(*hard.scale(ticks=500)), division=0xE728)))  # 25 * 40
    assert heard.seconds == 4.0


def test_freely_played_music_says_that_its_tempo_says_nothing(tmp_path: Path) -> None:
    chance = random.Random(3)  # noqa: S311
    free = hard.track(*[e for _ in range(64) for e in hard.note(chance.randrange(50, 80), chance.randrange(100, 700))])
    assert any("played freely" in remark for remark in hear(written(tmp_path, "free.mid", hard.midi(free))).remarks)
    assert not any("freely" in remark for remark in hear(written(tmp_path, "strict.mid", PLAIN_MIDI)).remarks)


@pytest.mark.parametrize("noise", ["Track 1", "untitled", "12.mid", "control track", "Violin II", "  "])
def test_what_a_program_wrote_is_no_title(tmp_path: Path, noise: str) -> None:
    path = written(
        tmp_path, "evening_song.mid", hard.midi(hard.track((0, hard.meta(3, noise.encode())), *hard.scale()))
    )
    assert hear(path).title == "evening song"


def test_more_notes_than_are_measured_are_refused_before_they_are_played(tmp_path: Path) -> None:
    notes = hard.track(*[(1, bytes([0x90, 60, 80 * (n % 2)])) for n in range(1, 2 * MOST_NOTES + 4)])
    assert f"more than {MOST_NOTES} notes" in refusal(written(tmp_path, "black.mid", hard.midi(notes))).fault


@pytest.mark.parametrize(
    ("title", "encoding"),
    [
        ("二泉映月", "gb18030"),
        ("月光", "gbk"),
        ("《茉莉花》 (Jasmine)", "gb2312"),
        ("第２乐章 行板", "gb18030"),
        ("貝多芬", "gbk"),
        ("夜の歌", "shift_jis"),
        ("さくら さくら", "shift_jis"),
        ("ノクターン第２番", "shift_jis"),
        ("Für Élise", "cp1252"),
        ("Gymnopédie nº 1", "cp1252"),
        ("“Fée” créée à l’été…", "cp1252"),
        ("créée, agréée", "cp1252"),
        ("Jäämää", "cp1252"),
        ("Öö on süüta", "cp1252"),
    ],
)
def test_titles_in_codes_that_a_file_cannot_name_are_read(tmp_path: Path, title: str, encoding: str) -> None:
    named = hard.midi(hard.track((0, hard.meta(3, title.encode(encoding))), *hard.scale()))
    assert hear(written(tmp_path, "a.mid", named)).title == title
