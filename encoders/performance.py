"""From a score to what is heard: notes in seconds, as somebody would play them."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from encoders.accompaniment import SETTINGS, accompany, scale_of
from encoders.chance import Chance
from encoders.expression import Clock, Phrase, figure, phrases, weight
from encoders.instruments import instrument
from encoders.score import Score, Sheet, Tone, unfold

LEVELS = {"pp": 36, "p": 48, "mp": 60, "mf": 72, "f": 88, "ff": 104}
"""Velocity of a plain note at each stated level; 40 log10(velocity / 127) is its dB (General MIDI 2)."""
ARTICULATIONS = {"legato": 1.0, "tenuto": 0.92, "detached": 0.72, "staccato": 0.45}
"""Share of its written length that a note of up to a beat sounds."""
_SINGERS = ("voice", "soprano", "superius", "cantus", "canto", "gesang", "violin i", "violin", "1st violin", "triplum")


@dataclass(frozen=True, slots=True)
class Note:
    """One sounding note of one part."""

    onset: float
    """Seconds from the start of the performance, rounded to 0.1 ms so that every machine gets the same number."""
    duration: float
    """Seconds it sounds, rounded to 0.1 ms, more than 0."""
    pitch: int
    """MIDI key, 60 is middle C."""
    velocity: int
    """1..127; 40 log10(velocity / 127) is its dB."""
    part: int
    """Index into the programs of its performance."""


@dataclass(frozen=True, slots=True)
class Performance:
    """Music as it is played. Notes are in order of onset, part and pitch; a part never strikes a pitch that still
    sounds in it."""

    notes: tuple[Note, ...]
    programs: tuple[int, ...]
    """General MIDI program of every part, 0..127."""
    seconds: float
    """When the last note has ended."""
    tempo: float
    """BPM that the performance was given, before its ritards and breaths."""

    def __post_init__(self) -> None:
        if not self.notes:
            raise ValueError("a performance needs at least one note")
        if max(note.part for note in self.notes) >= len(self.programs):
            raise ValueError("a note belongs to a part that has no program")


@dataclass(frozen=True, slots=True)
class Manner:
    """How a score is to be played."""

    tempo: float
    """BPM of the beat."""
    level: str
    """One of `LEVELS`."""
    articulation: str
    """One of `ARTICULATIONS`."""
    programs: tuple[int, ...]
    """General MIDI programs, one a part of the score; the last one serves all further parts. With a setting other
    than 'alone' the last one plays the accompaniment."""
    repeats: int = 1
    """How often the piece is played through, written repeats included each time; 0: once, without written repeats."""
    setting: str = "alone"
    """What accompanies it: one of `encoders.accompaniment.SETTINGS`."""
    octave: int = 0
    """Octaves that the tune is moved by."""
    swing: float = 0.5
    """Share of a pair of short notes that the first one takes: .5 even, .6 lilting, .67 in threes."""
    beat: float | None = None
    """Quarter notes in a beat of the tempo; none for what the metre says: a dotted note in 6/8, 9/8, 12/8 and 3/8, a half
    note in 2/2."""

    def __post_init__(self) -> None:
        faults = [f"no such level: {self.level}"] * (self.level not in LEVELS)
        faults += [f"no such articulation: {self.articulation}"] * (self.articulation not in ARTICULATIONS)
        faults += [f"no such setting: {self.setting}"] * (self.setting not in SETTINGS)
        faults += ["tempo must be 20..320"] * (not 20 <= self.tempo <= 320)
        faults += ["no program"] * (not self.programs)
        if faults:
            raise ValueError("; ".join(faults))


@dataclass(frozen=True, slots=True)
class _Turn:
    """How one time through differs from the first."""

    octave: int = 0
    loudness: float = 0.0
    ornate: bool = False
    accompanied: bool = True


def perform(score: Score, manner: Manner, seed: int) -> Performance:
    """The score as played in this manner. The same score, manner and seed give the same notes on every machine.

    Shapes the pace (phrases, breaths, fermatas, a last ritard), the level (beats, phrases, contour, balance of parts,
    the score's own dynamics at a bit more than half their size), the lengths, the ornaments; plays each time through
    a little differently; and lets every hand be a few milliseconds and a dB or so off.
    """
    chance = Chance(seed)
    sheet = unfold(score, repeats=manner.repeats > 0)
    sheet, turns, bounds = _played_through(sheet, manner, chance)
    second = sheet.parts if manner.setting != "alone" else -1
    tones = list(sheet.tones)
    if second >= 0:
        silent = [(bounds[i], bounds[i + 1]) for i, turn in enumerate(turns) if not turn.accompanied]
        tones += [t for t in accompany(score, sheet, manner.setting, second)
                  if not any(a <= t.onset < b for a, b in silent)]
    shape = phrases(sheet)
    clock = _clock(sheet, tones, shape, manner)
    programs = _programs(manner, sheet.parts, second)
    levels = _Levels(sheet, tones, shape, manner, score, second)
    notes: list[Note] = []
    struck: dict[float, float] = {}
    scale = scale_of(score.fifths)
    for tone in sorted(tones, key=lambda t: (t.onset, t.part, t.pitch)):
        turn = turns[min(len(turns) - 1, bisect_right(bounds, tone.onset + 1e-6) - 1)]
        # All hands stray together: parts within 10 ms of each other are heard, and counted, as one onset.
        stray = struck.setdefault(tone.onset, chance.around(0.008))
        lead = -0.003 if tone.part == levels.melody else 0.0
        onset = clock.at(_swung(tone.onset, sheet, manner)) + stray + lead + chance.around(0.0015) + 0.15
        written = max(0.04, clock.at(tone.onset + tone.beats) - clock.at(tone.onset))
        mine = turn if tone.part != second else _Turn()
        loud = levels.of(tone) + mine.loudness + chance.around(0.7)
        notes += _struck(tone, mine, onset, written, loud, manner, scale, levels.ends(tone), chance)
    notes = _untangled(notes)
    return Performance(tuple(notes), programs, round(max(n.onset + n.duration for n in notes), 4), manner.tempo)


def _played_through(sheet: Sheet, manner: Manner, chance: Chance) -> tuple[Sheet, list[_Turn], list[float]]:
    """The sheet as many times as the manner says, how each time is played, and where each begins."""
    times = max(1, manner.repeats)
    turns = _turns(sheet, manner, times, chance)
    tones: list[Tone] = []
    bars = []
    for number in range(times):
        at = number * sheet.beats
        tones += [replace(t, onset=round(t.onset + at, 6)) for t in sheet.tones]
        bars += [(round(onset + at, 6), replace(bar, section=bar.section or (i == 0 and number > 0)))
                 for i, (onset, bar) in enumerate(sheet.bars)]
    whole = Sheet(tuple(tones), tuple(bars), round(times * sheet.beats, 6), sheet.parts)
    return whole, turns, [number * sheet.beats for number in range(times + 1)]


def _turns(sheet: Sheet, manner: Manner, times: int, chance: Chance) -> list[_Turn]:
    """The first time plain, the last one home; in between another octave, softer, or with more ornaments."""
    melody = instrument(manner.programs[0])
    high = max(t.pitch for t in sheet.tones) + 12 * manner.octave
    low = min(t.pitch for t in sheet.tones) + 12 * manner.octave
    ways = [_Turn(loudness=-2.5), _Turn(loudness=1.0, ornate=True)]
    if sheet.parts == 1 and high + 12 <= melody.high:
        ways.append(_Turn(octave=1, loudness=-2.0))
    if sheet.parts == 1 and low - 12 >= melody.low:
        ways.append(_Turn(octave=-1, loudness=-0.5))
    turns = [_Turn(accompanied=times < 3)]
    while len(turns) < times - 1:
        left = [way for way in ways if way not in turns] or ways
        turns.append(chance.pick(left))
    if times > 1:
        turns.append(_Turn(ornate=times > 2))
    return turns


def _clock(sheet: Sheet, tones: Sequence[Tone], shape: Sequence[Phrase], manner: Manner) -> Clock:
    beat = manner.beat or sheet.bars[len(sheet.bars) // 2][1].beat
    holds = sorted({(t.onset, round(t.onset + t.beats, 6)) for t in sheet.tones if t.held})
    moments = {t.onset for t in tones} | {round(t.onset + t.beats, 6) for t in tones}
    give = _freedom(manner)
    bar = max(b.beats for _, b in sheet.bars[-2:])
    return Clock(sorted(moments), 60.0 / (manner.tempo * beat), shape, sheet.beats, holds, give,
                 min(sheet.beats / 4, (2.0 if give > 0.5 else 1.0) * min(bar, 8.0)))


def _freedom(manner: Manner) -> float:
    """How freely time is handled, 0 strict .. 1 free: slow and joined music breathes, dances do not."""
    slow = min(1.0, max(0.0, (110.0 - manner.tempo) / 60.0))
    if manner.articulation in ("detached", "staccato"):
        slow *= 0.3
    return round(0.15 + 0.5 * slow + (0.35 if manner.articulation == "legato" else 0.0) * slow, 3)


def _swung(onset: float, sheet: Sheet, manner: Manner) -> float:
    """The onset with the second of two short notes moved later, as hornpipes and rags are played."""
    if manner.swing == 0.5:
        return onset
    pair = min(1.0, (manner.beat or 2.0) / 2.0)
    at = max(0, bisect_right(sheet.bars, onset + 1e-6, key=lambda bar: bar[0]) - 1)
    start = sheet.bars[at][0]
    place = (onset - start) / pair
    whole = int(place + 1e-6)
    rest = place - whole
    bent = rest * 2 * manner.swing if rest <= 0.5 else manner.swing + (rest - 0.5) * 2 * (1 - manner.swing)
    return start + (whole + bent) * pair


def _programs(manner: Manner, parts: int, second: int) -> tuple[int, ...]:
    given = manner.programs
    if second < 0:
        return tuple(given[min(i, len(given) - 1)] for i in range(parts))
    own = given[:-1] or given
    return (*(own[min(i, len(own) - 1)] for i in range(parts)), given[-1])


class _Levels:
    """How loud every tone is meant to be, in dB against full velocity."""

    def __init__(self, sheet: Sheet, tones: Sequence[Tone], shape: Sequence[Phrase], manner: Manner, score: Score,
                 second: int) -> None:
        self._shape, self._starts = shape, [p.start for p in shape]
        self._bars, self._bar_starts = sheet.bars, [onset for onset, _ in sheet.bars]
        self._second = second
        self._base = _decibels(LEVELS[manner.level])
        means: dict[int, float] = {}
        for part in range(sheet.parts):
            pitches = [t.pitch for t in sheet.tones if t.part == part]
            if pitches:
                means[part] = sum(pitches) / len(pitches)
        self._means = means
        first = score.parts[0].lower() if score.parts else ""
        self.melody = 0 if 0 in means and first.startswith(_SINGERS) else max(means, key=lambda p: (means[p], -p))
        self._bass = min(means, key=lambda p: (means[p], p))
        self._tops: dict[tuple[int, float], int] = {}
        for tone in tones:
            key = (tone.part, tone.onset)
            self._tops[key] = max(self._tops.get(key, 0), tone.pitch)
        self._alone = len(means) == 1

    def of(self, tone: Tone) -> float:
        """dB of a tone: the stated level shaped by beat, phrase, contour, balance and marks."""
        index = max(0, bisect_right(self._bar_starts, tone.onset + 1e-6) - 1)
        start, bar = self._bars[index]
        upbeat = index == 0 or bar.section
        phrase = self._shape[max(0, bisect_right(self._starts, tone.onset + 1e-6) - 1)]
        x = phrase.place(tone.onset)
        # The arch rises to its top at two thirds of the phrase and falls faster than it rose.
        arch = (x / 0.65 if x < 0.65 else 1.0 - (x - 0.65) / 0.35) * 3.0 - 1.6
        accent = 2.4 * weight(tone.onset, start, bar, upbeat) - 0.8
        if tone.part == self._second:
            return self._base - 5.0 + arch * 0.6 + accent * 0.5
        contour = max(-2.5, min(2.5, 3.0 * (tone.pitch - self._means[tone.part]) / 12.0))
        top = tone.pitch == self._tops[(tone.part, tone.onset)]
        balance = 0.0 if self._alone else 1.5 if tone.part == self.melody else -1.5 if tone.part == self._bass else -3.0
        return (self._base + arch + accent + contour + balance - (0.0 if top else 2.0)
                + 0.6 * tone.loudness + (2.5 if tone.accented else 0.0))

    def ends(self, tone: Tone) -> bool:
        """Whether a phrase ends with the tone."""
        after = tone.onset + tone.beats
        index = bisect_right(self._starts, tone.onset + 1e-6)
        end = self._starts[index] if index < len(self._starts) else self._shape[-1].end
        return after >= end - 1e-6


def _decibels(velocity: int) -> float:
    from math import log10

    return 40.0 * log10(velocity / 127.0)


def _velocity(decibels: float) -> int:
    return max(16, min(120, round(127.0 * float(10.0 ** (decibels / 40.0)))))


def _struck(tone: Tone, turn: _Turn, onset: float, written: float, decibels: float, manner: Manner,
            scale: frozenset[int], ends: bool, chance: Chance) -> list[Note]:
    """The note, or notes, that a tone becomes."""
    pitch = tone.pitch + 12 * (turn.octave + (manner.octave if tone.part == 0 or manner.setting == "alone" else 0))
    pitch = pitch if 0 <= pitch <= 127 else tone.pitch
    share = ARTICULATIONS[manner.articulation]
    if tone.short:
        share = min(share * 0.7, 0.5)
    elif tone.slurred:
        share = max(share, 1.0)
    elif written > 0.8:
        # Long notes are sung out even where short ones are detached.
        share += (0.93 - share) * min(1.0, (written - 0.8) / 1.2) if share < 0.93 else 0.0
    overlap = 0.035 if share >= 1.0 and not ends else 0.0
    sounds = max(0.05, written * (min(share, 0.9) if ends and written > 0.3 else share) + overlap)
    ornament = tone.ornament
    if not ornament and turn.ornate and written > 0.5 and tone.part == 0 and chance.unit() < 0.25:
        ornament = chance.pick(["mordent", "inverted", "turn"])
    velocity = _velocity(decibels)
    notes: list[Note] = []
    for number, grace in enumerate(reversed(tone.graces), 1):
        at = onset - 0.07 * number
        if at > 0:
            notes.append(_note(at, 0.075, grace + (pitch - tone.pitch), _velocity(decibels - 3.0), tone.part))
    steps = figure(ornament, pitch, written, scale)
    for number, (share_in, height) in enumerate(steps):
        start = onset + share_in * written
        end = onset + steps[number + 1][0] * written if number + 1 < len(steps) else onset + sounds
        softer = 0 if number == 0 else 3
        notes.append(_note(start, max(0.04, end - start), height, max(16, velocity - softer), tone.part))
    return notes


def _note(onset: float, duration: float, pitch: int, velocity: int, part: int) -> Note:
    return Note(round(onset, 4), round(duration, 4), max(0, min(127, pitch)), velocity, part)


def _untangled(notes: list[Note]) -> list[Note]:
    """The notes in order, each ending 20 ms before its part strikes the same pitch again; doubled ones once."""
    rows: dict[tuple[int, int], list[Note]] = defaultdict(list)
    for note in sorted(notes, key=lambda n: (n.onset, n.part, n.pitch, -n.duration)):
        row = rows[(note.part, note.pitch)]
        if row and note.onset - row[-1].onset < 0.05:
            row[-1] = replace(row[-1], duration=max(row[-1].duration, note.duration),
                              velocity=max(row[-1].velocity, note.velocity))
            continue
        if row and row[-1].onset + row[-1].duration > note.onset - 0.02:
            row[-1] = replace(row[-1], duration=round(note.onset - 0.02 - row[-1].onset, 4))
        row.append(note)
    return sorted((n for row in rows.values() for n in row), key=lambda n: (n.onset, n.part, n.pitch))
