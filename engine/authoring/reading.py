"""Reads scenarios from YAML, strictly: every fault is told with file, line, scenario and repair."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import yaml

from engine.authoring.scenario import Expected, Given, Never, Range, Scenario
from engine.errors import OntologyError

if TYPE_CHECKING:
    from engine.rules import Ontology

type_ = TypeVar("type_")
FOLDER: Final = "scenarios"
LARGEST: Final = 1_000_000
"""Bytes of a file at most."""
DEEPEST: Final = 10
"""Lists and mappings that stand in each other at most."""
OUTCOMES: Final = frozenset({"journey", "question", "support", "withheld", "no_journey"})

Fault = tuple[str, str, str]


def read_scenarios(ontology: Ontology) -> tuple[Scenario, ...]:
    """All scenarios beside an ontology, in the order of their files; OntologyError with every fault at once."""
    folder = ontology.directory / FOLDER
    known = _Vocabulary(ontology)
    faults: list[Fault] = []
    found: list[Scenario] = []
    for path in sorted(folder.glob("*.y*ml")):
        found += _File(f"{ontology.directory.name}/{FOLDER}/{path.name}", known, faults).read(path)
    first: dict[str, str] = {}
    for scenario in found:
        if (other := first.setdefault(scenario.name, scenario.place)) != scenario.place:
            fault = f"scenario '{scenario.name}' has the name of that in {other}"
            faults.append((scenario.place, fault, "Give each a sentence of its own"))
    if faults:
        raise OntologyError.of(faults)
    return tuple(found)


class _Vocabulary:
    """The ids that scenarios may name, by what they are of."""

    def __init__(self, ontology: Ontology) -> None:
        self._ids = {
            kind: frozenset(i.id for i in ontology.of(kind))
            for kind in ("Rule", "Goal", "Context", "Signal", "Choice", "Question", "Notice", "Trait", "Scale")
        }
        self._ids |= {
            kind: frozenset(i.id for i in ontology.of(kind)) for kind in ("Emotion", "Marker", "Stage", "Cue")
        }
        self._ids["Sign"] = self._ids["Emotion"] | self._ids["Marker"]
        self._ids["Answer"] = self._ids["Choice"] | self._ids["Emotion"] | {"something-else"}
        self._ids["StageScope"] = self._ids["Stage"] | {"every-stage"}
        self._ids["CueScope"] = self._ids["Cue"] | {"every-cue"}
        self._ids["Outcome"] = OUTCOMES

    def find_fault(self, kind: str, id_: str) -> tuple[str, str] | None:
        """What is wrong with an id, and the repair; None when it is known."""
        known = self._ids[kind]
        if id_ in known:
            return None
        near = get_close_matches(id_, sorted(known), 1, 0.6)
        what = {"StageScope": "stage", "CueScope": "cue", "Sign": "emotion or marker"}.get(kind, kind.lower())
        return f"'{id_}' is no {what}", f"Did you mean '{near[0]}'?" if near else f"Name a {what} of the ontology"


class _File:
    """One file of scenarios."""

    def __init__(self, place: str, known: _Vocabulary, faults: list[Fault]) -> None:
        self.place, self.known, self.faults = place, known, faults
        self.name = ""
        """Of the scenario that is read."""

    def read(self, path: Path) -> Iterator[Scenario]:
        """Its scenarios, as far as they can be read."""
        root = self._compose(path)
        if root is None:
            return
        if not isinstance(root, yaml.SequenceNode):
            self._report(root, "the file is no list", "Begin each scenario with `- name:`")
            return
        for node in root.value:
            before = len(self.faults)
            scenario = self._read_scenario(node)
            if scenario is not None and len(self.faults) == before:
                yield scenario

    def _compose(self, path: Path) -> yaml.Node | None:
        try:
            content = path.read_bytes()
            if len(content) > LARGEST:
                fault = f"the file has {len(content):,} bytes"
                self.faults.append((self.place, fault, f"Keep it under {LARGEST:,}; several files are read"))
                return None
            text = content.decode("utf-8")
            depth = 0
            for event in yaml.parse(text, yaml.SafeLoader):
                if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) or getattr(event, "tag", None):
                    self._report(event, "it uses an anchor (& or *) or a tag (!)", "Write the values out")
                    return None
                depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
                if depth > DEEPEST:
                    self._report(event, f"more than {DEEPEST} lists stand in each other", "Write a list of scenarios")
                    return None
            return yaml.compose(text, yaml.SafeLoader)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark
            where = f"{self.place}:{mark.line + 1}" if mark else self.place
            self.faults.append((where, f"it is not YAML: {error.problem}", "Mend the file there; indent with spaces"))
        except (OSError, UnicodeDecodeError, yaml.YAMLError, RecursionError) as error:
            fault = f"the file cannot be read ({type(error).__name__})"
            self.faults.append((self.place, fault, "Save it as plain YAML in UTF-8, and let this account read it"))
        return None

    def _read_scenario(self, node: yaml.Node) -> Scenario | None:
        self.name = ""
        members = self._read_members(node, "a scenario", {"name", "given", "expect", "never"})
        if "name" in members:
            self.name = self._read_text(members["name"], "a name")
            if len(self.name.split()) < 3:
                repair = "Name it by a clinical sentence: fear is not mirrored with frightening music"
                self._report(members["name"], "its name is no sentence", repair)
        missing = [key for key in ("name", "given", "expect", "never") if key not in members]
        for key in missing:
            repair = "Say what must never come of it" if key == "never" else f"Give it `{key}:`"
            self._report(node, f"it has no '{key}'", repair)
        given = self._read_part(members.get("given"), "given", Given, GIVEN)
        expected = self._read_part(members.get("expect"), "expect", Expected, EXPECT)
        never = self._read_part(members.get("never"), "never", Never, NEVER)
        if missing or not (given and expected and never):
            return None
        self._check_given(members["given"], given)
        return Scenario(self.name, self._locate(node), given, expected, never)

    def _read_part(
        self, node: yaml.Node | None, name: str, make: Callable[..., type_], kinds: Mapping[str, tuple[str, str]]
    ) -> type_ | None:
        if node is None:
            return None
        members = self._read_members(node, f"'{name}'", set(kinds))
        if not members and isinstance(node, yaml.MappingNode) and not node.value:
            self._report(node, f"'{name}' says nothing", f"Give it one of: {', '.join(kinds)}")
            return None
        read = {key: getattr(self, f"_read_{kinds[key][0]}")(value, kinds[key][1]) for key, value in members.items()}
        if "goal" in kinds and "goal" not in read:
            self._report(node, "'given' names no goal", "Give it `goal:`")
            return None
        return make(**read)

    def _check_given(self, node: yaml.Node, given: Given) -> None:
        if given.text is not None and (given.present or given.strong or given.scores):
            self._report(node, "'text' stands beside signs that would be read from it", "Give words, or signs")
        if given.minutes is not None and not 5 <= given.minutes <= 120:
            self._report(node, f"{given.minutes:g} minutes cannot be filled", "Ask for 5 to 120")
        if not all(0 <= score <= 1 for score in given.scores.values()):
            self._report(node, "a score lies outside 0 to 1", "Give probabilities")

    def _read_members(
        self, node: yaml.Node, what: str, known: set[str] | frozenset[str] | None
    ) -> dict[str, yaml.Node]:
        """The members of a mapping; with `known`, every other key is a fault."""
        if not isinstance(node, yaml.MappingNode):
            self._report(node, f"{what} has no members", "Write `key: value`, one a line")
            return {}
        found: dict[str, yaml.Node] = {}
        for key_node, value in node.value:
            key = self._read_text(key_node, "a key")
            if key in found:
                self._report(key_node, f"'{key}' is given twice", "Keep one of the two")
            elif known is not None and key not in known:
                near = get_close_matches(key, sorted(known), 1, 0.6)
                repair = f"Did you mean '{near[0]}'?" if near else f"Use one of: {', '.join(sorted(known))}"
                self._report(key_node, f"{what} knows no '{key}'", repair)
            else:
                found[key] = value
        return found

    # How the values of each kind are read. `kind` says what their ids are of.

    def _read_text(self, node: yaml.Node, what: str) -> str:
        if isinstance(node, yaml.ScalarNode) and node.tag.endswith(":str") and node.value.strip():
            return str(node.value).strip()
        self._report(node, f"{what or 'it'} is no text", "Write words; in quotes where YAML reads something else")
        return ""

    def _read_id(self, node: yaml.Node, kind: str) -> str:
        id_ = self._read_text(node, "an id")
        if id_ and (wrong := self.known.find_fault(kind, id_)):
            self._report(node, *wrong)
        return id_

    def _read_ids(self, node: yaml.Node, kind: str) -> tuple[str, ...]:
        if not isinstance(node, yaml.SequenceNode) or not node.value:
            self._report(node, "it is no list of ids", "Write [one, another]")
            return ()
        return tuple(self._read_id(one, kind) for one in node.value)

    def _read_number(self, node: yaml.Node, _: str = "") -> float:
        if isinstance(node, yaml.ScalarNode) and node.tag.endswith((":int", ":float")):
            value = yaml.SafeLoader("").construct_object(node, deep=True)
            if isinstance(value, int | float) and abs(value) < 1e9:
                return float(value)
        self._report(node, "it is no number", "Write one, such as 0.5")
        return 0.0

    def _read_range(self, node: yaml.Node, _: str = "") -> Range:
        if not isinstance(node, yaml.SequenceNode) or len(node.value) != 2:
            self._report(node, "it is no range", "Write [least, most]; null leaves a side open")
            return None, None
        low, high = (None if one.tag.endswith(":null") else self._read_number(one) for one in node.value)
        if (low is None and high is None) or (low is not None and high is not None and low > high):
            self._report(node, "the range holds nothing, or everything", "Write [least, most]; null leaves a side open")
        return low, high

    def _read_scores(self, node: yaml.Node, kind: str) -> dict[str, float]:
        return self._read_by(node, kind, self._read_number)

    def _read_ranges(self, node: yaml.Node, kind: str) -> dict[str, Range]:
        return self._read_by(node, kind, self._read_range)

    def _read_ids_by_stage(self, node: yaml.Node, kind: str) -> dict[str, tuple[str, ...]]:
        return self._read_by(node, "StageScope", lambda value: self._read_ids(value, kind))

    def _read_ranges_by_stage(self, node: yaml.Node, kind: str) -> dict[str, dict[str, Range]]:
        return self._read_by(node, "StageScope", lambda value: self._read_ranges(value, kind))

    def _read_by(self, node: yaml.Node, kind: str, read_value: Callable[[yaml.Node], type_]) -> dict[str, type_]:
        members = self._read_members(node, "it", None)
        for key in members:
            if wrong := self.known.find_fault(kind, key):
                self._report(node, *wrong)
        return {key: read_value(value) for key, value in members.items()}

    def _locate(self, at: Any) -> str:
        return f"{self.place}:{at.start_mark.line + 1}"

    def _report(self, at: Any, fault: str, repair: str) -> None:
        scenario = f"scenario '{self.name}': " if self.name else ""
        self.faults.append((self._locate(at), scenario + fault, repair))


GIVEN: Final = {
    "goal": ("id", "Goal"),
    "text": ("text", "text"),
    "present": ("ids", "Sign"),
    "strong": ("ids", "Emotion"),
    "scores": ("scores", "Emotion"),
    "feel": ("ids", "Emotion"),
    "contexts": ("ids", "Context"),
    "signals": ("ids", "Signal"),
    "answer": ("id", "Answer"),
    "minutes": ("number", ""),
}
"""Key -> how its value is read, and what its ids are of."""
_SAID: Final = {
    "rules": ("ids", "Rule"),
    "questions": ("ids", "Question"),
    "notices": ("ids", "Notice"),
    "barred": ("ids", "Trait"),
    "scales": ("ids_by_stage", "Scale"),
    "mirrored": ("ranges", "CueScope"),
    "steps": ("ranges", "StageScope"),
    "minutes": ("ranges", "StageScope"),
    "tracks": ("ranges_by_stage", "Cue"),
}
EXPECT: Final = _SAID | {
    "outcome": ("id", "Outcome"),
    "overridden": ("ids", "Rule"),
    "withheld_by": ("ids", "Rule"),
    "stages": ("ids", "Stage"),
}
NEVER: Final = _SAID | {"outcomes": ("ids", "Outcome"), "traits": ("ids", "Trait")}
