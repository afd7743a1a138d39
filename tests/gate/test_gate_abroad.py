"""Plain cries for help in eight more languages, and what is only like them: by phrases alone, without a model."""

import pytest

from engine.gate import Gate

CRIES = {
    "es": (
        "No quiero vivir más",
        "quiero suicidarme",
        "Estoy pensando en quitarme la vida",
        "MI MARIDO ME PEGA cuando bebe",
    ),
    "de": ("Ich will nicht mehr leben", "Ich will mich umbringen!", "ich möchte sterben", "ich ritze mich wieder"),
    "fr": ("Je ne veux plus vivre", "J'ai envie de mourir.", "je veux me suicider", "j’ai avalé tous les cachets"),
    "pt": ("Não quero mais viver", "quero me matar", "Eu queria morrer", "todos ficariam melhor sem mim"),
    "it": ("Non voglio più vivere", "voglio farla finita", "Vorrei morire", "mio padre non respira"),
    "ru": ("Я не хочу больше жить", "хочу умереть", "Хочу покончить с собой.", "муж меня бьёт"),
    "ja": ("もう死にたい", "自殺したいです", "消えてしまいたい。", "生きるのがつらい"),
    "hi": ("मैं मरना चाहता हूँ", "अब जीने का मन नहीं करता", "मैं आत्महत्या करना चाहती हूँ।", "मेरे पति मुझे पीटते हैं"),
}
ORDINARY = {
    "es": ("Me muero de hambre y de sueño", "quiero vivir cerca del mar", "mi jefe me va a matar de risa"),
    "de": ("Ich will in Hamburg leben", "Ich könnte sterben vor Lachen", "Ich will nicht mehr arbeiten"),
    "fr": ("Je veux vivre à la campagne", "je meurs de faim", "j'ai envie de dormir"),
    "pt": ("Quero viver na praia", "estou morrendo de fome", "queria dormir"),
    "it": ("Voglio vivere al mare", "vorrei morire dal ridere", "sono stanca del lavoro"),
    "ru": ("Хочу жить у моря", "умираю от скуки", "не хочу работать", "я бы с удовольствием, но я на работе"),
    "ja": ("お腹がすいた", "この街で暮らしたい", "恥ずかしくて死にたい"),
    "hi": ("मैं पहाड़ों में रहना चाहता हूँ", "मेरे घर में सब ठीक है", "भूख से मर रहा हूँ"),
}


@pytest.mark.parametrize(("language", "text"), [(name, text) for name, texts in CRIES.items() for text in texts])
def test_a_plain_cry_for_help_is_heard_and_answered_in_its_language(language: str, text: str, gate: Gate) -> None:
    found = gate.check(text)
    assert (found.hit, found.language) == (True, language)
    assert gate.support(found, None)["message"] in {message[f"text_{language}"] for message in gate.messages}


@pytest.mark.parametrize(("language", "text"), [(name, text) for name, texts in ORDINARY.items() for text in texts])
def test_what_is_only_like_it_passes(language: str, text: str, gate: Gate) -> None:
    found = gate.check(text)
    assert not found.hit
    assert not found.asks
    assert language in gate.languages


@pytest.mark.parametrize(
    "text",
    [
        "I'm nervous, I'm meeting her parents tonight",
        "My chest is tight, I keep worrying about the interview tomorrow",
        "Destroyed my legs at the gym and my arms are dead",
        "A client of mine spoke about suicide today and I feel drained",
        "The main character dies at the end of the film and I cried for an hour",
        "这家的火锅好吃到死",
        "没钱了，好想发工资",
        "上班好累，不想上班",
        "压力大得喘不过气，房贷还有二十年",
    ],
)
def test_known_false_alarms_show_no_help_screen(text: str, gate: Gate) -> None:
    assert not gate.check(text).hit
