"""What weakens safety is told; a signature settles it until the next edit."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from engine.errors import OntologyError, UsageError
from engine.rules import Individual, Ontology
from engine.rules.safety import safety_changes
from engine.rules.signatures import (
    compute_seal,
    find_broken_signatures,
    list_unsigned,
    read_signatures,
    sign,
    write_signature,
)
from tests.helpers.shipped import shipped_ontology

DAY = date(2026, 11, 28)
WHY = "so the hospice asked for it"


def edited(edit: Callable[[Individual], Individual | None]) -> Ontology:
    """The shipped ontology with each individual as `edit` leaves it."""
    kept = tuple(one for i in shipped_ontology().individuals if (one := edit(i)) is not None)
    return replace(shipped_ontology(), individuals=kept, by_id={i.id: i for i in kept})


def having(id_: str, **properties: Any) -> Ontology:
    return edited(lambda i: replace(i, properties={**i.properties, **properties}) if i.id == id_ else i)


def with_link(id_: str, name: str, target: str) -> Ontology:
    return edited(lambda i: replace(i, links=(*i.links, (name, target))) if i.id == id_ else i)


def without_link(id_: str, name: str, target: str) -> Ontology:
    return edited(lambda i: replace(i, links=tuple(x for x in i.links if i.id != id_ or x != (name, target))))


def effect(rule: str, kind: str) -> str:
    ontology = shipped_ontology()
    return next(id_ for id_ in ontology[rule].to("does") if kind in ontology[id_].classes)


def condition(rule: str, link: str = "when") -> str:
    return shipped_ontology()[rule].to(link)[0]


TRAUMA = "trauma-even-and-chosen"
UNSUPERVISED = condition("withhold-when-unsupervised")


def test_the_unedited_ontology_loosens_nothing() -> None:
    assert safety_changes(shipped_ontology(), shipped_ontology()) == ()


@pytest.mark.parametrize(
    ("after", "about"),
    [
        (lambda: without_link(UNSUPERVISED, "on", "psychosis-declared"), "psychosis-declared"),
        (lambda: having("withhold-when-unsupervised", status="retired"), "status"),
        (lambda: having(effect("even-loudness", "StepLimit"), at_most=40.0), "was 6, and is 40"),
        (lambda: having(effect("even-loudness", "Bound"), high=60.0), "was 14, and is 60"),
        (lambda: having("even-loudness", tier="taste"), "tier"),
        (lambda: edited(lambda i: None if i.id == "distress-silences-tension" else i), "deleted"),
        (lambda: having("trauma-even-and-chosen", status="draft"), "status"),
        (lambda: having("crisis", enough=50.0), "and is 50"),
        (lambda: without_link(TRAUMA, "does", effect(TRAUMA, "Ask")), "is gone"),
        (lambda: without_link("withhold-sedation-at-the-wheel", "for", "sleep"), "for sleep"),
        (lambda: with_link(condition("withhold-when-unsupervised", "unless"), "on", "joy"), "joy defeats it now"),
        (lambda: with_link("joy-mirrored", "overrides", "even-loudness"), "overrides 'even-loudness' now"),
    ],
)
def test_every_way_to_weaken_safety_is_told_until_it_is_signed(after: Callable[[], Ontology], about: str) -> None:
    edit = after()
    found = safety_changes(shipped_ontology(), edit)
    assert found
    assert any(about in one.fault for one in found)
    assert all(one.level == "error" for one in found)
    assert list_unsigned(found, edit, ()) == found
    signed = [sign(edit, one.individual, "Ada Example", WHY, DAY) for one in found]
    assert list_unsigned(found, edit, signed) == ()


@pytest.mark.parametrize(
    "after",
    [
        lambda: having(effect("even-loudness", "StepLimit"), at_most=3.0),
        lambda: having(effect("even-loudness", "Bound"), high=10.0),
        lambda: having("even-loudness", definition="Said in other words."),
        lambda: with_link(condition("withhold-when-sound-harms"), "on", "in-pain"),
        lambda: having("crisis", enough=0.5),
        lambda: having("remorse-met-briefly", priority=221),
    ],
)
def test_what_tightens_or_is_no_safety_needs_no_signature(after: Callable[[], Ontology]) -> None:
    assert safety_changes(shipped_ontology(), after()) == ()


def test_a_later_edit_breaks_a_signature_and_polished_words_do_not() -> None:
    limit = effect("even-loudness", "StepLimit")
    once = having(limit, at_most=8.0)
    signature = sign(once, limit, "Ada Example", WHY, DAY)
    assert list(find_broken_signatures(once, [signature])) == []
    assert list(find_broken_signatures(having(limit, at_most=8.0, label="Step"), [signature])) == []
    [broken] = find_broken_signatures(having(limit, at_most=9.0), [signature])
    assert "Ada Example" in broken.fault
    assert list_unsigned(
        safety_changes(shipped_ontology(), having(limit, at_most=9.0)), having(limit, at_most=9.0), [signature]
    )


def test_a_signed_claim_is_broken_by_an_edit_of_the_number_that_it_is_about() -> None:
    ontology = shipped_ontology()
    claim = next(c for c in ontology["remorse-met-briefly"].to("claims") if ontology[c].text("about") == "number")
    dose = effect("remorse-met-briefly", "Dose")
    assert compute_seal(ontology, claim) != compute_seal(having(dose, seconds_max=300.0), claim)
    assert compute_seal(ontology, claim) == compute_seal(having("sadness-met-then-moved", priority=191), claim)


def test_signatures_are_kept_beside_the_modules_one_a_line(tmp_path: Path) -> None:
    one = sign(shipped_ontology(), "even-loudness", "Ada Example", WHY, DAY)
    write_signature(tmp_path, one)
    write_signature(tmp_path, sign(shipped_ontology(), "crisis", "Ada Example", WHY, DAY))
    write_signature(tmp_path, replace(one, why="for another and better reason"))
    assert [(s.id, s.why) for s in read_signatures(tmp_path)] == [
        ("crisis", WHY),
        ("even-loudness", "for another and better reason"),
    ]
    (tmp_path / "signatures.json").write_text("[{]")
    with pytest.raises(OntologyError, match=r"signatures\.json"):
        read_signatures(tmp_path)


@pytest.mark.parametrize(("by", "why"), [("x", WHY), ("", WHY), ("Ada Example", "ok"), ("1234 5", WHY)])
def test_nobodys_name_and_no_reason_sign_nothing(by: str, why: str) -> None:
    with pytest.raises(UsageError):
        sign(shipped_ontology(), "even-loudness", by, why, DAY)
