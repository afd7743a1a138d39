"""How far an ingest has come, told as a person says it."""

import pytest

from engine.cli.ingest_progress import IngestProgress, format_duration


def test_progress_is_told_now_and_then_where_there_is_no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr("engine.cli.ingest_progress._NOW_AND_THEN", -1.0)
    with IngestProgress(said.append) as showing:
        showing.begin(2)
        showing.advance()
        showing.advance()
    assert said[0] == "hearing 2 files"
    assert said[1].startswith("heard 1 of 2 files, ")
    assert said[2].endswith("0 s left")


@pytest.mark.parametrize(("seconds", "told"), [(5, "5 s"), (600, "10 min"), (9000, "2.5 h")])
def test_time_left_is_told_as_a_person_says_it(seconds: float, told: str) -> None:
    assert format_duration(seconds) == told
