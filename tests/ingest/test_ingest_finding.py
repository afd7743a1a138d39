"""Finding files: every one below a folder, each once, and a word about whatever is left out."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from engine.errors import UsageError
from engine.ingest.finding import FoundFile, IgnoredCounts, SkippedPlace, find_files
from tests.helpers.ingesting import put

pytest_plugins = "tests.helpers.ingest_fixtures"


def test_a_link_that_leads_back_is_told_and_every_file_is_found_once(music: Path) -> None:
    put(music, a="one", deep__b="two")
    (music / "deep" / "back").symlink_to(music)
    (music / "self.mid").symlink_to(music / "self.mid")
    (music / "nothing.mid").symlink_to(music / "gone.mid")
    (music / "again").symlink_to(music / "deep")
    found = list(find_files(music, IgnoredCounts()))
    assert [place.path.name for place in found if isinstance(place, FoundFile)] == ["a.mid", "b.mid"]
    left = {place.path.name: place.reason for place in found if isinstance(place, SkippedPlace)}
    assert left.keys() == {"back", "self.mid", "nothing.mid", "deep"}
    assert left["back"] == "leads to a folder that is looked through already"
    assert "Too many levels of symbolic links" in left["self.mid"]
    assert "No such file" in left["nothing.mid"]


def test_a_folder_that_cannot_be_read_is_told_and_the_rest_is_found(music: Path) -> None:
    put(music, a="one", locked__b="two", z__c="three")

    @contextmanager
    def listing(folder: str) -> Iterator[Iterator[os.DirEntry[str]]]:
        # Whoever runs the tests may be allowed to read everything.
        if Path(folder).name == "locked":
            raise PermissionError(13, "Permission denied", folder)
        with os.scandir(folder) as entries:
            yield entries

    found = list(find_files(music, IgnoredCounts(), listing))
    assert [place.path.name for place in found] == ["a.mid", "locked", "c.mid"]
    assert found[1] == SkippedPlace(music / "locked", "the folder cannot be read (Permission denied)")


def test_hidden_and_other_files_are_counted_and_left_alone(music: Path) -> None:
    put(music, a="one", _="two")
    (music / "_.mid").rename(music / "._a.mid")
    (music / ".cache").mkdir()
    (music / ".cache" / "b.mid").write_text("three")
    (music / "cover.jpg").write_text("")
    (music / "UPPER.MID").write_text("four")
    passed = IgnoredCounts()
    assert [place.path.name for place in find_files(music, passed)] == ["UPPER.MID", "a.mid"]
    assert (passed.hidden, passed.other) == (2, 1)


def test_what_is_no_file_is_told_and_never_opened(music: Path) -> None:
    music.mkdir()
    os.mkfifo(music / "pipe.mid")
    (music / "folder.mid").mkdir()
    (music / "folder.mid" / "a.mid").write_text("one")
    found = {place.path.name: place for place in find_files(music, IgnoredCounts())}
    assert isinstance(found["a.mid"], FoundFile)
    assert found["pipe.mid"] == SkippedPlace(music / "pipe.mid", "is a pipe, not a file")


def test_one_file_can_be_named_even_a_hidden_one_and_one_of_no_kind_is_told(music: Path) -> None:
    put(music, a="one")
    (music / ".b.mid").write_text("two")
    (music / "c.txt").write_text("three")
    assert [type(place) for name in ("a.mid", ".b.mid") for place in find_files(music / name, IgnoredCounts())] == [
        FoundFile,
        FoundFile,
    ]
    [left] = find_files(music / "c.txt", IgnoredCounts())
    assert isinstance(left, SkippedPlace)
    assert "none of the kinds" in left.reason


def test_a_place_that_is_not_there_is_an_error(music: Path) -> None:
    with pytest.raises(UsageError, match="No such file"):
        list(find_files(music, IgnoredCounts()))


def test_words_in_the_place_of_a_path_are_not_repeated() -> None:
    with pytest.raises(UsageError, match="File name too long") as caught:
        list(find_files(Path("zanzibar makes me sad " * 20), IgnoredCounts()))
    assert "zanzibar" not in str(caught.value)


def test_a_thousand_folders_deep_is_not_too_deep(tmp_path: Path) -> None:
    folder = tmp_path
    for _ in range(500):
        folder = folder / "d"
    os.makedirs(folder)  # noqa: PTH103
    (folder / "a.mid").write_text("one")
    assert [place.path.name for place in find_files(tmp_path / "d", IgnoredCounts())] == ["a.mid"]


@pytest.mark.parametrize("link", ["a link", "z link"])
def test_a_file_is_told_by_its_real_place_whichever_way_the_alphabet_goes_first(music: Path, link: str) -> None:
    put(music, real__a="one")
    (music / link).symlink_to(music / "real")
    found = [place.path for place in find_files(music, IgnoredCounts()) if isinstance(place, FoundFile)]
    assert found == [music / "real" / "a.mid"]
    assert [place.path for place in find_files(music / link, IgnoredCounts())] == found
    assert [place.path for place in find_files(music / link / "a.mid", IgnoredCounts())] == found


def test_a_link_to_a_file_keeps_its_own_name(music: Path) -> None:
    put(music, store__a="one")
    (music / "tune.mid").symlink_to(music / "store" / "a.mid")
    assert [place.path for place in find_files(music / "tune.mid", IgnoredCounts())] == [music / "tune.mid"]


def test_a_name_that_is_composed_otherwise_than_on_the_disk_is_found(music: Path) -> None:
    music.mkdir()
    (music / "e\u0301.mid").write_text("one")
    assert [place.path.name for place in find_files(music / "é.mid", IgnoredCounts())] == ["e\u0301.mid"]
