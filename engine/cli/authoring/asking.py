"""Questions at the prompt, each asked again until its answer fits."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from difflib import get_close_matches

from engine.authoring.tables.sheets import normalise_number
from engine.cli.terminal import read_prompt, split_list

MOST_SHOWN = 40
"""Names that a list at the prompt shows."""


def ask_text(question: str, proposed: str = "", find_fault: Callable[[str], str] = lambda _: "") -> str:
    """A text; an empty line takes what is proposed. `find_fault` says what is wrong with an answer."""
    while True:
        print(f"{question} [{proposed}]" if proposed else question)
        answer = read_prompt([]).strip() or proposed
        fault = find_fault(answer) if answer else "Something must stand here."
        if not fault:
            return answer
        print(fault)


def ask_one(question: str, choices: Mapping[str, str], proposed: str = "") -> str:
    """The key of one choice, by its number, its key or its name; an empty line takes what is proposed."""
    for number, (key, said) in enumerate(choices.items(), 1):
        print(f"  {number}  {key}" + (f": {said}" if said and said != key else ""))
    numbered = {str(number): key for number, key in enumerate(choices, 1)}
    named = {said.lower(): key for key, said in choices.items()} | {key.lower(): key for key in choices}

    def find(answer: str) -> str:
        return numbered.get(answer) or named.get(answer.lower(), "")

    answer = ask_text(question, proposed, lambda one: "" if find(one) else f"Type a number from 1 to {len(choices)}.")
    return find(answer)


def ask_several(
    question: str, names: Mapping[str, str], proposed: str = "", may_be_none: bool = False
) -> tuple[str, ...]:
    """Ids, by ids or names with commas between; `?` and the beginning of a word show what there is."""
    known = {said.lower(): id_ for id_, said in names.items()} | {id_.lower(): id_ for id_ in names}
    while True:
        print(f"{question} [{proposed or ('Enter for none' if may_be_none else '? shows them')}]")
        answer = read_prompt([]).strip() or proposed
        if not answer and may_be_none:
            return ()
        if answer.startswith("?"):
            _show(names, answer.lstrip("? ").lower())
            continue
        parts = split_list(answer.replace("，", ","))
        unknown = [part for part in parts if part.lower() not in known]
        if parts and not unknown:
            return tuple(dict.fromkeys(known[part.lower()] for part in parts))
        for part in unknown:
            near = get_close_matches(part.lower(), known, 3, 0.6)
            print(
                f"There is no '{part}'." + (f" Did you mean {' or '.join(known[one] for one in near)}?" if near else "")
            )


def ask_number(question: str, bounds: tuple[Decimal | None, Decimal | None], is_whole: bool, may_be_none: bool) -> str:
    """A number within bounds; empty for an empty line where there may be none."""
    low, high = bounds

    def find_fault(answer: str) -> str:
        try:
            number = Decimal(normalise_number(answer))
        except (ValueError, ArithmeticError):
            return "Type a number, such as 0.5."
        if is_whole and number != int(number):
            return "Type a whole number."
        if (low is not None and number < low) or (high is not None and number > high):
            return f"It is {_describe_bounds(low, high)}."
        return ""

    said = f"{question} ({_describe_bounds(low, high)})" if low is not None or high is not None else question
    while True:
        print(f"{said} [Enter for none]" if may_be_none else said)
        answer = read_prompt([]).strip()
        if not answer and may_be_none:
            return ""
        fault = find_fault(answer)
        if not fault:
            return normalise_number(answer)
        print(fault)


def _describe_bounds(low: Decimal | None, high: Decimal | None) -> str:
    if low is not None and high is not None:
        return f"{low} to {high}"
    return f"{low} or more" if low is not None else f"{high} or less"


def _show(names: Mapping[str, str], begun: str) -> None:
    found: Sequence[tuple[str, str]] = [
        (id_, said) for id_, said in names.items() if begun in id_.lower() or begun in said.lower()
    ]
    for id_, said in found[:MOST_SHOWN]:
        print(f"  {id_}" + (f": {said}" if said and said != id_ else ""))
    if len(found) > MOST_SHOWN:
        print(f"  and {len(found) - MOST_SHOWN} more: type ? and a part of the word")
