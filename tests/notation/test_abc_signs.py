"""Each sign of ABC 2.1 that sounds is read as the standard says, or told."""

import random
import re
from fractions import Fraction

import pytest

from encoders.base import ScoreUnreadable
from encoders.notation.abc.grammar import order_of, tempo_of
from encoders.notation.abc.lines import decode_escapes
from encoders.notation.abc.tunes import Tune, parse_tune, read_tune
from encoders.notation.score import unfold

HEAD = "X:1\nT:x\nM:4/4\nL:1/4\nQ:1/4=120\n"
Sound = list[tuple[float, float, int]]


def read(body: str, head: str = HEAD, key: str = "C") -> Tune:
    return parse_tune(f"{head}K:{key}\n{body}\n", "here")


def sounding(tune: Tune) -> Sound:
    """Onset and length in quarter notes, and pitch, in the order of playing."""
    return [(t.onset, t.beats, t.pitch) for t in unfold(tune.arrange_parts()).tones]


def pitches(body: str, key: str = "C", head: str = HEAD) -> list[int]:
    return [pitch for _, _, pitch in sounding(read(body, head, key))]


SAME = {
    "endings for several passes": ("|: C4 |1,3 D4 :|2 E4 :|4 F4 |]", "C4|D4|C4|E4|C4|D4|C4|F4|"),
    "an ending for a range of passes": ("|: C4 |1-3 D4 :|4 E4 |]", "C4|D4|C4|D4|C4|D4|C4|E4|"),
    "endings with brackets and blanks": ("|: C4 [1, 2 D4 :| [3 E4 || F4|", "C4|D4|C4|D4|C4|E4|F4|"),
    "a repeat that closes the last ending": ("|: C4 |1 D4 :|2 E4 :| F4 |", "C4|D4|C4|E4|F4|"),
    "endings of two repeats": ("|:C4|1 D4:|2 E4|:F4|1 G4:|2 A4|]", "C4|D4|C4|E4|F4|G4|F4|A4|"),
    "three times": ("|:: C4 ::| D4 |", "C4|C4|C4|D4|"),
    "three times, told by the first sign only": ("|:: C4 :| D4 |", "C4|C4|C4|D4|"),
    "four times": ("|::: C4 :::| D4 |", "C4|C4|C4|C4|D4|"),
    "one repeat after another": ("|: C4 :: D4 :| E4 :|: F4 :||: G4 :|", "C4|C4|D4|D4|E4|E4|F4|F4|G4|G4|"),
    "a first ending alone": ("|: C4 |1 D4 :| E4 |", "C4|D4|C4|E4|"),
    "first endings alone": ("|: C4 |1 D4 :| E4 |: F4 |1 G4 :| A4 |", "C4|D4|C4|E4|F4|G4|F4|A4|"),
    "an unseen bar line within a repeat": ("|: C4 [|] D4 :|", "C4|D4|C4|D4|"),
    "a double bar within a repeat": ("|: C4 || D4 :|", "C4|D4|C4|D4|"),
    "a dotted bar line": ("C4 .| D4 |", "C4|D4|"),
    "a rest of several bars": ("C4 | Z2 | D4 |", "C4|z4|z4|D4|"),
    "an unseen rest of several bars": ("C4 | X2 | D4 |", "C4|z4|z4|D4|"),
    "a bar of rest": ("Z | D4 |", "z4|D4|"),
    "space": ("C y D y2 E2 |", "C D E2|"),
    "a broken rest": ("C z>D E|", "C z3/2 D/ E|"),
    "a rest broken short": ("C>z D<E|", "C3/2 z/ D/ E3/2|"),
    "twice broken": ("C>>D E<<<F|", "C7/4 D/4 E/8 F15/8|"),
    "lengths inside and outside a chord": ("[C2E2]2 |", "[C4E4] |"),
    "a chord as long as its first note": ("[CE2] D |", "[C E2] D|"),
    "decorations in a chord": ("[!f!C.E!trill!G]4|", "[CEG]4|"),
    "a tie over the bar keeps its accidental": ("^F4-|F2 F2|", "^F4-|^F2 =F2|"),
    "dotted ties and ties after a slur": ("(C2 D2)-|D2 E2.-|E4|", "C2 D2-|D2 E2-|E4|"),
    "a text that is no music": ('"^Andante"C4|"_DA" D4|', "C4|D4|"),
    "a comment": ("C4|D4 % E4|F4\nG4|", "C4|D4|G4|"),
    "a line that goes on": ("C4|D4 \\\nE4|", "C4|D4 E4|"),
    "a remark": ("C4|[r:ABc]D4|\nr:ABC|\nE4|", "C4|D4|E4|"),
    "words sung": ("C4|D4|\nw: A-bba-ge bead|\nE4|\nW:Abe|", "C4|D4|E4|"),
    "text for the page": ("C4|\n%%begintext\nABc|def|\n%%endtext\n%%text G4|\nD4|", "C4|D4|"),
    "text after an empty line": ("C4|D4|\n\nA bad cabbage fed Abe.\n", "C4|D4|"),
    "a metre within": ("C4|[M:3/4]Z|D3|", "C4|z3|D3|"),
    "a unit within": ("C4|[L:1/8]D8|\nL:1/2\nE2|", "C4|D4|E4|"),
    "a whole note as unit": ("L:1\nC|D|", "C4|D4|"),
    "a user's symbol for nothing": ("U:T=!nil!\nTC4|", "C4|"),
    "a macro": ("m: ~G2 = {A}G{F}G\n~G2 C2|", "{A}G{F}G C2|"),
    "a macro for any note": ("m: ~n2 = (3o/n/m/ n\n~G2 ~c2|~B,2 C2|", "(3A/G/F/ G (3d/c/B/ c|(3C/B,/A,/ B, C2|"),
    "tuplets": ("(3CDE (5:4:5C/D/E/F/G/|", "(3:2:3CDE (5:4C/D/E/F/G/|"),
    "a tuplet of a rest and a chord": ("(3z[CE]D E2|", "(3:2:3z[CE]D E2|"),
    "parts in their order": ("P:A\nC4|\nP:B\nD4|", "C4|D4|C4|"),
    "a voice laid over": ("C4 & E4 | D4 | E2F2 & G4 & c4 |", "[CE]4|D4|[E2G4c4]F2|"),
    "a voice laid over two bars": ("C4 | D4 && E4 | F4 | G4|", "[CE]4|[DF]4|G4|"),
}  # fmt: skip


@pytest.mark.parametrize(("odd", "plainly"), SAME.values(), ids=SAME)
def test_a_sign_means_what_is_written_out(odd: str, plainly: str) -> None:
    head = HEAD + ("P:ABA\n" if "P:A" in odd else "")
    # A chord of unequal notes sounds as they are written; the plain tune is read by the same rules.
    assert sounding(read(odd, head)) == sounding(read(plainly))


@pytest.mark.parametrize(
    ("key", "body", "sounds"),
    [
        ("C octave=-1", "C c", [48, 60]),
        ("C octave=+1", "C", [72]),
        ("C transpose=-3", "C", [57]),
        ("C treble-8", "C", [48]),
        ("C clef=treble+8", "C", [72]),
        ("C clef=bass-8 transpose=2 octave=1", "C", [62]),
        ("C clef=bass", "C", [60]),
        ("C bass middle=D, stafflines=4", "C", [60]),
        ("D bass", "F", [66]),
        ("G alto", "F", [66]),
        ("D exp _b ^f", "F C B", [66, 60, 70]),
        ("D Phr ^f", "F E B", [66, 63, 70]),
        ("Am ^g =f __d", "G F D", [68, 65, 60]),
        ("none", "F C", [65, 60]),
        ("HP", "F C", [66, 61]),
        ("Bbm", "D", [61]),
        ("F# mixolydian", "E B", [64, 71]),
        ("C", "V:1 octave=-1\nC\nV:2 treble+8\nC", [48, 72]),
        ("C", "[K:clef=bass]F [K:D]F [K:treble-8]F", [65, 66, 54]),
        ("C", "%%MIDI transpose -12\nC", [48]),
        ("C", "^F f F, | F", [66, 78, 54, 65]),
        ("C", "I:propagate-accidentals octave\n^F f F | F", [66, 77, 66, 65]),
        ("C", "%%propagate-accidentals not\n^F F", [66, 65]),
        ("C", "^^F __B =F", [67, 69, 65]),
        ("C", "C,, C, C C' c c' c''", [36, 48, 60, 72, 72, 84, 96]),
    ],
)
def test_a_pitch_sounds_where_key_clef_and_voice_put_it(key: str, body: str, sounds: list[int]) -> None:
    assert pitches(body, key) == sounds


@pytest.mark.parametrize("voice", ["tenor", "bass", "alto", 'T name="bass clef"', 'T name="clef=perc"'])
def test_what_a_voice_is_called_moves_nothing(voice: str) -> None:
    head = f"{HEAD}V:{voice.split()[0]} clef=treble-8\nV:{voice}\nV:2\n"
    tune = read(f"[V:2]C4|\n[V:{voice}]C4|", head)
    assert [t.pitch for t in tune.score.bars[0].tones] == [48, 60]
    assert tune.drums == (False, False)


def test_octaves_of_a_voice_may_be_told_in_the_header() -> None:
    head = HEAD + "V:T clef=treble-8 name=Tenor\nV:B octave=-1\n"
    tune = read("[V:B]C4|\n[V:T]c4|", head)
    assert tune.score.parts == ("T", "B")
    assert tune.names == ("Tenor", "")
    assert [(t.part, t.pitch) for t in tune.score.bars[0].tones] == [(0, 60), (1, 48)]


@pytest.mark.parametrize(
    ("text", "tempo"),
    [
        ("1/4=120", 120.0),
        ("3/8=40", 60.0),
        ("1/4 3/8 1/4 3/8=40", 200.0),
        ('"Allegro" 1/4=120', 120.0),
        ('1/2=60 "Slow 1/4=9"', 120.0),
        ("1/4=92.5", 92.5),
        ("120", 60.0),
        ("C=120", 60.0),
        ("C3=40", 60.0),
        ('"Andante"', None),
        ("1/8=1/4", None),
        ("1/4=12/8", None),
        ("1/0=90", None),
        ("", None),
        ("fast", None),
    ],
)
def test_a_tempo_is_read_in_all_its_forms(text: str, tempo: float | None) -> None:
    assert tempo_of(text, Fraction(1, 8)) == tempo


@pytest.mark.parametrize("change", ["Q:1/4=60\n", "[Q:1/4=60]", "[Q:60]"])
def test_a_tempo_within_a_tune_holds_from_there(change: str) -> None:
    bars = read(f"C4|D4|\n{change}E4|").score.bars
    assert [bar.tempi for bar in bars] == [((0.0, 120.0),), (), ((0.0, 60.0),)]


def test_decorations_are_heard() -> None:
    tune = read("U: W = !fermata!\nLC .D !>!E WF | TG !uppermordent!A !roll!B !turn!c | {cd}e !p!f !ff!g a|")
    tones = [tone for bar in tune.score.bars for tone in bar.tones]
    assert [t.accented for t in tones[:4]] == [True, False, True, False]
    assert [t.short for t in tones[:4]] == [False, True, False, False]
    assert [t.held for t in tones[:4]] == [False, False, False, True]
    assert [t.ornament for t in tones[4:8]] == ["trill", "inverted", "turn", "turn"]
    assert tones[8].graces == (72, 74)
    assert tones[9].loudness < tones[10].loudness == tones[11].loudness
    assert tune.score.dynamic
    assert not tune.remarks


def test_hairpins_lead() -> None:
    bars = read("!p!C !<(!D E !<)!F | !f!G !diminuendo(!A !diminuendo)!B c|").score.bars
    assert [(m.onset, m.sign) for bar in bars for m in bar.marks] == [
        (0.0, "level"), (1.0, "crescendo"), (3.0, "stop"), (0.0, "level"), (1.0, "diminuendo"), (2.0, "stop"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "sounds"),
    [
        ("C4|D4!fine!|E4!D.C.!|", [60, 62, 64, 60, 62]),
        ("C4|!segno!D4|E4 !fine!|F4!D.S.!|", [60, 62, 64, 65, 62, 64]),
        ("C4|D4!dacoda!|E4!D.C.alcoda!|!coda!F4|", [60, 62, 64, 60, 62, 65]),
        ("C4|SD4|E4!fine!|F4|!D.S.!|", [60, 62, 64, 65, 62, 64]),
    ],
)
def test_jumps_are_played(body: str, sounds: list[int]) -> None:
    assert pitches(body) == sounds


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("!slide!C4|", "!slide!"),
        ("jC4|", "left out: j"),
        ("^/C4|", r"left out: \^ /"),
        ("C4|\ns: !f!|", r"\(s:\)"),
        ('"Am"C4|', "chord symbols"),
        ('C4|D4"^D.C. al Fine"|', r"not played: D\.C\. al Fine"),
        ('C4|"Fine"D4|', "not played: Fine"),
        ('C4|[Q:"Adagio"]D4|', "Adagio"),
        ("%%transpose 2\nC4|", "%%transpose"),
        ("K:D sound=B\nC4|", "sound="),
        ("%%MIDI drumon\nC4|", "%%MIDI drumon"),
        ("C0 D4|", "no length"),
        ("C,,,,,,,, D4|", "no ear"),
        ("C4|\n\nD4|E4|", "empty line"),
        ("C4|[I:MIDI program 40]D4|", "changes of instrument"),
    ],
)
def test_what_is_not_played_is_told(body: str, told: str) -> None:
    assert any(re.search(told, remark) for remark in read(body).remarks)


def test_an_order_of_parts_that_are_not_there_is_told() -> None:
    assert "C" in read("P:A\nC4|\nP:B\nD4|", HEAD + "P:ABC\n").remarks[0]


@pytest.mark.parametrize(
    ("text", "order"),
    [("ABA", "ABA"), ("A2B", "AAB"), ("A.B.C", "ABC"), ("(AB)3C", "ABABABC"), ("((AB)2.C)2", "ABABCABABC"), ("", "")],
)
def test_the_order_of_parts_is_a_small_language(text: str, order: str) -> None:
    assert "".join(order_of(text)) == order


@pytest.mark.parametrize(
    "body",
    [
        "P:A\nC4|\nP:B\nD4|",
        "Z99999999|C|",
        "\n".join(f"m: {'~' * n} = {'~' * (n + n)}" for n in range(1, 40)) + f"\n{'~' * 900}C|",
        "m: ~ = " + "C" * 4000 + "\n" + "~~~~\n" * 30,
        "C" + "&C" * 5000 + "|",
        "\n".join(f"V:{n}\nC|" for n in range(300)),
        "(9:0:9CDE|C/0|",
    ],
    ids=["parts", "rests", "macros", "macros line by line", "overlays", "voices", "no time"],
)
def test_what_would_never_end_is_refused(body: str) -> None:
    with pytest.raises((ValueError, ArithmeticError, ScoreUnreadable)):
        read(body, HEAD + "P:((((A99)99)99)99)99\n").arrange_parts()


def test_texts_spell_letters_in_ascii() -> None:
    assert (
        decode_escapes(r"Caf\'e \`a la M&uuml;ller, \ss \/o \u00e9 50\% \"Uber") == "Café à la Müller, ß ø é 50% Über"
    )


def test_a_tune_that_is_written_is_read_again() -> None:
    """Random notes, written as ABC and read: the same pitches, onsets and lengths."""
    chance = random.Random(11)  # noqa: S311  # a choice of tests guards nothing
    for _ in range(200):
        at, text, expected = 0.0, "", []
        for _ in range(chance.randrange(1, 12)):
            left = 16
            while left:
                sixteenths = chance.randint(1, left)
                left -= sixteenths
                step, octave, alter = chance.choice("CDEFGAB"), chance.randint(-2, 3), chance.choice([-2, -1, 0, 1, 2])
                rest = chance.random() < 0.2
                name = step + "," * -octave if octave < 1 else step.lower() + "'" * (octave - 1)
                sign = {-2: "__", -1: "_", 0: "=", 1: "^", 2: "^^"}[alter]
                length = chance.choice([f"{sixteenths}/4", f"{sixteenths * 2}/8", str(sixteenths / 4).rstrip("0.")])
                length = length if "." not in length and length else f"{sixteenths}/4"
                text += ("z" if rest else sign + name) + length + chance.choice(["", " ", " y "])
                if not rest:
                    pitch = 60 + 12 * octave + {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}[step] + alter
                    expected.append((at, sixteenths / 4, pitch))
                at += sixteenths / 4
            text += chance.choice(["|", "|\n", " | ", ".|"])
        if expected:
            assert sounding(read(text, key=chance.choice(["C", "Ebm", "A mix"]))) == expected


@pytest.mark.parametrize(
    ("said", "chord"),
    [
        ("Am7", "9:minor"),
        ("D7/F#", "2:major"),
        ("Bb", "10:major"),
        ("Gm(maj7)", "7:minor"),
        ("F♯dim", "6:diminished"),
        ("C6/9", "0:major"),
        ("A;D", "9:major"),
        *[(word, "") for word in ("Fine", "D.C.", "DC", "D.S. al Fine", "End", "Coda", "A MINOR", "DANCE", "^D.C.")],
        *[(word, "") for word in ("Break", "Bass", "Chorus", "Gently", "Allegro", "^A", "Fade out", "Ending")],
    ],
)
def test_a_word_is_no_chord(said: str, chord: str) -> None:
    score = read_tune(f'X:1\nM:4/4\nL:1/4\nK:C\n"{said}"CDEF|CDEF|]\n', "a tune")
    assert score.bars[0].chord == (f"0:{chord}" if chord else "")
