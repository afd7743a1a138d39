"""A fake analysis that can be computed by hand, for processes of their own: a text file describes its pieces.

Kept apart from tests/helpers/fakes.py, which brings in half of the engine: every worker process imports this module.
"""

import hashlib
import math
import os
import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from encoders.analysis.analyser import KINDS
from encoders.analysis.cues import Cues
from encoders.analysis.piece import AnalysedPiece
from encoders.base import ScoreUnreadable
from encoders.performing.performance import Note, Performance

LENGTH = 64
"""Numbers in a likeness: so many that two drawn by chance are far apart."""


def make_piece(music: str, **changed: object) -> AnalysedPiece:
    """A piece whose content, cues and likeness follow from a word."""
    draw = random.Random(music)  # noqa: S311
    cues = Cues(
        tempo=draw.uniform(60, 150), onset_rate=draw.uniform(1, 8), level=draw.uniform(-30, -12),
        level_swing=draw.uniform(1, 10), level_in=draw.uniform(-30, -12), level_out=draw.uniform(-30, -12),
        mode=draw.uniform(-1, 1), articulation=draw.uniform(0.3, 1.1), register=draw.uniform(45, 75),
        pitch_spread=draw.uniform(3, 12), brightness=draw.uniform(0, 1), roughness=draw.uniform(0, 1),
    )  # fmt: skip
    facts: dict[str, object] = {
        "kind": "midi", "title": f"Piece {music}", "artist": "Anna Nym", "work": "", "licence": "CC0-1.0",
        "seconds": draw.uniform(60, 200), "cues": cues.round_for_catalogue(), "instrument": "piano",
        "performance": Performance((Note(0.0, 1.0, 60, 80, 0), Note(1.0, 1.0, 64, 80, 0)), (0,), 2.0, 100.0),
        "remarks": (), "content": hashlib.sha256(music.encode()).hexdigest(),
        "likeness": normalise([draw.gauss() for _ in range(LENGTH)]), "lyrics": 0, "hopeless_lyrics": 0, "imagery": 0,
    }  # fmt: skip
    return AnalysedPiece(**{**facts, **changed})  # type: ignore[arg-type]


def normalise(values: list[float]) -> tuple[float, ...]:
    """The values, scaled to a length of 1."""
    length = math.hypot(*values)
    return tuple(value / length for value in values)


def near(place: tuple[float, ...], other: tuple[float, ...], cosine: float) -> tuple[float, ...]:
    """A unit vector on the way from one to another, with this cosine to the first."""
    shared = sum(a * b for a, b in zip(place, other, strict=True))
    across = normalise([b - shared * a for a, b in zip(place, other, strict=True)])
    return tuple(cosine * a + math.sqrt(1 - cosine**2) * b for a, b in zip(place, across, strict=True))


def analyse(path: Path) -> Iterator[AnalysedPiece | ScoreUnreadable]:
    """Every line of a file is a piece: its word, then what is to be changed, as name=value.

    A line that begins with an exclamation mark is something that goes wrong: `!refuse`, `!crash`, `!die`, `!hang`,
    `!spin`, `!grow`, `!exit`. A file of nothing but `!refuse` is refused as a whole.
    """
    text = path.read_text("utf-8")
    if text.strip() == "!refuse":
        raise ScoreUnreadable(path.name, "it holds no music", "Take another file")
    for line in text.splitlines():
        yield _told(line, path)


def _told(line: str, path: Path) -> AnalysedPiece | ScoreUnreadable:
    match line.split("|"):
        case ["!refuse"]:
            return ScoreUnreadable(path.name, "a tune has no notes", "Write some")
        case ["!crash"]:
            raise ZeroDivisionError("a reader of ours")
        case ["!die"]:
            os.kill(os.getpid(), signal.SIGKILL)
        case ["!die", times, marks]:
            # As often as it says, each time leaving a mark; then it is a piece like any other.
            place = Path(marks.removeprefix("marks="))
            if (count := len(list(place.iterdir()))) < int(times.removeprefix("times=")):
                (place / str(count)).touch()
                os.kill(os.getpid(), signal.SIGSEGV)
            return make_piece("!die", kind=KINDS[path.suffix.lower()])
        case ["!exit"]:
            os._exit(3)
        case ["!hang"]:
            time.sleep(3600)
        case ["!spin"]:
            while True:
                pass
        case ["!grow"]:
            held = [bytearray(b"x") * 50_000_000 for _ in range(10)]
            time.sleep(len(held) * 360)
    word, *changes = line.split("|")
    changed: dict[str, object] = {"kind": KINDS[path.suffix.lower()]}
    for change in changes:
        name, _, value = change.partition("=")
        if name == "slow":
            time.sleep(float(value))
        elif name == "near":
            # As close to another piece as a cosine says.
            other, cosine = value.split(",")
            changed["likeness"] = near(make_piece(other).likeness, make_piece(word).likeness, float(cosine))
        elif name == "tempo":
            changed["cues"] = Cues(
                **{**{field: getattr(make_piece(word).cues, field) for field in Cues.__slots__}, "tempo": float(value)}
            )
        elif name == "frames":
            # Frames of a recording, as from a MERT.
            changed |= {"performance": None, "frames": np.ones((int(value), 4), dtype=np.float32)}
        elif name == "remarks":
            changed["remarks"] = (value,)
        else:
            changed[name] = value
    return make_piece(word, **changed)
