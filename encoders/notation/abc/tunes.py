"""Parses tunes in ABC notation (the abc 1.6 and 2.1 standards, abcnotation.com); unsupported signs become remarks.

A file of hundreds of tunes is split once and each tune parsed on its own; one tune takes about a millisecond.
"""

from dataclasses import dataclass, replace
from typing import Final

from encoders.errors import ScoreUnreadable
from encoders.notation.abc.grammar import tempo_of
from encoders.notation.abc.lines import read_lines
from encoders.notation.abc.reader import AbcReader
from encoders.notation.abc.voice import close_endings, merge_voices
from encoders.notation.score import Bar, Score

_MOST_BARS: Final = 20_000
"""Bars of a tune at most, once its parts are written out in their order."""


@dataclass(frozen=True, slots=True)
class Tune:
    """One parsed tune."""

    score: Score
    order: tuple[str, ...]
    """Its parts in the order of playing; empty where none is given."""
    labels: tuple[tuple[int, str], ...]
    """The parts in its score: the number of the bar that each begins with, and its name."""
    programs: tuple[int | None, ...]
    """General MIDI programs of the score's parts; None where the tune states none."""
    names: tuple[str, ...]
    """Names of the score's parts; empty where the tune states none."""
    drums: tuple[bool, ...]
    """Which of the score's parts are drums."""
    remarks: tuple[str, ...]
    """What it asks for and is not supported."""

    def arrange_parts(self) -> Score:
        """The score with its endings resolved and its parts in the order of playing. Raises ValueError when that is
        longer than `_MOST_BARS`."""
        bars = close_endings(self.score.bars)
        written = [name for _, name in self.labels]
        if set(self.order) & set(written) and list(self.order) != written:
            ends = [*(index for index, _ in self.labels[1:]), len(bars)]
            parts: dict[str, list[Bar]] = {}
            for (start, name), end in zip(self.labels, ends, strict=True):
                if start < end:
                    first = replace(bars[start], opens=True, section=True)
                    parts.setdefault(name, [first, *bars[start + 1 : end]])
            if sum(len(parts.get(name, ())) for name in self.order) > _MOST_BARS:
                raise ValueError("its parts are longer than any tune")
            bars = [*bars[: self.labels[0][0]], *(bar for name in self.order for bar in parts.get(name, ()))]
        return replace(self.score, bars=tuple(bars))


def read_tune(text: str, place: str) -> Score:
    """One tune as a score, its parts as they are written. Raises `ScoreUnreadable` naming `place` when it has no key
    or no notes."""
    return parse_tune(text, place).score


def parse_tune(text: str, place: str) -> Tune:
    """One tune. Raises `ScoreUnreadable` naming `place` when it has no key or no notes."""
    reader = AbcReader()
    for kind, value in read_lines(text):
        reader.line(kind, value)
    if not reader.begun:
        raise ScoreUnreadable(place, "the tune has no K: line", "Give its key, for example 'K:G'")
    tune = _build_tune(reader)
    if not any(bar.tones for bar in tune.score.bars):
        raise ScoreUnreadable(place, "the tune has no notes", "Write its notes after the K: line")
    return tune


def _build_tune(reader: AbcReader) -> Tune:
    """The tune that a reader has read."""
    voices = reader.voices.finish()
    bars = list(merge_voices([voice.bars for voice in voices.values()])) if voices else []
    tempi = [tempo_of(value, reader.unit) for value in reader.fields.get("Q", [])]
    tempo = next(filter(None, tempi), None)
    if tempo and any(bar.tempi for bar in bars) and not any(at == 0.0 for at, _ in bars[0].tempi):
        bars[0] = replace(bars[0], tempi=((0.0, tempo), *bars[0].tempi))
    labels = next((voice.labels for voice in voices.values() if voice.labels), [])
    missing = sorted(set(reader.order) - {name for _, name in labels})
    if len(reader.order) > 1 and missing:
        reader.remarks[f"its order of parts names some that are not marked: {', '.join(missing)}"] = None
    if reader.unknown:
        reader.remarks[f"signs not known, and left out: {' '.join(list(reader.unknown)[:8])}"] = None
    first = {name: " / ".join(x for x in values if x) for name, values in reader.fields.items()}
    score = Score(
        title=next((t for t in reader.fields.get("T", []) if t), ""),
        parts=tuple(voices),
        bars=tuple(bars),
        tonic=reader.tonic,
        fifths=reader.fifths,
        form=first.get("R", "").lower(),
        words=" ".join(reader.fields.get("N", []) + reader.fields.get("Q", [])),
        tempo=tempo,
        composer=first.get("C", ""),
        rights=first.get("Z", ""),
        dynamic=reader.dynamic,
    )
    return Tune(
        score,
        tuple(reader.order),
        tuple(labels),
        tuple(voice.program for voice in voices.values()),
        tuple(voice.name for voice in voices.values()),
        tuple(voice.drums for voice in voices.values()),
        tuple(reader.remarks),
    )
