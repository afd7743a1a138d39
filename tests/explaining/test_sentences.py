"""What a journey says is so by the measures: read by a reader of its own (tests/helpers/hearing.py)."""

# ruff: noqa: E501

import ast
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import cycle, islice, product
from math import log2
from pathlib import Path
from random import Random
from typing import Any

import pytest

from engine.answers import Journey, Question
from engine.errors import NoJourney, UsageError
from engine.explaining.faults import localise_faults
from engine.explaining.page import describe_meeting
from engine.explaining.sentences import Purport
from engine.explaining.steps import make_stages
from engine.explaining.words import Words, extract_words
from engine.journey import Candidate, CueTarget, Request, Waypoint
from engine.reasoning.planner import Planner
from engine.settings import ROOT
from tests.helpers.hearing import FIGURES, faults
from tests.helpers.planning import journey_of, planned_journey
from tests.helpers.proofs import PROVING
from tests.helpers.shipped import shipped_ontology

ONTOLOGY = shipped_ontology()
SPOKEN = extract_words(ONTOLOGY)
ENGLISH, CHINESE = Words(SPOKEN, "en"), Words(SPOKEN, "zh")
GOALS = sorted(goal.id for goal in ONTOLOGY.of("Goal"))
EMOTIONS = sorted(emotion.id for emotion in ONTOLOGY.of("Emotion") if emotion.id != "neutral")
STAGES = ("match", "match", "guide", "guide", "guide", "guide", "guide", "target", "target", "target")
RANGES = {
    "tempo": (40, 170), "onset_rate": (0.6, 7), "level": (-30, -8), "level_swing": (0.5, 12), "level_in": (-30, -8),
    "level_out": (-30, -8), "mode": (-1, 1), "articulation": (0.3, 1.1), "register": (45, 80), "pitch_spread": (3, 15),
    "brightness": (0.1, 0.9), "roughness": (0, 0.9),
}  # fmt: skip
CHINESE_FEAR = "我明天要考试，心里很害怕，也很紧张"


def track(rng: Random, number: int) -> Candidate:
    """A track with any measures."""
    cues = {cue: rng.uniform(*ends) for cue, ends in RANGES.items()}
    players = rng.choice(["harp and strings", "piano", "music", "", "flute, cello and harp"])
    place = rng.uniform(-0.9, 0.9), rng.uniform(-0.9, 0.9)
    return Candidate(
        number, f"t{number}", "w", "a", 0.7, 0.1, 150.0, cues, *place, ("rule",), "Air", "Nobody", instrument=players
    )


def waypoint(rng: Random, number: int, stage: str) -> Waypoint:
    """A waypoint that asks for anything."""
    asked = {}
    for cue, (low, high) in RANGES.items():
        best = rng.uniform(low, high)
        asked[cue] = CueTarget(best - 0.3 * abs(best), best, best + 0.3 * abs(best), 1.0, 0.0)
    return Waypoint(number, stage, 0, 0.5, 0.0, 0.0, asked, {}, ("rule",), 0.35)


def made_up(seed: int, words: Words, goal: str, meets: str | None, feeling: str | None) -> Journey:
    """A journey of made-up tracks, as far as its sentences go."""
    rng = Random(seed)  # noqa: S311  # a choice of tests guards nothing
    way = [waypoint(rng, number, stage) for number, stage in enumerate(STAGES, 1)]
    picks = [track(rng, number) for number in range(1, len(STAGES) + 1)]
    if seed % 3 == 0:
        # Hardly a change from track to track.
        picks = [
            replace(pick, cues={**picks[0].cues, "tempo": picks[0].cues["tempo"] + pick.waypoint / 9}) for pick in picks
        ]
    stages = make_stages(words, Purport(goal, feeling, meets), way, picks)
    return Journey("id", 1, goal, None, (), None, (), stages, None)  # type: ignore[arg-type]


@pytest.mark.proof
def test_a_thousand_sentences_are_so_by_the_measures_and_no_two_of_a_journey_alike() -> None:
    cases = product(GOALS, ("pace", "feeling", "elsewhere", None), (ENGLISH, CHINESE))
    wrong: list[str] = []
    told = 0
    for seed, (goal, meets, words) in enumerate(islice(cycle(cases), 300 if PROVING else 120)):
        feeling = None if meets is None else words.name("emotions", EMOTIONS[seed % len(EMOTIONS)])
        journey = made_up(seed, words, goal, meets, feeling)
        told += len(journey.steps)
        wrong += faults(journey)
    assert told >= 1_000
    assert wrong == []


@pytest.mark.graph
@pytest.mark.proof
def test_sentences_of_planned_journeys_are_so_and_what_was_not_met_is_told(planner: Planner) -> None:
    quick = replace(planner, persists=False)
    told, wrong = 0, []
    pairs = list(product(EMOTIONS, GOALS))
    chosen = pairs if PROVING else pairs[:: len(pairs) // 6]
    for seed, (emotion, goal) in enumerate(chosen):
        words = CHINESE_FEAR if seed % 2 else None
        for explain in (False, True) if not PROVING else (seed % 9 == 0,):
            request = Request(words, feel=(emotion,), goal=goal, goal_chosen=True, seed=seed, explain=explain)
            journey = journey_of(quick.plan(request))
            told += len(journey.steps)
            wrong += [*faults(journey), *untold(journey)]
    assert told >= (1_000 if PROVING else 50)
    assert wrong == []


def untold(journey: Journey) -> Iterator[str]:
    """What an answer and its page do not tell truly of what was asked and what is heard."""
    for step in journey.steps:
        for cue, one in step.met.items():
            if cue in step.cues and one["heard"] != round(step.cues[cue], 4):
                yield f"step {step.position}: {cue} is {step.cues[cue]}, told {one['heard']}"
            if one["met"] != (one["low"] <= one["heard"] <= one["high"]):
                yield f"step {step.position}: {cue} is not {one['met']}"
    if not journey.explanation:
        return
    ends = {"first": journey.steps[0], "last": journey.steps[-1]}
    told = {(one["step"], one["cue"]): one for one in journey.explanation["asked_heard"]}
    for (end, step), cue in product(ends.items(), ("tempo", "level", "mode")):
        one, page = told[end, cue], "\n".join(journey.explanation["page"][:6])
        if (one["asked"], one["heard"], one["met"]) != tuple(step.met[cue][name] for name in ("asked", "heard", "met")):
            yield f"{end} {cue}: {one}"
        if f"{one['heard']:.3g}" not in page or f"{one['asked']:.3g}" not in page:
            yield f"{end} {cue}: not on the page"
        if f"{one['low']:.3g}" not in page or f"{one['high']:.3g}" not in page:
            yield f"{end} {cue}: what counts as met is not on the page"
        spread = ENGLISH.get_cue(cue)
        apart = log2(one["heard"] / one["asked"]) if spread.is_log else one["heard"] - one["asked"]
        if one["noticed"] != (abs(apart) >= ENGLISH.noticed * spread.spread):
            yield f"{end} {cue}: {one} is noticed or not"
    loosely = len(re.findall("difference can be heard|听出差别", page))
    if loosely != sum(one["met"] and one["noticed"] for one in told.values()):
        yield f"{loosely} differences told"
    verdicts = re.findall("(was not met|未达到)|(was met|已达到)", page)
    if [bool(met) for _, met in verdicts] != [one["met"] for one in journey.explanation["asked_heard"]]:
        yield f"verdicts {verdicts}"


@pytest.mark.graph
def test_a_journey_opens_with_what_was_understood_and_what_it_will_do(planner: Planner) -> None:
    answer = planned_journey(planner, Request("I have an exam tomorrow and I can't stop worrying", seed=7))
    assert answer.opening.startswith("It sounds like nervousness. ")
    for minutes in (ENGLISH.spell_minutes(sum(step.seconds for step in steps), True) for _, steps in answer.stages):
        assert minutes in answer.opening.lower()
    assert answer.opening.endswith("name another feeling, goal or length.")
    assert not re.search(r"\d", answer.opening)
    assert answer.as_json()["opening"] == answer.opening
    chosen = planned_journey(planner, Request(feel=("grief",), goal="comfort", goal_chosen=True, seed=7))
    assert chosen.opening.startswith("You said grief. ")


@pytest.mark.graph
def test_who_writes_chinese_is_answered_in_chinese(planner: Planner) -> None:
    answer = planned_journey(planner, Request(CHINESE_FEAR, feel=("fear",), goal="calm", seed=3, explain=True))
    said = [answer.opening, *(step.because for step in answer.steps), *(one.text for one in answer.notices)]
    said += answer.explanation["page"]
    assert answer.language == "zh"
    assert [text for text in said if not re.search("[\u4e00-\u9fff]", text)] == []
    assert answer.opening.startswith("你说的是恐惧。")
    with pytest.raises(UsageError, match="不是可选的目标"):
        planner.plan(Request(CHINESE_FEAR, feel=("fear",), goal="bliss", goal_chosen=True))


@pytest.mark.graph
@pytest.mark.parametrize(
    ("text", "language", "told"),
    [
        ("Heute war ein Tag wie jeder andere", "de", "Englisch"),
        ("今日は火曜日で、明日は水曜日です", "ja", "英語"),
        ("Сегодня вторник, а завтра среда", "ru", "английском"),
    ],
)
def test_questions_speak_the_language_of_the_words_and_journeys_say_that_theirs_is_another(
    planner: Planner, text: str, language: str, told: str
) -> None:
    asked = planner.plan(Request(text, seed=1))
    assert isinstance(asked, Question)
    assert asked.language == language
    assert "other-language" not in {notice.id for notice in asked.notices}
    answer = planned_journey(planner, Request(text, feel=("sadness",), seed=1))
    assert answer.language == "en"
    [notice] = [notice.text for notice in answer.notices if notice.id == "other-language"]
    assert told in notice
    english = planned_journey(planner, Request("I am so sad today", seed=1))
    assert "other-language" not in {notice.id for notice in english.notices}


def test_a_fault_of_planning_is_told_in_the_language_of_the_words() -> None:
    for words, said in (
        (ENGLISH, "journey: no track is left for step 3 under calm."),
        (CHINESE, "第3步没有可用的曲目"),
    ):
        error = NoJourney("journey", "x", "y").set_patterns("fault-no-track", "repair-no-track", steps="3")
        error.slots["rules"] = "calm"
        with pytest.raises(NoJourney) as told, localise_faults(words):
            raise error
        assert said in str(told.value)


def test_the_program_fills_every_slot_that_a_pattern_lists() -> None:
    """Patterns that the program says by their names are there, and list the slots that it fills."""
    listed = {one.id: set(slots(one.properties.get("slot", []))) for one in ONTOLOGY.of("Pattern")}
    wrong = [
        f"{path.name}:{call.lineno}: {name}"
        for path in sorted((ROOT / "engine").rglob("*.py"))
        for call in said_in(path)
        for name in names(call)
        if name not in listed
        or (all(one.arg for one in call.keywords) and {one.arg for one in call.keywords} != listed[name])
    ]
    assert wrong == []


def slots(listed: Any) -> list[str]:
    return [listed] if isinstance(listed, str) else list(listed)


def said_in(path: Path) -> list[ast.Call]:
    """Every call of `say` in a file."""
    return [
        node
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "say" and node.args
    ]


def names(call: ast.Call) -> list[str]:
    """The patterns that a call names: both of a conditional, none where it is put together."""
    [first, *_] = call.args
    options = [first.body, first.orelse] if isinstance(first, ast.IfExp) else [first]
    return [one.value for one in options if isinstance(one, ast.Constant) and isinstance(one.value, str)]


@pytest.mark.parametrize(
    ("number", "english", "chinese"),
    [(1, "a", "一"), (2, "two", "两"), (12, "twelve", "十二"), (21, "twenty-one", "二十一"), (113, "one hundred and thirteen", "一百一十三"),
     (120, "one hundred and twenty", "一百二十"), (105, "one hundred and five", "一百零五")],
)  # fmt: skip
def test_minutes_are_told_in_words(number: int, english: str, chinese: str) -> None:
    assert CHINESE.spell_minutes(60 * number) == f"{chinese}分钟"
    if number > 1:
        assert ENGLISH.spell_minutes(60 * number) == f"{english} minutes"


def test_no_words_for_listeners_name_a_figure_a_unit_or_a_cue() -> None:
    said = [
        (one.id, one.text(name))
        for kind in ("Comparative", "PlainWord", "Purpose", "Instrument")
        for one in ONTOLOGY.of(kind)
        for name in ("text", "text_zh")
    ]
    assert [(id_, text) for id_, text in said if FIGURES.search(re.sub(r"\{\w+\}", "", text))] == []


def test_the_page_tells_of_a_feeling_that_no_rule_mirrors() -> None:
    found = {"verdict": "not met", "depths": {"tempo": 0.0}, "by": [], "replaced": False, "silenced": [], "safety": []}
    for words, said in ((ENGLISH, "no rule in force mirrors it"), (CHINESE, "没有规则对其呼应")):
        assert said in describe_meeting(words, found)[0]


def test_words_can_be_kept_as_json() -> None:
    kept: Mapping[str, Any] = json.loads(json.dumps(SPOKEN))
    assert kept == SPOKEN
