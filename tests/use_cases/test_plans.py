"""What a listener's plan says, how it is laid over the rules, and that every journey follows it."""

from __future__ import annotations

import re
import stat
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from engine.answers import Withheld
from engine.errors import NoJourney, OntologyError, UsageError
from engine.graph import Graph
from engine.held_rules import OwnRules, PlanFollowed
from engine.journey import Request
from engine.plans.keeping import create_plan, locate_plan, read_files, recall_rules
from engine.plans.laying import LIMITS_RULE, RULES, LaidPlan, lay_plan
from engine.plans.leaving_out import find_left_out
from engine.plans.plan import PLACE, Limit, Plan, read_plan
from engine.plans.writing import write_plan
from engine.publishing.sources import Sources
from engine.reasoning.planner import Planner
from engine.rules import Draft, write_module
from engine.settings import ONTOLOGY_DIR, Settings
from engine.store.version import GraphReloaded
from engine.use_cases.journeys.listeners import erase_listener, make_pseudonym, plan_for_listener
from engine.use_cases.journeys.plans import Plans, check_plan, forget_plan, make_plan, open_rules, show_plan
from tests.helpers.asking import values
from tests.helpers.planning import journey_of

BY, WHY, ON = "Ada Example", "agreed with her and her family", date(2026, 3, 1)
FULL = Plan(
    BY,
    WHY,
    ON,
    ("dementia-declared",),
    True,
    'soft "strings"',
    ("The Irish Washerwoman",),
    ("war",),
    ("Bach",),
    ("death",),
    (Limit("tempo", None, 100.0), Limit("level_swing", 0.0, 6.5)),
)
SLOW: dict[str, object] = {"low": 0, "high": 90}


def test_a_plan_is_read_as_it_is_written() -> None:
    assert read_plan(write_plan(FULL).encode()) == FULL
    bare = Plan(BY, WHY, ON)
    assert read_plan(write_plan(bare).encode()) == bare


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("by = 3", "plan.toml: by: is no text"),
        ('by = "x"', "plan.toml: by: is no name of a person"),
        ('why = "so"', "plan.toml: why: is no reason"),
        ('on = "yesterday"', "plan.toml: on: is no day"),
        ('carer = "yes"', "plan.toml: carer: is neither true nor false"),
        ('contexts = "child"', "plan.toml: contexts: is no list of texts"),
        ('contexts = ["", "a"]', "plan.toml: contexts: is no list of texts"),
        ('like = "…"', "plan.toml: like: it holds no word"),
        ('without = ["Bach"]', "plan.toml: without: is no table"),
        ('without = {artists = ["Bach"]}', "plan.toml: without.artists: is not known here"),
        ("limits = {tempo = 100}", "plan.toml: limits.tempo: is no limit"),
        ("limits = {tempo = {}}", "plan.toml: limits.tempo: is no limit"),
        ("limits = {tempo = {low = true}}", "plan.toml: limits.tempo: is no limit"),
        ("limits = {tempo = {low = 5, best = 3}}", "plan.toml: limits.tempo: is no limit"),
        ("limits = {tempo = {low = 90, high = 60}}", "plan.toml: limits.tempo: has its low above its high"),
        ("rules = []", "plan.toml: rules: is not known here"),
        ("by = ", "plan.toml, line 1: is no TOML"),
    ],
)
def test_a_slip_in_a_plan_is_told_with_its_place(line: str, told: str) -> None:
    sound = {"by": f'by = "{BY}"', "why": f'why = "{WHY}"', "on": "on = 2026-03-01"}
    sound[line.split(" ")[0]] = line
    lines = [line, *(one for one in sound.values() if one != line)]
    with pytest.raises(OntologyError, match=re.escape(told)):
        read_plan("\n".join(lines).encode())


def test_all_slips_of_a_plan_are_told_at_once() -> None:
    with pytest.raises(OntologyError) as caught:
        read_plan(b'by = "x"\nwhy = ""\non = 3\ncarer = 1')
    assert len((caught.value, *caught.value.others)) == 4


@pytest.mark.parametrize(
    ("plan", "left_out"),
    [
        (replace(FULL, titles=("the irish washerwoman",), words=(), composers=()), {"washerwoman"}),
        (replace(FULL, titles=("Irish",), words=(), composers=()), set()),
        (replace(FULL, titles=(), words=("WAR",), composers=()), {"war"}),
        (replace(FULL, titles=(), words=("flowers of",), composers=()), {"flowers"}),
        (replace(FULL, titles=(), words=("死",), composers=()), {"chinese"}),
        (replace(FULL, titles=(), words=(), composers=("o’carolan",)), {"flowers"}),
        (replace(FULL, titles=(), words=(), composers=("handel",)), {"war"}),
        (replace(FULL, titles=(), words=(), composers=("Carol",)), set()),
    ],
)
def test_titles_words_and_composers_leave_tracks_out(plan: Plan, left_out: set[str]) -> None:
    tracks: list[dict[str, str | None]] = [
        {"id": "washerwoman", "title": "The Irish Washerwoman", "artist": None},
        {"id": "war", "title": "The War-Song", "artist": "Georg Friedrich Händel"},
        {"id": "edward", "title": "Edward", "artist": "Nobody"},
        {"id": "flowers", "title": "The Flowers of Edinburgh", "artist": "Turlough O'Carolan (1670-1738)"},
        {"id": "chinese", "title": "生死恋", "artist": None},
        {"id": "untitled", "title": None, "artist": None},
    ]
    assert find_left_out(plan, tracks) == left_out


@cache
def lay(plan: Plan, rules: bytes | None = None) -> LaidPlan:
    return lay_plan(plan, rules, Sources.read(ONTOLOGY_DIR))


def own_rule(folder: Path, *others: Draft, tier: str = "clinical", kind: str = "Bound", **links: str) -> bytes:
    """A module with one rule of a plan: sadness with no more than 90 BPM, or what `kind` and `links` say."""
    (folder / "rules").mkdir(parents=True, exist_ok=True)
    (folder / "schema.owl").write_bytes((ONTOLOGY_DIR / "schema.owl").read_bytes())
    labels = ("Sad: nothing brisk", "悲伤：不要轻快")
    path = folder / "rules" / "listener.owl"
    named: dict[str, dict[str, object]] = {
        "Bound": {"high": 90},
        "Lean": {"low": 50, "best": 60, "high": 90, "weight": 0.5},
        "Replace": {},
    }
    of = {"Replace": "power"}.get(kind, "tempo")
    drafts = [
        Draft("sad-nothing-brisk-effect", kind, named[kind], {"of": of}, *labels),  # type: ignore[arg-type]
        Draft("sad-nothing-brisk-risk", "Claim", {"about": "risk", "grade": "C"}, {}, *labels, "Judgement."),
        Draft(
            "sad-nothing-brisk-number",
            "Claim",
            {"about": "number", "grade": "C", "signed_by": BY},
            {},
            *labels,
            "Judgement.",
        ),
        Draft(
            "sad-nothing-brisk",
            "Rule",
            {"tier": tier, "priority": 8000, "status": "published"},
            {
                "when": "sad-present",
                "at": "every-stage",
                "for": "any-goal",
                "does": "sad-nothing-brisk-effect",
                "claims": ["sad-nothing-brisk-risk", "sad-nothing-brisk-number"],
                **links,
            },
            *labels,
            "When sadness shows, nothing brisk is played.",
        ),
        *others,
    ]
    write_module(path, drafts, ("cues", "emotions", "evidence", "gems", "goals", "schema", "signs", "rules/shared"))
    return path.read_bytes()


def unsigned(folder: Path) -> bytes:
    return own_rule(folder).replace(b"<signed_by>Ada Example</signed_by>", b"")


SAY_MORE = Draft("even-loudness-step-limit", "StepLimit", {"at_most": 40})
ANOTHER_SCALE = Draft("calmness", "Trait", {}, {}, "calmness", "平静", "A trait of the plan's own.")


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda folder: own_rule(folder, overrides="even-loudness"), "it overrides 'even-loudness' now, a safety rule"),
        (lambda folder: own_rule(folder, tier="safety", kind="Replace"), "may tighten, and has Replace"),
        (unsigned, "nobody signed these numbers"),
        (lambda folder: own_rule(folder, ANOTHER_SCALE), "a plan can hold no Trait"),
        (lambda folder: own_rule(folder, SAY_MORE), "even-loudness-step-limit"),
        (lambda folder: own_rule(folder).replace(b"sad-present", b"sad-pressent"), "sad-pressent"),
        (lambda _: b"<not-owl", "it is not XML"),
    ],
)
def test_what_a_plan_may_not_say_is_refused(make: Callable[[Path], bytes], told: str, tmp_path: Path) -> None:
    found = lay(FULL, make(tmp_path)).findings
    assert any(told in f"{one.place} {one.fault}" for one in found if one.level == "error"), found
    assert not any("ontology/rules/listener" in one.place for one in found), "its author knows it as rules.owl"


def test_limits_and_own_rules_become_rules_that_are_checked_with_all_others(tmp_path: Path) -> None:
    laid = lay(FULL, own_rule(tmp_path))
    assert [one for one in laid.findings if one.level == "error"] == []
    assert laid.rules.keys() == {LIMITS_RULE, "sad-nothing-brisk"}
    assert laid.own is not None
    assert laid.own.ontology_sha256 == Sources.read(ONTOLOGY_DIR).sha256
    assert laid.own.names[LIMITS_RULE] == {"en": "Limits of the listener's plan", "zh": "听者计划的限制"}
    types = [link["type"] for link in laid.own.links]
    assert types[:4] == ["FOR", "FOR", "AT", "AT"], "everybody locks goals and stages in the same order"
    assert {one["id"] for one in laid.own.individuals} == {link["source"] for link in laid.own.links} | {
        one["id"] for one in laid.own.individuals if "Claim" in one["labels"]
    }


@pytest.mark.parametrize(
    ("plan", "told"),
    [
        (replace(FULL, contexts=("dementia-declard",)), "'dementia-declard' is none of the contexts"),
        (replace(FULL, traits=("deth",)), "names 'deth', which no module defines"),
        (replace(FULL, limits=(Limit("tempi", None, 90.0),)), "names 'tempi', which no module defines"),
        (replace(FULL, limits=(Limit("tempo", 1.0, None),)), "tempo runs from"),
    ],
)
def test_names_and_numbers_that_do_not_fit_are_told(plan: Plan, told: str) -> None:
    assert any(told in one.fault for one in lay(plan).findings if one.level == "error"), lay(plan).findings


def test_a_plan_lies_in_the_home_for_this_account_alone(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, cache=tmp_path)
    folder = make_plan(settings, "anna", FULL)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / PLACE).stat().st_mode) == 0o600
    assert not any("anna" in path.as_posix() for path in tmp_path.rglob("*"))
    assert show_plan(settings, "anna").plan == FULL
    with pytest.raises(UsageError, match="has a plan already"):
        make_plan(settings, "anna", FULL)
    with pytest.raises(UsageError, match="has no plan"):
        show_plan(settings, "bert")
    assert forget_plan(settings, "anna")
    assert not folder.exists()
    assert not forget_plan(settings, "anna")


def test_a_plan_is_checked_anew_where_it_or_the_rules_changed(tmp_path: Path) -> None:
    laid = lay(FULL)
    asked: list[str] = []

    def check(name: str) -> Callable[[], OwnRules | None]:
        def note() -> OwnRules | None:
            asked.append(name)
            return laid.own

        return note

    create_plan(tmp_path, "p", write_plan(FULL))
    files = read_files(tmp_path, "p")
    assert files is not None
    for served in ("one", "one", "two"):
        assert recall_rules(files, served, check(served)) == laid.own
    recall_rules(replace(files, plan=files.plan + b"#"), "two", check("edited"))
    recall_rules(replace(files, rules=b""), "two", check("rules"))
    assert asked == ["one", "two", "edited", "rules"]


def test_a_rule_is_added_to_a_plan_and_kept_in_its_folder(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home", cache=tmp_path)
    folder = make_plan(settings, "anna", FULL)
    with open_rules(settings, "anna") as (_, topic, by):
        assert (topic, by) == ("listener", BY)
    assert not (folder / RULES).exists(), "nothing was written"
    with open_rules(settings, "anna") as (ontology, topic, _):
        (ontology / "rules" / f"{topic}.owl").write_bytes(own_rule(tmp_path / "made"))
    assert (folder / RULES).read_bytes() == own_rule(tmp_path / "made")
    assert show_plan(settings, "anna").has_rules


@pytest.fixture
def settings(home: Path) -> Settings:
    return Settings.from_environment()


@pytest.mark.graph
def test_a_journey_follows_the_plan_and_leaves_nothing_of_it_in_the_graph(
    planner: Planner, settings: Settings, shipped_graph: Graph, tmp_path: Path
) -> None:
    listener = make_pseudonym(settings.home, "quokka-anna")
    plan = replace(FULL, composers=("O'Neill",), limits=(Limit("tempo", None, 88.0),), titles=())
    folder = make_plan(settings, "quokka-anna", plan)
    (folder / RULES).write_bytes(own_rule(tmp_path))
    said: list[str] = []
    plans, asked = Plans(settings, said.append), Request(feel=("sadness",), goal="calm", seed=4)
    before = values(shipped_graph, "MATCH (n:Individual) RETURN count(n) AS value")

    made = journey_of(plan_for_listener(planner, asked, None, listener, plans))
    assert all(step.cues["tempo"] <= 88.0 for step in made.steps)
    assert not any("O'Neill" in step.artist for step in made.steps)
    assert {LIMITS_RULE, "sad-nothing-brisk"} <= {rule.id for rule in made.rules}
    assert {"plan-followed", "plan-carer"} <= {notice.id for notice in made.notices}
    assert "liked" not in {notice.id for notice in made.notices}, "it says that the words are not stored"
    assert values(shipped_graph, "MATCH (n:Individual) RETURN count(n) AS value") == before
    assert values(shipped_graph, "MATCH (n) WHERE n.id STARTS WITH 'listener-limits' RETURN n.id AS value") == []
    assert len(said) == 1, "it is checked once"

    again = journey_of(plan_for_listener(planner, asked, None, listener, plans, again=True))
    assert [step.track_id for step in again.steps] == [step.track_id for step in made.steps]
    assert len(said) == 1
    others = journey_of(planner.plan(asked))
    assert any(step.cues["tempo"] > 88.0 or "O'Neill" in step.artist for step in others.steps)

    (folder / PLACE).write_text(write_plan(replace(plan, carer=False)))
    answer = plan_for_listener(planner, asked, None, listener, plans)
    assert isinstance(answer, Withheld)
    assert "withhold-when-unsupervised" in answer.rule_ids
    (folder / PLACE).write_text(write_plan(replace(plan, contexts=("nobody-knows",))))
    with pytest.raises(OntologyError, match="'nobody-knows' is none of the contexts"):
        plan_for_listener(planner, asked, None, listener, plans)

    assert erase_listener(settings, shipped_graph, listener)
    assert not locate_plan(settings.home, listener).exists()
    assert not erase_listener(settings, shipped_graph, listener)


@pytest.mark.graph
def test_limits_that_leave_no_music_are_told_and_not_loosened(planner: Planner, settings: Settings) -> None:
    listener = make_pseudonym(settings.home, "quokka-bert")
    make_plan(settings, "quokka-bert", Plan(BY, WHY, ON, limits=(Limit("tempo", 239.0, None),)))
    try:
        found = check_plan(settings, "quokka-bert", lambda _: None, with_reasoner=False)
        assert found.errors or found.findings, "a limit that leaves too few tracks is told when it is checked"
        with pytest.raises((NoJourney, OntologyError)):
            plan_for_listener(planner, Request(feel=("joy",)), None, listener, Plans(settings))
    finally:
        forget_plan(settings, "quokka-bert")


@pytest.mark.graph
def test_rules_that_were_checked_with_another_ontology_are_not_laid_over_this_one(planner: Planner) -> None:
    laid = lay(FULL)
    assert laid.own is not None
    old = PlanFollowed(own_rules=replace(laid.own, ontology_sha256="0" * 64))
    with pytest.raises(GraphReloaded):
        planner.plan(Request(feel=("joy",), plan=old))
