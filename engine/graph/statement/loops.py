"""Finds loops inside expressions, and growing texts and lists, that are not evidently small."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import prod
from typing import Final

from engine.graph.statement.shape import is_subquery
from engine.graph.statement.tokens import (
    CLAUSES,
    StatementFault,
    Token,
    find_closing,
    get_function,
    split_arguments,
    split_at,
)

LONGEST_RANGE: Final = 1_000
"""Limit on a range, except after UNWIND, which makes rows of it."""
LONGEST_LIST: Final = 100_000
"""Assumed length of a list from the graph."""
LARGEST: Final = 100_000_000
"""Limit on characters or elements that a statement can join, estimated from its text."""

_FOLDS: Final = frozenset({"reduce", "allreduce"})
_TESTS: Final = frozenset({"all", "any", "none", "single"})
_JOINS: Final = frozenset({"string.join", "coll.flatten"})
_SHORT: Final = frozenset({"labels", "keys", "nodes", "relationships"})
"""Functions whose list has the elements of one node or path."""
_COPYING: Final = frozenset(
    {"btrim", "left", "lower", "ltrim", "normalize", "replace", "reverse", "right", "rtrim"}
) | {*("string.regexreplace", "substring", "tolower", "toupper", "trim", "upper")}
"""Functions that return a changed copy of a text."""
_PIECE: Final = 10
"""Memory of a text of one character, in characters of a long text."""
_REPLACING: Final = frozenset({"replace", "string.regexreplace"})
_WALKING: Final = frozenset(f"to{kind}list" for kind in ("boolean", "float", "integer", "string"))
"""Functions that iterate over a list, besides those of `coll.`."""
_NO_NAMES: Final = frozenset(("AS", "IN", "AND", "OR", "XOR", "NOT", "CASE", "END", "NULL", "IS", "DISTINCT"))


@dataclass(frozen=True, slots=True)
class Loop:
    """A list comprehension, a fold (`reduce`), or a test of all elements; positions are indices of tokens."""

    variable: str
    start: int
    source: int
    """Position of the list."""
    body: int
    """Position of the expression for each element."""
    end: int
    fold: str
    """Name of a fold's accumulator; empty for others."""


def find_loops(tokens: Sequence[Token]) -> list[Loop]:
    """The loops of a statement."""
    found = []
    for at in range(len(tokens)):
        fold, test = get_function(tokens, at) in _FOLDS, get_function(tokens, at) in _TESTS
        if not (fold or test or tokens[at].upper == "["):
            continue
        opening = at if tokens[at].upper == "[" else at + 1
        end, first = find_closing(tokens, opening), opening + 1
        if fold:
            first += len(split_arguments(tokens, opening)[0]) + 1
        if end - first > 2 and tokens[first].kind in {"word", "name"} and tokens[first + 1].upper == "IN":
            source = first + 2
            body = source + len(split_at(tokens[source:end], {"|", "WHERE"})[0])
            so_far = tokens[opening + 1].value if fold else ""
            found.append(Loop(tokens[first].value, opening, source, body, end, so_far))
    return found


def find_range_faults(tokens: Sequence[Token], params: Mapping[str, object]) -> Iterator[StatementFault]:
    """Faults of ranges that may be long, except after UNWIND."""
    for at in range(len(tokens)):
        if get_function(tokens, at) != "range":
            continue
        behind = tokens[find_closing(tokens, at + 1) + 1 :][:1]
        rows = at > 0 and tokens[at - 1].upper == "UNWIND" and behind and behind[0].upper == "AS"
        if not rows and not all(_is_small(one, params) for one in split_arguments(tokens, at + 1)):
            yield (
                f"has a range() of which it is not plain that it ends below {LONGEST_RANGE:,}",
                "Write UNWIND range(...) AS x, or give it numbers or the size(...) of a list",
            )


def find_loop_faults(tokens: Sequence[Token], params: Mapping[str, object]) -> Iterator[StatementFault]:
    """Faults of nested loops over lists that may be long, and of folds that use their accumulator more than once."""
    loops = find_loops(tokens)
    inner = [(loop.start, loop.end, tokens[loop.source : loop.body]) for loop in loops] + list(
        _find_list_functions(tokens)
    )
    for start, end, source in inner:
        around = [one for one in loops if one.body <= start and end < one.end]
        if len(around) > 1 or (around and not _is_short(source, around[0].variable, params)):
            yield (
                "loops within a loop over a list that may be long, and the server could not stop it",
                "Make rows of the inner list: CALL (xs) { UNWIND xs AS x RETURN ... }",
            )
    for loop in loops:
        body = tokens[loop.body : loop.end]
        built = [_count_joined_names(item, loop.fold) for item in _split_items(body)] + [
            _count_names(one, loop.fold) for one in _find_maps(body)
        ]
        if loop.fold and any(used > 1 for names in built for used in names.values()):
            yield "doubles what reduce() has so far, and may fill the memory", "Use it once"


def _find_list_functions(tokens: Sequence[Token]) -> Iterator[tuple[int, int, Sequence[Token]]]:
    """(start, end, list) of every call of a function that iterates over a list."""
    for at in range(len(tokens)):
        if (name := get_function(tokens, at)) in _WALKING or name.startswith("coll."):
            yield at, find_closing(tokens, at + 1), split_arguments(tokens, at + 1)[0]


def find_growth_faults(tokens: Sequence[Token], params: Mapping[str, object]) -> Iterator[StatementFault]:
    """Faults of texts, lists and maps that are repeatedly joined to themselves."""
    loops = find_loops(tokens)
    growth = [max((len(token.value) for token in tokens if token.kind == "text"), default=1) or 1]
    growth += [max(_count_joined_names(item).values(), default=1) for item in _split_items(tokens)]
    growth += [max(_count_names(one).values(), default=1) for one in _find_maps(tokens)]
    growth += [LONGEST_RANGE for at in range(len(tokens)) if get_function(tokens, at) in _JOINS]
    growth += [LONGEST_RANGE for loop in loops if loop.fold and _count_joined_names(tokens[loop.body : loop.end])]
    growth.append(max((_count_copies(tokens, loop, loops, params) for loop in loops), default=1))
    for at in range(len(tokens)):
        if get_function(tokens, at) in _REPLACING:
            by = _measure_text([*split_arguments(tokens, at + 1), [], [], []][2], params)
            folded = any(loop.fold and loop.body <= at < loop.end for loop in loops)
            growth.append(LARGEST + 1 if by is None or (folded and by > 1) else max(by, 1))
    if prod(growth) > LARGEST:
        yield "joins or replaces texts, lists or maps again and again, and may fill the memory", "Do so fewer times"


def _count_copies(tokens: Sequence[Token], loop: Loop, loops: Sequence[Loop], params: Mapping[str, object]) -> int:
    """Limit on the texts that a loop makes within its outer loops; 1 for a fold."""
    body = tokens[loop.body : loop.end]
    made = {get_function(body, at) for at in range(len(body))}
    if loop.fold or not (made & _COPYING or "split" in made or _count_joined_names(body)):
        return 1
    around = [one for one in loops if one.body <= loop.start and loop.end < one.end and not one.fold]
    short = (_is_short(tokens[one.source : one.body], "", params) for one in (loop, *around))
    return prod(LONGEST_RANGE if one else LONGEST_LIST for one in short) * (_PIECE if "split" in made else 1)


def _measure_text(argument: Sequence[Token], params: Mapping[str, object]) -> int | None:
    """Length of a literal text or a param; None for other expressions."""
    if len(argument) != 1:
        return None
    [token] = argument
    given = token.value if token.kind == "text" else params.get(token.value[1:]) if token.value[0] == "$" else None
    return len(given) if isinstance(given, str) else None


def _is_small(number: Sequence[Token], params: Mapping[str, object]) -> bool:
    """Whether a number is evidently small: a literal, a param, a size(), or a sum of these."""
    at, parts = 0, 0
    while at < len(number):
        token = number[at]
        if get_function(number, at) in {"size", "length"}:
            at = find_closing(number, at + 1)
        elif token.kind == "number" and token.value.isdecimal():
            parts += int(token.value)
        elif token.value.startswith("$"):
            given = params.get(token.value[1:])
            parts += abs(given) if isinstance(given, int) else LONGEST_RANGE + 1
        elif token.upper not in {"+", "-"}:
            return False
        at += 1
    return parts <= LONGEST_RANGE


def _is_short(source: Sequence[Token], element: str, params: Mapping[str, object]) -> bool:
    """Whether a list is evidently short: a literal, a param, of one node or path, or a property of `element`."""
    if not source:
        return False
    first = source[0]
    if first.upper == "[" or get_function(source, 0) in _SHORT | {"range"}:
        return find_closing(source, 0 if first.upper == "[" else 1) == len(source) - 1
    if len(source) == 1 and first.value.startswith("$"):
        given = params.get(first.value[1:])
        return isinstance(given, list) and len(given) <= LONGEST_RANGE
    return len(source) == 1 and first.value.partition(".")[0] == element


def _split_items(tokens: Sequence[Token]) -> list[list[Token]]:
    """The expressions between commas or clauses outside of brackets; braces are ignored."""
    flat = [token for token in tokens if token.upper not in {"{", "}"}]
    return split_at(flat, {",", *CLAUSES})


def _is_list(item: Sequence[Token], at: int) -> bool:
    """Whether a literal list begins here, and no relationship, index or loop."""
    before = item[at - 1] if at else None
    plain = (
        before is None or (before.kind == "sign" and before.upper not in {"-", ")", "]"}) or before.upper in _NO_NAMES
    )
    return item[at].upper == "[" and plain and "IN" not in {token.upper for token in item[at + 2 : at + 3]}


def _count_joined_names(item: Sequence[Token], name: str = "") -> Counter[str]:
    """How often each name (or one) occurs in an expression that joins values: by this factor the result may grow."""
    if not any(
        token.upper in {"+", "||"} or get_function(item, at) in _JOINS or _is_list(item, at)
        for at, token in enumerate(item)
    ):
        return Counter()
    return _count_names(item, name)


def _count_names(item: Sequence[Token], name: str = "") -> Counter[str]:
    """How often each name (or one) occurs."""
    return Counter(
        token.value
        for at, token in enumerate(item)
        if (token.kind == "name" or (token.kind == "word" and token.value[0] != "$"))
        and token.upper not in _NO_NAMES | CLAUSES
        and not get_function(item, at)
        and (not name or token.value.partition(".")[0] == name)
    )


def _find_maps(tokens: Sequence[Token]) -> Iterator[Sequence[Token]]:
    """The values of every literal map, with those of the maps in it."""
    at = 0
    while at < len(tokens):
        end = at
        if tokens[at].upper == "{" and not is_subquery(tokens, at):
            end = find_closing(tokens, at)
            yield list(_keep_values(tokens[at : end + 1]))
        at = end + 1


def _keep_values(written: Sequence[Token]) -> Iterator[Token]:
    """The tokens of a map's values, without keys and conditions of CASE."""
    asked = False
    for token, behind in pairwise(written):
        asked = token.upper == "WHEN" or (asked and token.upper != "THEN")
        if not asked and behind.upper != ":":
            yield token
