"""From an answer to files: performs every track of a journey again and hands it to `engine.export`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from encoders.catalogue import perform_row
from encoders.sound import Player
from engine.catalogue import Catalogue
from engine.errors import CatalogueError
from engine.export import save
from engine.journey import Answer, Step
from engine.playlist import SavedStep
from engine.settings import SEED_DIR, Settings


def save_journey(answer: Answer, directory: Path, settings: Settings, progress: Callable[[str], None]) -> None:
    """Writes the journey into the directory: playlists, MIDI and sound. CatalogueError for tracks without a score."""
    rows = {str(track["track_id"]): track for track in Catalogue.read(SEED_DIR).tracks}
    if strangers := [step.track_id for step in answer.steps if step.track_id not in rows]:
        fault = f"has no row for {', '.join(strangers)}"
        raise CatalogueError(str(SEED_DIR / "catalogue.csv"), fault, "Run `isopath load`, then plan the journey again")
    progress(f"performing {len(answer.steps)} tracks, {sum(step.seconds for step in answer.steps) / 60:.0f} minutes")

    def saved(step: Step) -> SavedStep:
        return SavedStep(
            step.position,
            step.stage,
            step.track_id,
            step.title,
            step.artist,
            step.because,
            step.rule_ids,
            step.cues["level"],
            perform_row(rows[step.track_id]),
        )

    def told(what: str, done: int, all_: int) -> None:
        progress(f"{what} {done} of {all_} tracks")

    player = Player.load(settings.soundfont)
    done = save([saved(step) for step in answer.steps], answer.as_json(), directory, player, told)
    progress(f"{done.playlist}: {done.seconds / 60:.0f} minutes of sound, {len(done.soundings)} tracks")
