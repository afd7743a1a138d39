"""What a command line offers beside a journey: lists in both languages, grouped help, a reading to correct."""

import json
from pathlib import Path

import pytest

from engine.bootstrap import load_compiled
from engine.cli.journeys.prompting import ask_for_number, correct_at_prompt
from engine.cli.main import HelpRequested, build_parser
from engine.explaining.words import Words
from engine.settings import Settings
from engine.use_cases.plan import UncheckedRequest
from tests.helpers.commands import isopath


@pytest.mark.parametrize(
    ("command", "id_", "label_zh"),
    [("goals", "sleep", "入睡"), ("contexts", "driving", "驾驶"), ("feelings", "grief", "悲恸")],
)
def test_what_can_be_asked_for_is_listed_in_both_languages_without_a_server(
    command: str, id_: str, label_zh: str, quiet: Path
) -> None:
    code, out, _ = isopath(command, "--json", home=quiet)
    listed = {row["id"]: row for row in map(json.loads, out.splitlines())}
    assert code == 0
    assert set(listed[id_]) == {"id", "label", "label_zh", "definition"}
    assert all(row["label_zh"] for row in listed.values())
    told = isopath(command, home=quiet)[1]
    assert id_ in told
    assert listed[id_]["label_zh"] in told
    assert not (quiet / "neo4j").exists()


def test_help_lists_every_command_in_a_group_with_examples() -> None:
    made = build_parser()
    with pytest.raises(HelpRequested) as told:
        made.parse_args(["--help"])
    lines = str(told.value).splitlines()
    [commands] = [action.choices for action in made._actions if action.dest == "command"]
    assert commands is not None
    assert {line.split()[0] for line in lines if line.startswith("  ")} >= set(commands)
    assert "journeys:" in lines
    assert "examples:" in lines
    with pytest.raises(HelpRequested) as told:
        made.parse_args(["journey", "--help"])
    assert "what you ask for:" in str(told.value)
    assert "isopath journey --again" in str(told.value)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_learns_how_to_complete(shell: str, quiet: Path) -> None:
    code, out, _ = isopath("completion", shell, home=quiet)
    assert code == 0
    assert "isopath" in out


def test_what_was_read_can_be_corrected_by_a_number(
    quiet: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = Settings(home=quiet, cache=quiet)
    opened = load_compiled(settings, lambda _: None)
    asked = UncheckedRequest(text="I am so worried and nervous about tomorrow")
    answers = iter(["", "7?", "2", "I want to kill myself"])
    monkeypatch.setattr("builtins.input", lambda _: next(answers))
    assert correct_at_prompt(settings, opened, asked, []) is asked
    shown = capsys.readouterr().out.splitlines()
    assert shown[0].startswith("It sounds like ")
    assert shown[1].startswith("  1  ")
    changed = correct_at_prompt(settings, opened, asked, [])
    second = shown[2].split()[1]
    assert changed.feel == (second,)
    assert "Type a number from 1 to 6." in capsys.readouterr().out
    heard: list[str] = []
    assert correct_at_prompt(settings, opened, asked, heard).like == "I want to kill myself"
    assert heard == ["I want to kill myself"]


def test_a_chinese_prompt_speaks_chinese(
    quiet: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    opened = load_compiled(Settings(home=quiet, cache=quiet), lambda _: None)
    answers = iter(["九", "1"])
    monkeypatch.setattr("builtins.input", lambda _: next(answers))
    assert ask_for_number(["平静"], opened.gate, [], Words(opened.meaning["words"], "zh")) == 0
    assert "请输入" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [
        ("journey", "--feel", "joy", "--without", "I want to kill myself"),
        ("journey", "--again", "x", "I want to kill myself"),
        ("veto", "--undo", "--jsn", "I want to kill myself"),
    ],
    ids=lambda arguments: " ".join(arguments[:2]),
)
def test_a_crisis_is_answered_wherever_it_was_put(arguments: tuple[str, ...], quiet: Path) -> None:
    code, out, _ = isopath(*arguments, "--json", home=quiet)
    assert code == 3
    assert json.loads(out)["outcome"] == "support"
