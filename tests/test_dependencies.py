"""What is imported is declared, what is declared is needed, and what is installed is locked."""

import re
import sys
import tomllib

import pytest

from engine.settings import ROOT
from tests.helpers.sources import MODULES, PACKAGES, place, roots

INSTALLED_AS = {
    "sklearn": "scikit-learn",
    "pretty_midi": "pretty-midi",
    "prometheus_client": "prometheus-client",
    "onnx_ir": "onnx-ir",
    "xdist": "pytest-xdist",
    "yaml": "pyyaml",
    "text_unidecode": "text-unidecode",
}
"""Import name -> name of the package, where they differ."""

NOT_IMPORTED = {
    "neo4j-rust-ext": "makes neo4j faster by being there",
    "music21": "its scores are read, as files; importing it would cost seconds",
    "pretty-midi": "its sound font is read, as a file",
    "onnx-ir": "onnxruntime's quantiser asks for it",
    "pytest-cov": "sees which lines the tests run",
    "ipykernel": "runs the cells of the notebook",
    "matplotlib": "the notebook draws with it",
    "networkx": "the notebook lays out a graph with it",
    "pandas": "the notebook's tables",
    "py2neo": "the notebook shows that it can read",
}
"""Declared and never imported, with the reason."""


def declared() -> dict[str, set[str]]:
    """Package names by group: `run`, and each extra."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    groups = {"run": project["dependencies"], **project["optional-dependencies"]}
    names = {group: {named(line) for line in lines} for group, lines in groups.items()}
    # "isopath[models]" in an extra stands for all that the extra `models` lists.
    brought = {group: re.findall(r"isopath\[(\w+)\]", " ".join(lines)) for group, lines in groups.items()}
    return {group: names[group].union(*(names[extra] for extra in brought[group])) - {"isopath"} for group in groups}


def named(requirement: str) -> str:
    return re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0].lower().replace("_", "-")


def locked(name: str) -> dict[str, set[str]]:
    """Package -> versions that a lock file allows (one for each kind of machine)."""
    versions: dict[str, set[str]] = {}
    for line in (ROOT / "requirements" / f"{name}.lock").read_text(encoding="utf-8").splitlines():
        if found := re.match(r"([a-z0-9._-]+)==([^\s;\\]+)", line):
            versions.setdefault(found[1], set()).add(found[2])
    return versions


def test_every_import_is_a_declared_dependency() -> None:
    known = set().union(*declared().values())
    own = {*PACKAGES, "tests"}
    missing = {
        f"{place(path)}: {name}"
        for path in [*MODULES, *(ROOT / "tests").rglob("*.py")]
        for name in roots(path) - sys.stdlib_module_names - own
        if INSTALLED_AS.get(name, name) not in known
    }
    assert not missing, "\n".join(sorted(missing))


def test_every_declared_dependency_is_needed() -> None:
    used = {
        INSTALLED_AS.get(name, name) for path in [*MODULES, *(ROOT / "tests").rglob("*.py")] for name in roots(path)
    }
    tools = {"mypy", "ruff"}
    typed = {name for group in declared().values() for name in group if name.startswith("types-")}
    for group, names in declared().items():
        assert not names - used - tools - typed - set(NOT_IMPORTED), group


@pytest.mark.parametrize("name", NOT_IMPORTED)
def test_every_exception_is_still_needed(name: str) -> None:
    assert name in set().union(*declared().values())
    importers = [place(path) for path in MODULES if name in {INSTALLED_AS.get(root, root) for root in roots(path)}]
    assert not importers, f"{name} is imported by {importers}: it is no exception any more"


@pytest.mark.parametrize("name", ["build", "run", "test", "train", "models", "analyst"])
def test_every_locked_package_has_its_hashes_and_no_address(name: str) -> None:
    text = (ROOT / "requirements" / f"{name}.lock").read_text(encoding="utf-8")
    entries = re.split(r"\n(?=[a-z0-9])", text.strip())
    assert all("--hash=sha256:" in entry for entry in entries)
    assert not re.search(r"https?://|--(extra-)?index-url|--find-links|file:", text)


@pytest.mark.parametrize("group", ["run", "test", "train", "models", "analyst"])
def test_the_locks_hold_what_is_declared(group: str) -> None:
    held, wanted = locked(group), declared()
    assert wanted["run"] | wanted[group] <= set(held), "run `make lock`"
    for package, versions in locked("run").items():
        assert held.get(package) == versions, f"{package}: {group}.lock and run.lock differ; run `make lock`"


@pytest.mark.parametrize("name", ["build", "run", "train", "analyst"])
def test_a_journey_and_the_linear_model_need_no_torch(name: str) -> None:
    assert not {"torch", "transformers"} & set(locked(name))


def test_models_are_tested_with_the_versions_they_run_on() -> None:
    held = locked("test")
    assert {package: held.get(package) for package in locked("models")} == locked("models"), "run `make lock`"
