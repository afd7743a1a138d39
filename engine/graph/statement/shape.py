"""Limits the length, depth and width of a statement, before it is parsed."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from engine.graph.statement.tokens import CLAUSES, CLOSING, OPENING, StatementFault, Token, tokenise

LONGEST: Final = 40_000
"""Limit on characters. The longest query of cypher/ has 22,430."""
DEEPEST: Final = 24
"""Limit on nested brackets: parsing 200 nested lists does not end. cypher/ has 7."""
DEEPEST_QUERY: Final = 8
"""Limit on nested subqueries: each doubles the time of parsing, 2 s at 12. cypher/ has 3."""
MOST_CLAUSES: Final = 400
"""Limit on clauses, with parts such as WHERE and THEN. The longest query of cypher/ has 357."""
MOST_UNIONS: Final = 20
"""Limit on UNIONs: planning 100 takes more than 5 s, 2,000 two minutes."""
LONGEST_CHAIN: Final = 300
"""Limit on tokens between commas, clauses or brackets: planning a sum of 1,000 texts does not end."""

_SUBQUERIES: Final = frozenset({"EXISTS", "COUNT", "COLLECT", "CALL", ")"})
_ASK: Final = "Ask the graph only"
_FIRST: Final[Mapping[str, StatementFault]] = {
    "PROFILE": ("begins with PROFILE: it runs to be measured, and answers with no rows", "Leave PROFILE out"),
    "EXPLAIN": ("begins with EXPLAIN: it is planned only, and answers with no rows", "Leave EXPLAIN out"),
    "ALTER": ("begins with ALTER: it would change the schema, a user or the server", _ASK),
}
"""First keywords that the server answers with an unhelpful error, or without rows."""


def find_shape_faults(text: str) -> list[StatementFault]:
    """Faults of a statement that is too long, deep or wide to be planned in time, or returns no rows."""
    if len(text) > LONGEST:
        return [(f"has {len(text):,} characters, and {LONGEST:,} can be planned", "Give long lists as parameters")]
    # The server decodes these escapes first: a keyword or the end of a text could be written as one.
    if any(int(code, 16) < 128 for code in re.findall(r"\\u+([0-9a-fA-F]{4})", text)):
        return [("writes a plain character as an escape", "Write the character itself")]
    tokens = tokenise(text)
    # The server takes some of these for letters, so names would be overlooked.
    if any(token.kind == "sign" and not token.value.isascii() for token in tokens):
        return [
            ("writes a sign that is neither a letter nor one of Cypher's", "Put names with such signs in backticks")
        ]
    if first := _FIRST.get(_find_first_keyword(tokens)):
        return [first]
    return [
        (f"has {found:,} {what}, and {most:,} can be planned in time", "Ask in several statements")
        for what, found, most in _measure_shape(tokens)
        if found > most
    ]


def _find_first_keyword(tokens: Sequence[Token]) -> str:
    """The first keyword after `CYPHER 25` and options such as `runtime = slotted`."""
    words = [token.upper for token in tokens]
    if words[:1] == ["CYPHER"]:
        return next((word for word in words if word in _FIRST or word in CLAUSES), "")
    return words[0] if words else ""


def _measure_shape(tokens: Sequence[Token]) -> Iterator[tuple[str, int, int]]:
    """(noun, count, limit) of each measure."""
    words = Counter(token.upper for token in tokens)
    brackets: list[tuple[bool, int]] = []
    """For each open bracket: whether it holds a subquery, and the length of the chain before it."""
    chain = chains = deepest = within = queries = 0
    for at, token in enumerate(tokens):
        if token.upper in OPENING:
            brackets.append((token.upper == "{" and is_subquery(tokens, at), chain + 1))
            within += brackets[-1][0]
            deepest, queries = max(deepest, len(brackets)), max(queries, within)
            chain = 0
        elif token.upper in CLOSING:
            query, chain = brackets.pop() if brackets else (False, 0)
            within -= query
        else:
            chain = 0 if token.upper in CLAUSES or token.upper == "," else chain + 1 + token.value.count(".")
        chains = max(chains, chain)
    yield "brackets within brackets", deepest, DEEPEST
    yield "subqueries within subqueries", queries, DEEPEST_QUERY
    yield "clauses", sum(words[word] for word in CLAUSES), MOST_CLAUSES
    yield "UNIONs", words["UNION"], MOST_UNIONS
    yield "words and signs in one expression or pattern", chains, LONGEST_CHAIN


def is_subquery(tokens: Sequence[Token], opening: int) -> bool:
    """Whether the brace at this position holds a subquery, and no map."""
    behind = tokens[opening + 1].upper if opening + 1 < len(tokens) else ""
    return tokens[opening - 1].upper in _SUBQUERIES or behind in CLAUSES
