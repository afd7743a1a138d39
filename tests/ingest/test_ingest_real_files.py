"""Real files of every kind, heard for real."""

from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pytest
import soundfile

from encoders.analysis.analyser import analyse_each
from encoders.performing.performance import Performance
from encoders.sound.playback import OwnRecording
from engine.answers import Journey, ModelVersion, Provenance
from engine.errors import UsageError
from engine.graph import Graph
from engine.ingest.playing import load_own_music
from engine.ingest.pool import AnalysisPool
from engine.journey import Quality, Reading, Step
from engine.settings import Settings
from engine.use_cases.save import save_journey
from tests.helpers import hard_files as hard
from tests.helpers.asking import values
from tests.helpers.ingesting import broken, run

pytest_plugins = "tests.helpers.ingest_fixtures"


@pytest.fixture(scope="module")
def ears() -> Iterator[AnalysisPool]:
    with AnalysisPool(analyse_each, 2) as pool:
        yield pool


def soft(number: int) -> bytes:
    """A MIDI file whose tune depends on a number."""
    keys = [60 + (number * step) % 13 for step in range(24)]
    return hard.midi(hard.track(*(event for key in keys for event in hard.note(key))))


@pytest.mark.graph
def test_good_files_of_every_kind_come_in_among_bad_ones(graph: Graph, music: Path, ears: AnalysisPool) -> None:
    music.mkdir()
    bars = [hard.bar("C4", "E4", "G4", "C5", number=n) for n in range(1, 9)]
    tone = 0.2 * np.sin(2 * np.pi * 330 * np.arange(22050 * 5) / 22050) * (np.arange(22050 * 5) % 11025 < 8000)
    good = {
        "a.mid": soft(5),
        "b.mxl": hard.mxl(hard.score(bars)),
        "c.musicxml": hard.score(bars[::-1] + bars[:1]).encode(),
        "d.abc": b"X:1\nT:Reel\nM:4/4\nL:1/8\nK:G\nGABc dedB|dedB dedB|c2ec B2dB|A2F2 G4:|\n",
    }
    bad = {
        "e.mid": b"",
        "f.mid": soft(5)[:30],
        "g.mid": hard.midi(hard.track()),
        "h.mxl": hard.zip_bomb(60),
        "i.mxl": hard.mxl(hard.BOMB_OF_ENTITIES),
        "j.xml": hard.EXTERNAL_ENTITY.encode(),
        "k.wav": b"RIFF",
        "l.mp3": b"x" * 5000,
        "m.abc": b"no tune",
    }
    for name, content in {**good, **bad}.items():
        (music / name).write_bytes(content)
    soundfile.write(music / "z.flac", tone, 22050)
    lines = run(graph, music, ears)
    found = {Path(line.path).name: line.outcome for line in lines}
    assert found == {**dict.fromkeys([*good, "z.flac"], "added"), **dict.fromkeys(bad, "refused")}
    assert all(line.reason for line in lines if line.outcome == "refused")
    assert broken(graph) == []
    kinds = "MATCH (t:Track) WHERE t.stamp IS NULL RETURN t.kind + ' ' + t.vector_from AS value ORDER BY value"
    assert values(graph, kinds) == [
        "abc symbolic", "audio caption", "midi symbolic", "musicxml symbolic", "musicxml symbolic",
    ]  # fmt: skip
    ids = {Path(line.path).name: str(line.track_id) for line in lines if line.outcome == "added"}
    playing = load_own_music(graph, list(ids.values()))
    assert playing[ids["z.flac"]] == OwnRecording(music / "z.flac", 5.0)
    assert isinstance(notes := playing[ids["a.mid"]], Performance)
    assert len(notes.notes) == 24
    (music / "z.flac").unlink()
    (music / "a.mid").write_bytes(soft(7))
    with pytest.raises(UsageError) as caught:
        load_own_music(graph, [*ids.values(), "own-gone"])
    told = str(caught.value)
    assert "z.flac: cannot be read (No such file or directory)" in told
    assert "a.mid: has changed since it was ingested" in told
    assert "own-gone: was forgotten" in told
    assert [line.outcome for line in run(graph, music, ears)].count("same") == 3


@pytest.mark.graph
def test_a_saved_journey_leaves_out_what_has_gone_and_says_so(
    graph: Graph, music: Path, ears: AnalysisPool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    music.mkdir()
    for name, number in (("a.mid", 5), ("b.mid", 7)):
        (music / name).write_bytes(soft(number))
    lines = run(graph, music, ears)
    cues = {"level": -20.0, "tempo": 90.0}
    steps = tuple(
        Step(n, "match", str(line.track_id), f"Tune {n}", "Me", 12.0, cues, 0, 0, 1, 1, ("r",), "Because.")
        for n, line in enumerate(lines, 1)
    )
    reading, model = Reading("clear", "passed", {}, (), 0.0, 0.0), ModelVersion("n", "ab" * 32)
    made_by = Provenance("0", "v", "ab" * 32, model, model, "2026.08.1")
    quality = Quality(0.0, 0.0, None, 0.0, 0.0, 1.0, 1.0)
    answer = Journey("id", 1, "calm", reading, (), made_by, (), (("match", steps),), quality)
    monkeypatch.setattr("engine.use_cases.ask_again.use_graph", lambda settings, note: nullcontext(graph))
    said: list[str] = []
    settings = Settings.from_environment()
    (music / "a.mid").unlink()
    save_journey(answer, tmp_path / "saved", settings, said.append)
    assert sorted(path.name for path in (tmp_path / "saved" / "audio").iterdir()) == ["02-Tune-2.ogg"]
    assert [line for line in said if line.startswith("left out: step 1, Tune 1;")]
    (music / "b.mid").unlink()
    with pytest.raises(UsageError, match="no file of the journey"):
        save_journey(answer, tmp_path / "other", settings, said.append)
    assert not (tmp_path / "other").exists()
