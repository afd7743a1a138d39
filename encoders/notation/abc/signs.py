"""The decorations of ABC, and their effect on the tone or the bar that they stand on."""

from dataclasses import dataclass, replace
from typing import Final

SYMBOLS: Final = {
    ".": "staccato",
    "~": "roll",
    "H": "fermata",
    "L": "accent",
    "M": "lowermordent",
    "O": "coda",
    "P": "uppermordent",
    "S": "segno",
    "T": "trill",
    "u": "upbow",
    "v": "downbow",
}
"""Letter -> decoration, until a U: field redefines it."""
LEVELS: Final = {
    "pppp": -18.0,
    "ppp": -15.0,
    "pp": -10.0,
    "p": -6.0,
    "mp": -3.0,
    "mf": 0.0,
    "f": 4.0,
    "ff": 8.0,
    "fff": 10.0,
    "ffff": 12.0,
}
"""dB of a mark against mf."""
HAIRPINS: Final = {
    "crescendo(": "crescendo",
    "<(": "crescendo",
    "crescendo)": "stop",
    "<)": "stop",
    "diminuendo(": "diminuendo",
    ">(": "diminuendo",
    "diminuendo)": "stop",
    ">)": "stop",
}
JUMPS: Final = {
    "fine": "fine",
    "D.C.": "da capo",
    "dacapo": "da capo",
    "D.C.alfine": "da capo",
    "D.C.alcoda": "da capo",
    "D.S.": "dal segno",
    "D.S.alfine": "dal segno",
    "D.S.alcoda": "dal segno",
    "dacoda": "to coda",
}
"""Decorations that make playing jump, or end, after the bar."""
PLACES: Final = ("segno", "coda")
"""Targets of jumps: the beginning of the bar."""
_ORNAMENTS: Final = {
    "trill": "trill",
    "tr": "trill",
    "trill(": "trill",
    "roll": "turn",
    "turn": "turn",
    "turnx": "turn",
    "invertedturn": "turn",
    "invertedturnx": "turn",
    "mordent": "mordent",
    "lowermordent": "mordent",
    "uppermordent": "inverted",
    "pralltriller": "inverted",
}
_SHORT: Final = ("staccato", "wedge")
_ACCENTED: Final = ("accent", ">", "emphasis", "^", "marcato", "sfz")
_HELD: Final = ("fermata", "invertedfermata")
_UNHEARD: Final = (
    *("0", "1", "2", "3", "4", "5", "upbow", "downbow", "open", "thumb", "snap", "plus", "+", "tenuto"),
    *("editorial", "courtesy", "shortphrase", "mediumphrase", "longphrase", "trill)", "nil", "none"),
)
"""Decorations without effect on the sound: for fingers and for the page. Tenuto is the default of the player."""


@dataclass(frozen=True, slots=True)
class NoteDecorations:
    """The decorations and grace notes written before a tone, which apply to it."""

    short: bool = False
    accented: bool = False
    held: bool = False
    ornament: str = ""
    graces: tuple[int, ...] = ()
    loudness: float = 0.0

    def add(self, name: str) -> "NoteDecorations":
        """These decorations with one more."""
        return replace(
            self,
            short=self.short or name in _SHORT,
            accented=self.accented or name in _ACCENTED,
            held=self.held or name in _HELD,
            ornament=_ORNAMENTS.get(name, self.ornament),
            loudness=LEVELS.get(name, self.loudness),
        )


def is_known(name: str) -> bool:
    """Whether a decoration is supported, or has no effect on the sound."""
    played = (LEVELS, HAIRPINS, JUMPS, PLACES, _ORNAMENTS, _SHORT, _ACCENTED, _HELD, _UNHEARD)
    return any(name in names for names in played)
