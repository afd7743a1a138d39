"""Training excerpts: every permitted piece, performed in many styles, with its measured cues.

The pieces are the scores of the `music21` package that the catalogue may use, and none that reserves rights. Tempo,
level, articulation, instruments and key are drawn at random, so that cues correlate as little as possible.
"""

import hashlib
import multiprocessing
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from encoders.analysis.cues import measure_cues, sum_pitch_class_times
from encoders.base import Matrix
from encoders.catalogue.pieces import Piece, iterate_pieces
from encoders.catalogue.repertoire import Kind, PlayingStyle, Repertoire
from encoders.catalogue.rows import CUES
from encoders.catalogue.sources import read_music21
from encoders.embedding.clamp3.mtf import write_mtf
from encoders.notation.titles import normalise_title
from encoders.performing.jitter import Rng
from encoders.performing.performance import ARTICULATIONS, LEVELS, Note, Performance, PerformanceStyle
from encoders.performing.player import perform

HELD_OUT: Final = frozenset({
    "american-fife-tunes", "arnold-schoenberg", "clara-schumann", "d-luca", "george-frideric-handel",
    "johannes-ciconia", "joseph-haydn", "josquin-des-prez", "ludwig-van-beethoven", "northumbrian-minstrelsy",
    "scott-joplin", "stephen-foster", "wolfgang-amadeus-mozart",
})  # fmt: skip
"""Composers and collections held out from the training of every model: a seventh of the catalogue, of every century."""

_NOTES: Final = 250
"""Notes of a short excerpt at most: enough for its character, and fast to read."""
_SHORTEST, _LONGEST = 15.0, 60.0
_LONG: Final = 0.25
"""Share of the second excerpts that are long, so that pieces of any length up to a whole segment are met."""
_LONG_NOTES, _LONG_SECONDS = 1000, 240.0
"""Notes and seconds of those at most: about as many as one segment of the symbolic tower holds."""
_MADE: Final = 3
"""Of how excerpts are chosen and told, the third way: files of another are not taken for these."""
_MIN_NOTES: Final = 12
"""Notes below which nothing can be said of an excerpt."""


@dataclass(frozen=True, slots=True)
class Samples:
    """Excerpts of music, row by row."""

    texts: tuple[str, ...]
    """MTF."""
    cues: Matrix
    """Float32 [samples, 12], in the order of `encoders.catalogue.rows.CUES`, each in its own unit."""
    held: Matrix
    """Float32 [samples, 12]: seconds that each pitch class sounds, from C."""
    instruments: tuple[str, ...]
    titles: tuple[str, ...]
    artists: tuple[str, ...]
    """Names with years, as in the catalogue."""
    kinds: tuple[str, ...]
    """Reel, chorale, quartet …: what the table of styles calls the piece."""

    @classmethod
    def load(cls, path: Path) -> "Samples":
        """What `save` wrote."""
        with np.load(path, allow_pickle=False) as kept:
            lists = {
                name: tuple(bytes(kept[name]).decode("utf-8").split("\0"))
                for name in ("texts", "instruments", "titles", "artists", "kinds")
            }
            return cls(cues=kept["cues"], held=kept["held"], **lists)

    def save(self, path: Path) -> None:
        """One npz without pickles; whole or not at all."""
        lists = {
            name: np.frombuffer("\0".join(getattr(self, name)).encode(), dtype=np.uint8)
            for name in ("texts", "instruments", "titles", "artists", "kinds")
        }
        half = path.with_suffix(".half.npz")
        np.savez_compressed(half, cues=self.cues, held=self.held, **lists)  # type: ignore[arg-type]
        half.replace(path)


def select_pieces(repertoire: Repertoire) -> list[Piece]:
    """Every piece that may be played, by nobody who is held out and of no title that a held-out work has too."""
    pieces = list(iterate_pieces(repertoire, Counter()))
    unheard = {normalise_title(piece.title) for piece in pieces if piece.collection.artist_id in HELD_OUT}
    return [p for p in pieces if p.collection.artist_id not in HELD_OUT and normalise_title(p.title) not in unheard]


def make_samples(repertoire: Repertoire, each: int, folder: Path, processes: int = 2) -> Iterator[Path]:
    """Plays every piece in `each` styles, and yields a file of samples a hundred pieces; those that are there are
    taken as they are, so that a run that was stopped goes on where it was."""
    pieces = select_pieces(repertoire)
    folder.mkdir(parents=True, exist_ok=True)
    # By a hash, so that the first files hold a little of everything.
    pieces.sort(key=lambda piece: hashlib.sha256(piece.work_id.encode()).digest())
    jobs = [
        (pieces[start : start + 100], repertoire, each, folder / f"{_MADE}-{each}-{start:05}.npz")
        for start in range(0, len(pieces), 100)
    ]
    done = [job[-1] for job in jobs if job[-1].is_file()]
    yield from done
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        yield from pool.imap(_make_file, [job for job in jobs if job[-1] not in done])


def _make_file(job: tuple[Sequence[Piece], Repertoire, int, Path]) -> Path:
    pieces, repertoire, each, path = job
    rows = [(piece, row) for piece in pieces for row in _excerpts(piece, repertoire, each)]
    Samples(
        texts=tuple(write_mtf(performance) for _, (performance, _) in rows),
        cues=np.array([_measured(performance) for _, (performance, _) in rows], dtype=np.float32),
        held=np.array([sum_pitch_class_times(performance.notes) for _, (performance, _) in rows], dtype=np.float32),
        instruments=tuple(name for _, (_, name) in rows),
        titles=tuple(piece.title for piece, _ in rows),
        artists=tuple(piece.collection.artist for piece, _ in rows),
        kinds=tuple(piece.kind for piece, _ in rows),
    ).save(path)
    return path


def _excerpts(piece: Piece, repertoire: Repertoire, each: int) -> Iterator[tuple[Performance, str]]:
    """Two excerpts of every style, with the instruments' name; some of the second ones are long."""
    score = read_music21(piece.source)
    kind = repertoire.kinds[piece.kind]
    manners = repertoire.list_styles(kind, piece.mode)
    for number in range(each):
        rng = Rng(int.from_bytes(hashlib.sha256(f"{piece.work_id} {number}".encode()).digest()[:4], "big"))
        style, name = _style(piece, kind, manners, rng)
        played = perform(score, style, rng.below(2**31))
        played = _moved(played, rng.below(12) - 6)
        long = rng.unit() < _LONG
        for notes, seconds in ((_NOTES, _LONGEST), (_LONG_NOTES, _LONG_SECONDS) if long else (_NOTES, _LONGEST)):
            if excerpt := _excerpt(played, rng, notes, seconds):
                yield excerpt, name


def _style(piece: Piece, kind: Kind, manners: Sequence[PlayingStyle], rng: Rng) -> tuple[PerformanceStyle, str]:
    """A style of the piece's kind for half of what is played, and for the rest one that nothing ties together."""
    manner = rng.pick(manners)
    name, programs = rng.pick(manner.instruments)
    place = manner.low + (manner.high - manner.low) * rng.unit()
    tempo = float(kind.choose_tempo(place, piece.work.tempo if piece.work else None))
    level, articulation = manner.level, manner.articulation
    if rng.unit() < 0.5:
        tempo *= 2.0 ** (1.6 * rng.unit() - 0.8)
    if rng.unit() < 0.6:
        level = rng.pick(tuple(LEVELS))
    if rng.unit() < 0.6:
        articulation = rng.pick(tuple(ARTICULATIONS))
    if rng.unit() < 0.5:
        name, programs = rng.pick(rng.pick(manners).instruments)
    style = PerformanceStyle(
        min(240.0, max(30.0, round(tempo))), level, articulation, programs, 1, manner.setting, 0, manner.swing, None
    )
    return style, name


def _moved(played: Performance, semitones: int) -> Performance:
    """The performance in another key; as it is where it would leave the keyboard."""
    pitches = [note.pitch + semitones for note in played.notes]
    if min(pitches) < 21 or max(pitches) > 108:
        return played
    notes = tuple(replace(note, pitch=pitch) for note, pitch in zip(played.notes, pitches, strict=True))
    return replace(played, notes=notes)


def _excerpt(played: Performance, rng: Rng, most: int, longest: float) -> Performance | None:
    """A part of the performance from its first note on, of so many notes and seconds at most."""
    rate = len(played.notes) / played.seconds
    length = min(longest, max(_SHORTEST, most / rate * (0.5 + 0.5 * rng.unit())))
    start = rng.unit() * max(0.0, played.seconds - length)
    inside = [n for n in played.notes if start <= n.onset < start + length][:most]
    if len(inside) < _MIN_NOTES:
        return None
    start = inside[0].onset
    end = max(inside[-1].onset + 0.1, min(start + length, inside[-1].onset + inside[-1].duration))
    notes = tuple(
        Note(
            round(n.onset - start, 4), round(max(0.02, min(n.duration, end - n.onset)), 4), n.pitch, n.velocity, n.part
        )
        for n in inside
    )
    return Performance(notes, played.programs, round(max(n.onset + n.duration for n in notes), 4), played.tempo)


def _measured(performance: Performance) -> NDArray[np.float32]:
    cues = measure_cues(performance)
    return np.array([getattr(cues, name) for name in CUES], dtype=np.float32)
