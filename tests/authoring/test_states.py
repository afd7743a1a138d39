"""States of the ontology that an author can name."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.errors import UsageError
from engine.publishing.revisions import read_revision
from engine.publishing.sources import Sources
from engine.settings import ONTOLOGY_DIR, Settings
from engine.use_cases.authoring import states
from engine.use_cases.authoring.states import States, open_states, unpack_ontology

SETTINGS = Settings(home=Path("none"), cache=Path("none"))


@pytest.fixture
def named() -> Iterator[States]:
    with open_states(SETTINGS, hush) as found:
        yield found


def hush(_: str) -> None:
    """Nobody is told."""


def test_a_folder_a_file_and_the_draft_are_states(tmp_path: Path, named: States) -> None:
    folder = tmp_path / "ontology"
    shutil.copytree(ONTOLOGY_DIR, folder)
    assert named.find("draft") == named.find(str(folder)) == Sources.read(ONTOLOGY_DIR)
    (folder / "goals.owl").write_bytes((folder / "goals.owl").read_bytes() + b"\n")
    one = named.find(str(folder / "goals.owl"))
    assert one.files["goals.owl"].endswith(b"\n\n")
    assert one.files["gate.owl"] == (ONTOLOGY_DIR / "gate.owl").read_bytes()
    (tmp_path / "other.owl").write_text("<x/>")
    (tmp_path / "empty").mkdir()
    for wrong in (tmp_path / "other.owl", tmp_path / "empty"):
        with pytest.raises(UsageError, match="STATE"):
            named.find(str(wrong))


def test_a_git_revision_is_a_state(tmp_path: Path, named: States, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "ontology"
    folder.mkdir()
    (folder / "rules.owl").write_text("<first/>")
    git = ["git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@example.org"]
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "first"]):
        subprocess.run([*git, *command], check=True)
    (folder / "rules.owl").write_text("<second/>")
    monkeypatch.setattr(states, "ONTOLOGY_DIR", folder)
    assert named.find("HEAD").files == {"rules.owl": b"<first/>"}
    for wrong in ("nowhere", "--output=x", "HEAD:rules.owl"):
        with pytest.raises(UsageError, match="git revision"):
            read_revision(folder, wrong)


def test_files_are_read_with_what_stands_beside_them() -> None:
    with unpack_ontology(Sources.read(ONTOLOGY_DIR)) as ontology:
        assert (ontology.directory / "scenarios" / "safety.yaml").is_file()
        assert ontology.individuals
