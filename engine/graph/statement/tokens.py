"""Splits a statement into tokens, and finds matching brackets."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

StatementFault: TypeAlias = tuple[str, str]
"""(fault, repair)"""

OPENING: Final = frozenset("([{")
CLOSING: Final = frozenset(")]}")
CLAUSES: Final = frozenset(
    re.findall(
        r"\w+",
        "MATCH WITH RETURN UNWIND CALL UNION LET FILTER ORDER WHERE SKIP OFFSET LIMIT WHEN THEN ELSE NEXT FINISH",
    )
)
"""Keywords that begin a clause, or a part of one with an expression of its own."""

# Unclosed comments and texts extend to the end: to retry at every character would take minutes.
_COMMENT: Final = r"//[^\n\r]*|/\*.*?(?:\*/|\Z)"
_GAP: Final = rf"(?:\s|{_COMMENT})*"
_NAME: Final = r"`(?:``|[^`])*`"
_PART: Final = rf"(?:[^\W\d][\w$]*|{_NAME})"
_MORE: Final = rf"{_GAP}\.{_GAP}{_PART}"
_TOKEN: Final = re.compile(
    rf"(?P<comment>{_COMMENT})"
    r"|(?P<text>'(?:\\.|[^'\\])*(?:'|\\?\Z)|\"(?:\\.|[^\"\\])*(?:\"|\\?\Z))"
    rf"|(?P<name>{_NAME})(?!{_MORE})"
    r"|(?P<number>0[xo][0-9a-fA-F_]+|\d[\d_]*(?:\.\d+)?(?:[eE][+-]?\d+)?)"
    rf"|(?P<word>\$?{_PART}(?:{_MORE})*)"
    r"|(?P<sign>=~|\|\||\S)",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Token:
    """One word, number, quoted text or sign."""

    kind: str
    """`text`, `name` (in backticks), `number`, `word` (with its properties: `t.title`, `string.join`) or `sign`."""
    value: str
    """The token as written: texts and names without quotes, words without blanks, comments and backticks."""

    @property
    def upper(self) -> str:
        """A keyword or sign in capitals; empty for quoted texts and names."""
        return self.value.upper() if self.kind in {"word", "sign"} else ""

    @property
    def depth(self) -> int:
        """1 for an opening bracket, -1 for a closing one, else 0."""
        return (self.upper in OPENING) - (self.upper in CLOSING)


def tokenise(text: str) -> list[Token]:
    """The tokens of a statement, without comments."""
    found = []
    for match in _TOKEN.finditer(text):
        kind, value = match.lastgroup or "", match[match.lastgroup or 0]
        if kind in {"text", "name"}:
            value = value[1:-1]
        elif kind == "word":
            value = re.sub(rf"{_GAP}\.{_GAP}", ".", value).replace("`", "")
        if kind != "comment":
            found.append(Token(kind, value))
    return found


def get_function(tokens: Sequence[Token], at: int) -> str:
    """The name, in lower case, of the function called at this position; empty where there is no call."""
    is_name = tokens[at].kind in {"word", "name"} and tokens[at + 1 : at + 2] and tokens[at + 1].upper == "("
    return tokens[at].value.lower() if is_name else ""


def find_closing(tokens: Sequence[Token], opening: int) -> int:
    """Position of the bracket that closes this one; the last position when there is none."""
    depth = 0
    for at in range(opening, len(tokens)):
        depth += tokens[at].depth
        if depth == 0:
            return at
    return len(tokens) - 1


def split_at(tokens: Sequence[Token], at: Collection[str]) -> list[list[Token]]:
    """The parts between separators outside of brackets."""
    found, depth = [list[Token]()], 0
    for token in tokens:
        depth += token.depth
        if depth == 0 and token.upper in at:
            found.append([])
        else:
            found[-1].append(token)
    return found


def split_arguments(tokens: Sequence[Token], opening: int) -> list[list[Token]]:
    """The parts between commas inside the bracket at this position."""
    return split_at(tokens[opening + 1 : find_closing(tokens, opening)], {","})
