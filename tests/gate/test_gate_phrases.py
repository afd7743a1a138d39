"""The phrases of the crisis gate: each keeps its promise, and the language they are written in means what it says."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from engine.errors import OntologyError
from engine.gate import Gate, compile_gate
from engine.gate.checking import EVERYWHERE
from engine.gate.language import GAPS
from engine.gate.phrases import Phrases
from engine.gate.spelling import Spelling
from engine.rules import Individual, Ontology
from engine.settings import ONTOLOGY_DIR
from tests.helpers.gate_rates import rounds, sentences
from tests.helpers.shipped import shipped_ontology

PHRASES = re.findall(
    r'<owl:NamedIndividual rdf:about="[^"]*#([^"]+)">\s*<rdf:type rdf:resource="[^"]*#Phrase"/>',
    (ONTOLOGY_DIR / "gate.owl").read_text("utf-8"),
)


@pytest.fixture(scope="module")
def ontology() -> Ontology:
    return shipped_ontology()


# ---- every phrase keeps its own promise


def test_every_phrase_of_the_file_is_here(ontology: Ontology) -> None:
    assert sorted(PHRASES) == [phrase.id for phrase in ontology.of("Phrase")]


@pytest.mark.parametrize("phrase", PHRASES)
def test_a_phrase_catches_and_spares_its_examples(phrase: str, gate: Gate, ontology: Ontology) -> None:
    stated = ontology[phrase].properties
    catches, spares = stated["catches"], stated["spares"]
    assert isinstance(catches, list)
    assert isinstance(spares, list)
    if stated["role"] == "clue":
        assert all(phrase in _held(gate, str(text)) for text in catches)
        assert not any(phrase in _held(gate, str(text)) for text in spares)
    elif stated["role"] == "doubt":
        assert all(phrase in _held(gate, str(text)) for text in catches)
        assert all((found := gate.check(str(text))).asks or found.hit for text in catches)
        assert not any(phrase in _held(gate, str(text)) for text in spares)
    elif stated["role"] == "trigger":
        assert all(phrase in {sense.id for sense in gate.find_shown(str(text))} for text in catches)
        assert not any(phrase in {sense.id for sense in gate.find_shown(str(text))} for text in spares)
    else:
        assert all(phrase in _excusing(gate, str(text)) for text in catches)
        marker, kind = next(sense for sense in gate.senses if sense.id == phrase).marker, stated.get("kind")
        for text in catches:
            assert not [s for s in gate.find_shown(str(text)) if s.marker == marker and kind in (None, s.kind)
                        and stated.get("person") in (None, s.person) and s.weight is None]  # fmt: skip


def _held(gate: Gate, text: str) -> set[str]:
    return {sense.id for sense, guards in gate.find_phrases(text) if not guards}


def _excusing(gate: Gate, text: str) -> set[str]:
    return {guard.id for _, guards in gate.find_phrases(text) for guard in guards}


def test_the_test_set_is_no_copy_of_the_examples(ontology: Ontology) -> None:
    examples = {
        _bare(str(text))
        for phrase in ontology.of("Phrase")
        for promise in ("catches", "spares")
        for text in _listed(phrase.properties[promise])
    }
    assert not [each.text for each in (*sentences(), *rounds()) if _bare(each.text) in examples]


def _bare(text: str) -> str:
    return re.sub(r"\W", "", text).casefold()


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


# ---- the phrase language


def _found(pattern: str, text: str, language: str = "en", lists: Mapping[str, str] | None = None) -> bool:
    phrases, faults = Phrases.compile([(pattern, language)], lists or {}, ("just",))
    assert not faults
    vocabulary = frozenset(word for word in phrases.places if word[-1] != "*")
    stems = frozenset(word[:-1] for word in phrases.places if word[-1] == "*")
    return bool(phrases.find(Spelling(vocabulary, stems, frozenset(), frozenset()).split_words(text)))


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
    _, faults = Phrases.compile([(pattern, "en")], {"loop": "a|{loop}"})
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


# ---- clues


def _clue(id_: str, text: str, weight: float, **more: Any) -> Individual:
    return _phrase(id_, text, f"well {text}", "spared", role="clue", weight=weight, **more)


REACH = Individual("crisis", ("Marker",), {"enough": 1.0, "within": 10, "lent": 0.5}, (), "ontology/gate.owl")


def _together(*clues: Individual) -> Gate:
    links = tuple(("spelled", clue.id) for clue in clues)
    marker = Individual(REACH.id, REACH.classes, REACH.properties, links, REACH.file)
    messages = {
        f"m{n}": _thing("SupportMessage", f"m{n}", kind=kind, person=person, text="Call.", text_zh="打。", order=n)
        for n, (kind, person) in enumerate(
            [("suicide", "self"), ("suicide", "other"), ("self-harm", "self"), ("self-harm", "other")], start=1
        )
    }
    return Gate.from_json(json.loads(json.dumps(compile_gate(_small(*clues, marker=marker, message=None, **messages)))))


RENT = _clue("rent", "rent paid", 0.5)
REST = _clue("rest", "rest for good", 0.5)
FILM = _clue("film", "film", -0.5, kind=None, person=None)
BLADE = _clue("blade", "blade", 0.8, kind="self-harm")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("the rent paid", set()),
        ("the rent paid, now I rest for good", {"rent", "rest"}),
        ("the rent paid. And the rent paid again", set()),
        ("rest for good in a film, the rent paid", set()),
        ("rent paid " + "la " * 12 + "rest for good", set()),
        ("rent paid, a blade", {"blade"}),
        ("rest for good, rent paid, " + "la " * 12 + "film", {"rent", "rest"}),
    ],
)
def test_clues_show_a_crisis_together_and_not_alone(text: str, shown: set[str]) -> None:
    assert {sense.id for sense in _together(RENT, REST, FILM, BLADE).find_shown(text)} == shown


def test_clues_speak_of_whom_the_heavier_of_them_speak() -> None:
    theirs = _clue("theirs", "she wrote", 0.6, person="other")
    assert _together(RENT, theirs, REST).check("rent paid, she wrote").person == "other"
    assert _together(RENT, theirs, REST).check("rent paid, rest for good, she wrote").person == "self"


@pytest.mark.parametrize(
    ("small", "fault"),
    [
        (_small(_phrase("p", "kill", "kill", "skill", role="clue")), "it is a clue without a weight"),
        (_small(_phrase("p", "kill", "kill", "skill", weight=0.5)), "it has a weight and is no clue"),
        (_small(_phrase("p", "kill", "kill", "skill", role="clue", weight=0.5, kind=None)), "a crisis of no kind"),
        (_small(_phrase("p", "kill", "kill", "skill", role="clue", weight=0.5)), "does not say what is enough"),
    ],
)
def test_clues_that_could_never_count_are_refused(small: Any, fault: str) -> None:
    with pytest.raises(OntologyError) as caught:
        compile_gate(small)
    assert fault in str(caught.value)
