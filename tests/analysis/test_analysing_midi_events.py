"""Every event of a MIDI file that sounds is played, or the report says that it is not."""

import time
from dataclasses import astuple
from pathlib import Path

import pytest

from encoders.analysis.analyser import analyse
from encoders.analysis.piece import AnalysedPiece
from encoders.performing.performance import Note
from engine.settings import ROOT
from tests.helpers import hard_files as hard
from tests.helpers.outside import PLAIN_MIDI, refusal, written

CASES = ROOT / "tests" / "data" / "cases"
GM = b"\xf0\x05\x7e\x7f\x09\x01\xf7"
GS = b"\xf0\x0a\x41\x10\x42\x12\x40\x00\x7f\x00\x41\xf7"
XG = b"\xf0\x08\x43\x10\x4c\x00\x00\x7e\x00\xf7"
TEMPO = (0, hard.meta(0x51, (500_000).to_bytes(3, "big")))
DRUM_REMARK = "its drums count for the onset rate, and for nothing else"


def played(folder: Path, *events: tuple[int, bytes], others: tuple[bytes, ...] = ()) -> AnalysedPiece:
    return analyse(written(folder, "a.mid", hard.midi(hard.track(TEMPO, *events), *others)))


def notes(heard: AnalysedPiece) -> tuple[Note, ...]:
    assert heard.performance is not None
    return heard.performance.notes


def lengths(heard: AnalysedPiece) -> list[float]:
    return [note.duration for note in notes(heard)]


def control(number: int, value: int, channel: int = 0) -> bytes:
    return bytes([0xB0 | channel, number, value])


def sounds_alike(one: AnalysedPiece, other: AnalysedPiece) -> bool:
    return (astuple(one.cues), one.seconds, one.content) == (astuple(other.cues), other.seconds, other.content)


# The files of the trials


@pytest.mark.parametrize(
    ("odd", "plain", "remark"),
    [
        ("midi-same-tick/odd.mid", "midi-same-tick/plain.mid", "4 of its notes end as they begin: left out"),
        ("midi-all-notes-off/all notes off.mid", "midi-all-notes-off/note offs.mid", ""),
        ("midi-second-drums/gm2.mid", "midi-second-drums/channel10.mid", DRUM_REMARK),
    ],
)
def test_the_same_music_written_oddly_is_the_same_music(odd: str, plain: str, remark: str) -> None:
    found = analyse(CASES / odd)
    assert sounds_alike(found, analyse(CASES / plain))
    assert found.remarks == ((remark,) if remark else ())


@pytest.mark.parametrize(
    ("file", "remark"),
    [
        ("midi-track-count/three-said-two-there.mid", "its header says 3 tracks and it has 2"),
        ("midi-track-length/first-too-long.mid", "the length of 1 of its tracks is written wrongly"),
    ],
)
def test_a_whole_file_with_a_wrong_number_is_played_and_told(file: str, remark: str) -> None:
    found = analyse(CASES / file)
    assert (len(notes(found)), found.seconds) == (8, 5.3334)
    assert [each.partition(":")[0] for each in found.remarks] == [remark]


# Tracks


@pytest.mark.parametrize("wrong", [0, 3, 20, 40, 70, 200, 2**32 - 1])
@pytest.mark.parametrize("which", [0, 1])
def test_whatever_length_a_track_is_said_to_have_it_is_read_to_its_end(tmp_path: Path, wrong: int, which: int) -> None:
    tracks = [hard.track(*hard.scale()), hard.track(*hard.scale(channel=1))]
    right = analyse(written(tmp_path, "right.mid", hard.midi(*tracks)))
    tracks[which] = tracks[which][:4] + wrong.to_bytes(4, "big") + tracks[which][8:]
    found = analyse(written(tmp_path, "wrong.mid", hard.midi(*tracks)))
    assert sounds_alike(found, right)
    assert any("written wrongly" in remark for remark in found.remarks)


@pytest.mark.parametrize("count", [0, 1, 2, 9])
def test_whatever_number_of_tracks_is_said_those_that_are_there_are_played(tmp_path: Path, count: int) -> None:
    tracks = [hard.track(TEMPO, *hard.scale(channel=channel)) for channel in range(3)]
    found = analyse(written(tmp_path, "a.mid", hard.midi(*tracks, count=count)))
    assert len(notes(found)) == 24
    assert found.remarks == (f"its header says {count} tracks and it has 3: those that are there are played",)


def test_a_file_that_breaks_off_is_refused(tmp_path: Path) -> None:
    whole = hard.midi(hard.track(*hard.scale()), hard.track(*hard.scale(channel=1)))
    assert "cut off: 1 of its 2 tracks" in refusal(written(tmp_path, "a.mid", whole[:-20])).fault


def test_notes_behind_the_end_of_a_track_are_told(tmp_path: Path) -> None:
    found = played(tmp_path, *hard.scale(), (0, b"\xff\x2f\x00"), *hard.scale())
    assert len(notes(found)) == 8
    assert found.remarks == ("notes stand behind the end of 1 of its tracks: left out",)


def test_channels_of_two_ports_are_two(tmp_path: Path) -> None:
    def track(port: int, program: int) -> bytes:
        return hard.track((0, hard.meta(0x21, bytes([port]))), (0, bytes([0xC0, program])), *hard.scale())

    found = analyse(written(tmp_path, "a.mid", hard.midi(track(0, 73), track(1, 42))))
    assert found.performance is not None
    assert found.performance.programs == (73, 42)
    assert len(notes(found)) == 16


# Notes


def test_a_note_begun_before_its_last_one_ends_in_the_same_tick_sounds_to_its_own_end(tmp_path: Path) -> None:
    found = played(
        tmp_path, (0, b"\x90\x3c\x50"), (480, b"\x90\x3c\x50"), (0, b"\x80\x3c\x00"), (480, b"\x80\x3c\x00")
    )  # fmt: skip
    assert lengths(found) == [0.48, 0.5]  # 20 ms for the finger
    assert found.remarks == ()


def test_a_drum_needs_no_length(tmp_path: Path) -> None:
    found = played(tmp_path, *hard.scale(), others=(hard.track(*[e for _ in range(8) for e in hard.note(38, 0, 9)]),))
    assert len(notes(found)) == 8
    assert found.remarks == (DRUM_REMARK,)


def test_notes_of_no_length_under_a_pedal_ring(tmp_path: Path) -> None:
    found = played(tmp_path, (0, control(64, 127)), *hard.note(60, 0), (480, control(64, 0)))
    assert lengths(found) == [0.5]


def test_notes_at_no_volume_are_told(tmp_path: Path) -> None:
    found = played(tmp_path, *hard.scale(), (0, control(7, 0)), *hard.note(60), (0, control(7, 100)), *hard.note(60))
    assert len(notes(found)) == 9
    assert found.remarks == ("1 of its notes are struck at no volume: left out",)


@pytest.mark.parametrize("number", [120, 123, 124, 125, 126, 127])
def test_channel_modes_end_what_sounds(tmp_path: Path, number: int) -> None:
    found = played(tmp_path, (0, b"\x90\x3c\x50"), (0, b"\x90\x40\x50"), (240, control(number, 0)), *hard.note(67))
    assert lengths(found) == [0.25, 0.25, 0.5]
    assert found.remarks == ()


@pytest.mark.parametrize(("number", "seconds"), [(123, 1.0), (120, 0.25), (121, 0.75)])
def test_the_pedal_holds_against_all_notes_off_alone(tmp_path: Path, number: int, seconds: float) -> None:
    """Sound at 0, key up at 1/4 or, but for 120, at 3/4; pedal up at 1 s."""
    up = 240 if number != 121 else 720
    found = played(
        tmp_path,
        (0, control(64, 127)),
        (0, b"\x90\x3c\x50"),
        (up, control(number, 0)),
        (0, b"\x80\x3c\x00"),
        (960 - up, control(64, 0)),
    )
    assert lengths(found) == [seconds]


def test_sostenuto_holds_what_was_down_and_no_more(tmp_path: Path) -> None:
    found = played(
        tmp_path,
        (0, b"\x90\x3c\x50"),
        (120, control(66, 127)),
        (120, b"\x80\x3c\x00"),
        *hard.note(64, 240),
        (480, control(66, 0)),
    )
    assert lengths(found) == [1.0, 0.25]


def test_a_sostenuto_pedal_that_is_told_again_catches_nothing_more(tmp_path: Path) -> None:
    again = [(0, b"\x90\x40\x50"), (0, control(66, 100)), (240, b"\x80\x40\x00"), (480, control(66, 0))]
    assert lengths(played(tmp_path, *hard.note(60, 240), (0, control(66, 127)), *again)) == [0.25, 0.25]


def test_a_pedal_that_is_told_again_looks_at_no_note_again(tmp_path: Path) -> None:
    """Sixty million looks take six seconds of a processor, and none half of one."""
    scale = [event for number in range(3000) for event in hard.note(30 + number % 60, 20)]
    began = time.process_time()
    found = played(tmp_path, (0, control(64, 127)), *scale, *[(0, control(64, 100))] * 20_000)
    assert len(notes(found)) == 3000
    assert time.process_time() - began < 3.0


def test_reset_all_controllers_lifts_the_pedal_and_the_expression_but_not_the_volume(tmp_path: Path) -> None:
    set_up = [(0, control(7, 50)), (0, control(11, 20)), (0, control(64, 127)), (0, control(121, 0))]
    assert sounds_alike(played(tmp_path, *set_up, *hard.scale()), played(tmp_path, (0, control(7, 50)), *hard.scale()))


def test_a_channel_that_plays_one_note_at_a_time_ends_the_one_before(tmp_path: Path) -> None:
    chord = [(0, b"\x90\x3c\x50"), (240, b"\x90\x40\x50"), (240, b"\x80\x3c\x00"), (0, b"\x80\x40\x00")]
    assert lengths(played(tmp_path, *chord)) == [0.5, 0.25]
    assert lengths(played(tmp_path, (0, control(126, 1)), *chord)) == [0.25, 0.25]
    assert lengths(played(tmp_path, (0, control(126, 1)), (0, control(127, 0)), *chord)) == [0.5, 0.25]


def test_running_status_goes_on_behind_what_is_no_note(tmp_path: Path) -> None:
    found = played(
        tmp_path, (0, b"\x90\x3c\x50"), (480, b"\x3c\x00"), (0, GM), (0, hard.meta(1, b"x")), (0, b"\x40\x50")
    )
    assert [note.pitch for note in notes(found)] == [60, 64]


# Banks and system exclusive messages


def part_of_gs(part: int, address: int, value: int) -> bytes:
    return b"\xf0\x0a\x41\x10\x42\x12\x40" + bytes([0x10 | part, address, value]) + b"\x00\xf7"


def part_of_xg(part: int, address: int, value: int) -> bytes:
    return b"\xf0\x08\x43\x10\x4c\x08" + bytes([part, address, value]) + b"\xf7"


KITS: dict[str, list[bytes]] = {
    "GM2 bank 120": [control(0, 120, 10), b"\xca\x00"],
    "XG bank 127": [XG, control(0, 127, 10), b"\xca\x00"],
    "XG bank 126": [control(0, 126, 10), b"\xca\x00"],
    "GS part mode": [GS, part_of_gs(10, 0x15, 1)],
    "XG part mode": [XG, part_of_xg(10, 0x07, 2)],
    "XG bank and program by message": [XG, part_of_xg(10, 0x01, 127), part_of_xg(10, 0x03, 0)],
    "in two packets": [GS, b"\xf0\x06\x41\x10\x42\x12\x40\x1a", b"\xf7\x04\x15\x02\x00\xf7"],
}
NO_KITS: dict[str, list[bytes]] = {
    "another bank": [control(0, 8, 10), b"\xca\x00"],
    "a bank that no program follows": [control(0, 120, 10)],
    "a program that a plain bank follows": [control(0, 120, 10), b"\xca\x00", control(0, 0, 10), b"\xca\x00"],
    "the old device of GS": [GS, control(0, 127, 10), b"\xca\x00"],
    "part mode taken back": [part_of_gs(10, 0x15, 1), part_of_gs(10, 0x15, 0)],
    "a reset after it": [part_of_xg(10, 0x07, 1), XG],
}


def beside_a_kit(folder: Path, *before: bytes, channel: int = 10) -> AnalysedPiece:
    beats = [event for _ in range(8) for event in hard.note(38, 240, channel)]
    return played(folder, *hard.scale(), others=(hard.track(*[(0, each) for each in before], *beats),))


@pytest.mark.parametrize("name", KITS)
def test_a_second_kit_is_drums(tmp_path: Path, name: str) -> None:
    found = beside_a_kit(tmp_path, *KITS[name])
    assert sounds_alike(found, beside_a_kit(tmp_path, channel=9))
    assert found.remarks == (DRUM_REMARK,)


@pytest.mark.parametrize("name", NO_KITS)
def test_what_is_no_kit_has_pitches(tmp_path: Path, name: str) -> None:
    assert len(notes(beside_a_kit(tmp_path, *NO_KITS[name]))) == 16


@pytest.mark.parametrize(
    "before", [(control(0, 121, 9), b"\xc9\x00"), (GS, part_of_gs(0, 0x15, 0)), (XG, part_of_xg(9, 0x07, 0))], ids=str
)
def test_the_channel_of_drums_can_be_given_to_an_instrument(tmp_path: Path, before: tuple[bytes, ...]) -> None:
    assert len(notes(beside_a_kit(tmp_path, *before, channel=9))) == 16


@pytest.mark.parametrize("reset", [GM, GS, XG, b"\xf0\x05\x7e\x7f\x09\x03\xf7"], ids=["GM", "GS", "XG", "GM2"])
def test_a_reset_ends_what_sounds_and_what_was_set(tmp_path: Path, reset: bytes) -> None:
    set_up = [(0, b"\xc0\x49"), (0, control(7, 20)), (0, control(64, 127)), (0, b"\x90\x3c\x50")]
    found = played(tmp_path, *set_up, (240, reset), *hard.scale())
    assert found.performance is not None
    assert found.performance.programs == (0, 73)
    assert lengths(found)[0] == 0.25
    assert {note.velocity for note in notes(found)[1:]} == {80}


@pytest.mark.parametrize(
    "message",
    [
        b"\xf0\x07\x7f\x7f\x04\x01\x00\x40\xf7",
        b"\xf0\x0a\x41\x10\x42\x12\x40\x00\x04\x40\x00\xf7",
        b"\xf0\x08\x43\x10\x4c\x00\x00\x04\x40\xf7",
    ],
    ids=["universal", "GS", "XG"],
)
def test_the_volume_of_the_whole_counts(tmp_path: Path, message: bytes) -> None:
    loud = analyse(written(tmp_path, "loud.mid", PLAIN_MIDI))
    assert played(tmp_path, (0, message), *hard.scale()).cues.level == pytest.approx(loud.cues.level - 11.9, abs=0.3)


@pytest.mark.parametrize(
    "before",
    [
        [control(101, 0), control(100, 2), control(6, 67)],
        [b"\xf0\x07\x7f\x7f\x04\x04\x00\x43\xf7"],
        [part_of_gs(1, 0x16, 67)],
        [part_of_xg(0, 0x08, 67)],
        [b"\xf0\x0a\x41\x10\x42\x12\x40\x00\x05\x43\x00\xf7"],
        [b"\xf0\x08\x43\x10\x4c\x00\x00\x06\x43\xf7"],
    ],
    ids=["RPN 2", "universal", "GS part", "XG part", "GS", "XG"],
)
def test_what_is_transposed_sounds_higher(tmp_path: Path, before: list[bytes]) -> None:
    found = played(tmp_path, *[(0, each) for each in before], *hard.scale())
    assert [note.pitch for note in notes(found)][:3] == [63, 65, 67]
    assert found.remarks == ()


@pytest.mark.parametrize(
    ("event", "name"),
    [
        (b"\xe0\x00\x50", "pitch bend"),
        (b"\xa0\x3c\x20", "pressure on held keys"),
        (b"\xd0\x20", "pressure on held keys"),
        (control(1, 60), "modulation"),
        (control(10, 20), "pan"),
        (control(67, 127), "soft pedal"),
        (control(91, 40), "reverb"),
        (b"\xf0\x07\x7d\x01\x02\x03\x04\x05\xf7", "messages to one device"),
        (control(0, 8) + b"\x00\xc0\x05", "sounds of other banks"),
        (b"\x90\x3c\x50\x00" + control(11, 60) + b"\x00\x80\x3c\x00", "swells within a note"),
    ],
)
def test_what_sounds_and_is_not_played_is_told(tmp_path: Path, event: bytes, name: str) -> None:
    found = played(tmp_path, *hard.note(60), (0, event), *hard.scale())
    assert f"not played: {name}" in found.remarks


@pytest.mark.parametrize(
    "event", [b"\xe0\x00\x40", b"\xd0\x00", control(1, 0), control(10, 64), control(64, 0), GM, GS, XG], ids=bytes.hex
)
def test_what_changes_nothing_is_not_told(tmp_path: Path, event: bytes) -> None:
    assert played(tmp_path, (0, event), *hard.scale()).remarks == ()
