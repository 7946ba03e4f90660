"""A post as readers see it, whatever the format."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from publishing.samples import BLOCKS, LANE, PUBLISHED, REYES, SITE, UPDATE, UPDATED, post_of

from aggregator.markup.text import plain_text
from aggregator.model.post import (
    Citation,
    Commentary,
    PostStatus,
    Quotation,
    Takeaways,
    Update,
    UpdateKind,
)
from aggregator.publishing.article import article_of, permalink, preview
from aggregator.publishing.words import words_for


def html_of(*blocks: Commentary | Quotation | Takeaways, language: str | None = None) -> str:
    return article_of(post_of(blocks=blocks, language=language), SITE).html


def test_a_post_reads_as_its_author_meant_it() -> None:
    article = article_of(post_of(updates=(UPDATE,)), SITE)
    assert plain_text(article.html).split("\n") == [
        "Ana Reyes reports:",
        'The council put off its vote … "We need more time," said the mayor …',
        "via b.example",
        "I see three takeaways from this news. First, it was the mayor who blinked. Secondly, the "
        "unions were not asked. Lastly, nothing is settled.",
        "So why vote in June at all?",
        "Update, 31 March 2026, 14:05 UTC: Joe Lane makes several points, but his title says it "
        "best:",
        "Council to unions: talk to the hand",
    ]
    assert article.permalink == "https://blog.example/2026/03/the-council-blinked/"
    assert article.updated == UPDATED
    assert article.published == PUBLISHED
    assert [cited.url for cited in article.citations] == [REYES.url, LANE.url]


def test_the_stamp_of_an_update_is_in_bold_words() -> None:
    html = article_of(post_of(updates=(UPDATE,)), SITE).html
    assert "<strong>Update, 31 March 2026, 14:05 UTC:</strong>" in html


def test_quotation_names_its_article() -> None:
    html = html_of(*BLOCKS)
    assert '<blockquote cite="https://news.example/vote?a=1&amp;b=2">' in html
    assert '<a href="https://news.example/vote?a=1&amp;b=2"' in html


@pytest.mark.parametrize(
    ("citation", "lead_in"),
    [
        (replace(REYES, via=None), "Ana Reyes, The Courier, reports:"),
        (Citation(url="https://a.example/", outlet="The Courier"), "The Courier reports:"),
        (Citation(url="https://a.example/", title="A vote"), "A vote:"),
        (Citation(url="https://www.a.example/x"), "a.example:"),
    ],
)
def test_a_missing_lead_in_is_made_from_the_citation(citation: Citation, lead_in: str) -> None:
    html = html_of(Quotation(text="So they said.", citation=citation))
    assert plain_text(html).split("\n") == [lead_in, "So they said."]
    assert html.startswith('<p><a href="https://')


def test_a_credit_line_makes_a_lead_in_needless() -> None:
    html = html_of(
        Quotation(
            text="So they said.",
            citation=replace(REYES, url="https://a.example/", via=None),
            credit="[Ana](https://a.example/)",
        )
    )
    assert plain_text(html).split("\n") == ["So they said.", "— Ana"]


def test_there_is_always_a_way_to_the_article() -> None:
    html = html_of(Quotation(text="Said.", citation=REYES, lead_in="A reporter writes:"))
    assert plain_text(html).endswith("— Council delays vote (via b.example)")


def test_a_link_with_letters_beyond_ascii_is_not_repeated() -> None:
    url = "https://a.example/größe/東京?q=ä b"
    quotation = Quotation(text="Said.", citation=Citation(url=url), lead_in=f"[Ana](<{url}>) says:")
    assert plain_text(html_of(quotation)) == "Ana says:\nSaid."


def test_a_quoted_title_that_is_a_link_needs_no_second_one() -> None:
    url = "https://a.example/"
    html = html_of(Quotation(text=f"[A title]({url})", citation=Citation(url=url)))
    assert plain_text(html) == "A title"


def test_a_quotation_without_a_citation_stands_alone() -> None:
    assert html_of(Quotation(text="Said.")) == "<blockquote><p>Said.</p></blockquote>"


def test_takeaways_as_a_list_are_an_ordered_list() -> None:
    html = html_of(Takeaways(intro="Two:", items=("one *thing*", "another")))
    assert html.replace("\n", "") == (
        "<p>Two:</p><ol><li>one <em>thing</em></li><li>another</li></ol>"
    )


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en-GB", "First, a. Secondly, b. Thirdly, c. Lastly, d."),
        ("de", "Erstens, a. Zweitens, b. Drittens, c. Schließlich, d."),
        ("fr", "Premièrement, a. Deuxièmement, b. Troisièmement, c. Enfin, d."),
        ("pt-BR", "Primeiro, a. Em segundo lugar, b. Em terceiro lugar, c. Por fim, d."),
        ("it", "In primo luogo, a. In secondo luogo, b. In terzo luogo, c. Infine, d."),
    ],
)
def test_ordinals_come_in_the_language_of_the_post(language: str, expected: str) -> None:
    prose = Takeaways(items=("a", "b", "c", "d"), style="prose")  # type: ignore[arg-type]
    assert plain_text(html_of(prose, language=language)) == expected


def test_one_takeaway_is_not_counted_and_many_do_not_run_out_of_words() -> None:
    words = words_for("en")
    assert words.ordinal(0, 1) == ""
    assert [words.ordinal(index, 2) for index in range(2)] == ["First", "Secondly"]
    assert words.ordinal(12, 20) == "Then"
    assert words.ordinal(19, 20) == "Lastly"


def test_addresses_of_the_author_are_absolute_in_everything_published() -> None:
    html = html_of(
        Commentary(markdown="[See](#plan) ![A map](map.png)"),
        Quotation(text="[x](/about)", lead_in="[Here](../other/):"),
        Takeaways(items=("[y](?a)",)),
    )
    page = "https://blog.example/2026/03/the-council-blinked/"
    assert re.findall(r'(?:href|src)="([^"]*)"', html) == [
        f"{page}#plan",
        f"{page}map.png",
        "https://blog.example/2026/03/other/",
        "https://blog.example/about",
        f"{page}?a",
    ]


def test_what_the_author_gave_details_of_is_cited_wherever_it_is_linked() -> None:
    seen = replace(REYES, url="https://c.example/größe", via="https://v.example/")
    silent = Citation(url="https://never.example/")
    stored = post_of(blocks=(*BLOCKS, Commentary(markdown="See [this](https://c.example/größe).")))
    stored = replace(stored, post=replace(stored.post, cites=(silent, seen, LANE)))
    cited = article_of(stored, SITE).citations
    assert [one.url for one in cited] == [REYES.url, "https://c.example/größe"]
    assert cited[1].via == "https://v.example/"


def test_hostile_addresses_never_become_links() -> None:
    evil = Citation(url="javascript:alert(1)", title="x", via="javascript:alert(2)")
    article = article_of(post_of(blocks=(Quotation(text="Said.", citation=evil),)), SITE)
    assert "javascript" not in article.html
    assert article.citations == ()


def test_a_via_with_a_password_is_not_told() -> None:
    quotation = Quotation(
        text="Said.", citation=replace(REYES, via="https://ada:secret@b.example/feed")
    )
    article = article_of(post_of(blocks=(quotation,)), SITE)
    assert "secret" not in article.html + repr(article.citations)


def test_a_withdrawn_post_keeps_its_title_and_says_so() -> None:
    reason = Update(
        at=UPDATED,
        kind=UpdateKind.WITHDRAWAL,
        blocks=(Commentary(markdown="The quotation was wrong."),),
    )
    post = post_of(status=PostStatus.WITHDRAWN, updates=(UPDATE, reason))
    article = article_of(post, SITE)
    text = plain_text(article.html)
    assert article.title == "The council blinked"
    assert text.startswith(
        "The author has withdrawn this post.\nWithdrawn, 31 March 2026, 14:05 UTC:"
    )
    unexplained = plain_text(article_of(post_of(status=PostStatus.WITHDRAWN), SITE).html)
    assert re.fullmatch(r"Withdrawn, .* UTC: The author has withdrawn this post\.", unexplained)
    assert "The quotation was wrong." in text
    assert "mayor" not in text
    assert article.citations == ()


def test_summary_is_the_authors_own_words() -> None:
    assert article_of(post_of(), SITE).summary == (
        "I see three takeaways from this news. First, it was the mayor who blinked. "
        "Secondly, the unions were not asked. Lastly, nothing is settled."
    )
    only_quoted = article_of(post_of(blocks=(Quotation(text="Just *this*."),)), SITE)
    assert only_quoted.summary == "Just this."


def test_a_post_without_a_title_is_called_by_its_first_words() -> None:
    post = post_of(title="", blocks=(Commentary(markdown="A short note."),))
    assert article_of(post, SITE).title == "A short note."
    assert article_of(post_of(title=" ", blocks=()), SITE).title == "Untitled"


def test_preview_of_a_draft_reads_like_the_published_post() -> None:
    draft = post_of(status=PostStatus.DRAFT, published=None, updated=None)
    now = datetime(2026, 4, 1, 9, 0, 0, 123456, tzinfo=UTC)
    article = preview(draft, SITE, now)
    assert article.html == article_of(post_of(), SITE).html
    assert article.published == now.replace(microsecond=0)
    assert article.id == "tag:blog.example,2026-04-01:the-council-blinked"


def test_permalink_follows_first_publication_in_utc() -> None:
    west = PUBLISHED.replace(day=1, hour=0) - timedelta(seconds=1)
    assert permalink(post_of(published=west), SITE).startswith("https://blog.example/2026/02/")


@pytest.mark.parametrize(
    "post",
    [
        post_of(published=None),
        post_of(slug="../evil"),
        post_of(published=datetime(2026, 1, 1)),  # noqa: DTZ001
    ],
)
def test_what_cannot_be_published_is_refused(post: object) -> None:
    with pytest.raises(ValueError, match=r"id|slug|zone"):
        article_of(post, SITE)  # type: ignore[arg-type]
