"""The crisis gate: what it must catch, what it must let pass, and how little work that is."""

import json
import re
import subprocess
import sys
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from engine.gate import Gate
from engine.settings import ROOT
from tests.helpers.gate_rates import HELD_OUT, Sentence, rounds, sentences
from tests.helpers.shipped import compiled_gate

SENTENCES = sentences()
KINDS = ("suicide", "self-harm", "harm-to-others", "abuse", "medical")


# ---- rates


def test_the_set_is_large_and_half_of_it_are_hard_negatives() -> None:
    assert len(SENTENCES) >= 300
    assert sum(each.expected == "pass" for each in SENTENCES) * 2 >= len(SENTENCES)
    assert {each.language for each in SENTENCES} == {"en", "zh"}


def _share(gate: Gate, chosen: Sequence[Sentence], asked: bool = False) -> float:
    """Which share is shown help; with `asked`, help or the safety question."""
    found = [gate.check(each.text) for each in chosen]
    return sum(each.hit or (asked and each.asks) for each in found) / len(chosen)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_crises_are_caught(language: str, gate: Gate) -> None:
    of = [each for each in SENTENCES if each.language == language]
    crises = [each for each in of if each.expected == "hit"]
    assert _share(gate, crises, asked=True) >= 0.97
    assert _share(gate, crises) >= 0.83


@pytest.mark.parametrize("language", ["en", "zh"])
def test_idioms_news_grief_and_recovery_pass(language: str, gate: Gate) -> None:
    of = [each for each in SENTENCES if each.language == language]
    assert _share(gate, [each for each in of if each.expected == "pass"]) <= 0.01
    assert _share(gate, [each for each in of if each.expected == "pass"], asked=True) <= 0.03


# What each later round gave when the gate was last taught, less a little: it must not be lost again.
@pytest.mark.parametrize(
    ("round_", "caught"), [("10", 0.92), ("11", 0.68), ("12", 0.95), ("13", 0.93), ("14", 0.93), (HELD_OUT, 0.74)]
)
def test_what_later_rounds_taught_is_not_lost(round_: str, caught: float, gate: Gate) -> None:
    of = [each for each in rounds() if each.round == round_]
    assert _share(gate, [each for each in of if each.expected == "hit"], asked=True) >= caught
    assert _share(gate, [each for each in of if each.expected == "pass"]) <= 0.03
    assert _share(gate, [each for each in of if each.expected == "pass"], asked=True) <= 0.06


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_caught(kind: str, gate: Gate) -> None:
    of = [each for each in SENTENCES if each.kind == kind]
    assert _share(gate, of, asked=True) >= 0.95


def test_somebody_elses_crisis_is_known_as_that(gate: Gate) -> None:
    of = [each for each in SENTENCES if each.expected == "hit" and each.kind == "suicide"]
    right = [gate.check(each.text).person == each.person for each in of]
    assert sum(right) / len(right) >= 0.9


# ---- ways of hiding words

PLAIN = (
    "I want to die",
    "I am going to kill myself",
    "I am suicidal",
    "thinking about suicide",
    "I want to end my life",
    "I keep cutting myself",
    "I want to hurt myself",
)
HIDDEN: Mapping[str, Callable[[str], str]] = {
    "capitals": str.upper,
    "alternating": lambda text: "".join(c.upper() if at % 2 else c.lower() for at, c in enumerate(text)),
    "spaced letters": lambda text: "   ".join(" ".join(word) for word in text.split()),
    "spaced letters, one blank": lambda text: " ".join(text.replace(" ", "")),
    "dotted letters": lambda text: " ".join(".".join(word) for word in text.split()),
    "dashes for blanks": lambda text: text.replace(" ", "-"),
    "dots for blanks": lambda text: text.replace(" ", "."),
    "full stops": lambda text: text.replace(" ", ". "),
    "stretched": lambda text: re.sub(r"([aeiou])(?=\w*$|\w* )", r"\1\1\1\1", text),
    "leet": lambda text: text.lower().translate(str.maketrans("eio", "310")).replace("1 ", "i ", 1),
    "leet with signs": lambda text: text.translate(str.maketrans("sia", "$!@")),
    "full width": lambda text: "".join(chr(ord(c) + 0xFEE0) if c.isalpha() else c for c in text),
    "Cyrillic look-alikes": lambda text: text.translate(str.maketrans("aeocx", "аеосх")),
    "mathematical letters": lambda text: "".join(
        chr(0x1D41A + ord(c) - ord("a")) if "a" <= c <= "z" else c for c in text.lower()
    ),
    "zero-width joiners": lambda text: "\u200d".join(text),
    "accents": lambda text: unicodedata.normalize("NFC", re.sub(r"([aeiu])", "\\1\u0301", text)),
    "glued": lambda text: text.replace(" ", ""),
    "commas and emoji": lambda text: text.replace(" ", ", ") + " 😭😭",
    "lines": lambda text: text.replace(" ", "\n"),
}


@pytest.mark.parametrize("text", PLAIN)
@pytest.mark.parametrize("hide", HIDDEN.values(), ids=HIDDEN.keys())
def test_hidden_words_are_found(hide: Callable[[str], str], text: str, gate: Gate) -> None:
    assert gate.check(hide(text)).hit


@pytest.mark.parametrize(
    "text",
    ["I feel sucidal", "I feel suicidle", "comit suicde", "kil myslef", "want to k*ll myself", "su***de is my plan",
     "i wnat to kill my self", "i dont wanna live", "sui cide is all I think about", "wanna dye, I mean I wanna die",
     "我想 自 杀", "我想自.杀", "我想自殺", "我不想活了!!!", "我想紫砂"],
)  # fmt: skip
def test_slips_of_the_pen_are_found(text: str, gate: Gate) -> None:
    assert gate.check(text).hit


@pytest.mark.parametrize("each", [s for s in SENTENCES if s.expected == "pass"][::7], ids=lambda s: s.text[:40])
def test_it_makes_no_difference_how_loud_an_idiom_is(each: Sentence, gate: Gate) -> None:
    said = gate.check(each.text).hit
    assert gate.check(each.text.upper()).hit == said
    assert gate.check(each.text + "!!! 😅").hit == said


# ---- the other markers


@pytest.mark.parametrize(
    ("text", "marker"),
    [
        ("I keep replaying the argument and can't stop worrying", "rumination"),
        ("I always mess everything up, I feel like a failure", "rumination"),
        ("脑子停不下来，一直想那件事", "rumination"),
        ("I had a panic attack on the bus and my hands are shaking", "acute-stress"),
        ("我心慌手抖，紧张得睡不着", "acute-stress"),
        ("I have had flashbacks since the accident", "trauma"),
        ("车祸后我总是做噩梦", "trauma"),
        ("My grandmother passed away in March", "bereavement"),
        ("奶奶上个月去世了", "bereavement"),
        ("Our old dog died yesterday", "bereavement"),
    ],
)
def test_markers_are_found_without_a_crisis(text: str, marker: str, gate: Gate) -> None:
    result = gate.check(text)
    assert marker in result.markers
    assert not result.hit


@pytest.mark.parametrize(
    ("text", "marker"),
    [
        ("I'm not panicking, just curious", "acute-stress"),
        ("It is not my fault and I am not a failure", "rumination"),
        ("No trauma, only a scratch", "trauma"),
        ("Nobody died, the phone died", "bereavement"),
        ("我没有心慌", "acute-stress"),
    ],
)
def test_denied_markers_are_not_found(text: str, marker: str, gate: Gate) -> None:
    assert marker not in gate.check(text).markers


def test_breath_lost_to_fear_is_stress_and_without_fear_is_medical(gate: Gate) -> None:
    assert gate.check("I can't breathe").kind == "medical"
    frightened = gate.check("I'm panicking about the exam and can't breathe")
    assert not frightened.hit
    assert "acute-stress" in frightened.markers


# ---- what it needs and what it costs


def test_the_gate_needs_no_graph_no_ontology_library_and_no_model(tmp_path: Path) -> None:
    (tmp_path / "gate.json").write_text(json.dumps(compiled_gate()))
    code = (
        "import json, sys; from pathlib import Path; from engine.gate import Gate\n"
        "gate = Gate.from_json(json.loads(Path(sys.argv[1]).read_text()))\n"
        "assert gate.check('I want to die').hit and not gate.check('I want to dance').hit\n"
        "print(sorted({name.split('.')[0] for name in sys.modules} - set(sys.stdlib_module_names)))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "gate.json")], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = set(re.findall(r"'([^']+)'", run.stdout))
    assert not loaded & {"rdflib", "owlready2", "neo4j", "numpy", "onnxruntime", "torch", "filelock"}


ADVERSARIAL = {
    "one trigger word": "kill ",
    "excused triggers": "i want to die laughing ",
    "openings of guards": "film when i was used to ",
    "single letters": "k i l l ",
    "glued": "killmyself",
    "signs": "*",
    "digits": "1",
    "leet": "k1ll*m ",
    "Chinese": "不想活在",
    "common words": "i not want to my the so ",
}


def _steps(gate: Gate, text: str) -> int:
    """Lines of the gate's own code that a check runs through: work, whatever the clock says."""
    steps = 0

    def trace(frame: Any, event: str, _: object) -> Any:
        nonlocal steps
        if "engine/gate" not in frame.f_code.co_filename.replace("\\", "/"):
            return None
        steps += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        gate.check(text)
    finally:
        sys.settrace(before)
    return steps


@pytest.mark.parametrize("piece", ADVERSARIAL.values(), ids=ADVERSARIAL.keys())
def test_work_grows_with_length_alone(piece: str, gate: Gate) -> None:
    short, long = (piece * (length // len(piece)) for length in (1_000, 4_000))
    assert _steps(gate, long) <= 4.6 * _steps(gate, short) + 1000


@pytest.mark.long
def test_a_hundred_kilobytes_are_read(gate: Gate) -> None:
    for piece in ADVERSARIAL.values():
        gate.check(piece * (100_000 // len(piece)))
    assert gate.check("la " * 33_000 + "I want to die").hit


def test_an_ordinary_text_is_little_work(gate: Gate) -> None:
    text = (
        "I have been feeling low since my best friend moved to another city and I do not really know how to spend "
        "my evenings now, so I sit by the window with tea and think of our walks."
    )
    # Some 5 ms of CPU on a slow core; a tenth of that is usual.
    assert _steps(gate, text) < 20_000
