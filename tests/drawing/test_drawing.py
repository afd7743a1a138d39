"""Pictures and pages of a journey: what is planned is what is drawn, and nothing in them comes from elsewhere."""

import re
from html.parser import HTMLParser
from itertools import combinations
from math import hypot
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.drawing.page import PageRule, PageTrack, write_page
from engine.drawing.picture import PlottedStep, draw_journey, draw_sparkline, place_points
from engine.drawing.sheet import WORDS as SHEET_WORDS
from engine.drawing.sheet import SheetHead, SheetTrack, write_sheet

SVG = "{http://www.w3.org/2000/svg}"


def step(position: int, stage: str = "guide", title: str = "An Air", **others: float) -> PlottedStep:
    heard = {"seconds": 150.0, "valence": 0.2, "arousal": -0.3, "tempo": 70.0, "level": -20.0} | others
    return PlottedStep(position, stage, title, **heard)


JOURNEY = [
    step(1, "match", "Lament & <b>Air</b>", tempo=100.0, level=-15.0, valence=-0.4, arousal=0.5),
    step(2, tempo=80.0, level=-18.0, valence=0.0, arousal=0.1),
    step(3, "target", tempo=50.0, level=-24.0, valence=0.3, arousal=-0.6, seconds=300.0),
]


def drawn(steps: list[PlottedStep], language: str = "en") -> ET.Element:
    return ET.fromstring(draw_journey(steps, language))  # noqa: S314  our own document


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_track_is_in_the_picture_and_in_its_description(language: str) -> None:
    root = drawn(JOURNEY, language)
    numbers = [text.text for text in root.iter(f"{SVG}text") if text.get("font-size") == "10.5"]
    assert numbers == ["1", "2", "3"]
    said = root.find(f"{SVG}desc")
    assert said is not None
    assert said.text is not None
    assert "Lament & <b>Air</b>" in said.text
    assert root.get("role") == "img"


def test_pleasant_is_right_and_lively_is_up() -> None:
    first, second, third = place_points(JOURNEY)
    assert first.x < second.x < third.x
    assert first.y < second.y < third.y


def test_bars_last_as_long_as_their_tracks_and_stand_as_high_as_their_values() -> None:
    lines = [line for line in drawn(JOURNEY).iter(f"{SVG}line") if line.find(f"{SVG}title") is not None]
    tempo, level = lines[:3], lines[3:]
    assert len(level) == 3
    widths = [float(line.attrib["x2"]) - float(line.attrib["x1"]) + 4 for line in tempo]
    assert widths[2] == pytest.approx(2 * widths[0], abs=0.3)
    for bars in (tempo, level):
        heights = [float(line.attrib["y1"]) for line in bars]
        assert heights == sorted(heights)
        assert len(set(heights)) == 3


@given(st.lists(st.tuples(st.floats(-1, 1), st.floats(-1, 1)), min_size=1, max_size=24))
def test_numbers_can_be_told_apart(places: list[tuple[float, float]]) -> None:
    labels = place_points([step(number, valence=v, arousal=a) for number, (v, a) in enumerate(places, 1)])
    for one, other in combinations(labels, 2):
        assert hypot(one.label_x - other.label_x, one.label_y - other.label_y) > 12


def test_a_lone_track_and_tracks_that_do_not_differ_are_drawn() -> None:
    drawn([step(1)])
    drawn([step(number, seconds=7200.0) for number in range(1, 4)])


def test_a_sparkline_has_a_block_a_value() -> None:
    assert draw_sparkline([1.0, 2.0, 4.0, 8.0], 1.0) == "▁▂▄█"
    assert draw_sparkline([3.0, 3.0], 1.0) == "▅▅"
    # Half a decibel does not look like a crescendo.
    assert draw_sparkline([-23.2, -22.8, -22.6], 6.0) == "▄▅▅"


class Links(HTMLParser):
    """What a page would fetch, and the elements it has."""

    def __init__(self) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.elements: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.fetched += [value or "" for name, value in attrs if name in {"src", "href", "srcset", "poster", "data"}]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_page_fetches_nothing_but_the_sounds_beside_it(language: str) -> None:
    tracks = [PageTrack(one, "Trad. & al.", 'Slower "than" <before>', f"audio/0{one.position}.ogg") for one in JOURNEY]
    tracks[1] = PageTrack(JOURNEY[1], "", "", None)
    rule = PageRule("Calm <leans>", "It leans.", "direction C", "")
    text = write_page("A journey to <calm>", tracks, [rule], ["Stop & rest"], language)
    page = Links()
    page.feed(text)
    assert page.fetched == ["audio/01.ogg", "audio/03.ogg"]
    assert "b" not in page.elements
    assert "before" not in page.elements
    assert "Trad. &amp; al." in text
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", text)


def test_a_page_without_sounds_has_no_player() -> None:
    text = write_page("A journey", [PageTrack(one, "", "", None) for one in JOURNEY], [], [])
    assert "<script>" not in text
    assert "2:30" in text


SHEET_TRACKS = [
    SheetTrack(1, "match", "Lament <1>", "Anon", 0.0, 150.0, 81.4, 67.0, False, "Slow and minor: it meets sadness."),
    SheetTrack(2, "guide", "An Air", "", 150.0, 120.0, 70.0, None, None, "Lighter."),
    SheetTrack(3, "target", "Another", "", 270.0, 330.0, 60.0, 62.0, True, "At rest."),
]
SAFETY = PageRule("Not alone", "A carer stays.", "risk B", "Someone2020")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_session_sheet_says_what_is_played_and_why_and_leaves_room(language: str) -> None:
    head = SheetHead("A journey to calm", "2026-11-29", 7, "an-id", "3")
    page = write_sheet(head, "You said sad.", SHEET_TRACKS, [SAFETY], [], ["Stop at any time."], language)
    words = SHEET_WORDS[language]
    told = (
        *("Lament &lt;1&gt;", "Slow and minor: it meets sadness.", ">2:30<", ">4:30<", "Not alone", "A carer stays."),
        *("Stop at any time.", words["room"], "You said sad.", f"10 {words['minutes']}, 3 {words['tracks']}"),
        *(f"{words['asked']} 67, {words['not_met']}", f"{words['asked']} 62<"),
    )
    assert [one for one in told if one not in page] == []
    assert page.count('class="marks"') == len(SHEET_TRACKS)
    assert [page.index(words[stage]) for stage in ("match", "guide", "target")] == sorted(
        page.index(words[stage]) for stage in ("match", "guide", "target")
    ), "stages stand in the order in which they are heard"
    assert "http:" not in page
    assert "https:" not in page
    assert "<script" not in page


def test_a_sheet_says_where_no_safety_rule_held() -> None:
    head = SheetHead("A journey", "2026-11-29", 7, "an-id", "")
    assert SHEET_WORDS["en"]["none"] in write_sheet(head, "", SHEET_TRACKS, [], [], [])
    assert SHEET_WORDS["en"].keys() == SHEET_WORDS["zh"].keys()
