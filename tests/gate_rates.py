"""How many crises the gate catches, and how often it is wrong, with 95 % Wilson intervals.

    python -m tests.gate_rates                     the sentences of tests/data/crisis.tsv
    python -m tests.gate_rates comments.tsv 5000   and false alarms on the first 5,000 comments of a file (first column)

The sentences are written for that file, in rounds, each before the phrases had seen it and learnt from since: the whole
file says what still holds. What strangers' words would give is what a round gave when it was new (English, Chinese):

    round      2          3          4           5          6          7          8          9
    caught     .51 .81    .63 .73    .73 1.0     .75 .87    .91 .93    .81 .90    .57 .90    .80 1.0
    false      .03 .03    .05 .04    .07 .00     .12 .00    .05 .00    .00 .00    .07 .00    .10 .00

Rounds 2, 3 and 8 are veiled on purpose; 6 and 9 are what people mostly write. The last rounds are the honest figures.
"""

import csv
import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from math import sqrt
from pathlib import Path

from engine.gate import Gate, compile_gate
from engine.settings import ONTOLOGY_DIR

SENTENCES = Path(__file__).parent / "data" / "crisis.tsv"


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of the set. Written for it, so it may be shown."""

    text: str
    expected: str
    """`hit` or `pass`."""
    kind: str
    person: str
    language: str
    round: str


def sentences() -> list[Sentence]:
    with SENTENCES.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [Sentence(*row) for row in rows if not row[0].startswith("#")]


def compiled() -> Gate:
    """The gate of ontology/, taken through JSON as at run time; it counts nothing."""
    from engine.ontology import Ontology

    return Gate.from_json(json.loads(json.dumps(compile_gate(Ontology.read(ONTOLOGY_DIR)))))


def rate(hits: int, of: int) -> str:
    """A share with its 95 % Wilson interval."""
    if not of:
        return "none"
    z, p = 1.96, hits / of
    middle, half = (p + z * z / (2 * of)), z * sqrt(p * (1 - p) / of + z * z / (4 * of * of))
    low, high = ((middle - half) / (1 + z * z / of), (middle + half) / (1 + z * z / of))
    return f"{hits}/{of} = {p:.4f} [{max(low, 0):.4f}, {min(high, 1):.4f}]"


def report(gate: Gate) -> Iterable[str]:
    every = sentences()
    caught = {each: gate.check(each.text).hit for each in every}

    def line(name: str, expected: str, **wanted: str) -> str:
        chosen = [
            each
            for each in every
            if each.expected == expected and all(getattr(each, name) == value for name, value in wanted.items())
        ]
        return f"{name:<32} {rate(sum(caught[each] for each in chosen), len(chosen))}"

    yield line("caught", "hit")
    yield line("false alarms", "pass")
    for language in ("en", "zh"):
        yield line(f"caught, {language}", "hit", language=language)
        yield line(f"false alarms, {language}", "pass", language=language)
    for kind in sorted({each.kind for each in every if each.expected == "hit"}):
        yield line(f"caught, {kind}", "hit", kind=kind)
    yield line("caught, somebody else's", "hit", person="other")
    for number in sorted({each.round for each in every}):
        yield line(f"caught, round {number}", "hit", round=number)
        yield line(f"false alarms, round {number}", "pass", round=number)
    for each in every:
        if caught[each] != (each.expected == "hit"):
            yield f"{'missed' if each.expected == 'hit' else 'false '}  {each.language} {each.round}  {each.text}"


def main(arguments: list[str]) -> None:
    gate = compiled()
    print("\n".join(report(gate)))
    if arguments:
        with Path(arguments[0]).open(encoding="utf-8") as file:
            lines = [line.split("\t")[0] for line in islice(file, int(arguments[1]) if len(arguments) > 1 else None)]
        print(f"{'false alarms on comments':<32} {rate(sum(gate.check(line).hit for line in lines), len(lines))}")


if __name__ == "__main__":
    main(sys.argv[1:])
