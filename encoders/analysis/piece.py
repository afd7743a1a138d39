"""The result of analysing one file."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from encoders.base import Matrix

if TYPE_CHECKING:
    from encoders.analysis.cues import Cues
    from encoders.performing.performance import Performance


@dataclass(frozen=True, slots=True)
class AnalysedPiece:
    """One piece of music: its header, its measured cues, and the input for an encoder."""

    kind: str
    """One of the values of `KINDS`."""
    title: str
    """From the file's tags or header; else the file's name."""
    artist: str
    """Who wrote or plays it; 'unknown' where the file does not say."""
    work: str
    """Name of the work where the file states one besides the title, else empty."""
    licence: str
    """Rights as the file states them, else 'not stated'."""
    seconds: float
    cues: "Cues"
    """The twelve, rounded as a catalogue keeps them and inside the ranges that the ontology declares."""
    instrument: str
    """Words for the instruments ("piano", "violin and cello"), for captions; 'music' when unknown."""
    performance: "Performance | None"
    """The performed notes; None for a recording."""
    remarks: tuple[str, ...]
    """Caveats for a reader: "tempo may be 62 or 124 BPM", "no tempo written: 100 BPM taken"."""
    content: str
    """Hexadecimal sha256 over the musical content (notes, or loudness contour and spectrum of the sound), so that the
    same music in two containers is recognised."""
    likeness: tuple[float, ...]
    """A unit vector, similar for similar music; compare within a family ("notes" or "audio") only."""
    lyrics: int
    hopeless_lyrics: int
    imagery: int
    """1 where the file has them or that is unknown, else 0."""
    frames: Matrix | None = field(default=None, compare=False)
    """Float32 [frames, width]: MERT's features of a recording (`encoders.analysis.audio.mert`); None without a MERT."""
