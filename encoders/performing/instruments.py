"""Name, range, brightness and overtones of the General MIDI programs.

Brightness and overtones are judgement, ordered after the spectral centroids that handbooks give for the instruments at
a middle level (flute and harp dark, strings between, reeds and brass bright); these very sounds were not measured.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Instrument:
    """One program."""

    name: str
    low: int
    high: int
    """MIDI keys of its comfortable range, not of its extremes."""
    brightness: float
    """0 dark .. 1 bright, at its middle register and a middle level."""
    rolloff: float
    """Amplitude ratio of each overtone to the one below it, 0..1: near 1 is rich, near 0 is pure."""


_FAMILIES = (
    Instrument("piano", 28, 100, 0.50, 0.75),
    Instrument("chromatic percussion", 53, 100, 0.60, 0.55),
    Instrument("organ", 36, 96, 0.55, 0.80),
    Instrument("guitar", 40, 84, 0.45, 0.75),
    Instrument("bass", 28, 60, 0.25, 0.70),
    Instrument("strings", 36, 96, 0.55, 0.85),
    Instrument("ensemble", 36, 90, 0.50, 0.80),
    Instrument("brass", 40, 84, 0.70, 0.88),
    Instrument("reed", 46, 86, 0.60, 0.85),
    Instrument("pipe", 60, 96, 0.40, 0.55),
    Instrument("synth lead", 36, 96, 0.70, 0.85),
    Instrument("synth pad", 36, 90, 0.40, 0.70),
    Instrument("synth effects", 36, 90, 0.50, 0.75),
    Instrument("ethnic", 43, 90, 0.60, 0.80),
    Instrument("percussive", 36, 90, 0.60, 0.60),
    Instrument("sound effects", 36, 90, 0.60, 0.60),
)
_PROGRAMS = {
    0: Instrument("piano", 28, 100, 0.50, 0.75),
    4: Instrument("electric piano", 36, 96, 0.35, 0.60),
    6: Instrument("harpsichord", 36, 89, 0.75, 0.92),
    8: Instrument("celesta", 60, 108, 0.45, 0.40),
    10: Instrument("music box", 60, 100, 0.50, 0.45),
    11: Instrument("vibraphone", 53, 89, 0.40, 0.40),
    19: Instrument("church organ", 36, 96, 0.60, 0.85),
    21: Instrument("accordion", 48, 90, 0.70, 0.90),
    22: Instrument("harmonica", 60, 90, 0.65, 0.88),
    24: Instrument("guitar", 40, 84, 0.38, 0.72),
    25: Instrument("steel-string guitar", 40, 84, 0.55, 0.80),
    40: Instrument("violin", 55, 100, 0.65, 0.88),
    41: Instrument("viola", 48, 88, 0.52, 0.85),
    42: Instrument("cello", 36, 76, 0.42, 0.85),
    43: Instrument("double bass", 28, 60, 0.28, 0.82),
    46: Instrument("harp", 28, 100, 0.35, 0.60),
    48: Instrument("strings", 36, 96, 0.52, 0.85),
    49: Instrument("slow strings", 36, 96, 0.42, 0.82),
    52: Instrument("choir", 40, 84, 0.35, 0.70),
    56: Instrument("trumpet", 54, 84, 0.80, 0.92),
    57: Instrument("trombone", 40, 72, 0.65, 0.90),
    60: Instrument("horn", 40, 77, 0.45, 0.80),
    61: Instrument("brass", 40, 84, 0.72, 0.90),
    68: Instrument("oboe", 58, 91, 0.70, 0.90),
    69: Instrument("English horn", 52, 81, 0.60, 0.88),
    70: Instrument("bassoon", 34, 72, 0.45, 0.86),
    71: Instrument("clarinet", 50, 91, 0.45, 0.75),
    72: Instrument("piccolo", 74, 102, 0.70, 0.55),
    73: Instrument("flute", 60, 96, 0.40, 0.50),
    74: Instrument("recorder", 60, 98, 0.42, 0.45),
    75: Instrument("pan flute", 60, 93, 0.38, 0.45),
    79: Instrument("ocarina", 60, 90, 0.30, 0.35),
    104: Instrument("sitar", 48, 84, 0.65, 0.88),
    105: Instrument("banjo", 48, 86, 0.75, 0.85),
    107: Instrument("koto", 48, 86, 0.55, 0.75),
    109: Instrument("bagpipe", 55, 81, 0.85, 0.94),
    110: Instrument("fiddle", 55, 100, 0.68, 0.88),
    15: Instrument("dulcimer", 48, 90, 0.60, 0.75),
}


def get_instrument(program: int) -> Instrument:
    """The instrument of a General MIDI program, 0..127; its family's where the program has no entry of its own."""
    return _PROGRAMS.get(program, _FAMILIES[program // 8])
