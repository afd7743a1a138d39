"""Text out of bytes, whatever became of them on their way: the gate reads even what is damaged."""

from __future__ import annotations

from contextlib import suppress


def decode_leniently(read: bytes) -> str:
    """Bytes as text: UTF-8, else what Chinese systems and Windows write; what is neither is read as far as it goes."""
    if read[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return read.decode("utf-16", "replace")
    for encoding in ("utf-8", "gb18030"):
        with suppress(UnicodeDecodeError):
            return read.decode(encoding)
    return read.decode("utf-8", "replace")
