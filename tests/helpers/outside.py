"""Plain music of every kind of notes, put into files from outside, for the readers."""

from pathlib import Path

import pytest

from encoders.analysis.analyser import analyse_all
from encoders.base import ScoreUnreadable
from tests.helpers import hard_files as hard

TUNE = "X:1\nT:Wind, The\nC:Anon.\nM:4/4\nL:1/4\nQ:1/4=120\nK:C\nCDEF|GABc|\n"
PLAIN_SCORE = hard.score([hard.bar("C4", "D4", "E4", "F4"), hard.bar("G4", "A4", "B4", "C5")])
PLAIN_MIDI = hard.midi(hard.track(*hard.scale()))


def written(folder: Path, name: str, data: bytes | str) -> Path:
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def refusal(path: Path) -> ScoreUnreadable:
    with pytest.raises(ScoreUnreadable) as caught:
        analyse_all(path)
    return caught.value
