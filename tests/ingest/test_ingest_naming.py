"""Ids, titles and paths of a listener's own music, in any script."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from engine.ingest.naming import clean_name, decode_path, encode_path, make_artist, make_work, resolve_place
from engine.settings import SEED_DIR
from engine.store.catalogue import Catalogue
from tests.helpers.fake_analysis import make_piece


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
    pieces = [replace(make_piece("x"), title=title) for title in (one, other)]
    assert len({make_work(piece)[0] for piece in pieces}) == 2
    assert all(make_work(piece)[0].isascii() and len(make_work(piece)[0]) < 200 for piece in pieces)


def test_one_title_in_two_spellings_is_one_work() -> None:
    assert (
        make_work(replace(make_piece("x"), title="Für Elise"))[0]
        == make_work(replace(make_piece("y"), title="FÜR  ELISE"))[0]
    )


def test_artist_and_title_never_run_into_each_other() -> None:
    one, other = replace(make_piece("x"), artist="a b", title="c"), replace(make_piece("x"), artist="a", title="b c")
    assert make_work(one)[0] != make_work(other)[0]


def test_nobody_knows_that_two_pieces_by_nobody_are_by_one_hand() -> None:
    one, other = (replace(make_piece(word), artist="unknown") for word in ("x", "y"))
    assert make_artist(one)[1] == make_artist(other)[1] == "unknown"
    assert make_artist(one)[0] != make_artist(other)[0]


def test_words_that_no_encoding_has_can_be_written() -> None:
    assert clean_name("caf\udce9\x00 a\nb\t" + "x" * 999).startswith("caf? a b xxx")
    assert len(clean_name("x" * 999)) == 300


def test_a_path_is_told_so_that_it_can_be_found_again() -> None:
    for path in (Path("/a b/é.mid"), Path(os.fsdecode(b"/a b/caf\xe9 %.mid"))):
        assert decode_path(encode_path(path)) == path
        encode_path(path).encode("utf-8")


@pytest.mark.parametrize("typed", ["Café/Für Elise.mid", "Cafe\u0301/Für Elise.mid", "Café/Fu\u0308r Elise.mid"])
def test_a_place_is_found_however_its_accents_are_composed(tmp_path: Path, typed: str) -> None:
    there = tmp_path / "Cafe\u0301" / "Für Elise.mid"
    there.parent.mkdir()
    there.touch()
    (tmp_path / "link").symlink_to(there.parent)
    assert resolve_place(tmp_path / typed) == there
    assert resolve_place(tmp_path / "link" / "Fu\u0308r Elise.mid") == there
    assert resolve_place(tmp_path / "none" / "é") == tmp_path / "none" / "é"


def test_of_two_names_that_differ_in_composing_the_one_that_was_typed_is_meant(tmp_path: Path) -> None:
    for name in ("é.mid", "e\u0301.mid"):
        (tmp_path / name).touch()
        assert resolve_place(tmp_path / name).name == name
