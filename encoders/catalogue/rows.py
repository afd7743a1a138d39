"""The rows of the catalogue: which styles a piece is played in, and what was measured. A row names all it takes to
play it again, note for note."""

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, fields

from encoders.analysis.cues import Cues, measure_cues
from encoders.base import ScoreUnreadable
from encoders.catalogue.pieces import Piece
from encoders.catalogue.repertoire import Repertoire, Way
from encoders.catalogue.sources import read_music21, sha256_of
from encoders.notation.score import Score, Sheet, unfold
from encoders.notation.titles import slug
from encoders.performing.instruments import get_instrument
from encoders.performing.jitter import Rng
from encoders.performing.performance import Performance, PerformanceStyle
from encoders.performing.player import perform

CUES = tuple(field.name for field in fields(Cues))
COLUMNS = (
    "track_id",
    "work_id",
    "artist_id",
    "title",
    "artist",
    "source",
    "source_sha256",
    "score_licence",
    "licence_note",
    "tempo_stated",
    "beat_stated",
    "level_stated",
    "articulation_stated",
    "instrument",
    "program",
    "setting",
    "octave",
    "swing",
    "repeats",
    "seed",
    "seconds",
    *CUES,
    "lyrics",
    "hopeless_lyrics",
    "imagery",
)
_DECIMALS = dict(zip(CUES, (2, 3, 2, 2, 2, 2, 3, 3, 2, 2, 3, 3), strict=True))
SHORTEST, LONGEST = 60.0, 360.0
Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class Played:
    """The rows of one piece, and why other styles of it became none."""

    rows: tuple[Row, ...]
    left_out: tuple[str, ...]


def play(piece: Piece, repertoire: Repertoire) -> Played:
    """Up to three performances of a piece, with different energies, measured."""
    score = read_music21(piece.source)
    rng = Rng(_seed(piece.work_id))
    rows: list[Row] = []
    left_out: list[str] = []
    for way in choose(piece, repertoire, rng):
        style, name = settle(piece, way, score, rng)
        if style is None:
            left_out.append(name)
            continue
        track_id = f"{piece.work_id}-{slug(way.style)}"
        seed = _seed(track_id)
        performance = perform(score, style, seed)
        if not SHORTEST <= performance.seconds <= LONGEST:
            left_out.append("not between one and six minutes long")
            continue
        rows.append(row_of(track_id, piece, style, name, seed, performance))
    return Played(tuple(rows), tuple(left_out))


def _seed(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big")


def choose(piece: Piece, repertoire: Repertoire, rng: Rng) -> list[Way]:
    """One way for each energy, two at times; minor pieces lean to the ways that are for minor ones."""
    mode = "minor" if piece.mode < 0 else "major"
    ways = [w for w in repertoire.ways_of(piece.kind) if w.energy in piece.energies and w.mode in ("any", mode)]
    chosen: list[Way] = []
    for energy in ("hot", "cool", "middle"):
        own = [w for w in ways if w.energy == energy]
        special = [w for w in own if w.mode == mode]
        if special and rng.unit() < 0.65:
            own = special
        # A third performance of every tune would make the catalogue larger, not richer.
        if own and (energy != "middle" or piece.work is not None or len(piece.energies) < 3 or rng.unit() < 0.25):
            chosen.append(rng.pick(own))
    return chosen


def settle(piece: Piece, way: Way, score: Score, rng: Rng) -> tuple[PerformanceStyle | None, str]:
    """A style with every number fixed and the instrument's name; or none, and why."""
    sheet = unfold(score)
    own_tempo = piece.work.tempo if piece.work else None
    span = rng.unit()
    tempo = way.low + (way.high - way.low) * span
    if way.high < 3 and own_tempo is None:
        return None, "its manner needs a tempo of the work's own"
    tempo = round(tempo * own_tempo if own_tempo and way.high < 3 else tempo)
    beat = piece.work.beat if piece.work and piece.work.beat and way.high < 3 else _beat(sheet, way)
    name, programs, octave = _instrument(sheet, way, rng)
    if not name:
        return None, "no instrument of its manner has its range"
    once = sheet.beats / beat * 60.0 / tempo * 1.05
    times = [n for n in (1, 2, 3, 4) if SHORTEST + 2 <= n * once <= LONGEST - 12]
    if times:
        repeats = min(times, key=lambda n: abs(n * once - way.seconds))
    elif SHORTEST + 2 <= unfold(score, repeats=False).beats / beat * 60.0 / tempo * 1.05 <= LONGEST - 12:
        repeats = 0
    else:
        return None, "not between one and six minutes long"
    return PerformanceStyle(
        tempo, way.level, way.articulation, programs, repeats, way.setting, octave, way.swing, beat
    ), name


def _beat(sheet: Sheet, way: Way) -> float:
    """Quarter notes in a beat: what the metre says, or so many of the piece's usual notes."""
    bar = sheet.bars[len(sheet.bars) // 2][1]
    if way.notes is None or bar.beat in (0.75, 1.5, 3.0):
        return bar.beat
    lengths = Counter(t.beats for t in sheet.tones if t.beats in (0.25, 0.5, 1.0, 2.0))
    usual = max(lengths, key=lambda b: (lengths[b], b)) if lengths else 0.5
    return max(0.5, min(4.0, way.notes * usual))


def _instrument(sheet: Sheet, way: Way, rng: Rng) -> tuple[str, tuple[int, ...], int]:
    """An instrument of the style that reaches the tune, moved by octaves where it must be; empty when none does."""
    left = list(way.instruments)
    while left:
        name, programs = left.pop(rng.below(len(left)))
        if sheet.parts > 1:
            return name, programs, 0
        reach = get_instrument(programs[0])
        pitches = [t.pitch for t in sheet.tones]
        fitting = [
            k for k in (0, -1, 1, -2) if min(pitches) + 12 * k >= reach.low and max(pitches) + 12 * k <= reach.high
        ]
        if fitting:
            return name, programs, fitting[0]
    return "", (), 0


def row_of(track_id: str, piece: Piece, style: PerformanceStyle, name: str, seed: int, performance: Performance) -> Row:
    """The row of one performance; every number with its fixed decimals, so that the same notes print the same."""
    cues = measure_cues(performance)
    sung = piece.collection
    return {
        "track_id": track_id,
        "work_id": piece.work_id,
        "artist_id": sung.artist_id,
        "title": piece.title,
        "artist": sung.artist,
        "source": piece.source,
        "source_sha256": sha256_of(piece.source),
        "score_licence": sung.score_licence,
        "licence_note": sung.licence_note,
        "tempo_stated": f"{style.tempo:.2f}",
        "beat_stated": f"{style.beat:.2f}",
        "level_stated": style.level,
        "articulation_stated": style.articulation,
        "instrument": name,
        "program": " ".join(map(str, style.programs)),
        "setting": style.setting,
        "octave": str(style.octave),
        "swing": f"{style.swing:.2f}",
        "repeats": str(style.repeats),
        "seed": str(seed),
        "seconds": f"{performance.seconds:.1f}",
        **{cue: _printed(getattr(cues, cue), _DECIMALS[cue]) for cue in CUES},
        # Played, not sung: no words and nothing said.
        "lyrics": "0",
        "hopeless_lyrics": "0",
        "imagery": "0",
    }


def _printed(value: float, decimals: int) -> str:
    text = f"{value:.{decimals}f}"
    return text[1:] if text.startswith("-") and not text.strip("-0.") else text  # no -0.00


def style_of(row: Mapping[str, object]) -> PerformanceStyle:
    """The style that a row of the catalogue states. Raises `ScoreUnreadable` when the row states none."""
    try:
        return PerformanceStyle(
            float(str(row["tempo_stated"])),
            str(row["level_stated"]),
            str(row["articulation_stated"]),
            tuple(int(p) for p in str(row["program"]).split()),
            int(str(row["repeats"])),
            str(row["setting"]),
            int(str(row["octave"])),
            float(str(row["swing"])),
            float(str(row["beat_stated"])),
        )
    except (KeyError, ValueError) as exc:
        place = f"catalogue row '{row.get('track_id', '?')}'"
        raise ScoreUnreadable(place, "it does not state how it is played", "Run 'make catalogue'") from exc


def perform_row(row: Mapping[str, object]) -> Performance:
    """What a row of the catalogue sounds like: the very notes that its cues were measured from."""
    return perform(read_music21(str(row["source"])), style_of(row), int(str(row["seed"])))
