"""A draft waits until somebody answers for it: it is published, signed, rolled back, and told."""

import re
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from engine.bootstrap import load_compiled, open_graph, open_planner
from engine.errors import OntologyError, UsageError
from engine.graph import Graph
from engine.journey import Request
from engine.publishing.serving import PUBLISHED, VERSIONS
from engine.publishing.shipping import read_shipped
from engine.server import ServerConnection
from engine.settings import ONTOLOGY_DIR, Settings
from engine.store.publications import make_publication, record_publication
from engine.use_cases.authoring.comparing import compare
from engine.use_cases.authoring.previewing import preview
from engine.use_cases.authoring.publishing import publish_draft, read_history, roll_back, sign_individual
from tests.helpers.asking import do, values
from tests.helpers.planning import planned_journey

pytestmark = pytest.mark.graph

WHO, WHY = "Ada Example", "the clinic agreed on it"
SCENARIO = """\
- name: sadness is met with one track
  given: {feel: [sadness], goal: calm}
  expect: {rules: [sadness-met-then-moved], steps: {match: [0, 1]}}
  never: {steps: {match: [2, null]}}
"""


def hush(_: object) -> None:
    """Nobody is told."""


@pytest.fixture
def settings(served: ServerConnection) -> Settings:
    return Settings.from_environment()


@pytest.fixture
def draft(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that ships, with one scenario, in place of ontology/. What was published goes again afterwards."""
    folder = tmp_path / "ontology"
    shutil.copytree(ONTOLOGY_DIR, folder, ignore=shutil.ignore_patterns("scenarios"))
    (folder / "scenarios").mkdir()
    (folder / "scenarios" / "one.yaml").write_text(SCENARIO)
    modules = (
        "bootstrap",
        "use_cases.check_ontology",
        *(f"use_cases.authoring.{n}" for n in ("publishing", "states", "trying")),
    )
    with pytest.MonkeyPatch.context() as patch:
        for module in modules:
            patch.setattr(f"engine.{module}.ONTOLOGY_DIR", folder)
        patch.setattr(
            "engine.rules.consistency.start_reasoning", lambda _: list
        )  # takes seconds, and is tried elsewhere
        yield folder
    with open_graph(settings, hush) as graph:
        do(graph, "MATCH (n:Publication|OntologySources) DETACH DELETE n")
    (settings.home / PUBLISHED).unlink(missing_ok=True)
    shutil.rmtree(settings.home / VERSIONS, ignore_errors=True)
    open_graph(settings, hush).close()


def edit(folder: Path, id_: str, name: str, value: str) -> None:
    """Gives a number of an individual another value, as a text editor would."""
    pattern = re.compile(rf'(#{id_}">(?:(?!</owl:NamedIndividual>).)*?<{name}[^>]*>)[^<]*', re.DOTALL)
    [path] = [path for path in folder.rglob("*.owl") if pattern.search(path.read_text("utf-8"))]
    path.write_text(pattern.sub(rf"\g<1>{value}", path.read_text("utf-8"), count=1), "utf-8")


def most_steps(graph: Graph) -> int:
    body = "MATCH (:Rule {id: 'sadness-met-then-moved'})-[:DOES]->(dose:Dose) RETURN dose.steps_max AS value"
    return int(values(graph, body)[0])


def test_a_draft_waits_is_published_and_rolled_back(settings: Settings, draft: Path) -> None:
    edit(draft, "sadness-met-then-moved-dose", "steps_max", "1")
    said: list[str] = []
    with open_graph(settings, said.append) as graph:
        assert most_steps(graph) == 2
    assert any("a draft that waits; version 1 serves" in line for line in said)
    assert any("instead of at most two tracks" in change for change in compare("published", "draft", settings, hush))

    published = publish_draft(settings, WHO, WHY, hush, hush)
    assert (published.number, published.kind, published.by, published.why) == (2, "published", WHO, WHY)
    assert any("instead of at most two tracks" in change for change in published.changes)
    with open_planner(settings, load_compiled(settings, hush), hush) as opened:
        assert most_steps(opened.get_graph()) == 1
        journey = planned_journey(opened, Request(feel=("sadness",), goal="calm", seed=1))
    assert journey.as_json()["provenance"]["ontology_version"] == "2"
    with pytest.raises(UsageError, match="is what serves already, as version 2"):
        publish_draft(settings, WHO, WHY, hush, hush)

    back = roll_back(settings, WHO, "it was too short for most", hush)
    assert (back.number, back.kind) == (1, "rolled back")
    said.clear()
    with open_graph(settings, said.append) as graph:
        assert most_steps(graph) == 2
    assert any("version 1 serves" in line for line in said)
    history = read_history(settings, hush)
    assert [(entry.number, entry.kind) for entry in history.entries] == [
        (1, "shipped"),
        (2, "published"),
        (1, "rolled back"),
    ]
    assert history.broken == ()


def test_what_keeps_a_draft_from_being_published_is_told_and_changes_nothing(settings: Settings, draft: Path) -> None:
    edit(draft, "even-loudness-step-limit", "at_most", "9")
    with pytest.raises(OntologyError, match="was 6, and is 9"):
        publish_draft(settings, WHO, WHY, hush, hush)
    sign_individual("even-loudness", WHO, WHY, date(2026, 11, 28))
    with pytest.raises(OntologyError, match="'sadness is met with one track' does not hold"):
        publish_draft(settings, WHO, WHY, hush, hush)
    edit(draft, "sadness-met-then-moved-dose", "steps_max", "1")
    edit(draft, "even-loudness-step-limit", "at_most", "10")
    with pytest.raises(OntologyError, match=f"was edited after {WHO} signed it"):
        publish_draft(settings, WHO, WHY, hush, hush)
    assert [entry.number for entry in read_history(settings, hush).entries] == [1]
    edit(draft, "even-loudness-step-limit", "at_most", "9")
    assert publish_draft(settings, WHO, WHY, hush, hush).number == 2


def test_a_draft_serves_where_that_is_asked_for(
    settings: Settings, draft: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit(draft, "sadness-met-then-moved-dose", "steps_max", "1")
    monkeypatch.setenv("ISOPATH_SERVE_DRAFT", "1")
    drafting = Settings.from_environment()
    with open_planner(drafting, load_compiled(drafting, hush), hush) as opened:
        assert most_steps(opened.get_graph()) == 1
        journey = planned_journey(opened, Request(feel=("sadness",), goal="calm", seed=1))
    assert journey.provenance.ontology_version.startswith("draft ")
    with open_graph(settings, hush) as graph:
        assert most_steps(graph) == 2


def test_of_two_who_publish_at_once_the_second_is_told_of_the_first(settings: Settings, draft: Path) -> None:
    edit(draft, "sadness-met-then-moved-dose", "steps_max", "1")

    def be_slower(line: str) -> None:
        if line == "checking":
            publish_draft(settings, "Bea Example", "it is urgent", hush, hush)

    with pytest.raises(UsageError, match=r"version 2 was published meanwhile by Bea Example \(it is urgent\)"):
        publish_draft(settings, WHO, WHY, be_slower, hush)
    assert [(entry.number, entry.by) for entry in read_history(settings, hush).entries][1:] == [(2, "Bea Example")]


def test_what_is_edited_while_it_is_checked_is_not_published(settings: Settings, draft: Path) -> None:
    edit(draft, "sadness-met-then-moved-dose", "steps_max", "1")

    def edit_meanwhile(line: str) -> None:
        if line == "checking":
            edit(draft, "even-loudness-step-limit", "at_most", "40")

    with pytest.raises(UsageError, match="was edited while it was checked"):
        publish_draft(settings, WHO, WHY, edit_meanwhile, hush)
    assert [entry.number for entry in read_history(settings, hush).entries] == [1]


def test_a_preview_says_once_that_a_draft_waits(settings: Settings, draft: Path) -> None:
    edit(draft, "sadness-met-then-moved-dose", "steps_max", "1")
    said: list[str] = []
    assert preview(settings, said.append, "1", most=1).differences == ()
    assert sum("a draft that waits" in line for line in said) == 1


def test_what_ships_is_published_once_whoever_loads_it_first(settings: Settings, draft: Path) -> None:
    with open_graph(settings, hush) as graph:
        sources = read_shipped()
        late = make_publication((), "shipped", sources.sha256, "Isopath", "ships with this release", ())
        graph.write(lambda transaction: record_publication(transaction, late, sources))
    assert len(read_history(settings, hush).entries) == 1
