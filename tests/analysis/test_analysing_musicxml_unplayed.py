"""No sign that sounds is left out in silence: it is played, or a remark says that it is not."""

from pathlib import Path

import pytest

from encoders.analysis.analyser import analyse
from tests.helpers import hard_files as hard
from tests.helpers.outside import written


def remarks(folder: Path, before: str = "", inside: str = "", after: str = "", part: str = "") -> str:
    bars = [hard.bar("C4", "D4", before=before, after=after).replace("</type>", f"</type>{inside}", 1), hard.bar("E4")]
    text = hard.score(bars, part=part or "<part-name>Piano</part-name>")
    return "; ".join(analyse(written(folder, "a.xml", text)).remarks)


def direction(inside: str) -> str:
    return f"<direction><direction-type>{inside}</direction-type></direction>"


@pytest.mark.parametrize(
    ("inside", "said"),
    [
        ("<notations><arpeggiate/></notations>", "broken chords"),
        ('<notations><glissando type="start"/></notations>', "glissandos"),
        ('<notations><slide type="start"/></notations>', "glissandos"),
        ("<notations><articulations><breath-mark/></articulations></notations>", "breaths"),
        ("<notations><articulations><caesura/></articulations></notations>", "breaths"),
        ("<notations><articulations><scoop/></articulations></notations>", "scoops and falls"),
        ("<notations><articulations><stress/></articulations></notations>", "stresses"),
        ("<notations><ornaments><schleifer/></ornaments></notations>", "rare ornaments"),
        ('<notations><ornaments><wavy-line type="start"/></ornaments></notations>', "wavy lines"),
        ("<notations><technical><bend><bend-alter>1</bend-alter></bend></technical></notations>", "bends"),
        ('<notations><tied type="let-ring"/></notations>', "notes left to ring"),
        ("<notations><dynamics><sfp/></dynamics></notations>", "rare marks of loudness"),
        ("<notehead>slash</notehead>", "slashes"),
    ],
)
def test_a_sign_at_a_note_that_is_not_played_is_told(tmp_path: Path, inside: str, said: str) -> None:
    assert said not in remarks(tmp_path)
    assert f"not played: {said}" in remarks(tmp_path, inside=inside)


@pytest.mark.parametrize(
    ("before", "said"),
    [
        (direction('<pedal type="start"/>'), "pedal"),
        ('<sound damper-pedal="yes"/>', "pedal"),
        ('<sound pizzicato="yes"/>', "plucked strings"),
        ("<harmony><root><root-step>C</root-step></root><kind>major</kind></harmony>", "chord symbols"),
        ("<figured-bass><figure><figure-number>6</figure-number></figure></figured-bass>", "figured bass"),
        (direction("<metronome><beat-unit>half</beat-unit><beat-unit>quarter</beat-unit></metronome>"), "tempo marks"),
        (direction("<words>poco rit.</words>"), "tempo in words"),
        (direction("<words>Allegro</words>") + direction("<words>Adagio</words>"), "tempo in words"),
        (direction("<words>cresc. poco a poco</words>"), "loudness in words"),
        (direction("<words>pizz.</words>"), "plucking and mutes in words"),
        (direction("<words>Menuetto da capo</words>"), "jumps to other movements in words"),
        (direction("<words>D.S. al Fine</words>"), "a jump to a segno that is not there"),
        (direction("<words>To Coda</words>"), "a jump to a coda that is not there"),
        ("<note><unpitched/><duration>1</duration></note>", "drums"),
        ("<note><rest/><duration>1</duration><notations><fermata/></notations></note>", "fermatas over rests"),
        ('<barline location="right"><fermata/></barline>', "fermatas over bar lines"),
        ("<note time-only='1'><pitch><step>C</step><octave>4</octave></pitch><duration>1</duration></note>", "times"),
        ("<attributes><transpose><chromatic>0</chromatic><double/></transpose></attributes>", "doubling"),
        ('<sound><midi-instrument id="I1"><midi-program>5</midi-program></midi-instrument></sound>', "changes of"),
        (
            "<note><pitch><step>C</step><alter>0.5</alter><octave>4</octave></pitch><duration>1</duration></note>",
            "quarter tones",
        ),
        (
            "<note><grace/><pitch><step>C</step><octave>4</octave></pitch></note>" * 5,
            "little notes before the last 4",
        ),
    ],
)
def test_a_sign_between_notes_that_is_not_played_is_told(tmp_path: Path, before: str, said: str) -> None:
    assert "not played" not in remarks(tmp_path)
    assert said in remarks(tmp_path, before=before).partition("not played: ")[2]


def test_what_is_taken_by_a_rule_of_ours_is_told(tmp_path: Path) -> None:
    unmeasured = '<notations><ornaments><tremolo type="unmeasured">0</tremolo></ornaments></notations>'
    assert "unmeasured tremolos are played with three strokes" in remarks(tmp_path, inside=unmeasured)
    assert "swing asked for in words: two to one" in remarks(tmp_path, before=direction("<words>Swing</words>"))
    text = hard.score([hard.bar("C4")]).replace("<divisions>1</divisions>", "")
    heard = analyse(written(tmp_path, "a.xml", text))
    assert "1 of 1 parts state no divisions: taken from the values of their notes" in heard.remarks


@pytest.mark.parametrize(
    "inside",
    [
        "<notations><fermata/></notations>",
        "<notations><articulations><staccato/><accent/><tenuto/></articulations></notations>",
        "<notations><ornaments><trill-mark/></ornaments></notations>",
        '<notations><ornaments><tremolo type="single">2</tremolo></ornaments></notations>',
        '<notations><slur type="start"/><tied type="start"/></notations>',
        "<notehead>x</notehead>",
    ],
)
def test_what_is_played_has_no_remark(tmp_path: Path, inside: str) -> None:
    assert "not played" not in remarks(tmp_path, inside=inside)


def test_slashes_and_cue_notes_do_not_sound_and_hidden_notes_do(tmp_path: Path) -> None:
    one = "<note{}>{}<pitch><step>C</step><octave>3</octave></pitch><duration>1</duration>{}</note>"
    kinds = [one.format("", "<cue/>", ""), one.format("", "", "<notehead>slash</notehead>")]
    hidden = one.format(' print-object="no"', "", "")
    heard = analyse(written(tmp_path, "a.xml", hard.score([hard.bar("C5", before="".join([*kinds, hidden]))])))
    assert heard.performance is not None
    assert [note.pitch for note in heard.performance.notes] == [48, 72]
