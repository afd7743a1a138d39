"""How long, deep and wide a statement may be: bounded before anybody parses it."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from engine.graph.statement.tokens import CLAUSES, CLOSING, OPENING, StatementFault, Token, tokenise

LONGEST: Final = 40_000
"""Characters. The longest query of cypher/ has 22,430."""
DEEPEST: Final = 24
"""Brackets within brackets: 200 lists are parsed for ever. cypher/ goes 7 deep."""
DEEPEST_QUERY: Final = 8
"""Subqueries within subqueries: each doubles the time that parsing takes, 2 s at 12. cypher/ goes 3 deep."""
MOST_CLAUSES: Final = 400
"""Counted with what belongs to one, such as WHERE and THEN. The longest query of cypher/ has 357."""
MOST_UNIONS: Final = 20
"""100 are planned in more than 5 s, 2,000 in two minutes."""
LONGEST_CHAIN: Final = 300
"""Words and signs between two commas, clauses or brackets: a sum of 1,000 texts takes the planner for ever."""

_SUBQUERIES: Final = frozenset({"EXISTS", "COUNT", "COLLECT", "CALL", ")"})
_ASK: Final = "Ask the graph only"
_FIRST: Final[Mapping[str, StatementFault]] = {
    "PROFILE": ("begins with PROFILE: it runs to be measured, and answers with no rows", "Leave PROFILE out"),
    "EXPLAIN": ("begins with EXPLAIN: it is planned only, and answers with no rows", "Leave EXPLAIN out"),
    "ALTER": ("begins with ALTER: it would change the schema, a user or the server", _ASK),
}
"""What the server answers with an error that explains nothing, or with nothing."""


def find_shape_faults(text: str) -> list[StatementFault]:
    """Where a statement is too long, too deep or too wide to be planned in time, or is none that answers."""
    if len(text) > LONGEST:
        return [(f"has {len(text):,} characters, and {LONGEST:,} can be planned", "Give long lists as parameters")]
    # The server reads these escapes before anything else: a word or the end of a text could hide in one.
    if any(int(code, 16) < 128 for code in re.findall(r"\\u+([0-9a-fA-F]{4})", text)):
        return [("writes a plain character as an escape", "Write the character itself")]
    tokens = tokenise(text)
    # The server takes some of them for letters: the name of a loop's variable would not be seen.
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
    """The first keyword behind `CYPHER 25` and options such as `runtime = slotted`."""
    words = [token.upper for token in tokens]
    if words[:1] == ["CYPHER"]:
        return next((word for word in words if word in _FIRST or word in CLAUSES), "")
    return words[0] if words else ""


def _measure_shape(tokens: Sequence[Token]) -> Iterator[tuple[str, int, int]]:
    """What is counted, how much of it there is, and how much there may be."""
    words = Counter(token.upper for token in tokens)
    brackets: list[tuple[bool, int]] = []
    """Of each open bracket: whether a subquery stands in it, and how long the chain around it is so far."""
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
    """Whether a subquery stands in the brace that opens here, and no map."""
    behind = tokens[opening + 1].upper if opening + 1 < len(tokens) else ""
    return tokens[opening - 1].upper in _SUBQUERIES or behind in CLAUSES
