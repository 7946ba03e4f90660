"""What a document means, and what is said about one that means nothing."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from aggregator.document import parse_document, parse_update
from aggregator.errors import DocumentError
from aggregator.model.post import (
    Block,
    Citation,
    Commentary,
    Post,
    Quotation,
    Takeaways,
    TakeawaysStyle,
    UpdateKind,
)

AT = datetime(2026, 3, 31, 14, 5, tzinfo=UTC)

DOCUMENT = """\
---
title: "The council blinked"
slug: council
language: en
author: Sam
tags: [city, budget]
cites:                        # details
  - {url: "https://news.example/vote", author: Ana Reyes, outlet: The Courier, title: "Council delays vote", published: 2026-03-30, via: "https://b.example/", entry: 7}
---
[Ana Reyes](https://news.example/vote) reports:

> The council put off its vote on Tuesday … "We need more time," said the mayor …

::: takeaways prose
I see three takeaways from this news.

1. it was the mayor who blinked.
2. the unions were not asked.

   Nobody was.
3. nothing is settled yet.
:::

So why vote in June at all?

## Update 2026-03-31T14:05:00Z

Joe Lane makes several points, but his title says it best:

> [Council to unions: talk to the hand](https://joelane.example/2026/talk)
"""  # noqa: E501


def blocks(body: str) -> tuple[Block, ...]:
    return parse_document(f"---\ntitle: T\n---\n{body}").blocks


def quotation(body: str) -> Quotation:
    [block] = blocks(body)
    assert isinstance(block, Quotation)
    return block


def refused(document: str) -> tuple[int | None, str]:
    with pytest.raises(DocumentError) as caught:
        parse_document(document)
    return caught.value.line, caught.value.message


def test_the_example_of_the_documentation_means_what_it_says() -> None:
    post = parse_document(DOCUMENT)
    cite = Citation(
        url="https://news.example/vote",
        title="Council delays vote",
        author="Ana Reyes",
        outlet="The Courier",
        published=datetime(2026, 3, 30, tzinfo=UTC),
        via="https://b.example/",
        entry=7,
    )
    assert (post.title, post.slug, post.language) == ("The council blinked", "council", "en")
    assert (post.author, post.tags, post.cites) == ("Sam", ("city", "budget"), (cite,))
    quoted, takeaways, question = post.blocks
    assert quoted == Quotation(
        text='The council put off its vote on Tuesday … "We need more time," said the mayor …',
        citation=cite,
        lead_in="[Ana Reyes](https://news.example/vote) reports:",
    )
    assert takeaways == Takeaways(
        intro="I see three takeaways from this news.",
        items=(
            "it was the mayor who blinked.",
            "the unions were not asked.\n\nNobody was.",
            "nothing is settled yet.",
        ),
        style=TakeawaysStyle.PROSE,
    )
    assert question == Commentary(markdown="So why vote in June at all?")
    [update] = post.updates
    assert (update.at, update.kind) == (AT, UpdateKind.UPDATE)
    [linked] = update.blocks
    assert isinstance(linked, Quotation)
    assert linked.citation == Citation(
        url="https://joelane.example/2026/talk", title="Council to unions: talk to the hand"
    )


@pytest.mark.parametrize("change", [lambda t: t.replace("\n", "\r\n"), lambda t: "\ufeff" + t])
def test_line_ends_and_byte_order_marks_change_nothing(change) -> None:  # type: ignore[no-untyped-def]
    assert parse_document(change(DOCUMENT)) == parse_document(DOCUMENT)


def test_a_nul_is_shown_as_the_replacement_character() -> None:
    assert blocks("a\0b") == (Commentary(markdown="a\ufffdb"),)


def test_the_title_alone_makes_a_post() -> None:
    assert parse_document("---\ntitle: T\n---") == Post(title="T")


def test_commentary_is_kept_as_typed_in_one_block() -> None:
    typed = "One  two\t—\n\n\n  Three\n***\n# Four\n\n    code\n\n- a\n   - b  "
    assert blocks(f"\n\n{typed}\n\n") == (Commentary(markdown=typed),)


def test_a_paragraph_leads_in_only_when_it_stands_before_and_ends_with_a_colon() -> None:
    assert blocks("She says.\n\n> Words\n")[0] == Commentary(markdown="She says.")
    assert blocks("So:\n\n[1]: https://a.example/\n\n> Words\n")[0] == Commentary(
        markdown="So:\n\n[1]: https://a.example/"
    )
    assert quotation("She says:\n> Words\n") == Quotation(text="Words", lead_in="She says:")
    assert len(blocks("# Heading:\n\n> Words\n")) == 2


def test_quotations_lose_their_marks_and_nothing_else() -> None:
    assert quotation("> One\n>\n>  > inner\n>\n>     code\n> end\nlazy").text == (
        "One\n\n > inner\n\n    code\nend\nlazy"
    )
    assert [type(block) for block in blocks("> One\n\n> Two\n")] == [Quotation, Quotation]


def test_the_closing_line_of_a_quotation_names_its_source() -> None:
    one = quotation("> Words\n> — [Ana](https://a.example/), The Courier\n")
    assert one.credit == "[Ana](https://a.example/), The Courier"
    assert (one.text, one.citation) == ("Words", Citation(url="https://a.example/"))
    assert quotation("> Words\n> — Ana\n").text == "Words\n— Ana"


def test_the_lead_in_wins_over_the_closing_line() -> None:
    one = quotation("[A](https://a.example/):\n\n> W\n>\n> -- [B](https://b.example/)\n")
    assert one.citation == Citation(url="https://a.example/")
    assert one.credit == "[B](https://b.example/)"


def test_a_link_in_the_quoted_words_is_not_their_source() -> None:
    assert quotation("> See [this](https://a.example/) now\n").citation is None


def test_a_citation_may_use_a_link_definition_and_an_address_typed_in_letters() -> None:
    body = "[Ana][1] says:\n\n> Words\n\n[1]: https://a.example/ü\n"
    first = parse_document(
        f'---\ntitle: T\ncites: [{{url: "https://a.example/ü", author: Ana}}]\n---\n{body}'
    ).blocks[0]
    assert isinstance(first, Quotation)
    assert first.citation == Citation(url="https://a.example/%C3%BC", author="Ana")


def test_code_that_looks_like_structure_is_commentary() -> None:
    typed = "```\n> quote\n::: takeaways\n## Update 2026-03-31T14:05:00Z\n```"
    assert blocks(typed) == (Commentary(markdown=typed),)


def test_headings_of_updates_are_told_from_others() -> None:
    typed = (
        "## Update on the budget\n\nWords\n\n### Update 2026-03-31T14:05:00Z\n\nUpdate\n---\n\nx"
    )
    assert blocks(typed) == (Commentary(markdown=typed),)
    post = parse_document(
        "---\ntitle: T\n---\n## correction 2026-03-31T16:05:00+02:00\na\n"
        "## Withdrawn 2026-04-01T00:00:00Z\nb"
    )
    assert [(update.kind, update.at) for update in post.updates] == [
        (UpdateKind.CORRECTION, AT),
        (UpdateKind.WITHDRAWAL, datetime(2026, 4, 1, tzinfo=UTC)),
    ]


def test_a_heading_without_a_time_is_one_like_any_other() -> None:
    typed = "Words\n\n## Reaction\n\nJoe says no.\n\n## Update"
    assert blocks(typed) == (Commentary(markdown=typed),)
    own, update = (
        parse_document(f"---\ntitle: T\n---\n{typed}\n\n## Update 2026-03-31T14:05:00Z\n{typed}"),
        Commentary(markdown=typed),
    )
    assert own.blocks == (update,)
    assert [one.blocks for one in own.updates] == [(update,)]


def test_a_post_from_elsewhere_says_when_it_was_published() -> None:
    post = parse_document("---\ntitle: T\npublished: 2026-03-31T16:05:00+02:00\n---\n")
    assert post.published == AT


def test_takeaways_are_a_list_unless_told_otherwise() -> None:
    [one] = blocks("::: takeaways\n3) a\n   - b\n4) c\n:::\n")
    assert one == Takeaways(items=("a\n- b", "c"), style=TakeawaysStyle.LIST)


@pytest.mark.parametrize(
    ("front", "line", "words"),
    [
        ("titel: x", 2, "`title`"),
        ("slug: x", 1, "title"),
        ("title: ''", 1, "title"),
        ("title: 1984", 2, "quotes"),
        ("title: x\ntags: city", 3, "[city"),
        ("title: x\ntags:\n  - city\n  - 7", 5, "quotes"),
        ("title: x\nslug: Two Words", 3, "two-words"),
        ("title: x\nlanguage: e", 3, "`en`"),
        ("title: x\ncites: https://a.example/", 3, "list"),
        ("title: x\ncites:\n  - {author: A}", 4, "url"),
        ("title: x\ncites:\n  - url: https://a.example/\n    outled: x", 5, "`outlet`"),
        ("title: x\ncites:\n  - {url: 'javascript:x'}", 4, "https://"),
        ("title: x\ncites:\n  - {url: 'https://a.example/', entry: -1}", 4, "number"),
        ("title: x\ncites:\n  - {url: 'https://a.example/', published: soon}", 4, "2026"),
        ("title: x\ncites:\n  - url: https://a.example/\n  - url: https://a.example/", 5, "twice"),
        ("title: x\npublished: 2026-03-31", 3, "zone"),
        ("title: x\npublished: 2026-03-31T14:05", 3, "zone"),
        ("title: [x", 2, ""),
        ("title: x\nslug: y\ntitle: z", 4, "given twice, first in line 2"),
        ("- a", 2, "key: value"),
    ],
)
def test_what_is_wrong_in_the_front_matter_is_told_with_its_line(
    front: str, line: int, words: str
) -> None:
    found, message = refused(f"---\n{front}\n---\nWords.\n")
    assert words in message
    assert found == line


@pytest.mark.parametrize(
    ("body", "line", "words"),
    [
        ("a\n\n::: takeaways\n1. b\n", 6, "closed"),
        ("::: takeaways\nNo list.\n:::", 4, "numbered"),
        ("::: takeaways\n\n- a\n:::", 6, "numbered"),
        ("::: takeaways poem\n1. a\n:::", 4, "prose"),
        ("::: takeaways\n1. a\n2.\n:::", 6, "empty"),
        ("::: takeaways\n1. a\n\nMore\n:::", 7, "below"),
        ("::: takeaways\n# A\n1. a\n:::", 5, "paragraphs"),
        (">\n", 4, "empty"),
        ("a\n## Update 2026-13-31T14:05:00Z\nb", 5, "not a time"),
        ("a\n## Update 2026-03-31T14:05:00\nb", 5, "not a time"),
        ("a\n## Update 2026-03-31T14:05:00Z\n \n", 5, "nothing"),
        ("## Update 2026-03-31T14:05:00Z\na\n## Update 2026-03-31T14:05:00Z\na", 6, "same time"),
    ],
)
def test_what_is_wrong_in_the_body_is_told_with_its_line(body: str, line: int, words: str) -> None:
    for end in ("\n", "\r\n"):
        found, message = refused(f"---\ntitle: T\n---\n{body}".replace("\n", end))
        assert words in message
        assert found == line


def test_a_document_without_front_matter_is_told_how_to_begin() -> None:
    assert refused("Words.\n") == (
        1,
        'there is no title; begin with a line `---`, then `title: "…"`, then `---`',
    )
    assert refused("---\ntitle: T\n")[0] == 1
    assert refused("")[0] == 1


def test_an_update_holds_blocks_and_may_bring_its_cites() -> None:
    text = (
        "---\ncites: [{url: 'https://a.example/', author: Ana}]\n---\n[A](https://a.example/):\n> W"
    )
    update, cites = parse_update(text, at=AT, kind=UpdateKind.REACTION)
    assert cites == (Citation(url="https://a.example/", author="Ana"),)
    [block] = update.blocks
    assert isinstance(block, Quotation)
    assert (update.at, update.kind, block.citation) == (AT, UpdateKind.REACTION, cites[0])


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("\n \n", 1),
        ("a\n\n## Update\n\nb", 3),
        ("---\ntitle: T\n---\na", 2),
        ("::: takeaways\n:::", 1),
    ],
)
def test_an_update_that_means_nothing_is_refused(text: str, line: int) -> None:
    with pytest.raises(DocumentError) as caught:
        parse_update(text, at=AT, kind=UpdateKind.UPDATE)
    assert caught.value.line == line
