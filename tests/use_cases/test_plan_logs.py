"""What is logged of a journey: what was asked and how it ended, under one id, and never a word of the person."""

import logging
import re
from collections.abc import Iterator
from contextlib import suppress

import pytest

from engine.bootstrap import load_compiled
from engine.cli.main import main
from engine.errors import UsageError
from engine.request_id import RequestIdFilter, request_scope
from engine.server import ServerConnection
from engine.settings import Settings
from engine.use_cases.plan import UncheckedRequest, plan_journey

TEXT = "zanzibar worries me, and the examination tomorrow"
LIKE = "drizzling marimba, slow strings"
FEEL = ("remorse", "nervousness")
WORDS = set(re.findall(r"\w{4,}", " ".join((TEXT, LIKE, *FEEL))))
ENDED = re.compile(r"journey (answered|failed): [a-z, ]+, \d+ ms")


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """Every record of every library, from DEBUG upwards."""
    caplog.set_level(logging.DEBUG)
    named = RequestIdFilter()
    caplog.handler.addFilter(named)
    yield caplog
    caplog.handler.removeFilter(named)


def said(record: logging.LogRecord) -> str:
    """All that a record holds, as any handler could show it."""
    return f"{record.getMessage()} {vars(record)!r} {logging.Formatter().format(record)}"


def ours(log: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    return [record for record in log.records if record.name == "engine.use_cases.plan"]


@pytest.mark.graph
def test_no_word_of_a_person_is_logged(served: ServerConnection, log: pytest.LogCaptureFixture) -> None:
    settings = Settings.from_environment()
    asked = UncheckedRequest(TEXT, LIKE, "sleep", feel=FEEL, seed=7)
    assert plan_journey(settings, load_compiled(settings, print), asked, print).outcome == "journey"
    begun, ended = ours(log)
    assert "text given, like given, 2 feelings" in begun.getMessage()
    assert ENDED.fullmatch(ended.getMessage())
    assert "journey, goal sleep" in ended.getMessage()
    assert begun.request_id == ended.request_id != "-"  # type: ignore[attr-defined]
    leaked = {word for word in WORDS for record in log.records if word in said(record)}
    assert not leaked


@pytest.mark.graph
@pytest.mark.parametrize(
    "asked",
    [
        UncheckedRequest(TEXT, goal="zanzibar"),
        UncheckedRequest(TEXT, goal="worries me"),
        UncheckedRequest(feel=("zanzibar",)),
        UncheckedRequest(TEXT, contexts=("zanzibar",)),
        UncheckedRequest(TEXT, answer="zanzibar"),
        UncheckedRequest("zanzibar \x07"),
        UncheckedRequest("kill myself in zanzibar", goal="zanzibar"),
    ],
    ids=["goal", "words as a goal", "feel", "context", "answer", "text", "crisis"],
)
def test_no_misplaced_word_is_logged(
    served: ServerConnection, log: pytest.LogCaptureFixture, asked: UncheckedRequest
) -> None:
    settings = Settings.from_environment()
    with suppress(UsageError):
        plan_journey(settings, load_compiled(settings, print), asked, print)
    assert len(ours(log)) == 2
    assert ENDED.fullmatch(ours(log)[-1].getMessage())
    assert not [record for record in log.records if "zanzibar" in said(record) or "worries" in said(record)]


def test_an_id_around_a_request_is_kept() -> None:
    with request_scope("theirs") as outer, request_scope() as inner:
        assert outer == inner == "theirs"
    with request_scope() as first, request_scope("theirs") as second:
        assert first != second == "theirs"


def test_the_library_installs_no_handler_that_shows_anything() -> None:
    assert all(type(handler) is logging.NullHandler for handler in logging.getLogger("engine").handlers)


@pytest.mark.parametrize(("level", "shown"), [("info", True), ("ERROR", False), ("", False)])
def test_a_command_shows_its_log_where_it_is_asked_to(
    level: str, shown: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ISOPATH_LOG", level)
    monkeypatch.setenv("NEO4J_URI", "bolt://127.0.0.1:1")
    monkeypatch.setenv("NEO4J_PASSWORD", "none")
    assert main(["journey", "zanzibar worries me"]) == 6
    told = capsys.readouterr().err
    assert ("INFO engine.use_cases.plan [" in told) == shown
    assert ("journey failed: graph_unavailable" in told) == shown
    assert "zanzibar" not in told
    assert not [h for h in logging.getLogger("engine").handlers if type(h) is not logging.NullHandler]
