"""The main path: from a person's words to a journey, with its reasons. Read `Planner.plan` first."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any
from uuid import uuid4

from engine import explain
from engine.account import account
from engine.asking import Row, answered, before_music, effects, said
from engine.errors import NoJourney, UsageError
from engine.gate import Gate
from engine.graph import Answers, Graph
from engine.journey import Answer, Candidate, Reading, Request, Step, Waypoint
from engine.queries import Queries
from engine.reading import SOMETHING_ELSE, Reader, signs_of
from engine.sequence import Order, Preferences, StepLimit, best_order, quality
from engine.wish import Wish, Wishes

FEWEST_STEPS = 5
"""Five steps win over the minutes (design.md, what a caller gets)."""
OUTSIDE_DOSE = "minutes-outside-trials"
"""Notice of ontology/rules.owl for minutes that a rule's dose does not hold: the listener's win, and are told so."""
CROWDED = 0.75
"""With steps shorter than this share of the usual track, long tracks are left out of the search."""


@dataclass(frozen=True, slots=True)
class Planner:
    """Everything a journey needs, behind doors that open when they are first needed."""

    gate: Gate
    open_reader: Callable[[], Reader]
    """What reads the words; asked for only after the gate let them pass, so that no fault of a model delays help."""
    graph: Callable[[], Graph]
    """A graph that holds the ontology and the tracks; asked for only after the gate let the words pass."""
    queries: Queries
    wishes: Wishes
    region: str | None = None

    @property
    def reader(self) -> Reader:
        return self.open_reader()

    def plan(self, request: Request) -> Answer:
        """Support, withheld, a question or a journey, in this order; NoJourney when the rules leave no music."""
        gated = self.gate.check_all((request.text, request.like))
        blank = Answer("question", str(uuid4()), request.seed, request.goal, (), None)
        if gated is not None and gated.hit:
            return replace(blank, outcome="support", support=self.gate.support(gated, self.region))
        reading = self.reader.read(
            request.text, "passed" if gated else "not_run", gated.markers if gated else (), request.feel
        )
        wish = self.wishes.of(request.like, "--like") if request.like is not None else None
        graph = self.graph()
        with graph.reading() as asking:
            language = gated.language if gated else "en"
            answer = self.reasoned(asking, request, reading, wish, language, blank, graph.version)
        if answer.outcome == "journey":
            keep(graph, self.queries, answer)
        return answer

    def reasoned(
        self,
        graph: Answers,
        request: Request,
        reading: Reading,
        wish: Wish | None,
        language: str,
        blank: Answer,
        server: str,
    ) -> Answer:
        """The answer as the graph reasons it out, in one read transaction; `blank` with all that was found.

        A chain of two statements, cut where an outcome can be told before any track is looked at: which rules hold,
        then from these rules to the candidates of every waypoint. Only ids of rules go from one to the other.
        """
        understood = answered(graph, self.queries, self.reader, request, reading)
        request, reading = understood.request, understood.reading
        signs = signs_of(self.reader, reading, understood.feelings, understood.declared)
        facts = Facts.of(graph, self.queries, request, wish)
        rules = graph.rows(self.queries["journey/holding_rules"], **signs, goal=request.goal, without=[])
        told = tuple(explain.rule_json(row, facts.units) for row in rules)
        provenance = self.provenance(facts, server)
        blank = replace(blank, goal=request.goal, reading=reading, rules=told, provenance=provenance)
        if first := before_music(graph, self.queries, self.reader, understood, rules, blank, language):
            return first
        waypoints, order, relaxed = self.ordered(graph, request, facts, signs, rules)
        return replace(
            blank,
            outcome="journey",
            notices=(*self.notices(graph, request, facts, rules, order), *relaxed),
            stages=staged(waypoints, order, rules),
            quality=quality(waypoints, order.picks, order.share_of_bound),
            explanation=self.explained(graph, request, reading, facts, signs, rules, waypoints, order),
        )

    def ordered(
        self, graph: Answers, request: Request, facts: Facts, signs: Row, rules: Sequence[Row]
    ) -> tuple[list[Waypoint], Order, list[dict[str, str]]]:
        """The waypoints, the best order of tracks over them, and what had to be let go for it.

        Asks the filtered vector index near each waypoint, then farther. A filtered graph search may stop early where
        few tracks pass, so the exact query is asked before bounds that are no safety rule are let go. NoJourney names
        the rules in the way.
        """
        holding = [row for row in rules if not row["overridden_by"]]
        asked = {**signs, "goal": request.goal, "rules": [row["rule_id"] for row in holding], **facts.search}
        limits = partial(step_limits, holding)
        loose = [row["rule_id"] for row in holding if row["tier"] != "safety" and effects(row, "Bound")]
        near, far, anywhere = 1.0, 2.0, float("inf")
        attempts: list[tuple[str, float, list[str]]] = [
            ("journey/candidates", near, []),
            ("journey/candidates", far, []),
            ("journey/candidates_exact", far, []),
            ("journey/candidates_exact", anywhere, []),
            *([("journey/candidates_exact", anywhere, loose)] if loose else []),
        ]
        for query, reach, relaxed in attempts:
            rows = graph.rows(self.queries[query], **asked, reach=reach, relaxed=relaxed)
            last = (query, reach, relaxed) == attempts[-1]
            if min(len(row["tracks"]) for row in rows) < (1 if reach == anywhere else facts.fewest) and not last:
                continue
            waypoints = [waypoint_of(row) for row in rows]
            candidates = [candidate_of(row, track) for row in rows for track in row["tracks"]]
            text = f"Too few tracks kept the bounds of {', '.join(relaxed)}; they were let go."
            try:
                order = best_order(waypoints, candidates, facts.wishes, limits(waypoints), facts.total, request.seed)
            except NoJourney as error:
                if last:
                    raise NoJourney(
                        error.place, f"{error.fault} under {emptying(rows, holding)}", error.repair
                    ) from error
                continue
            return waypoints, order, [{"id": "bounds-relaxed", "text": text}] if relaxed else []
        raise AssertionError("the last attempt returns or raises")

    def notices(
        self, graph: Answers, request: Request, facts: Facts, rules: Sequence[Row], order: Order
    ) -> list[dict[str, str]]:
        """What the rules say to the listener, safety first, then what the plan itself must own up to."""
        holding = [row for row in rules if not row["overridden_by"]]
        ids = [of["id"] for row in holding for effect in effects(row, "Notify") for of in effect["of"]]
        told = [{"id": text["id"], "text": text["text"]} for text in said(graph, self.queries, ids)]
        if not request.goal_chosen:
            others = ", ".join(goal["id"] for goal in facts.goals if goal["id"] != request.goal)
            told.append(
                {
                    "id": "goal-not-chosen",
                    "text": f"The journey leads to {request.goal}; choose {others} if that is better for you.",
                }
            )
        doses = [e["numbers"] for row in holding for e in effects(row, "Dose") if e["numbers"]["minutes_low"]]
        if any(not dose["minutes_low"] <= facts.total / 60 <= dose["minutes_high"] for dose in doses):
            told += [{"id": text["id"], "text": text["text"]} for text in said(graph, self.queries, [OUTSIDE_DOSE])]
        if request.answer == SOMETHING_ELSE:
            text = "No feeling was mirrored, since none was named. Name one with --feel to begin there."
            told.append({"id": "feeling-not-read", "text": text})
        if request.like is not None:
            text = (
                "Your wish for the sound coloured the choice among the tracks that the rules allow; it is not stored."
            )
            told.append({"id": "liked", "text": text})
        if not order.fills_time:
            minutes, asked = sum(pick.seconds for pick in order.picks) / 60, facts.total / 60
            text = f"It takes {minutes:.0f} minutes: {facts.steps} fitting tracks do not come closer to {asked:.0f}."
            told.append({"id": "minutes-missed", "text": text})
        return told

    def explained(
        self,
        graph: Answers,
        request: Request,
        reading: Reading,
        facts: Facts,
        signs: Row,
        rules: Sequence[Row],
        waypoints: Sequence[Waypoint],
        order: Order,
    ) -> dict[str, Any]:
        """The full account, replays with one rule off included; nothing unless it was asked for."""
        if not request.explain:
            return {}

        def replay(held: Sequence[Row]) -> tuple[list[Waypoint], Order]:
            return self.ordered(graph, request, facts, signs, held)[:2]

        return account(graph, self.queries, self.reader, reading, signs, request.goal, rules, waypoints, order, replay)

    def provenance(self, facts: Facts, server: str) -> dict[str, Any]:
        """Versions and checksums of everything that decided, and whether a wish did; never its words."""
        model, version = self.reader.model.card, facts.version
        return {
            "ontology_version": version["version_info"],
            "version": version["id"],
            "ontology_sha256": version["ontology_sha256"],
            "emotion_model": {"name": model.name, "sha256": model.sha256},
            "embedding_model": {"name": version["embedding_model"], "sha256": version["embedding_sha256"]},
            "neo4j": server,
            **({"like": True} if facts.search["like"] else {}),
        }


def keep(graph: Graph, queries: Queries, answer: Answer) -> None:
    """Stores the journey, its steps, reasons and versions; nothing of what the person wrote or felt."""
    measures = {k: v for k, v in asdict(answer.quality).items() if v is not None} if answer.quality else {}
    steps = [
        {
            "position": s.position,
            "stage": s.stage,
            "track_id": s.track_id,
            "rule_ids": list(s.rule_ids),
            "because": s.because,
            "similarity": s.similarity,
            "cue_fit": s.cue_fit,
        }
        for s in answer.steps
    ]
    models = {f"{name}_sha256": answer.provenance[name]["sha256"] for name in ("emotion_model", "embedding_model")}
    minutes = sum(step.seconds for step in answer.steps) / 60
    journey = {"id": answer.id, "seed": answer.seed, "goal": answer.goal, "minutes": minutes, **measures}
    journey |= {"liked": True} if "like" in answer.provenance else {}
    graph.write(lambda tx: tx.rows(queries["journey/keep"], journey=journey, models=models, steps=steps))


@dataclass(frozen=True, slots=True)
class Facts:
    """What the graph says of the goal, the music at hand and the numbers of search and order."""

    goals: Sequence[Row]
    version: Row
    wishes: Preferences
    units: Mapping[str, str]
    """Cue id -> unit."""
    total: float
    """Length asked for, s."""
    steps: int
    search: Mapping[str, Any]
    """Params of the candidates' queries: steps, mean seconds, longest track, candidates for each waypoint, the wish."""
    fewest: int
    """With fewer candidates than this at a waypoint the search goes farther."""

    @classmethod
    def of(cls, graph: Answers, queries: Queries, request: Request, wish: Wish | None = None) -> Facts:
        row = graph.rows(queries["journey/facts"], goal=request.goal)[0]
        if row["goal"] is None:
            raise UsageError(
                "--goal",
                f"{request.goal!r} is no goal",
                f"Choose from: {', '.join(goal['id'] for goal in row['goals'])}",
            )
        settings = {setting["id"]: setting["value"] for setting in row["settings"]}
        total = 60.0 * (request.minutes or row["goal"]["minutes_best"])
        steps = max(FEWEST_STEPS, round(total / row["median_seconds"]))
        crowded = total / steps < CROWDED * row["median_seconds"]
        return cls(
            goals=row["goals"],
            version=row["version"],
            wishes=Preferences.of(settings),
            units={cue["id"]: cue["unit"] for cue in row["cues"]},
            total=total,
            steps=steps,
            search={
                "steps": steps,
                "seconds": total / steps,
                "longest": total / steps / CROWDED if crowded else float("inf"),
                "candidates": max(round(settings["candidates-per-waypoint"]), 4 * steps),
                "kept": max(round(settings["kept-per-waypoint"]), 2 * steps),
                "like": wish.among(row["version"]) if wish else None,
            },
            fewest=round(settings["fewest-candidates"]),
        )


def emptying(rows: Sequence[Row], holding: Sequence[Row]) -> str:
    """The rules that left waypoints without a track, or kept the order from closing, as text."""
    hard = {"Bound", "Bar", "Dose", "StepLimit"}
    limiting = {row["rule_id"] for row in holding if hard & {effect["kind"] for effect in row["effects"]}}
    empty = {str(row["position"]): limiting & set(row["rule_ids"]) for row in rows if not row["tracks"]}
    told = [f"{', '.join(sorted(rules))} (step {step})" for step, rules in empty.items()]
    return "; ".join(told) or ", ".join(sorted(limiting))


def waypoint_of(row: Row) -> Waypoint:
    asked = {ask["cue"]: ask for ask in row["asked"]}
    return Waypoint(
        row["position"],
        row["stage"],
        row["leg"],
        row["progress"],
        asked["valence"]["best"],
        asked["arousal"]["best"],
        asked,
        {bound["cue"]: bound for bound in row["bounds"]},
        tuple(row["rule_ids"]),
        row["weigh_similarity"],
    )


def candidate_of(row: Row, track: Row) -> Candidate:
    return Candidate(
        row["position"],
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


def step_limits(holding: Sequence[Row], waypoints: Sequence[Waypoint]) -> list[StepLimit]:
    """The limits between neighbours that rules set, each for the steps of its stages."""
    return [
        StepLimit(
            row["rule_id"],
            effect["of"][0]["id"],
            effect["numbers"]["at_most"],
            effect["numbers"]["direction"] == "up",
            frozenset(w.position for w in waypoints if {w.stage, "every-stage"} & set(row["stages"])),
        )
        for row in holding
        for effect in effects(row, "StepLimit")
    ]


def staged(
    waypoints: Sequence[Waypoint], order: Order, rules: Sequence[Row]
) -> tuple[tuple[str, tuple[Step, ...]], ...]:
    """The steps of each stage, every one with the rules that allowed it and its reason.

    A rule is named in the reason of the first step it speaks at; safety rules, which hold throughout, stand apart.
    """
    labels = {row["rule_id"]: row["label"] for row in rules if row["tier"] != "safety"}
    steps: list[Step] = []
    before: Candidate | None = None
    for waypoint, pick in zip(waypoints, order.picks, strict=True):
        told = {rule for step in steps for rule in step.rule_ids}
        new = [labels[rule] for rule in pick.rule_ids if rule in labels and rule not in told]
        steps.append(
            Step(
                waypoint.position,
                waypoint.stage,
                pick.track_id,
                pick.title,
                pick.artist,
                pick.seconds,
                pick.cues,
                pick.valence,
                pick.arousal,
                round(pick.similarity, 4),
                round(pick.cue_fit, 4),
                pick.rule_ids,
                explain.because(pick, before, waypoint, new, [step.because for step in steps]),
            )
        )
        before = pick
    return tuple(
        (stage, tuple(s for s in steps if s.stage == stage)) for stage in dict.fromkeys(s.stage for s in steps)
    )
