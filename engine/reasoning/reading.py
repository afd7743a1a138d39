"""Readings of texts: the emotion model's scores in the terms of the ontology, without the graph.

`extract_meaning` takes from the ontology what a reading needs. It is stored in a file beside the gate, so that
`isopath emotions` needs no server. A test compares it with the graph.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from encoders.languages import LANGUAGES, name_property
from engine.errors import EncoderUnavailable, UsageError
from engine.explaining.words import Words, extract_words
from engine.held_rules import SpokenText, TextChoice
from engine.journey import GateState, Reading

if TYPE_CHECKING:
    from encoders.base import EmotionReader
    from engine.gate import GateResult
    from engine.rules import Individual, Ontology

Meaning = Mapping[str, Any]
"""{emotions: {id: {valence, arousal, label, ...}}, read_as: [{sign, scale, share, under, beaten_by}], fades: {goal: s},
words: {...}}"""
NAMED = {name_property("label", language): language for language in LANGUAGES}
"""Property of an emotion -> the language of the name that it holds."""
NEUTRAL = "neutral"
CHOICES = 3
SOMETHING_ELSE = "something-else"
WHICH_FEELING = "which-feeling"
NOTHING_READ = 1e-6
FAINT = 0.25
"""Share of its threshold below which a score counts as no evidence of an emotion."""


@dataclass(frozen=True, slots=True)
class Signs:
    """The scores that conditions of rules are evaluated on."""

    scores: Mapping[str, float]
    """Sign id -> score, 0..1: of emotions as read or chosen; 1 for markers and contexts."""
    levels: Mapping[str, Mapping[str, float]]
    """Sign id -> thresholds {present, strong}; 0.5 for signs without any."""

    @property
    def params(self) -> dict[str, Any]:
        """The params of queries."""
        return {"scores": self.scores, "levels": self.levels}


def extract_meaning(ontology: Ontology) -> Meaning:
    """The part of the ontology that readings need, as plain values for JSON."""
    known = {individual.id: individual for individual in ontology.individuals}
    mappings = [(sign, known[mapping]) for sign in ontology.individuals for mapping in list_targets(sign, "readAs")]
    members: dict[str, set[str]] = {individual.id: {individual.id} for individual in ontology.individuals}
    for individual in ontology.individuals:
        for group in list_targets(individual, "in"):
            members[group].add(individual.id)
    for sign, mapping in mappings:
        for scale in list_targets(mapping, "to"):
            members[scale].add(sign.id)

    def conditions(rule: Individual) -> dict[str, list[dict[str, Any]]]:
        return {
            kind: [
                {
                    "level": known[c].properties["level"],
                    "at_least": known[c].number("at_least"),
                    "at_most": known[c].number("at_most"),
                    "on": sorted({m for on in list_targets(known[c], "on") for m in members[on]}),
                }
                for c in list_targets(rule, kind)
            ]
            for kind in ("when", "unless")
        }

    def beaten_by(rule: Individual) -> list[dict[str, list[dict[str, Any]]]]:
        return [conditions(other) for other in ontology.of("Rule") if rule.id in list_targets(other, "overrides")]

    return {
        "emotions": {
            e.id: {
                name: e.properties[name]
                for name in ("valence", "arousal", "definition", "detectability", *NAMED)
                if name in e.properties
            }
            | {"group": next(iter(list_targets(e, "in")), None)}
            for e in ontology.individuals
            if "Emotion" in e.classes
        },
        "read_as": [
            {
                "sign": sign.id,
                "scale": scale,
                "share": mapping.properties["share"],
                "under": [conditions(known[rule]) for rule in list_targets(mapping, "under")],
                "beaten_by": [beaten for rule in list_targets(mapping, "under") for beaten in beaten_by(known[rule])],
            }
            for sign, mapping in mappings
            for scale in list_targets(mapping, "to")
        ],
        "fades": {goal.id: goal.number("fade_seconds") or 0.0 for goal in ontology.of("Goal")},
        "words": extract_words(ontology),
    }


def list_targets(individual: Individual, link: str) -> list[str]:
    """Ids of the individuals that a link of this name leads to."""
    return [target for name, target in individual.links if name == link]


def name_gate_state(gated: GateResult | None) -> GateState:
    """What a reading says of the gate, for words that go on."""
    return "not_run" if gated is None else "asked" if gated.asks else "passed"


class FeelingReader:
    """Reads feelings from texts: an emotion model, and the meaning of its labels in the ontology."""

    def __init__(self, model: EmotionReader, meaning: Meaning) -> None:
        """EncoderUnavailable, with every difference, when model and ontology have other labels."""
        known, given = set(meaning["emotions"]), set(model.labels)
        if known != given:
            unknown, lacking = ", ".join(sorted(given - known)), ", ".join(sorted(known - given))
            raise EncoderUnavailable(
                model.card.name,
                "; ".join(
                    [f"gives labels the ontology does not know: {unknown}"] * bool(unknown)
                    + [f"lacks labels the ontology has: {lacking}"] * bool(lacking)
                ),
                "Use a model trained on the labels of ontology/emotions.owl",
            )
        self.model, self.meaning = model, meaning
        self._words: dict[str, Words] = {}
        self.levels = {label: {"present": t.present, "strong": t.strong} for label, t in model.thresholds.items()}

    def get_words(self, language: str) -> Words:
        """What is said to somebody who writes this language."""
        return self._words.setdefault(language, Words.choose(self.meaning["words"], language))

    def read(
        self,
        text: str | None,
        gate: GateState,
        markers: Iterable[str] = (),
        chosen: Sequence[str] = (),
    ) -> Reading:
        """The reading of one text; without a text only the chosen emotions count."""
        self._require_known("--feel", chosen)
        if text is None or not self.model.covers(text):
            return self.make_reading(dict.fromkeys(self.model.labels, 0.0), gate, markers, chosen)
        row = self.model.score([text])[0]
        scores = {label: round(float(score), 6) for label, score in zip(self.model.labels, row, strict=True)}
        return self.make_reading(scores, gate, markers, chosen, self.model.is_clear(text, row))

    def read_scores(self, scores: Mapping[str, float], chosen: Sequence[str] = ()) -> Reading:
        """The reading from scores of the caller; the gate did not run, and missing labels count as 0."""
        self._require_known("--scores", scores)
        self._require_known("--feel", chosen)
        return self.make_reading(dict.fromkeys(self.model.labels, 0.0) | dict(scores), "not_run", (), chosen)

    def _require_known(self, place: str, emotions: Iterable[str]) -> None:
        if not set(emotions) <= self.meaning["emotions"].keys():
            choices = ", ".join(sorted(self.meaning["emotions"]))
            error = UsageError(place, "names an emotion that Isopath does not know", f"Choose from: {choices}")
            raise error.set_patterns("fault-feel", "repair-choose", choices=choices)

    def make_reading(
        self,
        scores: Mapping[str, float],
        gate: GateState,
        markers: Iterable[str] = (),
        chosen: Sequence[str] = (),
        clear: bool | None = None,
    ) -> Reading:
        """A reading from scores: labels that are present, scales, valence and arousal.

        `clear`: what the model says of its reading, where it can; else a label that leads over neutral is clear.
        """
        labels = sorted((e for e in scores if scores[e] >= self.levels[e]["present"]), key=lambda e: (-scores[e], e))
        felt = [label for label in labels if label != NEUTRAL]
        status: Literal["clear", "uncertain", "neutral"]
        if clear is None:
            leads = [scores[e] >= scores.get(NEUTRAL, 0.0) or self.levels[e]["strong"] <= scores[e] for e in felt[:1]]
            clear = any(leads)
        status = "clear" if felt and clear else "neutral" if labels == [NEUTRAL] else "uncertain"
        signs = self.choose_signs(scores, chosen) | dict.fromkeys(markers, 1.0)
        weights = {e: signs[e] for e in chosen or felt} or {e: s for e, s in scores.items() if e != NEUTRAL}
        total = sum(weights.values())
        plane = {
            axis: round(sum(w * float(self.meaning["emotions"][e][axis]) for e, w in weights.items()) / total, 4)
            if total > NOTHING_READ
            else 0.0
            for axis in ("valence", "arousal")
        }
        return Reading(
            status,
            gate,
            dict(scores),
            tuple(labels),
            plane["valence"],
            plane["arousal"],
            weigh_scales(self.meaning, signs, self.levels),
            tuple(sorted(markers)),
            tuple(chosen),
        )

    def choose_signs(self, scores: Mapping[str, float], chosen: Sequence[str]) -> dict[str, float]:
        """Sign id -> score; emotions that the person chose replace all scores that were read."""
        return dict.fromkeys(chosen, 1.0) if chosen else dict(scores)

    def choose_likely(self, reading: Reading) -> list[str]:
        """Up to three emotions to ask about: the likeliest, then the likeliest that share no scale with those before.

        So the answer distinguishes readings. Ties go to the lowest and the highest valence first. Where the text holds
        markers, emotions without evidence are left out: the list may be empty.
        """
        emotions, scores = self.meaning["emotions"], reading.scores
        by_valence = sorted(emotions, key=lambda e: (emotions[e]["valence"], -emotions[e]["detectability"], e))
        ends_first = dict.fromkeys([by_valence[0], by_valence[-1], *by_valence])
        order = sorted(ends_first, key=lambda e: -scores[e] / self.levels[e]["present"])
        scales = {e: {m["scale"] for m in self.meaning["read_as"] if m["sign"] == e} for e in order}
        taken: list[str] = []
        for emotion in order:
            apart = scales[emotion] and not any(scales[emotion] & scales[other] for other in taken)
            faint = reading.markers and scores[emotion] < FAINT * self.levels[emotion]["present"]
            if apart and not faint and len(taken) < CHOICES:
                taken.append(emotion)
        return taken


def weigh_scales(
    meaning: Meaning, signs: Mapping[str, float], levels: Mapping[str, Mapping[str, float]]
) -> dict[str, float]:
    """GEMS scale -> weight, highest first: the sum of the shares of labels that are present, at most 1."""

    def is_met(condition: Mapping[str, Any]) -> bool:
        return any(map(partial(meets, condition), condition["on"]))

    def meets(condition: Mapping[str, Any], sign: str) -> bool:
        least, most = condition["at_least"], condition["at_most"]
        if least is None:
            least = levels.get(sign, {}).get(condition["level"], 0.5)
        return bool(least <= signs.get(sign, 0.0) <= (1.0 if most is None else most))

    def holds(rule: Mapping[str, Any]) -> bool:
        return all(map(is_met, rule["when"])) and not any(map(is_met, rule["unless"]))

    scales: dict[str, float] = {}
    for mapping in meaning["read_as"]:
        score = signs.get(mapping["sign"], 0.0)
        present = score >= levels.get(mapping["sign"], {}).get("present", 0.5)
        if present and all(map(holds, mapping["under"])) and not any(map(holds, mapping["beaten_by"])):
            scales[mapping["scale"]] = min(1.0, scales.get(mapping["scale"], 0.0) + score * mapping["share"])
    return {scale: round(weight, 4) for scale, weight in sorted(scales.items(), key=lambda item: (-item[1], item[0]))}


def collect_signs(
    reader: FeelingReader, reading: Reading, feelings: Mapping[str, float] | None, declared: Iterable[str]
) -> Signs:
    """Scores of all signs: feelings (of the reading, or `feelings` instead), markers, and declared signs."""
    felt = reader.choose_signs(reading.scores, reading.chosen) if feelings is None else feelings
    return Signs({**felt, **dict.fromkeys([*reading.markers, *declared], 1.0)}, reader.levels)


def ask_which_feeling(reader: FeelingReader, reading: Reading) -> SpokenText | None:
    """The question which of the likely emotions it is, in every language; None where no emotion is likely."""
    emotions = reader.meaning["emotions"]
    choices = tuple(
        TextChoice(e, {language: emotions[e][name] for name, language in NAMED.items() if name in emotions[e]})
        for e in reader.choose_likely(reading)
    )
    patterns = reader.meaning["words"]["patterns"]
    return SpokenText(WHICH_FEELING, patterns[WHICH_FEELING], choices) if choices else None
