"""What the graph knows, as values: a method a query of a journey, and the only place where its rows become values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.errors import NoJourney, UsageError
from engine.graph import Answers, Row
from engine.held_rules import Claim, Effect, Evidence, HeldRule, Named, Numbers, Text, TextChoice
from engine.journey import Bound, Candidate, Leaning, Request, Shortlist, Step, Waypoint
from engine.order.layout import Layout
from engine.order.sequence import Preferences
from engine.reasoning.facts import Case, Facts
from engine.reasoning.reading import Signs
from engine.reasoning.search import Search
from engine.reasoning.text_query import Wish
from engine.store.version import Version


@dataclass(frozen=True, slots=True)
class Meant:
    """What a choice of a question means."""

    goal: str | None
    feels: tuple[str, ...]
    """Emotions."""
    declares: tuple[str, ...]
    """Contexts and other signs."""


@dataclass(frozen=True, slots=True)
class ProfilePoint:
    """What is asked of a cue at one end of the way, in its unit."""

    cue: str
    point: str
    """start, via or goal"""
    low: float
    best: float
    high: float
    depth: float
    """How much of the way from the goal back to the feeling is mirrored, 0..1."""


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
    """How far tracks are looked for."""

    exactly: bool
    """Every track is compared; else the vector index is asked."""
    window: float
    """Around a waypoint: 1 is usual, infinity anywhere."""
    relaxed: tuple[str, ...] = ()
    """Rules whose bounds are let go."""


@dataclass(frozen=True, slots=True)
class Knowledge:
    """Asked in one read transaction, with the search for tracks beside it."""

    asking: Answers
    search: Search

    def contexts(self) -> list[str]:
        """Ids of the contexts that a person can declare."""
        return [row["id"] for row in self.asking.rows("journey/contexts")]

    def choice(self, id_: str) -> Meant | None:
        """What a choice of a question means; None when no question offers it."""
        rows = self.asking.rows("journey/choice", choice=id_)
        return Meant(rows[0]["goal"], tuple(rows[0]["feels"]), tuple(rows[0]["declares"])) if rows else None

    def facts(self, request: Request, wish: Wish | None = None) -> Facts:
        """What the request stands on; UsageError when its goal is none."""
        [row] = self.asking.rows("journey/facts", goal=request.goal)
        goals = tuple(goal["id"] for goal in row["goals"])
        if row["goal"] is None:
            raise UsageError("--goal", "is none of the goals", f"Choose from: {', '.join(goals)}")
        settings = {setting["id"]: setting["value"] for setting in row["settings"]}
        version = Version.of(row["version"])
        total = 60.0 * (request.minutes or row["goal"]["minutes_best"])
        return Facts(
            goals=goals,
            version=version,
            wishes=Preferences.of(settings),
            units={cue["id"]: cue["unit"] for cue in row["cues"]},
            total=total,
            shares={stage["id"]: stage["share"] for stage in row["stages"]},
            layout=Layout.first(total, row["median_seconds"]),
            # Those left out are looked at all the same, and must not stand in for others.
            candidates=round(settings["candidates-per-waypoint"]) + len(request.exclude),
            kept=round(settings["kept-per-waypoint"]) + len(request.exclude),
            like=wish.among(version) if wish else None,
            fewest=round(settings["fewest-candidates"]),
        )

    def rules(self, signs: Signs, goal: str) -> tuple[HeldRule, ...]:
        """The rules that hold for these signs, first in effect first."""
        rows = self.asking.rows("journey/holding_rules", **signs.params, goal=goal, without=[])
        return tuple(_rule(row) for row in rows)

    def texts(self, ids: Sequence[str]) -> list[Text]:
        """What notices and questions say, in the order asked, each once."""
        once = list(dict.fromkeys(ids))
        rows = {row["id"]: row for row in self.asking.rows("journey/texts", ids=once)}
        return [_text(rows[id_]) for id_ in once]

    def shortlists(self, case: Case, rules: Sequence[HeldRule], layout: Layout, reach: Reach) -> list[Shortlist]:
        """The waypoints that these rules lay out, each with the tracks that they allow there."""
        params = candidate_params(case, rules, layout, reach)
        rows = (
            self.asking.rows("journey/candidates_exact", **params)
            if reach.exactly
            else self.search.rows("journey/candidates", self.asking, **params)
        )
        return [shortlist_of(row) for row in rows]

    def played(self, steps: Sequence[Step]) -> tuple[Candidate, ...]:
        """The tracks of steps that were played; NoJourney where one of them is not known any more."""
        if not steps:
            return ()
        rows = {row["id"]: row for row in self.asking.rows("browse/tracks", ids=[step.track_id for step in steps])}
        if any(step.track_id not in rows for step in steps):
            raise NoJourney("journey", "a track that was played is not known any more", "Plan a new journey")
        return tuple(_played(step, rows[step.track_id]) for step in steps)

    def profile(self, case: Case) -> list[ProfilePoint]:
        """What is asked of each cue where the journey begins, where it passes and where it ends."""
        given = {**case.signs.params, "goal": case.request.goal, "rules": [rule.id for rule in case.in_force]}
        rows = self.asking.rows("journey/settled_profile", **given, relaxed=[])
        return [ProfilePoint(**row) for row in rows]

    def nearly_held(self, case: Case, within: float) -> list[NearlyHeld]:
        """Rules that lack no more than this of a score, nearest first."""
        rows = self.asking.rows("journey/nearly_held", **case.signs.params, goal=case.request.goal, within=within)
        return [
            NearlyHeld(**{**row, "missing": tuple(row["missing"]), "defeated": tuple(row["defeated"])}) for row in rows
        ]

    def sources(self, ids: Sequence[str]) -> dict[str, str | None]:
        """Track id -> what a listener's own track is played from."""
        return {row["id"]: row["source"] for row in self.asking.rows("library/sources", ids=list(ids))}


def candidate_params(case: Case, rules: Sequence[HeldRule], layout: Layout, reach: Reach) -> Row:
    """Params of `journey/candidates` and of its exact twin."""
    return {
        **case.signs.params,
        "goal": case.request.goal,
        "rules": [rule.id for rule in rules],
        **layout.params(case.facts.candidates, case.facts.kept),
        "like": case.facts.like,
        "reach": reach.window,
        "relaxed": reach.relaxed,
    }


def shortlist_of(row: Row) -> Shortlist:
    """A row of `journey/candidates`."""
    asked = {ask["cue"]: Leaning(ask["low"], ask["best"], ask["high"], ask["weight"]) for ask in row["asked"]}
    waypoint = Waypoint(
        row["position"],
        row["stage"],
        row["leg"],
        row["progress"],
        asked["valence"].best,
        asked["arousal"].best,
        asked,
        {bound["cue"]: Bound(bound["low"], bound["high"]) for bound in row["bounds"]},
        tuple(row["rule_ids"]),
        row["weigh_similarity"],
    )
    return Shortlist(waypoint, tuple(_candidate(waypoint.position, track) for track in row["tracks"]))


def _candidate(position: int, track: Row) -> Candidate:
    return Candidate(
        position,
        track["track_id"],
        track["work_id"],
        track["artist_id"],
        track["similarity"],
        track["cue_fit"],
        track["seconds"],
        track["cues"],
        track["valence"],
        track["arousal"],
        tuple(track["rule_ids"]),
        track["title"],
        track["artist"],
    )


def _played(step: Step, track: Row) -> Candidate:
    """A step as it was planned, with what the graph knows of its track."""
    known = {"similarity": step.similarity, "cue_fit": step.cue_fit, "rule_ids": step.rule_ids}
    return _candidate(step.position, {**track, "track_id": step.track_id, **known})


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
    return HeldRule(id_, row["label"], definition, row["tier"], stages, effects, claims, row["overridden_by"])


def _text(row: Row) -> Text:
    choices = (TextChoice(**{**choice, "declares": tuple(choice["declares"])}) for choice in row["choices"])
    return Text(row["id"], row["text"], row["text_zh"], tuple(choices))
