"""Which General MIDI program a written instrument is, and what a set of programs is called."""

import re
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
"""What each program is called, in the words that captions know where they have one."""
_WRITTEN: Final = (
    (r"harpsichord|cembalo|clavecin|spinet|virginal|clavier\b", 6),
    (r"electric piano|rhodes|e-piano", 4),
    (r"harp\b|harfe|arpa|harpe", 46),
    (r"church organ|pipe organ|organ|orgel|organo|orgue|manual|pedale?\b", 19),
    (r"harmonium|reed organ", 20),
    (r"accordion|akkordeon|concertina|fisarmonica|accordéon", 21),
    (r"harmonica|mundharmonika", 22),
    (r"glockenspiel", 9),
    (r"celesta|celeste", 8),
    (r"vibraphone?", 11),
    (r"marimba", 12),
    (r"xylophone?", 13),
    (r"bells|glocken|chimes", 14),
    (r"timpani|pauken|kettledrum", 47),
    (r"bass ?guitar|e-bass|electric bass", 33),
    (r"electric guitar|e-gitarre", 27),
    (r"guitar|gitarre|chitarra|guitare|lute|laute|liuto|theorbo|vihuela|ukulele|mandolin", 24),
    (r"banjo", 105),
    (r"sitar", 104),
    (r"koto", 107),
    (r"contrabassoon|kontrafagott|bassoon|fagott|fagotto|basson", 70),
    (r"english horn|cor anglais|englischhorn|corno inglese", 69),
    (r"oboe|hautbois|hoboe|shawm", 68),
    (r"bass(et)? ?clarinet|clarinet|klarinette|clarinetto|clarinette|basset", 71),
    (r"saxo|\bsax", 65),
    (r"piccolo|ottavino", 72),
    (r"recorder|blockfl|flauto dolce|flûte à bec", 74),
    (r"flute|flöte|floete|flauto|flûte|traverso", 73),
    (r"whistle", 78),
    (r"bagpipe|pipes", 109),
    (r"trumpet|trompete|tromba\b|trombe\b|trompette|cornet|flugelhorn|clarino", 56),
    (r"trombone|posaune|tromboni", 57),
    (r"tuba|euphonium|ophicleide", 58),
    (r"horn|corno|corni|\bcors?\b", 60),
    (r"brass|blech", 61),
    (r"violoncell|\bcell[oi]\b|\bvlc|\bvc\.?\b", 42),
    (r"contrabass|kontrabass|double bass|contrabbass|violone|string bass|\bcb\.?\b", 43),
    (r"violas?\b|bratsche|\bvla\b|\bviole\b|\balto viol|da gamba|\bva\.?\b", 41),
    (r"fiddle", 110),
    (r"violin|violon|geige|\bvln?\.?\b|\bvno?\b", 40),
    (r"strings|streicher|archi\b|quartet", 48),
    (r"voice|vocal|voix|voce|sopran|\balt[oi]?\b|altus|tenor|\bbass[oi]?\b|bassus|bariton|contralto|mezzo", 52),
    (r"chor|choir|koor|superius|cantus|canto\b|quintus|sextus|discantus|triplum|contratenor|gesang|singstimme", 52),
    (r"chant|^[satb]\.?$", 52),
    (r"piano|klavier|pianoforte|keyboard|fortepiano|hammerklavier|flügel|\bpf\.?\b|\bkl\.?\b", 0),
)  # fmt: skip
_PATTERNS: Final = tuple((re.compile(pattern), program) for pattern, program in _WRITTEN)


def program_of(name: str) -> int | None:
    """The General MIDI program of an instrument as scores name it, in a few languages; none when it says nothing."""
    name = name.casefold().strip()
    return next((program for pattern, program in _PATTERNS if pattern.search(name)), None)


def called(programs: Sequence[int], shares: Sequence[float]) -> str:
    """Words for the instruments that play, those that sound most first: 'violin and piano', 'orchestra'."""
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
