"""Performs a score: turns its tones into notes in seconds, with the expression of a human player."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace

from encoders.notation.score import Score, Sheet, Tone, unfold
from encoders.performing.accompaniment import accompany, build_scale
from encoders.performing.articulation import Articulator, separate_repeats
from encoders.performing.expression import PerformanceClock, Phrase, find_phrases
from encoders.performing.instruments import get_instrument
from encoders.performing.jitter import Rng
from encoders.performing.loudness import LoudnessModel, velocity_to_decibels
from encoders.performing.performance import LEVELS, Note, Performance, PerformanceStyle


@dataclass(frozen=True, slots=True)
class _PlayThrough:
    """How one repetition of the piece differs from the first."""

    octave: int = 0
    loudness: float = 0.0
    ornate: bool = False
    accompanied: bool = True


def perform(score: Score, style: PerformanceStyle, seed: int) -> Performance:
    """The score performed in this style. The same score, style and seed give the same notes on every machine.

    Shapes the tempo (phrases, breaths, fermatas, a final ritard), the level (beats, phrases, contour, balance of parts,
    the score's own dynamics at .6 of their size), lengths and ornaments; varies the repetitions of the piece a little;
    and adds jitter of a few milliseconds and about one dB.
    """
    rng = Rng(seed)
    sheet = unfold(score, repeats=style.repeats > 0)
    sheet, turns, bounds = _repeat_sheet(sheet, style, rng)
    second = sheet.parts if style.setting != "alone" else -1
    tones = list(sheet.tones)
    if second >= 0:
        silent = [(bounds[i], bounds[i + 1]) for i, turn in enumerate(turns) if not turn.accompanied]
        tones += [
            t
            for t in accompany(score, sheet, style.setting, second, style.octave)
            if not any(a <= t.onset < b for a, b in silent)
        ]
    shape = find_phrases(sheet)
    clock = _build_clock(sheet, tones, shape, style)
    programs = _assign_programs(style, sheet, second)
    levels = LoudnessModel(sheet, tones, shape, score.parts, velocity_to_decibels(LEVELS[style.level]), second)
    notes: list[Note] = []
    struck: dict[float, float] = {}
    articulation = Articulator(style, build_scale(score.fifths), rng)
    for tone in sorted(tones, key=lambda t: (t.onset, t.part, t.pitch)):
        turn = turns[min(len(turns) - 1, bisect_right(bounds, tone.onset + 1e-6) - 1)]
        # One jitter for all parts: onsets within 10 ms of each other sound, and count, as one.
        stray = struck.setdefault(tone.onset, rng.around(0.008))
        lead = -0.003 if tone.part == levels.melody else 0.0
        onset = clock.to_seconds(_swing_onset(tone.onset, sheet, style)) + stray + lead + rng.around(0.0015) + 0.15
        written = max(0.04, clock.to_seconds(tone.onset + tone.beats) - clock.to_seconds(tone.onset))
        mine = turn if tone.part != second else _PlayThrough()
        loud = levels.compute_level(tone) + mine.loudness + rng.around(0.7)
        notes += articulation.articulate(tone, mine.octave, mine.ornate, onset, written, loud, levels.ends_phrase(tone))
    notes = separate_repeats(notes)
    return Performance(tuple(notes), programs, round(max(n.onset + n.duration for n in notes), 4), style.tempo)


def _repeat_sheet(sheet: Sheet, style: PerformanceStyle, rng: Rng) -> tuple[Sheet, list[_PlayThrough], list[float]]:
    """The sheet repeated as often as the style says, how each repetition is played, and where each begins, in quarter
    notes, the end last."""
    times = max(1, style.repeats)
    turns = _vary_repeats(sheet, style, times, rng)
    tones: list[Tone] = []
    bars = []
    for number in range(times):
        at = number * sheet.beats
        tones += [replace(t, onset=round(t.onset + at, 6)) for t in sheet.tones]
        bars += [
            (round(onset + at, 6), replace(bar, section=bar.section or (i == 0 and number > 0)))
            for i, (onset, bar) in enumerate(sheet.bars)
        ]
    whole = Sheet(tuple(tones), tuple(bars), round(times * sheet.beats, 6), sheet.parts)
    return whole, turns, [number * sheet.beats for number in range(times + 1)]


def _vary_repeats(sheet: Sheet, style: PerformanceStyle, times: int, rng: Rng) -> list[_PlayThrough]:
    """The first time plain, the last one home; in between another octave, softer, or with more ornaments."""
    melody = get_instrument(style.programs[0])
    high = max(t.pitch for t in sheet.tones) + 12 * style.octave
    low = min(t.pitch for t in sheet.tones) + 12 * style.octave
    ways = [_PlayThrough(loudness=-2.5), _PlayThrough(loudness=1.0, ornate=True)]
    if sheet.parts == 1 and high + 12 <= melody.high:
        ways.append(_PlayThrough(octave=1, loudness=-2.0))
    if sheet.parts == 1 and low - 12 >= melody.low:
        ways.append(_PlayThrough(octave=-1, loudness=-0.5))
    turns = [_PlayThrough(accompanied=times < 3)]
    while len(turns) < times - 1:
        left = [way for way in ways if way not in turns] or ways
        turns.append(rng.pick(left))
    if times > 1:
        turns.append(_PlayThrough(ornate=times > 2))
    return turns


def _build_clock(
    sheet: Sheet, tones: Sequence[Tone], shape: Sequence[Phrase], style: PerformanceStyle
) -> PerformanceClock:
    beat = style.beat or sheet.bars[len(sheet.bars) // 2][1].beat
    holds = sorted({(t.onset, round(t.onset + t.beats, 6)) for t in sheet.tones if t.held})
    moments = {t.onset for t in tones} | {round(t.onset + t.beats, 6) for t in tones}
    give = _choose_rubato(style)
    bar = max(b.beats for _, b in sheet.bars[-2:])
    return PerformanceClock(
        sorted(moments),
        60.0 / (style.tempo * beat),
        shape,
        sheet.beats,
        holds,
        give,
        min(sheet.beats / 4, (2.0 if give > 0.5 else 1.0) * min(bar, 8.0)),
        [(onset, b.pace) for onset, b in sheet.bars] if any(b.pace != 1.0 for _, b in sheet.bars) else (),
    )


def _choose_rubato(style: PerformanceStyle) -> float:
    """Strength of tempo variations, 0 strict .. 1 free: much in slow legato music, little in dances."""
    slow = min(1.0, max(0.0, (110.0 - style.tempo) / 60.0))
    if style.articulation in ("detached", "staccato"):
        slow *= 0.3
    return round(0.15 + 0.5 * slow + (0.35 if style.articulation == "legato" else 0.0) * slow, 3)


def _swing_onset(onset: float, sheet: Sheet, style: PerformanceStyle) -> float:
    """The onset, later for the second of two short notes where the style swings, as in hornpipes and rags."""
    if style.swing == 0.5:
        return onset
    pair = min(1.0, (style.beat or 2.0) / 2.0)
    start = sheet.bars[max(0, bisect_right(sheet.bars, onset + 1e-6, key=lambda bar: bar[0]) - 1)][0]
    place = (onset - start) / pair
    # Dotted notes and triplets are uneven already.
    return onset + (style.swing - 0.5) * pair if abs(place - int(place) - 0.5) < 1e-3 else onset


def _assign_programs(style: PerformanceStyle, sheet: Sheet, second: int) -> tuple[int, ...]:
    """The program of every part: in the order of the parts where there is one for each, else from high to low."""
    own = list(style.programs if second < 0 else style.programs[:-1] or style.programs)
    if len(own) not in (1, sheet.parts):
        pitches: list[list[int]] = [[] for _ in range(sheet.parts)]
        for tone in sheet.tones:
            pitches[tone.part].append(tone.pitch)
        high_first = sorted(range(sheet.parts), key=lambda p: (-sum(pitches[p]) / max(1, len(pitches[p])), p))
        own = [own[high_first.index(part) * len(own) // sheet.parts] for part in range(sheet.parts)]
    own = own * sheet.parts if len(own) == 1 else own
    return (*own, *(() if second < 0 else style.programs[-1:]))
