"""Nothing stands before help: whatever is damaged, full, missing or mistyped, a crisis is answered with help."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine.answers import AskedQuestion, Choice, ModelVersion, Provenance, Question
from engine.errors import OntologyError
from engine.files import read_sealed, write_sealed
from engine.gate import Gate, is_sound, load_fallback_gate
from engine.gate.keeping import COMPILED, LAST_GOOD, MUST_CATCH, MUST_PASS
from engine.gate.shipped import LINES, SHIPPED, build_last_resort_gate, load_shipped_gate
from engine.gate.shipping import build_source, format_source
from engine.journey import Reading
from engine.rules import Ontology
from engine.settings import ROOT, Settings
from tests.helpers.commands import isopath_process
from tests.helpers.damaging import damaged
from tests.helpers.gate_rates import sentences
from tests.helpers.proofs import PROVING, sample
from tests.helpers.shipped import compiled_gate, shipped_ontology

CRISIS = "I want to kill myself"
CALM = "Thank you so much, I am grateful"
COPIED = ("engine", "encoders", "ontology", "cypher", "seed_data")
DAMAGES = ("emptied", "cut", "junk", "junk of its kind", "gone", "a folder")
ONTOLOGY = [path.relative_to(ROOT).as_posix() for path in sorted((ROOT / "ontology").rglob("*.owl"))]
FILES = sorted(
    path.relative_to(ROOT).as_posix()
    for folder in ("ontology", "seed_data", "cypher")
    for path in (ROOT / folder).rglob("*")
    if path.is_file()
)
DAMAGED = [(file, DAMAGES if PROVING else sample(DAMAGES, 1, seed)) for seed, file in enumerate(FILES)]
"""A file, and what is done to it: with `make test` one thing, another for each file."""


# ---- a copy of the program that may be damaged


def linked(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


IN_A_HOME = (COMPILED, LAST_GOOD, "support_shown", "support_shown.lock", "loaded.json")
"""What a home has that shows help."""


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program and its data once more, by hard links."""
    root = tmp_path_factory.mktemp("tree")
    for folder in COPIED:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / folder, root / folder, copy_function=linked, ignore=ignored)
    return root


@pytest.fixture(scope="module")
def made(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that has a gate, has shown help and knows of a server; nobody changes it."""
    home = tmp_path_factory.mktemp("made")
    [shown] = run(tree, home, [case([CRISIS])])
    assert shown["code"] == 3
    (home / "loaded.json").write_text('{"files": "0", "version": "0"}')
    return home


@pytest.fixture
def used(made: Path, tmp_path: Path) -> Path:
    """Such a home, of the test's own."""
    return Path(shutil.copytree(made, tmp_path / "used"))


@pytest.fixture
def drafting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands go by ontology/ as it stands."""
    monkeypatch.setenv("ISOPATH_SERVE_DRAFT", "1")


def case(
    words: Sequence[str], files: Sequence[Path] = (), damage: str = "", limit: int | None = None
) -> dict[str, Any]:
    arguments = ["journey", "--", *words]
    return {"files": [str(path) for path in files], "damage": damage, "limit": limit, "arguments": arguments}


def run(tree: Path, home: Path | str, cases: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What each command gives, run one after the other in one process of the copy."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "tests" / "helpers" / "damaging.py"), str(tree), str(home)],
        input=json.dumps(cases),
        capture_output=True,
        text=True,
        cwd=tree,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def is_help(result: Mapping[str, Any]) -> bool:
    return result["code"] == 3 and "findahelpline.com" in result["out"]


# ---- damaged files


@pytest.mark.proof
@pytest.mark.parametrize(("file", "damages"), sample(DAMAGED, 2))
def test_no_damaged_file_of_the_program_stands_before_help(
    file: str, damages: Sequence[str], tree: Path, used: Path
) -> None:
    found = run(tree, used, [case([CRISIS], [tree / file], damage) for damage in damages])
    assert [is_help(each) for each in found] == [True] * len(damages)


@pytest.mark.proof
@pytest.mark.parametrize("damage", sample(DAMAGES, 1))
@pytest.mark.parametrize("file", sample(ONTOLOGY, 1))
def test_without_a_gate_of_its_own_a_home_uses_the_one_that_ships(
    file: str, damage: str, tree: Path, tmp_path: Path, drafting: None
) -> None:
    [shown] = run(tree, tmp_path / "cold", [case([CRISIS], [tree / file], damage)])
    assert is_help(shown)
    assert len(shown["told"].strip().splitlines()) == 2, "progress, then the fault in one line"


def test_the_fault_is_told_after_help_and_as_ever_to_whom_the_gate_lets_pass(
    tree: Path, used: Path, drafting: None
) -> None:
    rules = [tree / "ontology" / "rules" / "fear.owl"]
    shown, passed = run(tree, used, [case([CRISIS], rules, "cut"), case([CALM], rules, "cut")])
    assert is_help(shown)
    assert shown["told"].splitlines()[-1].startswith("isopath: ontology/rules/fear.owl")
    assert passed["code"] == 2
    assert passed["out"] == ""
    assert "isopath: ontology/rules/fear.owl" in passed["told"]


@pytest.mark.proof
@pytest.mark.parametrize("damage", sample(DAMAGES, 1))
@pytest.mark.parametrize("ships", [True, False])
@pytest.mark.parametrize("names", [(COMPILED,), (LAST_GOOD,), (COMPILED, LAST_GOOD)], ids="-".join)
def test_any_mixture_of_damaged_gates_leaves_one_that_stands(
    names: Sequence[str], ships: bool, damage: str, used: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the best to the last: the kept ones, the one that ships, the words in the code."""
    shutil.copy(SHIPPED, tmp_path / "shipped.json")
    monkeypatch.setattr("engine.gate.shipped.SHIPPED", tmp_path / "shipped.json")
    kept = [used / name for name in names]
    with damaged([*kept, *([] if ships else [tmp_path / "shipped.json"])], damage):
        gate = load_fallback_gate(used)
    assert is_sound(gate)
    assert gate.check("我不想活了").hit
    assert (gate.messages == build_last_resort_gate().messages) == (len(names) == 2 and not ships)


@pytest.mark.proof
@pytest.mark.parametrize("damage", sample(DAMAGES, 1))
@pytest.mark.parametrize("name", IN_A_HOME)
def test_every_damaged_file_of_a_home_is_passed_by(name: str, damage: str, tree: Path, used: Path) -> None:
    [shown] = run(tree, used, [case([CRISIS], [used / name], damage)])
    assert is_help(shown)
    assert {path.name for path in used.iterdir()} == set(IN_A_HOME)


def test_a_damaged_draft_leaves_what_was_published(tree: Path, used: Path) -> None:
    rules = [tree / "ontology" / "rules" / "fear.owl"]
    shown, passed = run(tree, used, [case([CRISIS], rules, "cut"), case([CALM], rules, "cut")])
    assert is_help(shown)
    assert passed["code"] == 6, "there is no server, and nothing else is wrong"


def test_an_ontology_that_is_gone_does_not_take_help_along(tree: Path, used: Path, drafting: None) -> None:
    (tree / "ontology").rename(tree / "elsewhere")
    try:
        shown, passed = run(tree, used, [case([CRISIS]), case([CALM])])
    finally:
        (tree / "elsewhere").rename(tree / "ontology")
    assert is_help(shown)
    assert passed["code"] == 2


# ---- disks


@pytest.mark.proof
@pytest.mark.parametrize("limit", sample([0, 1, 4096, 100_000, 1_000_000, 3_000_000], 1))
@pytest.mark.parametrize("home", ["used", "cold"])
def test_a_full_disk_does_not_stand_before_help(home: str, limit: int, tree: Path, used: Path, tmp_path: Path) -> None:
    place = used if home == "used" else tmp_path / "cold"
    shown, passed = run(tree, place, [case([CRISIS], limit=limit), case([CALM], limit=0)])
    assert is_help(shown)
    assert passed["code"] == 6, passed["told"]
    if home == "cold" and limit < 2_000_000:
        assert "cannot be written" in passed["told"]
        assert not list(place.glob(".*")), "nothing half-written stays on a full disk"


@pytest.mark.proof
@pytest.mark.parametrize(
    "home", sample(["/proc/isopath", "/dev/null/isopath", "~nobody-of-this-name/isopath", "x" * 5000], 1)
)
def test_a_home_that_cannot_be_there_does_not_stand_before_help(home: str, tree: Path) -> None:
    assert is_help(run(tree, home, [case([CRISIS])])[0])


def test_a_home_that_cannot_be_written_keeps_its_gate(tree: Path, used: Path) -> None:
    used.chmod(0o555)
    try:
        assert is_help(run(tree, used, [case([CRISIS])])[0])
    finally:
        used.chmod(0o755)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no device that is always full")
def test_help_goes_to_standard_error_where_standard_output_is_full() -> None:
    with Path("/dev/full").open("w") as full:
        done = isopath_process("journey", CRISIS, stdout=full)
    assert done.code == 3
    assert "findahelpline.com" in done.told


# ---- what else can be wrong


@pytest.mark.proof
@pytest.mark.parametrize(
    "environment",
    sample(
        [
            {"NEO4J_URI": "nonsense"},
            {"NEO4J_URI": "bolt://127.0.0.1:1"},
            {"ISOPATH_HOME": "/dev/null"},
            {"ISOPATH_SOUNDFONT": "/nowhere"},
            {"ISOPATH_EMOTION_MODEL": "/nowhere", "ISOPATH_EMBEDDING_MODEL": "/nowhere"},
            {"NEO4J_URI": "bolt://127.0.0.1:1", "NEO4J_PASSWORD": "wrong"},
            {"ISOPATH_REGION": "nowhere in particular"},
        ],
        2,
    ),
    ids=lambda each: "-".join(each),
)
def test_no_setting_stands_before_help(environment: dict[str, str]) -> None:
    for door in (["journey", CRISIS], ["search", "-"]):
        done = isopath_process(*door, text=CRISIS, environment=environment)
        assert (done.code, "findahelpline.com" in done.out) == (3, True), (door, done.told)


@pytest.mark.proof
@pytest.mark.parametrize(
    "arguments",
    sample(
        [
            ["journey", "--goal", "nonsense", CRISIS],
            ["journey", "--goal", CRISIS],
            ["journey", "--answer", CRISIS],
            ["journey", "--feel", CRISIS],
            ["journey", f"--context={CRISIS}"],
            ["journey", "--feel", "nonsense", CRISIS],
            ["journey", "--minutes", "ten", CRISIS],
            ["journey", "--minutes", "1", "--seed", "-1", CRISIS],
            ["journey", "--moods", "x", CRISIS],
            ["journey", f"--mood={CRISIS}"],
            ["journey", CRISIS, "--like"],
            ["journey", "--like", " ", CRISIS],
            ["journey", f"{CRISIS} \x07"],
            ["journey", CRISIS + " la" * 10_000],
            ["journey", "--jason", *CRISIS.split()],
            ["search", CRISIS, "--limit", "0"],
            ["search", CRISIS, "--limit", "many"],
            ["emotions", CRISIS, "--file"],
            [CRISIS],
            CRISIS.split(),
            ["jurney", CRISIS],
            ["query", CRISIS],
            ["journey", CRISIS, "--help"],
            ["status", CRISIS],
            ["ontology", CRISIS],
        ],
        3,
    ),
    ids=lambda each: " ".join(each)[:40],
)
def test_no_slip_in_the_arguments_stands_before_help(
    arguments: list[str], capsys: pytest.CaptureFixture[str], main: Any
) -> None:
    for as_json in ([], ["--json"]):
        assert main([*as_json, *arguments] if arguments[0].startswith("-") else [*arguments, *as_json]) == 3
        shown = capsys.readouterr()
        assert "findahelpline.com" in shown.out
        if as_json:
            answer = json.loads(shown.out)
            assert answer["outcome"] == "support"
            assert answer["reading"] is None
        assert CRISIS not in shown.out + shown.err


@pytest.mark.proof
@pytest.mark.parametrize(
    ("text", "options"),
    sample(
        [
            (b"I want to kill myself \xff\xfe", []),
            ("我想自杀".encode("gb18030"), []),
            (CRISIS.encode("utf-16"), []),
            (CRISIS.encode() + b" la" * 40_000, []),
            (CRISIS.encode(), ["--minutes", "1"]),
            (CRISIS.encode(), ["--moods"]),
        ],
        2,
    ),
)
def test_words_from_standard_input_are_read_whatever_else_is_wrong(text: bytes, options: list[str]) -> None:
    done = isopath_process("journey", "-", *options, text=text)
    assert (done.code, "findahelpline.com" in done.out) == (3, True), done.told


@pytest.mark.proof
@pytest.mark.parametrize(
    "locale",
    sample(
        [
            {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
            {"PYTHONIOENCODING": "ascii"},
            {"PYTHONIOENCODING": "latin-1"},
        ],
        1,
    ),
    ids=lambda each: "-".join(each.values()),
)
def test_help_in_chinese_is_legible_in_any_locale(locale: dict[str, str]) -> None:
    for arguments in (["journey", "我想自杀"], ["journey", "我想自杀", "--json"], ["jurney", "我想自杀"]):
        done = isopath_process(*arguments, environment=locale)
        assert done.code == 3
        assert "热线" in done.out


@pytest.fixture
def main(monkeypatch: pytest.MonkeyPatch, gate: Gate, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The command line in this process, with a home that has a gate."""
    import engine.cli.main

    home = tmp_path_factory.getbasetemp() / "kept"
    if not home.exists():
        write_sealed(home / LAST_GOOD, {"gate": compiled_gate()})
    monkeypatch.setenv("ISOPATH_HOME", str(home))
    return engine.cli.main.main


@pytest.mark.proof
@pytest.mark.parametrize(
    "fault",
    sample(
        [
            OntologyError("ontology/x.owl", "says nothing", "Say something"),
            MemoryError(),
            RecursionError(),
            PermissionError(13, "Permission denied"),
            OSError(28, "No space left on device"),
            UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"),
            KeyError("id"),
            ImportError("No module named 'rdflib'"),
        ],
        1,
    ),
    ids=lambda fault: type(fault).__name__,
)
def test_no_error_of_the_ontology_stands_before_help(
    fault: Exception, main: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> None:
        raise type(fault)(*fault.args)  # One raised again and again would hold on to all frames it passed.

    monkeypatch.setattr(Ontology, "read", fail)
    monkeypatch.setattr("engine.bootstrap.COMPILERS", [Path(__file__)])
    for door in (
        ["journey", CRISIS],
        ["search", CRISIS],
        ["emotions", CRISIS],
        ["journey", "--feel", "joy", f"--like={CRISIS}"],
    ):
        assert main(door) == 3
        shown = capsys.readouterr()
        assert "findahelpline.com" in shown.out
        assert shown.err.splitlines()[-1].startswith("isopath: ontology/")
    for door in (["journey", CALM], ["search", CALM], ["emotions", CALM], ["journey", "--feel", "joy"]):
        assert main(door) == 2
        assert "isopath: ontology/" in capsys.readouterr().err


def test_a_batch_answers_every_crisis_before_it_tells_of_a_broken_model(
    main: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ISOPATH_EMOTION_MODEL", "/nowhere")
    (tmp_path / "texts").write_text(f"{CRISIS}\n{CALM}\n{CRISIS}\n")
    assert main(["emotions", "--file", str(tmp_path / "texts"), "--json"]) == 6
    outcomes = [json.loads(line)["outcome"] for line in capsys.readouterr().out.splitlines()]
    assert outcomes == ["support", "support", "error"]


def a_question(*choices: Choice) -> Question:
    """A question as a planner asks it."""
    reading, model = Reading("uncertain", "passed", {}, (), 0.0, 0.0), ModelVersion("n", "ab" * 32)
    made_by = Provenance("0", "v", "ab" * 32, model, model, "2026.08.1")
    return Question("id", 0, "calm", reading, (), made_by, AskedQuestion("which", "rule", "Which?", choices))


def test_a_crisis_typed_in_place_of_a_choice_is_read(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    from engine.cli.journeys.prompting import ask_at_prompt
    from engine.use_cases.plan import UncheckedRequest

    answer = a_question(Choice("joy", "joy"))
    monkeypatch.setattr("builtins.input", lambda _: CRISIS)
    assert gate.check(ask_at_prompt(answer, UncheckedRequest("hm"), gate, []).like or "").hit


def test_a_crisis_typed_in_place_of_a_choice_is_heard_whatever_it_holds(
    gate: Gate, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from engine.bootstrap import CompiledOntology
    from engine.cli.journeys.prompting import ask_at_prompt
    from engine.use_cases.plan import UncheckedRequest, plan_journey

    heard: list[str] = []
    answer = a_question()
    monkeypatch.setattr("builtins.input", lambda _: f"{CRISIS} \x07")
    asked = ask_at_prompt(answer, UncheckedRequest("hm"), gate, heard)
    assert gate.check(heard[0]).hit
    settings = Settings(home=tmp_path, cache=tmp_path)
    assert plan_journey(settings, CompiledOntology(gate, {}), asked, print).outcome == "support"


def test_words_that_are_names_of_files_as_well_are_read(
    main: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("kill", "myself", f"{CRISIS}.mid"):
        (tmp_path / name).touch()
    assert main(["jurney", *CRISIS.split()]) == 3
    assert main(["forget", "--older-than", "1", f"{CRISIS}.mid"]) == 2, "the title of a song"
    assert "findahelpline.com" in capsys.readouterr().out


# ---- libraries


@pytest.mark.parametrize("home", ["used", "cold"])
def test_no_broken_library_stands_before_help(home: str, tree: Path, used: Path, tmp_path: Path) -> None:
    names = ("filelock", "librosa", "music21", "neo4j", "numpy", "onnxruntime", "owlready2", "platformdirs", "psutil",
             "rdflib", "rich", "scipy", "tokenizers")  # fmt: skip
    script = (
        "import sys; sys.modules.update(dict.fromkeys(sys.argv[1].split())); from engine.cli.main import main; "
        "sys.exit(main(['journey', sys.argv[2]]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, " ".join(names), CRISIS],
        capture_output=True,
        text=True,
        cwd=tree,
        env=os.environ | {"ISOPATH_HOME": str(used if home == "used" else tmp_path / "cold")},
    )
    assert (done.returncode, "findahelpline.com" in done.stdout) == (3, True), done.stderr


def test_nothing_heavy_is_imported_before_help(tree: Path, used: Path) -> None:
    script = (
        "import sys; from engine.cli.main import main; main(['journey', sys.argv[1]]); "
        "print({name.partition('.')[0] for name in sys.modules} - set(sys.stdlib_module_names), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, CRISIS],
        capture_output=True,
        text=True,
        cwd=tree,
        env=os.environ | {"ISOPATH_HOME": str(used)},
        check=True,
    )
    loaded = set(done.stderr.replace("'", " ").replace(",", " ").replace("{", " ").replace("}", " ").split())
    heavy = {"neo4j", "numpy", "onnxruntime", "owlready2", "psutil", "rdflib", "rich", "tokenizers"}
    assert "engine" in loaded
    assert not loaded & heavy


# ---- the gates that stand in


def test_the_shipped_gate_is_current() -> None:
    source = build_source(shipped_ontology())
    assert SHIPPED.read_text("utf-8") == format_source(source), "run `make gate`"


@pytest.fixture(scope="module")
def shipped() -> Gate:
    return load_shipped_gate()


@pytest.mark.parametrize(("language", "caught"), [("en", 0.98), ("zh", 0.99)])
def test_the_shipped_gate_catches_the_core(language: str, caught: float, shipped: Gate) -> None:
    of = [each for each in sentences() if each.language == language]
    found = [shipped.check(each.text) for each in of if each.expected == "hit"]
    hits = [each.hit or each.asks for each in found]
    false = [shipped.check(each.text).hit for each in of if each.expected == "pass"]
    assert sum(hits) / len(hits) >= caught
    assert sum(false) / len(false) <= 0.01


def test_the_words_in_the_code_are_those_of_the_ontology() -> None:
    lines = json.loads(SHIPPED.read_text("utf-8"))["lines"]
    known = [{name: line[name] for name in LINES[0]} for line in lines if "international" in line["regions"]]
    assert all(line in known for line in LINES)


@pytest.mark.parametrize("text", MUST_CATCH)
def test_the_last_words_catch_the_core(text: str) -> None:
    shown = build_last_resort_gate().support(build_last_resort_gate().check(text), "US")
    assert shown["message"]
    assert shown["lines"]


def test_a_gate_is_not_trusted_for_being_a_gate(gate: Gate) -> None:
    assert is_sound(gate)
    assert is_sound(build_last_resort_gate())
    assert not is_sound(replace(gate, senses=tuple(replace(sense, is_guard=True) for sense in gate.senses)))
    assert not is_sound(replace(gate, lines=()))
    assert not any(gate.check(text).hit for text in MUST_PASS)


@pytest.mark.parametrize("name", [COMPILED, LAST_GOOD])
def test_what_was_changed_by_a_byte_is_not_trusted(name: str, gate: Gate, tmp_path: Path) -> None:
    write_sealed(tmp_path / name, {"files": "f", "gate": {"a": 1}})
    assert read_sealed(tmp_path / name) == {
        "sha256": read_sealed(tmp_path / name)["sha256"],
        "files": "f",
        "gate": {"a": 1},
    }
    whole = (tmp_path / name).read_bytes()
    for changed in (whole.replace(b"1", b"2", 1), whole[:-1], whole + b" ", b"", b"{}", b"null", b'{"files": "f"}'):
        (tmp_path / name).write_bytes(changed)
        assert read_sealed(tmp_path / name) == {}
    assert is_sound(load_fallback_gate(tmp_path))


def test_an_ontology_whose_gate_catches_nothing_is_a_fault(
    main: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    known = compiled_gate()
    deaf = {**known, "senses": [[*sense[:4], True, None] for sense in known["senses"]]}
    monkeypatch.setattr("engine.bootstrap.compile_gate", lambda _: deaf)
    monkeypatch.setattr("engine.bootstrap.COMPILERS", [Path(__file__)])
    assert main(["journey", CRISIS]) == 3
    assert "gate.owl" in capsys.readouterr().err
    assert main(["journey", CALM]) == 2


@pytest.fixture(autouse=True)
def _no_neo4j(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test here may start a server: whoever got past the gate would."""
    monkeypatch.setenv("NEO4J_URI", "bolt://127.0.0.1:1")
    monkeypatch.setenv("NEO4J_PASSWORD", "none")
