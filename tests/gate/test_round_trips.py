"""Folding is done once, spelling does not matter, and what stands around a crisis does not hide it."""

from collections.abc import Callable, Sequence

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from engine.gate import Gate
from engine.gate.checking import CRISIS
from engine.gate.folding import EXPANSIONS, expand, fold
from engine.gate.shipped import load_shipped_gate
from tests.helpers.gate_rates import HELD_OUT, Sentence, rounds, sentences

# What nobody has learnt from stays unlooked at.
SENTENCES = [each for each in [*sentences(), *rounds()] if each.round != HELD_OUT]
ENGLISH = sorted({each.text for each in SENTENCES if each.language == "en" and each.text.isascii()})
CRISES = sorted({each.text for each in SENTENCES if each.expected == "hit"})
HARMLESS = sorted({each.text for each in SENTENCES if each.expected == "pass"})
WIDE = {ord(sign): ord(sign) + 0xFEE0 for sign in map(chr, range(0x21, 0x7F))} | {ord(" "): 0x3000}
BLANKS = [" ", "  ", "\t", "\u00a0", "\u3000", "\u2009", " \u200b "]
INVISIBLE = ["\u200b", "\u200d", "\u2060", "\ufeff", "\u00ad", "\ufe0f"]
STRANGE = ("Zworble blorfing.", "鼪鼫鼬。")
"""Sentences of words that no phrase knows, in either language."""


@pytest.fixture(scope="module")
def gate() -> Gate:
    """The gate that comes with the program: it needs no ontology, which takes ten seconds to read."""
    return load_shipped_gate()


written = st.text() | st.text("aАàſßﬁＡ𝒶İıŁø'’`sdlrvemt 說説後里\u0301\u200d", max_size=20)


@given(written)
def test_a_folded_text_is_folded(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(written)
def test_capitals_and_width_and_form_are_folded_away(text: str) -> None:
    assert fold(text.upper()) == fold(text.lower()) == fold(text)
    assert fold(wide(text)) == fold(text)
    assert fold("\u2060".join(text)) == fold(text)


def test_short_forms_are_expanded_to_the_end() -> None:
    again = {short: tuple(part for word in expand(short) for part in expand(word)) for short in EXPANSIONS}
    assert again == {short: expand(short) for short in EXPANSIONS}


def plain(word: str) -> str:
    return word


def wide(word: str) -> str:
    """The word in letters as wide as Chinese ones."""
    return word.translate(WIDE)


def veiled(word: str) -> str:
    """The word with signs in it that nobody sees."""
    return "".join(sign + INVISIBLE[at % len(INVISIBLE)] for at, sign in enumerate(word))


SETTERS: Sequence[Callable[[str], str]] = (plain, str.upper, str.lower, str.swapcase, wide, veiled)


@given(st.data(), st.sampled_from(ENGLISH))
def test_a_sentence_has_the_same_words_however_it_is_set(gate: Gate, data: st.DataObject, text: str) -> None:
    words = text.split(" ")
    blanks = data.draw(st.lists(st.sampled_from(BLANKS), min_size=len(words), max_size=len(words)))
    chosen = data.draw(st.lists(st.sampled_from(SETTERS), min_size=len(words), max_size=len(words)))
    variant = "".join(setter(word) + blank for setter, word, blank in zip(chosen, words, blanks, strict=True))
    assert gate.spelling.split_words(variant) == gate.spelling.split_words(text)


@given(st.sampled_from(SENTENCES), st.sampled_from(STRANGE), st.sampled_from([" ", "\n", "\n\n"]))
def test_words_that_no_phrase_knows_change_nothing_around_a_text(
    gate: Gate, sentence: Sentence, strange: str, blank: str
) -> None:
    around = f"{strange}{blank}{sentence.text}{blank}.{blank}{strange}"
    assert gate.find_shown(around) == gate.find_shown(sentence.text)


@given(st.sampled_from(CRISES), st.sampled_from(HARMLESS), st.sampled_from(HARMLESS), st.sampled_from(STRANGE))
def test_a_crisis_is_found_among_harmless_sentences(
    gate: Gate, crisis: str, before: str, after: str, strange: str
) -> None:
    # Clues weigh against each other over a stretch of words, and neighbours count across a full stop: only what shows a
    # crisis alone, and stands next to no other words that are known, must be found whatever else is said.
    alone = {sense for sense in gate.find_shown(crisis) if sense.marker == CRISIS and sense.weight is None}
    assume(alone)
    around = gate.find_shown(f"{before}\n{strange}\n{crisis}\n{strange}\n{after}")
    assert alone <= set(around)
