"""From rules that hold to tracks in order: steps are laid out, tracks looked for, the best order of them taken.

Read `best`: lengths of tracks decide how many steps fill the minutes, and which tracks are near depends on the steps.
So a layout is tried, and where its tracks do not fill the minutes, what was found says which layout is tried next.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count

from engine.errors import NoJourney
from engine.held_rules import HeldRule
from engine.journey import Candidate, Shortlist, Waypoint
from engine.order.layout import Layout
from engine.order.sequence import Order, StepLimit, find_best_order
from engine.reasoning.facts import Case
from engine.reasoning.knowledge import Knowledge, SearchScope
from engine.reasoning.waypoints import SettledEffects

MAX_LAYOUTS = 5
"""Layouts that are tried before the one nearest to the minutes is taken."""
KEEP_FACTOR = 4
"""How many times as many tracks a waypoint keeps where the best alone do not go together."""


@dataclass(frozen=True, slots=True)
class OrderedJourney:
    """Tracks in order over their waypoints."""

    shortlists: list[Shortlist]
    """The waypoints, each with the tracks that it was ordered from."""
    order: Order
    settled: SettledEffects
    """What the rules came to: the rows that decided."""
    total: float
    """Length asked for, by the person or else by goal and rules, s."""

    @property
    def waypoints(self) -> list[Waypoint]:
        return [shortlist.waypoint for shortlist in self.shortlists]

    @property
    def rank(self) -> tuple[bool, bool, float]:
        """Smaller is better: minutes filled, stages that keep their shares, near to the minutes."""
        return not self.order.fills_time, not self.order.keeps_shares, self.order.time_error


@dataclass(frozen=True, slots=True)
class Sequencer:
    """Puts tracks in order for one request."""

    knowledge: Knowledge
    case: Case
    head: Sequence[Candidate] = ()
    """Tracks of the first steps, which stay as they are: those that were played already."""

    def find_best(self, rules: Sequence[HeldRule]) -> OrderedJourney:
        """The first order under these rules that fills the minutes with stages in their shares, else the nearest one.

        NoJourney names the rules in the way.
        """
        facts, settled = self.case.facts, self.knowledge.settle_effects(self.case, rules)
        total = 60 * (self.case.request.minutes or settled.choose_minutes(facts.minutes))
        layouts, best = [Layout.guess(total, facts.usual_seconds)], None
        fault = NoJourney("journey", "no track is left", "Add music")
        for number in count():
            if number == len(layouts):
                break
            layout, following = layouts[number], None
            try:
                for shortlists, reached, last in self._widen_search(layout, settled, rules):
                    following = layout.fit(shortlists, facts.shares)
                    new = following not in layouts and len(layouts) < MAX_LAYOUTS
                    if new and not layout.suits(shortlists):
                        break
                    if (ordered := self._order_tracks(layout, rules, shortlists, reached, last)) is None:
                        continue
                    best = min((found for found in (best, ordered) if found), key=lambda found: found.rank)
                    break
            except NoJourney as error:
                fault = error
                following = layout.unlimited
            if best and best.order.fills_time and best.order.keeps_shares:
                break
            if following and following not in layouts and len(layouts) < MAX_LAYOUTS:
                layouts.append(following)
        if best is None:
            raise fault
        return best

    def _widen_search(
        self, layout: Layout, settled: SettledEffects, rules: Sequence[HeldRule]
    ) -> Iterator[tuple[list[Shortlist], SettledEffects, bool]]:
        """Every waypoint with its tracks, what the rules came to, and whether these are the last.

        Asks the filtered vector index. It may stop early where few tracks pass, and the best may not go together: then
        every track is compared and more are kept, before bounds that are no safety rule are let go.
        """
        loose = tuple(rule.id for rule in rules if rule.tier != "safety" and rule.list_effects("Bound"))
        reaches = [
            SearchScope(False),
            SearchScope(True, KEEP_FACTOR),
            *([SearchScope(True, KEEP_FACTOR, loose)] if loose else []),
        ]
        for reach in reaches:
            if reach.relaxed:
                settled = self.knowledge.settle_effects(self.case, rules, reach.relaxed)
            shortlists = [
                self._filter_tracks(one) for one in self.knowledge.find_shortlists(self.case, settled, layout, reach)
            ]
            last = reach == reaches[-1]
            fewest = 1 if reach.is_exact else self.case.facts.min_candidates
            if last or all(len(shortlist.tracks) >= fewest for shortlist in shortlists[len(self.head) :]):
                yield shortlists, settled, last

    def _filter_tracks(self, shortlist: Shortlist) -> Shortlist:
        """The shortlist as the track that was played there, or without those that are left out."""
        if (position := shortlist.waypoint.position) <= len(self.head):
            return replace(shortlist, tracks=(self.head[position - 1],))
        kept = tuple(track for track in shortlist.tracks if track.track_id not in self.case.request.exclude)
        return replace(shortlist, tracks=kept)

    def _order_tracks(
        self,
        layout: Layout,
        rules: Sequence[HeldRule],
        shortlists: Sequence[Shortlist],
        settled: SettledEffects,
        last: bool,
    ) -> OrderedJourney | None:
        """The best order of these tracks; None when there is none and more may be found. NoJourney after the last."""
        facts, seed = self.case.facts, self.case.request.seed
        waypoints = [shortlist.waypoint for shortlist in shortlists]
        candidates = [track for shortlist in shortlists for track in shortlist.tracks]
        limits = list_step_limits(settled, waypoints[len(self.head) :])
        ends = layout.compute_stage_ends(shortlists, facts.shares)
        try:
            order = find_best_order(
                waypoints, candidates, facts.weights, limits, layout.total, seed, ends, bool(layout.stages)
            )
        except NoJourney as error:
            if not last:
                return None
            fault = f"{error.fault} under {name_limiting_rules(shortlists, rules)}"
            raise NoJourney(error.place, fault, error.repair) from error
        return OrderedJourney(list(shortlists), order, settled, layout.total)


def name_limiting_rules(shortlists: Sequence[Shortlist], rules: Sequence[HeldRule]) -> str:
    """The rules that left waypoints without a track, or kept the order from closing, as text."""
    hard = {"Bound", "Bar", "Dose", "StepLimit"}
    limiting = {rule.id for rule in rules if hard & {effect.kind for effect in rule.effects}}
    empty = [shortlist.waypoint for shortlist in shortlists if not shortlist.tracks]
    told = [f"{', '.join(sorted(limiting & set(w.rule_ids)))} (step {w.position})" for w in empty]
    return "; ".join(told) or ", ".join(sorted(limiting))


def list_step_limits(settled: SettledEffects, waypoints: Sequence[Waypoint]) -> list[StepLimit]:
    """The limits between neighbours that rules set, each for the steps of its stage."""
    return [
        StepLimit(
            effect["of"],
            effect["at_most"],
            effect["direction"] == "up",
            frozenset(w.position for w in waypoints if w.stage == effect["stage"]),
        )
        for effect in settled.effects
        if effect["kind"] == "StepLimit"
    ]
