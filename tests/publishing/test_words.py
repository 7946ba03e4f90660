"""What we add to the author's words, and what we do not add in languages we do not know."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from publishing.samples import REYES, SITE, UPDATE, post_of

from aggregator.markup.text import plain_text
from aggregator.model.post import Block, Commentary, Quotation, Takeaways, TakeawaysStyle
from aggregator.publishing.article import article_of
from aggregator.publishing.body import lower_headings, post_html
from aggregator.publishing.words import words_for

AT = datetime(2026, 3, 1, 14, 5, tzinfo=UTC)


def prose(*items: str, intro: str | None = None) -> Takeaways:
    return Takeaways(items=items, intro=intro, style=TakeawaysStyle.PROSE)


def html(*blocks: Block, language: str = "en") -> str:
    return post_html(blocks, (), words_for(language))


def test_prose_in_a_language_without_words_is_a_list_in_figures() -> None:
    shown = html(prose("raz", "dwa", intro="Dwa wnioski:"), language="pl")
    assert shown.replace("\n", "") == "<p>Dwa wnioski:</p><ol><li>raz</li><li>dwa</li></ol>"


@pytest.mark.parametrize(("site_language", "word"), [("de", "Nachtrag"), ("pl", "Update")])
def test_stamps_without_words_of_their_own_borrow_one_and_date_in_figures(
    site_language: str, word: str
) -> None:
    site = replace(SITE, language=site_language)
    article = article_of(post_of(updates=(UPDATE,), language="pl"), site)
    assert f"<strong>{word}, 2026-03-31 14:05 UTC:</strong>" in article.html
    assert article.words.date(AT) == "2026-03-01"
    assert article.words.month_of(2026, 3) == "2026-03"


def test_a_lead_in_made_without_words_says_names_only() -> None:
    quotation = Quotation(text="Tak.", citation=replace(REYES, via=None))
    assert plain_text(html(quotation, language="pl")) == "Ana Reyes, The Courier:\nTak."


@pytest.mark.parametrize(
    ("language", "moment", "month"),
    [
        ("pt", "1 de março de 2026, 14:05 UTC", "março de 2026"),
        ("it", "1º marzo 2026, 14:05 UTC", "marzo 2026"),
        ("fr", "1er mars 2026, 14:05 UTC", "mars 2026"),
        ("en", "1 March 2026, 14:05 UTC", "March 2026"),
    ],
)
def test_dates_in_words(language: str, moment: str, month: str) -> None:
    words = words_for(language)
    assert words.moment(AT) == moment
    assert words.month_of(2026, 3) == month
    assert len(words.months) == 12


@pytest.mark.parametrize(
    ("item", "end"),
    [
        ("uno", "uno."),
        ("*uno*", "<em>uno</em>."),
        ("uno!", "uno!"),
        ("*uno.*", "<em>uno.</em>"),
        ('"uno."', "uno.&quot;"),
        ("(uno?)", "(uno?)"),
        ("(uno)", "(uno)."),
        ("uno …", "uno …"),
        ("`a;`", "<code>a;</code>"),
    ],
)
def test_items_of_prose_never_run_together(item: str, end: str) -> None:
    shown = html(prose(item, "due", intro="Two things"))
    assert shown.replace('"', "&quot;").startswith("<p>Two things. First, ")
    assert f"{end} Secondly, due.</p>" in shown.replace('"', "&quot;")


def test_headings_go_one_level_down_and_no_further_than_six() -> None:
    assert html(Commentary(markdown="# a\n\n###### b\n\n`<h1>`")) == (
        "<h2>a</h2>\n<h6>b</h6>\n<p><code>&lt;h1&gt;</code></p>"
    )
    assert lower_headings("<hr><h5>x</h5>") == "<hr><h6>x</h6>"
