"""What Isopath says: words and patterns of ontology/words.owl, in one language.

`extract_words` takes them from the ontology as plain values; they are kept with the meaning of labels, beside the
gate, so that a prompt or an error in a person's language needs no server.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from math import inf
from typing import TYPE_CHECKING, Any, Final, Literal, Self

from encoders.languages import CHINESE, ENGLISH, LANGUAGES, name_property
from engine.explaining.numerals import spell_chinese, spell_english

if TYPE_CHECKING:
    from engine.rules import Individual, Ontology

Language = Literal["en", "zh"]
ANY: Final = frozenset({"any-goal", "every-stage"})
_OPPOSITE: Final = {"livelier": "quieter", "quieter": "livelier", "lighter": "darker", "darker": "lighter"}


@dataclass(frozen=True, slots=True)
class CueWords:
    """A cue as it is spoken of."""

    label: str
    unit: str
    is_log: bool
    spread: float
    """Its usual deviation: octaves on a log scale, else in its unit."""


@dataclass(frozen=True, slots=True)
class Clause:
    """What a track, or a stage, does for whoever listens, and where it may be said."""

    id: str
    text: str
    stages: frozenset[str]
    goals: frozenset[str]
    meets: str | None
    """Only where the feeling is met so: feeling, pace or elsewhere."""
    cues: tuple[str, ...]
    """All of these must have changed as `change` says."""
    change: str | None
    """less, more or same"""
    against: str | None
    """asked, or before: the track before"""
    senses: frozenset[str] = frozenset()
    """Where its words point: livelier, quieter, lighter, darker."""

    def belongs(self, stage: str, goal: str) -> bool:
        """Whether it may be said at this stage of a journey to this goal."""
        return bool(self.stages & {stage, *ANY}) and bool(self.goals & {goal, *ANY})


@dataclass(frozen=True)
class Words:
    """Words and patterns in one language."""

    spoken: Mapping[str, Any]
    """What `extract_words` made."""
    language: Language = "en"
    """Of whole journeys."""
    foreign: str | None = None
    """The language of the person where it is another one: some patterns speak it."""

    @classmethod
    def choose(cls, spoken: Mapping[str, Any], written: str) -> Self:
        """The words for somebody who writes this language: in it where journeys speak it, else in English."""
        return cls(spoken, "zh") if written == CHINESE else cls(spoken, "en", None if written == ENGLISH else written)

    @property
    def written(self) -> str:
        """The language of the person."""
        return self.foreign or self.language

    def say(self, pattern: str, /, **slots: object) -> str:
        """The pattern of this id with its slots filled, in the language of the person where it has that."""
        texts = self.spoken["patterns"][pattern]
        return str(texts.get(self.written) or texts[self.language]).format(**slots)

    def join(self, items: Sequence[str], kind: str = "list") -> str:
        """Several things as one phrase, "a, b and c", by the patterns of this kind; empty for none."""
        *others, last = items or ("",)
        if not others:
            return last
        first = others[0]
        for other in others[1:]:
            following = f"{kind}-next" if f"{kind}-next" in self.spoken["patterns"] else "list-next"
            first = self.say(following, first=first, last=other)
        return self.say(f"{kind}-last", first=first, last=last)

    def get_comparative(self, cue: str, change: str) -> str:
        """How a listener says that a cue is more, or less, than before."""
        return str(self.spoken["comparatives"][f"{cue} {change}"][self.language])

    def list_senses(self, changes: Iterable[tuple[str, str]]) -> frozenset[str]:
        """Where the comparatives of these cues and their changes point: livelier, quieter, lighter, darker."""
        comparatives = self.spoken["comparatives"]
        return frozenset(sense for cue, change in changes for sense in comparatives[f"{cue} {change}"]["senses"])

    @cached_property
    def compared(self) -> dict[str, float]:
        """The cues of which changes are told, with how readily a listener notices them; most readily first."""
        weights = {key.split()[0]: float(one["weight"]) for key, one in self.spoken["comparatives"].items()}
        return dict(sorted(weights.items(), key=lambda item: (-item[1], item[0])))

    def find_plain_word(self, cue: str, value: float) -> str | None:
        """What a listener calls this value; None where no word is for it."""
        for word in self.spoken["plain"]:
            if word["cue"] == cue and _replace_none(word["low"], -inf) <= value < _replace_none(word["high"], inf):
                return str(word[self.language])
        return None

    def list_clauses(self, kind: str) -> list[Clause]:
        """Every clause of this kind (Purpose or Passage)."""
        return self._clauses_by_kind[kind]

    @cached_property
    def _clauses_by_kind(self) -> dict[str, list[Clause]]:
        found: dict[str, list[Clause]] = {"Purpose": [], "Passage": []}
        for clause in self.spoken["clauses"]:
            found[clause["kind"]].append(
                Clause(
                    clause["id"],
                    clause[self.language],
                    frozenset(clause["at"]),
                    frozenset(clause["for"]),
                    clause["meets"],
                    tuple(clause["of"]),
                    clause["change"],
                    clause["against"],
                    frozenset(clause["senses"])
                    | (
                        self.list_senses(product(clause["of"], [clause["change"]]))
                        if clause["against"] == "before"
                        else frozenset()
                    ),
                )
            )
        return found

    def name_players(self, instrument: str) -> str | None:
        """Who plays ("flute and harp") in this language; None where one of them has no word."""
        known = self.spoken["instruments"]
        names = [name for part in instrument.split(" and ") for name in part.split(", ") if name]
        if not names or not all(name.casefold() in known for name in names):
            return None
        return self.join([known[name.casefold()][self.language] for name in names], "players")

    def get_cue(self, id_: str) -> CueWords:
        """The cue of this id."""
        cue = self.spoken["cues"][id_]
        return CueWords(cue[self.language], cue["unit"], cue["log"], cue["spread"])

    def name(self, kind: str, id_: str) -> str:
        """What a goal, a stage, an emotion, a scale or a rule is called in a sentence; the id where it has no name."""
        return str(self.spoken[kind].get(id_, {}).get(self.language, id_))

    def with_rules(self, names: Mapping[str, Mapping[str, str]]) -> Words:
        """The same, which also know what these rules are called: id -> language -> label."""
        return Words({**self.spoken, "rules": {**self.spoken["rules"], **names}}, self.language) if names else self

    @property
    def noticed(self) -> float:
        """From which change on, in spreads of a cue, a listener is told of it."""
        return float(self.spoken["noticed"])

    def spell_minutes(self, seconds: float, following: bool = False) -> str:
        """How many minutes, in words: "three minutes", and "twelve" where others stood before."""
        count = max(1, round(seconds / 60))
        pattern = "minutes-next" if following else "minute-first" if count == 1 else "minutes-first"
        return self.say(pattern, count=self.spell_number(count))

    def spell_number(self, number: int) -> str:
        """A whole number below a thousand in words."""
        return spell_chinese(number) if self.language == "zh" else spell_english(number)


def contradict(senses: frozenset[str], others: frozenset[str]) -> bool:
    """Whether words that point so contradict words that point otherwise."""
    return any(_OPPOSITE[sense] in others for sense in senses)


def capitalise(text: str) -> str:
    """The text with a capital at its beginning."""
    return text[:1].upper() + text[1:]


def extract_words(ontology: Ontology) -> dict[str, Any]:
    """All words and patterns of an ontology, as plain values that JSON can hold."""

    def read_both(one: Individual, name: str = "text") -> dict[str, str]:
        return {"en": str(one.properties.get(name, one.id)), "zh": str(one.properties.get(f"{name}_zh", one.id))}

    def read_languages(one: Individual) -> dict[str, str]:
        texts = {language: one.text(name_property("text", language)) for language in LANGUAGES}
        return {language: text for language, text in texts.items() if text} or {ENGLISH: one.id, CHINESE: one.id}

    def read_labels(kind: str) -> dict[str, dict[str, str]]:
        labels = {one.id: read_both(one, "label") for one in ontology.of(kind)}
        return {id_: {"en": _lower_first(label["en"]), "zh": label["zh"]} for id_, label in labels.items()}

    def read_senses(one: Individual) -> list[str]:
        senses = one.properties.get("sense", [])
        return [str(sense) for sense in senses] if isinstance(senses, list) else [str(senses)]

    noticed = ontology.by_id.get("noticed-change")
    return {
        "noticed": noticed.number("value") if noticed else 0.0,
        "cues": {
            cue.id: {
                **read_both(cue, "label"),
                "unit": cue.text("unit"),
                "log": cue.text("scale") == "log",
                "spread": cue.number("spread"),
            }
            for cue in ontology.of("Cue")
        },
        "goals": read_labels("Goal"),
        "stages": read_labels("Stage"),
        "emotions": read_labels("Emotion"),
        "scales": read_labels("Scale"),
        "choices": {
            name: [
                {
                    "id": one.id,
                    "label": one.text("label"),
                    "label_zh": one.text("label_zh"),
                    "definition": one.text("definition"),
                }
                for one in ontology.of(kind)
                if not one.properties.get("held") and one.id != "neutral"
            ]
            for name, kind in (("goals", "Goal"), ("contexts", "Context"), ("feelings", "Emotion"))
        },
        "rules": {rule.id: read_both(rule, "label") for rule in ontology.of("Rule")},
        "patterns": {one.id: read_languages(one) for one in ontology.of("Pattern")},
        "comparatives": {
            f"{one.to('of')[0]} {one.text('change')}": {
                **read_both(one),
                "weight": one.number("weight"),
                "senses": read_senses(one),
            }
            for one in ontology.of("Comparative")
        },
        "plain": [
            {"cue": one.to("of")[0], "low": one.number("low"), "high": one.number("high"), **read_both(one)}
            for one in ontology.of("PlainWord")
        ],
        "clauses": [
            {
                "id": one.id,
                "kind": one.classes[0],
                **{link: list(one.to(link)) for link in ("at", "for", "of")},
                **{name: one.text(name) or None for name in ("meets", "change", "against")},
                "senses": read_senses(one),
                **read_both(one),
            }
            for one in ontology.of("Clause")
        ],
        "instruments": {read_both(one)["en"].casefold(): read_both(one) for one in ontology.of("Instrument")},
    }


def _lower_first(label: str) -> str:
    """A label within a sentence."""
    return label[:1].lower() + label[1:]


def _replace_none(bound: float | None, otherwise: float) -> float:
    return otherwise if bound is None else bound
