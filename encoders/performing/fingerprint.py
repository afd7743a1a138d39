"""One name for the same notes, whatever file they come from."""

import hashlib
from collections.abc import Sequence


def fingerprint(family: str, rows: Sequence[tuple[int, ...]]) -> str:
    """Hexadecimal sha256 over notes as whole numbers, in whatever order a file gave them."""
    digest = hashlib.sha256(f"isopath {family}".encode())
    for row in sorted(rows):
        digest.update(repr(row).encode())
    return digest.hexdigest()
