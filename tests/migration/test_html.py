"""HTML of exports → Markdown: no word is lost, and quotations stay quotations."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from aggregator.document import parse_document
from aggregator.errors import ReadError
from aggregator.markup.clean import clean_html
from aggregator.markup.markdown import to_html
from aggregator.markup.text import plain_text
from aggregator.migration.html import plainly, to_markdown, words_of
from aggregator.model.post import Commentary, Quotation
from aggregator.reading.parse import parse_document as parse_feed

NOW = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)


def safe(html: str) -> str:
    return clean_html(html, base="https://old.example/a/")


def blocks(html: str):
    return parse_document(f'---\ntitle: "x"\n---\n{to_markdown(safe(html))}\n').blocks


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ("<p>One <em>two</em> <b>three</b></p><p>four", "One *two* **three**\n\nfour"),
        ('<a href="/b" title="A &quot;t&quot;">b</a>', '[b](https://old.example/b "A \\"t\\"")'),
        ("loose<p>tight</p>loose", "loose\n\ntight\n\nloose"),
        ("<ul><li>a<ul><li>b</li></ul></li><li>c</ul>", "- a\n\n  - b\n\n- c"),
        ("<ul><li>a</ul><ul><li>b</ul>", "- a\n\n* b"),
        ("<ol start=3><li>a<li>b</ol>", "3. a\n4. b"),
        ("<pre>if a:\n    b ``` c</pre>", "````\nif a:\n    b ``` c\n````"),
        ("<code>a `b</code>", "``a `b``"),
        ("a<br>b<br><br>c", "a\\\nb\n\nc"),
        ("<h2>Head</h2><hr>", "# Head\n\n* * *"),
        ("1. not a list", "1\\. not a list"),
        ("<p># no heading, *no* emphasis &lt;b&gt; &amp;amp;", None),
        ("<p>::: takeaways</p><p>1. a</p><p>:::</p>", None),
        ("<b>bold:</b>word <i>i</i><i>i</i> <b> </b>", None),
        ("<table><tr><td>a<td>b<tr><td>c</table>", "a b\n\nc"),
        ("<dl><dt>a<dd>b<p>c</p></dl>", "a\n\nb\n\nc"),
        ("<h2>Update 2026-03-31T14:05:00Z</h2><p>x", None),
        ("<h3>Withdrawn 2026-03-31T14:05:00Z</h3><p>x", None),
        ("<p>---</p><p>title: x</p><p>[a]: https://b.example</p>", None),
        ("<q>said</q> &amp; <video src='https://v.example/a.mp4'>old</video>", None),
        ('<a href="https://e.example/"><p>in</p><p>side</p></a>', None),
        ("<blockquote></blockquote>x", "x"),
        ("just words\n\nin two", "just words\n\nin two"),
    ],
)
def test_html_becomes_markdown_of_the_same_words(html: str, markdown: str | None):
    made = to_markdown(safe(html))
    if markdown is not None:
        assert made == markdown
    assert plain_text(to_html(made)).split() == words_of(safe(html)).split()
    assert plain_text(safe(html)).replace("\n", " ").split()[0].strip('"') in words_of(safe(html))


def test_no_heading_of_an_export_opens_an_update():
    for level in range(1, 7):
        html = f"<h{level}>Update 2026-03-31T14:05:00Z</h{level}><p>x</p>"
        document = f'---\ntitle: "x"\n---\n{to_markdown(safe(html))}\n'
        assert parse_document(document).updates == ()


def test_a_quoted_passage_becomes_a_quotation_with_its_lead_in_and_citation():
    lead, quote, own = blocks(
        "<p>First.</p><p><a href='https://n.example/v'>Ana Reyes</a> reports:</p>"
        "<blockquote cite='https://n.example/v'><p>Words</p><p>more</p></blockquote><p>Mine.</p>"
    )
    assert lead == Commentary(markdown="First.")
    assert isinstance(quote, Quotation)
    assert quote.text == "Words\n\nmore"
    assert quote.lead_in == "[Ana Reyes](https://n.example/v) reports:"
    assert quote.citation is not None
    assert quote.citation.url == "https://n.example/v"
    assert own == Commentary(markdown="Mine.")


def test_a_line_with_a_dash_and_a_link_behind_a_quotation_is_its_credit():
    [quote] = blocks(
        "<blockquote>Words</blockquote><p><small>— <a href='https://n.example/v'>The Courier</a>"
        "</small></p>"
    )
    assert isinstance(quote, Quotation)
    assert quote.credit == "[The Courier](https://n.example/v)"
    assert quote.citation is not None


def test_deep_and_hostile_markup_keeps_its_words():
    for html in ("<b>" * 500 + "w", "<div>" * 3000 + "w", "<blockquote>" * 300 + "w", "[" * 3000):
        cleaned = safe(html)
        assert plain_text(to_html(to_markdown(cleaned))).split() == words_of(cleaned).split()


def test_no_word_of_any_feed_of_the_corpus_is_lost(corpus):
    seen = quoted = 0
    for path in sorted((corpus / "feeds").rglob("*")):
        if not path.is_file() or "expected-by" in path.name:
            continue
        try:
            document = parse_feed(
                path.read_bytes(), url="https://x.example/", content_type="", now=NOW
            )
        except ReadError:
            continue
        # Every entry takes half a minute; the first ones of each feed show every kind of markup.
        for entry, base in list(zip(document.entries, document.bases, strict=True))[:4]:
            html = clean_html(entry.content, base=base)
            before = plain_text(html).split()
            markdown = to_markdown(html)
            for made in (markdown, plainly(html)):
                after = plain_text(to_html(made)).split()
                assert _holds(after, before), (path.name, entry.title)
            seen += 1
            quoted += "\n> " in f"\n{markdown}"
    assert seen > 500
    assert quoted > 10


def _holds(after: list[str], before: list[str]) -> bool:
    """Whether all words are there, in their order; quotation marks and addresses may be added."""
    left = iter(word.replace('"', "") for word in after)
    return all(any(word.replace('"', "") == one for one in left) for word in before)
