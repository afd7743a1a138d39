"""Hairpins lead from where they begin to where they end; what is written wrong about them stops nothing."""

import random
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from encoders.analysis.analyser import analyse
from encoders.catalogue.sources import find_corpus
from encoders.notation.musicxml.document import parse_score, read_musicxml
from encoders.performing.hairpins import GRADE, apply_dynamics
from tests.helpers import hard_files as hard
from tests.helpers.outside import written

CRESCENDO, DIMINUENDO, STOP = (
    f'<direction><direction-type><wedge type="{kind}"/></direction-type></direction>'
    for kind in ("crescendo", "diminuendo", "stop")
)
BACK = "<backup><duration>4</duration></backup>"


def mark(name: str) -> str:
    return f"<direction><direction-type><dynamics><{name}/></dynamics></direction-type></direction>"


def wedge(kind: str, number: int) -> str:
    return f'<direction><direction-type><wedge type="{kind}" number="{number}"/></direction-type></direction>'


def bar(*items: str, staff: int = 0) -> str:
    """A measure of quarter notes ('C4'), rests ('-') and whatever else is written between them."""
    at = f"<staff>{staff}</staff>" if staff else ""
    rows = [
        item
        if item.startswith("<")
        else f"<note>{'<rest/>' if item == '-' else pitched(item)}<duration>1</duration>{at}</note>"
        for item in items
    ]
    return f'<measure number="1">{"".join(rows)}</measure>'


def pitched(name: str) -> str:
    return f"<pitch><step>{name[0]}</step><octave>{name[1]}</octave></pitch>"


def loudness(*bars: str) -> list[float]:
    """dB of every tone of a score, in the order in which they are written, bar by bar."""
    score = apply_dynamics(parse_score(ET.fromstring(hard.score(bars)), "here"), [])  # noqa: S314 - our own text
    return [tone.loudness for b in score.bars for tone in b.tones]


def test_a_crescendo_leads_from_its_mark_to_the_next_in_equal_steps() -> None:
    bars = [bar(mark("p"), CRESCENDO, "C4", "D4", "E4", "F4"), bar("G4", STOP, mark("f"), "A4", "B4", "C5")]
    assert loudness(*bars) == [-6, -4, -2, 0, 2, 4, 4, 4]


def test_a_diminuendo_over_several_bars_leads_to_its_mark() -> None:
    bars = [bar(mark("f"), DIMINUENDO, *["C4"] * 4), bar(*["C4"] * 4), bar(*["C4"] * 4, STOP), bar(mark("pp"), "C4")]
    assert loudness(*bars) == pytest.approx([4 - 14 * n / 12 for n in range(13)], abs=0.01)


def test_a_mark_after_the_end_counts_where_no_tone_lies_between() -> None:
    assert loudness(bar(mark("p"), CRESCENDO, "C4", STOP, "-", mark("f"), "C4", "C4")) == [-6, 4, 4]
    # The tone on which the hairpin ends stands between its end and what is marked after it.
    assert loudness(bar(mark("p"), CRESCENDO, "C4", "C4", STOP, "C4", mark("f"), "C4")) == [-6, -1, 4, 4]


def test_without_a_mark_a_hairpin_leads_a_grade_on_and_that_is_told(tmp_path: Path) -> None:
    bars = [bar(mark("p"), CRESCENDO, "C4", "C4", STOP, "C4", "C4"), bar(DIMINUENDO, "C4", "C4", STOP, "C4", "C4")]
    up = GRADE - 6
    assert loudness(*bars) == [-6, -6 + GRADE / 2, up, up, up, up - GRADE / 2, -6, -6]
    heard = analyse(written(tmp_path, "a.xml", hard.score(bars)))
    assert "2 of its hairpins lead to no mark: a grade each taken" in heard.remarks


def test_a_sudden_mark_is_no_aim_of_a_hairpin_that_leads_the_other_way() -> None:
    bars = [bar(mark("p"), CRESCENDO, "C4", "C4", STOP, mark("p"), "C4", "C4")]
    assert loudness(*bars) == [-6, -6 + GRADE / 2, -6, -6]


def test_a_mark_inside_a_hairpin_wins_from_where_it_stands() -> None:
    within = bar(mark("p"), CRESCENDO, "C4", "C4", mark("f"), "C4", "C4"), bar("C4", STOP, "C4", "C4", "C4")
    assert loudness(*within) == [-6, -1, 4, 4, 4, 4, 4, 4]
    onward = bar(mark("p"), CRESCENDO, "C4", "C4", mark("mf"), "C4", "C4"), bar(STOP, mark("ff"), "C4")
    assert loudness(*onward) == [-6, -3, 0, 3.5, 7]
    sudden = bar(mark("f"), CRESCENDO, "C4", "C4", mark("p"), "C4", "C4"), bar(STOP, mark("ff"), "C4")
    assert loudness(*sudden) == [4, 4 + GRADE / 2, -6, 0.5, 7]


def test_no_row_of_hairpins_leads_beyond_the_loudest_mark_or_the_softest() -> None:
    swelling = [bar(CRESCENDO, *["C4"] * 4, STOP)] * 20 + [bar(DIMINUENDO, *["C4"] * 4, STOP)] * 30
    found = loudness(*swelling)
    assert (max(found), min(found)) == (9, -18)


def test_hairpins_that_are_open_at_once_are_told_apart_by_their_number() -> None:
    first, second = (wedge("crescendo", 1), wedge("stop", 1)), (wedge("crescendo", 2), wedge("stop", 2))
    voices = bar(mark("p"), first[0], *["C5"] * 4, first[1], BACK, second[0], *["C4"] * 4, second[1])
    assert loudness(voices, bar(mark("f"), "C4")) == [-6, -6, -3.5, -3.5, -1, -1, 1.5, 1.5, 4]


def test_a_hairpin_within_another_takes_over_where_it_begins() -> None:
    outer, inner = wedge("crescendo", 1), wedge("diminuendo", 2)
    ends = wedge("stop", 2), wedge("stop", 1)
    bars = [
        bar(mark("p"), outer, "C4", "C4", inner, "C4", "C4"),
        bar(ends[0], mark("pp"), "C4", "C4", "C4", "C4", ends[1]),
    ]
    top = GRADE - 6
    half = round((top - 10) / 2, 2)
    assert loudness(*bars) == [-6, -6 + GRADE / 2, top, half, -10, -10, -10, -10]


def test_a_hairpin_that_nothing_ends_leads_to_the_next_mark_and_a_stop_alone_is_nothing() -> None:
    assert loudness(bar(mark("p"), CRESCENDO, "C4", "C4", mark("f"), "C4", "C4")) == [-6, -1, 4, 4]
    assert loudness(bar(CRESCENDO, "C4", "C4", DIMINUENDO, "C4", "C4")) == [0, GRADE / 2, GRADE, GRADE / 2]
    assert loudness(bar(STOP, mark("p"), "C4", STOP, "C4", "C4", "C4")) == [-6] * 4
    assert loudness(bar(mark("p"), CRESCENDO, STOP, *["C4"] * 4)) == [-6] * 4


def test_parts_have_hairpins_of_their_own() -> None:
    text = hard.score([bar(mark("p"), CRESCENDO, *["C4"] * 4, STOP), bar(mark("f"), *["C4"] * 4)])
    part = text[text.index('<part id="P1">') : text.index("</score-partwise>")]
    other = part.replace('"P1"', '"P2"').replace("crescendo", "continue")
    text = text.replace("</part-list>", '<score-part id="P2"/></part-list>').replace(part, part + other)
    score = apply_dynamics(parse_score(ET.fromstring(text), "here"), [])  # noqa: S314 - our own text
    first = [[t.loudness for t in score.bars[0].tones if t.part == n] for n in (0, 1)]
    assert first == [[-6, -3.5, -1, 1.5], [-6] * 4]


def test_both_staves_of_a_keyboard_follow_one_hairpin() -> None:
    low = bar(*["C3"] * 4, staff=2)
    inside = low[low.index("<note>") : low.index("</measure>")]
    both = bar(mark("p"), CRESCENDO, *["C5"] * 4, staff=1).replace("</measure>", f"{BACK}{inside}</measure>")
    score = apply_dynamics(parse_score(ET.fromstring(hard.score([both, bar(STOP, mark("f"), "C4")])), "here"), [])  # noqa: S314
    by_staff = [[t.loudness for t in score.bars[0].tones if t.part == n] for n in (0, 1)]
    assert by_staff == [[-6, -3.5, -1, 1.5]] * 2


def test_a_hairpin_across_repeats_and_endings_is_as_it_is_written() -> None:
    again = '<barline location="right"><repeat direction="backward"/></barline>'
    bars = [
        bar(mark("p"), CRESCENDO, *["C4"] * 4, again),
        bar(STOP, mark("f"), *["C4"] * 4),
    ]
    assert loudness(*bars) == [-6, -3.5, -1, 1.5, 4, 4, 4, 4]


def test_a_mark_holds_for_every_voice_from_where_it_stands() -> None:
    voices = bar(mark("p"), "C5", "C5", mark("f"), "C5", "C5", BACK, *["C4"] * 4)
    assert loudness(voices) == [-6, -6, -6, -6, 4, 4, 4, 4]


def test_a_mark_in_a_bar_without_notes_is_not_lost() -> None:
    assert loudness(bar("C4"), bar(mark("p")), bar("C4")) == [0, -6]


@pytest.mark.parametrize(("percent", "level"), [("100", 3.88), ("80", 0.0), ("20", -18.0), ("-5", 0.0), ("x", 0.0)])
def test_a_number_for_playback_counts_where_no_mark_stands(percent: str, level: float) -> None:
    number = f'<sound dynamics="{percent}"/>'
    assert loudness(bar(number, "C4")) == pytest.approx([level], abs=0.01)
    both = mark("pp").replace("</direction>", f"{number}</direction>")
    assert loudness(bar(both, "C4")) == [-10]


def test_a_swell_is_heard_in_the_cues(tmp_path: Path) -> None:
    """The whole way, from the file to what is measured."""
    notes = ["C4", "D4", "E4", "F4"]
    soft, between = bar(mark("pp"), *notes), [bar(*notes)] * 14
    swelling = [bar(mark("pp"), CRESCENDO, *notes), *between, bar(STOP, mark("ff"), *notes)]
    swell = analyse(written(tmp_path, "a.xml", hard.score(swelling)))
    flat = analyse(written(tmp_path, "b.xml", hard.score([soft, *between, soft])))
    assert swell.cues.level_swing > flat.cues.level_swing + 4
    assert swell.cues.level_out > swell.cues.level_in + 6
    assert swell.remarks == ("no tempo written: 100 BPM taken",)
    assert swell.performance is not None
    loud = [note.velocity for note in swell.performance.notes]
    assert np.corrcoef(range(len(loud)), loud)[0, 1] > 0.9


def test_the_catalogues_reader_leaves_hairpins_alone() -> None:
    """Its performances are measured and shipped; they were played by the marks as they stand in the file."""
    bars = [bar(mark("p"), CRESCENDO, "C4", "D4", "E4", "F4"), bar(STOP, mark("f"), "G4")]
    score = read_musicxml(hard.score(bars).encode(), "here")
    assert [tone.loudness for b in score.bars for tone in b.tones] == [-6, -6, -6, -6, 4]


@pytest.mark.parametrize("seed", range(20))
def test_whatever_hairpins_stand_in_a_score_it_is_heard(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - the same scores every time
    signs = [wedge(kind, n) for kind in ("crescendo", "diminuendo", "stop", "continue", "x") for n in (1, 2)]
    signs += [*map(mark, ("pp", "f", "sfz", "n")), BACK, CRESCENDO.replace(' type="crescendo"', "")]
    bars = [bar("C4", *[chance.choice([*signs, "C4", "D5", "-"]) for _ in range(12)], "C4") for _ in range(12)]
    heard = analyse(written(tmp_path, "a.xml", hard.score(bars)))
    assert all(-18 <= level <= 9 for level in loudness(*bars))
    assert heard.performance is not None


@pytest.mark.parametrize("name", ["beethoven/opus18no3.mxl", "schumann_robert/opus41no1/movement1.mxl"])
def test_hairpins_of_real_scores_lead_and_do_not_wander(name: str) -> None:
    plain = read_musicxml((find_corpus() / name).read_bytes(), name)
    remarks: list[str] = []
    swelled = apply_dynamics(plain, remarks)
    pairs = [
        (a.loudness, b.loudness)
        for one, other in zip(plain.bars, swelled.bars, strict=True)
        for a, b in zip(one.tones, other.tones, strict=True)
    ]
    moved = [abs(a - b) for a, b in pairs if a != b]
    assert 0.05 < len(moved) / len(pairs) < 0.9
    assert float(np.median(moved)) < 2 * GRADE
    assert any("hairpins" in remark for remark in remarks)


def test_a_hairpin_leads_the_playing_and_leaves_the_music_what_it_is(tmp_path: Path) -> None:
    notes = ("C4", "D4", "E4", "F4")
    bare = analyse(
        written(tmp_path, "a.xml", hard.score([bar(mark("p"), *notes), bar(*notes), bar(mark("f"), *notes)]))
    )
    led_ = analyse(
        written(
            tmp_path,
            "b.xml",
            hard.score([bar(mark("p"), CRESCENDO, *notes), bar(*notes), bar(STOP, mark("f"), *notes)]),
        )
    )
    assert bare.performance is not None
    assert led_.performance is not None
    assert [n.velocity for n in led_.performance.notes] != [n.velocity for n in bare.performance.notes]
    # What was ingested before hairpins were played keeps its track.
    assert led_.content == bare.content
