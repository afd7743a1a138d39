"""In which language help and questions speak, and that every text of them is there in each."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from encoders.languages import LANGUAGES, name_property
from engine.errors import OntologyError
from engine.gate import Gate, GateResult, detect_language
from engine.held_rules import SpokenText, TextChoice
from engine.rules import Draft, Ontology
from tests.helpers.small_ontology import put, small

WRITTEN: Mapping[str, tuple[str, ...]] = {
    "en": ("I am so tired of all this", "sad", "no idea what to do", "meh"),
    "zh": ("我今天很累", "今天真的不想上班", "我很難過"),
    "ja": ("今日はとても疲れた", "もう何もしたくない", "悲しいです"),
    "es": ("Hoy estoy muy triste y no sé por qué", "tengo miedo de mañana", "no puedo más con el trabajo"),
    "de": ("Ich bin heute so müde", "mir geht es nicht gut", "ich weiß nicht weiter"),
    "fr": ("je suis triste aujourd'hui", "j’ai peur de demain", "je n'en peux plus du travail"),
    "pt": ("estou muito cansada hoje", "não sei o que fazer com isso", "sinto saudade da minha mãe"),
    "it": ("oggi sono molto stanca", "ho paura di domani", "non so più che cosa fare"),
    "ru": ("мне очень грустно", "я устала", "Не знаю, что делать"),
    "hi": ("मैं बहुत उदास हूँ", "आज मन नहीं लग रहा", "डर लग रहा है"),
    "und": ("나는 오늘 너무 슬퍼요", "أنا حزين جدا اليوم", "אני עצוב"),
}


@pytest.mark.parametrize(("language", "text"), [(name, text) for name, texts in WRITTEN.items() for text in texts])
def test_the_language_of_a_short_text_is_told(language: str, text: str) -> None:
    assert detect_language(text) == language


def test_signs_alone_and_words_of_no_list_count_as_english() -> None:
    assert {detect_language(text) for text in ("", "?!", "😭😭", "12 34", "qwxz")} == {"en"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_of_help_speaks_every_language(language: str, gate: Gate) -> None:
    name = name_property("text", language)
    said = [gate.support(GateResult(True, m["kind"], m["person"], language), None)["message"] for m in gate.messages]
    assert said == [message[name] for message in gate.messages]
    assert len({*said}) == len(said)


def test_help_in_a_language_that_no_message_has_is_in_english(gate: Gate) -> None:
    help_ = GateResult(True, "suicide", "self", "und")
    assert gate.support(help_, None)["message"].startswith("Thank you for saying it.")


def test_a_message_that_lacks_a_language_is_refused(tmp_path: Path) -> None:
    texts = {name_property("text", language): f"Call ({language})." for language in LANGUAGES if language != "hi"}
    message = Draft("call", "SupportMessage", {"kind": "suicide", "person": "self", "order": 1, **texts})
    folder = put(tmp_path / "ontology", [*small().values(), message])
    with pytest.raises(OntologyError, match=r"'call': it has no 'text_hi'. Say it in this language too"):
        Ontology.read(folder)


def test_a_question_is_asked_in_a_language_only_where_all_its_choices_have_it() -> None:
    whole = {"en": "Which?", "de": "Welche?"}
    both, one = TextChoice("a", {"en": "A", "de": "Ä"}), TextChoice("b", {"en": "B"})
    assert SpokenText("q", whole, (both,)).choose_language("de") == "de"
    assert SpokenText("q", whole, (both, one)).choose_language("de") == "en"
    assert SpokenText("q", whole).get_text("fr") == "Which?"
