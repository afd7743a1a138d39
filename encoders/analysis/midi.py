"""Analyses MIDI files: their notes as they are played, in seconds."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from encoders.analysis.cues import Cues
from encoders.analysis.description import describe_notes
from encoders.analysis.piece import AnalysedPiece
from encoders.analysis.ranges import MOST_PARTS
from encoders.base import ScoreUnreadable
from encoders.limits import check_length, check_notes, fold_tempo
from encoders.notation.files import read_bytes
from encoders.notation.midi.channel import PlayedNote
from encoders.notation.midi.free_beat import estimate_beat
from encoders.notation.midi.header import read_header
from encoders.notation.midi.smf import read_midi
from encoders.notation.midi.take import HANGING, MidiTake
from encoders.performing.articulation import separate_repeats
from encoders.performing.fingerprint import fingerprint
from encoders.performing.performance import Note, Performance

_FREE: Final = "played freely, without a beat that the file knows"


def analyse_midi(path: Path) -> AnalysedPiece:
    """The piece in a MIDI file. Raises ScoreUnreadable when it cannot be read or measured."""
    return analyse_midi_bytes(read_bytes(path), path)


def analyse_midi_bytes(data: bytes, path: Path) -> AnalysedPiece:
    """The piece in the bytes of a MIDI file; `path` gives it a title where it has none."""
    place = path.name
    file = read_midi(data, place)
    check_notes(sum(1 for t in file.tracks for e in t.events if e[1] == 9 and e[4]), place)
    remarks = list(file.remarks)
    if file.form == 2:
        remarks.append("a MIDI file of format 2: its patterns are taken one after another")
        takes, at = [], 0.0
        for track in file.tracks:
            take = MidiTake([track], file, at, remarks)
            at = max(at, take.ends)
            takes.append(take)
    else:
        takes = [MidiTake(file.tracks, file, 0.0, remarks)]
    struck = [note for take in takes for note in take.struck]
    drums = [onset for take in takes for onset, _ in take.drums]
    if not struck:
        fault = "it has no notes that sound" if not drums else "it has only drums, whose notes have no pitch"
        raise ScoreUnreadable(place, fault, "Bring music with notes that have a pitch")
    performance = _build_performance(struck, takes, place, remarks)
    remarks += _list_losses(takes)
    piece = describe_notes(
        "midi", read_header(file, path), performance, _fingerprint_notes(performance), remarks, place
    )
    first = min(onset for onset, *_ in struck)
    return piece if not drums else _count_drum_onsets(piece, performance, [onset - first for onset in drums])


def _list_losses(takes: Sequence[MidiTake]) -> Iterator[str]:
    """Remarks on what the file asks for and is not played."""
    if hanging := sum(take.hanging for take in takes):
        yield f"{hanging} of its notes never end: {HANGING:g} s taken"
    if instant := sum(take.instant for take in takes):
        yield f"{instant} of its notes end as they begin: left out"
    if silent := sum(take.silent for take in takes):
        yield f"{silent} of its notes are struck at no volume: left out"
    if unplayed := {name for take in takes for name in take.unplayed}:
        yield f"not played: {', '.join(sorted(unplayed))}"


def _build_performance(
    struck: Sequence[PlayedNote], takes: Sequence[MidiTake], place: str, remarks: list[str]
) -> Performance:
    players = sorted({player for *_, player in struck})
    if len(players) > MOST_PARTS:
        fault = f"it has {len(players)} instruments, more than the {MOST_PARTS} that are told apart"
        raise ScoreUnreadable(place, fault, "Bring a version with fewer instruments")
    parts = {player: number for number, player in enumerate(players)}
    first = min(onset for onset, *_ in struck)
    check_length(max(end for _, end, *_ in struck) - first, place)
    notes = separate_repeats(
        [
            Note(round(on - first, 4), max(0.02, round(off - on, 4)), pitch, velocity, parts[player])
            for on, off, pitch, velocity, player in struck
        ]
    )
    seconds = round(max(n.onset + n.duration for n in notes), 4)
    tempo = round(_choose_tempo(takes, remarks), 2)
    return Performance(tuple(notes), tuple(program for _, program in players), seconds, tempo)


def _choose_tempo(takes: Sequence[MidiTake], remarks: list[str]) -> float:
    """BPM from the beats of the file; estimated from the onsets where these do not follow the file's beats."""
    timed = [take for take in takes if take.beats > 0 and not take.free]
    beats = sum(take.beats for take in timed or takes)
    minutes = sum(take.minutes for take in timed or takes)
    stated = fold_tempo(beats / minutes) if minutes > 0 and beats > 0 else 120.0
    if timed or not any(take.free for take in takes):
        return stated
    notes = sorted((onset, loud) for take in takes for onset, _, _, loud, _ in take.struck)
    # How long the notes last has been checked; a drum may stand hours away from them.
    drums = [drum for take in takes for drum in take.drums if notes[0][0] <= drum[0] <= notes[-1][0]]
    beat = estimate_beat([*notes, *drums])
    if beat is None:
        remarks.append(f"{_FREE}: its tempo says nothing")
        return stated
    others = " or ".join(f"{tempo:g}" for tempo in beat.others)
    remarks += [_FREE, f"tempo estimated from its onsets: {beat.tempo} BPM, may be {others}"]
    return float(beat.tempo)


def _fingerprint_notes(performance: Performance) -> str:
    """Checksum over onset and length in hundredths of a second, pitch, velocity and program, whatever the tracks."""
    return fingerprint(
        "notes",
        [
            (round(100 * n.onset), round(100 * n.duration), n.pitch, n.velocity, performance.programs[n.part])
            for n in performance.notes
        ],
    )


def _count_drum_onsets(piece: AnalysedPiece, performance: Performance, drums: Sequence[float]) -> AnalysedPiece:
    """The piece with drum onsets counted in its onset rate: they have no pitch, but they sound."""
    count, last = 0, -1.0
    for onset in sorted([n.onset for n in performance.notes] + list(drums)):
        if 0.0 <= onset <= piece.seconds and onset - last >= 0.01:
            count, last = count + 1, onset
    cues: Cues = replace(piece.cues, onset_rate=round(min(30.0, count / piece.seconds), 3))
    return replace(
        piece, cues=cues, remarks=(*piece.remarks, "its drums count for the onset rate, and for nothing else")
    )
