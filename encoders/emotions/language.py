"""Detects whether a text is in English, by script, function words and known words.

A model trained on English gives confident nonsense on other languages, so a text it does not cover must lead to a
question. The test needs no further model. A short text counts as English when half of its words are known.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Literal

Script = Literal["latin", "han", "other"]
HAN_WEIGHT = 3
"""A Chinese character says about as much as three Latin letters."""
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0002ffff]")
_KANA = re.compile(r"[\u3040-\u30ff\u31f0-\u31ff]")
_LATIN = re.compile(r"[A-Za-z\u00aa\u00ba\u00c0-\u024f\u1e00-\u1eff\uff21-\uff5a]")
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")

FUNCTION_WORDS: Mapping[str, str] = {
    "English": """a about after again all always am an and any are as at be because been before being but by can can't
        could couldn't day did didn't do does doesn't doing don't even every everything feel feeling felt few for from
        get getting go going got had has have having he her here him his how i i'm i've i'll i'd if in into is isn't it
        it's its just know last let like made make makes me more most much my myself never no not nothing now of off on
        one only or other our out over really she should since so some something still such than thank thanks that
        that's the their them then there these they thing things think this those through time to today tomorrow too
        under until up us very want was wasn't we well were what when where which while who why will with without won't
        would year years yes yesterday yet you your""",
    "Spanish": """el los las una unos que por para pero porque como más mas muy mi mis tu su estoy está soy eres es son
        tengo tiene siento hoy ayer mañana del al lo yo ella nos todo nada ya""",
    "Portuguese": """não nao estou sou uma um meu minha muito tenho hoje ontem amanhã com sem dos das os eu ele ela você
        voce estic molt""",
    "French": """je j'ai suis est sont nous vous ils elles mon ma mes ta une des du les et mais dans sur avec sans pour
        très tres pas ne c'est ça ca aujourd'hui hier demain""",
    "Italian": """ai sono sei è siamo il gli di da mio mia molto non ho hai che perché perche oggi ieri domani senza
        della delle nel""",
    "German": """ich bist ist sind wir ihr sie er mich mir mein meine der das den und oder aber nicht kein keine sehr
        heute gestern morgen mit ohne für fur auf zu von habe ein eine einen weil wenn dass""",
    "Dutch": """ik het een en maar niet geen heel mijn jij wij zij vandaag gisteren met zonder voor ook omdat""",
    "Scandinavian": """jag är och att det inte mig min mitt mycket idag igår jeg og ikke meg veldig meget dag""",
    "Finnish": "minä olen ja ei hyvin",
    "Polish, Czech": "jestem się sie jest nie mam bardzo dzisiaj moja mój jsem mám velmi dnes",
    "Romanian, Hungarian": "sunt este nu și si foarte vagyok nem nagyon egy",
    "Turkish": "bir ve çok cok değil degil bugün bugun için",
    "Indonesian, Tagalog, Swahili": """saya aku kamu tidak sangat yang hari ini dengan ako ang mga hindi ko ngayon nina
        ni sana""",
    "Vietnamese": "tôi toi rất rat không khong buồn là của",
}
"""Language in Latin letters -> its function words; no English word stands in another's list."""

SHARED = "a am an as do has he i in is me no on or so was we will"
"""English function words that other languages spell alike: they are no evidence for English."""

FEELINGS = """achy adrift aghast agitated ambivalent amused angsty antsy anxious apathetic apprehensive ashamed baffled
    bashful beaming bereaved bereft bewildered bitter bittersweet bleak blissful blue blah bored broken broody bubbly
    bummed burdened calm cheerful cheery chuffed clingy content contented cosy crabby cranky crestfallen crushed dazed
    defeated dejected delighted depleted depressed despair despairing desperate despondent devastated disheartened
    dismayed distraught distressed dizzy doubtful down downcast drained dreading ecstatic edgy elated empty enraged
    envious euphoric exasperated exhausted exhilarated exposed fearful fidgety flat flustered forlorn forsaken fragile
    frantic frazzled fretful frightened frustrated fulfilled fuming furious giddy glad gleeful gloomy glum grieving
    grouchy grumpy guilty gutted happy heartbroken heavy helpless hollow homesick hopeful hopeless horrified humiliated
    hurt hyped inadequate insecure inspired irate irked irritable irritated isolated jaded jealous jittery jolly joyful
    joyous jubilant jumpy keen knackered lethargic listless livid lonely lonesome lost lovesick low mad meh melancholic
    melancholy mellow miffed miserable moody mopey moved nauseous nervy nostalgic numb optimistic overjoyed overwhelmed
    overwrought panicky peaceful peeved pensive perplexed petrified pissed playful pleased powerless proud rattled
    ravaged refreshed regretful rejected relaxed relieved remorseful resentful resigned restless revolted ruined sad
    safe scared seething sentimental serene shaken shaky shattered shocked shy sleepless sleepy smug sombre somber sore
    sorrowful spent spooked startled stressed stuck stunned subdued sulky sullen surprised teary tearful tender tense
    terrified thankful thrilled tired tormented touched tranquil trapped triumphant troubled unappreciated uneasy
    unhappy unloved unsettled unwanted unwell unworthy upbeat uplifted upset useless vulnerable weary weepy wistful
    wobbly woeful worn worried worthless wounded wrecked wretched yearning"""
"""English words by which people name their feelings; comments on the web use few of them."""


def detect_script(text: str) -> Script:
    """The script most letters stand in; "other" also for Japanese, whose kana show that its Han is not Chinese."""
    han, kana, latin = len(_HAN.findall(text)), len(_KANA.findall(text)), len(_LATIN.findall(text))
    other = sum(sign.isalpha() for sign in text) - han - latin
    weights: dict[Script, int] = {"latin": latin, "han": HAN_WEIGHT * han, "other": other}
    if kana:
        weights |= {"han": 0, "other": HAN_WEIGHT * (other + han)}
    return max(weights, key=lambda name: weights[name])


def split_words(text: str) -> list[str]:
    """The words of a text in lower case, without punctuation and digits."""
    return _WORD.findall(unicodedata.normalize("NFKC", text).lower().replace("’", "'"))


def is_english(text: str, known: Callable[[str], bool]) -> bool:
    """Whether a text is in English; `known` says whether a lower-case word occurred in the training texts."""
    words = split_words(text)
    if not words or detect_script(text) != "latin":
        return False
    english = frozenset(FUNCTION_WORDS["English"].split())
    feelings = frozenset(FEELINGS.split())
    distinctive = english - set(SHARED.split())
    others = {word for name, some in FUNCTION_WORDS.items() if name != "English" for word in some.split()}
    foreign = sum(word in others for word in words)
    met = sum(word in english or word in feelings or known(word) for word in words)
    # Names and slips are unknown in English too, so half is enough where nothing speaks for another language.
    return foreign <= sum(word in distinctive for word in words) and 2 * met >= len(words)
