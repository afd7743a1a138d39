"""A journey for players: every format, and sound that is rendered once and given in parts."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import mido
import pytest
import soundfile
from starlette.testclient import TestClient

from engine.server import ServerConnection
from tests.helpers.serving import client, ours, problem_of, service

pytestmark = pytest.mark.graph
SPACE = "{http://xspf.org/ns/0/}"


@pytest.fixture(scope="module")
def api(served: ServerConnection, home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    made = service(replace(ours(home), cache=tmp_path_factory.mktemp("cache")))
    made.application.warm_up()
    with client(made) as opened:
        yield opened


@pytest.fixture(scope="module")
def journey(api: TestClient) -> dict[str, Any]:
    told: dict[str, Any] = api.post("/v1/journeys", json={"feel": ["joy"], "seed": 2, "minutes": 10}).json()
    return told


def steps(journey: dict[str, Any]) -> list[dict[str, Any]]:
    return [step for stage in journey["stages"] for step in stage["steps"]]


def exported(api: TestClient, journey: dict[str, Any], format_: str) -> Any:
    answer = api.get(f"/v1/journeys/{journey['id']}/export", params={"format": format_})
    assert answer.status_code == 200, answer.text
    assert "attachment" in answer.headers["content-disposition"]
    return answer


def test_every_playlist_keeps_the_order_and_leads_to_sound(api: TestClient, journey: dict[str, Any]) -> None:
    places = [f"http://127.0.0.1/v1/tracks/{step['track_id']}/audio" for step in steps(journey)]
    lines = exported(api, journey, "m3u8").text.splitlines()
    assert lines[0] == "#EXTM3U"
    assert [line for line in lines if not line.startswith("#")] == places
    listed = exported(api, journey, "jspf").json()["playlist"]["track"]
    assert [track["location"] for track in listed] == [[place] for place in places]
    extension = listed[0]["extension"]["https://isopath.org/jspf"][0]
    assert extension["stage"] == "match"
    assert extension["reason"] == steps(journey)[0]["because"]
    root = ET.fromstring(exported(api, journey, "xspf").content)  # noqa: S314  # ours, just written
    assert [each.text for each in root.iter(f"{SPACE}location")] == places
    rows = list(csv.DictReader(io.StringIO(exported(api, journey, "csv").text)))
    assert [row["track_id"] for row in rows] == [step["track_id"] for step in steps(journey)]
    assert json.loads(exported(api, journey, "json").content) == journey


def test_notes_come_as_midi_files_in_order(api: TestClient, journey: dict[str, Any]) -> None:
    with zipfile.ZipFile(io.BytesIO(exported(api, journey, "midi").content)) as zipped:
        names = zipped.namelist()
        assert names == sorted(names)
        assert len(names) == len(steps(journey))
        played = mido.MidiFile(file=io.BytesIO(zipped.read(names[0])))
    assert played.length == pytest.approx(steps(journey)[0]["seconds"], rel=0.1)


def test_a_format_that_is_none_is_refused(api: TestClient, journey: dict[str, Any]) -> None:
    told = problem_of(api.get(f"/v1/journeys/{journey['id']}/export", params={"format": "pdf"}), 406, "not_acceptable")
    assert "m3u8" in told["repair"]


def test_sound_is_rendered_once_and_given_in_parts(api: TestClient, journey: dict[str, Any]) -> None:
    step = min(steps(journey), key=lambda step: step["seconds"])
    path = f"/v1/tracks/{step['track_id']}/audio"
    whole = api.get(path)
    assert (whole.status_code, whole.headers["content-type"]) == (200, "audio/ogg")
    sound, rate = soundfile.read(io.BytesIO(whole.content))
    assert len(sound) / rate == pytest.approx(step["seconds"], abs=5)
    part = api.get(path, headers={"Range": "bytes=100-199"})
    assert (part.status_code, part.content) == (206, whole.content[100:200])
    assert part.headers["content-range"] == f"bytes 100-199/{len(whole.content)}"
    problem_of(api.get(path, headers={"Range": f"bytes={len(whole.content)}-"}), 416, "range_not_satisfiable")
    problem_of(api.get(path, headers={"Range": "pages=1-2"}), 416, "range_not_satisfiable")
    assert api.get(path).content == whole.content
    problem_of(api.get("/v1/tracks/zanzibar/audio"), 422, "usage", "track_id")
