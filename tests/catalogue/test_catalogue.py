"""A catalogue is read whole or refused, with the file and the row of every fault."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.errors import CatalogueError
from engine.store.catalogue import CARD, CUES, TABLE, VECTORS, Catalogue, Fact
from tests.helpers.fakes import FakeEmbedder, fact_rows, sign_catalogue, write_catalogue

EMBEDDER = FakeEmbedder()


def test_a_sound_catalogue_is_read_with_its_types(tmp_path: Path) -> None:
    rows = fact_rows(5)
    rows[2]["title"] = 'Air, with "quotes",\u2028 a line and 音乐'
    catalogue = Catalogue.read(write_catalogue(tmp_path, rows, EMBEDDER))
    assert list(catalogue.tracks) == rows
    assert catalogue.vectors.dtype == np.float32
    assert catalogue.vectors.shape == (5, catalogue.dimensions)
    assert (catalogue.embedder_name, catalogue.embedder_sha256) == (EMBEDDER.card.name, EMBEDDER.card.sha256)


def test_the_checksum_follows_the_content(tmp_path: Path) -> None:
    one, same, other = (
        Catalogue.read(write_catalogue(tmp_path / name, fact_rows(5, seed), EMBEDDER))
        for name, seed in (("one", 1), ("same", 1), ("other", 2))
    )
    assert one.sha256 == same.sha256 != other.sha256


def damaged(folder: Path, change: Callable[[list[dict[str, Fact]]], None]) -> Path:
    rows = fact_rows(5)
    change(rows)
    return write_catalogue(folder, rows, EMBEDDER)


@pytest.mark.parametrize(
    ("column", "value", "fault"),
    [
        ("track_id", "t00000", "track_id 't00000' stands in an earlier row"),
        ("track_id", " ", "track_id is empty"),
        ("title", "", "title is empty"),
        ("tempo", "fast", "tempo is no number"),
        ("tempo", "", "tempo is no number"),
        ("mode", "nan", "mode is not finite"),
        ("level", "-inf", "level is not finite"),
        ("seed", "1.5", "seed is no whole number"),
        ("lyrics", 2, "lyrics is neither 0 nor 1"),
        ("seconds", 0, "seconds is not above 0"),
        ("artist", "Someone Else", "artist 'a0000' has another name above"),
        ("artist_id", "a0009", "work 'w00001' has another artist_id above"),
    ],
)
def test_a_bad_value_is_told_with_file_and_row(column: str, value: Fact, fault: str, tmp_path: Path) -> None:
    folder = damaged(tmp_path, lambda rows: rows[3].update({column: value}))
    with pytest.raises(CatalogueError) as caught:
        Catalogue.read(folder)
    assert f"catalogue.csv:5: {fault}" in str(caught.value)
    assert caught.value.repair


def test_all_faults_of_a_catalogue_are_told_at_once_and_many_are_counted(tmp_path: Path) -> None:
    def change(rows: list[dict[str, Fact]]) -> None:
        rows[1]["tempo"] = "fast"
        rows[2]["title"] = ""

    with pytest.raises(CatalogueError) as caught:
        Catalogue.read(damaged(tmp_path / "two", change))
    assert len(str(caught.value).splitlines()) == 2
    rows = [row | dict.fromkeys(CUES, "x") for row in fact_rows(12)]
    with pytest.raises(CatalogueError, match="124 more faults"):
        Catalogue.read(write_catalogue(tmp_path / "many", rows, EMBEDDER))


@pytest.mark.parametrize(
    ("vectors", "fault"),
    [
        (np.ones((4, 8)), r"has 4 rows, catalogue\.csv has 5 tracks"),
        (np.diag([1, 1, 0, 1, 1]), r"\[2\]: the vector of row 4 of catalogue\.csv is all zeros"),
        (
            np.ones((5, 8)) * [[1], [np.inf], [1], [1], [1]],
            r"\[1\]: the vector of row 3 of catalogue\.csv is not finite",
        ),
        (np.ones(5), "is not a table"),
        (np.ones((5, 0)), "is not a table"),
    ],
)
def test_vectors_that_do_not_fit_the_table_are_told(vectors: Any, fault: str, tmp_path: Path) -> None:
    folder = write_catalogue(tmp_path, fact_rows(5), EMBEDDER, vectors)
    with pytest.raises(CatalogueError, match=fault):
        Catalogue.read(folder)


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        (VECTORS, b"not an array", "is no npy file"),
        (TABLE, b"\xff\xfe", "is not UTF-8"),
        (TABLE, b"a,b\n1,2\n", "has other columns than it should"),
        (TABLE, b'track_id,"work', "is no CSV|other columns"),
        (TABLE, b"", "has other columns"),
    ],
)
def test_a_file_of_another_kind_is_told(name: str, content: bytes, fault: str, tmp_path: Path) -> None:
    folder = write_catalogue(tmp_path, fact_rows(5), EMBEDDER)
    (folder / name).write_bytes(content)
    sign_catalogue(folder, EMBEDDER)
    with pytest.raises(CatalogueError, match=fault):
        Catalogue.read(folder)


@pytest.mark.parametrize("name", [CARD, TABLE, VECTORS])
def test_a_missing_file_is_told(name: str, tmp_path: Path) -> None:
    folder = write_catalogue(tmp_path, fact_rows(5), EMBEDDER)
    (folder / name).unlink()
    with pytest.raises(CatalogueError, match=rf"{name}: cannot be read") as caught:
        Catalogue.read(folder)
    assert "make catalogue" in caught.value.repair


def test_a_table_without_tracks_is_told(tmp_path: Path) -> None:
    folder = write_catalogue(tmp_path, [], EMBEDDER, np.zeros((0, 8), dtype=np.float32))
    with pytest.raises(CatalogueError, match="holds no track"):
        Catalogue.read(folder)


@pytest.mark.parametrize("name", [TABLE, VECTORS])
def test_a_file_that_is_not_the_one_the_card_tells_of_is_told(name: str, tmp_path: Path) -> None:
    folder = write_catalogue(tmp_path, fact_rows(5), EMBEDDER)
    other = write_catalogue(tmp_path / "other", fact_rows(5, seed=9), EMBEDDER, np.ones((5, 8), dtype=np.float32))
    (folder / name).write_bytes((other / name).read_bytes())
    with pytest.raises(CatalogueError, match=rf"{name}: is not the file that catalogue\.json tells of"):
        Catalogue.read(folder)


@pytest.mark.parametrize("card", ["", "[]", "{}", '{"files": {}}', '{"files": 1, "embedder": {}}'])
def test_a_card_that_does_not_tell_is_told(card: str, tmp_path: Path) -> None:
    folder = write_catalogue(tmp_path, fact_rows(5), EMBEDDER)
    (folder / CARD).write_text(card)
    with pytest.raises(CatalogueError, match=r"catalogue\.json: does not tell 'files'"):
        Catalogue.read(folder)


def test_a_pickle_is_never_opened(tmp_path: Path) -> None:
    folder = write_catalogue(tmp_path, fact_rows(5), EMBEDDER)
    np.save(folder / VECTORS, np.array([object], dtype=object), allow_pickle=True)
    sign_catalogue(folder, EMBEDDER)
    with pytest.raises(CatalogueError, match="is no npy file of plain numbers"):
        Catalogue.read(folder)
