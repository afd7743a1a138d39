"""Scores from outside are played as they are written."""

import re
from pathlib import Path

import pytest

from encoders.analysis.analyser import analyse
from encoders.catalogue.sources import find_corpus
from encoders.notation.files import LARGEST_XML
from engine.settings import ROOT
from tests.helpers import hard_files as hard
from tests.helpers.outside import PLAIN_SCORE, refusal, written

CASES = ROOT / "tests" / "data" / "cases"


def test_dynamics_tempo_and_names_of_a_score_are_read(tmp_path: Path) -> None:
    head = (
        "<work><work-title>Suite</work-title></work><movement-title>Air</movement-title><identification>"
        "<creator type='lyricist'>Nobody</creator><creator type='composer'>Élisabeth</creator>"
        "<rights>CC0</rights></identification>"
    )
    mark = (
        "<direction><direction-type><dynamics><pp/></dynamics></direction-type></direction><direction><direction-type>"
        "<metronome><beat-unit>half</beat-unit><per-minute>60</per-minute></metronome></direction-type></direction>"
    )
    bars = [hard.bar("C4", "E4", "G4", "C5", before=mark), hard.bar("C4", "E4", "G4", "C5")]
    soft = analyse(written(tmp_path, "a.xml", hard.score(bars, head, "<part-name>Violoncello</part-name>")))
    plain = analyse(written(tmp_path, "b.xml", hard.score([hard.bar("C4", "E4", "G4", "C5")] * 2)))
    assert (soft.title, soft.artist, soft.work, soft.licence) == ("Suite: Air", "Élisabeth", "Suite", "CC0")
    assert soft.instrument == "cello"
    assert soft.cues.tempo == 120.0
    assert soft.remarks == ()
    assert plain.cues.level - soft.cues.level == pytest.approx(12.0, abs=2.0)  # they breathe differently
    assert plain.remarks == ("no dynamics written: mf taken", "no tempo written: 100 BPM taken")
    assert (plain.title, plain.artist, plain.licence) == ("b", "unknown", "not stated")


@pytest.mark.parametrize(
    ("said", "word", "tempo"), [("Allegro con brio", "allegro", 132), ("Andante, poi allegretto", "andante", 72)]
)
def test_a_tempo_in_words_is_taken_and_told(tmp_path: Path, said: str, word: str, tempo: int) -> None:
    words = f"<direction><direction-type><words>{said}</words></direction-type></direction>"
    heard = analyse(written(tmp_path, "a.xml", hard.score([hard.bar("C4", "E4", "G4", "C5", before=words)])))
    assert heard.cues.tempo == tempo
    assert f"no tempo written: '{word}' taken as {tempo} BPM" in heard.remarks


def test_a_change_of_tempo_is_played(tmp_path: Path) -> None:
    def at(tempo: int) -> str:
        return f'<sound tempo="{tempo}"/>'

    bars = [
        hard.bar("C4", "D4", "E4", "F4", before=at(60 if n == 1 else 180) if n in (1, 9) else "") for n in range(1, 17)
    ]
    heard = analyse(written(tmp_path, "a.xml", hard.score(bars)))
    assert heard.performance is not None
    onsets = [n.onset for n in heard.performance.notes]
    assert (onsets[32] - onsets[0]) / (onsets[60] - onsets[32]) == pytest.approx(3.0 * 32 / 28, rel=0.1)
    assert heard.cues.tempo == pytest.approx(90.0)
    assert any("between 60 and 180" in remark for remark in heard.remarks)


def test_transposing_instruments_sound_where_they_sound(tmp_path: Path) -> None:
    down = "<attributes><transpose><chromatic>-2</chromatic></transpose></attributes>"
    heard = analyse(
        written(
            tmp_path, "a.xml", hard.score([hard.bar("C4", before=down)], part="<part-name>Clarinet in Bb</part-name>")
        )
    )
    assert heard.performance is not None
    assert [n.pitch for n in heard.performance.notes] == [58]
    assert heard.instrument == "clarinet"


def test_stated_programs_win_and_drums_are_left_out(tmp_path: Path) -> None:
    part = "<part-name>X</part-name><midi-instrument id='I1'>{}</midi-instrument>"
    harp = part.format("<midi-channel>1</midi-channel><midi-program>47</midi-program>")
    assert analyse(written(tmp_path, "a.xml", hard.score([hard.bar("C4")], part=harp))).instrument == "harp"
    drums = part.format("<midi-channel>10</midi-channel><midi-program>1</midi-program>")
    assert "only drums" in refusal(written(tmp_path, "b.xml", hard.score([hard.bar("C4")], part=drums))).fault


@pytest.mark.parametrize("name", ["flute", "flute stated"])
def test_a_flute_is_no_lute(name: str) -> None:
    assert analyse(CASES / "xml-flute" / f"{name}.musicxml").instrument == "flute"


def test_a_bass_sings_among_singers_and_has_strings_elsewhere(tmp_path: Path) -> None:
    bass = hard.score([hard.bar("C3")], part="<part-name>Bass</part-name>")
    other = '<score-part id="P2"><part-name>{}</part-name></score-part></part-list>'
    notes = f'</part><part id="P2">{hard.bar("C4")}</part></score-partwise>'
    played = bass.replace("</part></score-partwise>", notes)
    sung = bass.replace("</note>", "<lyric><text>O</text></lyric></note>")

    def programs(text: str) -> tuple[int, ...]:
        heard = analyse(written(tmp_path, "a.xml", text))
        assert heard.performance is not None
        return heard.performance.programs

    assert programs(played.replace("</part-list>", other.format("Piano"))) == (32, 0)
    assert programs(played.replace("</part-list>", other.format("Soprano"))) == (52, 52)
    assert programs(bass) == (32,)
    assert programs(sung) == (52,)


@pytest.mark.parametrize(
    ("name", "title", "artist"),
    [("my waltz draft", "my waltz draft", "unknown"), ("renamed-on-page", "Evening by the Canal", "A. Neighbour")],
)
def test_what_a_program_writes_for_a_name_is_none(name: str, title: str, artist: str) -> None:
    heard = analyse(CASES / "xml-placeholder-names" / f"{name}.musicxml")
    assert (heard.title, heard.artist) == (title, artist)


@pytest.mark.parametrize(
    "placeholder",
    [
        *("Title", "[Title]", "Subtitle", "[Subtitle]", "<Title>", "(Composer)", "Composer", "Composer / arranger"),
        *("Composer/Arranger", "Lyricist", "Lyricist / Composer", "Arranger", "Composer name", "Enter title here"),
        *("Untitled", "Untitled score", "Untitled-1", "Unnamed score", "No Title", "Song Title", "Your Name"),
        *("Work title", "work-title", "Project Title", "Flow 1", "New Score", "Score", "Full Score", "Music by"),
        *("Titel", "Komponist", "Partitur ohne Titel", "Titre", "Compositeur", "Partition sans titre", "Unbenannt"),
        *("Título", "Compositor", "Senza titolo", "MuseScore Title.mscz", "Music21 Fragment", "无标题", "作曲者"),
    ],
)
def test_a_placeholder_is_no_name_in_any_field(tmp_path: Path, placeholder: str) -> None:
    text = placeholder.removeprefix("MuseScore ").replace("<", "&lt;")
    head = (
        f"<work><work-title>{text}</work-title></work><movement-title>{text}</movement-title><identification>"
        f"<creator type='composer'>{text}</creator><creator type='arranger'>{text}</creator></identification>"
        f"<credit><credit-type>title</credit-type><credit-words>{text}</credit-words></credit>"
    )
    heard = analyse(written(tmp_path, "Slow air.xml", hard.score([hard.bar("C4")], head)))
    assert (heard.title, heard.artist, heard.work) == ("Slow air", "unknown", "")


@pytest.mark.parametrize(
    "name", ["The Composer Is Dead", "Subtitles", "Midinette", "Stafford", "Title Song", "Score for Two", "Artistry"]
)
def test_a_name_with_such_a_word_in_it_is_kept(tmp_path: Path, name: str) -> None:
    head = f"<work><work-title>{name}</work-title></work>"
    assert analyse(written(tmp_path, "a.xml", hard.score([hard.bar("C4")], head))).title == name


def test_timewise_scores_and_namespaces_are_read(tmp_path: Path) -> None:
    bars = re.findall(r'<measure number="1">(.*?)</measure>', PLAIN_SCORE, re.DOTALL)
    parts = PLAIN_SCORE[PLAIN_SCORE.index("<part-list>") : PLAIN_SCORE.index('<part id="P1">')]
    rows = "".join(f'<measure number="{n}"><part id="P1">{bar}</part></measure>' for n, bar in enumerate(bars, 1))
    timewise = written(tmp_path, "a.xml", f"<score-timewise>{parts}{rows}</score-timewise>")
    spaced = written(tmp_path, "b.xml", PLAIN_SCORE.replace("<score-partwise", '<score-partwise xmlns="urn:x"'))
    contents = {analyse(p).content for p in (timewise, spaced, written(tmp_path, "c.xml", PLAIN_SCORE))}
    assert len(contents) == 1


@pytest.mark.parametrize("tie", ['<tie type="start"/>', '<notations><tied type="start"/></notations>'])
def test_tied_notes_are_one_tone(tmp_path: Path, tie: str) -> None:
    bars = [hard.bar("C4", "D4").replace("</note></measure>", f"{tie}</note></measure>"), hard.bar("D4", "E4")]
    heard = analyse(written(tmp_path, "a.xml", hard.score(bars)))
    assert heard.performance is not None
    assert [n.pitch for n in heard.performance.notes] == [60, 62, 64]


def test_a_tone_longer_than_its_music_is_played(tmp_path: Path) -> None:
    """In one part of two, so that the other's bars say how long the music is."""
    one = hard.score([hard.bar("C4", "D4", "E4", "F4")] * 3)
    part = one[one.index('<part id="P1">') : one.index("</score-partwise>")].replace('"P1"', '"P2"')
    last = part.rindex("<duration>1<")
    part = f"{part[:last]}<duration>4000<{part[last + 12 :]}"
    three = part.replace('"P2"', '"P3"').replace("4000", "1")
    declared = '<score-part id="P2"><part-name>B</part-name></score-part><score-part id="P3"/></part-list>'
    text = one.replace("</part-list>", declared).replace("</score-partwise>", f"{part}{three}</score-partwise>")
    heard = analyse(written(tmp_path, "a.xml", text))
    assert heard.seconds > 2400


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_scores_in_other_codes_are_read(tmp_path: Path, encoding: str) -> None:
    text = PLAIN_SCORE.replace("UTF-8", encoding.removesuffix("-sig")).replace(
        "<part-list>", "<movement-title>Été</movement-title><part-list>"
    )
    assert analyse(written(tmp_path, "a.xml", text.encode(encoding))).title == "Été"


@pytest.mark.parametrize(
    "name",
    ["bach/bwv269.mxl", "verdi/laDonnaEMobile.mxl", "mozart/k80/movement3.mxl"],
)
def test_our_reader_and_partituras_read_the_same_notes(name: str) -> None:
    """Two readers that share no code: onset in quarter notes and written pitch, repeats not played."""
    import warnings

    from encoders.notation.musicxml.document import parse_score
    from encoders.notation.musicxml.markup import parse_root

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from partitura import load_musicxml

        theirs = load_musicxml(str(find_corpus() / name), quiet=True)
    wanted = sorted(
        (round(float(part.quarter_map(n.start.t)), 2), n.midi_pitch)
        for part in theirs.parts
        for n in part.notes
        if type(n).__name__ == "Note"
    )
    ours, at = [], 0.0
    for bar in parse_score(parse_root((find_corpus() / name).read_bytes(), name), name).bars:
        ours += [(round(at + t.onset, 2), t.pitch) for t in bar.tones]
        at += bar.beats
    assert len(ours) == len(wanted)
    first = wanted[0][0] - min(ours)[0]  # an upbeat is before zero for partitura
    assert sorted((round(onset + first, 2), pitch) for onset, pitch in ours) == wanted


def test_a_small_archive_that_unpacks_to_much_is_refused(tmp_path: Path) -> None:
    data = hard.zip_bomb(LARGEST_XML // 1_000_000 + 1)
    assert len(data) < 100_000
    assert "unpacks to more" in refusal(written(tmp_path, "bomb.mxl", data)).fault


def test_ten_thousand_bars_are_heard(tmp_path: Path) -> None:
    bars = [hard.bar("C4", number=n, before='<sound tempo="240"/>' if n == 1 else "") for n in range(1, 10_001)]
    heard = analyse(written(tmp_path, "long.mxl", hard.mxl(hard.score(bars))))
    assert heard.performance is not None
    assert len(heard.performance.notes) == 10_000
    assert 2400 < heard.seconds < 2900


def test_ten_thousand_slow_bars_are_longer_than_any_journey(tmp_path: Path) -> None:
    bars = [hard.bar("C4", number=n, before='<sound tempo="20"/>' if n == 1 else "") for n in range(1, 10_001)]
    assert "lasts 8.3 hours" in refusal(written(tmp_path, "long.xml", hard.score(bars))).fault


def test_repeats_that_make_a_piece_endless_are_left_out(tmp_path: Path) -> None:
    again = '<barline location="right"><repeat direction="backward" times="999999"/></barline>'
    bars = [hard.bar("C4", "D4", "E4", "F4", number=n, after=again if n == 300 else "") for n in range(1, 301)]
    heard = analyse(written(tmp_path, "again.xml", hard.score(bars)))
    assert heard.seconds < 1000
    assert any("repeats are left out" in remark for remark in heard.remarks)
