"""What differs between two states of the ontology."""

from __future__ import annotations

from engine.bootstrap import Progress
from engine.settings import Settings
from engine.use_cases.authoring.states import open_states, read_sources


def compare(before: str, after: str, settings: Settings, progress: Progress) -> tuple[str, ...]:
    """A sentence for each change from one state to the other."""
    from engine.authoring.differences import describe_changes

    with open_states(settings, progress) as states:
        return describe_changes(*(read_sources(states.find(named)) for named in (before, after)))
