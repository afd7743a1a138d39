"""The rows of the catalogue: the style of a performance, and its measured cues. A row is enough to perform it again,
note for note."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import fields

from encoders.analysis.cues import Cues, measure_cues
from encoders.base import ScoreUnreadable
from encoders.catalogue.pieces import Piece
from encoders.catalogue.repertoire import Kind, PlayingStyle, Repertoire
from encoders.catalogue.sources import hash_source, read_music21
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
    "year",
    "manner",
    "traits",
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


def perform_piece(piece: Piece, repertoire: Repertoire, names: Sequence[str]) -> list[Row]:
    """Performs a piece in the styles of these names; a row for each. ValueError for an unsuitable style."""
    score = read_music21(piece.source)
    styles = {m.name: m for m in repertoire.list_styles(repertoire.kinds[piece.kind], piece.mode)}
    rows: list[Row] = []
    for name in names:
        track_id = f"{piece.work_id}-{slug(name)}"
        if name not in styles:
            raise ValueError(f"'{piece.source}' is a '{piece.kind}' that is not played '{name}'")
        rng = Rng(_make_seed(name + track_id))
        style, instruments = fix_style(piece, repertoire.kinds[piece.kind], styles[name], score, rng)
        performance = perform(score, style, _make_seed(track_id))
        if not SHORTEST <= performance.seconds <= LONGEST:
            raise ValueError(f"'{piece.source}' is not between one and six minutes long '{name}'")
        traits = repertoire.find_traits(piece.title, piece.kind, piece.source)
        rows.append(make_row(track_id, piece, name, traits, style, instruments, performance))
    return rows


def _make_seed(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big")


def fix_style(
    piece: Piece, kind: Kind, style_range: PlayingStyle, score: Score, rng: Rng
) -> tuple[PerformanceStyle, str]:
    """A performance style with every choice fixed, and the name of the instruments. ValueError where nothing fits."""
    sheet = unfold(score)
    place = style_range.low + (style_range.high - style_range.low) * rng.unit()
    tempo = kind.choose_tempo(place, piece.work.tempo if piece.work else None)
    beat = piece.work.beat if piece.work and piece.work.beat and kind.of_own_tempo else _choose_beat(sheet, kind)
    name, programs, octave = _choose_instrument(sheet, style_range, rng)
    once = sheet.beats / beat * 60.0 / tempo * 1.05
    times = [n for n in (1, 2, 3, 4) if SHORTEST + 2 <= n * once <= LONGEST - 12]
    if times:
        repeats = min(times, key=lambda n: abs(n * once - style_range.seconds))
    elif SHORTEST + 2 <= unfold(score, repeats=False).beats / beat * 60.0 / tempo * 1.05 <= LONGEST - 12:
        repeats = 0
    else:
        raise ValueError(f"'{piece.source}' is not between one and six minutes long '{style_range.name}'")
    return PerformanceStyle(
        tempo,
        style_range.level,
        style_range.articulation,
        programs,
        repeats,
        style_range.setting,
        octave,
        style_range.swing,
        beat,
    ), name


def _choose_beat(sheet: Sheet, kind: Kind) -> float:
    """Quarter notes in a beat, by the metre, or by the notes of usual length."""
    bar = sheet.bars[len(sheet.bars) // 2][1]
    if kind.notes is None or bar.beat in (0.75, 1.5, 3.0):
        return bar.beat
    lengths = Counter(t.beats for t in sheet.tones if t.beats in (0.25, 0.5, 1.0, 2.0))
    usual = max(lengths, key=lambda b: (lengths[b], b)) if lengths else 0.5
    return max(0.5, min(4.0, kind.notes * usual))


def _choose_instrument(sheet: Sheet, style: PlayingStyle, rng: Rng) -> tuple[str, tuple[int, ...], int]:
    """Instruments of the style that have the range of the tune, and the octaves by which it is transposed."""
    left = list(style.instruments)
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
    raise ValueError(f"no instrument of '{style.name}' has the range of the tune")


def make_row(
    track_id: str,
    piece: Piece,
    manner: str,
    traits: Sequence[str],
    style: PerformanceStyle,
    instruments: str,
    performance: Performance,
) -> Row:
    """The row of one performance; numbers have fixed decimals."""
    cues = measure_cues(performance)
    sung = piece.collection
    return {
        "track_id": track_id,
        "work_id": piece.work_id,
        "artist_id": sung.artist_id,
        "title": piece.title,
        "artist": sung.artist,
        "year": piece.year,
        "manner": f"{manner}, {instruments}",
        "traits": " ".join(traits),
        "source": piece.source,
        "source_sha256": hash_source(piece.source),
        "score_licence": sung.score_licence,
        "licence_note": sung.licence_note,
        "tempo_stated": f"{style.tempo:.2f}",
        "beat_stated": f"{style.beat:.2f}",
        "level_stated": style.level,
        "articulation_stated": style.articulation,
        "instrument": instruments,
        "program": " ".join(map(str, style.programs)),
        "setting": style.setting,
        "octave": str(style.octave),
        "swing": f"{style.swing:.2f}",
        "repeats": str(style.repeats),
        "seed": str(_make_seed(track_id)),
        "seconds": f"{performance.seconds:.1f}",
        **{cue: _format_number(getattr(cues, cue), _DECIMALS[cue]) for cue in CUES},
        # Played, not sung: no words and nothing said.
        "lyrics": "0",
        "hopeless_lyrics": "0",
        "imagery": "0",
    }


def _format_number(value: float, decimals: int) -> str:
    text = f"{value:.{decimals}f}"
    return text[1:] if text.startswith("-") and not text.strip("-0.") else text  # no -0.00


def read_style(row: Mapping[str, object]) -> PerformanceStyle:
    """The performance style of a row; ScoreUnreadable when the row is incomplete."""
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
    """The performance of a row: the same notes that its cues were measured from."""
    return perform(read_music21(str(row["source"])), read_style(row), int(str(row["seed"])))
