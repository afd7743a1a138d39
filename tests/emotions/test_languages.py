"""Which language a text is in: told for those that the model reads, and for others too, so that none is guessed at."""

import pytest

from encoders.emotions.detector import UNKNOWN, open_detector

SAID = {
    "en": [
        "sad",
        "so tired of it all",
        "im soooo stressed rn",
        "I’m über happy",
        "not great",
        "Bad. Mother-in-law again.",
    ],
    "zh": ["我今天很难过", "活不下去了", "累", "我今天很难过 because of work", "難過"],
    "es": ["Estoy muy triste hoy", "no puedo más", "Extraño a mi abuela"],
    "de": ["Ich habe solche Angst vor morgen", "traurig", "ich kann nicht mehr"],
    "fr": ["je suis tellement fatigué de tout ça", "Je me sens seul", "j'en peux plus"],
    "pt": ["não aguento mais", "estou tão cansada hoje"],
    "it": ["sono molto felice oggi", "non ce la faccio più"],
    "ru": ["Мне сегодня очень грустно", "жить не хочу"],
    "ja": ["今日はとても悲しいです", "もう無理", "疲れた"],
    "hi": ["मुझे डर लग रहा है", "mujhe neend nahi aa rahi"],
    "uk": ["Мені сьогодні дуже сумно, не можу заснути"],
    "ro": ["Sunt foarte trist și nu știu de ce"],
    "sv": ["Jag är så ledsen och kan inte sova"],
    "nl": ["Ik ben zo moe van alles"],
    "pl": ["jestem bardzo smutny"],
    "tr": ["Çok üzgünüm ve yalnızım"],
    "ko": ["기분이 안 좋아"],
    UNKNOWN: ["12345 !!!", "", "🙂🙂", "wo jintian hen nanguo", "أشعر بالحزن"],
}


@pytest.mark.parametrize(("language", "text"), [(name, text) for name, some in SAID.items() for text in some])
def test_the_language_of_a_text_is_told(language: str, text: str) -> None:
    assert open_detector().detect(text) == language


def test_case_and_typographic_marks_do_not_change_the_language() -> None:
    detect = open_detector().detect
    assert detect("JE N'EN PEUX PLUS") == detect("je n’en peux plus") == "fr"


def test_a_few_kana_do_not_make_a_chinese_text_japanese() -> None:
    assert open_detector().detect("今天去了很好吃の小店，和朋友聊了很久，心情好多了") == "zh"
