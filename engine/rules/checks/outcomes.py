"""Checks of what becomes of a rule that holds: withheld, shadowed, silenced, or never first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.rules.checks.escapes import Escapes, rank
from engine.rules.checks.findings import Finding
from engine.rules.checks.holding import Rulebook
from engine.rules.individuals import Individual
from engine.rules.ontology import Ontology

SAID = ("Hold", "Notify")
"""Kinds of effect that count although the music is withheld."""
ASKING_FOR_A_SCALE = ("Lean", "Mirror", "Replace", "Via")


def every_rule_is_heard(ontology: Ontology) -> Iterator[Finding]:
    """Whatever holds while the music is always withheld changes nothing."""
    book = Rulebook(ontology)
    escapes = Escapes(book)
    holds = [rule for rule in book.rules if book.list_effects(rule, "Hold")]
    for rule in book.rules:
        if any(book.list_effects(rule, kind) for kind in SAID):
            continue
        goals = escapes.list_goals(rule)
        heard = {goal: escapes.find(rule, holds, goal) for goal in goals}
        named = _name(escapes.list_held_at_once(rule, holds))
        mute = [goal for goal, way in heard.items() if way is None]
        if len(mute) == len(goals):
            yield _make(
                "error",
                "every-rule-is-heard",
                rule,
                f"it never changes the music: whenever it holds, {named} withholds it",
                "Narrow its conditions, name other goals, or retire it",
            )
            continue
        if stated := [goal for goal in mute if goal in rule.to("for")]:
            yield _make(
                "notice",
                "every-rule-is-heard",
                rule,
                f"for {', '.join(stated)} it never changes the music: {named} withholds it",
                "Take these goals out of 'for'",
            )
        ways = [frozenset(present | strong) for present, strong in book.list_ways(rule)]
        played = {way for way in heard.values() if way is not None}
        if ways and not played & set(ways):
            more = sorted(min(played, key=lambda way: (len(way), sorted(way))) - frozenset().union(*ways))
            yield _make(
                "notice",
                "every-rule-is-heard",
                rule,
                f"what it asks for alone is withheld by {named}; it changes music only with {', '.join(more)} too",
                "Leave it so if that is meant, or add that sign to its conditions",
            )


def every_effect_can_win(ontology: Ontology) -> Iterator[Finding]:
    """Where one rule alone may speak, each of them is the first to speak in some situation."""
    book = Rulebook(ontology)
    escapes = Escapes(book)
    for policy in ontology.of("HitPolicy"):
        kind, last = policy.text("governs"), policy.text("combine") == "last"
        if policy.text("policy") != "priority":
            continue
        rules = sorted((r for r in book.rules if book.list_effects(r, kind)), key=rank, reverse=last)
        for place, rule in enumerate(rules):
            before = [r for r in rules[:place] if book.share(r, rule, "at")]
            if before and escapes.find_for_any(rule, before) is None:
                yield _make(
                    "error",
                    "every-effect-can-win",
                    rule,
                    f"its {kind} never counts: whenever it holds, {_name(escapes.list_held_at_once(rule, before))} "
                    "comes before it",
                    "Give it a lower number as priority, narrow the other rule, or retire it",
                )


def every_mirror_is_met(ontology: Ontology) -> Iterator[Finding]:
    """A mirror is not always replaced, and one on a group or scale is not met by every member's own mirror."""
    book = Rulebook(ontology)
    escapes = Escapes(book)
    replacing = [rule for rule in book.rules if book.list_effects(rule, "Replace")]
    mirroring = [rule for rule in book.rules if book.list_effects(rule, "Mirror")]
    own = {sign: rule for rule in mirroring for sign in list_named(rule, ontology, with_numbers=False)}
    for rule in mirroring:
        others = [r for r in replacing if book.share(r, rule, "at") and r.id != rule.id]
        if escapes.find_for_any(rule, others) is None:
            yield _make(
                "error",
                "every-mirror-is-met",
                rule,
                "its Mirror never counts: whenever it holds, "
                f"{_name(escapes.list_held_at_once(rule, others))} begins with something else",
                "Narrow its conditions or the other rule's, or retire it",
            )
        gathered = {sign: [m for m in book.list_members(sign) if m != sign] for sign in list_named(rule, ontology)}
        if not all(gathered.values()):
            continue  # it meets a sign that it names
        for sign, members in gathered.items():
            if taken := [m for m in members if m in own and own[m].id != rule.id]:
                every = len(taken) == len(members)
                yield _make(
                    "error" if every else "notice",
                    "every-mirror-is-met",
                    rule,
                    f"it mirrors {sign}, and {'every member' if every else ', '.join(taken)} has a mirror of its own "
                    "that goes before it",
                    "Name the signs that it is for, or retire it" if every else "Leave it so if that is meant",
                )


def nothing_asks_for_what_is_forbidden(ontology: Ontology) -> Iterator[Finding]:
    """No effect asks for a scale that is silenced, or for a trait that is barred, whenever its rule holds."""
    book = Rulebook(ontology)
    escapes = Escapes(book)
    pairs = (("Silence", ASKING_FOR_A_SCALE, "silences it"), ("Bar", ("Lean",), "bars it"))
    for forbidding, asking, verb in pairs:
        against = [(r, e) for r in book.rules for e in book.list_effects(r, forbidding)]
        for rule in book.rules:
            for effect in (e for kind in asking for e in book.list_effects(rule, kind)):
                for what in effect.to("of"):
                    foes = [r for r, e in against if what in e.to("of") and book.share(r, rule, "at")]
                    if not foes:
                        continue
                    own = [r for r in foes if r.id == rule.id]
                    if own or escapes.find_for_any(rule, foes) is None:
                        yield _make(
                            "error",
                            "nothing-asks-for-what-is-forbidden",
                            rule,
                            f"'{effect.id}' asks for {what}, and whenever it holds, "
                            f"{_name(own or escapes.list_held_at_once(rule, foes) or foes)} {verb}",
                            "Ask for something else, or narrow the rule that forbids it",
                        )


def no_way_leads_into_distress(ontology: Ontology) -> Iterator[Finding]:
    """What replaces the beginning, or is passed through, is a scale that some positive feeling is read as."""
    book = Rulebook(ontology)
    readers: dict[str, set[str]] = {}
    for sign in ontology.of("Sign"):
        for mapping in sign.to("readAs"):
            for scale in ontology[mapping].to("to"):
                readers.setdefault(scale, set()).update(sign.to("in") or ("",))
    for rule in book.rules:
        for effect in (*book.list_effects(rule, "Replace"), *book.list_effects(rule, "Via")):
            for scale in effect.to("of"):
                if (groups := readers.get(scale, set())) and "negative" in groups and "positive" not in groups:
                    yield _make(
                        "error",
                        "no-way-leads-into-distress",
                        rule,
                        f"'{effect.id}' leads to {scale}, as which only distress is read",
                        "Lead to another scale, or meet the feeling with a Mirror and a Dose",
                    )


def list_named(rule: Individual, ontology: Ontology, with_numbers: bool = True) -> list[str]:
    """Ids of the signs that the rule's conditions name themselves; `with_numbers`: conditions on scores as well."""
    conditions = [ontology[condition] for condition in rule.to("when")]
    return sorted(
        {
            sign
            for condition in conditions
            if with_numbers or not {"at_least", "at_most"} & condition.properties.keys()
            for sign in condition.to("on")
        }
    )


def _name(rules: Sequence[Individual]) -> str:
    return " or ".join(f"'{rule.id}'" for rule in rules[:3]) or "another rule"


def _make(level: str, check: str, rule: Individual, fault: str, repair: str) -> Finding:
    return Finding("error" if level == "error" else "notice", check, rule.place, fault, repair)


CHECKS = (
    every_rule_is_heard,
    every_effect_can_win,
    every_mirror_is_met,
    nothing_asks_for_what_is_forbidden,
    no_way_leads_into_distress,
)
