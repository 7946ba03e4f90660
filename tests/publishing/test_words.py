"""What we add to the author's words, and what we do not add in languages we do not know."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from publishing.samples import REYES, SITE, UPDATE, post_of

from aggregator.markup.text import plain_text
from aggregator.model.post import Block, Citation, Commentary, Quotation, Takeaways, TakeawaysStyle
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
    ("language", "lead_in"),
    [("de", "Ana Reyes, The Courier, berichtet:"), ("pl", "Ana Reyes, The Courier:")],
)
def test_an_address_as_credit_leaves_the_lead_in_to_be_made(language: str, lead_in: str) -> None:
    quotation = Quotation(text="So.", citation=replace(REYES, via=None), credit=f"<{REYES.url}>")
    assert plain_text(html(quotation, language=language)) == f"{lead_in}\nSo."
    silent = Quotation(text="So.", citation=Citation(url=REYES.url), credit=f"<{REYES.url}>")
    assert plain_text(html(silent, language=language)) == f"So.\n— {REYES.url}"
    named = replace(quotation, lead_in="Ana:")
    assert plain_text(html(named, language=language)) == f"Ana:\nSo.\n— {REYES.url}"


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


@pytest.mark.parametrize(
    ("item", "shown"),
    [
        ("two:\n\n- a\n- b", "<p>Secondly, two:</p> <ul> <li>a</li> <li>b</li> </ul>"),
        ("- a", "<p>Secondly:</p> <ul> <li>a</li> </ul>"),
        ("```\nx\n```", "<p>Secondly:</p> <pre><code>x </code></pre>"),
        ("> q", "<p>Secondly:</p> <blockquote> <p>q</p> </blockquote>"),
        ("two\n\nthree", "<p>Secondly, two</p> <p>three</p>"),
    ],
)
def test_prose_with_blocks_in_it_is_a_block_for_each_takeaway(item: str, shown: str) -> None:
    made = " ".join(html(prose("one", item, "*end*", intro="Three:")).split())
    assert made == f"<p>Three:</p> <p>First, one</p> {shown} <p>Lastly, <em>end</em></p>"


class Nesting(HTMLParser):
    """Notes what a browser would have to repair."""

    VOID = frozenset({"br", "hr", "img"})
    BLOCKS = frozenset(
        {"p", "ul", "ol", "pre", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "hr"}
    )

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        inside = {"p", "h2", "h3", "em", "strong", "a", "code"} & set(self.open)
        if tag in self.BLOCKS and inside:
            self.wrong.append(f"<{tag}> inside {inside}")
        if tag == "li" and self.open[-1:] not in (["ul"], ["ol"]):
            self.wrong.append("<li> outside of a list")
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if data.strip() and self.open[-1:] in ([], ["ul"], ["ol"]):
            self.wrong.append(f"bare {data!r}")


def nesting_faults(made: str) -> list[str]:
    parser = Nesting()
    parser.feed(made)
    parser.close()
    return [*parser.wrong, *parser.open]


PIECES = st.sampled_from(
    [
        *("a", "*a* b", "a:", "a\\\nb", "- a", "- a\n  - b", "1. a", "> q", "> - q", "# h", "---"),
        *(
            "```\nx\n```",
            "    code",
            "<p>",
            "![p](https://a.example/p.png)",
            "[l](https://a.example/)",
        ),
    ]
)
TEXTS = st.lists(PIECES, min_size=1, max_size=4).map("\n\n".join)


@settings(deadline=None, max_examples=300, derandomize=True)
@given(
    st.lists(TEXTS, min_size=1, max_size=4),
    st.none() | TEXTS,
    st.sampled_from(TakeawaysStyle),
    st.sampled_from(["en", "pl"]),
)
def test_takeaways_are_well_nested_whatever_they_hold(
    items: list[str], intro: str | None, style: TakeawaysStyle, language: str
) -> None:
    takeaways = Takeaways(items=tuple(items), intro=intro, style=style)
    quoted = Quotation(text=items[0], lead_in="Ana:", citation=REYES)
    assert nesting_faults(html(takeaways, quoted, language=language)) == []


def test_headings_go_one_level_down_and_no_further_than_six() -> None:
    assert html(Commentary(markdown="# a\n\n###### b\n\n`<h1>`")) == (
        "<h2>a</h2>\n<h6>b</h6>\n<p><code>&lt;h1&gt;</code></p>"
    )
    assert lower_headings("<hr><h5>x</h5>") == "<hr><h6>x</h6>"
