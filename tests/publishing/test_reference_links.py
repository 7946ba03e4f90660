"""Links whose address stands in another block than their words."""

from __future__ import annotations

from datetime import UTC, datetime

from aggregator.model.post import Block, Citation, Commentary, Quotation, Takeaways, Update
from aggregator.publishing.body import post_html
from aggregator.publishing.words import words_for

ENGLISH = words_for("en")
DEFINED = Commentary(
    markdown="So [why][q]?\n\n[1]: https://a.example/vote\n[q]: https://b.example/"
)


def html(*blocks: Block, updates: tuple[Update, ...] = ()) -> str:
    return post_html(blocks, updates, ENGLISH)


def test_a_lead_in_and_a_takeaway_find_what_a_later_block_defines() -> None:
    quoted = Quotation(
        text="words",
        lead_in="[Ana][1] reports:",
        citation=Citation(url="https://a.example/vote"),
    )
    shown = html(quoted, Takeaways(items=("it was [asked][q].",)), DEFINED)
    assert '<a href="https://a.example/vote" rel="noopener">Ana</a> reports:' in shown
    assert shown.count('href="https://b.example/"') == 2
    assert "[1]" not in shown
    assert shown.count("a.example/vote") == 2  # the lead-in's link is the way; no second is made


def test_an_update_finds_what_the_post_defined() -> None:
    update = Update(
        at=datetime(2026, 3, 31, 14, 5, tzinfo=UTC), blocks=(Commentary(markdown="[Ana][1] again"),)
    )
    assert ">Ana</a> again" in html(DEFINED, updates=(update,))


def test_what_is_defined_nowhere_stays_as_typed() -> None:
    assert "[Ana][9]" in html(Commentary(markdown="[Ana][9]"), DEFINED)


def test_the_first_definition_of_a_name_counts() -> None:
    again = Commentary(markdown="[x][q]\n\n[q]: https://c.example/")
    assert "c.example" not in html(DEFINED, again)


def test_a_code_block_left_open_in_one_block_swallows_no_definition_of_another() -> None:
    fenced = Quotation(text="```\ncode [1]: never closed")
    shown = html(fenced, DEFINED, Takeaways(items=("it was [asked][q].",)))
    assert shown.count('href="https://b.example/"') == 2
