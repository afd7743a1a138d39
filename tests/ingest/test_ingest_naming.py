"""Ids, titles and paths of a listener's own music, in any script."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from engine.ingest.naming import artist_of, path_of, path_text, place_of, work_of, written
from engine.settings import SEED_DIR
from engine.store.catalogue import Catalogue
from tests.helpers.fake_hearing import heard


def test_no_id_of_the_catalogue_begins_as_own_ones_do() -> None:
    shipped = Catalogue.read(SEED_DIR)
    names = ("track_id", "work_id", "artist_id")
    assert not [track for track in shipped.tracks for name in names if str(track[name]).startswith("own-")]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("月光", "太陽"),
        ("a b", "a c"),
        ("x" * 400, "x" * 299 + "y"),
        ("Étude", "Etude no. 2"),
        ("♯", "♭"),
        ("Bach 巴赫", "Bach"),
    ],
)
def test_two_titles_are_two_works_in_any_script(one: str, other: str) -> None:
    pieces = [replace(heard("x"), title=title) for title in (one, other)]
    assert len({work_of(piece)[0] for piece in pieces}) == 2
    assert all(work_of(piece)[0].isascii() and len(work_of(piece)[0]) < 200 for piece in pieces)


def test_one_title_in_two_spellings_is_one_work() -> None:
    assert work_of(replace(heard("x"), title="Für Elise"))[0] == work_of(replace(heard("y"), title="FÜR  ELISE"))[0]


def test_artist_and_title_never_run_into_each_other() -> None:
    one, other = replace(heard("x"), artist="a b", title="c"), replace(heard("x"), artist="a", title="b c")
    assert work_of(one)[0] != work_of(other)[0]


def test_nobody_knows_that_two_pieces_by_nobody_are_by_one_hand() -> None:
    one, other = (replace(heard(word), artist="unknown") for word in ("x", "y"))
    assert artist_of(one)[1] == artist_of(other)[1] == "unknown"
    assert artist_of(one)[0] != artist_of(other)[0]


def test_words_that_no_encoding_has_can_be_written() -> None:
    assert written("caf\udce9\x00 a\nb\t" + "x" * 999).startswith("caf? a b xxx")
    assert len(written("x" * 999)) == 300


def test_a_path_is_told_so_that_it_can_be_found_again() -> None:
    for path in (Path("/a b/é.mid"), Path(os.fsdecode(b"/a b/caf\xe9 %.mid"))):
        assert path_of(path_text(path)) == path
        path_text(path).encode("utf-8")


@pytest.mark.parametrize("typed", ["Café/Für Elise.mid", "Cafe\u0301/Für Elise.mid", "Café/Fu\u0308r Elise.mid"])
def test_a_place_is_found_however_its_accents_are_composed(tmp_path: Path, typed: str) -> None:
    there = tmp_path / "Cafe\u0301" / "Für Elise.mid"
    there.parent.mkdir()
    there.touch()
    (tmp_path / "link").symlink_to(there.parent)
    assert place_of(tmp_path / typed) == there
    assert place_of(tmp_path / "link" / "Fu\u0308r Elise.mid") == there
    assert place_of(tmp_path / "none" / "é") == tmp_path / "none" / "é"


def test_of_two_names_that_differ_in_composing_the_one_that_was_typed_is_meant(tmp_path: Path) -> None:
    for name in ("é.mid", "e\u0301.mid"):
        (tmp_path / name).touch()
        assert place_of(tmp_path / name).name == name
