"""Which ontology a home serves: what was published, whatever stands in ontology/."""

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import pytest

import engine.bootstrap
from engine.bootstrap import load_compiled
from engine.errors import OntologyError
from engine.graph import Graph, Row
from engine.publishing import serving, shipping
from engine.publishing.serving import Mark, has_waiting_draft, keep_files, locate_served, note_served, read_mark
from engine.publishing.shipping import ARCHIVE, CARD, make_card, read_shipped, read_shipped_sha256
from engine.publishing.sources import Sources
from engine.rules import Ontology
from engine.settings import ONTOLOGY_DIR, Settings
from engine.store.publications import Publication, find_broken_seals, make_publication
from engine.store.serving import note_loaded, serves
from engine.store.version import Version
from tests.helpers.shipped import shipped_ontology

SHIP = "The ontology changed: run `make ship-ontology`"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", cache=tmp_path / "cache")


@pytest.fixture
def draft(tmp_path: Path) -> Path:
    """What ships, with one word of a rule changed."""
    folder = tmp_path / "draft" / "ontology"
    sources = read_shipped()
    name = next(n for n, content in sources.modules.items() if b"#even-loudness-step-limit" in content)
    content = sources.files[name].replace(b">Even loudness<", b">Even loudness (edited)<")
    Sources({**sources.files, name: content + b"\n<!-- edited -->\n"}).write(folder)
    return folder


def test_what_ships_is_what_stands_in_the_ontology_and_its_hashes_are_known() -> None:
    sources = Sources.read(ONTOLOGY_DIR)
    assert read_shipped().files == sources.files, SHIP
    assert CARD.read_text("utf-8") == make_card(sources), SHIP
    assert sources.sha256 == read_shipped_sha256() == shipped_ontology().sha256
    modules = json.loads(CARD.read_text("utf-8"))["modules"]
    assert modules["gate.owl"] == hashlib.sha256((ONTOLOGY_DIR / "gate.owl").read_bytes()).hexdigest()


def test_the_same_files_pack_into_the_same_bytes_and_come_out_whole(tmp_path: Path) -> None:
    sources = Sources.read(ONTOLOGY_DIR)
    assert sources.pack() == Sources(dict(sorted(sources.files.items(), reverse=True))).pack()
    Sources.unpack(sources.pack(), "here").write(tmp_path / "ontology")
    assert Sources.read(tmp_path / "ontology") == sources
    assert "scenarios/safety.yaml" in sources.files


@pytest.mark.parametrize("packed", [b"", b"\xfd7zXZ\0 no more", ARCHIVE.read_bytes()[:5_000]])
def test_what_is_no_archive_is_told(packed: bytes) -> None:
    with pytest.raises(OntologyError, match="holds no ontology"):
        Sources.unpack(packed, "version 3")


@pytest.mark.parametrize("name", ["../out.owl", "/etc/out.owl", "a/../../b.owl", "run.sh", ".hidden.owl"])
def test_an_archive_writes_nowhere_else(name: str) -> None:
    with pytest.raises(OntologyError):
        Sources.unpack(Sources({name: b"x"}).pack(), "version 3")


def test_a_new_home_serves_what_ships_from_where_it_stands(settings: Settings) -> None:
    assert locate_served(settings, ONTOLOGY_DIR) == ONTOLOGY_DIR
    assert not has_waiting_draft(settings, ONTOLOGY_DIR)
    assert not settings.home.exists()


class GraphOfVersions:
    """A graph that answers which versions serve."""

    def __init__(self, *ids: str) -> None:
        self.ids = ids

    def rows(self, query: str, **_: object) -> list[Row]:
        assert query == "load/version"
        return [{"id": id_, "published": None} for id_ in self.ids]


@pytest.mark.parametrize(("others", "right"), [((), True), (("later",), False)])
def test_a_graph_of_which_two_versions_serve_is_loaded_anew(
    settings: Settings, others: tuple[str, ...], right: bool
) -> None:
    version = Version("ab", "0", "ab", "m", "ab", 8, "ab")
    note_loaded(settings, ONTOLOGY_DIR, version)
    graph = cast("Graph", GraphOfVersions(version.id, *others))
    assert serves(graph, replace(settings, serve_draft=True), ONTOLOGY_DIR) is right


def test_an_edited_folder_is_a_draft_that_waits(settings: Settings, draft: Path) -> None:
    folder = locate_served(settings, draft)
    assert folder != draft
    assert folder.name == "ontology"
    assert Sources.read(folder).sha256 == read_shipped_sha256()
    assert has_waiting_draft(settings, draft)
    assert locate_served(replace(settings, serve_draft=True), draft) == draft
    assert not has_waiting_draft(replace(settings, serve_draft=True), draft)


def test_what_was_published_serves_from_the_home_however_the_draft_goes_on(settings: Settings, draft: Path) -> None:
    sources = Sources.read(draft)
    folder = keep_files(settings, draft, sources.sha256, lambda: sources)
    note_served(settings, Mark(sources.sha256, 2, "published"))
    assert not has_waiting_draft(settings, draft)
    (draft / "rules" / "fear.owl").write_bytes(b"half a fi")
    assert locate_served(settings, draft) == folder
    assert Sources.read(folder) == sources
    assert has_waiting_draft(settings, draft)


def test_a_home_that_lost_its_files_sends_to_load_which_has_them_from_the_graph(
    settings: Settings, draft: Path
) -> None:
    sources = Sources.read(draft)
    note_served(settings, Mark(sources.sha256, 2, "published"))
    with pytest.raises(OntologyError, match="version 2, which serves, are not in this home"):
        locate_served(settings, draft)
    assert keep_files(settings, draft, sources.sha256, lambda: sources) == locate_served(settings, draft)


def test_a_newer_release_ships_over_its_own_and_not_over_a_therapists(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    note_served(settings, Mark("older", 1, "shipped"))
    assert read_mark(settings).sha256 == read_shipped_sha256()
    note_served(settings, Mark("theirs", 2, "published"))
    monkeypatch.setattr(serving, "read_shipped_sha256", lambda: "newer")
    assert read_mark(settings) == Mark("theirs", 2, "published")


def test_the_gate_is_that_of_the_published_version(
    settings: Settings, draft: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine.bootstrap, "ONTOLOGY_DIR", draft)
    gate = draft / "gate.owl"
    gate.write_bytes(gate.read_bytes().replace(b"kill myself", b"kiss myself"))
    served = load_compiled(settings, lambda _: None)
    assert served.fault is None
    assert served.gate.check("I want to kill myself").hit


def test_an_archive_that_was_tampered_with_is_not_shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / "ontology.tar.xz"
    other.write_bytes(Sources({"rules.owl": b"<x/>"}).pack())
    monkeypatch.setattr(shipping, "ARCHIVE", other)
    with pytest.raises(OntologyError, match="is not what was shipped"):
        read_shipped()


def make_entries() -> tuple[Publication, ...]:
    """Three entries: shipped, published, rolled back."""
    entries: tuple[Publication, ...] = ()
    for kind, sha256 in (("shipped", "a"), ("published", "b"), ("rolled back", "a")):
        entries += (make_publication(entries, kind, sha256, "Ada Example", "because of it", ("this",)),)  # type: ignore[arg-type]
    return entries


def test_the_same_files_keep_their_number() -> None:
    assert [(entry.position, entry.number) for entry in make_entries()] == [(1, 1), (2, 2), (3, 1)]


def test_an_entry_that_is_changed_later_shows() -> None:
    entries = make_entries()
    assert find_broken_seals(entries) == ()
    for name, value in (
        ("by", "Eve Example"),
        ("why", "otherwise"),
        ("at", datetime(2020, 1, 1, tzinfo=UTC)),
        ("number", 7),
    ):
        edited = replace(entries[1], **{name: value})  # type: ignore[arg-type]
        assert find_broken_seals((entries[0], edited, entries[2])) == (2,), name
    assert find_broken_seals((entries[0], entries[2])) == (3,)


def test_an_ontology_reads_the_same_from_where_it_was_put_aside(settings: Settings, draft: Path) -> None:
    again = Ontology.read(locate_served(settings, draft))
    assert again.sha256 == shipped_ontology().sha256
    assert again.individuals == shipped_ontology().individuals
