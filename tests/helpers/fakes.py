"""Small stand-ins whose answers anyone can work out by hand."""

import csv
import hashlib
import io
import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import numpy as np

from encoders.analysis.piece import AnalysedPiece
from encoders.base import Matrix, ModelCard
from engine.queries import Query
from engine.rules import Individual
from engine.store.catalogue import CARD, COLUMNS, CUES, TABLE, VECTORS, Catalogue, Fact

DIMENSIONS = 8


@dataclass(frozen=True, slots=True)
class FakeEmbedder:
    """A unit vector for every text, the same each time, and of nothing but the text."""

    dimensions: int = DIMENSIONS
    name: str = "fake"

    @property
    def card(self) -> ModelCard:
        digest = hashlib.sha256(f"{self.name} {self.dimensions}".encode()).hexdigest()
        return ModelCard(self.name, digest, "CC0-1.0", dimensions=self.dimensions)

    def embed_text(self, texts: Sequence[str]) -> Matrix:
        return np.stack([self._vector(text) for text in texts])

    def _vector(self, text: str) -> Matrix:
        seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
        vector = np.random.default_rng(seed).normal(size=self.dimensions).astype(np.float32)
        return vector / np.float32(np.linalg.norm(vector))


@dataclass(frozen=True, slots=True)
class FakeMusicEmbedder(FakeEmbedder):
    """The same for music, by its title; a title that says so gets no vector, or a useless one."""

    def embed_music(self, music: Sequence[AnalysedPiece]) -> Matrix:
        if any(heard.title == "too much" for heard in music):
            raise ValueError("more than a model can take")
        vectors = self.embed_text([heard.title for heard in music]) if music else np.zeros((0, self.dimensions))
        for row, heard in enumerate(music):
            if heard.title == "nothing":
                vectors[row] = 0.0
        return vectors.astype(np.float32)

    def choose_input(self, heard: AnalysedPiece) -> str:
        return "symbolic" if heard.performance else "caption"


@dataclass(frozen=True, slots=True)
class FakeOntology:
    """Individuals as given. `sha256` follows their content."""

    individuals: tuple[Individual, ...]
    version_info: str = "test"

    @property
    def sha256(self) -> str:
        told = [(i.id, i.classes, sorted(i.properties.items(), key=str), i.links) for i in self.individuals]
        return hashlib.sha256(repr(told).encode()).hexdigest()

    def without(self, id_: str) -> "FakeOntology":
        """The same without one individual, and without what pointed to it."""
        kept = (
            replace(i, links=tuple(link for link in i.links if link[1] != id_)) for i in self.individuals if i.id != id_
        )
        return replace(self, individuals=tuple(kept))

    def changed(self, individual: Individual) -> "FakeOntology":
        """The same with one individual added, or put in place of the one of its id."""
        kept = tuple(i for i in self.individuals if i.id != individual.id)
        return replace(self, individuals=tuple(sorted((*kept, individual), key=lambda i: i.id)))


def individual(
    id_: str, *classes: str, links: Sequence[tuple[str, str]] = (), **properties: str | float | bool | list[str]
) -> Individual:
    """An individual in a few words."""
    return Individual(id_, classes, dict(properties), tuple(sorted(links)), "ontology/test.owl")  # type: ignore[arg-type]


def small_ontology() -> FakeOntology:
    """Every measured cue, three weights, a scale with a descriptor, one rule, one stage."""
    linear = ("mode", "level", "level_swing", "level_in", "level_out", "articulation", "register", "pitch_spread",
              "brightness", "roughness")  # fmt: skip
    cues = [
        individual("tempo", "Cue", "CueScope", scale="log", unit="BPM", minimum=20.0, maximum=300.0, center=100.0,
                   spread=0.5, reliability=0.9),
        individual("onset_rate", "Cue", "CueScope", scale="log", unit="1/s", minimum=0.05, maximum=30.0, center=4.0,
                   spread=1.0, reliability=0.8),
        *(
            individual(cue, "Cue", "CueScope", scale="linear", unit="1", minimum=-100.0, maximum=200.0, center=0.0,
                       spread=2.0, reliability=0.5)
            for cue in (*linear, "valence", "arousal")
        ),
        individual("every-cue", "CueScope"),
    ]  # fmt: skip
    weights = [
        individual("mode-to-valence", "CueWeight", axis="valence", weight=0.4, links=[("of", "mode")]),
        individual("tempo-to-valence", "CueWeight", axis="valence", weight=0.1, links=[("of", "tempo")]),
        individual("tempo-to-arousal", "CueWeight", axis="arousal", weight=0.5, links=[("of", "tempo")]),
    ]
    rest = [
        individual("peacefulness", "Scale", "Sign", music_valence=0.5, music_arousal=-0.5, label="peacefulness",
                   label_zh="平静", adjectives=["calm", "serene"], links=[("describedBy", "peacefulness-words")]),
        individual("peacefulness-words", "Descriptor", text="serene, calm"),
        individual("affect-reach", "Setting", value=0.25, unit="1"),
        individual("match", "Stage", "StageScope", order=1, share=0.3),
        individual("always", "Context", "Sign", held=True, source="standing", keep="session"),
        individual("when-always", "Condition", level="present", links=[("on", "always")]),
        individual("lean-soft", "Lean", "Effect", low=-40.0, best=-30.0, high=-25.0, weight=0.5,
                   links=[("of", "level")]),
        individual("soft-always", "Rule", tier="taste", priority=1, status="published", label="soft",
                   links=[("when", "when-always"), ("does", "lean-soft"), ("at", "match")]),
    ]  # fmt: skip
    return FakeOntology(tuple(sorted((*cues, *weights, *rest), key=lambda i: i.id)))


def fact_rows(count: int = 12, seed: int = 7) -> list[dict[str, Fact]]:
    """Rows of a catalogue: two performances a work, three works an artist, cues spread over what is usual."""
    draw = random.Random(seed)  # noqa: S311
    usual = {"tempo": (50, 160), "onset_rate": (0.5, 8), "mode": (-1, 1), "articulation": (0.2, 1.2),
             "register": (40, 80), "pitch_spread": (3, 15), "brightness": (0, 1), "roughness": (0, 1)}  # fmt: skip
    rows: list[dict[str, Fact]] = []
    for number in range(count):
        work = number // 2
        row: dict[str, Fact] = {name: "?" if kind is str else kind(1) for name, kind in COLUMNS.items()}
        row |= {"track_id": f"t{number:05}", "work_id": f"w{work:05}", "artist_id": f"a{work // 3:04}"}
        row |= {"title": f"Air {work}", "artist": f"Composer {work // 3}", "source": f"music21:air/{number}"}
        row |= {"traits": ""}
        row |= {"seconds": round(draw.uniform(60, 300), 1), "lyrics": 0, "hopeless_lyrics": 0, "imagery": number % 2}
        row |= {cue: round(draw.uniform(*usual.get(cue, (-40, -10))), 3) for cue in CUES}
        rows.append({name: row[name] for name in COLUMNS})
    return rows


def write_catalogue(
    folder: Path, rows: Sequence[dict[str, Fact]], embedder: FakeEmbedder, vectors: Matrix | None = None
) -> Path:
    """The three files of a catalogue; vectors are those of the titles unless given."""
    folder.mkdir(parents=True, exist_ok=True)
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(COLUMNS), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    (folder / TABLE).write_text(text.getvalue(), encoding="utf-8", newline="\n")
    if vectors is None:
        vectors = embedder.embed_text([f"{row['title']} {row['track_id']}" for row in rows])
    np.save(folder / VECTORS, vectors.astype(np.float16))
    sign_catalogue(folder, embedder)
    return folder


def sign_catalogue(folder: Path, embedder: FakeEmbedder) -> None:
    """The card for the files as they are now."""
    files = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in (TABLE, VECTORS)}
    card = {"files": files, "embedder": {"name": embedder.card.name, "sha256": embedder.card.sha256}}
    (folder / CARD).write_text(json.dumps(card), encoding="utf-8")


def small_catalogue(folder: Path, count: int = 12, embedder: FakeEmbedder | None = None) -> Catalogue:
    """A catalogue of so many tracks, written and read."""
    return Catalogue.read(write_catalogue(folder, fact_rows(count), embedder or FakeEmbedder()))


def broken_promises(query: Query, rows: Sequence[Mapping[str, object]]) -> list[str]:
    """What rows hold that the first lines of their query do not promise."""
    names = [column.name for column in query.columns]
    broken = [f"{query.name}: has columns {list(row)}" for row in rows[:1] if list(row) != names]
    return broken or [
        f"{query.name}: {column.name} is {row[column.name]!r}, not {column.type}"
        for row in rows
        for column in query.columns
        if not _is_a(row[column.name], column.type)
    ]


def _is_a(value: object, type_: str) -> bool:
    """Whether a value has a Cypher type."""
    if value is None:
        return not type_.endswith(" NOT NULL")
    type_ = type_.removesuffix(" NOT NULL")
    if type_.startswith("LIST<"):
        return isinstance(value, list) and all(_is_a(inner, type_[5:-1]) for inner in value)
    if type_ == "ANY":
        return True
    return type(value) is _TYPES[type_]


_TYPES = {"STRING": str, "INTEGER": int, "FLOAT": float, "BOOLEAN": bool, "MAP": dict, "ZONED DATETIME": datetime}
