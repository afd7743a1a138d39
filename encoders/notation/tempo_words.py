"""Tempo words of scores, and the BPM they stand for."""

from typing import Final

TEMPI: Final = {
    "larghissimo": 30,
    "grave": 40,
    "largo": 46,
    "lent": 52,
    "adagietto": 66,
    "adagio": 56,
    "langsam": 56,
    "larghetto": 60,
    "andantino": 80,
    "andante": 72,
    "maestoso": 88,
    "moderato": 92,
    "mäßig": 92,
    "allegretto": 108,
    "animato": 120,
    "allegro": 132,
    "schnell": 132,
    "lebhaft": 132,
    "vivacissimo": 168,
    "vivace": 160,
    "prestissimo": 208,
    "presto": 184,
    "slow": 56,
}
"""Tempo word -> BPM where no number is given: the values of music21 10 (`tempo.defaultTempoValues`), which follow the
marks on metronomes."""
