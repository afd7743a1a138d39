"""Analyses one file from outside: its header, its measured cues, and the input for an encoder.

The suffix gives the kind of the file, and its first bytes have to agree. A file that cannot be read raises an error
with fault and repair. Every reader checks sizes before it parses, so that no file exhausts the machine.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from encoders.analysis.piece import AnalysedPiece
from encoders.base import ScoreUnreadable

if TYPE_CHECKING:
    from encoders.analysis.audio.mert import Mert

KINDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        ".mid": "midi",
        ".midi": "midi",
        ".kar": "midi",
        ".rmi": "midi",
        ".xml": "musicxml",
        ".musicxml": "musicxml",
        ".mxl": "musicxml",
        ".abc": "abc",
        ".wav": "audio",
        ".flac": "audio",
        ".mp3": "audio",
        ".ogg": "audio",
        ".oga": "audio",
        ".opus": "audio",
        ".m4a": "audio",
        ".aac": "audio",
        ".aif": "audio",
        ".aiff": "audio",
    }
)
"""Suffix (lower case, with its dot) -> kind of file, for every suffix that `analyse` accepts."""


class Analyser:
    """Analyses files one after the other; with a MERT folder, recordings get MERT frames as well.

    Can be pickled and used in other processes: the weights are loaded at the first recording.
    """

    def __init__(self, mert: Path | None = None) -> None:
        self.mert = mert

    def __call__(self, path: Path) -> Iterator[AnalysedPiece | ScoreUnreadable]:
        """As `analyse_each`; EncoderUnavailable when the MERT cannot be opened."""
        recorded = self.mert is not None and KINDS.get(path.suffix.lower()) == "audio"
        return analyse_each(path, self._mert_model if recorded else None)

    def __reduce__(self) -> tuple[type["Analyser"], tuple[Path | None]]:
        return Analyser, (self.mert,)

    @cached_property
    def _mert_model(self) -> "Mert":
        import torch

        from encoders.analysis.audio.mert import Mert

        if self.mert is None:
            raise ValueError("no MERT was named")
        # Files are analysed in as many processes as there are cores.
        torch.set_num_threads(1)
        return Mert.load(self.mert)


def analyse(path: Path) -> AnalysedPiece:
    """The single piece of a file. ScoreUnreadable when there is none, when it cannot be read, or when the file is a
    tune book of several."""
    found = analyse_all(path)
    if len(found) > 1:
        raise ScoreUnreadable(path.name, f"it holds {len(found)} tunes", "Take them one by one")
    return found[0]


def analyse_all(path: Path) -> list[AnalysedPiece]:
    """All pieces of a file, at least one; ScoreUnreadable when nothing of it can be read.

    Where some tunes of a book cannot be read, the others are returned and the first one's remarks say how many
    are missing; `analyse_each` gives the error of each.
    """
    found: list[AnalysedPiece] = []
    broken: list[ScoreUnreadable] = []
    for each in analyse_each(path):
        if isinstance(each, AnalysedPiece):
            found.append(each)
        else:
            broken.append(each)
    if not found:
        raise broken[0]
    if broken:
        remark = f"{len(broken)} more of its tunes cannot be read, the first of them: {broken[0]}"
        found[0] = replace(found[0], remarks=(*found[0].remarks, remark))
    return found


def analyse_each(path: Path, mert: "Mert | None" = None) -> Iterator[AnalysedPiece | ScoreUnreadable]:
    """Yields every piece of a file as soon as it is analysed; for a tune of a book that cannot be read its error, and
    goes on with the next. Raises ScoreUnreadable when nothing of the file can be read.

    `mert` adds frames to recordings, for an audio tower.
    """
    kind = KINDS.get(path.suffix.lower())
    if kind is None:
        known = ", ".join(sorted(KINDS))
        raise ScoreUnreadable(path.name, "its name does not say what it is", f"Bring one of these: {known}")
    from encoders.notation.files import check_file

    check_file(path, kind)
    # Each reader brings libraries of its own, and most calls need one.
    if kind == "midi":
        from encoders.analysis.midi import analyse_midi

        yield analyse_midi(path)
    elif kind == "musicxml":
        from encoders.analysis.musicxml import analyse_musicxml

        yield analyse_musicxml(path)
    elif kind == "abc":
        from encoders.analysis.abc import analyse_abc

        yield from analyse_abc(path)
    else:
        from encoders.analysis.audio.recording import analyse_audio

        yield analyse_audio(path, mert)
