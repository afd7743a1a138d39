"""Finds candidates that perform the same work, also where one is of the catalogue and one is a listener's own file."""

from __future__ import annotations

import re
from collections.abc import Sequence

from encoders.notation.titles import format_title, normalise_title
from engine.journey import OWN, Candidate


def identify_works(candidates: Sequence[Candidate]) -> list[str]:
    """An identifier of the work of each candidate, the same for the same work.

    It is the work's id, or the title where a track of the catalogue and a listener's own have the same. Only titles are
    compared: there, two works of one title are taken for one.
    """
    own = {c.title for c in candidates if c.work_id.startswith(OWN)}
    if not own:
        return [c.work_id for c in candidates]
    others = {c.title for c in candidates if not c.work_id.startswith(OWN)}
    tunes = {title: normalise_tune(title) for title in own | others}
    shared = {tunes[title] for title in own} & {tunes[title] for title in others}
    return [tunes[c.title] if tunes[c.title] in shared else c.work_id for c in candidates]


def normalise_tune(title: str) -> str:
    """A title without differences in spelling; never empty."""
    return normalise_title(re.sub(r"\(.*?\)", "", format_title(title))) or title
