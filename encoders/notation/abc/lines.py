"""Splits an ABC file into tunes and a tune into lines; expands macros and escapes."""

import html
import re
import unicodedata
from collections.abc import Iterator
from typing import Final

_FIELD: Final = re.compile(r"([A-Za-z]):(?![|:])(.*)")
_GIVEN: Final = "ABCDFGHLMNOQRSZ"
"""Fields of a tune book's header that apply to tunes without such a field of their own."""
_ADDED: Final = "IUm"
"""Fields of a tune book's header that apply to every tune, before its own."""
_ACCENTS: Final = {
    "`": 0x300,
    "'": 0x301,
    "^": 0x302,
    "~": 0x303,
    '"': 0x308,
    "u": 0x306,
    "v": 0x30C,
    "H": 0x30B,
    "c": 0x327,
    ",": 0x327,
    ";": 0x328,
    "=": 0x304,
    ".": 0x307,
    "r": 0x30A,
}
_LETTERS: Final = {
    "ss": "ß",
    "ae": "æ",
    "AE": "Æ",
    "oe": "œ",
    "OE": "Œ",
    "aa": "å",
    "AA": "Å",
    "/o": "ø",
    "/O": "Ø",
    "/d": "đ",
    "/D": "Đ",
    "/l": "ł",
    "/L": "Ł",
    "dh": "ð",
    "DH": "Ð",
    "th": "þ",
    "TH": "Þ",
    "cC": "Ç",
}
_LONGEST: Final = 20_000
"""Characters of one line after its macros are expanded, at most."""


def split_tunes(text: str) -> list[str]:
    """The tunes of a file, each from its `X:` line to the next, with the fields of the book's header added that it does
    not have itself."""
    starts = [match.start() for match in re.finditer(r"^X:", text, re.MULTILINE)]
    if not starts:
        return []
    book = [line for line in _split_lines(text[: starts[0]]) if line.startswith("%%") or _FIELD.match(line)]
    found = [text[a:b] for a, b in zip(starts, [*starts[1:], len(text)], strict=True)]
    return [_add_book_fields(tune, book) for tune in found] if book else found


def _add_book_fields(tune: str, book: list[str]) -> str:
    first, *rest = tune.split("\n")
    own: set[str] = set()
    for line in rest:
        if match := _FIELD.match(line):
            own.add(match[1])
            if match[1] == "K":
                break
    given = [
        line
        for line in book
        if line.startswith("%%") or line[0] in _ADDED or (line[0] in _GIVEN and line[0] not in own)
    ]
    return "\n".join([first, *given, *rest])


def _split_lines(text: str) -> list[str]:
    """The lines without comments, and without text blocks for the printed page."""
    text = re.sub(r"(?ms)^%%begin(\w+).*?(?:^%%end\1[^\n]*|\Z)", "", text.replace("\r\n", "\n").replace("\r", "\n"))
    text = re.sub(r"(?m)^[ \t]*%(?!%).*(?:\n|\Z)", "", text)
    return [line if line.startswith("%%") else re.split(r"(?<!\\)%", line)[0] for line in text.split("\n")]


def read_lines(tune: str) -> Iterator[tuple[str, str]]:
    """Yields each line of a tune: a field's letter and its value, '%' and a directive, '' and a line of music.

    An empty line ends a tune, and what follows is free text. Lines after it that look like music are read all the same,
    after an 'end', since people leave empty lines within tunes.
    """
    body = sounded = ended = False
    for line in _split_lines(tune):
        match = _FIELD.match(line)
        if line.startswith("%%"):
            yield "%", line[2:].strip()
        elif match:
            body = body or match[1] == "K"
            yield match[1], match[2].strip()
        elif not body or line.startswith("+:") or (ended and not _is_music(line)):
            continue
        elif line.strip():
            if ended:
                yield "end", line
            sounded = True
            yield "", line
        else:
            ended = sounded


def _is_music(line: str) -> bool:
    """Whether a line has a bar line, and no word with letters that are no notes."""
    signs = re.sub(r'"[^"]*"|![^!\s]*!|\[[A-Za-z]:[^\]]*\]', " ", line)
    return "|" in signs and not re.search(r"[A-Za-z]*[i-loqrst][A-Za-z]{2,}|[A-Za-z]{2,}[i-loqrst]", signs)


def parse_macro(text: str) -> tuple[re.Pattern[str], str]:
    """The pattern and the replacement of an m: field: '~G2 = {A}G{F}G', or 'n' for any note as in '~n2 = {o}n{m}n'.

    Raises ValueError for a text that is no macro.
    """
    sign, equals, made = (part.strip() for part in text.partition("="))
    if not sign or not equals:
        raise ValueError("a macro says what it is for and what it means")
    any_note = "n" in sign
    pattern = re.escape(sign).replace("n", r"(?P<note>[A-Ga-g](?:,+|'+)?)", 1) if any_note else re.escape(sign)
    return re.compile(pattern), made


def expand_macros(line: str, macros: list[tuple[re.Pattern[str], str]]) -> str:
    """A line of music with its macros expanded. Raises ValueError when it becomes longer than `_LONGEST`."""
    for pattern, made in macros:
        line = pattern.sub(lambda match, made=made: _transpose_macro(match, made), line)  # type: ignore[misc]
        if len(line) > _LONGEST:
            raise ValueError("its macros make a line longer than any that people write")
    return line


def _transpose_macro(match: re.Match[str], made: str) -> str:
    """A macro's replacement at one place: where it is for any note, 'n' is that note and 'h' to 'z' those around it."""
    note = match.groupdict().get("note")
    if note is None:
        return made
    height = "CDEFGAB".index(note[0].upper()) + 7 * (note[0].islower() + note.count("'") - note.count(","))
    return re.sub(r"![^!]*!|[h-z]", lambda sign: _name_note(height, sign[0]), made)


def _name_note(height: int, sign: str) -> str:
    if sign.startswith("!"):
        return sign
    octave, step = divmod(height + ord(sign) - ord("n"), 7)
    letter = "CDEFGAB"[step]
    return letter + "," * -octave if octave < 1 else letter.lower() + "'" * (octave - 1)


def decode_escapes(text: str) -> str:
    """Decodes the letters that ABC escapes in ASCII: "Caf\\'e", "Valse \\`a trois", "M&uuml;ller"."""
    text = re.sub(r"\\u([0-9A-Fa-f]{4})", lambda match: chr(int(match[1], 16)), text)
    letters = "|".join(re.escape(name) for name in _LETTERS)
    text = re.sub(rf"\\({letters})", lambda match: _LETTERS[match[1]], text)
    text = re.sub(r"\\([`'^~\"uvHc,;=.r])([A-Za-z])", lambda match: match[2] + chr(_ACCENTS[match[1]]), text)
    text = re.sub(r"\\([%&\\])", r"\1", text)
    return unicodedata.normalize("NFC", html.unescape(text))
