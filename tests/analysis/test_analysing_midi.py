"""MIDI files are heard as they are played, and what is absurd in them is told."""

import math
import random
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from encoders.analysis.analyser import analyse
from encoders.limits import MOST_NOTES
from encoders.notation.midi.free_beat import estimate_beat
from tests.helpers import hard_files as hard
from tests.helpers.outside import PLAIN_MIDI, refusal, written


def test_the_cues_of_a_scale_can_be_checked_by_hand(tmp_path: Path) -> None:
    heard = analyse(
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
    heard = analyse(
        written(tmp_path, "a.mid", hard.midi(hard.track((0, slow), *hard.scale(), (0, fast), *hard.scale())))
    )
    assert heard.performance is not None
    assert heard.seconds == 12.0
    assert heard.performance.notes[9].onset == 8.5
    assert 76 < heard.cues.tempo < 82  # 15 beats between the first onset and the last, in 11.5 s


def test_a_compound_metre_is_counted_in_dotted_beats(tmp_path: Path) -> None:
    jig = hard.meta(0x58, bytes([6, 3, 36, 8]))
    heard = analyse(written(tmp_path, "jig.mid", hard.midi(hard.track((0, jig), *hard.scale(ticks=240)))))
    assert heard.cues.tempo == 80.0


def test_volume_and_expression_of_a_channel_count(tmp_path: Path) -> None:
    loud = analyse(written(tmp_path, "loud.mid", PLAIN_MIDI))
    soft = analyse(
        written(tmp_path, "soft.mid", hard.midi(hard.track((0, b"\xb0\x07\x32"), (0, b"\xb0\x0b\x7f"), *hard.scale())))
    )
    assert soft.cues.level == pytest.approx(loud.cues.level - 12.04, abs=0.05)


def test_the_pedal_holds_what_was_let_go(tmp_path: Path) -> None:
    short = [event for pitch in (60, 64, 67, 72) for event in [*hard.note(pitch, 120), (360, b"\xb0\x01\x00")]]
    dry = analyse(written(tmp_path, "dry.mid", hard.midi(hard.track(*short))))
    held_down = analyse(
        written(tmp_path, "wet.mid", hard.midi(hard.track((0, b"\xb0\x40\x7f"), *short, (480, b"\xb0\x40\x00"))))
    )
    assert dry.cues.articulation < 0.3
    assert held_down.cues.articulation > 1.0


def test_a_note_that_never_ends_is_ended_and_told(tmp_path: Path) -> None:
    heard = analyse(written(tmp_path, "a.mid", hard.midi(hard.track((0, b"\x90\x3c\x50"), (480, b"\x90\x40\x50")))))
    assert heard.seconds == 2.5
    assert any("2 of its notes never end" in remark for remark in heard.remarks)


def test_drums_count_for_the_onset_rate_alone(tmp_path: Path) -> None:
    beats = hard.track(*[event for _ in range(16) for event in hard.note(38, 240, channel=9)])
    plain = analyse(written(tmp_path, "plain.mid", PLAIN_MIDI))
    driven = analyse(written(tmp_path, "driven.mid", hard.midi(hard.track(*hard.scale()), beats)))
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
    heard = analyse(written(tmp_path, "odd.mid", b"\x00" * 128 + hard.midi(odd) + b"trailing \x00\xff rubbish"))
    assert heard.cues.tempo == 120.0
    assert any("tempo of nothing" in remark for remark in heard.remarks)


def test_thousands_of_tracks_are_one_piece(tmp_path: Path) -> None:
    tracks = [hard.track((480 * n, b"\x90\x3c\x50"), (240, b"\x80\x3c\x00")) for n in range(2000)]
    heard = analyse(written(tmp_path, "many.mid", hard.midi(*tracks)))
    assert heard.performance is not None
    assert len(heard.performance.notes) == 2000
    assert len(heard.performance.programs) == 1


@pytest.mark.parametrize(("micro", "tempo"), [(1, 120.0), (16_777_215, 28.61), (60_000, 250.0)])
def test_absurd_tempi_are_left_out_or_counted_in_another_octave(tmp_path: Path, micro: int, tempo: float) -> None:
    path = written(
        tmp_path, "a.mid", hard.midi(hard.track((0, hard.meta(0x51, micro.to_bytes(3, "big"))), *hard.scale()))
    )
    assert analyse(path).cues.tempo == tempo


def test_patterns_of_format_2_follow_each_other(tmp_path: Path) -> None:
    heard = analyse(written(tmp_path, "a.mid", hard.midi(*[hard.track(*hard.scale())] * 2, form=2)))
    assert heard.seconds == 8.0


def test_time_code_is_time(tmp_path: Path) -> None:
    heard = analyse(
        written(tmp_path, "a.mid", hard.midi(hard.track(*hard.scale(ticks=500)), division=0xE728))
    )  # 25 * 40
    assert heard.seconds == 4.0


def test_freely_played_music_says_that_its_tempo_says_nothing(tmp_path: Path) -> None:
    chance = random.Random(3)  # noqa: S311
    free = hard.track(*[e for _ in range(64) for e in hard.note(chance.randrange(50, 80), chance.randrange(100, 700))])
    heard = analyse(written(tmp_path, "free.mid", hard.midi(free)))
    assert "played freely, without a beat that the file knows: its tempo says nothing" in heard.remarks
    assert heard.cues.tempo == 120.0
    assert not any("freely" in remark for remark in analyse(written(tmp_path, "strict.mid", PLAIN_MIDI)).remarks)


@pytest.mark.parametrize("noise", ["Track 1", "untitled", "12.mid", "control track", "Violin II", "  "])
def test_what_a_program_wrote_is_no_title(tmp_path: Path, noise: str) -> None:
    path = written(
        tmp_path, "evening_song.mid", hard.midi(hard.track((0, hard.meta(3, noise.encode())), *hard.scale()))
    )
    assert analyse(path).title == "evening song"


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
        ("PÄÄ JA SÄÄ", "cp1252"),
        ("ÄÖ ÅÄ", "cp1252"),
        ("C大调奏鸣曲 Op.27", "gbk"),
    ],
)
def test_titles_in_codes_that_a_file_cannot_name_are_read(tmp_path: Path, title: str, encoding: str) -> None:
    named = hard.midi(hard.track((0, hard.meta(3, title.encode(encoding))), *hard.scale()))
    assert analyse(written(tmp_path, "a.mid", named)).title == title


def performance(tempo: float, jitter: float, seconds: float = 90.0, seed: int = 1) -> list[tuple[float, int, int]]:
    """Somebody plays: onsets in seconds, keys and velocities of a beat with notes between its beats, each off by
    `jitter` seconds (standard deviation) and all of it by up to 5 % faster or slower than `tempo`, in slow waves."""
    chance = random.Random(seed)  # noqa: S311 - the same hands every time
    rows = []
    turn = 2 * math.pi / chance.uniform(20, 40)
    for beat in range(int(seconds * tempo / 60)):
        for place, share, velocity in ((0.0, 1.0, 80), (0.5, 0.5, 66), (0.75, 0.15, 60)):
            at = (beat + place) * 60 / tempo
            if chance.random() < share:
                at += 0.05 / turn * (1 - math.cos(turn * at)) + chance.gauss(0, jitter)
                rows.append((max(0.0, at), chance.randrange(50, 80), velocity + chance.randrange(-8, 9)))
    return sorted(rows)


def recorded(
    rows: Sequence[tuple[float, int, int]], division: int = 480, rate: float = 960.0, channel: int = 0
) -> bytes:
    """A keyboard's recording of onsets: in ticks of 120 BPM that nobody kept to, each note an eighth of a second."""
    events = [(round(rate * at), 1, pitch, velocity) for at, pitch, velocity in rows]
    events += [(round(rate * (at + 0.125)), 0, pitch, 0) for at, pitch, _ in rows]
    track, last = [], 0
    for tick, on, pitch, velocity in sorted(events):
        track.append((tick - last, bytes([0x80 + 0x10 * on + channel, pitch, velocity])))
        last = tick
    return hard.midi(hard.track(*track), division=division)


def estimated(remarks: Sequence[str]) -> list[float]:
    """The tempi that the remarks tell: the one that was taken, and the others that it may be."""
    said = [remark for remark in remarks if remark.startswith("tempo estimated from its onsets")]
    return [float(n) for remark in said for n in re.findall(r"[\d.]+", remark)]


@pytest.mark.parametrize("jitter", [0.01, 0.02, 0.03])
@pytest.mark.parametrize("tempo", [47, 58, 66, 76, 84, 92, 101, 113, 127, 139, 152, 178])
def test_the_tempo_of_freely_played_music_is_estimated_and_its_octave_doubted(
    tmp_path: Path, tempo: int, jitter: float
) -> None:
    heard = analyse(written(tmp_path, "free.mid", recorded(performance(tempo, jitter, seed=tempo))))
    assert min(abs(heard.cues.tempo / tempo / octave - 1) for octave in (0.5, 1, 2)) < 0.04
    assert "played freely, without a beat that the file knows" in heard.remarks
    taken, *others = estimated(heard.remarks)
    assert taken == heard.cues.tempo
    assert others == [taken * octave for octave in (0.5, 2) if 40 <= taken * octave <= 200] != []


def test_an_estimate_is_told_in_words(tmp_path: Path) -> None:
    heard = analyse(written(tmp_path, "free.mid", recorded(performance(92, 0.02))))
    assert heard.remarks[1:] == (
        "played freely, without a beat that the file knows",
        "tempo estimated from its onsets: 92 BPM, may be 46 or 184",
    )


def test_a_jig_played_freely_keeps_its_beat_of_three() -> None:
    chance = random.Random(5)  # noqa: S311
    long_and_short = [pulse for pulse in range(540) if pulse % 3 != 1 or chance.random() < 0.6]
    rows = [(pulse * 60 / 291 + chance.gauss(0, 0.01), 70 if pulse % 3 else 88) for pulse in long_and_short]
    found = estimate_beat(rows)
    assert found is not None
    assert found.tempo == pytest.approx(97, rel=0.04)


@pytest.mark.parametrize("tempo", [57, 71, 88, 97, 109])
def test_even_notes_are_no_jig(tempo: int) -> None:
    chance = random.Random(tempo)  # noqa: S311
    found = estimate_beat([(n * 30 / tempo + chance.gauss(0, 0.02), 75) for n in range(200)])
    assert found is not None
    assert min(abs(found.tempo / tempo / octave - 1) for octave in (0.5, 1, 2)) < 0.04


def test_drums_keep_the_beat_of_freely_played_music(tmp_path: Path) -> None:
    chance = random.Random(2)  # noqa: S311
    held = [(4 * n + chance.uniform(0, 2), 60, 40) for n in range(15)]
    file = hard.midi(*(data[14:] for data in (recorded(performance(86, 0.01, 60), channel=9), recorded(held))))
    assert analyse(written(tmp_path, "a.mid", file)).cues.tempo == pytest.approx(86, rel=0.04)


def test_time_code_knows_no_beat(tmp_path: Path) -> None:
    rows = performance(77, 0.01)
    heard = analyse(written(tmp_path, "a.mid", recorded(rows, division=0xE728, rate=1000.0)))
    assert heard.cues.tempo == pytest.approx(77, rel=0.04)
    assert estimated(heard.remarks)[0] == 77


def test_a_file_that_knows_its_beats_is_believed(tmp_path: Path) -> None:
    strict = hard.track(*[event for _ in range(12) for event in hard.scale(ticks=160)])
    heard = analyse(written(tmp_path, "a.mid", hard.midi(strict)))
    assert heard.cues.tempo == 120.0
    assert not estimated(heard.remarks)


@pytest.mark.parametrize("parts", [5, 7, 8, 16])
def test_fast_and_odd_divisions_of_a_beat_are_the_files_own(tmp_path: Path, parts: int) -> None:
    division = 5 * 7 * 96
    notes = [event for number in range(12 * parts) for event in hard.note(60 + number % 12, division // parts)]
    strict = hard.midi(hard.track((0, hard.meta(0x51, (1_500_000).to_bytes(3, "big"))), *notes), division=division)
    heard = analyse(written(tmp_path, "a.mid", strict))
    assert heard.cues.tempo == 40.0
    assert not any("freely" in remark for remark in heard.remarks)


def test_what_was_played_to_a_click_keeps_the_tempo_of_its_file(tmp_path: Path) -> None:
    """Hands are off the beat and the beats are the file's all the same, wherever the recording was cut."""
    chance = random.Random(4)  # noqa: S311
    rows = [(0.37 + n * 0.25 + chance.gauss(0, 0.02), chance.randrange(50, 80), 80) for n in range(200)]
    heard = analyse(written(tmp_path, "a.mid", recorded(rows)))
    assert heard.cues.tempo == 120.0
    assert not any("freely" in remark for remark in heard.remarks)


def test_a_drum_that_is_struck_after_hours_stops_nothing(tmp_path: Path) -> None:
    late = hard.track(*[(0xFFFFFFF, b"\xb9\x01\x00")] * 9, *hard.note(38, channel=9))
    file = hard.midi(recorded(performance(92, 0.02))[14:], late)
    assert analyse(written(tmp_path, "a.mid", file)).cues.tempo == pytest.approx(92, rel=0.04)


def test_one_free_pattern_among_others_leaves_the_tempo_to_them(tmp_path: Path) -> None:
    free = recorded(performance(86, 0.02, 30))[14:]
    strict = hard.track(*[event for _ in range(8) for event in hard.scale()])
    assert analyse(written(tmp_path, "a.mid", hard.midi(free, strict, form=2))).cues.tempo == 120.0


@pytest.mark.parametrize("seed", range(12))
def test_onsets_by_chance_have_no_beat(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311
    at, rows = 0.0, []
    for _ in range(chance.choice([32, 64, 200, 800])):
        at += chance.lognormvariate(-1.1, 0.5)
        rows.append((at, chance.randrange(40, 100)))
    assert estimate_beat(rows) is None


@pytest.mark.parametrize(
    "rows", [[], [(3.0, 80)], [(3.0, 80), (3.01, 80)], [(0.0, 80), (7000.0, 80)], [(0.0, 1)] * 500], ids=str
)
def test_too_little_has_no_beat(rows: list[tuple[float, int]]) -> None:
    assert estimate_beat(rows) is None
