"""From rules that hold to tracks in order: lays out steps, searches tracks, and takes the best order of them.

Read `find_best`: the number of steps depends on the lengths of the tracks, and the tracks depend on the steps. So a
layout is tried, and where its tracks do not fill the minutes, the next layout is fitted to them.
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
"""Layouts that are tried before the result closest to the minutes is taken."""
KEEP_FACTOR = 4
"""Factor on the tracks that are kept at a waypoint where the best alone form no valid order."""


@dataclass(frozen=True, slots=True)
class OrderedJourney:
    """The tracks of a journey in order, with what they were chosen from."""

    shortlists: list[Shortlist]
    """The waypoints with their candidates."""
    order: Order
    settled: SettledEffects
    """The combined effects of the rules."""
    total: float
    """Length asked for, by the person or else by goal and rules, s."""

    @property
    def waypoints(self) -> list[Waypoint]:
        return [shortlist.waypoint for shortlist in self.shortlists]

    @property
    def rank(self) -> tuple[bool, bool, float]:
        """Sort key, smaller is better: fills the minutes, keeps the shares of stages, error of the total."""
        return not self.order.fills_time, not self.order.keeps_shares, self.order.time_error


@dataclass(frozen=True, slots=True)
class Sequencer:
    """Finds the order of tracks for one case."""

    knowledge: Knowledge
    case: Case
    head: Sequence[Candidate] = ()
    """Tracks of the first steps, which were played already and are fixed."""

    def find_best(self, rules: Sequence[HeldRule]) -> OrderedJourney:
        """The first order found that fills the minutes and keeps the shares of stages, else the closest one.

        NoJourney, with the limiting rules, when there is no order.
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
                for shortlists, reached, scope in self._widen_search(layout, settled, rules):
                    following = layout.fit(shortlists, facts.shares)
                    new = following not in layouts and len(layouts) < MAX_LAYOUTS
                    if new and not layout.suits(shortlists):
                        break
                    if (ordered := self._order_tracks(layout, rules, shortlists, reached, scope)) is None:
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
    ) -> Iterator[tuple[list[Shortlist], SettledEffects, SearchScope]]:
        """Shortlists of all waypoints in ever wider scopes, with the effects in force.

        First by the filtered vector index, which may find too few tracks where few pass the filter, or none that form a
        valid order. Then every track is compared and more are kept. Last, bounds of rules other than safety rules drop.
        """
        loose = tuple(rule.id for rule in rules if rule.tier != "safety" and rule.list_effects("Bound"))
        scopes = [
            SearchScope(False),
            SearchScope(True, KEEP_FACTOR),
            *([SearchScope(True, KEEP_FACTOR, loose)] if loose else []),
        ]
        scopes[-1] = replace(scopes[-1], is_last=True)
        for scope in scopes:
            if scope.relaxed:
                settled = self.knowledge.settle_effects(self.case, rules, scope.relaxed)
            shortlists = [
                self._filter_tracks(one) for one in self.knowledge.find_shortlists(self.case, settled, layout, scope)
            ]
            min_candidates = 1 if scope.is_exact else self.case.facts.min_candidates
            enough = all(len(shortlist.tracks) >= min_candidates for shortlist in shortlists[len(self.head) :])
            if enough or scope.is_last:
                yield shortlists, settled, scope

    def _filter_tracks(self, shortlist: Shortlist) -> Shortlist:
        """The shortlist with only the track that was played there, or without the excluded tracks."""
        if (position := shortlist.waypoint.position) <= len(self.head):
            return replace(shortlist, tracks=(self.head[position - 1],))
        kept = tuple(track for track in shortlist.tracks if track.track_id not in self.case.request.left_out)
        return replace(shortlist, tracks=kept)

    def _order_tracks(
        self,
        layout: Layout,
        rules: Sequence[HeldRule],
        shortlists: Sequence[Shortlist],
        settled: SettledEffects,
        scope: SearchScope,
    ) -> OrderedJourney | None:
        """The best order of these tracks. Without one: None while the search can be widened, else NoJourney."""
        facts, seed = self.case.facts, self.case.request.seed
        waypoints = [shortlist.waypoint for shortlist in shortlists]
        candidates = [track for shortlist in shortlists for track in shortlist.tracks]
        limits = list_step_limits(settled, waypoints[len(self.head) :])
        ends = layout.compute_stage_ends(shortlists, facts.shares)
        weights = replace(facts.weights, kept_per_waypoint=scope.keep_factor * facts.weights.kept_per_waypoint)
        try:
            order = find_best_order(
                waypoints, candidates, weights, limits, layout.total, seed, ends, bool(layout.stages)
            )
        except NoJourney as error:
            if not scope.is_last:
                return None
            under = name_limiting_rules(shortlists, rules)
            again = NoJourney(error.place, f"{error.fault} under {under}", error.repair)
            again.patterns, again.slots = error.patterns, {**error.slots, "rules": under}
            raise again from error
        return OrderedJourney(list(shortlists), order, settled, layout.total)


def name_limiting_rules(shortlists: Sequence[Shortlist], rules: Sequence[HeldRule]) -> str:
    """The rules whose limits leave waypoints without tracks or permit no order, as text."""
    hard = {"Bound", "Bar", "Dose", "StepLimit"}
    limiting = {rule.id for rule in rules if hard & {effect.kind for effect in rule.effects}}
    empty = [shortlist.waypoint for shortlist in shortlists if not shortlist.tracks]
    named = [f"{', '.join(sorted(limiting & set(w.rule_ids)))} (step {w.position})" for w in empty]
    return "; ".join(named) or ", ".join(sorted(limiting))


def list_step_limits(settled: SettledEffects, waypoints: Sequence[Waypoint]) -> list[StepLimit]:
    """The limits of rules between neighbouring tracks, each for the steps of its stage."""
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
