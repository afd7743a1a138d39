"""Compares two versions of an ontology: what weakens a safety rule of the first one in the second.

Conditions are compared by what they amount to, not by their ids: a rule is weakened where it held and holds no longer.
Effects are compared by what they forbid, each kind and thing together.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from engine.rules.checks.findings import Finding
from engine.rules.checks.holding import Rulebook, SupposedSigns
from engine.rules.individuals import Individual
from engine.rules.ontology import Ontology

CHECK = "safety-is-not-weakened"
SIGN = "Take it back, or sign it: `isopath ontology sign ID --by NAME --why TEXT`"
NOT_ABOVE = ("at_most", "high", "steps_max", "seconds_max", "minutes_high")
"""Numbers of an effect that weaken it when they are raised or dropped."""
NOT_BELOW = ("low", "steps_min", "minutes_low", "weight")
"""Numbers of an effect that weaken it when they are lowered or dropped."""
REQUIRED = {
    "SupportMessage": "it answered a crisis, and is deleted",
    "SupportLine": "people could call it, and it is deleted",
}
"""Class -> what is said when one of it is deleted."""


def safety_changes(before: Ontology, after: Ontology) -> tuple[Finding, ...]:
    """What weakens safety in `after`, compared with `before`, the version that was published last; each an error.

    Safety rules that are deleted, retired, re-tiered, that hold less often or do less; policies that settle their
    effects; the gate's phrases, thresholds, messages and lines. A finding's place is the individual to sign.
    """
    old, new = Rulebook(before), Rulebook(after)
    found = chain(
        *(_compare_rule(rule, old, new) for rule in old.rules if rule.text("tier") == "safety"),
        _compare_policies(before, after),
        _compare_settings(before, after),
        _compare_overrides(old, new),
    )
    return tuple(
        sorted(
            {Finding("error", CHECK, place, fault, SIGN) for place, fault in (*found, *_compare_gate(before, after))}
        )
    )


def _compare_rule(rule: Individual, old: Rulebook, new: Rulebook) -> Iterator[tuple[str, str]]:
    now = new.ontology.by_id.get(rule.id)
    if now is None or "Rule" not in now.classes:
        yield rule.place, "it was a safety rule, and is deleted"
        return
    for name in ("status", "tier"):
        if now.text(name) != rule.text(name):
            yield now.place, f"'{name}' was {rule.text(name)}, and is {now.text(name)}"
    if now.text("status") != "published":
        return
    if (now.number("priority") or 0) > (rule.number("priority") or 0):
        yield (
            now.place,
            f"its priority was {rule.number('priority'):g}, and is {now.number('priority'):g}: it comes later",
        )
    for name in ("at", "for"):
        kind = "Stage" if name == "at" else "Goal"
        lost = [
            one.id
            for one in old.ontology.of(kind)
            if old.covers(rule, name, one.id) and not _covers(new, now, name, one.id)
        ]
        if lost:
            yield now.place, f"it was {name} {', '.join(lost)}, and is no longer"
    yield from _compare_conditions(rule, now, old, new)
    yield from _compare_effects(rule, now, old.ontology, new.ontology)


def _covers(book: Rulebook, rule: Individual, name: str, one: str) -> bool:
    """As Rulebook.covers, for a stage or goal that may be gone: a rule then says nothing of it."""
    return one not in book.ontology.by_id or book.covers(rule, name, one)


def _compare_conditions(rule: Individual, now: Individual, old: Rulebook, new: Rulebook) -> Iterator[tuple[str, str]]:
    """A situation in which the rule held and holds no longer; the smallest ones suffice, since signs only add up."""
    lost, defeated = set[str](), set[str]()
    for present, strong in old.list_ways(rule):
        if not old.holds(rule, old.suppose(present, strong)):
            continue
        supposed = new.suppose(present - old.standing, strong)
        if not all(new.meets(new.ontology[c], supposed) for c in now.to("when")):
            lost.add(" with ".join(sorted(present - old.standing)) or "always")
    for condition in (new.ontology[c] for c in now.to("unless")):
        for way in new.list_ways_to_meet(condition):
            if not _defeats(rule, old.suppose(*way), old):
                defeated.add(" with ".join(sorted(way[0])))
    if lost:
        yield now.place, f"it held with {'; '.join(sorted(lost)[:6])}, and holds no longer"
    if defeated:
        yield now.place, f"{', '.join(sorted(defeated)[:6])} {'defeats' if len(defeated) == 1 else 'defeat'} it now"


def _defeats(rule: Individual, supposed: SupposedSigns, book: Rulebook) -> bool:
    return any(book.meets(book.ontology[c], supposed) for c in rule.to("unless"))


def _compare_effects(rule: Individual, now: Individual, before: Ontology, after: Ontology) -> Iterator[tuple[str, str]]:
    was, does = _gather(rule, before), _gather(now, after)
    for (kind, what), said in sorted(was.items()):
        if (left := does.get((kind, what))) is None:
            yield now.place, f"its {kind}{f' of {what}' if what else ''} is gone"
            continue
        for name, value in sorted(said.items()):
            stated = left.get(name)
            if _is_weaker(name, value, stated):
                yield now.place, _describe(kind, what, name, value, stated)


def _is_weaker(name: str, was: str | float, now: str | float | None) -> bool:
    if name in NOT_ABOVE:
        return now is None or float(now) > float(was)
    if name in NOT_BELOW:
        return now is None or float(now) < float(was)
    return now not in (was, "either")  # another outcome, or a limit of fewer directions


def _describe(kind: str, what: str, name: str, was: str | float, now: str | float | None) -> str:
    stated = [f"{one:g}" if isinstance(one, float) else one or "nothing" for one in (was, now)]
    return f"its {kind}{f' of {what}' if what else ''}: '{name}' was {stated[0]}, and is {stated[1]}"


def _gather(rule: Individual, ontology: Ontology) -> dict[tuple[str, str], dict[str, str | float]]:
    """(kind, thing) -> the strictest numbers of all effects of that kind on that thing."""
    found: dict[tuple[str, str], dict[str, str | float]] = {}
    for effect in (ontology[e] for e in rule.to("does")):
        for what in effect.to("of") or ("",):
            said = found.setdefault((effect.classes[0], what), {})
            for name in (*NOT_ABOVE, *NOT_BELOW):
                if (value := effect.number(name)) is not None:
                    strict = min if name in NOT_ABOVE else max
                    said[name] = strict(value, float(said.get(name, value)))
            for name in ("outcome", "direction"):
                if effect.text(name):
                    said[name] = effect.text(name)
    return found


def _compare_policies(before: Ontology, after: Ontology) -> Iterator[tuple[str, str]]:
    kinds = {
        after_kind
        for rule in Rulebook(before).rules
        if rule.text("tier") == "safety"
        for effect in rule.to("does")
        for after_kind in before[effect].classes
    }
    for policy in before.of("HitPolicy"):
        now = after.by_id.get(policy.id)
        if now is None or policy.text("governs") not in kinds:
            continue
        for name in ("policy", "combine", "when_empty"):
            if now.text(name) != policy.text(name):
                fault = f"'{name}' was {policy.text(name)}, and is {now.text(name)}: it settles effects of safety rules"
                yield now.place, fault


def _compare_settings(before: Ontology, after: Ontology) -> Iterator[tuple[str, str]]:
    for setting in before.of("Setting"):
        now = after.by_id.get(setting.id)
        if (
            setting.id == "rare-label"
            and now is not None
            and (now.number("value") or 0) < (setting.number("value") or 0)
        ):
            yield (
                now.place,
                f"it was {setting.number('value'):g}, and is {now.number('value'):g}: safety may rest on rarer labels",
            )


def _compare_overrides(old: Rulebook, new: Rulebook) -> Iterator[tuple[str, str]]:
    """Rules that override a safety rule and did not, or hold more often than they did."""
    safe = {rule.id for rule in old.rules if rule.text("tier") == "safety"}
    for rule in new.rules:
        was = old.ontology.by_id.get(rule.id)
        for target in sorted(safe & {*rule.to("overrides")}):
            if was is None or was.text("status") != "published" or target not in was.to("overrides"):
                yield rule.place, f"it overrides '{target}' now, a safety rule"


def _compare_gate(before: Ontology, after: Ontology) -> Iterator[tuple[str, str]]:
    """Weaker markers, phrases, word lists, messages and lines; what is added finds more."""
    for marker in before.of("Marker"):
        now = after.by_id.get(marker.id)
        if now is None:
            yield marker.place, "words showed it, and it is deleted"
            continue
        yield from _compare_marker(marker, now)
        yield from _compare_phrases(marker, now, before, after)
    for words in before.of("WordList"):
        yield from _compare_words(words, after)
    for kind, fault in REQUIRED.items():
        for individual in before.of(kind):
            now = after.by_id.get(individual.id)
            if now is None:
                yield individual.place, fault
            else:
                yield from _compare_reach(individual, now)


def _compare_marker(marker: Individual, now: Individual) -> Iterator[tuple[str, str]]:
    for name, looser in (("enough", 1), ("within", -1), ("lent", -1)):
        was, is_ = marker.number(name), now.number(name)
        if was is not None and (is_ is None or (is_ - was) * looser > 0):
            yield (
                now.place,
                f"'{name}' was {was:g}, and is {'not stated' if is_ is None else f'{is_:g}'}: less is found",
            )
    if lost := sorted({*marker.to("in")} - {*now.to("in")}):
        yield now.place, f"it is no longer in {', '.join(lost)}"


def _compare_phrases(
    marker: Individual, now: Individual, before: Ontology, after: Ontology
) -> Iterator[tuple[str, str]]:
    spelled = {*now.to("spelled")}
    for phrase in (before[p] for p in marker.to("spelled")):
        is_guard = phrase.text("role") == "guard"
        written = after.by_id.get(phrase.id)
        if written is None or phrase.id not in spelled:
            if not is_guard and (phrase.text("role") != "clue" or (phrase.number("weight") or 0) > 0):
                yield phrase.place, f"it showed {marker.id}, and is gone"
            continue
        if written.text("role") != phrase.text("role"):
            yield written.place, f"'role' was {phrase.text('role')}, and is {written.text('role')}"
        elif (written.number("weight") or 0) < (phrase.number("weight") or 0):
            yield written.place, f"'weight' was {phrase.number('weight'):g}, and is {written.number('weight') or 0:g}"
        elif is_guard and written.text("text") != phrase.text("text"):
            yield written.place, "its text is another one: what it excuses is not found"
        promise = "spares" if is_guard else "catches"
        if lost := [text for text in _list(phrase, promise) if text not in _list(written, promise)]:
            fault = f"{len(lost)} of its examples of '{promise}' {'is' if len(lost) == 1 else 'are'} gone"
            yield written.place, f"{fault}, so nothing holds it to them"
    for id_ in sorted(spelled - {*marker.to("spelled")}):
        phrase = after[id_]
        if phrase.text("role") == "guard" or (phrase.number("weight") or 0) < 0:
            yield phrase.place, f"it is new, and excuses or weighs against what shows {marker.id}"


def _compare_words(words: Individual, after: Ontology) -> Iterator[tuple[str, str]]:
    if words.text("use") not in ("phrases", "watched"):
        return
    now = after.by_id.get(words.id)
    left = set() if now is None else {*now.text("text").split("|")}
    if lost := sorted({*words.text("text").split("|")} - left):
        place = words.place if now is None else now.place
        yield (
            place,
            f"{len(lost)} of its words {'is' if len(lost) == 1 else 'are'} gone: phrases that use them find less",
        )


def _compare_reach(individual: Individual, now: Individual) -> Iterator[tuple[str, str]]:
    for name in ("region", "serves"):
        if lost := sorted({*_list(individual, name)} - {*_list(now, name)}):
            yield now.place, f"it no longer has '{name}' {', '.join(lost)}"
    for name in ("contact", "url", "kind", "person"):
        if individual.text(name) != now.text(name):
            yield now.place, f"its '{name}' is another one: whoever needs help is sent there"


def _list(individual: Individual, name: str) -> list[str]:
    value = individual.properties.get(name, [])
    return [str(one) for one in (value if isinstance(value, list) else [value])]
