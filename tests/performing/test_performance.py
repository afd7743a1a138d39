"""Scores are performed, not typed out; and always the same way."""

from itertools import pairwise
from statistics import mean

import pytest

from encoders.catalogue.sources import read_music21
from encoders.notation.score import Bar, Score, Tone, unfold
from encoders.performing.accompaniment import accompany, find_chords
from encoders.performing.expression import find_phrases, write_out_ornament
from encoders.performing.jitter import Rng
from encoders.performing.performance import Note, Performance, PerformanceStyle
from encoders.performing.player import perform

REEL = "music21:ryansMammoth/AcaciaReel.abc#1"
CHORALE = "music21:bach/bwv244.54.mxl"
QUARTET = "music21:mozart/k155/movement2.mxl"
MANNERS = {
    REEL: PerformanceStyle(100, "f", "detached", (110, 25), 3, "march", beat=2.0),
    CHORALE: PerformanceStyle(54, "p", "legato", (52,), 2),
    QUARTET: PerformanceStyle(60, "p", "legato", (40, 40, 41, 42)),
}


def steady(bars: int = 8, pitch: int = 72, held: int = -1) -> Score:
    """Quarter notes on one pitch, four a bar; the note `held` has a fermata."""
    return Score(
        "steady",
        ("voice",),
        tuple(
            Bar(tuple(Tone(float(i), 1.0, pitch, 0, held=4 * n + i == held) for i in range(4)), 4.0)
            for n in range(bars)
        ),
    )


def gaps(notes: tuple[Note, ...]) -> list[float]:
    return [b.onset - a.onset for a, b in pairwise(notes)]


def test_chance_gives_the_same_numbers_on_every_machine() -> None:
    rng = Rng(7)
    assert [round(rng.unit(), 12) for _ in range(3)] == [0.625095466605, 0.89721380097, 0.775685690245]


@pytest.mark.parametrize("source", MANNERS)
def test_the_same_seed_plays_the_same_notes_and_another_seed_others(source: str) -> None:
    score = read_music21(source)
    first, again, other = (perform(score, MANNERS[source], seed) for seed in (3, 3, 4))
    assert first == again
    assert first.notes != other.notes


@pytest.mark.parametrize("source", MANNERS)
def test_no_part_strikes_a_pitch_that_still_sounds_in_it(source: str) -> None:
    ends: dict[tuple[int, int], float] = {}
    for note in perform(read_music21(source), MANNERS[source], 1).notes:
        key = (note.part, note.pitch)
        assert note.onset > ends.get(key, -1.0)
        assert note.duration > 0.02
        ends[key] = note.onset + note.duration


@pytest.mark.parametrize("source", MANNERS)
def test_notes_are_in_order_and_start_near_the_beginning(source: str) -> None:
    played = perform(read_music21(source), MANNERS[source], 1)
    assert [n.onset for n in played.notes] == sorted(n.onset for n in played.notes)
    assert 0 <= played.notes[0].onset < 0.5
    assert played.seconds == max(round(n.onset + n.duration, 4) for n in played.notes)


def test_the_stated_tempo_is_kept_in_the_middle_and_left_at_the_end() -> None:
    played = gaps(perform(steady(16), PerformanceStyle(120, "mf", "detached", (73,)), 1).notes)
    assert mean(played[8:40]) == pytest.approx(0.5, rel=0.03)
    assert played[-1] > 1.25 * mean(played[8:40])


def test_no_two_gaps_are_alike_but_none_strays_far() -> None:
    played = gaps(perform(steady(16), PerformanceStyle(120, "mf", "detached", (73,)), 1).notes)[8:30]
    assert len({round(gap, 4) for gap in played}) > 15
    assert max(abs(gap - 0.5) for gap in played) < 0.15


def test_slow_joined_music_breathes_between_phrases_and_a_dance_does_not() -> None:
    def breath(style: PerformanceStyle) -> float:
        played = gaps(perform(steady(12), style, 1).notes)
        return (played[15] - mean(played[4:14])) * style.tempo / 60

    assert (
        breath(PerformanceStyle(50, "p", "legato", (73,)))
        > breath(PerformanceStyle(120, "f", "detached", (73,))) + 0.05
    )


def test_first_beats_are_louder_than_the_notes_between_beats() -> None:
    score = read_music21("music21:airdsAirs/book1.abc#1")
    played = perform(score, PerformanceStyle(100, "f", "detached", (110,), 1, beat=2.0), 1)
    sheet = unfold(score)
    loud: dict[str, list[int]] = {"first": [], "between": []}
    starts = {onset for onset, bar in sheet.bars if bar.beats == 4.0}
    for tone, note in zip(sheet.tones, played.notes, strict=True):
        if tone.onset in starts:
            loud["first"].append(note.velocity)
        elif tone.onset % 1.0 == 0.5:
            loud["between"].append(note.velocity)
    assert mean(loud["first"]) > mean(loud["between"]) + 5


def test_a_phrase_rises_and_falls() -> None:
    played = perform(steady(4), PerformanceStyle(100, "mf", "tenuto", (73,)), 1).notes
    velocities = [note.velocity for note in played]
    assert mean(velocities[8:12]) > mean(velocities[0:3]) + 3
    assert mean(velocities[8:12]) > mean(velocities[13:16]) + 3


def test_the_melody_stands_before_the_inner_voices() -> None:
    played = perform(read_music21(CHORALE), MANNERS[CHORALE], 1)
    by_part = [mean(n.velocity for n in played.notes if n.part == part) for part in range(4)]
    assert by_part[0] > max(by_part[1:3]) + 4


def test_parts_that_begin_together_are_heard_together() -> None:
    played = perform(read_music21(CHORALE), MANNERS[CHORALE], 1)
    onsets = sorted(note.onset for note in played.notes)
    groups = 1 + sum(b - a > 0.01 for a, b in pairwise(onsets))
    written = len({tone.onset for tone in unfold(read_music21(CHORALE)).tones}) * 2
    assert groups == pytest.approx(written, rel=0.03)


@pytest.mark.parametrize(
    ("shorter", "longer"), [("staccato", "detached"), ("detached", "tenuto"), ("tenuto", "legato")]
)
def test_articulations_differ_in_how_long_notes_sound(shorter: str, longer: str) -> None:
    lengths = [
        mean(n.duration for n in perform(steady(pitch=70), PerformanceStyle(100, "mf", name, (73,)), 1).notes)
        for name in (shorter, longer)
    ]
    assert lengths[0] < 0.97 * lengths[1]


def test_levels_differ_in_velocity() -> None:
    means = [
        mean(n.velocity for n in perform(steady(), PerformanceStyle(100, level, "tenuto", (73,)), 1).notes)
        for level in ("pp", "p", "mp", "mf", "f", "ff")
    ]
    assert all(b > a + 5 for a, b in pairwise(means))


def test_a_fermata_is_held() -> None:
    plain, held = (gaps(perform(steady(held=n), PerformanceStyle(60, "p", "legato", (73,)), 1).notes) for n in (-1, 9))
    assert held[9] > 1.3 * plain[9]


def test_each_time_through_differs_from_the_one_before() -> None:
    score = read_music21(REEL)
    played = perform(score, PerformanceStyle(100, "f", "detached", (73,), 4, beat=2.0), 1)
    quarter = len(played.notes) // 4
    turns = [[(n.pitch, n.velocity // 4) for n in played.notes[i * quarter : (i + 1) * quarter]] for i in range(4)]
    assert all(a != b for a, b in pairwise(turns))


def test_a_hornpipe_swings_and_a_reel_does_not() -> None:
    tones = tuple(Tone(i / 2, 0.5, 70 + i % 3, 0) for i in range(8))
    score = Score("even", ("fiddle",), tuple(Bar(tones, 4.0, (2, 2)) for _ in range(8)))

    def lilt(swing: float) -> float:
        played = gaps(perform(score, PerformanceStyle(70, "f", "detached", (110,), 1, swing=swing, beat=2.0), 1).notes)[
            :40
        ]
        return mean(played[0::2]) / mean(played[1::2])

    assert lilt(0.5) == pytest.approx(1.0, abs=0.1)
    assert lilt(0.6) == pytest.approx(1.5, abs=0.15)


@pytest.mark.parametrize(
    ("ornament", "seconds", "pitches"),
    [
        ("trill", 0.8, [67, 69, 67, 69, 67, 69, 67, 67]),
        ("mordent", 0.5, [67, 66, 67]),
        ("inverted", 0.5, [67, 69, 67]),
        ("turn", 0.6, [67, 69, 67, 66, 67]),
        ("turn", 0.1, [67]),
        ("", 1.0, [67]),
    ],
)
def test_ornaments_keep_to_the_scale_and_to_the_time_there_is(
    ornament: str, seconds: float, pitches: list[int]
) -> None:
    scale = frozenset({7, 9, 11, 0, 2, 4, 6})
    assert [pitch for _, pitch in write_out_ornament(ornament, 67, seconds, scale)] == pitches


def test_phrases_part_where_fermatas_stand() -> None:
    ends = [phrase.end for phrase in find_phrases(unfold(read_music21(CHORALE)))]
    assert ends[:4] == [8.0, 16.0, 24.0, 32.0]


def test_chords_hold_the_notes_of_the_tune_and_end_at_home() -> None:
    score = read_music21(REEL)
    sheet = unfold(score)
    chords = find_chords(score, sheet)
    held = inside = 0.0
    for chord in chords:
        triad = {chord.root, (chord.root + chord.third) % 12, (chord.root + 7) % 12}
        for tone in sheet.tones:
            if chord.onset <= tone.onset < chord.onset + chord.beats:
                held += tone.beats
                inside += tone.beats * (tone.pitch % 12 in triad)
    assert inside / held > 0.6
    assert chords[-1].root == score.tonic


@pytest.mark.parametrize("setting", ["drone", "chords", "broken", "march"])
def test_an_accompaniment_fills_the_tune_and_stays_below_its_top(setting: str) -> None:
    score = read_music21(REEL)
    sheet = unfold(score)
    tones = accompany(score, sheet, setting, 1)
    assert tones[0].onset == 0.0
    assert tones[-1].onset + tones[-1].beats == pytest.approx(sheet.beats)
    assert max(t.pitch for t in tones) < max(t.pitch for t in sheet.tones)


def test_a_manner_tells_all_its_faults_at_once() -> None:
    with pytest.raises(ValueError, match=r"level: loud.*articulation: chopped.*setting: crowd.*tempo.*no program"):
        PerformanceStyle(900, "loud", "chopped", (), setting="crowd")


def test_a_performance_is_never_empty_nor_without_an_instrument() -> None:
    with pytest.raises(ValueError, match="at least one note"):
        Performance((), (0,), 1.0, 60.0)
    with pytest.raises(ValueError, match="no program"):
        Performance((Note(0.0, 1.0, 60, 64, 1),), (0,), 1.0, 60.0)
