"""What one file holds, as every analysis ends."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from encoders.base import Matrix

if TYPE_CHECKING:
    from encoders.analysis.cues import Cues
    from encoders.performing.performance import Performance


@dataclass(frozen=True, slots=True)
class AnalysedPiece:
    """What one file holds: who wrote it, what was measured, and what an encoder may read of it."""

    kind: str
    """One of the values of `KINDS`."""
    title: str
    """As the file's tags or header tell it; else the file's name."""
    artist: str
    """Who wrote or plays it; 'unknown' where the file does not say."""
    work: str
    """A work's name where the file tells one besides the title, else empty."""
    licence: str
    """Rights as the file states them, else 'not stated'."""
    seconds: float
    cues: "Cues"
    """The twelve, rounded as a catalogue keeps them and inside the ranges that the ontology declares."""
    instrument: str
    """Words for the instruments ("piano", "violin and cello"), for captions; 'music' when unknown."""
    performance: "Performance | None"
    """The notes as they are played; none for a recording."""
    remarks: tuple[str, ...]
    """What a reader should know: "tempo may be 62 or 124 BPM", "no tempo written: 100 BPM taken"."""
    content: str
    """Hexadecimal sha256 over the musical content (notes, or the course and colour of the sound), so that the same
    music in two containers is one."""
    likeness: tuple[float, ...]
    """A unit vector that is near for close music; compare within a family ("notes" or "audio") only."""
    lyrics: int
    hopeless_lyrics: int
    imagery: int
    """1 where the file has them or nobody knows, else 0."""
    frames: Matrix | None = field(default=None, compare=False)
    """Float32 [frames, width]: a recording as MERT hears it (`encoders.analysis.audio.mert`); none unless one was
    named."""
