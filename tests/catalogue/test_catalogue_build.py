"""The shipped catalogue is what its makers promise, and is built again from the scores bit for bit."""

import csv
import hashlib
import json
import re
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from encoders.base import ScoreUnreadable
from encoders.catalogue.pieces import find_fault, read_piece
from encoders.catalogue.repertoire import COLLECTIONS, KINDS, MANNERS, PROGRAMME, TRAITS, WORKS, Repertoire
from encoders.catalogue.rows import COLUMNS, LONGEST, SHORTEST, perform_piece, perform_row, read_style
from encoders.catalogue.sources import find_corpus, read_music21
from encoders.performing.jitter import Rng
from encoders.performing.player import perform
from encoders.training.catalogue import main
from engine.settings import SEED_DIR
from tests.helpers.proofs import sample

REPERTOIRE = Repertoire.read(SEED_DIR)
with (SEED_DIR / "catalogue.csv").open(encoding="utf-8", newline="") as _file:
    ROWS = list(csv.DictReader(_file))


def collection_of(row: dict[str, str]) -> str:
    return row["source"].removeprefix("music21:").partition("#")[0]


def choose_rows() -> list[dict[str, str]]:
    """A row of every artist and of every setting, articulation and level, and one in every hundred and fifty."""
    chosen: dict[str, dict[str, str]] = {}
    for key in ("artist_id", "setting", "articulation_stated", "level_stated", "swing", "octave", "repeats"):
        seen: set[str] = set()
        for row in ROWS:
            if row[key] not in seen:
                seen.add(row[key])
                chosen[row["track_id"]] = row
    return [*chosen.values(), *ROWS[75::150]]


def test_the_catalogue_is_as_large_and_as_mixed_as_promised() -> None:
    artists = Counter(row["artist"] for row in ROWS)
    assert len(ROWS) >= 1500
    assert len({row["work_id"] for row in ROWS}) >= 600
    assert len(artists) >= 20
    assert max(artists.values()) <= len(ROWS) / 4
    assert max(Counter(row["work_id"] for row in ROWS).values()) <= 6


def cue(row: dict[str, str], name: str) -> float:
    return float(row[name])


def works_where(holds: Callable[[dict[str, str]], bool]) -> int:
    return len({row["work_id"] for row in ROWS if holds(row)})


def test_pace_loudness_and_mode_are_met_apart_from_each_other() -> None:
    soft_and_brisk = works_where(lambda r: cue(r, "level") < -18 and cue(r, "tempo") >= 80)
    loud_and_minor = works_where(lambda r: cue(r, "level") > -14 and cue(r, "mode") < 0)
    slow_and_major = works_where(lambda r: cue(r, "tempo") < 66 and cue(r, "mode") > 0 and cue(r, "level") > -16)
    assert soft_and_brisk >= 120
    assert loud_and_minor >= 200
    assert slow_and_major >= 120


def test_no_collection_carries_the_soft_sparse_music_alone() -> None:
    soft = [row for row in ROWS if cue(row, "level") < -18 and cue(row, "onset_rate") < 3]
    assert len(soft) >= 300
    assert max(Counter(row["artist_id"] for row in soft).values()) <= 0.3 * len(soft)


@pytest.mark.proof
@pytest.mark.parametrize("row", sample(ROWS[::20], 30), ids=lambda row: row["track_id"])
def test_a_piece_is_played_as_its_kind_bears(row: dict[str, str]) -> None:
    piece = read_piece(row["source"], REPERTOIRE)
    kind = REPERTOIRE.kinds[piece.kind]
    own = piece.work.tempo if piece.work and piece.work.tempo and kind.of_own_tempo else 1.0
    assert kind.slowest * own <= cue(row, "tempo") <= kind.fastest * own
    assert kind.allows(row["level_stated"])
    assert (row["work_id"], row["title"], row["year"]) == (piece.work_id, piece.title, piece.year)


def test_a_reel_is_no_lullaby() -> None:
    danced = [row for row in ROWS if re.search(r"(?i)\b(reel|jig|hornpipe|quick ?step)\b", row["title"])]
    assert len(danced) > 200
    assert min(cue(row, "tempo") for row in danced) >= 60
    assert all(row["level_stated"] != "pp" for row in danced)


@pytest.mark.parametrize(
    ("title", "kind", "traits"),
    [
        ("O'Carolan's Receipt for Drinking", "planxty in six", {"alcohol"}),
        ("The Jug of Punch (reel)", "reel", {"alcohol"}),
        ("The Cup of Tea (reel)", "reel", set()),
        ("Cuckold Come Out o' the Amrey", "tune", {"sexual", "mockery"}),
        ("Mach’s mit mir, Gott, nach deiner Güt’ (BWV 377)", "chorale", {"death", "religious"}),
        ("Die Nacht ist kommen (BWV 296)", "chorale", {"religious"}),
        ("Als vierzig Tag’ nach Ostern war (BWV 266)", "chorale", {"religious"}),
        ("Wenn mein Stündlein vorhanden ist (BWV 428)", "chorale", {"death", "religious"}),
        ("Ich hab’ mein’ Sach’ Gott heimgestellt (BWV 351)", "chorale", {"death", "religious"}),
        ("Là tra ’l sangue e le morti (madrigal, Book III)", "madrigal", {"death"}),
        ("Finnegan's Wake", "march", {"alcohol", "death", "military"}),
        ("Humphrey's Hornpipe", "hornpipe", set()),
        ("Whiskey You're the Devil (hornpipe)", "hornpipe", {"alcohol"}),
        ("Aloha ʻOe", "hymn", set()),
        ("Kyrie (Apt 16)", "mass", {"religious"}),
        ("The Bride of Malahide", "air", set()),
        ("Genl. Washington's March", "march", {"military"}),
        ("Prelude in C major from The Well-Tempered Clavier I (BWV 846)", "prelude", set()),
        ("The Mourne Shore", "air", set()),
        ("Old Zip Coon (reel)", "reel", {"mockery"}),
    ],
)
def test_titles_and_functions_that_may_hurt_are_named(title: str, kind: str, traits: set[str]) -> None:
    assert set(REPERTOIRE.find_traits(title, kind, "music21:none")) == traits


def test_no_title_insults_a_people() -> None:
    assert not [
        row["title"] for row in ROWS if re.search(r"(?i)n\.{3}|zip coon|dark(y|ies)|in de |squaw", row["title"])
    ]


def test_every_row_says_how_it_is_played() -> None:
    assert all(row["manner"].endswith(f", {row['instrument']}") for row in ROWS)


def test_every_performance_lasts_one_to_six_minutes() -> None:
    assert all(SHORTEST <= float(row["seconds"]) <= LONGEST for row in ROWS)
    assert (SHORTEST, LONGEST) == (60.0, 360.0)


def test_performances_of_a_work_differ_in_manner() -> None:
    works: dict[str, list[tuple[str, ...]]] = {}
    for row in ROWS:
        works.setdefault(row["work_id"], []).append((row["tempo_stated"], row["level_stated"], row["instrument"]))
    assert all(len(set(manners)) == len(manners) for manners in works.values())


def test_a_lament_or_a_lullaby_is_not_played_fast_and_loud() -> None:
    sad = [r for r in ROWS if re.search(r"(?i)\b(lament|lullaby|dirge|funeral|farewell)", r["title"])]
    sad = [r for r in sad if not re.search(r"(?i)reel|jig|hornpipe", r["title"])]
    assert len(sad) >= 5
    assert all(r["level_stated"] not in ("f", "ff") or r["articulation_stated"] == "legato" for r in sad)


@pytest.mark.parametrize("corner", [(-1, -1), (-1, 1), (1, -1), (1, 1)], ids=["sad", "tense", "calm", "joyful"])
def test_each_corner_of_mood_has_music(corner: tuple[int, int]) -> None:
    mode, pace = corner

    def fits(row: dict[str, str]) -> bool:
        lively = float(row["onset_rate"]) > 4.2 and float(row["level"]) > -13.5
        calm = float(row["onset_rate"]) < 2.6 and float(row["level"]) < -17
        return float(row["mode"]) * mode > 0.2 and (lively if pace > 0 else calm)

    assert sum(map(fits, ROWS)) >= 50


def test_what_is_reserved_or_non_commercial_is_nowhere() -> None:
    refused = [c.under for c in REPERTOIRE.collections if not c.used]
    assert {"palestrina/", "essenFolksong/", "monteverdi/madrigal.5", "leadSheet/berlin"} <= set(refused)
    for row in ROWS:
        own = REPERTOIRE.find_collection(collection_of(row))
        assert own is not None
        assert own.used
        assert row["score_licence"] == own.score_licence
        assert not re.search(r"(?i)reserved|non-commercial", row["score_licence"])


SILENT = sorted({collection_of(row) for row in ROWS if row["score_licence"] == "not stated"})
"""Scores that do not say under which terms they stand."""


@pytest.mark.proof
@pytest.mark.parametrize("path", sample(SILENT, 40))
def test_a_score_whose_terms_are_called_silent_reserves_nothing(path: str) -> None:
    if path.endswith(".abc"):
        said = (find_corpus() / path).read_text(encoding="utf-8", errors="replace")
        said = "\n".join(line for line in said.splitlines() if re.match(r"%|[ZNCSOHB]:", line))
    else:
        said = read_music21(f"music21:{path}").rights
    assert not re.search(r"(?i)all rights|reserved|non-?\s?commercial|edizioni|schrade|l'oiseau", said)


def test_every_score_of_the_package_has_been_judged() -> None:
    found = [
        p.relative_to(find_corpus()).as_posix()
        for p in find_corpus().rglob("*")
        if p.suffix in (".abc", ".mxl", ".krn")
    ]
    found += [
        p.relative_to(find_corpus()).as_posix() for p in find_corpus().rglob("*") if p.suffix in (".xml", ".musicxml")
    ]
    assert len(found) > 3000
    assert [path for path in found if REPERTOIRE.find_collection(path) is None] == []


@pytest.mark.proof
@pytest.mark.parametrize("row", sample(choose_rows(), 16), ids=lambda row: row["track_id"])
def test_a_row_is_measured_again_bit_for_bit(row: dict[str, str]) -> None:
    (made,) = perform_piece(read_piece(row["source"], REPERTOIRE), REPERTOIRE, [row["manner"].partition(",")[0]])
    assert made == row
    assert perform_row(row) == perform(read_music21(row["source"]), read_style(row), int(row["seed"]))


def test_titles_and_names_are_no_file_names() -> None:
    for row in ROWS:
        assert not re.search(r"\.(mxl|xml|abc|krn)|[_\\]|\s\s", row["title"]), row["title"]
        assert row["title"] == row["title"].strip()
        assert re.search(r"[a-z]{2}", row["title"]), row["title"]
        assert re.search(r"\d|century", row["artist"]), row["artist"]


def test_the_card_tells_of_the_files_beside_it() -> None:
    card = json.loads((SEED_DIR / "catalogue.json").read_text(encoding="utf-8"))
    for name, told in card["files"].items():
        assert hashlib.sha256((SEED_DIR / name).read_bytes()).hexdigest() == told
    assert card["columns"] == list(COLUMNS) == list(ROWS[0])
    assert card["performances"] == len(ROWS)
    assert card["works"] == len({row["work_id"] for row in ROWS})
    assert sum(card["left_out"].values()) > 1000


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """Seed data whose programme has five pieces."""
    for name in (COLLECTIONS, WORKS, KINDS, MANNERS, TRAITS):
        shutil.copy(SEED_DIR / name, tmp_path / name)
    lines = (SEED_DIR / PROGRAMME).read_text(encoding="utf-8").splitlines(keepends=True)
    (tmp_path / PROGRAMME).write_text("".join([lines[0], *lines[100:105]]), encoding="utf-8")
    return tmp_path


def test_a_build_that_was_stopped_goes_on_and_gives_the_same_table(small: Path, tmp_path: Path) -> None:
    arguments = ["--seed-data", str(small), "--work", str(tmp_path / "work"), "--table-only"]
    assert main(arguments) == 0
    whole = (small / "catalogue.csv").read_bytes()
    (kept,) = (tmp_path / "work").glob("*.jsonl")
    lines = kept.read_text(encoding="utf-8").splitlines(keepends=True)
    assert len(lines) == 5
    kept.write_text("".join(lines[:2]) + lines[2][:40], encoding="utf-8")
    assert main(arguments) == 0
    assert (small / "catalogue.csv").read_bytes() == whole
    shipped = {row["track_id"]: row for row in ROWS}
    with (small / "catalogue.csv").open(encoding="utf-8", newline="") as file:
        made = list(csv.DictReader(file))
    assert [shipped[row["track_id"]] for row in made] == made


def test_a_piece_that_does_not_bear_its_manner_is_named(small: Path, tmp_path: Path) -> None:
    with (small / PROGRAMME).open("a", encoding="utf-8") as file:
        file.write("music21:bach/bwv269.mxl,for the ball\n")
    with pytest.raises(ScoreUnreadable, match=r"bwv269.*chorale.*for the ball"):
        main(["--seed-data", str(small), "--work", str(tmp_path / "work"), "--table-only"])


def test_a_fault_in_a_table_is_told_with_all_others(small: Path) -> None:
    text = (
        (small / MANNERS).read_text(encoding="utf-8").replace(",mf,", ",deafening,").replace("harp: 46 46", "harp 46")
    )
    (small / MANNERS).write_text(text, encoding="utf-8")
    with (small / WORKS).open("a", encoding="utf-8") as file:
        file.write("palestrina/Agnus_00.krn,agnus,Agnus,,chorale,,\nbach/bwv269.mxl,again,Again,,polka,,\n")
        file.write("bach/bwv270.mxl,more,More,,allegro,,\n")
    with (small / TRAITS).open("a", encoding="utf-8") as file:
        file.write("death,title,(unclosed,\n")
    with pytest.raises(ScoreUnreadable) as caught:
        Repertoire.read(small)
    for part in ("manners.csv:6", "'deafening'", "'harp 46'", "Agnus_00.krn", "'polka'", "bwv270", "traits.csv:"):
        assert part in str(caught.value)


def test_a_row_that_states_no_manner_is_named() -> None:
    with pytest.raises(ScoreUnreadable, match=ROWS[0]["track_id"]):
        read_style({**ROWS[0], "level_stated": "deafening"})


def test_a_tune_whose_bars_do_not_fill_their_metre_is_not_played() -> None:
    # Written without the repeats it needs; found by its bars.
    assert "metre" in find_fault(read_music21("music21:ryansMammoth/KittyONeilsChampionJig.abc#1"))
    assert find_fault(read_music21("music21:ryansMammoth/AcaciaReel.abc#1")) == ""


def test_chance_picks_every_choice_in_time() -> None:
    rng = Rng(1)
    assert {rng.below(4) for _ in range(200)} == {0, 1, 2, 3}
