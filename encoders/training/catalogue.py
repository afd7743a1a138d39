"""`python -m encoders.training.catalogue`: plays and measures the catalogue, then has its vectors made.

Two processes share the pieces. What is done is kept in build/catalogue, so that a run that was stopped goes on where it
was; a change of the tables, of this code or of the music21 package begins anew.
"""

import argparse
import csv
import hashlib
import importlib.metadata
import json
import multiprocessing
import shutil
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from encoders.base import ModelCard, ScoreUnreadable
from encoders.catalogue.pieces import iterate_tunes, read_piece
from encoders.catalogue.repertoire import (
    COLLECTIONS,
    KINDS,
    MANNERS,
    PROGRAMME,
    TRAITS,
    WORKS,
    Repertoire,
    read_table,
)
from encoders.catalogue.rows import COLUMNS, Row, perform_piece
from encoders.embedding.embedder import open_embedder
from encoders.seed_data import SEED_DATA
from encoders.training.catalogue_vectors import write_vectors
from encoders.training.source_files import find_sources

TABLE, VECTORS, CARD = "catalogue.csv", "catalogue_embeddings.npy", "catalogue.json"
_PROCESSES = 2
_repertoire: Repertoire


def main(arguments: Sequence[str] | None = None) -> int:
    """Writes catalogue.csv, catalogue_embeddings.npy and catalogue.json into the folder of seed data."""
    parser = argparse.ArgumentParser(prog="python -m encoders.training.catalogue", description=main.__doc__)
    parser.add_argument("--seed-data", type=Path, default=SEED_DATA, metavar="FOLDER")
    parser.add_argument("--work", type=Path, default=Path("build/catalogue"), metavar="FOLDER")
    parser.add_argument("--table-only", action="store_true", help="leave the vectors and the card as they are")
    parser.add_argument("--vectors-only", action="store_true", help="leave the table as it is: another model's vectors")
    parser.add_argument("--embedder", metavar="PLACE", help="the embedding model, if not the bundled one")
    given = parser.parse_args(arguments)
    started = time.monotonic()
    given.work.mkdir(parents=True, exist_ok=True)
    embedder = open_embedder(given.embedder)
    if given.vectors_only:
        rows, left_out = _as_it_is(given.seed_data)
        shutil.copy(given.seed_data / TABLE, given.work / TABLE)
    else:
        rows, left_out = _made(given.seed_data, given.work, started)
    if given.table_only:
        shutil.move(given.work / TABLE, given.seed_data / TABLE)
        return 0
    _say(f"Embedding {len(rows)} performances with {embedder.card.name}")
    write_vectors(embedder, rows, given.work / VECTORS)
    write_card(given.work, embedder.card, rows, left_out)
    # The three belong together: they change places at once, so that a reader hardly ever meets a mixture.
    for name in (VECTORS, CARD, TABLE):
        shutil.move(given.work / name, given.seed_data / name)
    _say(f"Done in {time.monotonic() - started:.0f} s")
    return 0


def _as_it_is(seed_data: Path) -> tuple[list[Row], Counter[str]]:
    """The rows of the table that is there, and what its card says was left out of it."""
    return read_table(seed_data / TABLE), Counter(
        json.loads((seed_data / CARD).read_text(encoding="utf-8"))["left_out"]
    )


def _made(seed_data: Path, work: Path, started: float) -> tuple[list[Row], Counter[str]]:
    """The rows of the programme, played and measured, and what is not in it; the table is written."""
    repertoire = Repertoire.read(seed_data)
    _say(f"Playing and measuring {len(repertoire.programme)} pieces:")
    rows = _played(repertoire, work / f"{_key(seed_data)}.jsonl", started)
    _write(work / TABLE, rows)
    _say(f"{len(rows)} performances of {len({row['work_id'] for row in rows})} works")
    return rows, _left_out(repertoire)


def _left_out(repertoire: Repertoire) -> Counter[str]:
    """How many scores that may be used are not in the programme, by collection."""
    works = {work.path for work in repertoire.works}
    offered = [*(f"music21:{path}" for path in works), *map(str, iterate_tunes(repertoire, works))]
    left: Counter[str] = Counter()
    for source in offered:
        collection = repertoire.find_collection(source.removeprefix("music21:"))
        if source not in repertoire.programme and collection:
            left[f"{collection.artist}: not in the programme"] += 1
    return left


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _key(seed_data: Path) -> str:
    """What decides every row: the tables, the code, the version of the scores."""
    digest = hashlib.sha256(importlib.metadata.version("music21").encode())
    tables = [seed_data / name for name in (COLLECTIONS, WORKS, KINDS, MANNERS, TRAITS, PROGRAMME)]
    for path in [*tables, *find_sources("encoders.catalogue.rows", "encoders.catalogue.pieces")]:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _played(repertoire: Repertoire, kept: Path, started: float) -> list[Row]:
    """The rows of the programme, by their ids; each finished piece is written down at once."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    done = dict(_kept(kept))
    left = [source for source in repertoire.programme if source not in done]
    if done:
        _say(f"  {len(done)} are there from an earlier run")
    context = multiprocessing.get_context("spawn")
    faults: list[str] = []
    with kept.open("a", encoding="utf-8") as file, context.Pool(_PROCESSES, _begin, (repertoire,)) as pool:
        for number, (source, rows) in enumerate(zip(left, pool.imap(_play, left, chunksize=4), strict=True), 1):
            if isinstance(rows, str):
                faults.append(rows)
                continue
            done[source] = rows
            file.write(json.dumps([source, rows], ensure_ascii=False) + "\n")
            file.flush()
            if number % 100 == 0 or number == len(left):
                _say(f"  {len(done)} of {len(repertoire.programme)} pieces, {time.monotonic() - started:.0f} s")
    if faults:
        raise ScoreUnreadable(PROGRAMME, "; ".join(faults), "Take these out of the programme")
    return sorted((row for rows in done.values() for row in rows), key=lambda row: row["track_id"])


def _begin(repertoire: Repertoire) -> None:
    global _repertoire
    _repertoire = repertoire


def _play(source: str) -> list[Row] | str:
    """The rows of a piece, or what is wrong with its line of the programme."""
    try:
        return perform_piece(read_piece(source, _repertoire), _repertoire, _repertoire.programme[source])
    except ValueError as exc:
        return str(exc)


def _kept(path: Path) -> Iterator[tuple[str, list[Row]]]:
    """What an earlier run finished; a last line that was cut off is passed over and done again."""
    if not path.is_file():
        return
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            source, rows = json.loads(line)
        except ValueError:
            continue
        yield source, rows


def _write(path: Path, rows: Sequence[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def write_card(folder: Path, model: ModelCard, rows: Sequence[Mapping[str, str]], left_out: Counter[str]) -> None:
    """catalogue.json: which files belong together, what is in them, under what terms, and what was left out and why."""
    artists = Counter(row["artist"] for row in rows)
    card = {
        "files": {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in (TABLE, VECTORS)},
        "embedder": {"name": model.name, "sha256": model.sha256},
        "columns": list(COLUMNS),
        "performances": len(rows),
        "works": len({row["work_id"] for row in rows}),
        "artists": dict(artists.most_common()),
        "largest_share": round(max(artists.values()) / len(rows), 4),
        "scores": {"package": "music21", "version": importlib.metadata.version("music21")},
        "licences": dict(sorted(Counter(row["score_licence"] for row in rows).items())),
        "licence": "Facts and vectors: no score, no note and no sound of these works is in this folder.",
        "left_out": dict(sorted(left_out.items())),
        "made_by": "python -m encoders.training.catalogue",
    }
    (folder / CARD).write_text(json.dumps(card, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
