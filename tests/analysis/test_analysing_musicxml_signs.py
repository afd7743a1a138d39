"""What a score writes in signs sounds as it would written out."""

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from encoders.analysis.analyser import analyse
from encoders.analysis.piece import AnalysedPiece
from encoders.notation.musicxml.document import parse_score
from encoders.notation.score import Score, order_bars, unfold
from encoders.performing.shorthand import write_out_shorthand
from engine.settings import ROOT
from tests.helpers import hard_files as hard
from tests.helpers.outside import written

CASES = ROOT / "tests" / "data" / "cases"
Tones = list[tuple[float, float, int]]


def case(name: str) -> AnalysedPiece:
    return analyse(CASES / f"{name}.musicxml")


@pytest.mark.parametrize(
    ("odd", "plain"),
    [
        ("xml-missing-divisions/odd", "xml-missing-divisions/plain"),
        ("xml-tremolo/tremolo sign", "xml-tremolo/tremolo written out"),
        ("xml-dacapo-endings/odd", "xml-dacapo-endings/plain"),
        ("xml-coda-in-words/odd", "xml-coda-in-words/plain"),
    ],
)
def test_a_score_sounds_as_it_would_written_out(odd: str, plain: str) -> None:
    one, other = case(odd), case(plain)
    assert one.content == other.content
    assert one.seconds == pytest.approx(other.seconds, abs=0.1)
    for cue in ("onset_rate", "register", "roughness", "articulation"):
        assert getattr(one.cues, cue) == pytest.approx(getattr(other.cues, cue), abs=0.05)


def test_a_coda_that_words_and_signs_alone_lead_to_is_reached() -> None:
    heard = case("xml-coda-in-words/symbols-only")
    assert heard.performance is not None
    bars = [60, 64, 67, 64], [65, 69, 72, 69], [67, 71, 74, 71], [65, 69, 72, 69], [60]
    assert [note.pitch for note in heard.performance.notes] == [pitch for bar in bars for pitch in bar]
    assert not any("not played" in remark for remark in heard.remarks)


def test_swung_eighths_are_long_and_short() -> None:
    heard = case("xml-swing/swing")
    assert heard.performance is not None
    onsets = [note.onset for note in heard.performance.notes]
    pairs = [(b - a) / (c - a) for a, b, c in zip(onsets[::2], onsets[1::2], onsets[2::2], strict=False)]
    assert sum(pairs) / len(pairs) == pytest.approx(2 / 3, abs=0.01)
    assert heard.cues.articulation == pytest.approx(0.92, abs=0.01)


def read(*measures: str, part: str = "") -> Score:
    """A score of measures in 4/4, 24 divisions a quarter note, as it is played."""
    bars = [f'<measure number="{number}">{measure}</measure>' for number, measure in enumerate(measures, 1)]
    text = (
        hard.score(bars)
        .replace("<divisions>1<", "<divisions>24<")
        .replace("</score-partwise>", f"{part}</score-partwise>")
    )
    return write_out_shorthand(parse_score(ET.fromstring(text), "here"), [])  # noqa: S314 - our own text


def tones(score: Score) -> Tones:
    return [(t.onset, t.beats, t.pitch) for t in unfold(score).tones]


def note(pitch: str, duration: int, inside: str = "", kind: str = "quarter", chord: bool = False) -> str:
    return (
        f"<note>{'<chord/>' if chord else ''}<pitch><step>{pitch[0]}</step><octave>{pitch[1]}</octave></pitch>"
        f"<duration>{duration}</duration><type>{kind}</type>{inside}</note>"
    )


def tremolo(marks: int, kind: str = "single") -> str:
    return f'<notations><ornaments><tremolo type="{kind}">{marks}</tremolo></ornaments></notations>'


SHARED = "<time-modification><actual-notes>2</actual-notes><normal-notes>1</normal-notes></time-modification>"


@pytest.mark.parametrize(
    ("written_as", "strokes", "length"),
    [
        (note("C4", 96, tremolo(1), "whole"), 8, 0.5),
        (note("C4", 48, tremolo(2), "half"), 8, 0.25),
        (note("C4", 24, tremolo(3)), 8, 0.125),
        (note("C4", 24, tremolo(4)), 16, 0.0625),
        (note("C4", 12, tremolo(1), "eighth"), 2, 0.25),
        (note("C4", 6, tremolo(1), "16th"), 2, 0.125),
        (note("C4", 36, f"<dot/>{tremolo(1)}"), 3, 0.5),
        (note("C4", 24, tremolo(0, "unmeasured")), 8, 0.125),
    ],
    ids=["one", "two", "three", "four", "on an eighth", "on a sixteenth", "dotted", "unmeasured"],
)
def test_a_tremolo_is_as_many_strokes_as_its_marks_and_flags_say(written_as: str, strokes: int, length: float) -> None:
    assert tones(read(written_as)) == [(round(i * length, 6), length, 60) for i in range(strokes)]


def test_the_strokes_of_a_tuplet_are_shorter() -> None:
    triplet = "<time-modification><actual-notes>3</actual-notes><normal-notes>2</normal-notes></time-modification>"
    assert [beats for _, beats, _ in tones(read(note("C4", 16, triplet + tremolo(1))))] == [pytest.approx(1 / 3)] * 2


@pytest.mark.parametrize("time", [SHARED, ""])
def test_a_tremolo_of_two_notes_goes_from_one_to_the_other(time: str) -> None:
    one = note("C4", 24, time + tremolo(2, "start"), "half") + note("E4", 24, time, "half", chord=True)
    other = note("G4", 24, time + tremolo(2, "stop"), "half")
    assert tones(read(one + other)) == [
        (i / 4, 0.25, pitch) for i in range(8) for pitch in ((60, 64) if i % 2 == 0 else (67,))
    ]


def test_a_tremolo_over_a_tie_is_struck_on_and_one_without_its_end_is_a_plain_note() -> None:
    tie = '<tie type="start"/>'
    tied = read(note("C4", 96, tie + tremolo(1), "whole"), note("C4", 96, tremolo(1), "whole"))
    assert len(tones(tied)) == 16
    assert tones(read(note("C4", 24, tremolo(3, "start")) + note("D4", 24))) == [(0.0, 1.0, 60), (1.0, 1.0, 62)]


def test_tremolos_that_nobody_could_write_out_are_held(tmp_path: Path) -> None:
    bars = [hard.bar("C4").replace("</type>", f"</type>{tremolo(8)}").replace("<duration>1<", "<duration>1000<")]
    heard = analyse(written(tmp_path, "a.xml", hard.score([*bars, hard.bar("D4")])))
    assert heard.performance is not None
    assert len(heard.performance.notes) == 2
    assert any("tremolos are held" in remark for remark in heard.remarks)


@pytest.mark.parametrize("marks", ["1e400", "-3", "99", "three", ""])
def test_tremolos_with_no_number_of_strokes_have_three(marks: str) -> None:
    sign = tremolo(1).replace(">1<", f">{marks}<")
    assert len(tones(read(note("C4", 24, sign)))) == 8


def test_two_notes_too_short_to_take_turns_are_plain() -> None:
    pair = note("C4", 1, tremolo(1, "start"), "whole") + note("D4", 1, tremolo(1, "stop"), "whole")
    assert [beats for _, beats, _ in tones(read(pair))] == [pytest.approx(1 / 24, abs=1e-5)] * 2


EIGHTHS = "".join(note(pitch, 12, kind="eighth") for pitch in ("C4", "D4") * 4)
LILTING, EVEN = [0.0, 0.666667] * 4, [0.0, 0.5] * 4


def words(text: str) -> str:
    return f"<direction><direction-type><words>{text}</words></direction-type></direction>"


def swing(first: int, second: int, kind: str = "eighth") -> str:
    inside = f"<first>{first}</first><second>{second}</second><swing-type>{kind}</swing-type>"
    return f"<sound><swing>{inside if second else '<straight/>'}</swing></sound>"


def places(score: Score) -> list[list[float]]:
    """Where the tones of every bar begin, against their beats."""
    return [[round(t.onset % 1, 6) for t in bar.tones] for bar in score.bars]


@pytest.mark.parametrize(
    "sign", [words("Swing"), words("Medium swing feel"), words("Shuffle"), words("(swung eighths)"), swing(2, 1)]
)
@pytest.mark.parametrize("end", [words("Straight 8ths"), words("even eighths"), swing(1, 0), swing(1, 1)])
def test_swing_holds_until_the_music_is_straight_again(sign: str, end: str) -> None:
    assert places(read(EIGHTHS, sign + EIGHTHS, EIGHTHS, end + EIGHTHS)) == [EVEN, LILTING, LILTING, EVEN]


def test_swing_may_begin_within_a_bar_and_have_other_proportions() -> None:
    half = "".join(note("C4", 12, kind="eighth") for _ in range(4))
    assert places(read(half + swing(3, 2) + half)) == [[0.0, 0.5, 0.0, 0.5, 0.0, 0.6, 0.0, 0.6]]


@pytest.mark.parametrize(("first", "second"), [(1_000_000, 1), (1, 1_000_000)])
def test_no_swing_leaves_a_note_without_length(first: int, second: int) -> None:
    assert min(beats for _, beats, _ in tones(read(swing(first, second) + EIGHTHS))) == pytest.approx(0.1)


def test_sixteenths_are_swung_where_it_says_so() -> None:
    sixteenths = "".join(note("C4", 6, kind="16th") for _ in range(4))
    assert places(read(swing(2, 1, "16th") + sixteenths)) == [[0.0, 0.333333, 0.5, 0.833333]]
    assert places(read(words("Swing 16ths") + sixteenths)) == [[0.0, 0.333333, 0.5, 0.833333]]
    assert places(read(swing(2, 1) + sixteenths)) == [[0.0, 0.25, 0.5, 0.75]]


def test_an_upbeat_swings_towards_its_bar_line() -> None:
    assert places(read(words("Swing") + note("C4", 12, kind="eighth"), EIGHTHS)) == [[0.166667], LILTING]


def test_a_straight_mute_and_a_song_about_swinging_change_nothing() -> None:
    assert places(read(words("Swing") + EIGHTHS, words("straight mute") + EIGHTHS)) == [LILTING, LILTING]
    assert places(read(words("schwingend, swinging") + EIGHTHS)) == [EVEN]


def second_part(*measures: str) -> str:
    rows = "".join(f'<measure number="{number}">{measure}</measure>' for number, measure in enumerate(measures, 1))
    return f'<part id="P2">{rows}</part>'


FOUR = "".join(note(pitch, 24) for pitch in ("C4", "D4", "E4", "F4"))


def lengths(score: Score) -> set[float]:
    return {tone.beats for bar in score.bars for tone in bar.tones}


def test_missing_divisions_are_those_that_note_values_imply() -> None:
    other = FOUR.replace("<duration>24<", "<duration>7<")
    assert lengths(read(FOUR, FOUR, part=second_part(other, other))) == {1.0}
    assert [bar.beats for bar in read(FOUR, FOUR, part=second_part(other, other)).bars] == [4.0, 4.0]
    everywhere = hard.score([f'<measure number="1">{FOUR}</measure>']).replace("<divisions>1</divisions>", "")
    assert lengths(parse_score(ET.fromstring(everywhere), "here")) == {1.0}  # noqa: S314 - our own text


def test_missing_divisions_without_note_values_are_those_of_the_file() -> None:
    assert lengths(read(FOUR, part=second_part(FOUR.replace("<type>quarter</type>", "")))) == {1.0}


def test_divisions_may_change_and_may_have_a_fraction() -> None:
    other = "<attributes><divisions>2.5</divisions></attributes>" + FOUR.replace("<duration>24<", "<duration>2.5<")
    assert lengths(read(FOUR, other, FOUR.replace("<duration>24<", "<duration>2.5<"))) == {1.0}


def sound(jump: str) -> str:
    return f"<direction><direction-type><other-direction/></direction-type><sound {jump}/></direction>"


def sign(name: str, also: str = "") -> str:
    return f"<direction><direction-type><{name}/></direction-type>{also}</direction>"


FIRST = (
    '<barline location="left"><ending number="1" type="start"/></barline>',
    '<barline location="right"><ending number="1" type="stop"/><repeat direction="backward"/></barline>',
)
SECOND = (
    '<barline location="left"><ending number="2" type="start"/></barline>',
    '<barline location="right"><ending number="2" type="discontinue"/></barline>',
)


@pytest.mark.parametrize(
    ("marks", "played"),
    [
        (["", words("Fine"), words("D.C. al Fine")], [0, 1, 2, 0, 1]),
        (["", words("FINE"), words("(D. C. al Fine)")], [0, 1, 2, 0, 1]),
        (["", words("Fine and mellow"), words("Da Capo")], [0, 1, 2, 0, 1, 2]),
        (["", words("Segno"), words("Fine"), words("Dal Segno al Fine")], [0, 1, 2, 3, 1, 2]),
        (["", sign("segno"), words("To Coda"), words("D.S. al Coda"), sign("coda")], [0, 1, 2, 3, 1, 2, 4]),
        (["", sign("segno"), words("to the Coda"), words("D.S. al Coda"), words("CODA")], [0, 1, 2, 3, 1, 2, 4]),
        (["", sign("segno"), sign("coda"), words("D.S. al Coda"), sign("coda")], [0, 1, 2, 3, 1, 2, 4]),
        (["", sign("segno"), sign("coda") + words("To Coda"), words("D.S."), sign("coda")], [0, 1, 2, 3, 1, 2, 4]),
        (["", sound('tocoda="x"'), sound('dacapo="yes"'), sound('coda="x"')], [0, 1, 2, 0, 1, 3]),
        (["", sign("coda", '<sound tocoda="x"/>'), words("D.C. al Coda"), sign("coda")], [0, 1, 2, 0, 1, 3]),
        (["", sound('fine="yes"'), sound('dacapo="no"')], [0, 1, 2]),
        (["", words("To Coda"), "", sign("coda")], [0, 1, 2, 3]),
    ],
)
def test_jumps_are_followed_as_numbers_words_and_signs_ask(marks: list[str], played: list[int]) -> None:
    assert order_bars(read(*(FOUR + mark for mark in marks)).bars) == played


@pytest.mark.parametrize(
    ("middle", "back", "played"),
    [("Fine", "D.C. al Fine", [0, 1, 0, 2, 3, 0, 2]), ("To Coda", "D.C. al Coda", [0, 1, 0, 2, 3, 0, 2, 4])],
)
def test_who_has_jumped_back_takes_the_last_ending(middle: str, back: str, played: list[int]) -> None:
    bars = [FOUR, FIRST[0] + FOUR + FIRST[1], SECOND[0] + FOUR + words(middle) + SECOND[1], FOUR + words(back)]
    assert order_bars(read(*bars, sign("coda") + FOUR).bars) == played


def test_a_bar_left_to_the_sign_for_a_repeated_bar_is_played_again() -> None:
    def again(kind: str, count: int = 1) -> str:
        repeat = f'<measure-repeat type="{kind}">{count}</measure-repeat>'
        return f"<attributes><measure-style>{repeat}</measure-style></attributes>"

    empty = '<note><rest measure="yes"/><duration>96</duration></note>'
    two = read(FOUR, note("G4", 96, kind="whole"), again("start", 2) + empty, "", again("stop") + empty)
    assert [[t.pitch for t in bar.tones] for bar in two.bars] == [[60, 62, 64, 65], [67]] * 2 + [[]]
