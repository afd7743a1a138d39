"""Makes the table of `encoders/emotions/detector.py` from texts whose language is known.

`python -m encoders.training.multilingual.languages --brighter FOLDER --xed FOLDER --goemotions FOLDER` writes it.
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from encoders.base import hash_file
from encoders.emotions.detector import BITS, DESCRIPTION, FOLDER, ROMAN, TABLE, hash_runs
from encoders.emotions.language import detect_script
from encoders.seed_data import SEED_DATA
from encoders.training.multilingual.examples import read_lines, read_rows

OTHERS = SEED_DATA / "texts" / "other_languages.tsv"
CODES = {
    "eng": "en", "chn": "zh", "esp": "es", "deu": "de", "ptbr": "pt", "rus": "ru", "hin": "hi", "ukr": "uk",
    "ron": "ro", "swe": "sv",
}  # fmt: skip
"""BRIGHTER's names of languages, and ISO 639-1's."""
FUNCTION_WORDS: Mapping[str, str] = {
    "en": """a about after again all always am an and any are as at be because been before being but by can can't
        could couldn't day did didn't do does doesn't doing don't even every everything feel feeling felt few for from
        get getting go going got had has have having he her here him his how i i'm i've i'll i'd if in into is isn't it
        it's its just know last let like made make makes me more most much my myself never no not nothing now of off on
        one only or other our out over really she should since so some something still such than thank thanks that
        that's the their them then there these they thing things think this those through time to today tomorrow too
        under until up us very want was wasn't we well were what when where which while who why will with without won't
        would year years yes yesterday yet you your""",
    "es": """el los las una unos que por para pero porque como más mas muy mi mis tu su estoy está soy eres es son
        tengo tiene siento hoy ayer mañana del al lo yo ella nos todo nada ya""",
    "pt": """não nao estou sou uma um meu minha muito tenho hoje ontem amanhã com sem dos das os eu ele ela você
        voce estic molt""",
    "fr": """je j'ai suis est sont nous vous ils elles mon ma mes ta une des du les et mais dans sur avec sans pour
        très tres pas ne c'est ça ca aujourd'hui hier demain""",
    "it": """ai sono sei è siamo il gli di da mio mia molto non ho hai che perché perche oggi ieri domani senza
        della delle nel""",
    "de": """ich bist ist sind wir ihr sie er mich mir mein meine der das den und oder aber nicht kein keine sehr
        heute gestern morgen mit ohne für fur auf zu von habe ein eine einen weil wenn dass""",
    "nl": """ik het een en maar niet geen heel mijn jij wij zij vandaag gisteren met zonder voor ook omdat""",
    "fi": "minä olen ja ei hyvin",
    "tr": "bir ve çok cok değil degil bugün bugun için",
    "vi": "tôi toi rất rat không khong buồn là của",
}
"""Language -> function words that few texts of the sets would leave out; each counts as `TIMES` texts."""

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
TIMES = 20
SCALE = 16.0
WEIGHT = 0.5
PRIORS: Mapping[str | bool, float] = {"en": 4.0, True: 1.5, False: 0.0}
"""Log-odds before anything is read: of English, of a language with `MANY` texts, and of another."""
MANY = 500
PRIOR = 3000.0
"""How many runs of all languages together count as seen in each."""


def collect_texts(brighter: Path, xed: Path, goemotions: Path) -> dict[str, list[str]]:
    """Language -> texts, from training splits alone."""
    found: dict[str, list[str]] = {}
    for name, code in CODES.items():
        found.setdefault(code, []).extend(text for _, text in read_rows(brighter / f"{name}.train.tsv"))
    for code in ("en", "fr", "it"):
        found.setdefault(code, []).extend(text for _, text in read_rows(xed / f"{code}.tsv"))
    comments = (goemotions / "train.tsv").read_text("utf-8").split("\n")
    found["en"].extend(line.split("\t")[0] for line in comments if line)
    for name in ("feelings", "danger"):
        for row in read_lines(SEED_DATA / "texts" / f"{name}.jsonl.xz"):
            text, code = str(row["text"]), str(row["lang"])
            romanised = code in ("zh", "ja", "hi") and detect_script(text) == "latin"
            found.setdefault(f"{code}{ROMAN}" if romanised else code, []).append(text)
    for code, words in FUNCTION_WORDS.items():
        found.setdefault(code, []).extend(words.split() * TIMES)
    found["en"].extend(FEELINGS.split() * TIMES)
    for line in OTHERS.read_text("utf-8").split("\n"):
        if line:
            code, text = line.split("\t")
            found.setdefault(code, []).append(text)
    return found


def write_table(texts: Mapping[str, Sequence[str]], folder: Path) -> None:
    """Counts runs in each language and writes the table of log-ratios."""
    languages = sorted(texts)
    counts = np.zeros((1 << BITS, len(languages)))
    for column, language in enumerate(languages):
        for text in texts[language]:
            buckets = list(set(hash_runs(text)))
            counts[buckets, column] += 1
    shares = counts / counts.sum(0)
    every = (shares.mean(1) + 1e-7) / (shares.mean(1) + 1e-7).sum()
    smoothed = (counts + PRIOR * every[:, None]) / (counts.sum(0) + PRIOR)
    ratios = np.log(smoothed / every[:, None])
    folder.mkdir(parents=True, exist_ok=True)
    np.save(folder / TABLE, np.clip(np.round(SCALE * ratios), -127, 127).astype(np.int8), allow_pickle=False)
    described = {
        "languages": languages,
        "scale": SCALE,
        "weight": WEIGHT,
        "prior": [PRIORS["en"] if name == "en" else PRIORS[len(texts[name]) >= MANY] for name in languages],
        "sha256": hash_file(folder / TABLE),
    }
    (folder / DESCRIPTION).write_text(json.dumps(described, indent=1) + "\n", "utf-8")


def main(arguments: list[str] | None = None) -> None:
    """Reads the texts and writes the table."""
    parser = argparse.ArgumentParser(prog="train-languages", description="Make the table that tells languages apart.")
    parser.add_argument("--brighter", type=Path, required=True)
    parser.add_argument("--xed", type=Path, required=True)
    parser.add_argument("--goemotions", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=FOLDER)
    given = parser.parse_args(arguments)
    write_table(collect_texts(given.brighter, given.xed, given.goemotions), given.out)


if __name__ == "__main__":
    main()
