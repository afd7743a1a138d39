"""The crisis gate: what it must catch, what it must let pass, and that it keeps nothing."""

import argparse
import json
import os
import re
import subprocess
import sys
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from engine.cli import parser
from engine.errors import OntologyError
from engine.gate import Gate, compile_gate
from engine.gate.checking import COUNTER, EVERYWHERE, count
from engine.gate.language import GAPS
from engine.gate.phrases import Phrases
from engine.gate.words import Spelling
from engine.ontology import Individual, Ontology
from engine.settings import ONTOLOGY_DIR, ROOT
from tests.gate_rates import Sentence, compiled, sentences

PHRASES = re.findall(
    r'<owl:NamedIndividual rdf:about="[^"]*#([^"]+)">\s*<rdf:type rdf:resource="[^"]*#Phrase"/>',
    (ONTOLOGY_DIR / "gate.owl").read_text("utf-8"),
)
SENTENCES = sentences()
KINDS = ("suicide", "self-harm", "harm-to-others", "abuse", "medical")


@pytest.fixture(scope="module")
def gate() -> Gate:
    return compiled()


@pytest.fixture(scope="module")
def ontology() -> Ontology:
    return Ontology.read(ONTOLOGY_DIR)


# ---- every phrase keeps its own promise


def test_every_phrase_of_the_file_is_here(ontology: Ontology) -> None:
    assert sorted(PHRASES) == [phrase.id for phrase in ontology.of("Phrase")]


@pytest.mark.parametrize("phrase", PHRASES)
def test_a_phrase_catches_and_spares_its_examples(phrase: str, gate: Gate, ontology: Ontology) -> None:
    stated = ontology[phrase].properties
    catches, spares = stated["catches"], stated["spares"]
    assert isinstance(catches, list)
    assert isinstance(spares, list)
    if stated["role"] == "trigger":
        assert all(phrase in {sense.id for sense in gate.shown(str(text))} for text in catches)
        assert not any(phrase in {sense.id for sense in gate.shown(str(text))} for text in spares)
    else:
        assert all(phrase in _excusing(gate, str(text)) for text in catches)
        marker, kind = next(sense for sense in gate.senses if sense.id == phrase).marker, stated.get("kind")
        for text in catches:
            assert not [s for s in gate.shown(str(text)) if s.marker == marker and kind in (None, s.kind)
                        and stated.get("person") in (None, s.person)]  # fmt: skip


def _excusing(gate: Gate, text: str) -> set[str]:
    return {guard.id for _, guards in gate.found(text) for guard in guards}


def test_the_test_set_is_no_copy_of_the_examples(ontology: Ontology) -> None:
    examples = {
        _bare(str(text))
        for phrase in ontology.of("Phrase")
        for promise in ("catches", "spares")
        for text in _listed(phrase.properties[promise])
    }
    assert not [each.text for each in SENTENCES if _bare(each.text) in examples]


def _bare(text: str) -> str:
    return re.sub(r"\W", "", text).casefold()


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


# ---- rates


def test_the_set_is_large_and_half_of_it_are_hard_negatives() -> None:
    assert len(SENTENCES) >= 300
    assert sum(each.expected == "pass" for each in SENTENCES) * 2 >= len(SENTENCES)
    assert {each.language for each in SENTENCES} == {"en", "zh"}


def _share(gate: Gate, chosen: Sequence[Sentence]) -> float:
    return sum(gate.check(each.text).hit for each in chosen) / len(chosen)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_crises_are_caught(language: str, gate: Gate) -> None:
    of = [each for each in SENTENCES if each.language == language]
    assert _share(gate, [each for each in of if each.expected == "hit"]) >= 0.97


@pytest.mark.parametrize("language", ["en", "zh"])
def test_idioms_news_grief_and_recovery_pass(language: str, gate: Gate) -> None:
    of = [each for each in SENTENCES if each.language == language]
    assert _share(gate, [each for each in of if each.expected == "pass"]) <= 0.03


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_caught(kind: str, gate: Gate) -> None:
    of = [each for each in SENTENCES if each.kind == kind]
    assert _share(gate, of) >= 0.95


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
def test_loud_or_long_drawn_idioms_still_pass(each: Sentence, gate: Gate) -> None:
    if not gate.check(each.text).hit:
        assert not gate.check(each.text.upper()).hit
        assert not gate.check(each.text + "!!! 😅").hit


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


# ---- what is shown


@pytest.fixture
def counting(gate: Gate, tmp_path: Path) -> Gate:
    return Gate(gate.phrases, gate.senses, gate.spelling, gate.messages, gate.lines, tmp_path / "home")


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


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which no server is ever started."""
    return tmp_path_factory.mktemp("quiet")


def test_every_argument_that_takes_words_is_a_door() -> None:
    commands = next(action for action in parser()._actions if isinstance(action, argparse._SubParsersAction))
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
    done = subprocess.run(
        [sys.executable, "-m", "engine.cli", given[0], "--json", *given[1:], last.format(words)],
        capture_output=True,
        env=os.environ | NOWHERE | {"ISOPATH_HOME": str(quiet)},
        cwd=ROOT,
        timeout=120,
    )
    answer = json.loads(done.stdout)
    assert done.returncode == 3
    assert answer["outcome"] == "support"
    assert answer["reading"] is None
    assert answer["support"]["lines"]
    assert not {"stages", "tracks"} & set(answer)
    assert int((quiet / COUNTER).read_text()) == before + 1
    assert not (quiet / "neo4j").exists()
    kept = [path.read_bytes() for path in quiet.rglob("*") if path.is_file()]
    assert not any(b"Zebedee" in content for content in [*kept, done.stdout, done.stderr])


def test_a_crisis_without_quotes_is_answered_with_help(quiet: Path) -> None:
    words = ["I", "want", "to", "kill", "myself"]
    done = subprocess.run(
        [sys.executable, "-m", "engine.cli", "journey", *words, "--json"],
        capture_output=True,
        env=os.environ | NOWHERE | {"ISOPATH_HOME": str(quiet)},
        cwd=ROOT,
        timeout=120,
    )
    assert done.returncode == 3
    assert json.loads(done.stdout)["outcome"] == "support"


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
    assert count(tmp_path / COUNTER) == 1


def test_a_home_that_cannot_be_written_does_not_keep_help_away(gate: Gate, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    blocked = Gate(gate.phrases, gate.senses, gate.spelling, gate.messages, gate.lines, tmp_path / "file")
    assert blocked.support(blocked.check("I want to die"), "US")["lines"]


def test_counts_of_several_processes_add_up(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from engine.gate.checking import count\n"
        "for _ in range(20): count(Path(sys.argv[1]))"
    )
    running = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path / COUNTER)], cwd=ROOT) for _ in range(4)]
    assert [process.wait(60) for process in running] == [0] * 4
    assert (tmp_path / COUNTER).read_text() == "80\n"


def test_words_show_in_no_result(gate: Gate) -> None:
    text = "My friend Zebedee and I want to die"
    assert "zebedee" not in repr(gate.check(text)).casefold()
    assert "zebedee" not in repr(gate.spelling.words(text)).casefold()
    assert "zebedee" not in repr(gate.found(text)).casefold()


def test_the_gate_needs_no_graph_no_ontology_library_and_no_model(
    gate: Gate, tmp_path: Path, ontology: Ontology
) -> None:
    (tmp_path / "gate.json").write_text(json.dumps(compile_gate(ontology)))
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


# ---- work

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
    short, long = (piece * (length // len(piece)) for length in (2_000, 8_000))
    assert _steps(gate, long) <= 4.6 * _steps(gate, short) + 1000


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


# ---- the phrase language


def _found(pattern: str, text: str, language: str = "en", lists: Mapping[str, str] | None = None) -> bool:
    phrases, faults = Phrases.compiled([(pattern, language)], lists or {}, ("just",))
    assert not faults
    vocabulary = frozenset(word for word in phrases.places if word[-1] != "*")
    stems = frozenset(word[:-1] for word in phrases.places if word[-1] == "*")
    return bool(phrases.found(Spelling(vocabulary, stems, frozenset(), frozenset()).words(text)))


@pytest.mark.parametrize(
    ("pattern", "text", "holds"),
    [
        ("kill myself", "I kill myself", True),
        ("kill myself", "I kill it myself", False),
        ("kill myself", "kill just myself", True),
        ("(end|take) my life", "take my life", True),
        ("(end it|take my) life", "end it life", True),
        ("(end it|take my) life", "end my life", False),
        ("[so] tired", "tired", True),
        ("[so] tired of it", "so tired of it", True),
        ("suicid*", "suicidality", True),
        ("suicid*", "suited", False),
        ("cut .. myself", "cut and then also myself", True),
        ("cut .. myself", "cut one two three four myself", False),
        ("cut .. myself", "cut it. Then myself", False),
        ("news ... fire", "news of a b c d e f fire", True),
        ("film ~ die", "film where they die", True),
        ("film ~ die", "film, I die", False),
        ("film .. ~ die", "film, I die", False),
        ("{who} sings", "my mother sings", True),
        ("can't sleep", "I cannot sleep", True),
        ("don't .. go", "do not ever go", True),
    ],
)
def test_the_phrase_language_means_what_it_says(pattern: str, text: str, holds: bool) -> None:
    assert _found(pattern, text, "en", {"who": "sister|my {parent}", "parent": "mother|father"}) is holds


def test_chinese_gaps_count_characters() -> None:
    assert _found("想 .. 死", "想要安静地死", "zh")
    assert not _found("想 .. 死", "想" + "很" * 7 + "死", "zh")
    assert set(GAPS["zh"]) == set(GAPS["en"])


@pytest.mark.parametrize(
    ("pattern", "fault"),
    [
        ("(kill myself", "a '(' is not closed"),
        ("kill] myself", "a ']' has no partner"),
        ("{nobody} sings", "there is no word list 'nobody'"),
        ("{loop} sings", "word list 'loop' names itself"),
        (".. myself", "it begins or ends with a gap"),
        ("myself ...", "it begins or ends with a gap"),
        ("[maybe]", "it would match without any word"),
        ("", "it has no words"),
        ("kill ? myself", "'?' is no word"),
        ("kill * myself", "'*' is no word"),
        ("kill . myself", "the sign '.' means nothing here"),
        ("kill } myself", "the sign '}' means nothing here"),
    ],
)
def test_a_phrase_that_cannot_be_read_says_why(pattern: str, fault: str) -> None:
    _, faults = Phrases.compiled([(pattern, "en")], {"loop": "a|{loop}"})
    assert faults == {0: fault}


# ---- compiling says every fault at once


@dataclass(frozen=True)
class SmallOntology:
    """Just enough of an ontology for the gate."""

    things: tuple[Individual, ...] = field(default_factory=tuple)

    def of(self, kind: str) -> tuple[Individual, ...]:
        return tuple(thing for thing in self.things if kind in thing.classes)


def _thing(class_: str, id_: str, links: Sequence[tuple[str, str]] = (), **properties: Any) -> Individual:
    return Individual(id_, (class_,), properties, tuple(links), "ontology/gate.owl")


def _phrase(id_: str, text: str, catches: str, spares: str, **more: Any) -> Individual:
    stated = {"language": "en", "role": "trigger", "kind": "suicide", "person": "self", **more}
    return _thing("Phrase", id_, text=text, catches=[catches], spares=[spares], **stated)


def _small(*phrases: Individual, **changed: Any) -> Any:
    spelled = [("spelled", phrase.id) for phrase in phrases if phrase.id != "orphan"]
    things = {
        "marker": _thing("Marker", "crisis", spelled),
        "message": _thing("SupportMessage", "m", kind="suicide", person="self", text="Call.", text_zh="打。", order=1),
        "line": _thing("SupportLine", "l", label="L", contact="1", url="tel:1", region=[EVERYWHERE], order=1),
        **changed,
    }
    return SmallOntology((*phrases, *(thing for thing in things.values() if thing is not None)))


GOOD = _phrase("good", "kill myself", "I kill myself", "I skill myself")
FAULTY: Mapping[str, tuple[Any, str]] = {
    "unreadable": (_small(_phrase("p", "(kill", "kill", "skill")), "Phrase 'p': a '(' is not closed"),
    "misses": (_small(_phrase("p", "kill", "murder", "skill")), "example 1 of `catches` is not caught"),
    "takes": (_small(_phrase("p", "kill", "kill", "kill it")), "example 1 of `spares` is caught"),
    "orphan": (_small(_phrase("orphan", "kill", "kill", "skill")), "no marker is spelled by it"),
    "idle guard": (
        _small(GOOD, _phrase("g", "laughing", "I kill myself", "I kill myself", role="guard")),
        "Phrase 'g': example 1 of `catches` is not caught",
    ),
    "greedy guard": (
        _small(GOOD, _phrase("g", "myself", "I kill myself", "I kill myself", role="guard")),
        "Phrase 'g': example 1 of `spares` is caught",
    ),
    "unanswered": (_small(GOOD, message=None), "no SupportMessage answers kind 'suicide' and person 'self'"),
    "nobody to call": (
        _small(GOOD, line=_thing("SupportLine", "l", label="L", contact="1", url="tel:1", region=["US"], order=1)),
        "none serves everywhere",
    ),
}


@pytest.mark.parametrize(("small", "fault"), FAULTY.values(), ids=FAULTY.keys())
def test_compiling_refuses(small: Any, fault: str) -> None:
    with pytest.raises(OntologyError) as caught:
        compile_gate(small)
    assert fault in str(caught.value)


def test_compiling_tells_all_faults_at_once() -> None:
    with pytest.raises(OntologyError) as caught:
        compile_gate(_small(_phrase("one", "(kill", "kill", "skill"), _phrase("two", "{x}", "kill", "skill")))
    assert "'one'" in str(caught.value)
    assert "'two'" in str(caught.value)


def test_a_good_gate_compiles_and_comes_back_from_json() -> None:
    guard = _phrase("g", "kill myself laughing", "I kill myself laughing", "I kill myself", role="guard")
    gate = Gate.from_json(json.loads(json.dumps(compile_gate(_small(GOOD, guard)))))
    assert gate.check("I'll kill myself").hit
    assert not gate.check("I kill myself laughing").hit
    assert gate.check("I kill myself laughing. I will kill myself").hit


@pytest.fixture(autouse=True)
def _no_words_printed(capsys: pytest.CaptureFixture[str]) -> Iterator[None]:
    """The gate prints nothing, ever."""
    yield
    assert capsys.readouterr() == ("", "")
