"""What imports what, who opens which door, and what does not belong where. Reads the sources, runs nothing."""

import ast
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from engine.settings import ROOT
from tests.helpers.sources import MODULES, PACKAGES, imported, imports, name_of, nodes, place, roots

MAY_IMPORT = {"encoders": {"encoders"}, "engine": {"encoders", "engine"}, "api": {"api", "encoders", "engine"}}

STARTS_THE_SERVICE = "engine/cli/service.py"
"""The one module of the engine that imports the service."""
TYPES_OF_THE_ENGINE = {"engine.gate", "engine.graph", "engine.reasoning.facts"}
"""What the service names in its types: it gets these from use cases, and hands them back."""

DOORS = {
    "neo4j": ("engine/graph/",),
    "rdflib": ("engine/rules/",),
    "owlready2": ("engine/rules/",),
    "onnx": ("encoders/training/",),
    "onnxruntime": ("encoders/",),
    "tokenizers": ("encoders/",),
    "torch": ("encoders/",),
    "transformers": ("encoders/",),
    "sklearn": ("encoders/training/",),
    "scipy": ("encoders/analysis/", "encoders/sound/", "encoders/training/"),
    "music21": (),
    "mido": ("encoders/sound/",),
    "pretty_midi": (),
    "partitura": (),
    "pyloudnorm": ("encoders/sound/",),
    "soxr": ("encoders/sound/",),
    "text_unidecode": ("encoders/embedding/clamp3/",),
    "tinytag": ("encoders/sound/",),
    "cryptography": ("engine/server/certificate.py",),
    "jgo": ("engine/server/jars.py",),
    "pyarrow": ("engine/export/tables.py",),
    "pandas": (),
    "py2neo": (),
    "openpyxl": ("engine/authoring/tables/workbook.py",),
    "yaml": ("engine/authoring/reading.py",),
    "argcomplete": ("engine/cli/main.py",),
    "jinja2": ("engine/drawing/",),
    "miniaudio": ("engine/playing/speaker.py",),
    "platformdirs": ("engine/settings.py",),
    "soundfile": ("encoders/sound/", "engine/export/", "engine/playing/programme.py"),
    "fastapi": ("api/",),
    "starlette": ("api/",),
    "anyio": ("api/",),
    "uvicorn": ("api/serving.py", "api/connections.py"),
    "h11": ("api/connections.py",),
    "pydantic": ("api/schemas.py",),
    "prometheus_client": ("api/observing.py", "api/routes/operating.py"),
    "httpx": ("api/client.py",),
}
"""Library -> the only places that may know it; none where only tests do."""

ROOMS = {
    "encoders/notation": set(),
    "encoders/performing": {"notation"},
    "encoders/sound": {"notation", "performing"},
    "encoders/analysis": {"notation", "performing", "sound"},
    "encoders/emotions": set(),
    "encoders/embedding": {"analysis", "performing"},
    "encoders/catalogue": {"analysis", "notation", "performing"},
    "encoders/training": {"analysis", "catalogue", "embedding", "emotions", "notation", "performing", "sound"},
    "engine/rules": set(),
    "engine/gate": {"rules"},
    "engine/graph": set(),
    "engine/server": {"graph"},
    "engine/order": set(),
    "engine/publishing": set(),
    "engine/store": {"graph", "publishing", "rules"},
    "engine/ingest": {"graph", "store"},
    "engine/drawing": set(),
    "engine/export": {"drawing"},
    "engine/plans": {"publishing", "rules", "store"},
    "engine/playing": set(),
}
"""Room -> the rooms beside it that it may import, besides modules of the folder above (values, errors, limits).

`reasoning`, `explaining`, `authoring`, `use_cases` and `cli` stand over these.
"""


@pytest.mark.parametrize("path", MODULES, ids=place)
def test_imports_point_one_way(path: Path) -> None:
    package = path.relative_to(ROOT).parts[0]
    allowed = MAY_IMPORT[package] | ({"api"} if place(path) == STARTS_THE_SERVICE else set())
    assert roots(path) & set(PACKAGES) <= allowed


def test_the_service_asks_use_cases_and_is_started_by_one_command() -> None:
    """What it may know of the engine besides: values, errors, settings, and the application that it keeps warm."""
    rooms = {path.name for path in (ROOT / "engine").iterdir() if path.is_dir()} - {"use_cases"}
    wrong = [
        f"{place(path)} imports {name}"
        for path in sorted((ROOT / "api").rglob("*.py"))
        for name in imported(path)
        if name.startswith("engine.") and name.split(".")[1] in rooms and name not in TYPES_OF_THE_ENGINE
    ]
    assert not wrong, "\n".join(wrong)
    [lazily] = [
        node
        for node in nodes(ROOT / STARTS_THE_SERVICE)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("api")
    ]
    assert lazily.col_offset > 0, "only when it is asked for"


@pytest.mark.parametrize("room", ROOMS)
def test_rooms_import_one_way(room: str) -> None:
    package = room.partition("/")[0]
    beside = {path.name for path in (ROOT / package).iterdir() if path.is_dir()} - ROOMS[room] - {Path(room).name}
    wrong = [
        f"{place(path)} imports {name}"
        for path in sorted((ROOT / room).rglob("*.py"))
        for name in imports(path)
        if name.startswith(f"{package}.") and name.split(".")[1] in beside
    ]
    assert not wrong, "\n".join(wrong)


def test_what_runs_imports_no_training_and_nothing_of_the_tests() -> None:
    wrong = [
        f"{place(path)} imports {name}"
        for path in MODULES
        for name in imports(path)
        if name.startswith("tests")
        or (name.startswith("encoders.training") and not place(path).startswith("encoders/training/"))
    ]
    assert not wrong, "\n".join(wrong)
    assert [place(path) for path in MODULES if re.search(r"""["']tests["'/]""", path.read_text("utf-8"))] == []


def test_no_module_imports_itself_by_way_of_others() -> None:
    known = {name_of(path): path for path in MODULES}
    leads = {
        name: {found for found in imported(path) if found in known and found != name} for name, path in known.items()
    }
    while free := [name for name, others in leads.items() if not others & leads.keys()]:
        for name in free:
            del leads[name]
    assert not leads, f"in circles: {', '.join(sorted(leads))}"


def test_packages_are_small_enough_to_be_looked_over() -> None:
    folders = Counter(place(path.parent) for path in MODULES if path.name != "__init__.py")
    assert [folder for folder, modules in folders.items() if modules > 14] == []
    assert [place(path) for path in MODULES if len(path.read_text("utf-8").splitlines()) > 300] == []


@pytest.mark.parametrize("path", MODULES, ids=place)
def test_every_library_has_one_door(path: Path) -> None:
    wrong = [
        f"{place(path)} imports {library}, which only {' and '.join(DOORS[library])} may"
        for library in sorted(roots(path) & set(DOORS))
        if not place(path).startswith(DOORS[library])
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("path", MODULES, ids=place)
def test_only_the_settings_read_the_environment(path: Path) -> None:
    names = {"environ", "environb", "getenv", "putenv"}
    found = {
        node.attr if isinstance(node, ast.Attribute) else node.name
        for node in nodes(path)
        if (isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "os")
        or isinstance(node, ast.alias)
    }
    # The other place writes: it keeps libraries from reporting to their makers, before any is imported.
    assert not found & names or place(path) in {"engine/settings.py", "encoders/__init__.py"}


@pytest.mark.parametrize("path", MODULES, ids=place)
def test_no_query_stands_in_python(path: Path) -> None:
    cypher = re.compile(r"\b(MATCH|MERGE|CREATE|UNWIND|DETACH DELETE|OPTIONAL MATCH)\s*[({\[]|\bUNWIND \$")
    prose = {
        id(node.value)
        for node in nodes(path)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    }
    found = [
        f"{place(path)}:{node.lineno}"
        for node in nodes(path)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in prose
        and cypher.search(node.value)
    ]
    assert not found, f"a query belongs into cypher/: {', '.join(found)}"


def test_a_use_case_knows_no_terminal() -> None:
    """The service calls the same: nothing there prints, reads standard input, exits, or knows arguments."""
    wrong = [
        f"{place(path)}:{node.lineno}"
        for path in sorted((ROOT / "engine" / "use_cases").rglob("*.py"))
        for node in nodes(path)
        if (isinstance(node, ast.Name) and node.id in {"print", "input", "exit", "quit"})
        or (isinstance(node, ast.Attribute) and node.attr in {"stdin", "stdout", "stderr", "exit"})
    ]
    wrong += [
        f"{place(path)} imports {name}"
        for path in sorted((ROOT / "engine" / "use_cases").rglob("*.py"))
        for name in imports(path)
        if name.partition(".")[0] in {"argparse", "rich"} or name.startswith("engine.cli")
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("folder", ["ontology", "cypher", "seed_data"])
def test_data_folders_hold_no_python(folder: str) -> None:
    kinds = {".py", ".pyi", ".pyc", ".ipynb", ".pkl", ".pickle", ".joblib", ".pt", ".pth"}
    found = [place(path) for path in (ROOT / folder).rglob("*") if path.suffix in kinds]
    assert not found, f"{', '.join(found)}: data only, and none that runs when it is opened"


@pytest.mark.parametrize("library", DOORS)
def test_every_door_is_a_place_that_exists(library: str) -> None:
    doors = [door for door in DOORS[library] if not door.startswith("api/")]
    assert all((ROOT / door).exists() for door in doors)


def test_the_command_line_starts_light() -> None:
    """A help text or an error should not wait for numpy, a driver, a model or an ontology."""
    script = "import sys, engine.cli.main; print(*{name.partition('.')[0] for name in sys.modules})"
    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    assert not set(answer.stdout.split()) & {"neo4j", "rdflib", "owlready2", "onnxruntime", "music21", "jgo", "torch"}
