"""A draft made from an entry, and the words that name a post."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.document import draft_from_entry, parse_document, slugify
from aggregator.markup.markdown import to_text
from aggregator.model.feed import Entry, EntryStatus, StoredEntry
from aggregator.model.post import Citation, Quotation

NOON = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)
ENTRY = Entry(
    id="vote",
    title="Council delays vote",
    link="https://courier.example/vote",
    author="Ana Reyes",
    published=NOON,
    content="<p>The council put off its vote on Tuesday.</p><p>1. *Why* &lt;not&gt;?</p>",
)


def stored(entry: Entry) -> StoredEntry:
    return StoredEntry(
        number=7,
        feed_url="https://courier.example/feed",
        feed_title="The Courier",
        entry=entry,
        first_seen=NOON,
        changed_at=None,
        versions=1,
        status=EntryStatus.INBOX,
        starred=False,
    )


def quotation(document: str) -> Quotation:
    [block] = parse_document(document).blocks
    assert isinstance(block, Quotation)
    return block


def test_a_draft_quotes_the_entry_and_has_every_detail_of_it() -> None:
    document = draft_from_entry(stored(ENTRY))
    assert parse_document(document).title == "Council delays vote"
    assert "\n> The council put off its vote on Tuesday.\n" in document
    quoted = quotation(document)
    assert quoted.lead_in == "[Ana Reyes](https://courier.example/vote) reports:"
    assert to_text(quoted.text).split("\n") == [
        "The council put off its vote on Tuesday.",
        "1. *Why* <not>?",
    ]
    assert quoted.citation == Citation(
        url="https://courier.example/vote",
        title="Council delays vote",
        author="Ana Reyes",
        outlet="The Courier",
        published=NOON,
        entry=7,
    )


def test_a_draft_names_the_feed_when_nobody_signed() -> None:
    quoted = quotation(draft_from_entry(stored(replace(ENTRY, author=None))))
    assert quoted.lead_in == "[The Courier](https://courier.example/vote) reports:"


def test_an_entry_without_text_is_cited_by_its_title() -> None:
    quoted = quotation(draft_from_entry(stored(replace(ENTRY, content=""))))
    assert quoted.text == "[Council delays vote](https://courier.example/vote)"


def test_an_entry_without_link_or_title_makes_a_draft_as_well() -> None:
    quoted = quotation(draft_from_entry(stored(Entry(id="x", content="<p>Words</p>"))))
    assert (quoted.text, quoted.citation) == ("Words", None)
    assert parse_document(draft_from_entry(stored(Entry(id="x")))).title == "Untitled"


def test_a_long_entry_is_quoted_in_part() -> None:
    document = draft_from_entry(stored(replace(ENTRY, content="<p>Many words.</p>" * 5_000)))
    assert len(document) < 4_000
    assert quotation(document).text.endswith("…")


@settings(deadline=None, max_examples=150, derandomize=True)
@given(st.text(max_size=60), st.text(max_size=20), st.text(max_size=20), st.text(max_size=20))
def test_whatever_an_entry_says_its_draft_can_be_read(
    content: str, title: str, author: str, path: str
) -> None:
    entry = Entry(
        id="x", content=content, title=title, author=author, link=f"https://a.example/{path}"
    )
    post = parse_document(draft_from_entry(stored(entry)))
    [cite] = post.citations
    assert cite.entry == 7


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("The council blinked", "the-council-blinked"),
        ("  L'été à Malmö — «œuvre»!  ", "lete-a-malmo-oeuvre"),
        ("Straße, Łódź & Ærø", "strasse-lodz-aero"),
        ("…", "post"),
        ("", "post"),
        ("中文", "post"),
        ("x" * 100, "x" * 80),
        ("word " * 30, "-".join(["word"] * 16)),
    ],
)
def test_slugs_are_plain_words(title: str, slug: str) -> None:
    assert slugify(title) == slug
