"""The results as a file that programs read, and as a page that people read and the README quotes."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.bench.sections import TELL
from tests.bench.tables import Section
from tests.bench.targets import targets

FOLDER = Path(__file__).parent
RESULTS = FOLDER / "results.json"
PAGE = FOLDER / "RESULTS.md"


def keep(name: str, figures: Mapping[str, Any], on: Mapping[str, Any]) -> None:
    """Puts one section in the place of its last measurement, and writes the page anew."""
    results = read()
    results[name] = {"on": dict(on), "figures": dict(figures)}
    RESULTS.write_text(json.dumps(results, indent=1, ensure_ascii=False, sort_keys=True) + "\n", "utf-8")
    PAGE.write_text("\n".join(page(results)).rstrip() + "\n", "utf-8")


def read() -> dict[str, Any]:
    return json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else {}


def page(results: Mapping[str, Section]) -> Iterator[str]:
    yield "# What `make bench` measured"
    yield ""
    yield "Times are milliseconds, medians. Beside each stands how busy the machine was: `ratio` is the time over that"
    yield "of a fixed Python loop run right before it (about 15 ms on a quiet machine of this kind)."
    yield ""
    yield "| What | Reach | Found | Holds |"
    yield "|---|---|---|---|"
    for what, reach, found, holds in targets(results):
        yield f"| {what} | {reach} | {found} | {'yes' if holds else '**no**'} |"
    for name, tell in TELL.items():
        if name in results:
            yield ""
            yield from tell(results[name]["figures"])
            yield ""
            yield measured_on(results[name]["on"])


def measured_on(on: Mapping[str, Any]) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in on["versions"].items())
    held = f"{on['tracks']} tracks, ontology {on['ontology']}; " if "tracks" in on else ""
    return (
        f"*{on['date']}{', quick run' if on['quick'] else ''}; {on['machine']}, load {on['load'][0]} before and "
        f"{on['load_after'][0]} after; {held}{versions}.*"
    )


def missed(sections: Collection[str]) -> list[str]:
    """Targets of these sections that were measured and do not hold."""
    measured = {name: section for name, section in read().items() if name in sections}
    return [what for what, _, _, holds in targets(measured) if not holds]
