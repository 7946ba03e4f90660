"""Markdown as authors type it: safe as HTML, and its structure told truly."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.markup.markdown import (
    LARGEST,
    Outlined,
    definitions,
    escaped,
    first_link,
    inline_to_html,
    link,
    only_link,
    outline,
    to_html,
    to_text,
    web_address,
)


def shape(text: str) -> list[tuple[str, int, int]]:
    return [(block.kind, block.start, block.end) for block in outline(text)]


def test_markdown_becomes_html() -> None:
    assert to_html("A *word* and a [link](https://a.example/).").startswith("<p>A <em>word</em>")
    assert inline_to_html("**so**") == "<strong>so</strong>"


def test_a_typed_tag_is_shown_as_typed_and_never_obeyed() -> None:
    assert "&lt;script&gt;" in to_html("<script>alert(1)</script>")
    assert "<b>" not in inline_to_html("<b>x</b>")
    assert "javascript:" not in to_html("[x](javascript:alert(1))").replace("[x](javascript:", "")


def test_quotes_and_addresses_are_left_as_typed() -> None:
    assert to_html('"So" -- https://a.example/').strip() == '<p>"So" -- https://a.example/</p>'


def test_text_has_the_words_without_marks() -> None:
    assert to_text("# *Two* words\n\n[Ana](https://a.example/) & co") == "Two words\nAna & co"


def test_the_outline_names_every_block_and_its_lines() -> None:
    text = "# One\n\nTwo\nlines\n> quote\nlazy\n\n```\n> not a quote\n```\n1. a\n\n   b\n2. c\n"
    assert shape(text) == [
        ("heading", 0, 1),
        ("paragraph", 2, 4),
        ("blockquote", 4, 6),
        ("code", 7, 10),
        ("list", 10, 14),
    ]
    listed = outline(text)[-1]
    assert (listed.ordered, listed.items) == (True, ((10, 13), (13, 14)))


def test_headings_tell_their_level_and_words() -> None:
    assert outline("## Update *now* ##")[0] == Outlined(
        kind="heading", start=0, end=1, level=2, text="Update *now*"
    )


def test_takeaways_are_a_container_at_the_top_only() -> None:
    text = "::: takeaways prose\nIntro\n\n1. a\n:::\n\n```\n::: takeaways\n```\n"
    [container, code] = outline(text)
    assert (container.kind, container.start, container.end) == ("takeaways", 0, 4)
    assert (container.text, code.kind) == ("prose", "code")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_line_end_counts_as_one(end: str) -> None:
    assert shape(end.join(["a", "", "> b", "", "## c"])) == [
        ("paragraph", 0, 1),
        ("blockquote", 2, 3),
        ("heading", 4, 5),
    ]


def test_the_first_link_to_the_web_is_found() -> None:
    text = (
        "![p](https://i.example/) [mail](mailto:a@b.example) [*Ana* Reyes](https://a.example/v) x"
    )
    assert first_link(text) == ("https://a.example/v", "Ana Reyes")
    assert first_link("`[no](https://a.example/)`") is None
    assert first_link("no link") is None


def test_a_link_may_be_defined_elsewhere() -> None:
    known = definitions("Words.\n\n[1]: https://a.example/\n")
    assert first_link("[Ana][1] says:", known) == ("https://a.example/", "Ana")
    assert first_link("[Ana][1] says:") is None


def test_a_link_that_is_everything_is_told_from_one_among_words() -> None:
    assert only_link("[A *title*](https://a.example/)") == ("https://a.example/", "A title")
    assert only_link("[A](https://a.example/) and more") is None
    assert only_link("[A](https://a.example/) [B](https://b.example/)") is None
    assert only_link("") is None


def test_only_addresses_of_the_web_count() -> None:
    assert web_address("https://a.example/ü") == "https://a.example/%C3%BC"
    assert [web_address(url) for url in ("ftp://a", "javascript:1", "", "/x", "https://")] == [
        None
    ] * 5


@settings(deadline=None, max_examples=200, derandomize=True)
@given(st.text("ab1_*`[]()<>&;!\\#+-=~:.>| \"'", min_size=1, max_size=40))
def test_escaped_text_means_just_its_characters(text: str) -> None:
    words = " ".join(text.split())
    assert to_text(escaped(words)) == words


@pytest.mark.parametrize(
    "url",
    ["https://a.example/x_(y)", "https://a.example/?a=1&copy;=2", "https://a.example/*_*?q=[1]"],
)
def test_a_made_link_leads_where_it_should(url: str) -> None:
    assert only_link(link("Some [words]", url)) == (web_address(url), "Some [words]")


@pytest.mark.parametrize(
    "text",
    [
        "[" * 200_000,
        "a](" * 80_000,
        "> " * 100_000,
        "*a " * 50_000,
        "x" * (LARGEST + 1),
        "`" * 200_000,
    ],
    ids=["brackets", "closings", "quotes", "stars", "long", "ticks"],
)
def test_text_made_to_hang_the_parser_does_not(text: str) -> None:
    to_html(text)
    outline(text)
    first_link(text)
