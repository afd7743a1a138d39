"""The image and the services around it: small, without rights or secrets of their own; checked without an engine."""

from __future__ import annotations

import json
import re
import shlex
import signal
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
import yaml

from api.healthy import healthy
from api.serving import Address
from engine.keys import create_key
from engine.settings import ROOT
from tests.helpers.serving import serving

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
IGNORED = (ROOT / ".dockerignore").read_text("utf-8").splitlines()


def instructions() -> list[tuple[str, str]]:
    """Every instruction of the Dockerfile with its words, in order."""
    text = re.sub(r"\\\n\s*", "", (ROOT / "Dockerfile").read_text("utf-8"))
    lines = (line.partition(" ") for line in text.splitlines() if line and not line.startswith("#"))
    return [(name, words.strip()) for name, _, words in lines]


def last_stage() -> list[tuple[str, str]]:
    found = instructions()
    start = max(number for number, (name, _) in enumerate(found) if name == "FROM")
    return found[start:]


def of_the_image(name: str) -> Any:
    return json.loads(next(words for each, words in last_stage() if each == name))


def test_what_the_image_is_made_from_is_pinned_and_fetched_by_hash() -> None:
    froms = [words.split()[0] for name, words in instructions() if name == "FROM"]
    assert all(re.fullmatch(r"[a-z/]+:\d[\w.-]+", each) for each in froms), froms
    fetched = [words for name, words in instructions() if name == "RUN" and " install " in words]
    for command in " && ".join(fetched).split("&&"):
        if "pip install" in command:
            assert "--require-hashes" in command or "--no-index" in command
    assert "ADD" not in dict(instructions()), "COPY says what comes"
    assert not re.search(r"\b(apt-get|curl|wget|sudo|chmod 777)\b", (ROOT / "Dockerfile").read_text("utf-8"))


def test_the_image_runs_without_rights_and_takes_along_what_it_needs_alone() -> None:
    stage = last_stage()
    assert [words for name, words in stage if name == "COPY"] == ["--from=build /opt/isopath /opt/isopath"]
    assert re.fullmatch(r"[1-9]\d{3,}", dict(stage)["USER"])
    assert isinstance(of_the_image("ENTRYPOINT"), list), "so that signals reach it"
    assert isinstance(of_the_image("CMD"), list)
    assert "HEALTHCHECK" in dict(stage)
    assert not [words for name, words in instructions() if re.search(r"(?i)password|secret|token", words)]
    assert next(line for line in IGNORED if line and not line.startswith("#")) == "*"
    copied = {words.split()[0] for name, words in instructions() if name == "COPY" and not words.startswith("--")}
    assert {each.partition("/")[0] for each in copied} <= {line.removeprefix("!") for line in IGNORED}
    assert all((ROOT / each).exists() for each in copied)


@pytest.mark.parametrize("name", SERVICES)
def test_nothing_is_reached_from_other_machines_and_no_secret_is_made_up(name: str) -> None:
    service = SERVICES[name]
    assert all(str(port).startswith("127.0.0.1:") for port in service.get("ports", []))
    assert not service.get("privileged")
    assert "network_mode" not in service
    for key, value in service["environment"].items():
        if re.search("PASSWORD|AUTH$|KEY$", key):
            assert ":?" in str(value), f"{key} has a default"
    named = {volume.partition(":")[0] for volume in service["volumes"]}
    assert named <= COMPOSE["volumes"].keys(), "no folder of the machine"


@pytest.mark.parametrize("name", ["isopath", "load"])
def test_what_is_ours_may_write_to_its_home_alone(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["volumes"] == ["home:/home/isopath/data"]
    assert dict(last_stage())["VOLUME"] == "/home/isopath/data"


def test_services_begin_in_order_and_say_how_they_are() -> None:
    assert SERVICES["isopath"]["depends_on"] == {
        "neo4j": {"condition": "service_healthy"},
        "load": {"condition": "service_completed_successfully"},
    }
    assert SERVICES["load"]["depends_on"] == {"neo4j": {"condition": "service_healthy"}}
    assert (SERVICES["load"]["command"], SERVICES["load"]["restart"]) == (["load"], "no")
    assert {name for name, service in SERVICES.items() if "healthcheck" in service} == {"neo4j", "isopath"}
    assert SERVICES["isopath"]["ports"][0].endswith(f":{Address().port}")
    assert dict(last_stage())["EXPOSE"] == str(Address().port)


def test_the_entry_point_serves_with_a_key_and_says_how_it_is(tmp_path: Path) -> None:
    _, key = create_key(tmp_path, "app", ["journeys"])
    [program, *rest] = of_the_image("ENTRYPOINT") + of_the_image("CMD")
    command = [str(Path(sys.executable).parent / program), *rest]
    with serving(tmp_path, command=command) as (address, process):
        port = urlsplit(address).port or 0
        assert healthy(port)
        assert not healthy(port, "ready"), "there is no graph"
        said = httpx.post(f"{address}/v1/emotions", json={"text": "I am so happy"}, timeout=60)
        assert said.status_code == 401
        bearer = {"Authorization": f"Bearer {key}"}
        said = httpx.post(f"{address}/v1/emotions", json={"text": "I am so happy"}, headers=bearer, timeout=60)
        assert said.json()["outcome"] == "reading"
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) in (0, -signal.SIGTERM)
        assert not healthy(port)


def test_checks_of_health_are_commands_of_the_image() -> None:
    told = dict(last_stage())["HEALTHCHECK"].partition("CMD ")[2]
    assert json.loads(told) == ["python", "-m", "api.healthy"]
    assert shlex.join(SERVICES["isopath"]["healthcheck"]["test"][1:]) == "python -m api.healthy ready"
