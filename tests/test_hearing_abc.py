"""Tunes and books of tunes are heard one by one."""

from pathlib import Path

import pytest

from encoders.base import ScoreUnreadable
from encoders.hearing import Heard, hear, hear_all, hear_each
from tests.outside import TUNE, refusal, written


def test_a_tune_book_is_heard_tune_by_tune_and_broken_ones_are_told(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "book.abc",
        TUNE + "\nX:2\nT:Broken\nK:G\nG/0|\n\n" + TUNE.replace("X:1", "X:3").replace("C:Anon.", "C:Jo"),
    )
    each = list(hear_each(path))
    assert [type(e) for e in each] == [Heard, ScoreUnreadable, Heard]
    assert "book.abc tune 2" in str(each[1])
    good = hear_all(path)
    assert [(h.title, h.artist) for h in good] == [("The Wind", "Anon."), ("The Wind", "Jo")]
    assert "1 more of its tunes cannot be read" in good[0].remarks[-1]
    with pytest.raises(ScoreUnreadable, match="holds 2 tunes"):
        hear(path)


def test_a_book_of_nothing_but_broken_tunes_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "book.abc", "X:1\nK:G\nG/0|\n\nX:2\nK:G\nA/0|\n")
    assert "tune 1" in str(refusal(path))


def test_tempo_players_and_rights_of_a_tune_are_read(tmp_path: Path) -> None:
    heard = hear(written(tmp_path, "a.abc", TUNE.replace("K:C", "Z:Copyright 1999 by X\n%%MIDI program 73\nK:C")))
    assert heard.cues.tempo == 120.0
    assert heard.instrument == "flute"
    assert heard.licence == "Copyright 1999 by X"
    assert hear(written(tmp_path, "b.abc", TUNE.replace("Q:1/4=120", "Q:90"))).cues.tempo == 90.0
