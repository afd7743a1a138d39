"""Music as text to patches: small examples by hand, large ones against the literal transcription."""

import numpy as np
import pytest

from encoders.embedding.clamp3.patches import split_patches
from encoders.embedding.clamp3.segments import Segment, batch_segments, pad_batch, split_segments
from tests.helpers.clamp3_literal import patches


def told(text: str) -> list[str]:
    """The patches between the two marks, as characters again."""
    found = split_patches(text)
    assert found[0].tolist() == [1] * 64
    assert found[-1].tolist() == [1] + [2] * 63
    for row in found[1:-1]:
        assert row[0] == 1
    return ["".join(map(chr, row[row > 3])) for row in found[1:-1]]


def test_messages_of_one_type_share_a_patch_and_the_newline_gives_way_to_a_tab() -> None:
    mtf = "ticks_per_beat 480\nset_tempo 500000 0\nnote_on 0 0 60 64\nnote_on 10 0 60 0\nnote_on 5 0 62 64\nend 0"
    assert told(mtf) == [
        "ticks_per_beat 480\n",
        "set_tempo 500000 0\n",
        "note_on 0 0 60 64\t10 0 60 0\t5 0 62 64\n",
        "end 0",
    ]


@pytest.mark.parametrize(("first", "together"), [(44, True), (45, False)])
def test_messages_share_a_patch_up_to_62_characters_the_newline_counted(first: int, together: bool) -> None:
    # "text " and its newline are 6 of them, a tab and "123456789" and a newline, less the first newline, 10 more.
    lines = [f"text {'x' * (first + 2)}", "text 123456789"]
    assert len(told("\n".join(["ticks_per_beat 9", *lines, "end 0"]))) == (3 if together else 4)


def test_a_patch_begins_with_one_ends_with_two_and_is_filled_with_zeros() -> None:
    row = split_patches("X:1\n")[1].tolist()
    assert row == [1, ord("X"), ord(":"), ord("1"), ord("\n"), 2] + [0] * 58


def test_a_long_line_loses_its_end_and_its_end_mark() -> None:
    row = split_patches("T:" + "a" * 90 + "\n")[1].tolist()
    assert row == [1, ord("T"), ord(":")] + [ord("a")] * 61


def test_abc_is_cut_at_its_bar_lines_and_its_header_at_its_lines() -> None:
    abc = "X:1\n%%score 1\nL:1/8\nK:D\n|:A2B2|c4:|\n[V:1]d4||e4|]\n"
    assert told(abc) == ["X:1\n", "%%score 1\n", "K:D\n", "|:A2B2|", "c4:|\n", "[V:1]d4||", "e4|]\n"]


def test_notes_after_the_last_bar_line_get_one_and_comments_are_no_notes() -> None:
    assert told("K:D\nA2B2|c4\nd4|e4 % twice\nf4| % once\n% said only\n") == [
        "K:D\n", "A2B2|", "c4|\n", "d4|", "e4|\n", "f4|\n",
    ]  # fmt: skip


def test_where_two_bar_lines_meet_the_rest_of_the_line_is_cut_as_the_model_learnt_it() -> None:
    assert told("K:D\nA4:||:B4|c4|\n") == ["K:D\n", "A4:|", "|:B4", "|c4", "|\n\n"]


@pytest.mark.parametrize("newline", ["\r\n", "\r"])
def test_every_kind_of_newline_is_one(newline: str) -> None:
    assert told("X:1\nK:D\nA4|\n".replace("\n", newline)) == ["X:1\n", "K:D\n", "A4|\n"]


def test_signs_beyond_ascii_are_spelt_in_it() -> None:
    assert told("T:Dvořák ♯ し 北 \N{SNOWMAN}\n") == ["T:Dvorak # shi Bei  \n"]


@pytest.mark.parametrize("text", ["", "\n\n", "L:1/8\n"])
def test_a_text_without_music_has_its_two_marks_alone(text: str) -> None:
    assert len(split_patches(text)) == 2


@pytest.mark.parametrize("seed", range(20))
def test_any_music_gives_the_literal_patches(seed: int) -> None:
    rng = np.random.default_rng(seed)

    def numbers(count: int) -> str:
        return " ".join(str(rng.integers(10 ** rng.integers(1, 8))) for _ in range(count))

    kinds = ["note_on", "note_on", "note_off", "control_change", "set_tempo", "key_signature"]
    mtf = ["ticks_per_beat 480", *(f"{kinds[rng.integers(6)]} {numbers(int(rng.integers(1, 6)))}" for _ in range(300))]
    bar_lines, signs = ["|:", "::", ":|", "[|", "||", "|]", "|"], "ABCdefg2/>() z"
    abc = ["X:1", "L:1/8", "%%staves 1", "K:C"]
    for _ in range(60):
        bars = ["a" + "".join(signs[rng.integers(len(signs))] for _ in range(rng.integers(30))) for _ in range(4)]
        ends = [bar_lines[rng.integers(7)] for _ in bars]
        line = "".join(bar + end for bar, end in zip(bars, ends, strict=True))
        abc.append(("|:" if rng.random() < 0.3 else "") + line + ("b3" if rng.random() < 0.3 else ""))
    for lines in (mtf, abc):
        for text in ("\n".join(lines), "\n".join(lines) + "\n"):
            assert split_patches(text).tolist() == patches(text)


def test_the_last_segment_is_the_last_full_window_and_weighs_what_was_left() -> None:
    assert list(split_segments(4, 3, 8)) == [Segment(4, 0, 3, 3)]
    assert list(split_segments(4, 16, 8)) == [Segment(4, 0, 8, 8), Segment(4, 8, 16, 8)]
    assert list(split_segments(4, 19, 8)) == [Segment(4, 0, 8, 8), Segment(4, 8, 16, 8), Segment(4, 11, 19, 3)]


def test_segments_are_read_with_those_of_like_length_and_never_too_many_at_once() -> None:
    lengths = [3, 90, 4, 88, 4, 5, 89, 3, 90]
    segments = [Segment(owner, 0, length, length) for owner, length in enumerate(lengths)]
    found = list(batch_segments(segments, 180))
    assert sorted(one.owner for batch in found for one in batch) == list(range(len(lengths)))
    assert all(len(batch) * max(one.length for one in batch) <= 180 for batch in found)
    assert [len(batch) for batch in found] == [5, 2, 2]


def test_a_batch_is_padded_to_its_own_longest_and_says_where() -> None:
    items = [np.arange(5, dtype=np.int64), np.arange(9, dtype=np.int64)]
    inputs, mask = pad_batch([Segment(1, 7, 9, 2), Segment(0, 0, 3, 3)], items, 99)
    assert inputs.tolist() == [[7, 8, 99], [0, 1, 2]]
    assert mask.tolist() == [[1, 1, 0], [1, 1, 1]]
