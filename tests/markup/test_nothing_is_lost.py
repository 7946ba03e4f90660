"""Whatever an author types reaches the reader, however deep or long it is."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.markup.markdown import inline_to_html, to_html, to_text

FEW = settings(deadline=None, max_examples=200, derandomize=True)


def words_of(text: str) -> list[str]:
    return re.findall(r"w\d+", text)


@pytest.mark.parametrize("depth", [15, 31, 60, 150])
def test_deep_lists_and_what_follows_them_are_kept(depth: int) -> None:
    lists = "\n".join("  " * level + f"- w{level}" for level in range(depth))
    typed = f"{lists}\n\nw900 after\n\n- w901\n"
    assert words_of(to_text(typed)) == words_of(typed)


@pytest.mark.parametrize("depth", [31, 89, 90, 400])
def test_deep_quotations_and_what_follows_them_are_kept(depth: int) -> None:
    typed = f"{'> ' * depth}w1\nw2 lazy\n{'> ' * depth}\n{'> ' * depth}w3\n\nw4 after\n"
    assert words_of(to_text(typed)) == words_of(typed)


@FEW
@given(
    st.lists(
        st.tuples(
            st.integers(0, 120), st.sampled_from(["", "- ", "> ", "1. ", "> - ", "- > ", "\n"])
        ),
        max_size=25,
    )
)
def test_every_word_comes_back_in_order(lines: list[tuple[int, str]]) -> None:
    typed = "\n".join(
        f"{marker * (depth % 60)}{' ' * depth}w{number}"
        for number, (depth, marker) in enumerate(lines)
    )
    assert words_of(to_text(typed)) == words_of(typed)


@pytest.mark.parametrize(
    ("piece", "times"), [('"a" ', 60_000), ("& ", 120_000), ("<i>", 40_000), ("*a* ", 20_000)]
)
def test_very_long_text_is_kept_whole(piece: str, times: int) -> None:
    typed = piece * times + "end"
    assert to_html(typed).rstrip().endswith("end</p>")
    assert to_text(typed).count("a") == typed.count("a")
    assert inline_to_html(typed).endswith("end")
