"""The queries of a journey as typed methods: the only place where their rows become values.

A chain of queries leads from rules to tracks: effects of the rules (`effects`), how far they mirror the feeling
(`mirrored`, `depths`), start and goal of the cues (`ends`, `profile`, `words`), steps with their targets (`steps`,
`waypoints`), and tracks (`candidates`). Ids, rows and vectors travel between them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from math import inf, log
from typing import Final

from encoders.languages import ENGLISH
from engine.errors import NoJourney, UsageError
from engine.graph import QueryRunner, Row
from engine.held_rules import (
    Claim,
    Effect,
    EffectNumbers,
    Evidence,
    HeldRule,
    NamedReference,
    SpokenText,
    TextChoice,
    Tier,
)
from engine.journey import Candidate, Request, Shortlist, Step
from engine.order.layout import Layout
from engine.order.sequence import OrderWeights
from engine.reasoning.facts import Case, Facts
from engine.reasoning.reading import Signs
from engine.reasoning.search import TrackFinder
from engine.reasoning.text_query import TextQuery
from engine.reasoning.waypoints import SettledEffects, make_limits, make_shortlist
from engine.store.version import Version

BARRED_FACTOR: Final = 2
"""Factor on the number of tracks that the index returns where traits are barred, since barred tracks are dropped."""


@dataclass(frozen=True, slots=True)
class ChoiceMeaning:
    """What follows from a choice of a question."""

    goal: str | None
    feels: tuple[str, ...]
    """Emotions."""
    declares: tuple[str, ...]
    """Contexts and other signs."""


@dataclass(frozen=True, slots=True)
class RuleMessage:
    """An effect of a rule that addresses the person: a hold, a question or a notice."""

    rule_id: str
    tier: Tier
    of: tuple[str, ...]
    """Ids of its texts."""


@dataclass(frozen=True, slots=True)
class NearlyHeldRule:
    """A rule that does not hold, and why."""

    rule_id: str
    label: str
    short: float
    """Score that its weakest condition lacks, 0..1."""
    missing: tuple[str, ...]
    """Signs, any of which would meet that condition."""
    defeated: tuple[str, ...]
    """Signs that defeat it."""


@dataclass(frozen=True, slots=True)
class SearchScope:
    """How widely tracks are searched."""

    is_exact: bool
    """Whether every track is compared; else the vector index is used."""
    keep_factor: int = 1
    """Factor on the number of tracks that are kept."""
    relaxed: tuple[str, ...] = ()
    """Rules whose bounds are dropped."""
    is_last: bool = False
    """Whether there is no wider scope."""


@dataclass(frozen=True, slots=True)
class Knowledge:
    """The queries of a journey in one read transaction; the search for tracks has its own."""

    transaction: QueryRunner
    search: TrackFinder
    without: tuple[str, ...] = ()
    """Ids of rules that are left out of every answer."""

    def list_contexts(self) -> list[str]:
        """Ids of the contexts that a person can declare."""
        return [row["id"] for row in self.transaction.rows("browse/contexts")]

    def read_choice(self, id_: str) -> ChoiceMeaning | None:
        """The meaning of a choice; None when no question offers it."""
        rows = self.transaction.rows("asking/choice", choice=id_)
        return ChoiceMeaning(rows[0]["goal"], tuple(rows[0]["feels"]), tuple(rows[0]["declares"])) if rows else None

    def read_facts(self, request: Request, text_query: TextQuery | None = None) -> Facts:
        """The facts for a request; UsageError for an unknown goal."""
        [row] = self.transaction.rows("journey/facts", goal=request.goal)
        goals = tuple(goal["id"] for goal in row["goals"])
        if row["goal"] is None:
            error = UsageError("--goal", "is none of the goals", f"Choose from: {', '.join(goals)}")
            raise error.set_patterns("fault-goal", "repair-choose", choices=", ".join(goals))
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
            # Excluded tracks are found as well: without the additional ones they would displace others.
            candidates=round(settings["candidates-per-waypoint"]) + len(request.left_out),
            found=round(settings["found-per-waypoint"]) + len(request.left_out),
            query_vector=text_query.get_vector(version) if text_query else None,
            min_candidates=round(settings["fewest-candidates"]),
        )

    def find_rules(self, signs: Signs, goal: str, without: Sequence[str] = ()) -> tuple[HeldRule, ...]:
        """The rules that hold for these signs, in order of effect; those in `without` are disregarded."""
        rows = self._find_holding(signs, goal, 0.0, without)
        held = [row for row in rows if row["holds"]]
        details = self.transaction.rows("journey/rules", ids=[row["rule_id"] for row in held])
        return tuple(_make_rule({**row, **detail}) for row, detail in zip(held, details, strict=True))

    def find_held(self, signs: Signs, goal: str) -> tuple[tuple[str, tuple[str, ...], str | None], ...]:
        """(id, signs that it holds for, overriding rule) of each rule that holds, in order of priority."""
        rows = self._find_holding(signs, goal, 0.0)
        return tuple((r["rule_id"], tuple(r["signs"]), r["overridden_by"]) for r in rows if r["holds"])

    def find_messages(self, kind: str, rules: Sequence[HeldRule]) -> list[RuleMessage]:
        """The messages of these rules of one kind (Ask, Hold or Notify), in order of priority."""
        rows = self.transaction.rows("asking/said", rules=[rule.id for rule in rules])
        return [RuleMessage(row["rule_id"], row["tier"], tuple(row["of"])) for row in rows if row["kind"] == kind]

    def read_texts(self, ids: Sequence[str]) -> list[SpokenText]:
        """The texts of notices and questions, in the order of the ids, without repetitions."""
        once = list(dict.fromkeys(ids))
        rows = {row["id"]: row for row in self.transaction.rows("asking/texts", ids=once)}
        return [_make_text(rows[id_]) for id_ in once]

    def settle_effects(self, case: Case, rules: Sequence[HeldRule], relaxed: Sequence[str] = ()) -> SettledEffects:
        """The combined effects of these rules, without the bounds of those that are relaxed."""
        ask = self.transaction.rows
        holding = [{"rule_id": rule.id, "signs": rule.signs} for rule in rules]
        ids = [rule.id for rule in rules]
        effects = ask("journey/effects", rules=ids, relaxed=list(relaxed))
        signs = ask("journey/mirrored", **case.signs.params, holding=holding)
        ends = ask("journey/ends", signs=signs, goal=case.request.goal, effects=effects)
        depths = ask("journey/depths", signs=signs, effects=effects)
        profile = ask("journey/profile", depths=depths, ends=ends, effects=effects)
        words = ask("journey/words", depths=depths, ends=ends, effects=effects, rules=ids, like=case.facts.query_vector)
        return SettledEffects(tuple(effects), tuple(depths), tuple(profile), tuple(words), tuple(ends), tuple(relaxed))

    def list_step_targets(self, settled: SettledEffects, layout: Layout) -> list[Row]:
        """The targets of each step: its rows of `journey/steps` and `journey/waypoints`, and its limits."""
        steps = self.transaction.rows("journey/steps", effects=settled.effects, **layout.steps_params)
        waypoints = self.transaction.rows(
            "journey/waypoints", steps=steps, profile=settled.profile, words=settled.words, effects=settled.effects
        )
        return [
            {**step, **waypoint, **make_limits(settled.select_stage(step["stage"]), layout, step["longest"])}
            for step, waypoint in zip(steps, waypoints, strict=True)
        ]

    def find_shortlists(
        self, case: Case, settled: SettledEffects, layout: Layout, scope: SearchScope
    ) -> list[Shortlist]:
        """The waypoints of a layout, each with the tracks that the rules allow there."""
        asked = self.list_step_targets(settled, layout)
        looked = case.facts.candidates * (BARRED_FACTOR if any(one["barred"] for one in asked) else 1)
        numbers = layout.make_params(looked, scope.keep_factor * case.facts.found)
        rows = (
            self.transaction.rows("journey/candidates_exact", waypoints=asked, kept=numbers["kept"])
            if scope.is_exact
            else self.search.find_rows("journey/candidates", self.transaction, waypoints=asked, **numbers)
        )
        return [make_shortlist(one, settled, row["tracks"]) for one, row in zip(asked, rows, strict=True)]

    def read_played(self, steps: Sequence[Step]) -> tuple[Candidate, ...]:
        """The tracks of steps that were played; NoJourney when one of them is no longer known."""
        if not steps:
            return ()
        rows = {row["id"]: row for row in self.transaction.rows("browse/tracks", ids=[step.track_id for step in steps])}
        if any(step.track_id not in rows for step in steps):
            error = NoJourney("journey", "a track that was played is not known any more", "Plan a new journey")
            raise error.set_patterns("fault-played-gone", "repair-played-gone")
        return tuple(_make_candidate(step, rows[step.track_id]) for step in steps)

    def read_traits(self, ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """Track id -> ids of its traits, which rules may bar."""
        return {row["id"]: tuple(row["traits"]) for row in self.transaction.rows("browse/tracks", ids=list(ids))}

    def find_nearly_held(self, case: Case, within: float) -> list[NearlyHeldRule]:
        """Rules that would hold with scores higher by at most `within`, nearest first."""
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
        given = {"goal": goal, "within": within, "without": [*self.without, *without]}
        return list(self.transaction.rows("journey/holding_rules", **signs.params, **given))

    def are_tracks(self, ids: Collection[str]) -> bool:
        """Whether each id is of a track, forgotten ones included."""
        return not ids or len(self.transaction.rows("browse/tracks", ids=sorted(ids))) == len(set(ids))

    def read_sources(self, ids: Sequence[str]) -> dict[str, str | None]:
        """Track id -> source of a listener's own track."""
        return {row["id"]: row["source"] for row in self.transaction.rows("library/sources", ids=list(ids))}


def _make_candidate(step: Step, track: Row) -> Candidate:
    """The candidate of a step that was planned before, with its track's facts from the graph."""
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
        instrument=track["instrument"] or "",
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


def _make_text(row: Row) -> SpokenText:
    choices = (
        TextChoice(choice["id"], _read_languages(choice["texts"]), tuple(choice["declares"]))
        for choice in row["choices"]
    )
    return SpokenText(row["id"], _read_languages(row["texts"]), tuple(choices))


def _read_languages(texts: Sequence[Row]) -> dict[str, str]:
    """Language -> words, of properties such as {name: "text_zh", text: ...}."""
    return {text["name"].partition("_")[2] or ENGLISH: text["text"] for text in texts}
