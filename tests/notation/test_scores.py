"""Scores are read as they are written: by our own readers, held against the music21 package's."""

import warnings
from collections import Counter
from pathlib import Path

import pytest

from encoders.base import ScoreUnreadable
from encoders.catalogue.sources import count_tunes, find_corpus, hash_source, read_music21
from encoders.notation.abc.grammar import key_of
from encoders.notation.abc.lines import split_tunes
from encoders.notation.abc.tunes import read_tune
from encoders.notation.musicxml.document import read_musicxml
from encoders.notation.score import Bar, Score, Tone, order_bars, unfold
from encoders.notation.titles import format_title

SCORES = (
    "bach/bwv269.mxl",
    "bach/bwv66.6.mxl",
    "monteverdi/madrigal.3.1.mxl",
    "mozart/k80/movement3.mxl",
    "trecento/PMFC_06_Giovanni-07_In_Sulla_Ripa.xml",
    "verdi/laDonnaEMobile.mxl",
    "schumann_clara/polonaise_op1n2.mxl",
)
TUNES = (
    ("airdsAirs/book1.abc", 1),
    ("airdsAirs/book1.abc", 4),
    ("airdsAirs/book4.abc", 101),
    ("oneills1850/1001-1031.abc", 5),
    ("oneills1850/1276-1375.abc", 20),
    ("ryansMammoth/AcaciaReel.abc", 1),
    ("miscFolk/northumbrianminstrelsyopus.abc", 3),
)


def sounding(score: Score) -> Counter[tuple[float, int]]:
    """Onset in quarter notes and pitch of everything written, repeats not played."""
    found: Counter[tuple[float, int]] = Counter()
    at = 0.0
    for bar in score.bars:
        found.update((round(at + tone.onset, 2), tone.pitch) for tone in bar.tones)
        at += bar.beats
    return found


def theirs(path: Path | str, abc: bool = False) -> Counter[tuple[float, int]]:
    """The same as music21 reads it, past its cache of parsed scores, which all users of a machine share."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from music21 import converter

        read = converter.parse(str(path), forceSource=True, format="abc" if abc else None)
        notes = read.toSoundingPitch().flatten().notes
        return Counter(
            (round(float(note.offset), 2), pitch.midi)
            for note in notes
            if not note.duration.isGrace and "ChordSymbol" not in note.classes
            for pitch in note.pitches
        )


@pytest.mark.parametrize("path", SCORES)
def test_a_score_sounds_as_the_package_reads_it(path: str) -> None:
    ours, other = sounding(read_music21(f"music21:{path}")), theirs(find_corpus() / path)
    assert (ours & other).total() >= 0.995 * max(ours.total(), other.total())


@pytest.mark.parametrize(("path", "number"), TUNES)
def test_a_tune_sounds_as_the_package_reads_it(path: str, number: int) -> None:
    text = split_tunes((find_corpus() / path).read_text(encoding="utf-8"))[number - 1]
    assert sounding(read_music21(f"music21:{path}#{number}")) == theirs(text, abc=True)


def bar(pitch: int, opens: bool = False, closes: int = 0, endings: tuple[int, ...] = (), words: str = "") -> Bar:
    return Bar((Tone(0.0, 4.0, pitch, 0),), 4.0, opens=opens, closes=closes, endings=endings, words=words)


@pytest.mark.parametrize(
    ("bars", "played"),
    [
        ((bar(60), bar(61, closes=2), bar(62)), [0, 1, 0, 1, 2]),
        ((bar(60), bar(61, opens=True, closes=2), bar(62)), [0, 1, 1, 2]),
        ((bar(60), bar(61, closes=2), bar(62, opens=True), bar(63, closes=2)), [0, 1, 0, 1, 2, 3, 2, 3]),
        ((bar(60, opens=True), bar(61, endings=(1,), closes=2), bar(62, endings=(2,)), bar(63)), [0, 1, 0, 2, 3]),
        ((bar(60, words="fine"), bar(61), bar(62, words="da capo")), [0, 1, 2, 0]),
        ((bar(60, closes=3),), [0, 0, 0]),
    ],
    ids=["from the start", "from its sign", "twice", "endings", "da capo", "three times"],
)
def test_repeats_are_played_as_they_are_marked(bars: tuple[Bar, ...], played: list[int]) -> None:
    assert order_bars(bars) == played


def test_without_repeats_each_bar_is_heard_once_and_the_last_ending_counts() -> None:
    bars = (bar(60, opens=True), bar(61, endings=(1,), closes=2), bar(62, endings=(2,)), bar(63))
    assert order_bars(bars, repeats=False) == [0, 2, 3]


def test_marks_that_contradict_each_other_end_all_the_same() -> None:
    bars = tuple(bar(60 + i, opens=i % 2 == 0, closes=9, words="dal segno; segno") for i in range(5))
    assert len(order_bars(bars)) <= 20 * len(bars) + 20


def tune(body: str, head: str = "M:4/4\nL:1/8\nK:G") -> list[tuple[float, float, int]]:
    sheet = unfold(read_tune(f"X:1\nT:x\n{head}\n{body}\n", "here"))
    return [(tone.onset, tone.beats, tone.pitch) for tone in sheet.tones]


@pytest.mark.parametrize(
    ("body", "notes"),
    [
        ("G>A", [(0.0, 0.75, 67), (0.75, 0.25, 69)]),
        ("G<A", [(0.0, 0.25, 67), (0.25, 0.75, 69)]),
        ("G/>A/", [(0.0, 0.375, 67), (0.375, 0.125, 69)]),
        ("(3GAB c", [(0.0, 0.333333, 67), (0.333333, 0.333333, 69), (0.666667, 0.333333, 71), (1.0, 0.5, 72)]),
        ("F2-F2", [(0.0, 2.0, 66)]),
        ("=F F ^c|F c", [(0.0, 0.5, 65), (0.5, 0.5, 65), (1.0, 0.5, 73), (1.5, 0.5, 66), (2.0, 0.5, 72)]),
        ("[GB]2 z2 g,", [(0.0, 1.0, 67), (0.0, 1.0, 71), (2.0, 0.5, 67)]),
        ('"Am"G"^slow"A', [(0.0, 0.5, 67), (0.5, 0.5, 69)]),
        ("{AB}G", [(0.0, 0.5, 67)]),
        ("|:G4|1 A4:|2 B4|]", [(0.0, 2.0, 67), (2.0, 2.0, 69), (4.0, 2.0, 67), (6.0, 2.0, 71)]),
    ],
)  # fmt: skip
def test_abc_means_what_the_standard_says(body: str, notes: list[tuple[float, float, int]]) -> None:
    assert tune(body) == notes


@pytest.mark.parametrize(
    ("text", "key"),
    [("G", (7, 1)), ("Am", (9, 0)), ("D mix", (2, 1)), ("EDor", (4, 2)), ("Bb minor", (10, -5)), ("none", (None, 0))],
)
def test_keys_of_all_modes_are_known(text: str, key: tuple[int | None, int]) -> None:
    assert key_of(text) == key


def part(notes: str, attributes: str = "", number: int = 1) -> str:
    time = "<time><beats>2</beats><beat-type>4</beat-type></time>"
    head = f"<attributes><divisions>1</divisions>{time}{attributes}</attributes>"
    measures = "".join(
        f"<measure>{head if i == 0 else ''}{measure}</measure>" for i, measure in enumerate(notes.split("|"))
    )
    return f'<part id="P{number}">{measures}</part>'


def note(step: str, beats: int = 1, inside: str = "") -> str:
    return f"<note><pitch><step>{step}</step><octave>4</octave></pitch><duration>{beats}</duration>{inside}</note>"


def xml(*parts: str) -> bytes:
    listed = "".join(
        f'<score-part id="P{i}"><part-name>Part {i}</part-name></score-part>' for i in range(1, len(parts) + 1)
    )
    return f"<score-partwise><part-list>{listed}</part-list>{''.join(parts)}</score-partwise>".encode()


def test_a_part_that_writes_a_beat_too_many_holds_no_other_up() -> None:
    odd = part(note("C", 2) + note("D") + "|" + note("E", 2), number=1)
    right = part(note("C", 2) + "|" + note("G", 2), number=2)
    sheet = unfold(read_musicxml(xml(odd, right), "here"))
    assert [tone.onset for tone in sheet.tones if tone.part == 1] == [0.0, 2.0]


def test_a_transposing_instrument_is_heard_at_its_sounding_pitch() -> None:
    shift = "<transpose><chromatic>-2</chromatic></transpose>"
    assert [t.pitch for t in unfold(read_musicxml(xml(part(note("D", 2), shift)), "here")).tones] == [60]


def test_tied_notes_are_one() -> None:
    tied = part(note("C", 2, '<tie type="start"/>') + "|" + note("C", 2, '<tie type="stop"/>'))
    assert [(t.onset, t.beats) for t in unfold(read_musicxml(xml(tied), "here")).tones] == [(0.0, 4.0)]


@pytest.mark.parametrize(
    "source",
    [
        "music21:no/such/file.mxl",
        "music21:../base.py",
        "bach/bwv269.mxl",
        "music21:airdsAirs/book1.abc#x",
        "music21:airdsAirs/book1.abc#9999",
    ],
)
def test_a_score_that_is_not_there_is_named(source: str) -> None:
    with pytest.raises(ScoreUnreadable) as caught:
        read_music21(source)
    assert source.removeprefix("music21:") in caught.value.place
    assert caught.value.repair


@pytest.mark.parametrize(
    "data",
    [b"", b"no score", b"PK\x03\x04 broken", b"<score-timewise/>", xml(part("<note><rest/></note>"))],
    ids=["empty", "text", "broken archive", "timewise", "silent"],
)  # fmt: skip
def test_a_file_that_is_no_score_says_where_and_what_to_do(data: bytes) -> None:
    with pytest.raises(ScoreUnreadable) as caught:
        read_musicxml(data, "here.mxl")
    assert caught.value.place == "here.mxl"
    assert caught.value.repair


@pytest.mark.parametrize("text", ["X:1\nT:x\n", "X:1\nT:x\nK:G\n", "X:1\nK:G\n| | |\n"])
def test_a_tune_without_key_or_notes_is_named(text: str) -> None:
    with pytest.raises(ScoreUnreadable, match="book 1"):
        read_tune(text, "book 1")


def test_a_tune_book_has_as_many_tunes_as_it_numbers() -> None:
    assert count_tunes("miscFolk/northumbrianminstrelsyopus.abc") == 129
    assert len(hash_source("music21:bach/bwv269.mxl")) == 64


@pytest.mark.parametrize(
    ("given", "form", "title"),
    [
        ("WIND, THE -- REEL.", "", "The Wind (reel)"),
        ("CAPTAIN KELLEY'S -- REEL", "reel", "Captain Kelley's Reel"),
        ("Lamentation of Owen Roe O'Neill, The", "", "The Lamentation of Owen Roe O'Neill"),
        ("SHULE AROON", "", "Shule Aroon"),
        ("Hiawat:ha -- Hornpipe", "hornpipe", "Hiawatha (hornpipe)"),
        ("The Ranting Highlandman.", "", "The Ranting Highlandman"),
        ("Avalanche (Lancashire) -- Clog", "clog", "Avalanche (Lancashire clog)"),
        ("Lord MacDonald's Reel", "reel", "Lord MacDonald's Reel"),
        ("Angel's Whisper., The", "", "The Angel's Whisper"),
        ("Quick Step 44th. Regt.", "", "Quick Step 44th Regt"),
        ("The Twelve Days of Christmas (2)", "", "The Twelve Days of Christmas"),
    ],
)
def test_titles_are_good_to_read(given: str, form: str, title: str) -> None:
    assert format_title(given, form) == title
