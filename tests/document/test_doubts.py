"""What most likely was meant otherwise is told before anybody reads it."""

from __future__ import annotations

import pytest

from aggregator.document import comments, markup_shown, near_misses

HEAD = "---\ntitle: T\n---\nWords.\n\n"


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("## Update 31 March", "`## Update 2026-03-31T14:05:00Z`"),
        ("## Update (on March 31st)", "`## Update 2026"),
        ("## Correction, 14:05", "`## Correction 2026"),
        ("## Reaction du 1er août", "`## Reaction 2026"),
        ("## Withdrawal 2026-03-31T14:05:00Z", "`## Withdrawn 2026"),
        ("## Updates 2026-03-31T14:05:00Z", "`## Update 2026"),
        ("# Update 2026-03-31T14:05:00Z", "`## Update 2026"),
        ("### Update 2026-03-31T14:05:00Z", "`## Update 2026"),
        ("Update 2026-03-31T14:05:00Z\n---", "`## Update 2026"),
        ("##Update", "`## Update 2026"),
        ("##Reaction 2026-03-31", "`## Reaction 2026"),
        ("::: takeaway prose\n1. a\n:::", "`::: takeaways prose`"),
        ("::: take-aways\n1. a\n:::", "`::: takeaways list`"),
        (":: takeaways prose\n1. a\n::", "`::: takeaways prose`"),
    ],
)
def test_near_misses_are_told_with_line_and_what_is_expected(typed: str, expected: str) -> None:
    [doubt] = near_misses(f"{HEAD}{typed}\n")
    assert doubt.line == 6
    assert expected in doubt.message
    assert typed.split("\n", maxsplit=1)[0] in doubt.message


@pytest.mark.parametrize(
    "typed",
    [
        "## Update 2026-03-31T14:05:00Z\n\na",
        "## correction 2026-03-31T14:05:00+02:00\n\na",
        "## Update",
        "## Reaction",
        "## Update on the budget",
        "## Update 2.0 is out",
        "## Reactions of 12 unions",
        "## Upwards since 14:05",
        "#Update",
        "Update 31 March",
        "::: takeaways prose\n1. a\n:::",
        ":::takeaways\n1. a\n:::",
        "::: note",
        "```\n## Update 31 March\n::: takeaway\n```",
        "> ## Update 31 March",
    ],
)
def test_what_is_meant_as_it_stands_is_left_alone(typed: str) -> None:
    assert near_misses(f"{HEAD}{typed}\n") == []


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ("<!-- ask Ana -->", 6),
        ("Words\nand <!-- ask\nAna --> words", 7),
        ("- a\n- b <!-- ask Ana -->", 7),
        ("> <!-- ask Ana -->", 6),
        ("::: takeaways\n1. a <!-- ask Ana -->\n:::", 7),
        ("<!-- never closed\n\nAna", 6),
        ("Words <!-- never closed, Ana", 6),
    ],
)
def test_comments_are_found_wherever_they_stand(typed: str, line: int) -> None:
    [doubt] = comments(HEAD + typed)
    assert doubt.line == line
    assert "would see this comment" in doubt.message


def test_code_and_escaped_comments_are_words() -> None:
    assert comments(HEAD + "`<!-- a -->` \\<!-- b\n\n    <!-- c -->\n\n```\n<!-- d -->\n```") == []


def test_a_block_of_html_is_shown_as_typed_and_that_is_told() -> None:
    typed = (
        "<div>\n*x*\n</div>\n\n5 < 6, Vec<T> <https://a.example/>\n<b>c</b> `<i>` <script src=x>"
    )
    assert [(doubt.line, doubt.typed) for doubt in markup_shown(HEAD + typed)] == [
        (6, "<div>\n*x*\n</div>"),
        (11, "<b>"),
        (11, "<script src=x>"),
    ]


@pytest.mark.parametrize(
    ("front", "line"),
    [
        ("title: We are #1 again", 2),
        ("slug: x\ntitle:  We are # one", 3),
        ("title: T\ncites:\n  - url: https://a.example/\n    title: Vote #4", 5),
        ("title: T\ncites:\n  - author: Ana #1\n    url: https://a.example/", 4),
    ],
)
def test_words_that_yaml_takes_for_a_comment_are_told(front: str, line: int) -> None:
    [doubt] = near_misses(f"---\n{front}\n---\nWords.\n")
    assert doubt.line == line
    assert "in quotes" in doubt.message


@pytest.mark.parametrize(
    "front",
    [
        "title: We are#1 again",
        'title: "We are #1"  # or so',
        "title: 'We are #1'",
        "title: T\n# title: We are #1",
        "title: T\ntags: [a, b]  # two",
    ],
)
def test_a_comment_that_cuts_no_words_is_one(front: str) -> None:
    assert near_misses(f"---\n{front}\n---\nWords.\n") == []


def test_a_line_made_to_keep_the_search_busy_does_not() -> None:
    for line in ("## Update " + "# " * 100_000 + "x", "##Update " + "# " * 100_000 + "x"):
        assert near_misses(f"{HEAD}{line}\n") == []
