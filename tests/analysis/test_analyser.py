"""What comes from outside is heard as it is, or refused in a sentence that helps; nothing takes the machine down."""

import random
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from encoders.analysis.analyser import KINDS, analyse, analyse_all
from encoders.analysis.cues import Cues
from encoders.analysis.likeness import CLOSE
from encoders.analysis.ranges import RANGES, clamp_cues
from encoders.base import ScoreUnreadable
from encoders.catalogue.sources import find_corpus
from encoders.notation.files import LARGEST, LARGEST_ABC, LARGEST_MXL, LARGEST_XML
from encoders.notation.midi.smf import LARGEST_MIDI
from encoders.notation.score import unfold
from encoders.performing.programs import find_program, name_instruments
from engine.settings import ROOT
from tests.helpers import hard_files as hard
from tests.helpers.outside import PLAIN_MIDI, PLAIN_SCORE, TUNE, refusal, written


def printed(script: str, paths: Sequence[Path]) -> str:
    """What a script prints that is run in a process of its own."""
    command = [sys.executable, "-c", script, *map(str, paths)]
    return subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout


# What a file is


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("a.mid", PLAIN_MIDI, "midi"),
        ("a.MIDI", PLAIN_MIDI, "midi"),
        ("a.kar", PLAIN_MIDI, "midi"),
        ("a.rmi", hard.rmid(PLAIN_MIDI), "midi"),
        ("a.musicxml", PLAIN_SCORE, "musicxml"),
        ("a.xml", PLAIN_SCORE, "musicxml"),
        ("a.mxl", hard.mxl(PLAIN_SCORE), "musicxml"),
        ("a.abc", TUNE, "abc"),
    ],
)
def test_every_kind_of_notes_is_heard_by_its_suffix(tmp_path: Path, name: str, data: bytes | str, kind: str) -> None:
    heard = analyse(written(tmp_path, name, data))
    assert heard.kind == KINDS[Path(name).suffix.lower()] == kind
    assert heard.performance is not None
    assert [n.pitch for n in heard.performance.notes] == [60, 62, 64, 65, 67, 69, 71, 72]


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("song.abc", PLAIN_MIDI, r"says ABC, but it holds MIDI.*\.mid"),
        ("song.mid", PLAIN_SCORE, r"says MIDI, but it holds MusicXML.*\.musicxml"),
        ("song.mxl", TUNE, r"says MusicXML, but it holds ABC.*\.abc"),
        ("song.mid", b"RIFF\x24\x00\x00\x00WAVEfmt ", r"says MIDI, but it holds a recording"),
        ("song.mp3", PLAIN_MIDI, r"says a recording, but it holds MIDI"),
        ("song.txt", TUNE, r"name does not say what it is.*\.abc"),
        ("song", TUNE, r"name does not say what it is"),
    ],
)
def test_a_wrong_suffix_is_told_with_the_right_one(tmp_path: Path, name: str, data: bytes | str, says: str) -> None:
    fault = refusal(written(tmp_path, name, data))
    assert fault.place == name
    assert re.search(says, str(fault), re.DOTALL)


def test_compressed_and_plain_scores_may_bear_each_others_suffix(tmp_path: Path) -> None:
    one = analyse(written(tmp_path, "a.mxl", PLAIN_SCORE))
    other = analyse(written(tmp_path, "b.xml", hard.mxl(PLAIN_SCORE)))
    assert one.content == other.content


def test_what_is_no_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "folder.mid").mkdir()
    (tmp_path / "round.mid").symlink_to(tmp_path / "round.mid")
    for name in ("folder.mid", "round.mid", "nowhere.mid"):
        assert refusal(tmp_path / name).place == name


def test_a_file_that_may_not_be_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, "a.mid", PLAIN_MIDI)

    def locked(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", locked)
    assert "cannot be opened" in refusal(path).fault


# Bad input

BROKEN: dict[str, tuple[bytes | str, str]] = {
    "empty.mid": (b"", "it is empty"),
    "empty.mxl": (b"", "it is empty"),
    "zeros.mid": (bytes(4096), "it is empty"),
    "text.mid": ("no music at all", "not a MIDI file"),
    "cut_header.mid": (PLAIN_MIDI[:12], "header is cut off"),
    "cut_track.mid": (PLAIN_MIDI[:40], "cut off: 0 of its 1 tracks"),
    "no_notes.mid": (hard.midi(hard.track((0, hard.meta(3, b"Silence")))), "no notes that sound"),
    "only_drums.mid": (hard.midi(hard.track(*hard.scale(channel=9))), "only drums"),
    "muted.mid": (hard.midi(hard.track((0, b"\xb0\x07\x00"), *hard.scale())), "no notes that sound"),
    "no_ticks.mid": (hard.midi(hard.track(*hard.scale()), division=0), "how long its ticks are"),
    "negative_ticks.mid": (hard.midi(hard.track(*hard.scale()), division=0x8000 | 1), "how long its ticks are"),
    "huge_ticks.mid": (hard.midi(hard.track((0, b"\x90\x3c\x50"), *[(0xFFFFFFF, b"\x80\x3c\x00")] * 9)), "hours"),
    "endless_number.mid": (hard.midi(b"MTrk" + (90_000).to_bytes(4, "big") + b"\xff" * 90_000), "breaks off"),
    "no_status.mid": (hard.midi(b"MTrk\x00\x00\x00\x04\x00\x3c\x50\x00"), "breaks off"),
    "format_9.mid": (hard.midi(hard.track(*hard.scale()), form=9), "format that does not exist"),
    "empty_envelope.rmi": (b"RIFF\x04\x00\x00\x00RMID", "holds no MIDI file"),
    "too_many_players.mid": (
        hard.midi(
            hard.track(
                *[e for p in range(128) for c in (0, 1) for e in [(0, bytes([0xC0 | c, p])), *hard.note(60, 9, c)]]
            )
        ),
        "256 instruments",
    ),
    "all_at_once.mid": (
        hard.midi(hard.track(*[(0, bytes([0x90 | c, p, 80])) for c in range(8) for p in range(128)])),
        "notes sound at once",
    ),
    "zip_without_score.mxl": (hard.mxl("x", name="readme.txt", container=None), "holds no score"),
    "cut.mxl": (hard.mxl(PLAIN_SCORE)[:200], "archive is cut off"),
    "damaged.mxl": (hard.mxl(PLAIN_SCORE).replace(b"\x00\x00\x00\x08\x00", b"\x00\x00\x00\x63\x00"), "damaged"),
    "thousands_of_files.mxl": (hard.mxl(PLAIN_SCORE, others=12_000), "too many files"),
    "entities.mxl": (hard.mxl(hard.BOMB_OF_ENTITIES), "declares entities"),
    "entities.xml": (hard.BOMB_OF_ENTITIES, "declares entities"),
    "external.musicxml": (hard.EXTERNAL_ENTITY, "declares entities"),
    "parameter.musicxml": (hard.EXTERNAL_PARAMETER, "declares entities"),
    "cut.xml": (PLAIN_SCORE[:700], "broken or cut off at line"),
    "page.xml": ("<?xml version='1.0'?><html><body/></html>", "XML, but not a score"),
    "deep.xml": ("<score-partwise>" + "<a>" * 100_000, "deeper or longer"),
    "no_notes.xml": (hard.score(["<measure number='1'></measure>"]), "no notes"),
    "only_rests.xml": (
        hard.score([f'<measure number="1">{"<note><rest/><duration>4</duration></note>"}</measure>']),
        "no notes",
    ),
    "wrong_code.xml": ("<?xml version='1.0' encoding='klingon'?><score-partwise/>", "markup is broken"),
    "too_slow.xml": (hard.score([hard.bar("C4", before='<sound tempo="0.001"/>')] * 200), "hours"),
    "empty.abc": ("", "it is empty"),
    "letter.abc": ("Dear all, here is no tune.", "no tune"),
    "no_key.abc": ("X:1\nT:Nothing\nCDEF|\n", "no K: line"),
    "no_notes.abc": ("X:1\nT:Nothing\nK:C\n", "no notes"),
    "no_length.abc": ("X:1\nK:C\nC/0 D E|\n", "cannot be followed"),
    "endless_note.abc": ("X:1\nK:C\nC999999|\n", "hours"),
    "endless_line.abc": ("X:1\nK:C\n" + '"' * 6000 + "\n", "longer than any"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_cannot_be_read_says_why_and_what_to_do(tmp_path: Path, name: str) -> None:
    data, says = BROKEN[name]
    fault = refusal(written(tmp_path, name, data))
    assert says in fault.fault
    assert fault.place == name
    assert fault.repair[0].isupper()
    assert "Error" not in str(fault)
    assert "\n" not in str(fault)


@pytest.mark.parametrize("suffix", sorted(LARGEST))
def test_fifty_million_bytes_are_refused_before_they_are_read(tmp_path: Path, suffix: str) -> None:
    head = {"midi": PLAIN_MIDI, "musicxml": PLAIN_SCORE.encode(), "abc": TUNE.encode()}[KINDS[suffix]]
    path = written(tmp_path, f"large{suffix}", hard.mxl(PLAIN_SCORE) if suffix == ".mxl" else head)
    with path.open("r+b") as file:
        file.truncate(LARGEST[suffix] + 1 if KINDS[suffix] == "musicxml" else 50_000_000)
    assert "more than the" in refusal(path).fault


def test_what_is_built_to_fill_the_memory_does_not(tmp_path: Path) -> None:
    """One after the other in one process, whose peak is then read: far from the gigabyte that each may take."""
    markup = b"<score-partwise>" + b'<a b="" c=""/>' * 1_500_000 + b"</score-partwise>"
    controls = hard.midi(hard.track(*[(1, b"\xb0\x01\x40")] * 300_000, *hard.scale()))
    paths = [
        written(tmp_path, "bomb.mxl", hard.zip_bomb(LARGEST_XML // 1_000_000 + 1)),
        written(tmp_path, "markup.xml", markup),
        written(tmp_path, "entities.xml", hard.BOMB_OF_ENTITIES),
        written(tmp_path, "controls.mid", controls),
        written(tmp_path, "book.abc", TUNE * 2000),
    ]
    script = (
        "import pathlib, psutil, sys, threading, time\n"
        "most = [0]\n"
        "def watch():\n"
        "    while True:\n"
        "        most[0] = max(most[0], psutil.Process().memory_info().rss)\n"
        "        time.sleep(0.01)\n"
        "threading.Thread(target=watch, daemon=True).start()\n"
        "from encoders.base import ScoreUnreadable\n"
        "from encoders.analysis.analyser import analyse_each\n"
        "for path in sys.argv[1:]:\n"
        "    try:\n"
        "        next(analyse_each(pathlib.Path(path)))\n"
        "    except ScoreUnreadable:\n"
        "        pass\n"
        "print(most[0] // 2**20)"
    )
    # Watched, since the system's own high-water mark begins with that of the process that starts it.
    assert int(printed(script, paths)) < 600


@pytest.mark.parametrize("name", ["a.mid", "a.rmi", "a.mxl", "a.xml", "a.abc"])
def test_whatever_is_cut_or_flipped_is_heard_or_refused(tmp_path: Path, name: str) -> None:
    """Anything but a refusal would stop a library's worth of files."""
    sound = {
        ".mid": PLAIN_MIDI,
        ".rmi": hard.rmid(PLAIN_MIDI),
        ".mxl": hard.mxl(PLAIN_SCORE),
        ".xml": PLAIN_SCORE.encode(),
    }
    data = sound.get(Path(name).suffix, TUNE.encode())
    chance = random.Random(7)  # noqa: S311 - the same damage every time
    ends = []
    for attempt in range(90):
        damaged = bytearray(data)
        if attempt % 3 == 0:
            damaged = damaged[: chance.randrange(len(data))]
        else:
            for _ in range(chance.randrange(1, 6)):
                damaged[chance.randrange(len(damaged))] = chance.randrange(
                    *((48, 58) if attempt % 3 == 1 else (0, 256))
                )
        try:
            analyse_all(written(tmp_path, name, bytes(damaged)))
            ends.append("heard")
        except ScoreUnreadable:
            ends.append("refused")
    assert set(ends) == {"heard", "refused"}


# The same music


def test_the_same_music_in_two_containers_is_one(tmp_path: Path) -> None:
    melody, bass = hard.scale(), hard.scale(channel=1)
    program = (0, b"\xc1\x20")
    two = analyse(written(tmp_path, "two.mid", hard.midi(hard.track(*melody), hard.track(program, *bass))))
    merged = [e for a, b in zip(melody, bass, strict=True) for e in (a, (0, b[1]))]
    one = analyse(written(tmp_path, "one.mid", hard.midi(hard.track(program, *merged), form=0)))
    wrapped = analyse(written(tmp_path, "one.rmi", hard.rmid(hard.midi(hard.track(program, *merged), form=0))))
    finer = analyse(
        written(
            tmp_path,
            "finer.mid",
            hard.midi(hard.track(*hard.scale(ticks=960)), hard.track(program, *hard.scale(1, 960)), division=960),
        )
    )
    assert one.content == two.content == wrapped.content == finer.content
    assert (
        analyse(written(tmp_path, "a.xml", PLAIN_SCORE)).content
        == analyse(written(tmp_path, "a.mxl", hard.mxl(PLAIN_SCORE))).content
    )
    assert (
        analyse(written(tmp_path, "softer.mid", hard.midi(hard.track(*hard.scale(velocity=40))))).content != one.content
    )


def test_hearing_twice_hears_the_same(tmp_path: Path) -> None:
    path = written(tmp_path, "a.xml", PLAIN_SCORE)
    assert analyse(path) == analyse(path)


def test_close_music_is_near_and_other_music_is_not(tmp_path: Path) -> None:
    chorale, other = (analyse(find_corpus() / f"bach/{n}.mxl") for n in ("bwv269", "bwv66.6"))
    slower = analyse(written(tmp_path, "slower.mid", rendition("bach/bwv269.mxl", 60, 50)))
    higher = analyse(written(tmp_path, "higher.mid", rendition("bach/bwv269.mxl", 100, 72, shift=2)))
    assert len(chorale.likeness) == 336
    assert float(np.linalg.norm(chorale.likeness)) == pytest.approx(1.0, abs=1e-3)
    assert np.dot(chorale.likeness, slower.likeness) > 0.98
    assert np.dot(chorale.likeness, other.likeness) < CLOSE
    assert np.dot(chorale.likeness, higher.likeness) < CLOSE


def rendition(name: str, tempo: float, velocity: int, shift: int = 0) -> bytes:
    """A score of the corpus as a notation program exports it to MIDI: straight, with its repeats."""
    from encoders.catalogue.sources import read_music21

    sheet = unfold(read_music21(f"music21:{name}"))
    events = []
    for tone in sheet.tones:
        start, end = round(480 * tone.onset), round(480 * (tone.onset + 0.95 * tone.beats))
        events += [(start, 1, tone.pitch + shift, tone.part % 9), (end, 0, tone.pitch + shift, tone.part % 9)]
    rows, at = [(0, hard.meta(0x51, round(60e6 / tempo).to_bytes(3, "big")))], 0
    for tick, on, pitch, channel in sorted(events):
        rows.append((tick - at, bytes([0x80 + 0x10 * on + channel, pitch, velocity])))
        at = tick
    return hard.midi(hard.track(*rows))


@pytest.mark.parametrize("name", ["bach/bwv269.mxl", "bach/bwv66.6.mxl", "mozart/k80/movement3.mxl"])
def test_a_score_and_its_midi_rendition_agree(tmp_path: Path, name: str) -> None:
    """Within what a player adds to what is written: breath, balance, phrasing, touch."""
    score = analyse(find_corpus() / name).cues
    midi = analyse(written(tmp_path, "a.mid", rendition(name, score.tempo, 72))).cues
    bounds = {
        "tempo": 0.5,
        "onset_rate": 0.1 * midi.onset_rate,
        "level": 3.5,
        "mode": 0.1,
        "articulation": 0.2,
        "register": 0.7,
        "pitch_spread": 0.7,
        "roughness": 0.12,
    }
    apart = {cue: abs(getattr(score, cue) - getattr(midi, cue)) for cue in bounds}
    assert {cue: gap for cue, gap in apart.items() if gap > bounds[cue]} == {}


# What is told


@pytest.mark.parametrize("title", ["Для Элизы", "月光", "夜の歌", "सा रे ग", "נעימה", "Ελληνικό", "🎵 loop"])
def test_names_in_any_script_are_kept(tmp_path: Path, title: str) -> None:
    named = hard.midi(hard.track((0, hard.meta(3, title.encode())), *hard.scale()))
    assert analyse(written(tmp_path, "a.mid", named)).title == title
    assert analyse(written(tmp_path, f"{title}.mid", PLAIN_MIDI)).title == title
    head = f"<movement-title>{title}</movement-title>"
    assert analyse(written(tmp_path, "a.xml", hard.score([hard.bar("C4")], head))).title == title
    assert analyse(written(tmp_path, "a.abc", TUNE.replace("Wind, The", title))).title == title


def test_names_are_cleaned_and_not_endless(tmp_path: Path) -> None:
    evil = "A\x07\x1b[31m\u202eB\u2028C" + "x" * 5000
    heard = analyse(
        written(tmp_path, "a.mid", hard.midi(hard.track((0, hard.meta(3, evil.encode()[:900])), *hard.scale())))
    )
    assert heard.title.startswith("A [31mB C")
    assert len(heard.title) <= 200


def test_sung_words_are_told_and_never_quoted(tmp_path: Path) -> None:
    lyric = "<lyric><text>seaside</text></lyric></note>"
    sung = hard.score([hard.bar("C4", "D4").replace("</note>", lyric)])
    heard = analyse(written(tmp_path, "a.xml", sung))
    assert (heard.lyrics, heard.hopeless_lyrics, heard.imagery) == (1, 1, 0)
    assert "seaside" not in repr(heard)
    assert "seaside" not in str(refusal(written(tmp_path, "b.xml", sung[:-30])))
    assert (
        analyse(written(tmp_path, "c.xml", PLAIN_SCORE)).lyrics,
        analyse(written(tmp_path, "d.mid", PLAIN_MIDI)).lyrics,
    ) == (0, 0)
    karaoke = hard.midi(hard.track((0, hard.meta(5, b"sea")), *hard.scale()))
    assert analyse(written(tmp_path, "e.kar", karaoke)).lyrics == 1
    assert analyse(written(tmp_path, "f.abc", TUNE + "w:sea-side la la\n")).lyrics == 1


def test_the_ranges_are_those_of_the_ontology() -> None:
    declared = {}
    ours = "{https://isopath.org/ontology#}"
    for individual in ET.parse(ROOT / "ontology" / "cues.owl").getroot():  # noqa: S314 - our own file
        low, high = individual.findtext(f"{ours}minimum"), individual.findtext(f"{ours}maximum")
        if low is not None and high is not None:
            name = next(v for k, v in individual.attrib.items() if k.endswith("about")).rpartition("#")[2]
            declared[name] = (float(low), float(high))
    assert {name: declared[name] for name in RANGES} == RANGES
    assert set(RANGES) == {f.name for f in fields(Cues)}


def test_cues_outside_their_range_are_held_and_told() -> None:
    wild = Cues(400, 50, 20, 70, -70, -10, 0, 1, 5, 2, 0.5, 0.5)
    inside, remarks = clamp_cues(wild)
    assert all(low <= asdict(inside)[cue] <= high for cue, (low, high) in RANGES.items())
    assert len(remarks) == 6
    assert "onset rate is 50, outside 0.1..30: 30 kept" in remarks


def test_players_are_known_by_their_names() -> None:
    known = {
        "Violine 1": 40,
        "Flauto": 73,
        "Horn in F": 60,
        "Contrabass": 43,
        "Soprano": 52,
        "Pianoforte": 0,
        "Vc.": 42,
        "Flute": 73,
        "Flöten": 73,
        "Bass flute": 73,
        "Alto Flute (or Oboe)": 73,
        "Contrabass flute": 73,
        "Pan flute": 75,
        "Panpipes": 75,
        "Uilleann pipes": 109,
        "Lute": 24,
        "Bass lute": 24,
        "Harp": 46,
        "Harpsichord": 6,
        "Harmonica": 22,
        "Reed organ": 20,
        "Contrabassoon": 70,
        "Bassoon 2": 70,
        "Bass": 52,
        "B.": 52,
        "Bass clarinet": 71,
        "Contrabass Clarinet in Bb": 71,
        "Basset horn": 71,
        "Bass trombone": 57,
        "Tenor tuba": 58,
        "Bass guitar": 33,
        "E-Bass": 33,
        "Double bass": 43,
        "Viola da gamba": 41,
        "Violoncello piccolo": 42,
        "Trumpet in B": 56,
        "Piccolo trumpet": 56,
        "Piccolo": 72,
        "Flauto piccolo": 72,
        "English horn": 69,
        "Cor anglais": 69,
        "Cor": 60,
        "Cornet": 56,
        "Flügelhorn": 56,
        "Tenor saxophone": 65,
        "Piano accordion": 21,
        "Electric Piano": 4,
        "Piano": 0,
        "Flute/Piccolo": 73,
        "wind.flutes.panpipes": 75,
        "wind.reed.english-horn": 69,
        "strings.contrabass": 43,
        "keyboard.harpsichord": 6,
        "voice.soprano": 52,
        "pluck.bass.electric": 33,
        "brass.french-horn": 60,
        "Bass drum": 116,
        "Strings": 48,
        "Chorus": 52,
    }
    assert {name: find_program(name) for name in known} == known
    assert [find_program(name) for name in ("P1", "Chords", "Melody", "Lead sheet")] == [None] * 4
    assert name_instruments([40, 41, 42, 43], [1, 1, 1, 1]) == "strings"
    assert name_instruments([0, 42], [3.0, 1.0]) == "piano and cello"


def test_every_limit_has_its_reason() -> None:
    assert LARGEST_MIDI < LARGEST_ABC < LARGEST_MXL < LARGEST_XML < 100_000_000


def test_nothing_heavy_is_imported_to_hear_notes(tmp_path: Path) -> None:
    paths = [
        written(tmp_path, "a.mid", PLAIN_MIDI),
        written(tmp_path, "a.xml", PLAIN_SCORE),
        written(tmp_path, "a.abc", TUNE),
    ]
    script = "import sys, pathlib; from encoders.analysis.analyser import analyse"
    script += "; [analyse(pathlib.Path(p)) for p in sys.argv[1:]]"
    script += "; print(*{name.partition('.')[0] for name in sys.modules})"
    assert not set(printed(script, paths).split()) & {
        "torch",
        "soxr",
        "partitura",
        "music21",
        "scipy",
        "lxml",
        "mido",
    }
