"""Tunes and books of tunes are heard one by one."""

import random
import time
from contextlib import suppress
from pathlib import Path

import pytest

from encoders.analysis.analyser import analyse, analyse_all, analyse_each
from encoders.analysis.piece import AnalysedPiece
from encoders.base import ScoreUnreadable
from tests.helpers.outside import TUNE, refusal, written
from tests.helpers.proofs import sample

BOOK = """%abc-2.1
%%abc-creator EasyABC 1.3.8
M:3/4
L:1/4
C:Trad. of the Valley
Z:typed by a neighbour
U: n = !trill!
%%MIDI program 73

X:1
T:Caf\\'e in the Rain
Q:1/4=90
K:Am
A c e | d2 c | nB e d | A3 |

Copied from a bad cabbage bag.

X:2
T:Part Order
C:Jo
M:2/4
P:ABA
Q:1/4=120
%%MIDI program 40
K:G
P:A
G A | c2 |
P:B
e d | B2 |
"""


def test_a_tune_book_is_heard_tune_by_tune_and_broken_ones_are_told(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "book.abc",
        TUNE + "\nX:2\nT:Broken\nK:G\nG/0|\n\n" + TUNE.replace("X:1", "X:3").replace("C:Anon.", "C:Jo"),
    )
    each = list(analyse_each(path))
    assert [type(e) for e in each] == [AnalysedPiece, ScoreUnreadable, AnalysedPiece]
    assert "book.abc tune 2" in str(each[1])
    good = analyse_all(path)
    assert [(h.title, h.artist) for h in good] == [("The Wind", "Anon."), ("The Wind", "Jo")]
    assert "1 more of its tunes cannot be read" in good[0].remarks[-1]
    with pytest.raises(ScoreUnreadable, match="holds 2 tunes"):
        analyse(path)


def test_a_book_of_nothing_but_broken_tunes_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "book.abc", "X:1\nK:G\nG/0|\n\nX:2\nK:G\nA/0|\n")
    assert "tune 1" in str(refusal(path))


def test_tempo_players_and_rights_of_a_tune_are_read(tmp_path: Path) -> None:
    heard = analyse(written(tmp_path, "a.abc", TUNE.replace("K:C", "Z:Copyright 1999 by X\n%%MIDI program 73\nK:C")))
    assert heard.cues.tempo == 120.0
    assert heard.instrument == "flute"
    assert heard.licence == "Copyright 1999 by X"
    assert analyse(written(tmp_path, "b.abc", TUNE.replace("Q:1/4=120", "Q:90"))).cues.tempo == 90.0


def test_a_book_gives_its_tunes_what_they_have_not(tmp_path: Path) -> None:
    first, second = analyse_all(written(tmp_path, "book.abc", BOOK))
    assert [(h.title, h.artist) for h in (first, second)] == [
        ("Café in the Rain", "Trad. of the Valley"),
        ("Part Order", "Jo"),
    ]
    alone = "X:1\nT:Alone\nM:3/4\nL:1/4\nQ:1/4=90\n%%MIDI program 73\nK:Am\nA c e | d2 c | TB e d | A3 |\n"
    assert first.cues == analyse(written(tmp_path, "alone.abc", alone)).cues
    assert (first.instrument, second.instrument) == ("flute", "violin")
    apart = "X:1\nM:2/4\nL:1/4\nQ:1/4=120\n%%MIDI program 40\nK:G\nG A|c2||e d|B2||G A|c2|\n"
    assert second.cues == analyse(written(tmp_path, "apart.abc", apart)).cues


HEADER = "X:1\nT:x\nM:4/4\nL:1/4\nQ:1/4=100\n"


@pytest.mark.parametrize(
    ("odd", "right"),
    [
        (
            "K:C\n|: C E G E | c4 & C2 E2 | d2 B2 :|\n",
            "K:C\nV:1\n|: C E G E | c4 | d2 B2 :|\nV:2\n|: x4 | C2 E2 | x4 :|\n",
        ),
        (
            "K:C\nV:1\nZ2 | c2 e2 | g4 |\nV:2\nC4 | G,4 | C2 E2 | C4 |\n",
            "K:C\nV:1\nz4 | z4 | c2 e2 | g4 |\nV:2\nC4 | G,4 | C2 E2 | C4 |\n",
        ),
        ("K:C octave=-1\nC D E F | G A B c |\n", "K:C\nC, D, E, F, | G, A, B, C |\n"),
        ("K:C transpose=12\nC D E F | G A B c |\n", "K:C treble+8\nC D E F | G A B c |\n"),
        ("K:D exp _b ^f\nd c f A | a2 b2 |\n", "K:C\nd c ^f A | a2 _b2 |\n"),
        ("U:q=!accent!\nK:C\nqC .D !f!E F | G4 |\n", "K:C\n!>!C !staccato!D !f!E F | G4 |\n"),
    ],
    ids=["overlay", "rests of bars", "octave", "transposed", "explicit", "symbols"],
)
def test_signs_measure_as_what_they_stand_for(odd: str, right: str, tmp_path: Path) -> None:
    one, other = (
        analyse(written(tmp_path, f"{name}.abc", HEADER + body)) for name, body in (("odd", odd), ("right", right))
    )
    assert one.cues == other.cues
    assert one.seconds == other.seconds


def test_a_tune_that_slows_down_lasts_as_long_as_it_is_written(tmp_path: Path) -> None:
    slow = "Q:1/4=120\nK:D\nd e f g | a g f e | d f a f | d4 |\nQ:1/4=60\nd e f g | a g f e | d f a f | d4 |]\n"
    heard = analyse(written(tmp_path, "slow.abc", "X:1\nT:x\nM:4/4\nL:1/4\n" + slow))
    assert heard.seconds == pytest.approx(24, abs=1)
    assert any("changes between 60 and 120 BPM" in remark for remark in heard.remarks)


def test_every_ending_is_heard_in_its_passes(tmp_path: Path) -> None:
    heard = analyse(written(tmp_path, "e.abc", HEADER + "K:C\n|: C E G c |1,3 D4 :|2 E4 :|4 F4 |]\n"))
    assert heard.performance
    assert [n.pitch for n in heard.performance.notes][4::5] == [62, 64, 62, 65]


def test_voices_have_their_own_players_and_drums_none(tmp_path: Path) -> None:
    voices = 'V:1 name="Oboe"\nV:2\n%%MIDI program 42\nV:3 clef=perc\nK:C\nV:1\ncdef|\nV:2\nC2G2|\nV:3\nBBBB|\n'
    heard = analyse(written(tmp_path, "v.abc", HEADER + voices))
    assert heard.instrument == "oboe and cello"
    assert heard.performance
    assert len(heard.performance.notes) == 6
    assert "its drums are left out: they have no pitch" in heard.remarks
    assert "only drums" in str(refusal(written(tmp_path, "d.abc", HEADER + "K:C perc\nBBBB|\n")))


def test_remarks_repeat_no_signs_that_do_not_show_and_no_long_texts(tmp_path: Path) -> None:
    odd = 'C4|"^Fine \x1b[31m"D4|[Q:"slow' + "er" * 2000 + '"]E4|\x1bF4|'
    remarks = analyse(written(tmp_path, "a.abc", f"{HEADER}K:C\n{odd}\n")).remarks
    assert max(map(len, remarks)) <= 200
    assert all(remark.isprintable() for remark in remarks)


def test_blanks_are_passed_over_at_once(tmp_path: Path) -> None:
    """They would take a quarter of a minute if each were looked at from each."""
    wide = "T:a" + " " * 40_000 + "b\n"
    began = time.process_time()
    analyse(written(tmp_path, "a.abc", wide + HEADER + "K:C\nC4|\n"))
    assert time.process_time() - began < 3.0


NOTES = "C D E f, g' ^ _ = / // 2 3 z x y Z2 X ( ) (3 (3:2:2 > < - .- . ~ T H & && {AB} [CEG] [C2E]3 $ \\"
BARS = "| || |: :| :: |] [| [1 |2 [2,3 !f! !p! !<(! !D.C.! !segno! [K:D] [M:3/4] [Q:1/4=90] [V:2] [L:1/16] [P:A]"
LINES = ['"Am"', '"^Fine"', "% ", "\n", "\n\n", "\nV:1\n", "\nK:C\n", "\nP:B\n", "\nm:~n2=n{o}n\n", "\nU:T=!mf!\n"]
SIGNS = [*NOTES.split(), *BARS.split(), *LINES]


@pytest.mark.proof
@pytest.mark.parametrize("seed", sample(range(2000), 40))
def test_any_soup_of_signs_is_heard_or_refused(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)  # noqa: S311  # a choice of tests guards nothing
    soup = "".join(chance.choice(SIGNS) + chance.choice(["", " "]) for _ in range(chance.randrange(5, 120)))
    path = written(tmp_path, "soup.abc", f"{HEADER}P:A(BA)2\nK:G\n{soup}")
    with suppress(ScoreUnreadable):
        assert list(analyse_each(path))


def test_a_tune_whose_marks_leave_nothing_to_play_is_refused(tmp_path: Path) -> None:
    assert "cannot be followed" in str(refusal(written(tmp_path, "a.abc", HEADER + "K:C\n[2,3 C4|z4|]\n")))
