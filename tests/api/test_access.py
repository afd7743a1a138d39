"""Who may ask what: keys, scopes, rates, and where the service refuses to listen."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from api.access import Bucket
from api.serving import Address, serve
from engine.cli.main import main
from engine.errors import UsageError
from engine.keys import Keyring, create_key, list_keys, revoke_key
from tests.helpers.serving import client, problem_of, service, without_graph

JOY = {"text": "I am so happy today"}


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def test_a_key_opens_its_scopes_until_it_is_revoked(tmp_path: Path) -> None:
    made, key = create_key(tmp_path, "app", ["journeys"])
    with client(service(without_graph(tmp_path))) as api:
        problem_of(api.post("/v1/emotions", json=JOY), 401, "unauthorized")
        problem_of(api.post("/v1/emotions", json=JOY, headers=bearer(key[:-1] + "x")), 401, "unauthorized")
        problem_of(api.post("/v1/emotions", json=JOY, headers={"Authorization": f"Basic {key}"}), 401, "unauthorized")
        assert api.post("/v1/emotions", json=JOY, headers=bearer(key)).status_code == 200
        problem_of(api.post("/v1/query", json={"query": "RETURN 1"}, headers=bearer(key)), 403, "forbidden")
        problem_of(api.get("/v1/rules", headers=bearer(key)), 403, "forbidden")
        assert api.get("/v1/metrics", headers=bearer(key)).status_code == 200
        problem_of(api.get("/v1/metrics"), 401, "unauthorized")
        assert api.get("/v1/health").status_code == 200
        other, _ = create_key(tmp_path, "other", ["rules"])
        revoke_key(tmp_path, made.id)
        problem_of(api.post("/v1/emotions", json=JOY, headers=bearer(key)), 401, "unauthorized")
        assert [each.id for each in list_keys(tmp_path)] == [other.id]


def test_no_key_is_stored_and_its_file_is_the_owners(tmp_path: Path) -> None:
    _, key = create_key(tmp_path, "app", ["journeys", "query"])
    text = (tmp_path / "keys.json").read_text()
    assert key not in text
    assert key.rpartition("_")[2] not in text
    if os.name == "posix":
        assert (tmp_path / "keys.json").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("name", "scopes", "rate", "place"),
    [
        ("", ["journeys"], 5, "NAME"),
        ("a b", ["journeys"], 5, "NAME"),
        ("a", [], 5, "--scope"),
        ("a", ["everything"], 5, "--scope"),
        ("a", ["journeys"], 0, "--rate"),
    ],
)
def test_a_key_that_cannot_be_is_refused(tmp_path: Path, name: str, scopes: list[str], rate: int, place: str) -> None:
    with pytest.raises(UsageError) as caught:
        create_key(tmp_path, name, scopes, rate)
    assert caught.value.place == place
    assert list_keys(tmp_path) == []


def test_a_rate_is_kept_to_by_key_and_comes_back(tmp_path: Path) -> None:
    _, slow = create_key(tmp_path, "slow", ["journeys"], rate=3)
    _, fast = create_key(tmp_path, "fast", ["journeys"])
    with client(service(without_graph(tmp_path))) as api:
        said = [api.get("/v1/metrics", headers=bearer(slow)).status_code for _ in range(4)]
        assert said == [200, 200, 200, 429]
        refused = api.get("/v1/metrics", headers=bearer(slow))
        problem_of(refused, 429, "rate_limited")
        assert 1 <= int(refused.headers["retry-after"]) <= 20
        assert api.get("/v1/metrics", headers=bearer(fast)).status_code == 200
    bucket = Bucket(60, 60.0, 0.0)
    assert [bucket.take(0.0) for _ in range(61)][-1] == pytest.approx(1.0)
    assert bucket.take(1.1) == 0.0


def test_without_a_key_only_this_machine_asks_under_its_own_name(tmp_path: Path) -> None:
    with client(service(without_graph(tmp_path))) as api:
        assert api.post("/v1/emotions", json=JOY).status_code == 200
        problem_of(api.post("/v1/emotions", json=JOY, headers={"Host": "evil.example"}), 403, "forbidden")
    with client(service(without_graph(tmp_path), needs_key=True)) as api:
        problem_of(api.post("/v1/emotions", json=JOY), 401, "unauthorized")


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])  # noqa: S104
def test_an_open_address_without_a_key_is_refused(tmp_path: Path, host: str) -> None:
    with pytest.raises(UsageError, match="there is no key"):
        serve(without_graph(tmp_path), Address(host))


def test_a_command_makes_lists_and_revokes_keys(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    without_graph(tmp_path)  # The gate is compiled there already.
    monkeypatch.setenv("ISOPATH_HOME", str(tmp_path))
    assert main(["key", "create", "app", "--scope", "journeys,rules"]) == 0
    key = capsys.readouterr().out.strip()
    assert Keyring(tmp_path).find(key)
    assert main(["key", "list", "--json"]) == 0
    [row] = map(json.loads, capsys.readouterr().out.splitlines())
    assert (row["name"], row["scopes"]) == ("app", ["journeys", "rules"])
    assert key not in str(row)
    assert main(["key", "revoke", row["id"]]) == 0
    assert main(["key", "revoke", row["id"]]) == 2
    assert main(["key", "create"]) == 2
    assert main(["serve", "--host", "0.0.0.0"]) == 2  # noqa: S104
    assert main(["serve", "--port", "99999"]) == 2


def test_each_of_several_workers_grants_its_share(tmp_path: Path) -> None:
    _, key = create_key(tmp_path, "app", ["journeys"], rate=4)
    with client(service(without_graph(tmp_path), share=0.5)) as api:
        said = [api.get("/v1/metrics", headers=bearer(key)).status_code for _ in range(3)]
    assert said == [200, 200, 429]
