"""Finds regular expressions that are not known from the text, or may backtrack catastrophically."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from engine.graph.statement.tokens import StatementFault, Token, get_function, split_arguments

MOST_TRIES: Final = 10**10
"""Limit on the number of attempts at one text: its length for each repetition such as `.*`, times alternatives."""
LONGEST: Final = 1_000
"""Limit on characters of a regular expression."""
SHORT: Final = 200
"""Assumed length of a text in the graph, such as a title."""

_PART: Final = re.compile(
    r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\(\?(?:[a-zA-Z-]*[:)]|<?[=!]|[><P])|\{\d+(?:,\d*)?\}[+?]?|[*+?][+?]?|.", re.DOTALL
)


def find_regex_faults(tokens: Sequence[Token], params: Mapping[str, object]) -> Iterator[StatementFault]:
    """Faults of regular expressions that the statement computes, or that may backtrack: no timeout stops them."""
    texts = [token.value for token in tokens if token.kind == "text"]
    texts += [given for given in params.values() if isinstance(given, str)]
    longest = max(map(len, texts), default=0)
    for at, token in enumerate(tokens):
        if token.upper == "=~":
            pattern = tokens[at + 1 : at + 2]
            alone = not any(one.upper in {"+", "||", "["} for one in tokens[at + 2 : at + 3])
        elif get_function(tokens, at) == "string.regexreplace":
            pattern = [*split_arguments(tokens, at + 1), [], []][1]
            alone = len(pattern) == 1
        else:
            continue
        known = _read_pattern(pattern, params) if alone else None
        if known is None:
            yield (
                "puts a regular expression together, and the server could not stop it",
                "Write it as one quoted text, give it as a parameter, or use CONTAINS",
            )
        elif fault := find_pattern_fault(known, longest):
            yield f"has a regular expression that {fault}, and the server could not stop it", "Simplify it"


def _read_pattern(pattern: Sequence[Token], params: Mapping[str, object]) -> str | None:
    """The pattern of a literal text or a param; None for other expressions."""
    if pattern and pattern[0].kind == "text":
        return pattern[0].value.replace("\\\\", "\\")
    given = params.get(pattern[0].value[1:]) if pattern and pattern[0].value.startswith("$") else None
    return given if isinstance(given, str) else None


def find_pattern_fault(pattern: str, longest: int = SHORT) -> str | None:
    """Why a pattern may backtrack catastrophically on texts of this length; None when it cannot.

    A repeated group may hold neither repetitions nor alternatives; backreferences and lookaround are not allowed.
    """
    if len(pattern) > LONGEST:
        return f"has more than {LONGEST:,} characters"
    tries = 1
    groups: list[tuple[bool, int]] = [(False, 1)]
    """For the whole and each open group: whether it holds a repetition or a choice, and its number of alternatives."""
    closed: bool | None = None
    """Whether the group that just closed holds one; None after anything else."""
    for part in _PART.findall(pattern):
        repeats = part[0] in "*+" or (part[0] == "{" and len(part) > 1)
        if repeats or part in {"?", "??", "?+"}:
            if repeats and closed:
                return "repeats a group in which something is repeated or chosen"
            if not re.fullmatch(r"\{\d+\}[+?]?", part):
                tries *= max(longest, SHORT) if repeats else 2
            groups = [(True, alternatives) for _, alternatives in groups]
            closed = None if repeats else closed
            continue
        closed = None
        if re.match(r"\\[1-9k]|\\[QE]", part) or (part[:2] == "(?" and part[-1] not in ":)"):
            return "refers back, quotes or looks around"
        if part == "(" or (part.startswith("(?") and part.endswith(":")):
            groups.append((False, 1))
        elif part == "|":
            groups = [(True, alternatives) for _, alternatives in groups[:-1]] + [(True, groups[-1][1] + 1)]
        elif part == ")" and len(groups) > 1:
            closed, alternatives = groups.pop()
            tries *= alternatives
    return "may try for ever: it has too many repetitions or choices" if tries > MOST_TRIES else None
