"""A backup brings everything back, journeys and their listeners included; what is none is refused before it harms."""

from __future__ import annotations

import json
import os
import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine.errors import GraphUnavailable, IsopathError, UsageError
from engine.files import write_json
from engine.graph import Graph
from engine.journey import Request
from engine.reasoning.planner import Planner
from engine.settings import Settings
from engine.store.backup import read_links, read_nodes
from engine.use_cases.journeys.feedback import Feedback, keep_feedback
from engine.use_cases.journeys.listeners import make_pseudonym, plan_for_listener, read_known
from engine.use_cases.journeys.plans import Plans
from engine.use_cases.journeys.read import read_journey, read_kept_reading
from engine.use_cases.operating.backup import back_up, restore
from tests.conftest import say
from tests.helpers.planning import journey_of

NOWHERE = "bolt://127.0.0.1:1"


def held(graph: Graph) -> tuple[Counter[str], Counter[str]]:
    """Every node and every relationship, told by what it holds and not by its number."""
    told = {
        node["id"]: json.dumps(
            [sorted(node["labels"]), node["properties"], {k: v.tobytes().hex() for k, v in node["vectors"].items()}],
            sort_keys=True,
            default=str,
        )
        for node in read_nodes(graph)
    }
    links = (
        f"{told[link['start']]} -{link['type']} {json.dumps(link['properties'], sort_keys=True)}-> {told[link['end']]}"
        for link in read_links(graph)
    )
    return Counter(told.values()), Counter(links)


def cleared(graph: Graph) -> None:
    while graph.write(lambda t: t.rows("backup/clear", most=2_000)[0]["cleared"]):
        pass


@pytest.mark.graph
def test_a_backup_brings_back_all_of_a_graph(shipped_graph: Graph, planner: Planner, tmp_path: Path) -> None:
    settings, graph, file = Settings.from_environment(), shipped_graph, tmp_path / "all.isopath"
    listener = make_pseudonym(settings.home, "quokka-backup")
    asked = Request(feel=("joy",), goal="calm", goal_chosen=True, seed=5, keep_reading=True)
    kept = journey_of(plan_for_listener(planner, asked, None, listener, Plans(settings)))
    keep_feedback(graph, kept.id, Feedback(before=3, after=6, steps={2: "skip"}))
    write_json(settings.home / "keys.json", {"keys": []})

    unkept = replace(planner, persists=False)

    def seen() -> tuple[Any, ...]:
        return (
            held(graph), read_journey(graph, kept.id), read_kept_reading(graph, kept.id), read_known(graph, listener),
            [step.track_id for step in journey_of(unkept.plan(asked)).steps],
        )  # fmt: skip

    before, secrets = seen(), {name: (settings.home / name).read_bytes() for name in ("keys.json", "listeners.key")}
    done = back_up(settings, file, say)
    assert done.journeys == sum('"Journey"' in node for node in before[0][0].elements())
    if os.name == "posix":
        assert file.stat().st_mode & 0o077 == 0
    with pytest.raises(GraphUnavailable, match="would be lost"):
        restore(settings, file, say)
    cleared(graph)
    graph.write(lambda t: t.rows("backup/begin"))  # One that broke off.
    for name in secrets:
        (settings.home / name).unlink()
    assert restore(settings, file, say) == done
    assert {name: (settings.home / name).read_bytes() for name in secrets} == secrets
    assert seen() == before


def test_a_backup_takes_no_files_place_and_needs_a_folder(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, cache=tmp_path, neo4j_uri=NOWHERE, neo4j_password="none")
    (tmp_path / "there").write_text("mine")
    with pytest.raises(UsageError, match="is there already"):
        back_up(settings, tmp_path / "there", say)
    assert (tmp_path / "there").read_text() == "mine"
    with pytest.raises(IsopathError):
        back_up(settings, tmp_path / "new", say)
    assert [path.name for path in tmp_path.iterdir() if "new" in path.name] == []


def archive(path: Path, **about: object) -> Path:
    with zipfile.ZipFile(path, "w") as made:
        made.writestr(
            "backup.json", json.dumps({"isopath_backup": 1, "version": "v", "nodes": 0, "journeys": 0, **about})
        )
        made.writestr("nodes.jsonl", "")
        made.writestr("links.jsonl", "")
    return path


DAMAGED: dict[str, Callable[[Path], Path]] = {
    "nothing": lambda folder: folder / "nothing",
    "a folder": lambda folder: folder,
    "a text": lambda folder: _written(folder / "text", b"quokka"),
    "empty": lambda folder: _written(folder / "empty", b""),
    "cut off": lambda folder: _written(folder / "cut", archive(folder / "whole").read_bytes()[:-40]),
    "a byte of it": lambda folder: _written(folder / "bit", _flipped(archive(folder / "whole").read_bytes())),
    "another zip": lambda folder: _other(folder / "zip"),
    "another release": lambda folder: archive(folder / "newer", isopath_backup=2),
}


def _written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def _flipped(content: bytes) -> bytes:
    at = content.index(b'"version"')
    return content[:at] + bytes((content[at] ^ 1,)) + content[at + 1 :]


def _other(path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("readme", "quokka")
    return path


@pytest.mark.parametrize("make", DAMAGED.values(), ids=DAMAGED)
def test_what_is_no_backup_is_refused_before_a_server_is_asked(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    settings = Settings(home=tmp_path / "home", cache=tmp_path, neo4j_uri=NOWHERE, neo4j_password="none")
    with pytest.raises(UsageError) as caught:
        restore(settings, make(tmp_path), say)
    assert caught.value.place == "FILE"
    assert "quokka" not in str(caught.value)
    assert not (tmp_path / "home").exists()
