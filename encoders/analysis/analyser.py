"""One file from outside, heard: who wrote it, what was measured, and what an encoder may read of it.

The suffix says what a file is; its first bytes have to agree. Whatever cannot be read says why, in one sentence, and
what to do about it. Every reader refuses by size before it parses, so that no file takes the machine down.
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
"""What a suffix (lower case, with its dot) says a file is: every one that `analyse` takes."""


class Analyser:
    """Hears files one after the other, and recordings with a MERT as well where its folder is named.

    Made in one process and used in others: the weights are read when the first recording is heard.
    """

    def __init__(self, mert: Path | None = None) -> None:
        self.mert = mert

    def __call__(self, path: Path) -> Iterator[AnalysedPiece | ScoreUnreadable]:
        """What `analyse_each` gives; EncoderUnavailable when the MERT cannot be opened."""
        recorded = self.mert is not None and KINDS.get(path.suffix.lower()) == "audio"
        return analyse_each(path, self._opened if recorded else None)

    def __reduce__(self) -> tuple[type["Analyser"], tuple[Path | None]]:
        return Analyser, (self.mert,)

    @cached_property
    def _opened(self) -> "Mert":
        import torch

        from encoders.analysis.audio.mert import Mert

        if self.mert is None:
            raise ValueError("no MERT was named")
        # Files are heard in as many processes as there are cores.
        torch.set_num_threads(1)
        return Mert.load(self.mert)


def analyse(path: Path) -> AnalysedPiece:
    """The one piece of music of a file. ScoreUnreadable when there is none, when it cannot be read, or when the file
    is a book of several tunes."""
    found = analyse_all(path)
    if len(found) > 1:
        raise ScoreUnreadable(path.name, f"it holds {len(found)} tunes", "Take them one by one")
    return found[0]


def analyse_all(path: Path) -> list[AnalysedPiece]:
    """Every piece of music of a file, at least one; ScoreUnreadable when nothing of it can be read.

    Where a tune book has tunes that cannot be read, the others are here and the first one's remarks say how many
    are missing; `analyse_each` tells them one by one.
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
    """Every piece of music of a file as it is heard, one at a time; a tune of a book that cannot be read comes as its
    fault, and the next one follows. Raises ScoreUnreadable when nothing of the file can be read.

    `mert` listens to recordings as well, for an audio tower.
    """
    kind = KINDS.get(path.suffix.lower())
    if kind is None:
        known = ", ".join(sorted(KINDS))
        raise ScoreUnreadable(path.name, "its name does not say what it is", f"Bring one of these: {known}")
    from encoders.notation.files import checked

    checked(path, kind)
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
