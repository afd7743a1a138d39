"""An error says place, fault and repair, all faults at once, and which kind it is to whoever called."""

import pytest

from engine import errors
from engine.errors import IsopathError, OntologyError

KINDS = {
    "UsageError": ("usage", 2),
    "ScoreUnreadable": ("usage", 2),
    "OntologyError": ("ontology", 2),
    "CatalogueError": ("catalogue", 2),
    "QueryError": ("query", 6),
    "GraphUnavailable": ("graph_unavailable", 6),
    "EncoderUnavailable": ("encoder_unavailable", 6),
    "SoundUnavailable": ("sound_unavailable", 6),
    "NoJourney": ("no_journey", 5),
}


def test_every_kind_is_listed_here_and_in_the_tree() -> None:
    ours = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, IsopathError)]
    above = {base for kind in ours for base in kind.__bases__}
    assert {kind.__name__ for kind in ours if kind not in above} == set(KINDS)
    assert all(kind.__name__ in (errors.__doc__ or "") for kind in ours)


@pytest.mark.parametrize("name", KINDS)
def test_what_a_person_gave_is_told_apart_from_what_is_not_there(name: str) -> None:
    kind = getattr(errors, name)
    assert issubclass(kind, errors.InputError) == (kind.exit_code == 2)
    assert issubclass(kind, errors.Unavailable) == name.endswith("Unavailable")


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_keeps_its_code_and_exit_code(name: str) -> None:
    kind = getattr(errors, name)
    assert (kind.code, kind.exit_code) == KINDS[name]


def test_a_message_has_place_fault_and_repair() -> None:
    error = OntologyError("ontology/rules/fear.owl: rule 'x'", "names scale 'y'", "Did you mean 'z'?")
    assert str(error) == "ontology/rules/fear.owl: rule 'x': names scale 'y'. Did you mean 'z'?"
    assert error.message == "ontology/rules/fear.owl: rule 'x': names scale 'y'."
    assert error.repairs == "Did you mean 'z'?"


def test_faults_found_together_are_told_together_and_a_shared_repair_once() -> None:
    error = OntologyError.of([("a", "is wrong", "Correct it"), ("b", "is gone", "Correct it")])
    assert str(error) == "a: is wrong. Correct it.\nb: is gone. Correct it."
    assert error.message == "a: is wrong.\nb: is gone."
    assert error.repairs == "Correct it."
    assert error.place == "a"
