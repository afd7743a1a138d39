"""Turns performed notes and a header into an `AnalysedPiece`; the last step of every reader of notes."""

from collections.abc import Sequence

from encoders.analysis.cues import measure_cues
from encoders.analysis.likeness import compute_note_likeness
from encoders.analysis.piece import AnalysedPiece
from encoders.analysis.ranges import check_density, clamp_cues
from encoders.limits import check_length, check_notes
from encoders.notation.header import Header
from encoders.performing.performance import Performance
from encoders.performing.programs import name_instruments


def describe_notes(
    kind: str,
    header: Header,
    performance: Performance,
    content: str,
    remarks: Sequence[str],
    place: str,
    known: bool = True,
) -> AnalysedPiece:
    """The analysed piece of a performance. `known`: whether the file states its instruments.

    Raises ScoreUnreadable naming `place` for music that is too long or too dense to be measured.
    """
    notes = performance.notes
    check_notes(len(notes), place)
    check_length(performance.seconds, place)
    check_density(notes, performance.seconds, place)
    cues, outside = clamp_cues(measure_cues(performance))
    shares = [0.0] * len(performance.programs)
    for note in notes:
        shares[note.part] += note.duration
    sung = int(header.words)
    return AnalysedPiece(
        kind=kind,
        title=header.title,
        artist=header.artist or "unknown",
        work=header.work,
        licence=header.licence or "not stated",
        seconds=performance.seconds,
        cues=cues,
        instrument=name_instruments(performance.programs, shares) if known else "music",
        performance=performance,
        remarks=tuple(dict.fromkeys([*remarks, *outside])),
        content=content,
        likeness=compute_note_likeness(performance),
        lyrics=sung,
        hopeless_lyrics=sung,  # unknown, since nobody has read the lyrics
        imagery=0,  # guided imagery is spoken, and notes are not
    )
