"""Scenarios: a slip in one is told with its place and repair, and those that ship cover every rule."""

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from engine.authoring.reading import read_scenarios
from engine.authoring.scenario import Scenario
from engine.authoring.testing import list_contraindications, list_uncovered
from engine.errors import OntologyError
from tests.helpers.shipped import shipped_ontology

SOUND = """\
- name: fear is not mirrored with frightening music
  given: {present: [fear], goal: calm}
  expect: {rules: [fear-pace-only], stages: [match, guide, target], tracks: {match: {level: [null, -10]}}}
  never: {rules: [anger-own-intense-music], scales: {match: [tension]}}
"""


def read(folder: Path, text: str | bytes) -> tuple[Scenario, ...]:
    """The scenarios of one file beside the shipped ontology."""
    (folder / "ontology" / "scenarios").mkdir(parents=True)
    content = text.encode() if isinstance(text, str) else text
    (folder / "ontology" / "scenarios" / "fear.yaml").write_bytes(content)
    return read_scenarios(replace(shipped_ontology(), directory=folder / "ontology"))


def test_a_scenario_is_read(tmp_path: Path) -> None:
    [found] = read(tmp_path, SOUND)
    assert found.place == "ontology/scenarios/fear.yaml:1"
    assert found.given.present == ("fear",)
    assert found.expect.outcome == "journey"
    assert found.expect.tracks == {"match": {"level": (None, -10.0)}}
    assert found.never.scales == {"match": ("tension",)}


@pytest.mark.parametrize(
    ("before", "after", "line", "fault", "repair"),
    [
        ("  never: {rules: [anger-own-intense-music], scales: {match: [tension]}}\n", "", 1, "has no 'never'", "never"),
        ("{rules: [anger-own-intense-music], scales: {match: [tension]}}", "{}", 4, "'never' says nothing", "rules"),
        ("[fear]", "[feer]", 2, "'feer' is no emotion or marker", "Did you mean 'fear'?"),
        ("fear-pace-only]", "fear-pace]", 3, "'fear-pace' is no rule", "Did you mean 'fear-pace-only'?"),
        ("match: [tension]", "mach: [tension]", 4, "'mach' is no stage", "Did you mean 'match'?"),
        ("{level:", "{levels:", 3, "'levels' is no cue", "Did you mean 'level'?"),
        ("goal: calm", "goals: calm", 2, "'given' knows no 'goals'", "Did you mean 'goal'?"),
        (", goal: calm", "", 2, "names no goal", "goal:"),
        ("[null, -10]", "[-10, -20]", 3, "holds nothing, or everything", "least, most"),
        ("[null, -10]", "[null, null]", 3, "holds nothing, or everything", "least, most"),
        ("[null, -10]", "[null, loud]", 3, "is no number", "0.5"),
        ("[null, -10]", "-10", 3, "is no range", "least, most"),
        ("[fear]", "fear", 2, "is no list of ids", "one, another"),
        ("[fear]", "[]", 2, "is no list of ids", "one, another"),
        ("{present: [fear], goal", "{present: [fear], minutes: 3, goal", 2, "3 minutes cannot be filled", "5 to 120"),
        ("{present: [fear]", "{present: [fear], text: I am afraid", 2, "'text' stands beside signs", "Give words"),
        ("{present: [fear]", "{scores: {fear: 2}", 2, "a score lies outside 0 to 1", "probabilities"),
        ("expect: {rules", "expect: {outcome: music, rules", 3, "'music' is no outcome", "Name a outcome"),
        ("fear is not mirrored with frightening music", "fear", 1, "its name is no sentence", "clinical sentence"),
        ("  given:", "  given: {goal: calm}\n  given:", 3, "'given' is given twice", "Keep one"),
        ("[fear]", "&a [fear]", 2, "it uses an anchor", "Write the values out"),
        ("[fear]", "[fear", 2, "it is not YAML", "Mend the file there"),
        ("- name", "one:\n  name", 1, "the file is no list", "- name:"),
        ("[fear]", "!!python/name:os.system [fear]", 2, "or a tag (!)", "Write the values out"),
    ],
)
def test_a_slip_is_told_with_its_place_and_repair(
    before: str, after: str, line: int, fault: str, repair: str, tmp_path: Path
) -> None:
    assert before in SOUND
    with pytest.raises(OntologyError) as caught:
        read(tmp_path, SOUND.replace(before, after, 1))
    told = [(one.place, one.fault, one.repair) for one in (caught.value, *caught.value.others)]
    assert any(
        place == f"ontology/scenarios/fear.yaml:{line}" and fault in said and repair in advice
        for place, said, advice in told
    ), told


def test_the_scenario_is_named_and_all_faults_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(OntologyError) as caught:
        read(tmp_path, SOUND.replace("[fear]", "[feer]").replace("[tension]", "[tensoin]"))
    assert len(caught.value.others) == 1
    assert "scenario 'fear is not mirrored with frightening music'" in str(caught.value)


@pytest.mark.parametrize("content", [b"\xff\xfe- name", b"[" * 1_000, b"- " * 1_000 + b"x", b" " * 1_000_001])
def test_a_file_that_is_no_text_or_too_much_is_refused(content: bytes, tmp_path: Path) -> None:
    with pytest.raises(OntologyError, match=r"ontology/scenarios/fear\.yaml"):
        read(tmp_path, content)


def test_two_scenarios_of_one_name_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(OntologyError, match=re.escape("has the name of that in ontology/scenarios/fear.yaml:1")):
        read(tmp_path, SOUND * 2)


def test_every_rule_and_every_contraindication_that_ships_has_a_scenario() -> None:
    ontology = shipped_ontology()
    scenarios = read_scenarios(ontology)
    assert len(scenarios) >= 80
    assert list_uncovered(ontology, scenarios) == ()
    assert {"dementia-declared", "music-seizures", "driving", "mania-words", "crisis"} <= list_contraindications(
        ontology
    )


def test_a_rule_that_no_scenario_would_miss_is_named() -> None:
    ontology = shipped_ontology()
    scenarios = [one for one in read_scenarios(ontology) if "remorse-met-briefly" not in one.rules]
    assert [gap.id for gap in list_uncovered(ontology, scenarios)] == ["remorse-met-briefly"]


def test_a_contraindication_counts_where_music_must_not_come() -> None:
    ontology = shipped_ontology()
    kept = [s for s in read_scenarios(ontology) if "infant" not in s.given.contexts]
    assert [gap.id for gap in list_uncovered(ontology, kept)] == ["infant"]


def test_scenarios_are_named_by_sentences_of_their_own() -> None:
    names = [scenario.name for scenario in read_scenarios(shipped_ontology())]
    assert [name for name, count in Counter(names).items() if count > 1] == []
    assert all(len(name.split()) >= 3 and "-" not in name.split()[0] for name in names)
