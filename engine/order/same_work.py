"""Which candidates perform one work: a listener's own copy of a tune of the catalogue is no other work."""

from __future__ import annotations

import re
from collections.abc import Sequence

from encoders.notation.titles import format_title, normalise_title
from engine.journey import OWN, Candidate


def identify_works(candidates: Sequence[Candidate]) -> list[str]:
    """A name for the work of each: its id, or its tune where one of the catalogue and one of a listener's own share it.

    Told by the title alone: who else wrote a piece of that name is heard in another journey.
    """
    own = {c.title for c in candidates if c.work_id.startswith(OWN)}
    if not own:
        return [c.work_id for c in candidates]
    others = {c.title for c in candidates if not c.work_id.startswith(OWN)}
    tunes = {title: normalise_tune(title) for title in own | others}
    shared = {tunes[title] for title in own} & {tunes[title] for title in others}
    return [tunes[c.title] if tunes[c.title] in shared else c.work_id for c in candidates]


def normalise_tune(title: str) -> str:
    """A title without what books and files spell differently; never empty."""
    return normalise_title(re.sub(r"\(.*?\)", "", format_title(title))) or title
