"""A whole ontology that fits on two screens: what the tests of reading and checking break, one thing at a time."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

from engine.rules import Draft, write_module
from engine.rules.checks.policies import KNOWN
from engine.rules.drafting import Value
from engine.settings import ONTOLOGY_DIR

Values: TypeAlias = Value | Sequence[Value]
Links: TypeAlias = str | Sequence[str]


def named(
    id_: str, kind: str, properties: Mapping[str, Values] | None = None, links: Mapping[str, Links] | None = None
) -> Draft:
    """An individual with the labels and the definition that most classes ask for."""
    return Draft(id_, kind, properties or {}, links or {}, id_, f"中文 {id_}", f"What {id_} means.")


def rule(id_: str, when: str, effects: Sequence[str], priority: int, tier: str = "clinical", **links: str) -> Draft:
    """A published rule for the first stage and any goal, with a claim of its own."""
    properties: dict[str, Values] = {"tier": tier, "priority": priority, "status": "published"}
    usual: dict[str, Links] = {
        "when": when,
        "at": "match",
        "for": "any-goal",
        "does": list(effects),
        "claims": "by-judgement",
    }
    return named(id_, "Rule", properties, usual | links)


def small() -> dict[str, Draft]:
    """Two cues, two scales, three emotions, a marker, two stages, a goal and five rules; nothing wrong with it."""
    cue: dict[str, Values] = {
        "unit": "BPM",
        "scale": "log",
        "reliability": 0.9,
        "minimum": 30,
        "maximum": 240,
        "center": 90,
        "spread": 0.5,
    }
    feeling: dict[str, Values] = {"valence": 0.1, "arousal": 0.2, "arousal_gap": 0.3, "detectability": 0.6}
    point: dict[str, Values] = {"music_valence": 0.1, "music_arousal": -0.2, "adjectives": ["soft", "even"]}
    context: dict[str, Values] = {"source": "standing", "keep": "session", "held": True}
    study: dict[str, Values] = {
        "design": "trial",
        "finding": "It helped.",
        "n": 40,
        "population": "adults",
        "read": "V",
    }
    drafts = [
        named("tempo", "Cue", cue),
        named(
            "valence",
            "Cue",
            cue | {"unit": "1", "scale": "linear", "minimum": -1, "maximum": 1, "center": 0},
        ),
        named("every-cue", "CueScope"),
        Draft(
            "tempo-moves-valence",
            "CueWeight",
            {"axis": "valence", "weight": 0.3},
            {"of": "tempo", "claims": "by-judgement"},
        ),
        named("unease", "Superfactor"),
        named(
            "tension",
            "Scale",
            point,
            {"partOf": "unease", "callsFor": "tension-tempo", "describedBy": "tense-words"},
        ),
        named(
            "peacefulness",
            "Scale",
            point,
            {"partOf": "unease", "callsFor": "peace-tempo", "describedBy": "soft-words"},
        ),
        Draft(
            "tension-tempo",
            "CueTarget",
            {"low": 90, "best": 120, "high": 160, "weight": 0.5},
            {"of": "tempo", "claims": "studied"},
        ),
        Draft(
            "peace-tempo",
            "CueTarget",
            {"low": 50, "best": 70, "high": 90, "weight": 0.2},
            {"of": "tempo", "claims": "studied"},
        ),
        Draft("tense-words", "Descriptor", {"text": "tense, driven"}),
        Draft("soft-words", "Descriptor", {"text": "soft, even"}),
        named("negative", "Group"),
        named("positive", "Group"),
        named("fear", "Emotion", feeling, {"in": "negative", "readAs": "fear-as-tension"}),
        named(
            "grief",
            "Emotion",
            feeling | {"detectability": 0.2},
            {"in": "negative", "readAs": "grief-as-tension"},
        ),
        named("calmness", "Emotion", feeling, {"in": "positive", "readAs": "calmness-as-peace"}),
        Draft("fear-as-tension", "Mapping", {"share": 1.0, "grade": "A"}, {"to": "tension", "claims": "studied"}),
        Draft("grief-as-tension", "Mapping", {"share": 0.5, "grade": "B"}, {"to": "tension"}),
        Draft("calmness-as-peace", "Mapping", {"share": 1.0, "grade": "B"}, {"to": "peacefulness"}),
        named("panic", "Marker", {}, {"in": "negative", "spelled": "panic-words"}),
        Draft(
            "panic-words",
            "Phrase",
            {"text": "panic", "language": "en", "role": "trigger", "catches": "a panic", "spares": "a picnic"},
        ),
        named("always", "Context", context),
        named("driving", "Context", context | {"held": False, "source": "asked"}),
        named("every-stage", "StageScope"),
        named("match", "Stage", {"order": 1, "share": 0.4, "ends_at": 0.2}, {"next": "target"}),
        named("target", "Stage", {"order": 2, "share": 0.6, "ends_at": 1}),
        named("any-goal", "GoalScope"),
        named(
            "calm",
            "Goal",
            {"minutes_low": 10, "minutes_best": 20, "minutes_high": 40},
            {"aimsAt": "calm-aim"},
        ),
        Draft("calm-aim", "Aim", {"share": 1}, {"atScale": "peacefulness"}),
        named("rare-label", "Setting", {"value": 0.4, "unit": "F1"}, {"claims": "by-judgement"}),
        Draft("fear-there", "Condition", {"level": "present"}, {"on": "fear"}),
        Draft("grief-there", "Condition", {"level": "present"}, {"on": "grief"}),
        Draft("calmness-there", "Condition", {"level": "present"}, {"on": "calmness"}),
        Draft("panic-there", "Condition", {"level": "present"}, {"on": "panic"}),
        Draft("is-driving", "Condition", {"level": "present"}, {"on": "driving"}),
        Draft("stands", "Condition", {"level": "present"}, {"on": "always"}),
        Draft("fear-mirror", "Mirror", {"depth": 0.5}, {"of": "tempo"}),
        Draft("grief-mirror", "Mirror", {"depth": 1}, {"of": "every-cue"}),
        Draft("calmness-mirror", "Mirror", {"depth": 1}, {"of": "every-cue"}),
        Draft("panic-replace", "Replace", {}, {"of": "peacefulness"}),
        Draft("even-limit", "StepLimit", {"at_most": 0.5, "direction": "either"}, {"of": "tempo"}),
        Draft("even-notice", "Notify", {}, {"of": "stop-any-time"}),
        named("stop-any-time", "Notice", {"text": "Stop any time.", "text_zh": "可随时停止。"}),
        Draft("wheel-hold", "Hold", {"outcome": "withheld"}, {"of": "stop-any-time"}),
        rule("fear-pace-only", "fear-there", ["fear-mirror"], 30),
        rule("grief-met", "grief-there", ["grief-mirror"], 40),
        rule("calmness-met", "calmness-there", ["calmness-mirror"], 50),
        rule("panic-skips-match", "panic-there", ["panic-replace"], 20, claims="risk-studied"),
        rule("even-steps", "stands", ["even-limit", "even-notice"], 10, "safety", at="every-stage"),
        rule("not-at-the-wheel", "is-driving", ["wheel-hold"], 5, "safety", at="every-stage"),
        Draft("by-judgement", "Claim", {"about": "direction", "grade": "C"}),
        Draft("studied", "Claim", {"about": "number", "grade": "B"}, {"supportedBy": "first-study"}),
        Draft("risk-studied", "Claim", {"about": "risk", "grade": "A"}, {"supportedBy": "first-study"}),
        Draft("first-study", "Evidence", {"key": "First 2020"} | study),
    ]
    policies = [
        named(
            f"{kind.lower()}-policy",
            "HitPolicy",
            {"governs": kind, "policy": how, "combine": combines[0], "when_empty": settling.when_empty},
        )
        for kind, settling in KNOWN.items()
        for how, combines in list(settling.ways.items())[:1]
    ]
    return {draft.id: draft for draft in [*drafts, *policies]}


def changed(drafts: Mapping[str, Draft], id_: str, *, drop: str = "", **values: Value | list[str]) -> dict[str, Draft]:
    """The same with other properties or links of one individual; `drop` names one that goes."""
    draft = drafts[id_]
    links = {k: v for k, v in values.items() if isinstance(v, str | list) and (k in draft.links or k in LINKS)}
    properties = {k: v for k, v in values.items() if k not in links}
    new = replace(
        draft,
        properties={k: v for k, v in {**draft.properties, **properties}.items() if k != drop},
        links={k: v for k, v in {**draft.links, **links}.items() if k != drop},
    )
    return {**drafts, id_: new}


LINKS = {"overrides", "unless", "when", "on", "of", "does", "under", "supportedBy", "challengedBy", "readAs"}


def put(folder: Path, drafts: Iterable[Draft]) -> Path:
    """Write the ontology as four files that Protégé would open; gives back the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "schema.owl").write_bytes((ONTOLOGY_DIR / "schema.owl").read_bytes())
    write_module(folder / "small.owl", drafts)
    write_module(folder / "isopath.owl", [], imports=("schema", "small"), version="1.2.3")
    entries = "".join(
        f'<uri name="https://isopath.org/ontology/{name}" uri="{name}.owl"/>' for name in ("isopath", "schema", "small")
    )
    catalog = f'<catalog xmlns="urn:oasis:names:tc:entity:xmlns:xml:catalog">{entries}</catalog>'
    (folder / "catalog-v001.xml").write_text(catalog, encoding="utf-8")
    return folder
