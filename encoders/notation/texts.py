"""Texts of files in any script: decoded, cleaned of invisible characters, and shortened."""

import re
import unicodedata
from typing import Final

LONGEST: Final = 200
"""Characters of a title, a name or a licence that are kept."""
_ASKED: Final = (
    r"(?:title|subtitle|composer|arranger|lyricist|author|artist|copyright|titel|untertitel|komponist|textdichter"
    r"|titre|sous titre|compositeur|arrangeur|parolier|título|titulo|subtítulo|compositor|titolo|sottotitolo"
    r"|compositore|标题|作曲|作曲者|タイトル)"
)
"""Labels of the fields that a notation program's form asks for."""
_NOISE: Final = re.compile(
    rf"(?i)^((enter |type |insert |add |your |the |my |song |work |piece |movement |score |project |flow )*{_ASKED}"
    rf"( ?name| here| \d+)*( ?(/|,|&|and|und|et) ?{_ASKED}( name)?)*"
    r"|(words|music|lyrics|text)( (and|&) (words|music))? by|(your|composer'?s?) name"
    r"|(\w+ )?(no title|ohne titel|sans titre|sin título|senza titolo|sem título)( \d+)?"
    r"|untitled.*|unnamed.*|unbenannt.*|无标题.*|未命名.*|無題.*|unknown|no ?name|new (song|score)|flow \d+"
    r"|(full |conductor'?s? )?score|wordsmith.*"
    r"|track ?\d*|midi ?(track|out|file).*|midi\b.*|control ?track|tempo( track| map)?|conductor( track)?|sequence ?\d*"
    r"|seq ?\d*|part ?\d*|staff\b.*|\d+|.*\.mid|instrument ?\d*|voice ?\d*|music21( fragment)?)$"
)
"""Placeholders that programs write where a person has entered nothing, with single blanks between the words."""
_HIGH: Final = re.compile(rb"[\x80-\xff]+")
_SIGNS, _FREQUENT = range(0xA1, 0xAA), range(0xB0, 0xD8)
"""First bytes of signs, and of the 3,755 characters that GB 2312 (1980) calls frequent, its level 1. Small letters with
accents are in neither, in cp1252."""


def clean(text: str | None) -> str:
    """The text on one line, without control, formatting and unpaired surrogate characters, at most `LONGEST` long."""
    shown = (
        c if unicodedata.category(c) not in ("Cc", "Zl", "Zp") else " "
        for c in unicodedata.normalize("NFC", text or "")
    )
    # Marks that change the writing direction would affect text beyond the title.
    kept = "".join(c for c in shown if unicodedata.category(c) not in ("Cf", "Cs", "Co", "Cn") or c in "\u200c\u200d")
    line = re.sub(r"\s+", " ", kept).strip()
    return line if len(line) <= LONGEST else line[: LONGEST - 1].rstrip() + "…"


def keep_human_written(text: str | None) -> str:
    """The cleaned text; empty where it is a program's placeholder."""
    line = re.sub(r"(?i)\.(mxl|xml|musicxml|mscz|mscx|mid|sib|musx?|abc)$", "", clean(text).strip(" \"'-_|"))
    return "" if _NOISE.match(re.sub(r"[\s\[\](){}<>:_-]+", " ", line).strip()) else line


def decode_text(data: bytes) -> str:
    """Decodes text of unknown encoding: UTF-8, else Shift JIS where it has kana, else GB 18030 where `decode_chinese`
    accepts it, else cp1252.

    Japanese without kana, Chinese in Big5 and Cyrillic are read as Western; Korean (EUC-KR), whose pairs of bytes are
    the same, as Chinese.
    """
    for encoding in ("utf-8-sig", "shift_jis"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding == "utf-8-sig" or re.search(r"[\u3041-\u30ff]", text):
            return text
    return decode_chinese(data) or data.decode("cp1252", errors="replace").replace("\ufffd", "")


def decode_chinese(data: bytes) -> str:
    """Decodes text in GB 18030, which includes GBK and GB 2312; empty where it is not Chinese.

    Chinese has its high bytes in pairs, two of them side by side at least, and half of its characters are frequent
    ones. Accents of Western languages stand alone or, as in Finnish, two together. Cyrillic in KOI8-R, whose words are
    such pairs too where they are even, may be taken for Chinese.
    """
    high = _HIGH.findall(data)
    first = [byte for run in high for byte in run[::2]]
    characters = [byte for byte in first if byte not in _SIGNS]
    frequent = sum(byte in _FREQUENT for byte in characters)
    paired = max(map(len, high), default=0) >= 4 and not any(len(run) % 2 for run in high)
    if not paired or not frequent or 2 * frequent < len(characters):
        return ""
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError:
        return ""
    # Code points of the private use area are no text.
    return text if all(unicodedata.category(c) != "Co" for c in text) else ""


def make_title(stem: str) -> str:
    """A file's name as a title."""
    return clean(stem.replace("_", " ")) or "untitled"
