"""Tells in which language a text is written, by its script and its common words, without a model.

Help and questions speak the language of the text. A wrong guess costs a screen in a neighbouring language, so words
that several languages share decide nothing, and what nothing speaks for counts as English.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from typing import Final

from encoders.languages import CHINESE, ENGLISH
from engine.gate.folding import HAN, KANA

UNKNOWN: Final = "und"
"""A language in none of the scripts and word lists here (the code of ISO 639 for undetermined)."""
_SCRIPTS: Final = {
    "han": re.compile(f"[{HAN}]"),
    "kana": re.compile(f"[{KANA}\uff66-\uff9f]"),
    "latin": re.compile(r"[A-Za-zªºÀ-ÖØ-öø-ɏḀ-ỿＡ-Ｚａ-ｚ]"),
    "cyrillic": re.compile(r"[\u0400-\u04ff]"),
    "devanagari": re.compile(r"[\u0900-\u097f]"),
}
_WEIGHTS: Final = {"han": 3, "kana": 3}
"""A character says about as much as so many letters."""
_KANA_SHARE: Final = 0.1
"""Share of kana among the characters from which Chinese characters are Japanese."""
_WORD: Final = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_UKRAINIAN: Final = re.compile(r"[іїєґ]", re.IGNORECASE)
_BELONGS: Final = {
    "es": "ñ¿¡", "pt": "ãõ", "de": "ßäöü", "fr": "œêèçëîûùÿ", "it": "ìò", "sv": "åäö", "ro": "ășțşţ", "pl": "łąęśźżć",
    "tr": "ğış", "cs": "ěřů", "hu": "őű", "vi": "ơưạảấầẩậắằẵặẹẻẽếềểễệịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹđ",
}  # fmt: skip
"""Letters that speak for a language. Accents are often left out in haste, and words then decide."""
_COMMON: Final = {
    "en": """a about after again all always am an and any are as at be because been but by can can't could day did do
        does doesn't doing don't even every everything feel feeling feels felt for from get getting go going got had has
        have having he her here him his how i i'm i've if in into is isn't it it's just know last life like made make
        makes me more most much my myself never no not nothing now of off on one or our out over really she should
        since so some something still such than thank that that's the their them then there they thing things think
        this those through time to today tomorrow tonight too under until up us very want was wasn't we well were what
        when where which while who why will with without won't work would year years yesterday you your sad happy tired
        angry lonely scared anxious exhausted bored worried calm lost stressed""",
    "es": """el la los las una unos unas que por para pero porque como cuando más mas muy mi mis tu su sus estoy está
        esta estamos soy eres es son tengo tiene tenemos siento sentir hoy ayer mañana del al lo le les yo ella ellos
        nosotros nos todo toda todos nada ya sin con me te se hay ha he han hace mucho mucha muchas tan también
        tambien siempre nunca nadie alguien algo quiero puedo voy vida día dia noche trabajo casa triste cansado
        cansada solo sola feliz miedo enojado contento contenta bien mal ser hacer estar fue era donde qué cómo desde
        hasta entre ese eso esto este gracias quisiera morir vivir mejor""",
    "pt": """não nao estou está sou é são uma umas um meu minha meus minhas muito muita tenho tem hoje ontem amanhã
        com sem dos das nos nas os as eu ele ela eles você voce vocês que por para pra mas porque quando mais tão tao
        também tambem sempre nunca ninguém alguém algo nada tudo já ja só so me te se foi era ser fazer estar vida dia
        noite trabalho casa triste cansado cansada sozinho sozinha feliz medo raiva bem mal do da no na ao ou isso isto
        esse este essa gente sinto sentindo saudade consigo quero posso vou melhor mim queria morrer viver gosto""",
    "fr": """je j'ai j'en suis es est sont sommes nous vous ils elles elle mon ma mes ta tes son sa ses une des du les
        le la et mais dans sur avec sans pour très tres pas ne n'ai n'est c'est c'était ça ca aujourd'hui hier demain
        qui que quand comme plus moi toi lui tout toute tous rien jamais toujours encore trop peu bien mal être etre
        avoir faire fait ai as a peur triste fatigué fatiguée seul seule heureux heureuse colère vie jour nuit soir
        travail maison en au aux ce cette ces me te se par ou où déjà peux veux vais on m'a l'ai d'une d'un qu'il""",
    "de": """ich bin bist ist sind wir ihr sie er es mich mir dich dir mein meine meinen meinem meiner dein der die das
        den dem des und oder aber nicht nichts kein keine keinen sehr heute gestern morgen mit ohne für fur auf zu zum
        zur von vom habe hab hat haben hatte ein eine einen einem einer weil wenn dass wie was wer wo nur noch schon
        immer nie nach bei über uber so auch mehr war wird werde werden kann könnte will muss müde mude traurig allein
        glücklich glucklich wütend wutend angst leben tag nacht abend arbeit im am an in als man mal doch ganz gut
        geht fühle fuhle""",
    "it": """sono sei è siamo il lo gli i la le di da mio mia miei mie tuo tua molto non ho hai ha abbiamo che perché
        perche oggi ieri domani senza con del della dello delle dei degli nel nella al alla agli un una uno e ma se
        quando come più piu mi ti si ci anche sempre mai niente nulla tutto tutta tutti già gia ancora solo sola
        stanco stanca triste felice paura rabbia vita giorno notte sera lavoro casa stato stata essere fare bene male
        sento questo questa quello quella nessuno qualcuno voglio posso devo io lui lei noi in per su vorrei
        vivere morire voglia quando""",
    "nl": "ik het een en maar niet geen heel mijn jij wij zij vandaag gisteren met zonder voor ook omdat ben bent zijn",
    "sv": """jag är och att det inte med på en ett min mitt mina mycket idag igår för som har så men om vi du han hon
        den till av kan var mig dig alltid aldrig bara när vara trött ledsen ensam glad liv dag""",
    "da": "jeg er og det ikke meget meg meg også bare når være mig dig noget altid aldrig idag veldig",
    "fi": "minä mina olen ja ei hyvin mutta niin että kun nyt on se",
    "pl": "jestem się sie jest nie mam bardzo dzisiaj moja mój ale i w na że ze co tak jak mnie",
    "cs": "jsem je není mám velmi dnes ale a že se co jak mi",
    "ro": """sunt este nu și si foarte mă ma un o că ca să sa mai dar cu din la pe pentru am ai are eu tu el ea noi ce
        când cand astăzi azi mereu niciodată trist obosit singur viață zi noapte mi""",
    "hu": "vagyok nem nagyon egy és hogy van de ez az mint már csak",
    "tr": "bir ve çok cok değil degil bugün bugun için ben ama bu da de gibi kadar",
    "id": "saya aku kamu tidak sangat yang hari ini dengan dan di ke itu",
    "tl": "ako ang mga hindi ko ngayon na ng sa ay lang",
    "sw": "nina ni sana na ya wa kwa leo",
    "vi": "tôi toi rất rat không khong buồn là của và có một cho",
}
"""Language -> its common words; with the accents that haste leaves out."""
_LISTED: Final = {
    language: frozenset(unicodedata.normalize("NFC", words).split()) for language, words in _COMMON.items()
}
_SHARED_BY: Final = Counter(word for words in _LISTED.values() for word in words)


def detect_language(text: str) -> str:
    """The code of the language of a text: `en`, `zh`, `de`, ...; `und` for one that is not known here."""
    script = _detect_script(text)
    match script:
        case "han" | "kana":
            return "ja" if script == "kana" else CHINESE
        case "cyrillic":
            return "uk" if _UKRAINIAN.search(text) else "ru"
        case "devanagari":
            return "hi"
        case "latin":
            return _detect_latin(text)
    return UNKNOWN if any(sign.isalpha() for sign in text) else ENGLISH


def _detect_script(text: str) -> str:
    counts = {name: len(pattern.findall(text)) for name, pattern in _SCRIPTS.items()}
    marks = sum(unicodedata.category(sign) in {"Mn", "Mc"} for sign in text)
    counts["other"] = max(0, sum(sign.isalpha() for sign in text) + marks - sum(counts.values()))
    characters = counts["han"] + counts["kana"]
    if counts["kana"] > _KANA_SHARE * characters:
        counts |= {"kana": characters, "han": 0}
    weights = {name: count * _WEIGHTS.get(name, 1) for name, count in counts.items()}
    best = max(weights, key=lambda name: weights[name])
    return best if weights[best] else ""


def _detect_latin(text: str) -> str:
    """Each common word counts for its language, less where others share it; letters of one language count too."""
    lowered = unicodedata.normalize("NFKC", text).lower().replace("’", "'")
    scores: Counter[str] = Counter()
    for word in _WORD.findall(lowered):
        if shared := _SHARED_BY.get(word):
            for language, words in _LISTED.items():
                scores[language] += (1.0 / shared) * (word in words)  # type: ignore[assignment]
    for language, letters in _BELONGS.items():
        scores[language] += 0.75 * sum(lowered.count(letter) for letter in letters)  # type: ignore[assignment]
    best = max(_LISTED, key=lambda language: scores[language])
    return best if scores[best] > scores[ENGLISH] else ENGLISH
