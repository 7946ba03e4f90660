"""A draft made from an entry, and the words that name a post."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.document import draft_from_entry, parse_document, slugify
from aggregator.document.slug import is_slug
from aggregator.markup.markdown import to_text
from aggregator.model.feed import Entry, EntryStatus, StoredEntry
from aggregator.model.post import Citation, Commentary, Quotation

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


def test_a_draft_does_not_name_a_private_feed() -> None:
    unsigned = stored(replace(ENTRY, author=None))
    assert "Courier" in draft_from_entry(unsigned)
    assert "Courier" not in draft_from_entry(unsigned, private=True)


def test_an_entry_without_link_or_title_makes_a_draft_as_well() -> None:
    quoted = quotation(draft_from_entry(stored(Entry(id="x", content="<p>Words</p>"))))
    assert (quoted.text, quoted.citation) == ("Words", None)


def test_an_entry_that_says_nothing_is_not_quoted() -> None:
    silent = Entry(id="x", link="https://courier.example/vote", author="Ana Reyes")
    post = parse_document(draft_from_entry(stored(silent), untitled="Ohne Titel"))
    assert post.title == "Ohne Titel"
    assert post.blocks == (Commentary(markdown="[Ana Reyes](https://courier.example/vote)"),)
    assert [cite.entry for cite in post.cites] == [7]
    bare = parse_document(draft_from_entry(stored(Entry(id="x"))))
    assert (bare.title, bare.blocks, bare.cites) == ("Untitled", (), ())


def test_a_lead_in_in_another_language_is_left_to_be_made() -> None:
    document = draft_from_entry(stored(ENTRY), english=False)
    assert "reports" not in document
    quoted = quotation(document)
    assert (quoted.lead_in, quoted.credit) == (None, "<https://courier.example/vote>")
    assert quoted.citation
    assert (quoted.citation.author, quoted.citation.entry) == ("Ana Reyes", 7)
    titled = quotation(draft_from_entry(stored(replace(ENTRY, content="")), english=False))
    assert titled.citation
    assert (titled.lead_in, titled.citation.author) == (None, "Ana Reyes")


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
    for english in (True, False):
        post = parse_document(draft_from_entry(stored(entry), english=english))
        assert [cite.entry for cite in post.citations or post.cites] == [7]


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("The council blinked", "the-council-blinked"),
        ("  L'été à Malmö — «œuvre»!  ", "lete-a-malmo-oeuvre"),
        ("Straße, Łódź & Ærø", "strasse-lodz-aero"),
        ("½ cup, 20 ℃ & №\u00a05™ ﬁne", "12-cup-20-c-no-5tm-fine"),
        ("e\u0301te\u0301 x\u0302 İzmir", "ete-x-izmir"),
        ("soft\u00adhyphen", "softhyphen"),
        ("…", ""),
        ("🎉", ""),
        ("", ""),
        ("x" * 100, "x" * 80),
        ("word " * 30, "-".join(["word"] * 16)),
        ("市議会、採決を延期「６月に」", "市議会-採決を延期-6月に"),
        ("Совет отступил: Йод", "совет-отступил-йод"),
        ("Ο Δήμος υποχώρησε", "ο-δήμος-υποχώρησε"),
        ("تراجع المجلس", "تراجع-المجلس"),
        ("परिषद पीछे हटी", "परिषद-पीछे-हटी"),
        ("か\u3099 Tōkyō", "が-tokyo"),
        ("漢" * 100, "漢" * 53),
        ("हि" * 60, "हि" * 26),
    ],
)
def test_slugs_are_plain_words(title: str, slug: str) -> None:
    assert slugify(title) == slug
    assert not slug or is_slug(slug)


@settings(deadline=None, max_examples=300, derandomize=True)
@given(st.text(max_size=120))
def test_whatever_a_title_holds_its_slug_is_one_and_stays_itself(title: str) -> None:
    slug = slugify(title)
    assert not slug or is_slug(slug)
    assert slugify(slug) == slug
    assert len(slug.encode()) <= 160


@pytest.mark.parametrize(
    "text", ["", "-a", "a-", "a--b", "A", "É", "a b", "a_b", "a/b", "e\u0301", "a.b", "x" * 101]
)
def test_what_is_no_slug_is_told(text: str) -> None:
    assert not is_slug(text)


def test_a_slug_of_ones_own_may_be_in_any_script() -> None:
    for slug in ("größe", "中文-記事", "совет"):
        assert parse_document(f"---\ntitle: T\nslug: {slug}\n---\n").slug == slug
    assert parse_document("---\ntitle: T\nslug: cafe\u0301\n---\n").slug == "café"
