"""A written score: bars of tones, with repeats, dynamics and tempo marks; and how repeats are unfolded."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Tone:
    """One written note. Times are in quarter notes, rounded to 1e-6 so that equal times compare equal."""

    onset: float
    """Quarter notes from the start of its bar."""
    beats: float
    """Written length in quarter notes, more than 0."""
    pitch: int
    """MIDI key as it sounds, 60 is middle C."""
    part: int
    tied: bool = False
    """Whether it is tied to the next tone of this pitch and part."""
    slurred: bool = False
    """Whether a slur leads from it to the next tone."""
    short: bool = False
    accented: bool = False
    held: bool = False
    """Whether a fermata stands on it."""
    ornament: str = ""
    """'', 'trill', 'mordent' (with the lower neighbour), 'inverted' (with the upper one) or 'turn'."""
    graces: tuple[int, ...] = ()
    """Pitches of the grace notes before it."""
    loudness: float = 0.0
    """dB that the score's dynamic mark asks for, against mf."""
    tremolo: tuple[float, float] | tuple[()] = ()
    """Of a tremolo: length of a stroke, and distance from one stroke to the next, in quarter notes."""


@dataclass(frozen=True, slots=True)
class DynamicMark:
    """A dynamic sign: a level, or the beginning or end of a hairpin."""

    onset: float
    """Quarter notes from the start of its bar."""
    sign: str
    """'level', 'crescendo', 'diminuendo' or 'stop'."""
    loudness: float = 0.0
    """dB against mf that a level asks for."""
    number: str = "1"
    """Identifies the hairpin that it begins or ends, where several overlap."""
    part: int = 0
    """The part that it stands in; for a keyboard its first staff, and it applies to all staves."""


@dataclass(frozen=True, slots=True)
class Bar:
    """The tones between two bar lines of all parts, and how the bar lines are marked."""

    tones: tuple[Tone, ...]
    beats: float
    """Its length in quarter notes, which in an upbeat is less than its metre says."""
    metre: tuple[int, int] = (4, 4)
    opens: bool = False
    """Whether a repeat starts here."""
    closes: int = 0
    """How often the music is played up to here before it continues; 0 when no repeat ends here."""
    endings: tuple[int, ...] = ()
    """Passes of the repeat in which the bar is played; empty for all."""
    section: bool = False
    """Whether a double bar stands before it."""
    words: str = ""
    """'da capo', 'dal segno', 'segno', 'fine', 'coda', 'to coda', joined by '; '."""
    chord: str = ""
    """Chord names written over it with their places, as 'onset:root:kind' joined by blanks; root 0..11, 0 is C."""
    tempi: tuple[tuple[float, float], ...] = ()
    """Tempo marks that stand in it: quarter notes from its start, quarter notes a minute."""
    pace: float = 1.0
    """Tempo of the bar relative to the tempo of the performance."""
    marks: tuple[DynamicMark, ...] = ()
    """Its dynamic marks, in the order of the file."""
    swing: tuple[tuple[float, float, float], ...] = ()
    """Changes of swing: quarter notes from its start, the share of a pair of short notes that the first one takes (.5
    is even), and quarter notes of the pair. Each applies until the next."""

    @property
    def beat(self) -> float:
        """Quarter notes of one beat: a dotted note where the metre is compound."""
        count, unit = self.metre
        whole = 4.0 / unit
        return 3.0 * whole if count in (6, 9, 12) or (count == 3 and unit == 8) else whole


@dataclass(frozen=True, slots=True)
class Score:
    """A written piece, repeats not unfolded."""

    title: str
    parts: tuple[str, ...]
    """Names of the parts, as written; a keyboard's staves are parts of their own."""
    bars: tuple[Bar, ...]
    tonic: int | None = None
    """Pitch class of the written key, 0 is C; None where the score gives only a signature or nothing."""
    fifths: int = 0
    """Sharps of the signature, flats below 0."""
    form: str = ""
    """'reel', 'jig', … where the source states it, in lower case."""
    words: str = ""
    """The source's words on tempo and mood, as written."""
    tempo: float | None = None
    """Quarter notes a minute that the source gives."""
    composer: str = ""
    rights: str = ""
    """The source's statement of rights, as written."""
    part_ids: tuple[str, ...] = ()
    """The file's id of each part; the staves of one instrument share an id."""
    dynamic: bool = False
    """Whether the source has any dynamic mark."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """An unfolded score: repeats written out, ties joined, all times counted from the start."""

    tones: tuple[Tone, ...]
    """In order of onset, part and pitch."""
    bars: tuple[tuple[float, Bar], ...]
    """Every bar in the order of playing, with its onset."""
    beats: float
    parts: int


def order_bars(bars: tuple[Bar, ...], repeats: bool = True) -> list[int]:
    """Indices of the bars in the order of playing. Without `repeats` each section is played once, with its last
    ending."""
    if not repeats:
        return [i for i, bar in enumerate(bars) if not bar.endings or _is_last_ending(bars, i)]
    played: list[int] = []
    start, turn, index, jumped = 0, 1, 0, False
    times_played: dict[int, int] = {}
    # A score with contradictory marks must not loop forever.
    while index < len(bars) and len(played) < 20 * len(bars) + 20:
        bar = bars[index]
        if bar.opens and index != start:
            start, turn = index, 1
        # After a jump back no repeat is played again, so the last ending is taken at once.
        if bar.endings and not (_is_last_ending(bars, index) if jumped else turn in bar.endings):
            index += 1
            continue
        played.append(index)
        if jumped and "fine" in bar.words:
            break
        if bar.closes and not jumped and times_played.get(index, 1) < bar.closes:
            times_played[index] = times_played.get(index, 1) + 1
            turn += 1
            index = start
            continue
        if bar.closes or (bar.endings and index + 1 < len(bars) and not bars[index + 1].endings):
            start, turn = index + 1, 1
        if not jumped and ("da capo" in bar.words or "dal segno" in bar.words):
            marks = [i for i, other in enumerate(bars) if "segno" in other.words.split("; ")]
            index = marks[0] if "dal segno" in bar.words and marks else 0
            jumped = True
            continue
        if jumped and "to coda" in bar.words:
            index = next((i for i, b in enumerate(bars) if i > index and "coda" in b.words.split("; ")), index + 1)
            continue
        index += 1
    return played


def _is_last_ending(bars: tuple[Bar, ...], index: int) -> bool:
    """Whether no later ending follows the one that the bar stands in."""
    mine = max(bars[index].endings)
    for bar in bars[index + 1 :]:
        if bar.endings and max(bar.endings) > mine:
            return False
        if not bar.endings:
            break
    return True


def unfold(score: Score, repeats: bool = True) -> Sheet:
    """The score in the order of playing, with or without its repeats."""
    tones: list[Tone] = []
    bars: list[tuple[float, Bar]] = []
    at = 0.0
    for position, index in enumerate(order_bars(score.bars, repeats)):
        bar = score.bars[index]
        # A repeat begins a section, whether or not a double bar marks it.
        bar = replace(bar, section=bar.section or bar.opens or (position > 0 and bars[-1][1].closes > 0))
        bars.append((at, bar))
        tones.extend(replace(tone, onset=round(at + tone.onset, 6)) for tone in bar.tones)
        at = round(at + bar.beats, 6)
    return Sheet(tuple(_join_ties(tones)), tuple(bars), at, len(score.parts))


def _join_ties(tones: list[Tone]) -> list[Tone]:
    """The tones with tied ones made into one, in order of onset, part and pitch."""
    result: list[Tone] = []
    sounding: dict[tuple[int, int], int] = {}
    for tone in sorted(tones, key=lambda t: (t.onset, t.part, t.pitch)):
        key = (tone.part, tone.pitch)
        open_at = sounding.pop(key, None)
        if open_at is not None and abs(result[open_at].onset + result[open_at].beats - tone.onset) < 1e-4:
            before = result[open_at]
            result[open_at] = replace(
                before,
                beats=round(before.beats + tone.beats, 6),
                tied=tone.tied,
                slurred=tone.slurred,
                held=before.held or tone.held,
            )
            at = open_at
        else:
            result.append(tone)
            at = len(result) - 1
        if tone.tied:
            sounding[key] = at
    return result
