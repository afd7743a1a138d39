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
from engine.graph import Answers, Row
from engine.held_rules import Claim, Effect, Evidence, HeldRule, Named, Numbers, Text, TextChoice, Tier
from engine.journey import Candidate, Request, Shortlist, Step
from engine.order.layout import Layout
from engine.order.sequence import Preferences
from engine.reasoning.facts import Case, Facts
from engine.reasoning.reading import Signs
from engine.reasoning.search import Finding
from engine.reasoning.text_query import Wish
from engine.reasoning.waypoints import Settled, limits, shortlist_of
from engine.store.version import Version

BARRED_MORE: Final = 2
"""How many times as many tracks the index looks at where some fall out of what it finds, as their traits are barred."""


@dataclass(frozen=True, slots=True)
class Meant:
    """What a choice of a question means."""

    goal: str | None
    feels: tuple[str, ...]
    """Emotions."""
    declares: tuple[str, ...]
    """Contexts and other signs."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a rule says to the person by one of its effects."""

    rule_id: str
    tier: Tier
    of: tuple[str, ...]
    """Ids of notices, or of a question."""


@dataclass(frozen=True, slots=True)
class NearlyHeld:
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
class Reach:
    """How tracks are looked for."""

    exactly: bool
    """Every track is compared; else the vector index is asked."""
    more: int = 1
    """How many times as many are kept as usual."""
    relaxed: tuple[str, ...] = ()
    """Rules whose bounds are let go."""


@dataclass(frozen=True, slots=True)
class Knowledge:
    """Asked in one read transaction, with the search for tracks beside it."""

    asking: Answers
    search: Finding
    without: tuple[str, ...] = ()
    """Rules that are taken out of every answer."""

    def contexts(self) -> list[str]:
        """Ids of the contexts that a person can declare."""
        return [row["id"] for row in self.asking.rows("browse/contexts")]

    def choice(self, id_: str) -> Meant | None:
        """What a choice of a question means; None when no question offers it."""
        rows = self.asking.rows("asking/choice", choice=id_)
        return Meant(rows[0]["goal"], tuple(rows[0]["feels"]), tuple(rows[0]["declares"])) if rows else None

    def facts(self, request: Request, wish: Wish | None = None) -> Facts:
        """What the request stands on; UsageError when its goal is none."""
        [row] = self.asking.rows("journey/facts", goal=request.goal)
        goals = tuple(goal["id"] for goal in row["goals"])
        if row["goal"] is None:
            raise UsageError("--goal", "is none of the goals", f"Choose from: {', '.join(goals)}")
        settings = {setting["id"]: setting["value"] for setting in row["settings"]}
        version = Version.of(row["version"])
        return Facts(
            goals=goals,
            version=version,
            wishes=Preferences.of(settings),
            units={cue["id"]: cue["unit"] for cue in row["cues"]},
            minutes=row["goal"]["minutes_best"],
            shares={stage["id"]: stage["share"] for stage in row["stages"]},
            usual=row["median_seconds"],
            # Those left out are looked at all the same, and must not stand in for others.
            candidates=round(settings["candidates-per-waypoint"]) + len(request.exclude),
            kept=round(settings["kept-per-waypoint"]) + len(request.exclude),
            like=wish.among(version) if wish else None,
            fewest=round(settings["fewest-candidates"]),
        )

    def rules(self, signs: Signs, goal: str, without: Sequence[str] = ()) -> tuple[HeldRule, ...]:
        """The rules that hold for these signs, first in effect first; `without` some that are taken out."""
        rows = self._holding(signs, goal, 0.0, without)
        held = [row for row in rows if row["holds"]]
        told = self.asking.rows("journey/rules", ids=[row["rule_id"] for row in held])
        return tuple(_rule({**row, **said}) for row, said in zip(held, told, strict=True))

    def held(self, signs: Signs, goal: str) -> tuple[tuple[str, tuple[str, ...], str | None], ...]:
        """The rules that hold, as (id, signs that it holds for, what overrides it), first in effect first."""
        rows = self._holding(signs, goal, 0.0)
        return tuple((r["rule_id"], tuple(r["signs"]), r["overridden_by"]) for r in rows if r["holds"])

    def said(self, kind: str, rules: Sequence[HeldRule]) -> list[Said]:
        """What these rules say to the person by one kind of effect (Ask, Hold or Notify), first what speaks first."""
        rows = self.asking.rows("asking/said", rules=[rule.id for rule in rules])
        return [Said(row["rule_id"], row["tier"], tuple(row["of"])) for row in rows if row["kind"] == kind]

    def texts(self, ids: Sequence[str]) -> list[Text]:
        """What notices and questions say, in the order asked, each once."""
        once = list(dict.fromkeys(ids))
        rows = {row["id"]: row for row in self.asking.rows("asking/texts", ids=once)}
        return [_text(rows[id_]) for id_ in once]

    def settled(self, case: Case, rules: Sequence[HeldRule], relaxed: Sequence[str] = ()) -> Settled:
        """What these rules come to, without the bounds of those that are relaxed."""
        ask = self.asking.rows
        holding = [{"rule_id": rule.id, "signs": rule.signs} for rule in rules]
        ids = [rule.id for rule in rules]
        effects = ask("journey/effects", rules=ids, relaxed=list(relaxed))
        signs = ask("journey/mirrored", **case.signs.params, holding=holding)
        ends = ask("journey/ends", signs=signs, goal=case.request.goal, effects=effects)
        depths = ask("journey/depths", signs=signs, effects=effects)
        profile = ask("journey/profile", depths=depths, ends=ends, effects=effects)
        words = ask("journey/words", depths=depths, ends=ends, effects=effects, rules=ids, like=case.facts.like)
        return Settled(tuple(effects), tuple(depths), tuple(profile), tuple(words), tuple(ends), tuple(relaxed))

    def asked(self, settled: Settled, layout: Layout) -> list[Row]:
        """What is asked of each step: its rows of `journey/steps` and `journey/waypoints`, and what it may not pass."""
        steps = self.asking.rows("journey/steps", effects=settled.effects, **layout.steps_params)
        waypoints = self.asking.rows(
            "journey/waypoints", steps=steps, profile=settled.profile, words=settled.words, effects=settled.effects
        )
        return [
            {**step, **waypoint, **limits(settled.here(step["stage"]), layout, step["longest"])}
            for step, waypoint in zip(steps, waypoints, strict=True)
        ]

    def shortlists(self, case: Case, settled: Settled, layout: Layout, reach: Reach) -> list[Shortlist]:
        """The waypoints of a layout, each with the tracks that the rules allow there."""
        asked = self.asked(settled, layout)
        looked = case.facts.candidates * (BARRED_MORE if any(one["barred"] for one in asked) else 1)
        numbers = layout.params(looked, reach.more * case.facts.kept)
        rows = (
            self.asking.rows("journey/candidates_exact", waypoints=asked, kept=numbers["kept"])
            if reach.exactly
            else self.search.rows("journey/candidates", self.asking, waypoints=asked, **numbers)
        )
        return [shortlist_of(one, settled, row["tracks"]) for one, row in zip(asked, rows, strict=True)]

    def played(self, steps: Sequence[Step]) -> tuple[Candidate, ...]:
        """The tracks of steps that were played; NoJourney where one of them is not known any more."""
        if not steps:
            return ()
        rows = {row["id"]: row for row in self.asking.rows("browse/tracks", ids=[step.track_id for step in steps])}
        if any(step.track_id not in rows for step in steps):
            raise NoJourney("journey", "a track that was played is not known any more", "Plan a new journey")
        return tuple(_played(step, rows[step.track_id]) for step in steps)

    def traits(self, ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """Track id -> ids of what it has that a rule may bar."""
        return {row["id"]: tuple(row["traits"]) for row in self.asking.rows("browse/tracks", ids=list(ids))}

    def nearly_held(self, case: Case, within: float) -> list[NearlyHeld]:
        """Rules that lack no more than this of a score, nearest first."""
        rows = self._holding(case.signs, case.request.goal, within)
        nearly = [
            NearlyHeld(row["rule_id"], row["label"], max(0.0, -row["margin"]), (*row["missing"],), (*row["defeated"],))
            for row in rows
            if not row["holds"]
        ]
        return sorted(nearly, key=lambda one: (one.short, one.rule_id))

    def _holding(self, signs: Signs, goal: str, within: float, without: Sequence[str] = ()) -> list[Row]:
        given = {"goal": goal, "within": within, "without": [*self.without, *without]}
        return list(self.asking.rows("journey/holding_rules", **signs.params, **given))

    def sources(self, ids: Sequence[str]) -> dict[str, str | None]:
        """Track id -> what a listener's own track is played from."""
        return {row["id"]: row["source"] for row in self.asking.rows("library/sources", ids=list(ids))}


def _played(step: Step, track: Row) -> Candidate:
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


def _rule(row: Row) -> HeldRule:
    effects = tuple(
        Effect(effect["kind"], tuple(Named(**of) for of in effect["of"]), Numbers(**effect["numbers"]))
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


def _text(row: Row) -> Text:
    choices = (TextChoice(**{**choice, "declares": tuple(choice["declares"])}) for choice in row["choices"])
    return Text(row["id"], row["text"], row["text_zh"], tuple(choices))
