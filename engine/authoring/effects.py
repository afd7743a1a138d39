"""What an effect of a rule does, in words: a verb and what it is done to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from engine.rules import Individual, Ontology

COUNTS: Final = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
OPENS: Final = {"match": "opens with", "guide": "goes on with", "target": "ends with"}
SHORT: Final = 240.0
"""Seconds up to which a match is called short."""


def describe_effect(ontology: Ontology, rule: Individual, effect: Individual) -> tuple[str, str]:
    """The verb and what it is done to, such as ("opens with", "at most one short track")."""
    kind = effect.classes[0]
    of = join_names([_read_label(ontology, id_) for id_ in effect.to("of")])
    match kind:
        case "Dose":
            return _describe_dose(rule, effect)
        case "Mirror":
            return "meets", f"{of} {_describe_depth(effect.number('depth') or 0.0)}"
        case "Lean" if effect.number("best") is not None:
            unit = _find_unit(ontology, effect)
            low, best, high = (format_amount(effect.number(n) or 0.0) for n in ("low", "best", "high"))
            return f"leans {_format_weight(effect)} towards", f"{of} of {best}{unit} ({low} to {high})"
        case "Lean":
            return f"leans {_format_weight(effect)} towards", of
        case "Bound":
            return "keeps", f"{of} {_format_between(effect, _find_unit(ontology, effect))}"
        case "StepLimit":
            octaves = any(ontology[id_].text("scale") == "log" for id_ in effect.to("of"))
            unit = " octaves" if octaves else _find_unit(ontology, effect)
            way = "rise" if effect.text("direction") == "up" else "change"
            return (
                f"lets {of} {way} by at most",
                f"{format_amount(effect.number('at_most') or 0.0)}{unit} from track to track",
            )
    verbs = {"Silence": "silences", "Replace": "begins with", "Via": "passes through", "Bar": "bars music of"}
    verbs |= {"Ask": "asks:", "Notify": "tells:", "Hold": "holds the music back:"}
    return verbs.get(kind, f"has the effect {kind} on"), of or "everything"


def _describe_dose(rule: Individual, effect: Individual) -> tuple[str, str]:
    most, least, seconds = (effect.number(name) for name in ("steps_max", "steps_min", "seconds_max"))
    minutes = [effect.number(name) for name in ("minutes_low", "minutes_high")]
    stage = rule.to("at")[0] if rule.to("at") else ""
    said = []
    if most is not None:
        short = "short " if seconds is not None and seconds <= SHORT and most else ""
        said.append(f"{'' if not most else 'at most '}{spell_count(most)} {short}{'track' if most == 1 else 'tracks'}")
    if least is not None:
        said.append(f"at least {spell_count(least)} {'track' if least == 1 else 'tracks'}")
    if seconds is not None:
        said.append(f"at most {format_amount(seconds / 60)} minutes of it")
    if any(value is not None for value in minutes):
        said.append(" to ".join(format_amount(value) for value in minutes if value is not None) + " minutes in all")
    return OPENS.get(stage, "plays"), ", ".join(said)


def _describe_depth(depth: float) -> str:
    for least, word in ((1.0, "wholly"), (0.6, "for the most part"), (0.4, "by half"), (0.01, "lightly")):
        if depth >= least:
            return f"{word} ({format_amount(depth)})"
    return "not at all"


def _format_weight(effect: Individual) -> str:
    return f"by {100 * (effect.number('weight') if effect.number('weight') is not None else 1.0):.0f} %"  # type: ignore[operator]


def _format_between(effect: Individual, unit: str) -> str:
    low, high = effect.number("low"), effect.number("high")
    if low is not None and high is not None:
        return f"between {format_amount(low)} and {format_amount(high)}{unit}"
    return (
        f"at {format_amount(low)}{unit} or more"
        if low is not None
        else f"at {format_amount(high or 0.0)}{unit} or less"
    )


def _find_unit(ontology: Ontology, effect: Individual) -> str:
    unit = next((ontology[id_].text("unit") for id_ in effect.to("of")), "")
    return f" {unit}" if unit and not unit[0].isdigit() and unit[0] != "-" else ""


def _read_label(ontology: Ontology, id_: str) -> str:
    label = ontology[id_].text("label") or id_
    return label if label.isupper() else label[:1].lower() + label[1:]


def spell_count(number: float) -> str:
    """A small number in words."""
    return COUNTS[int(number)] if 0 <= number < len(COUNTS) and number == int(number) else format_amount(number)


def format_amount(number: float, unit: str = "") -> str:
    """A number as it is read, with its unit where it has one."""
    text = f"{number:.3g}" if abs(number) < 1000 else f"{number:.0f}"
    return f"{text} {unit}" if unit and not unit[0].isdigit() and unit[0] != "-" else text


def join_names(names: Iterable[str], last: str = "and") -> str:
    """One, two and three."""
    all_: Sequence[str] = list(names)
    return f" {last} ".join([", ".join(all_[:-1]), all_[-1]]) if len(all_) > 1 else "".join(all_)
