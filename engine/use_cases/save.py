"""Saves a journey as files: performs its tracks and passes them to `engine.export.files`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from encoders.catalogue.rows import perform_row
from encoders.performing.performance import Performance
from encoders.sound.playback import OwnRecording
from encoders.sound.synthesis import Synthesizer
from engine.answers import Journey
from engine.errors import CatalogueError, UsageError
from engine.export.files import write_journey
from engine.export.playlists import SavedStep
from engine.journey import OWN, Step
from engine.settings import SEED_DIR, Settings
from engine.store.catalogue import Catalogue
from engine.use_cases.ask_again import GraphReader, make_graph_reader

if TYPE_CHECKING:
    from engine.graph import Graph


def save_journey(answer: Journey, directory: Path, settings: Settings, progress: Callable[[str], None]) -> None:
    """Writes the journey into the directory: playlists, MIDI and sound. Own tracks without their files are left out.

    CatalogueError for tracks without a score; UsageError for own files that have changed, and when no track is left.
    """
    rows = {str(track["track_id"]): track for track in Catalogue.read(SEED_DIR).tracks}
    ask = make_graph_reader(settings, progress)
    own = find_own_music([step.track_id for step in answer.steps if step.track_id.startswith(OWN)], ask)
    gone = [step for step in answer.steps if step.track_id.startswith(OWN) and step.track_id not in own]
    for step in gone:
        progress(f"left out: step {step.position}, {step.title}; its file is not there any more")
    steps = [step for step in answer.steps if step not in gone]
    if not steps:
        repair = "Bring the files back, or run `isopath ingest` where they are now"
        raise UsageError("--save", "no file of the journey is there any more", repair)
    if strangers := [step.track_id for step in steps if step.track_id not in rows.keys() | own.keys()]:
        fault = f"has no row for {', '.join(strangers)}"
        raise CatalogueError(str(SEED_DIR / "catalogue.csv"), fault, "Run `isopath load`, then plan the journey again")
    progress(f"performing {len(steps)} tracks, {sum(step.seconds for step in steps) / 60:.0f} minutes")

    def make_saved_step(step: Step) -> SavedStep:
        return SavedStep(
            step.position,
            step.stage,
            step.track_id,
            step.title,
            step.artist,
            step.because,
            step.rule_ids,
            step.cues["level"],
            own[step.track_id] if step.track_id in own else perform_row(rows[step.track_id]),
        )

    def report(what: str, done: int, all_: int) -> None:
        progress(f"{what} {done} of {all_} tracks")

    player = Synthesizer.load(settings.soundfont)
    done = write_journey([make_saved_step(step) for step in steps], answer.as_json(), directory, player, report)
    progress(f"{done.playlist}: {done.seconds / 60:.0f} minutes of sound, {len(done.soundings)} tracks")


def find_own_music(ids: Sequence[str], ask: GraphReader) -> dict[str, Performance | OwnRecording]:
    """Track id -> music of a listener's own tracks; without those whose file is missing."""
    if not ids:
        return {}
    from engine.ingest.listing import source_exists
    from engine.ingest.playing import load_own_music

    def find(graph: Graph) -> dict[str, Performance | OwnRecording]:
        rows = graph.rows("library/sources", ids=list(ids))
        return load_own_music(graph, [row["id"] for row in rows if source_exists(row["source"])])

    return ask(find)
