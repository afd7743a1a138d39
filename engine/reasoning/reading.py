"""What a text was read as: the model's scores in the ontology's terms, without asking the graph.

`meaning_of` takes from the ontology what a reading needs; it is kept beside the gate as a small file, so that
`isopath emotions` and the first question need no server. A test holds it to the rows of the graph.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from engine.errors import EncoderUnavailable, UsageError
from engine.held_rules import Text, TextChoice
from engine.journey import Reading

if TYPE_CHECKING:
    from encoders.base import EmotionReader
    from engine.rules import Individual, Ontology

Meaning = Mapping[str, Any]
"""{emotions: {id: {valence, arousal, label, ...}}, read_as: [{sign, scale, share, under, beaten_by}]}"""
NEUTRAL = "neutral"
CHOICES = 3
SOMETHING_ELSE = "something-else"
NOTHING_READ = 1e-6
FAINT = 0.25
"""An emotion whose score is a smaller share of its threshold was hardly found."""


@dataclass(frozen=True, slots=True)
class Signs:
    """What rules look at."""

    scores: Mapping[str, float]
    """Sign id -> score, 0..1: emotions as read or chosen; markers and contexts 1."""
    levels: Mapping[str, Mapping[str, float]]
    """Sign id -> {present, strong}: its thresholds; 0.5 where none is given."""

    @property
    def params(self) -> dict[str, Any]:
        """As the queries take them."""
        return {"scores": self.scores, "levels": self.levels}


def meaning_of(ontology: Ontology) -> Meaning:
    """What a reading needs of the ontology, as plain values that JSON can hold."""
    known = {individual.id: individual for individual in ontology.individuals}
    meant = [(sign, known[mapping]) for sign in ontology.individuals for mapping in targets(sign, "readAs")]
    members: dict[str, set[str]] = {individual.id: {individual.id} for individual in ontology.individuals}
    for individual in ontology.individuals:
        for group in targets(individual, "in"):
            members[group].add(individual.id)
    for sign, mapping in meant:
        for scale in targets(mapping, "to"):
            members[scale].add(sign.id)

    def conditions(rule: Individual) -> dict[str, list[dict[str, Any]]]:
        return {
            kind: [
                {
                    "level": known[c].properties["level"],
                    "at_least": known[c].number("at_least"),
                    "at_most": known[c].number("at_most"),
                    "on": sorted({m for on in targets(known[c], "on") for m in members[on]}),
                }
                for c in targets(rule, kind)
            ]
            for kind in ("when", "unless")
        }

    def beaten_by(rule: Individual) -> list[dict[str, list[dict[str, Any]]]]:
        return [conditions(other) for other in ontology.of("Rule") if rule.id in targets(other, "overrides")]

    return {
        "emotions": {
            e.id: {
                name: e.properties[name]
                for name in ("valence", "arousal", "label", "label_zh", "definition", "detectability")
                if name in e.properties
            }
            | {"group": next(iter(targets(e, "in")), None)}
            for e in ontology.individuals
            if "Emotion" in e.classes
        },
        "read_as": [
            {
                "sign": sign.id,
                "scale": scale,
                "share": mapping.properties["share"],
                "under": [conditions(known[rule]) for rule in targets(mapping, "under")],
                "beaten_by": [beaten for rule in targets(mapping, "under") for beaten in beaten_by(known[rule])],
            }
            for sign, mapping in meant
            for scale in targets(mapping, "to")
        ],
    }


def targets(individual: Individual, link: str) -> list[str]:
    return [target for name, target in individual.links if name == link]


class Reader:
    """The emotion model and what its labels mean."""

    def __init__(self, model: EmotionReader, meaning: Meaning) -> None:
        """EncoderUnavailable, with every difference, when the model's labels are not the ontology's."""
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
        self.levels = {label: {"present": t.present, "strong": t.strong} for label, t in model.thresholds.items()}

    def read(
        self,
        text: str | None,
        gate: Literal["passed", "not_run"],
        markers: Iterable[str] = (),
        chosen: Sequence[str] = (),
    ) -> Reading:
        """The reading of one text; without text the person's choice alone."""
        self._require_known("--feel", chosen)
        covered = text is not None and self.model.covers(text)
        row = self.model.score([text])[0] if text is not None and covered else [0.0] * len(self.model.labels)
        return self.reading(
            {label: round(float(score), 6) for label, score in zip(self.model.labels, row, strict=True)},
            gate,
            markers,
            chosen,
        )

    def given(self, scores: Mapping[str, float], chosen: Sequence[str] = ()) -> Reading:
        """The reading of a caller who read the feeling themselves: no gate ran, labels left out count as 0."""
        self._require_known("--scores", scores)
        self._require_known("--feel", chosen)
        return self.reading(dict.fromkeys(self.model.labels, 0.0) | dict(scores), "not_run", (), chosen)

    def _require_known(self, place: str, emotions: Iterable[str]) -> None:
        if not set(emotions) <= self.meaning["emotions"].keys():
            raise UsageError(
                place,
                "names an emotion that Isopath does not know",
                f"Choose from: {', '.join(sorted(self.meaning['emotions']))}",
            )

    def reading(
        self,
        scores: Mapping[str, float],
        gate: Literal["passed", "not_run"],
        markers: Iterable[str] = (),
        chosen: Sequence[str] = (),
    ) -> Reading:
        """A reading from scores: which labels are present, on which scales, and where on the plane."""
        labels = sorted((e for e in scores if scores[e] >= self.levels[e]["present"]), key=lambda e: (-scores[e], e))
        felt = [label for label in labels if label != NEUTRAL]
        status: Literal["clear", "uncertain", "neutral"]
        if felt and (scores[felt[0]] >= scores.get(NEUTRAL, 0.0) or self.levels[felt[0]]["strong"] <= scores[felt[0]]):
            status = "clear"
        else:
            status = "neutral" if labels == [NEUTRAL] else "uncertain"
        signs = self.signs(scores, chosen) | dict.fromkeys(markers, 1.0)
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
            scales_of(self.meaning, signs, self.levels),
            tuple(sorted(markers)),
            tuple(chosen),
        )

    def signs(self, scores: Mapping[str, float], chosen: Sequence[str]) -> dict[str, float]:
        """Sign id -> score: what the person chose takes the place of all that was read."""
        return dict.fromkeys(chosen, 1.0) if chosen else dict(scores)

    def likely(self, reading: Reading) -> list[str]:
        """Up to three emotions to ask about: the likeliest reading, then those that would lead elsewhere.

        Each next one is the likeliest that shares no scale with those taken, so that the answer tells readings apart.
        Where nothing was read at all, the darkest and the brightest go first; where the wording holds out a marker,
        something was read, and no emotion is offered that was hardly found (none at all, maybe).
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


def scales_of(
    meaning: Meaning, signs: Mapping[str, float], levels: Mapping[str, Mapping[str, float]]
) -> dict[str, float]:
    """GEMS scale -> weight: shares of the labels that are present add, capped at 1; heaviest first."""

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


def signs_of(reader: Reader, reading: Reading, feelings: Mapping[str, float] | None, declared: Iterable[str]) -> Signs:
    """Feelings (as read or chosen, or those given in their place), markers and contexts."""
    felt = reader.signs(reading.scores, reading.chosen) if feelings is None else feelings
    return Signs({**felt, **dict.fromkeys([*reading.markers, *declared], 1.0)}, reader.levels)


def which_feeling(reader: Reader, reading: Reading) -> Text | None:
    """One question with the likely readings as plain choices, in both languages; None where no emotion is likely."""
    emotions = reader.meaning["emotions"]
    choices = tuple(TextChoice(e, emotions[e]["label"], emotions[e]["label_zh"]) for e in reader.likely(reading))
    if not choices:
        return None
    text, text_zh = "Which of these is nearest to what you feel?", "下面哪一项最接近你现在的感受？"
    return Text("which-feeling", text, text_zh, choices)
