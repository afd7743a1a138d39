"""General MIDI programs of instrument names, and names of programs."""

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

_NAMES: Final = (
    *["piano"] * 4,
    *["electric piano"] * 2,
    "harpsichord",
    "clavichord",
    *("celesta", "glockenspiel", "music box", "vibraphone", "marimba", "xylophone", "bells", "dulcimer"),
    *("organ", "organ", "organ", "church organ", "reed organ", "accordion", "harmonica", "accordion"),
    *("guitar", "steel guitar", "guitar", "electric guitar", *["electric guitar"] * 4),
    *["bass"] * 8,
    *("violin", "viola", "cello", "double bass", "strings", "strings", "harp", "timpani"),
    *("strings", "slow strings", "strings", "strings", "choir", "voice", "choir", "orchestra"),
    *("trumpet", "trombone", "tuba", "trumpet", "horn", "brass", "brass", "brass"),
    *("saxophone", "saxophone", "saxophone", "saxophone", "oboe", "english horn", "bassoon", "clarinet"),
    *("piccolo", "flute", "recorder", "pan flute", "flute", "flute", "tin whistle", "ocarina"),
    *["synthesizer"] * 8,
    *["pad"] * 8,
    *["synthesizer"] * 8,
    *("sitar", "banjo", "shamisen", "koto", "kalimba", "bagpipe", "fiddle", "shawm"),
    *("bells", *["percussion"] * 7),
    *["effects"] * 8,
)
"""Name of each program, in the words of the caption lexicon where it has one."""
_INSTRUMENTS: Final = (
    (r"harpsichord|cembalo|clavecin|spinet|virginal|clavier\b", 6),
    (r"clavichord", 7),
    (r"electric piano|rhodes|\be piano", 4),
    (r"harp\b|harfe|arpa|harpe", 46),
    (r"organ|orgel|organo|orgue|manual|pedale?\b", 19),
    (r"harmonium|reed organ", 20),
    (r"accordion|akkordeon|concertina|fisarmonica|accordéon", 21),
    (r"harmonica|mundharmonika|(blues|mouth) ?harp\b|mouth organ", 22),
    (r"glockenspiel", 9),
    (r"celesta|celeste", 8),
    (r"vibraphone?", 11),
    (r"marimba", 12),
    (r"xylophone?", 13),
    (r"\bbells?\b|glocken\b|chimes", 14),
    (r"dulcimer|cimbalom|hackbrett|zither", 15),
    (r"timpani|pauken|kettledrums?", 47),
    (r"bass ?guitar|guitar ?bass|\be bass|electric bass|bass electric|fretless bass", 33),
    (r"(acoustic|upright|pluck|slap) bass|bass acoustic", 32),
    (r"electric guitar|guitar electric|\be gitarre|e guitar", 27),
    (r"steel (string )?guitar", 25),
    (r"guitar|gitarre|chitarra|guitare|lute|laute|liuto|theorbo|vihuela|ukulele|mandolin", 24),
    (r"banjo", 105),
    (r"shamisen", 106),
    (r"sitar", 104),
    (r"koto", 107),
    (r"kalimba|mbira", 108),
    (r"contrabassoon|kontrafagott|contrafagotto|bassoon|fagott|fagotto|basson", 70),
    (r"english horn|cor anglais|englischhorn|corno inglese", 69),
    (r"oboe|hautbois|hoboe|shawm|crumhorn|krummhorn", 68),
    (r"clarinet|klarinette|clarinetto|clarinette|basset(t?| )horn|corno di bassetto|basset\b", 71),
    (r"saxo|saxhorn|\bsax", 65),
    (r"(flute|flauto|flûte) piccolo|piccolo ?(flute|flöte)", 72),
    (r"recorder|blockfl\w*|flauto dolce|flûte à bec", 74),
    (r"flute|flöte|floete|flauto|flûte|traverso", 73),
    (r"pan ?(flute|pipes?|flöte)|flûte de pan", 75),
    (r"shakuhachi", 77),
    (r"whistle", 78),
    (r"ocarina|okarina", 79),
    (r"bagpipe|pipes", 109),
    (r"trumpet|trompete|tromba\b|trombe\b|trompette|cornet|flugelhorn|flügelhorn|clarino", 56),
    (r"trombone|posaune|tromboni", 57),
    (r"tuba|euphonium|ophicleide", 58),
    (r"horn|corno|corni|\bcors?\b", 60),
    (r"violoncell\w*|\bcell[oi]\b|\bvlc|\bvc\b|bass viol\b", 42),
    (r"double bass|string bass|strings? bass|violone|\bcb\b", 43),
    (r"violas?\b|bratsche|\bvla\b|\bviole\b|\bviols?\b|da gamba|de gambe|\bva\b", 41),
    (r"fiddle", 110),
    (r"violin|violon|geige|\bvln?\b|\bvno?\b", 40),
    (r"steel ?(drum|pan)s?", 114),
    (r"drums?\b|percussion|cymbal|trommel|schlagzeug|tambourin", 116),
    (r"piano|klavier|pianoforte|fortepiano|hammerklavier|flügel|\bpf\b|\bkl\b", 0),
)
_FAMILIES: Final = (
    (r"contrabass|kontrabass|contrabbass", 43),
    (r"piccolo|ottavino", 72),
    (r"brass|blech", 61),
    (r"strings|streicher|archi\b|quartet", 48),
    (r"keyboard", 0),
)
"""Families, and size words that stand for an instrument where no other is named beside them."""
_SINGERS: Final = (
    (r"voice|vocal|voix|voce|sopran|\balt[oi]?\b|altus|tenor|\bbass[oi]?\b|bassus|bariton|contralto|mezzo", 52),
    (r"\bchor(?!d)|choir|koor|superius|cantus|canto\b|quintus|sextus|discantus|triplum|contratenor|gesang", 52),
    (r"singstimme|\bchant\b|^[satb]$", 52),
)
"""Voices; their names are also sizes of instruments, so they come last: an 'Alto flute' is no voice."""
_PATTERNS: Final = tuple(
    tuple((re.compile(pattern), program) for pattern, program in names) for names in (_INSTRUMENTS, _FAMILIES, _SINGERS)
)
_ELSE: Final = re.compile(r"[/(\[,;:&+|]|\b(?:or|and|with|doubling|und|oder|mit|et|ou)\b")
"""Separators between several instruments in one name."""


def find_program(name: str) -> int | None:
    """The General MIDI program of an instrument name in a score, in a few languages; None when nothing matches.

    The first instrument of a name counts. Of its matches the one that ends last counts, then the longest: the noun
    after its attribute ('Bass clarinet', 'English horn'), and the whole word ('Flute' contains 'lute').
    """
    plain = re.sub(r"[.\-_\s]+", " ", unicodedata.normalize("NFC", name).casefold())
    for part in _ELSE.split(plain):
        for names in _PATTERNS:
            found = [(m.end(), m.end() - m.start(), p) for pattern, p in names for m in pattern.finditer(part.strip())]
            if found:
                return max(found, key=lambda match: match[:2])[2]
    return None


def name_instruments(programs: Sequence[int], shares: Sequence[float]) -> str:
    """Words for the instruments, those with the largest shares first: 'violin and piano', 'orchestra'."""
    sounding: dict[str, float] = {}
    for program, share in zip(programs, shares, strict=True):
        sounding[_NAMES[program]] = sounding.get(_NAMES[program], 0.0) + share
    total = sum(sounding.values())
    names = sorted((n for n in sounding if sounding[n] > 0.01 * total), key=lambda n: (-sounding[n], n))
    strings = {"violin", "viola", "cello", "double bass", "strings", "slow strings"}
    others = {"flute", "oboe", "clarinet", "bassoon", "horn", "trumpet", "trombone", "tuba", "timpani", "brass"}
    if len(names) > 3 and set(names) <= strings:
        return "strings"
    if len(names) > 5 and len(strings & set(names)) > 1 and len(others & set(names)) > 1:
        return "orchestra"
    names = names[:3] or ["music"]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
