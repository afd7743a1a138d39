"""Names of works as a person would write them, whatever a file did to them."""

import re
import unicodedata

_SMALL = frozenset(
    [
        "a",
        "an",
        "and",
        "as",
        "at",
        "but",
        "by",
        "for",
        "from",
        "in",
        "into",
        "of",
        "on",
        "or",
        "the",
        "to",
        "with",
        "my",
        "o'",
    ]
)


def format_title(title: str, form: str = "") -> str:
    """A title as a person would write it: 'WIND, THE -- REEL.' becomes 'The Wind (reel)'."""
    # One book breaks every "at:" of an address to hide it from harvesters, and the "at" of its titles with it.
    text = re.sub(r"\s+", " ", title.replace("_", " ").replace("\\", "").replace("at:", "at")).strip(" .,:;")
    text = text.replace('"', "") if text.count('"') % 2 else text
    if match := re.fullmatch(r"(.+?) --? (.+)", text):
        text = match[1].strip(" .,")
        form = form or match[2].lower().strip(" .")
    if match := re.fullmatch(r"(.+?),\s*(The|A|An)\b\.?(.*)", text, re.IGNORECASE):
        text = f"{match[2].capitalize()} {match[1].rstrip('.')}{match[3]}"
    if text.isupper() or sum(c.isupper() for c in text) > 0.6 * sum(c.isalpha() for c in text):
        words = text.lower().split(" ")
        text = " ".join(w if i and w in _SMALL else _capitalise(w) for i, w in enumerate(words))
    text = re.sub(r"(\d(?:st|n?d|rd|th))\.|\s*\(\d\)$", r"\1", text[:1].upper() + text[1:])
    if not form or re.search(rf"(?i)\b{re.escape(form.split()[-1])}", text):
        return text
    if re.search(r"('s|s')$", text):
        return f"{text} {form.title()}"
    return f"{text[:-1]} {form})" if text.endswith(")") else f"{text} ({form})"


def _capitalise(word: str) -> str:
    return re.sub(r"^(\W*)(o'|mc|mac(?=[^a-z]))?(\w)", lambda m: m[1] + (m[2] or "").capitalize() + m[3].upper(), word)


def normalise_title(title: str) -> str:
    """A title without what different books spell differently, to know a tune again."""
    return re.sub(r"\b(the|a|an)\b|\W", "", unicodedata.normalize("NFKD", title.lower()))


def slug(text: str) -> str:
    """Lower-case words joined by hyphens, for ids."""
    folded = unicodedata.normalize("NFKD", text.casefold())  # casefold: "läßt" keeps its s
    plain = folded.encode("ascii", "ignore").decode().replace("'", "")
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
