"""Cues are what their definitions say: every number here can be worked out by hand."""

from dataclasses import astuple
from math import log10, tanh

import pytest

from encoders.analysis.cues import measure_cues
from encoders.catalogue.sources import read_music21
from encoders.performing.performance import Note, Performance, PerformanceStyle
from encoders.performing.player import perform


def played(*notes: tuple[float, float, int, int], program: int = 73, tempo: float = 60.0) -> Performance:
    """A performance of (onset, duration, pitch, velocity), one part each note of a chord."""
    parts: dict[float, int] = {}
    made = []
    for onset, duration, pitch, velocity in notes:
        part = parts[onset] = parts.get(onset, -1) + 1
        made.append(Note(onset, duration, pitch, velocity, part))
    return Performance(tuple(made), (program,) * 4, max(o + d for o, d, _, _ in notes), tempo)


def line(pitches: list[int], step: float = 0.5, share: float = 1.0, velocity: int = 64) -> Performance:
    return played(*((i * step, step * share, pitch, velocity) for i, pitch in enumerate(pitches)))


def test_one_full_note_is_6_dB_below_full_scale_and_four_are_full_scale() -> None:  # noqa: N802
    assert measure_cues(played((0, 20, 60, 127))).level == pytest.approx(-6.02, abs=0.01)
    four = measure_cues(played((0, 20, 60, 127), (0, 20, 64, 127), (0, 20, 67, 127), (0, 20, 72, 127)))
    assert four.level == pytest.approx(0.0, abs=0.01)


def test_half_the_velocity_is_12_dB_less_and_half_the_time_3_dB() -> None:  # noqa: N802
    full = measure_cues(played((0, 20, 60, 126)))
    assert measure_cues(played((0, 20, 60, 63))).level == pytest.approx(full.level - 40 * log10(2), abs=0.01)
    halved = measure_cues(played((0, 10, 60, 126), (19.9, 0.1, 60, 1)))
    assert halved.level == pytest.approx(full.level - 10 * log10(2), abs=0.05)


def test_level_in_and_out_are_those_of_ten_seconds() -> None:
    cues = measure_cues(played((0, 10, 60, 32), (10, 20, 60, 64), (30, 10, 60, 127)))
    assert cues.level_in == pytest.approx(40 * log10(32 / 127) - 6.02, abs=0.01)
    assert cues.level_out == pytest.approx(-6.02, abs=0.01)


def test_even_music_has_no_swing_and_a_sudden_loud_half_has_its_size() -> None:
    assert measure_cues(played((0, 40, 60, 64))).level_swing == pytest.approx(0.0, abs=1e-9)
    cues = measure_cues(played((0, 20, 60, 32), (20, 20, 60, 64)))
    assert cues.level_swing == pytest.approx(40 * log10(2), abs=0.01)


def test_onsets_within_10_ms_are_one() -> None:
    together = measure_cues(played((0.0, 1, 60, 64), (0.006, 1, 64, 64), (1.0, 1, 60, 64), (1.02, 0.98, 64, 64)))
    assert together.onset_rate == pytest.approx(3 / 2)


@pytest.mark.parametrize(
    ("pitches", "major"),
    [([60, 62, 64, 65, 67, 69, 71, 72, 67, 64, 60], True), ([57, 59, 60, 62, 64, 65, 68, 69, 64, 60, 57], False)],
    ids=["C major", "A minor"],
)
def test_mode_is_above_zero_in_major_and_below_in_minor_in_every_key(pitches: list[int], major: bool) -> None:
    values = [measure_cues(line([p + k for p in pitches])).mode for k in range(12)]
    assert all((value > 0.15) is major and (value < -0.15) is not major for value in values)
    assert max(values) - min(values) < 1e-9


def test_one_pitch_class_for_all_is_neither_major_nor_minor() -> None:
    assert measure_cues(line(list(range(60, 72)))).mode == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("share", [1.0, 0.75, 0.5, 0.25])
def test_articulation_is_length_over_the_time_to_the_next_note(share: float) -> None:
    assert measure_cues(line([60, 62] * 8, share=share)).articulation == pytest.approx(share)


def test_articulation_counts_a_chord_once_and_holds_what_is_joined_within_bounds() -> None:
    chord = measure_cues(played((0, 0.5, 60, 64), (0.005, 0.495, 64, 64), (1, 0.5, 60, 64), (1.005, 0.495, 64, 64)))
    assert chord.articulation == pytest.approx(0.5)
    assert measure_cues(line([60, 62] * 8, share=3.0)).articulation == pytest.approx(1.2)


def test_register_and_spread_are_weighted_by_how_long_notes_sound() -> None:
    cues = measure_cues(played((0, 3, 60, 64), (3, 1, 72, 64)))
    assert cues.register == pytest.approx(63.0)
    assert cues.pitch_spread == pytest.approx((0.75 * 9 + 0.25 * 81) ** 0.5)


def test_brightness_follows_instrument_register_and_level() -> None:
    flute, trumpet = (measure_cues(played((0, 4, 70, 64), program=p)).brightness for p in (73, 56))
    assert flute < trumpet
    assert flute < measure_cues(played((0, 4, 82, 64))).brightness
    assert flute < measure_cues(played((0, 4, 70, 100))).brightness
    assert 0.0 <= measure_cues(played((0, 4, 127, 127), program=56)).brightness <= 1.0


def test_a_lone_voice_is_smooth_and_a_minor_second_at_middle_c_is_the_measure_of_rough() -> None:
    assert measure_cues(line([60, 61, 62])).roughness == 0.0
    assert measure_cues(played((0, 4, 60, 64), (0, 4, 61, 64))).roughness == pytest.approx(tanh(1.0), abs=1e-6)


def test_intervals_are_rough_in_the_order_that_listeners_give() -> None:
    second, tritone, third, fifth, octave = (
        measure_cues(played((0, 4, 60, 64), (0, 4, 60 + k, 64))).roughness for k in (1, 6, 4, 7, 12)
    )
    assert second > tritone > fifth > octave
    assert second > third > fifth


def test_a_low_third_is_rougher_than_a_high_one() -> None:
    low, high = (measure_cues(played((0, 4, k, 64), (0, 4, k + 4, 64))).roughness for k in (40, 76))
    assert low > high


def test_tempo_is_the_stated_one() -> None:
    assert measure_cues(played((0, 4, 60, 64), tempo=76.0)).tempo == 76.0


def test_the_manner_moves_the_cues_it_should() -> None:
    score = read_music21("music21:bach/bwv269.mxl")
    calm = measure_cues(perform(score, PerformanceStyle(48, "pp", "legato", (49,), 2), 1))
    loud = measure_cues(perform(score, PerformanceStyle(110, "ff", "staccato", (61,), 3), 1))
    assert calm.level < loud.level - 8
    assert calm.onset_rate < 0.6 * loud.onset_rate
    assert calm.articulation > loud.articulation + 0.3
    assert calm.brightness < loud.brightness - 0.15
    assert calm.mode == pytest.approx(loud.mode, abs=0.1)


def test_every_cue_of_a_real_performance_is_a_finite_number() -> None:
    cues = measure_cues(
        perform(read_music21("music21:joplin/maple_leaf_rag.mxl"), PerformanceStyle(92, "f", "detached", (0,)), 1)
    )
    assert all(-100 < value < 400 for value in astuple(cues))
