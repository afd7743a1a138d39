"""Splits music in MTF or ABC into patches, the input of the symbolic tower (CLaMP 3, arXiv 2502.10362).

A patch is 64 small numbers: 1, the ASCII codes of a bar of ABC or of some messages of MTF, 2, and zeros to fill.
"""

import re
from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

PATCH_LENGTH: Final = 64
HEAD_WIDTH: Final = 64
VOCABULARY: Final = 128
"""ASCII, of which 0 is padding, 1 begins a patch, 2 ends it, 3 masks one in training."""
_BEGIN, _END, _PAD = "\x01", "\x02", "\x00"
_PACKED: Final = PATCH_LENGTH - 2
"""Characters that messages packed together may take, the newline included."""
_BAR_LINE = re.compile(r"(\|:|::|:\||\[\||\|\||\|\]|\|)")
_SPELT: Final = {
    "¼": " 1/4", "½": " 1/2", "¾": " 3/4", "Ŋ": "NG", "ŋ": "ng", "♯": "#", "Є": "Ie", "Ъ": "'", "ъ": "'", "ẞ": "SS",
    "し": "shi", "シ": "shi", "ち": "chi", "チ": "chi", "つ": "tsu", "ツ": "tsu", "っ": "tsu", "ッ": "tsu", "ー": "-",
    "・": "*", "゠": "=", "❝": '"', "❞": '"', "❜": "'",
}  # fmt: skip
"""Where text-unidecode differs from Unidecode, which the reference uses and whose licence (GPL) would become ours."""
_UNKNOWN: Final = "[?]"
"""text-unidecode's replacement for unknown characters; Unidecode has none."""
_FIRST_OF_MTF: Final = "ticks_per_beat"
_MEANT_ANYWAY: Final = "L:1/8\n"
"""The default unit length of ABC: its line is left out, as in the data the model was trained on."""


def split_patches(text: str) -> NDArray[np.uint8]:
    """Uint8 [patches, 64]: the patches of MTF (its first line begins with `ticks_per_beat`) or of ABC.

    The first and the last patch mark begin and end; a text without a line of music has these two alone.
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = [line for line in _split_lines(_to_ascii(text)) if line != _MEANT_ANYWAY]
    packed = _pack_mtf if lines and lines[0].split(" ")[0].rstrip("\n") == _FIRST_OF_MTF else _pack_abc
    patches = (_BEGIN * PATCH_LENGTH, *packed(lines), _END * PATCH_LENGTH)
    flat = "".join((_BEGIN + patch + _END)[:PATCH_LENGTH].ljust(PATCH_LENGTH, _PAD) for patch in patches)
    return np.frombuffer(flat.encode("ascii"), dtype=np.uint8).reshape(-1, PATCH_LENGTH)


def _to_ascii(text: str) -> str:
    """The ASCII form of a text, as by Unidecode but for rare symbols, mathematical alphabets and Hebrew presentation
    forms."""
    if text.isascii():
        return text
    # Imported here because hardly any music needs it.
    from text_unidecode import unidecode

    spelt = {sign: _SPELT.get(sign, unidecode(sign)) for sign in set(text)}
    return "".join("" if spelt[sign].strip() == _UNKNOWN else spelt[sign] for sign in text)


def _split_lines(text: str) -> list[str]:
    """The lines with their newlines. Only newlines end one: `str.splitlines` would also cut at form feeds."""
    lines = [f"{line}\n" for line in text.split("\n")]
    lines[-1] = lines[-1][:-1]
    return lines if lines[-1] else lines[:-1]


def _pack_mtf(lines: list[str]) -> Iterator[str]:
    """Yields patches of consecutive messages of one type, as many as fit; the type is written once."""
    patch = ""
    for line in lines:
        kind, _, values = line.partition(" ")
        if patch.startswith(kind) and len(patch) + len(values) <= _PACKED:
            patch = f"{patch[:-1]}\t{values}"
        else:
            if patch:
                yield patch
            patch = line
    if patch:
        yield patch


def _pack_abc(lines: list[str]) -> Iterator[str]:
    for line in lines:
        if (line[:1].isalpha() and line[1:2] == ":") or line.startswith("%%"):
            yield line
            continue
        bars = _split_bars(_close_last_bar(line))
        yield from bars[:-1]
        if bars:
            yield f"{bars[-1]}\n"


def _close_last_bar(line: str) -> str:
    """The line with a bar line after its last notes, which the reference would drop otherwise, as it does comments."""
    *_, rest = _BAR_LINE.split(line)
    notes = rest.partition("%")[0]
    return f"{line[: len(line) - len(rest)]}{notes.rstrip()}|\n" if notes.strip() else line


def _split_bars(line: str) -> list[str]:
    """A line of notes split after its bar lines. A bar line at the start of the line belongs to the first bar, as in
    the data that the model was trained on."""
    parts = [part for part in _BAR_LINE.split(line) if part]
    if len(parts) > 1 and _BAR_LINE.fullmatch(parts[0]):
        parts[:2] = [parts[0] + parts[1]]
    return [text + bar_line for text, bar_line in zip(parts[::2], parts[1::2], strict=False)]
