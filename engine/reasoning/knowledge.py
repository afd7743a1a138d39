"""What the graph knows, as values: the only place where rows of a journey's queries become values.

From rules to tracks runs a chain of queries, each of one noun: what the rules do (`effects`), how they meet what is
felt (`mirrored`, `depths`), where the way begins and ends (`ends`, `profile`, `words`), its steps and what each should
meet (`steps`, `waypoints`), the tracks there (`candidates`). Ids, settled rows and vectors travel between them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, log
from typing import Final

from engine.errors import NoJourney, UsageError
from engine.graph import QueryRunner, Row
from engine.held_rules import (
    BilingualText,
    Claim,
    Effect,
    EffectNumbers,
    Evidence,
    HeldRule,
    NamedReference,
    TextChoice,
    Tier,
)
from engine.journey import Candidate, Request, Shortlist, Step
from engine.order.layout import Layout
from engine.order.sequence import OrderWeights
from engine.reasoning.facts import Case, Facts
from engine.reasoning.reading import Signs
from engine.reasoning.search import TrackSearch
from engine.reasoning.text_query import TextQuery
from engine.reasoning.waypoints import SettledEffects, make_limits, make_shortlist
from engine.store.version import Version

BARRED_FACTOR: Final = 2
"""How many times as many tracks the index looks at where some fall out of what it finds, as their traits are barred."""


@dataclass(frozen=True, slots=True)
class ChoiceMeaning:
    """What a choice of a question means."""

    goal: str | None
    feels: tuple[str, ...]
    """Emotions."""
    declares: tuple[str, ...]
    """Contexts and other signs."""


@dataclass(frozen=True, slots=True)
class RuleMessage:
    """What a rule says to the person by one of its effects."""

    rule_id: str
    tier: Tier
    of: tuple[str, ...]
    """Ids of notices, or of a question."""


@dataclass(frozen=True, slots=True)
class NearlyHeldRule:
    """A rule that does not hold, and what it lacks."""

    rule_id: str
    label: str
    short: float
    """What its weakest condition lacks, 0..1."""
    missing: tuple[str, ...]
    """Signs, any of which would have done."""
    defeated: tuple[str, ...]
    """Signs that defeat it."""


@dataclass(frozen=True, slots=True)
class SearchScope:
    """How tracks are looked for."""

    is_exact: bool
    """Every track is compared; else the vector index is asked."""
    keep_factor: int = 1
    """How many times as many are kept as usual."""
    relaxed: tuple[str, ...] = ()
    """Rules whose bounds are let go."""


@dataclass(frozen=True, slots=True)
class Knowledge:
    """Asked in one read transaction, with the search for tracks beside it."""

    transaction: QueryRunner
    search: TrackSearch

    def list_contexts(self) -> list[str]:
        """Ids of the contexts that a person can declare."""
        return [row["id"] for row in self.transaction.rows("browse/contexts")]

    def read_choice(self, id_: str) -> ChoiceMeaning | None:
        """What a choice of a question means; None when no question offers it."""
        rows = self.transaction.rows("asking/choice", choice=id_)
        return ChoiceMeaning(rows[0]["goal"], tuple(rows[0]["feels"]), tuple(rows[0]["declares"])) if rows else None

    def read_facts(self, request: Request, wish: TextQuery | None = None) -> Facts:
        """What the request stands on; UsageError when its goal is none."""
        [row] = self.transaction.rows("journey/facts", goal=request.goal)
        goals = tuple(goal["id"] for goal in row["goals"])
        if row["goal"] is None:
            raise UsageError("--goal", "is none of the goals", f"Choose from: {', '.join(goals)}")
        settings = {setting["id"]: setting["value"] for setting in row["settings"]}
        version = Version.from_row(row["version"])
        return Facts(
            goals=goals,
            version=version,
            weights=OrderWeights.from_settings(settings),
            units={cue["id"]: cue["unit"] for cue in row["cues"]},
            minutes=row["goal"]["minutes_best"],
            shares={stage["id"]: stage["share"] for stage in row["stages"]},
            usual_seconds=row["median_seconds"],
            # Those left out are looked at all the same, and must not stand in for others.
            candidates=round(settings["candidates-per-waypoint"]) + len(request.exclude),
            kept=round(settings["kept-per-waypoint"]) + len(request.exclude),
            query_vector=wish.get_vector(version) if wish else None,
            min_candidates=round(settings["fewest-candidates"]),
        )

    def find_rules(self, signs: Signs, goal: str, without: Sequence[str] = ()) -> tuple[HeldRule, ...]:
        """The rules that hold for these signs, first in effect first; `without` some that are taken out."""
        rows = self._find_holding(signs, goal, 0.0, without)
        held = [row for row in rows if row["holds"]]
        told = self.transaction.rows("journey/rules", ids=[row["rule_id"] for row in held])
        return tuple(_make_rule({**row, **said}) for row, said in zip(held, told, strict=True))

    def find_messages(self, kind: str, rules: Sequence[HeldRule]) -> list[RuleMessage]:
        """What these rules say to the person by one kind of effect (Ask, Hold or Notify), first what speaks first."""
        rows = self.transaction.rows("asking/said", rules=[rule.id for rule in rules])
        return [RuleMessage(row["rule_id"], row["tier"], tuple(row["of"])) for row in rows if row["kind"] == kind]

    def read_texts(self, ids: Sequence[str]) -> list[BilingualText]:
        """What notices and questions say, in the order asked, each once."""
        once = list(dict.fromkeys(ids))
        rows = {row["id"]: row for row in self.transaction.rows("asking/texts", ids=once)}
        return [_make_text(rows[id_]) for id_ in once]

    def settle_effects(self, case: Case, rules: Sequence[HeldRule], relaxed: Sequence[str] = ()) -> SettledEffects:
        """What these rules come to, without the bounds of those that are relaxed."""
        ask = self.transaction.rows
        holding = [{"rule_id": rule.id, "signs": rule.signs} for rule in rules]
        ids = [rule.id for rule in rules]
        effects = ask("journey/effects", rules=ids, relaxed=list(relaxed))
        signs = ask("journey/mirrored", **case.signs.params, holding=holding)
        ends = ask("journey/ends", signs=signs, goal=case.request.goal, effects=effects)
        depths = ask("journey/depths", signs=signs, effects=effects)
        profile = ask("journey/profile", depths=depths, ends=ends, effects=effects)
        words = ask("journey/words", depths=depths, ends=ends, effects=effects, rules=ids, like=case.facts.query_vector)
        return SettledEffects(tuple(effects), tuple(depths), tuple(profile), tuple(words), tuple(relaxed))

    def list_step_targets(self, settled: SettledEffects, layout: Layout) -> list[Row]:
        """What is asked of each step: its rows of `journey/steps` and `journey/waypoints`, and what it may not pass."""
        steps = self.transaction.rows("journey/steps", effects=settled.effects, **layout.steps_params)
        waypoints = self.transaction.rows(
            "journey/waypoints", steps=steps, profile=settled.profile, words=settled.words, effects=settled.effects
        )
        return [
            {**step, **waypoint, **make_limits(settled.select_stage(step["stage"]), layout, step["longest"])}
            for step, waypoint in zip(steps, waypoints, strict=True)
        ]

    def find_shortlists(
        self, case: Case, settled: SettledEffects, layout: Layout, reach: SearchScope
    ) -> list[Shortlist]:
        """The waypoints of a layout, each with the tracks that the rules allow there."""
        asked = self.list_step_targets(settled, layout)
        looked = case.facts.candidates * (BARRED_FACTOR if any(one["barred"] for one in asked) else 1)
        numbers = layout.make_params(looked, reach.keep_factor * case.facts.kept)
        rows = (
            self.transaction.rows("journey/candidates_exact", waypoints=asked, kept=numbers["kept"])
            if reach.is_exact
            else self.search.find_rows("journey/candidates", self.transaction, waypoints=asked, **numbers)
        )
        return [make_shortlist(one, settled, row["tracks"]) for one, row in zip(asked, rows, strict=True)]

    def read_played(self, steps: Sequence[Step]) -> tuple[Candidate, ...]:
        """The tracks of steps that were played; NoJourney where one of them is not known any more."""
        if not steps:
            return ()
        rows = {row["id"]: row for row in self.transaction.rows("browse/tracks", ids=[step.track_id for step in steps])}
        if any(step.track_id not in rows for step in steps):
            raise NoJourney("journey", "a track that was played is not known any more", "Plan a new journey")
        return tuple(_make_candidate(step, rows[step.track_id]) for step in steps)

    def find_nearly_held(self, case: Case, within: float) -> list[NearlyHeldRule]:
        """Rules that lack no more than this of a score, nearest first."""
        rows = self._find_holding(case.signs, case.request.goal, within)
        nearly = [
            NearlyHeldRule(
                row["rule_id"], row["label"], max(0.0, -row["margin"]), (*row["missing"],), (*row["defeated"],)
            )
            for row in rows
            if not row["holds"]
        ]
        return sorted(nearly, key=lambda one: (one.short, one.rule_id))

    def _find_holding(self, signs: Signs, goal: str, within: float, without: Sequence[str] = ()) -> list[Row]:
        given = {"goal": goal, "within": within, "without": list(without)}
        return list(self.transaction.rows("journey/holding_rules", **signs.params, **given))

    def read_sources(self, ids: Sequence[str]) -> dict[str, str | None]:
        """Track id -> what a listener's own track is played from."""
        return {row["id"]: row["source"] for row in self.transaction.rows("library/sources", ids=list(ids))}


def _make_candidate(step: Step, track: Row) -> Candidate:
    """A step as it was planned, with what the graph knows of its track."""
    return Candidate(
        step.position,
        step.track_id,
        track["work_id"],
        track["artist_id"],
        step.similarity,
        -log(step.cue_fit) if step.cue_fit else inf,
        track["seconds"],
        track["cues"],
        track["valence"],
        track["arousal"],
        step.rule_ids,
        track["title"],
        track["artist"],
    )


def _make_rule(row: Row) -> HeldRule:
    effects = tuple(
        Effect(effect["kind"], tuple(NamedReference(**of) for of in effect["of"]), EffectNumbers(**effect["numbers"]))
        for effect in row["effects"]
    )
    claims = tuple(
        Claim(
            claim["about"],
            claim["grade"],
            claim["signed_by"],
            tuple(Evidence(**one) for one in claim["evidence"]),
            tuple(Evidence(**one) for one in claim["challenged_by"]),
        )
        for claim in row["claims"]
    )
    id_, definition, stages = row["rule_id"], row["definition"], tuple(row["stages"])
    signs, beaten = tuple(row["signs"]), row["overridden_by"]
    return HeldRule(id_, row["label"], definition, row["tier"], stages, effects, claims, signs, beaten)


def _make_text(row: Row) -> BilingualText:
    choices = (TextChoice(**{**choice, "declares": tuple(choice["declares"])}) for choice in row["choices"])
    return BilingualText(row["id"], row["text"], row["text_zh"], tuple(choices))
