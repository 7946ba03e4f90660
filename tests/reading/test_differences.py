"""What an edit changed, word by word."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from aggregator.reading.differences import Part, Piece, differences


def shown(before: str, after: str) -> str:
    marks = {Part.SAME: "{}", Part.GONE: "[-{}]", Part.NEW: "[+{}]"}
    return "".join(marks[piece.part].format(piece.text) for piece in differences(before, after))


def test_words_that_changed_are_told_and_no_others() -> None:
    assert shown("in June, or not", "in May, or not") == "in [-June][+May], or not"
    assert shown("a b", "a b c") == "a b[+ c]"
    assert shown("one two three", "four five three") == "[-one two][+four five] three"
    assert shown("same", "same") == "same"
    assert differences("", "") == []
    assert differences("", "x") == [Piece(Part.NEW, "x")]


@given(st.text("ab \n.", max_size=30), st.text("ab \n.", max_size=30))
def test_both_texts_can_be_read_from_it(before: str, after: str) -> None:
    pieces = differences(before, after)
    assert "".join(one.text for one in pieces if one.part is not Part.NEW) == before
    assert "".join(one.text for one in pieces if one.part is not Part.GONE) == after


def test_very_long_texts_are_compared_by_paragraphs() -> None:
    before = "\n".join(f"paragraph {n} says this and that" for n in range(3_000))
    after = before.replace("paragraph 7 says", "paragraph 7 said").replace("2999 says", "2999 said")
    pieces = differences(before, after)
    gone = "".join(one.text for one in pieces if one.part is Part.GONE)
    assert gone.startswith("says this and that\n")
    assert "paragraph 8 " not in gone
