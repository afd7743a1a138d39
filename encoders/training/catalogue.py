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

from encoders.base import ModelCard
from encoders.catalogue.pieces import Piece, survey
from encoders.catalogue.repertoire import COLLECTIONS, MANNERS, WORKS, Repertoire, read_table
from encoders.catalogue.rows import COLUMNS, Played, Row, play
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
    """The rows of all pieces, played and measured, and what was left out; the table is written."""
    repertoire = Repertoire.read(seed_data)
    _say("Looking through the scores of the music21 package …")
    found = survey(repertoire)
    _say(f"{len(found.pieces)} pieces, {time.monotonic() - started:.0f} s. Playing and measuring them:")
    rows, left_out = _played(found.pieces, repertoire, work / f"{_key(seed_data)}.jsonl", started)
    _write(work / TABLE, rows)
    _say(f"{len(rows)} performances of {len({row['work_id'] for row in rows})} works")
    return rows, left_out + found.left_out


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _key(seed_data: Path) -> str:
    """What decides every row: the tables, the code, the version of the scores."""
    digest = hashlib.sha256(importlib.metadata.version("music21").encode())
    tables = [seed_data / name for name in (COLLECTIONS, WORKS, MANNERS)]
    for path in [*tables, *find_sources("encoders.catalogue.rows", "encoders.catalogue.pieces")]:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _played(
    pieces: Sequence[Piece], repertoire: Repertoire, kept: Path, started: float
) -> tuple[list[Row], Counter[str]]:
    """The rows of all pieces, in their order; each finished piece is written down at once."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    done = dict(_kept(kept))
    left = [piece for piece in pieces if piece.work_id not in done]
    if done:
        _say(f"  {len(done)} are there from an earlier run")
    context = multiprocessing.get_context("spawn")
    with kept.open("a", encoding="utf-8") as file, context.Pool(_PROCESSES, _begin, (repertoire,)) as pool:
        for number, (piece, played) in enumerate(zip(left, pool.imap(_play, left, chunksize=4), strict=True), 1):
            done[piece.work_id] = played
            file.write(json.dumps([piece.work_id, played.rows, played.left_out], ensure_ascii=False) + "\n")
            file.flush()
            if number % 100 == 0 or number == len(left):
                _say(f"  {len(done)} of {len(pieces)} pieces, {time.monotonic() - started:.0f} s")
    rows = [row for piece in pieces for row in done[piece.work_id].rows]
    left_out = Counter(
        f"{p.collection.artist}: a manner left out, {r}" for p in pieces for r in done[p.work_id].left_out
    )
    return sorted(rows, key=lambda row: row["track_id"]), left_out


def _begin(repertoire: Repertoire) -> None:
    global _repertoire
    _repertoire = repertoire


def _play(piece: Piece) -> Played:
    return play(piece, _repertoire)


def _kept(path: Path) -> Iterator[tuple[str, Played]]:
    """What an earlier run finished; a last line that was cut off is passed over and done again."""
    if not path.is_file():
        return
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            work_id, rows, left_out = json.loads(line)
        except ValueError:
            continue
        yield work_id, Played(tuple(rows), tuple(left_out))


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
