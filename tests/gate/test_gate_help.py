"""What the crisis gate does on a hit: help in the person's language and region, at every door, and nothing kept."""

import argparse
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from engine.cli.main import build_parser
from engine.gate import Gate
from engine.gate.checking import COUNTER, increment_counter
from engine.rules import Ontology
from engine.settings import ROOT
from tests.helpers.commands import isopath_process
from tests.helpers.gate_rates import sentences
from tests.helpers.shipped import shipped_ontology

SENTENCES = sentences()
KINDS = ("suicide", "self-harm", "harm-to-others", "abuse", "medical")


@pytest.fixture(scope="module")
def ontology() -> Ontology:
    return shipped_ontology()


# ---- what is shown


@pytest.fixture
def counting(gate: Gate, tmp_path: Path) -> Gate:
    return replace(gate, home=tmp_path / "home")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "region", ["US", "ca", "GB", "DE", "FR", "CN", "HK", "TW", "AU", "NZ", "IN", " jp ", "XX", None]
)
def test_every_region_has_somebody_to_call(kind: str, region: str | None, gate: Gate) -> None:
    crisis = next(
        each for each in SENTENCES if each.kind == kind and each.person == "self" and gate.check(each.text).kind == kind
    )
    shown = gate.support(gate.check(crisis.text), region)
    assert shown["lines"]
    assert all(line["name"] and line["contact"] and line["url"] for line in shown["lines"])
    assert shown["region"] == (None if region in ("XX", None) else str(region).strip().upper())


@pytest.mark.parametrize(
    ("region", "contact"),
    [("US", "988"), ("CA", "988"), ("GB", "116 123"), ("DE", "112"), ("CN", "12356"), ("CN", "120")],
)
def test_local_lines_come_first(region: str, contact: str, gate: Gate) -> None:
    lines = gate.support(gate.check("I want to kill myself"), region)["lines"]
    assert any(contact in line["contact"] for line in lines)
    assert lines[0]["url"] != "https://findahelpline.com"
    assert any(line["url"] == "https://findahelpline.com" for line in lines)


def test_an_unknown_region_gets_the_directories(gate: Gate) -> None:
    lines = gate.support(gate.check("I want to kill myself"), "ZZ")["lines"]
    assert {"https://findahelpline.com", "https://www.iasp.info/crisis-centres-helplines/"} <= {
        each["url"] for each in lines
    }


def test_help_speaks_the_language_of_the_text(gate: Gate) -> None:
    assert "热线" in gate.support(gate.check("我不想活了"), "CN")["message"]
    assert "talk to a person" in gate.support(gate.check("I want to die"), "CN")["message"]


def test_a_concerned_friend_is_spoken_to_as_one(gate: Gate) -> None:
    friend = gate.check("My friend says she wants to kill herself")
    assert (friend.kind, friend.person) == ("suicide", "other")
    assert "worried about somebody" in gate.support(friend, None)["message"]


def test_the_writers_own_crisis_comes_before_a_friends(gate: Gate) -> None:
    assert gate.check("My friend wants to kill herself and I want to kill myself too").person == "self"


def test_every_line_says_that_it_is_to_be_checked(ontology: Ontology) -> None:
    assert all("check per country before release" in line.text("comment") for line in ontology.of("SupportLine"))


def test_messages_promise_no_music_and_name_no_method(gate: Gate) -> None:
    for message in gate.messages:
        assert not re.search(r"therapy|treat|diagnos|depress|pills|rope|bridge|cut", message["text"], re.IGNORECASE)
        assert not re.search(r"疗法|治疗|诊断|抑郁|药|绳|割", message["text_zh"])


# ---- panic, which has a message of its own


@pytest.mark.parametrize(
    "text",
    [
        "My heart is racing, I am shaking and I can't breathe, I think it is a panic attack",
        "My heart is racing, I am shaking. It's a panic attack, I feel like I am dying.",
        "I'm having a panic attack. My heart is racing, I am shaking and I can't breathe",
        "I am having a panic attack right now",
        "anxiety attack, heart pounding, my hands are tingling",
        "惊恐发作，心跳得很快，喘不过气",
        "我心跳很快，手在发抖，好像是惊恐发作",
    ],
)
def test_a_named_panic_attack_is_told_what_it_is_when_to_call_and_how_to_go_on(text: str, gate: Gate) -> None:
    found = gate.check(text)
    assert (found.hit, found.kind, found.person) == (True, "panic", "self")
    assert "acute-stress" in found.markers
    shown = gate.support(found, None)
    assert "isopath journey --feel nervousness" in shown["message"]
    wanted = ("惊恐发作", "会过去", "第一次", "下巴", "晕倒") if found.language == "zh" else (
        "panic attack", "passes", "first time", "jaw", "faint", "does not ease"
    )  # fmt: skip
    assert all(each in shown["message"] for each in wanted)
    assert [line["url"] for line in shown["lines"]] == ["tel:112"], "no line for suicide to somebody who panics"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("My heart is racing, I am shaking, I can't breathe", "medical"),
        ("I think I'm having a panic attack, chest pain going down my left arm", "medical"),
        ("I fainted during a panic attack", "medical"),
        ("panic attack and my jaw hurts and chest pain", "medical"),
        ("panic attack, crushing chest pain", "medical"),
        ("惊恐发作，喘不过气，左臂发麻，下巴疼", "medical"),
        ("my lips are blue and I can't breathe, panic attack?", "medical"),
        ("my dad collapsed and I'm having a panic attack", "medical"),
        ("I took 30 pills and I'm having a panic attack", "medical"),
        ("I am having a panic attack and I want to kill myself", "suicide"),
    ],
)
def test_danger_that_goes_with_panic_stays_what_it_is(text: str, kind: str, gate: Gate) -> None:
    assert gate.check(text).kind == kind


@pytest.mark.parametrize(
    "text",
    [
        "I had a panic attack on the bus and my hands are shaking",
        "I have a panic attack before every exam but I know it passes",
        "I used to have panic attacks, my heart would race",
        "I'm not having a panic attack, my heart is racing with joy",
        "Panic! At the Disco",
        "怕惊恐发作，所以不敢坐地铁",
    ],
)
def test_panic_that_is_past_feared_or_a_band_goes_on_to_music(text: str, gate: Gate) -> None:
    assert not gate.check(text).hit


# ---- every free-text door passes it

NOWHERE = dict.fromkeys(("ISOPATH_EMOTION_MODEL", "ISOPATH_EMBEDDING_MODEL"), "/nowhere")
"""No model can be opened: whatever asks for one before the gate fails."""
DOORS: dict[tuple[str, str], list[str]] = {
    ("journey", "text"): ["journey", "--", "{}"],
    ("journey", "like"): ["journey", "--feel", "joy", "--like={}"],
    ("emotions", "text"): ["emotions", "--", "{}"],
    ("search", "text"): ["search", "--", "{}"],
}
"""Command and argument of every free text, and how it is given."""


def test_every_argument_that_takes_words_is_a_door() -> None:
    commands = next(action for action in build_parser()._actions if isinstance(action, argparse._SubParsersAction))
    found = {
        (name, action.dest)
        for name, command in commands.choices.items()
        for action in command._actions
        if "TEXT" in str(action.metavar)
    }
    assert found == set(DOORS)


@pytest.mark.parametrize("door", DOORS.values(), ids=["-".join(names) for names in DOORS])
@pytest.mark.parametrize("words", ["I want to kill myself, says Zebedee", "我不想活了 Zebedee"], ids=["en", "zh"])
def test_a_crisis_at_any_door_is_answered_with_help_before_a_model_or_a_server(
    door: list[str], words: str, quiet: Path
) -> None:
    before = int((quiet / COUNTER).read_text()) if (quiet / COUNTER).exists() else 0
    *given, last = door
    done = isopath_process(given[0], "--json", *given[1:], last.format(words), home=quiet, environment=NOWHERE)
    answer = json.loads(done.out)
    assert done.code == 3
    assert answer["outcome"] == "support"
    assert answer["reading"] is None
    assert answer["support"]["lines"]
    assert not {"stages", "tracks"} & set(answer)
    assert int((quiet / COUNTER).read_text()) == before + 1
    assert not (quiet / "neo4j").exists()
    kept = [path.read_bytes() for path in quiet.rglob("*") if path.is_file()]
    assert not any(b"Zebedee" in content for content in kept)
    assert "Zebedee" not in done.out + done.told


def test_a_crisis_without_quotes_is_answered_with_help(quiet: Path) -> None:
    done = isopath_process("journey", "I", "want", "to", "kill", "myself", "--json", home=quiet, environment=NOWHERE)
    assert done.code == 3
    assert json.loads(done.out)["outcome"] == "support"


def test_a_wish_is_read_by_the_gate_beside_the_words(gate: Gate) -> None:
    both = gate.check_all(("I feel rather flat today", "songs about how I want to die"))
    assert both is not None
    assert both.hit
    calm = gate.check_all(("I cannot stop worrying about it, round and round", "rain, solo piano"))
    assert calm == gate.check("I cannot stop worrying about it, round and round")
    assert gate.check_all((None, None)) is None


# ---- nothing is kept


def test_showing_help_keeps_one_number_and_nothing_else(counting: Gate, tmp_path: Path) -> None:
    for expected in (1, 2, 3):
        counting.support(counting.check("I want to die, says Zebedee"), "US")
        assert (tmp_path / "home" / COUNTER).read_text() == f"{expected}\n"
    assert "Zebedee" not in "".join(f.read_text() for f in (tmp_path / "home").iterdir())


def test_checking_alone_keeps_nothing(counting: Gate, tmp_path: Path) -> None:
    counting.check("I want to die")
    assert not (tmp_path / "home").exists()


def test_a_damaged_counter_begins_again(tmp_path: Path) -> None:
    (tmp_path / COUNTER).write_text("not a number")
    assert increment_counter(tmp_path / COUNTER) == 1


def test_a_home_that_cannot_be_written_does_not_keep_help_away(gate: Gate, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    blocked = replace(gate, home=tmp_path / "file")
    assert blocked.support(blocked.check("I want to die"), "US")["lines"]


def test_counts_of_several_processes_add_up(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from engine.gate.checking import increment_counter\n"
        "for _ in range(20): increment_counter(Path(sys.argv[1]))"
    )
    running = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path / COUNTER)], cwd=ROOT) for _ in range(4)]
    assert [process.wait(60) for process in running] == [0] * 4
    assert (tmp_path / COUNTER).read_text() == "80\n"


def test_words_show_in_no_result(gate: Gate) -> None:
    text = "My friend Zebedee and I want to die"
    assert "zebedee" not in repr(gate.check(text)).casefold()
    assert "zebedee" not in repr(gate.spelling.split_words(text)).casefold()
    assert "zebedee" not in repr(gate.find_phrases(text)).casefold()


@pytest.fixture(autouse=True)
def _no_words_printed(capsys: pytest.CaptureFixture[str]) -> Iterator[None]:
    """The gate prints nothing, ever."""
    yield
    assert capsys.readouterr() == ("", "")
