"""A post through the eyes of feed readers: what each shows, and what is told to be lost."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest

from aggregator.config.settings import Author, Site
from aggregator.errors import DocumentError
from aggregator.preview import NAMES, Finding, Preview
from aggregator.preview.checks import findings_in
from aggregator.preview.claims import sections_of
from aggregator.preview.findings import Kind
from aggregator.preview.seen import seen_in, squashed
from aggregator.preview.terminal import as_lines
from aggregator.services.previewing import Previewing

NOW = datetime(2026, 4, 1, 12, tzinfo=UTC)
SITE = Site(
    title="The Margin", base_url="https://blog.example/", authors=(Author(name="Ada Author"),)
)

QUOTED = """\
[Ana Reyes](https://news.example/vote) of news.example reports:

> “The council put off its vote on Tuesday.”
"""
IN_PROSE = """\
::: takeaways prose
I see three takeaways from this news.

1. it was the mayor who blinked.
2. the unions were not asked.
3. nothing is settled yet.
:::
"""
AN_UPDATE = """\
## Update 2026-03-31T14:05:00Z

Joe Lane makes several points, but his title says it best:

> [Council to unions: talk to the hand](https://joelane.example/2026/talk)
"""


def previewed(body: str, *, title: str = "The council blinked", front: str = "") -> Preview:
    document = f'---\ntitle: "{title}"\n{front}---\n{body}'
    return Previewing(SITE, clock=lambda: NOW).of_document(document)


def only(shown: Preview, kind: Kind) -> Finding:
    [found] = [one for one in shown.findings if one.kind is kind]
    return found


def test_of_a_good_post_nothing_is_lost_anywhere():
    shown = previewed(f"{QUOTED}\n{IN_PROSE}\nSo why in June?\n\n{AN_UPDATE}")
    assert shown.findings == ()
    assert [view.name for view in shown.intact()] == list(NAMES)
    for view in shown.views:
        assert "Update, 31 March 2026, 14:05 UTC:" in view.text
        assert "First, it was the mayor" in view.text
        assert "Lastly, nothing is settled yet." in " ".join(view.text.split())


def test_a_terminal_reader_numbers_links_and_sets_quotations_off():
    shown = previewed(f"{QUOTED}\n{IN_PROSE.replace(' prose', '')}\n{AN_UPDATE}")
    assert shown.view("newsboat").text == (
        "Ana Reyes[1] of news.example reports:\n"
        "\n"
        "  “The council put off its vote on Tuesday.”\n"
        "\n"
        "I see three takeaways from this news.\n"
        "\n"
        " 1. it was the mayor who blinked.\n"
        " 2. the unions were not asked.\n"
        " 3. nothing is settled yet.\n"
        "\n"
        "Update, 31 March 2026, 14:05 UTC: Joe Lane makes several points, but his title\n"
        "says it best:\n"
        "\n"
        "  Council to unions: talk to the hand[2]\n"
        "\n"
        "Links:\n"
        "[1]: https://news.example/vote (link)\n"
        "[2]: https://joelane.example/2026/talk (link)"
    )


def test_a_strict_reader_gets_neither_where_a_list_begins_nor_where_words_were_cited():
    shown = previewed(f"{QUOTED}\n3. third\n4. fourth\n")
    html = shown.view("miniflux").html
    assert "<blockquote>" in html
    assert "<ol>" in html
    assert '<ol start="3">' in shown.view("ttrss").html
    [lost] = shown.losses(*NAMES)
    assert (lost.kind, lost.views) == (Kind.ORDINALS, ("miniflux",))
    assert "3, 4" in lost.what
    assert "begin the list at 1" in lost.do


def test_a_link_that_a_reader_takes_for_a_button_is_told():
    body = QUOTED.replace("https://news.example/vote", "https://twitter.com/share?url=x")
    lost = {one.kind: one for one in previewed(body).losses(*NAMES)}
    assert set(lost) == {Kind.ATTRIBUTION, Kind.ARTICLE}
    assert {one.views for one in lost.values()} == {("miniflux",)}
    assert "“Ana Reyes”" in lost[Kind.ATTRIBUTION].what


def test_a_link_without_words_is_told_everywhere_links_are():
    shown = previewed(f"{QUOTED}\nSee [](https://lost.example/x).\n")
    found = only(shown, Kind.LINK)
    assert found.lost
    assert found.views == ("page", "miniflux", "ttrss", "newsboat")
    assert found.do == "write what it is: [words](https://lost.example/x)"


def test_plain_text_has_no_borders_so_marks_must_say_whose_words_end_where():
    bare = QUOTED.replace("“", "").replace("”", "")
    found = only(previewed(bare), Kind.BORDER)
    assert (found.lost, found.views) == (False, ("text",))
    assert "quotation marks" in found.do


def test_plain_text_has_no_numbers_and_prose_is_the_way_out():
    found = only(previewed(f"{QUOTED}\n{IN_PROSE.replace(' prose', '')}"), Kind.ORDINALS)
    assert (found.lost, found.views) == (False, ("text",))
    assert "takeaways prose" in found.do
    # Of a language that we cannot count in, prose has figures as well.
    polish = previewed(f"{QUOTED}\n{IN_PROSE.replace(' prose', '')}", front="language: pl\n")
    assert "prose" not in only(polish, Kind.ORDINALS).do


def test_an_attribution_without_a_name_or_a_link_is_told():
    shown = previewed("> Words of somebody.\n")
    assert "whose words" in only(shown, Kind.ATTRIBUTION).what
    shown = previewed("She says:\n\n> “Words of somebody.”\n")
    assert "nothing leads to" in only(shown, Kind.ATTRIBUTION).what
    front = 'cites: [{url: "https://news.example/vote", author: Ana Reyes}]\n'
    shown = previewed("[Here](https://news.example/vote):\n\n> “Words.”\n", front=front)
    found = only(shown, Kind.ATTRIBUTION)
    assert found.what.startswith("Ana Reyes, named under `cites`")
    assert found.views == NAMES


def test_in_plain_text_a_link_cannot_say_where_words_stand():
    cites = 'cites: [{url: "https://news.example/vote", outlet: The Courier, author: Ana Reyes}]\n'
    bare = QUOTED.replace(" of news.example", "")
    found = only(previewed(bare, front=cites), Kind.ATTRIBUTION)
    assert (found.lost, found.views) == (False, ("text",))
    assert found.do == "name the outlet in the line before them: The Courier"
    named = bare.replace(" reports", " of the Courier reports")
    for body, front in ((named, cites), (QUOTED, cites), (bare, "")):
        assert previewed(body, front=front).findings == ()


def test_pictures_are_told_by_their_descriptions():
    shown = previewed(f"{QUOTED}\n![](https://x.example/a.png) ![A map](https://x.example/b.png)\n")
    bare, described = [one for one in shown.findings if one.kind is Kind.PICTURE]
    assert bare.views == NAMES
    assert "https://x.example/a.png" in bare.what
    assert (described.views, described.lost) == (("text",), False)
    assert "[image 3: A map]" in shown.view("newsboat").text


def test_a_title_longer_than_a_list_is_wide_is_told_with_what_stays():
    found = only(previewed(QUOTED, title="many words " * 9), Kind.TITLE)
    assert found.views == ("newsboat",)
    assert "“many words many words many words many words many words…”" in found.what


def test_a_post_that_links_to_nothing_and_html_that_is_only_typed_are_told():
    shown = previewed("Only <b>thoughts</b>.\n")
    assert {one.kind for one in shown.findings} == {Kind.ARTICLE, Kind.NOTE}
    assert not shown.losses(*NAMES)


@pytest.mark.parametrize(
    "body",
    [
        "<script>alert(1)</script> & <img src=x onerror=alert(1)>\n",
        "[x](javascript:alert(1)) ![y](data:image/svg+xml,<svg/onload=alert(1)>)\n",
        "</iframe></pre></style><h1>out</h1>\n\n    </pre><script>alert(2)</script>\n",
        '> "\' onload=alert(1) srcdoc="<script>"\n\n`</style><script>`\n',
    ],
)
def test_hostile_words_are_words_and_run_nowhere(body: str):
    service = Previewing(SITE, clock=lambda: NOW)
    title = "</title></style><script>alert(0)</script>"
    shown = service.of_document(f"---\ntitle: '{title}'\n---\n{body}")
    assert not [one for one in shown.findings if one.lost]
    page = Tags(service.page(shown).decode())
    assert page.names.isdisjoint({"script", "img", "link", "object", "embed", "svg", "form"})
    assert page.handlers == []
    frames = [attributes for tag, attributes in page.found if tag == "iframe"]
    assert len(frames) == 3
    for frame in frames:
        assert "allow-scripts" not in frame["sandbox"]
        assert "allow-same-origin" not in frame["sandbox"]
        inside = Tags(frame["srcdoc"])
        assert inside.names.isdisjoint({"script", "img", "iframe", "object", "svg", "link"})
        assert inside.handlers == []


def test_the_page_asks_nobody_for_anything():
    service = Previewing(SITE, clock=lambda: NOW)
    body = f"{QUOTED}\n![A map](https://x.example/b.png)\n\n{AN_UPDATE}"
    page = service.page(previewed(body)).decode()
    [policy] = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline';")
    assert "Nothing is lost in any view." in page
    whole = Tags(page)
    for attributes in [a for tag, a in whole.found if tag == "iframe"]:
        inside = Tags(attributes["srcdoc"])
        assert not any("src" in given or "style" in given for _, given in inside.found)
        assert "Picture: A map" in attributes["srcdoc"]
    assert not any("src" in given or "href" in given for _, given in whole.found)


def test_every_word_of_a_post_is_in_the_lines_of_a_terminal_in_its_order():
    html = (
        "<p>one <em>two</em></p><blockquote><p>three</p><ul><li>four<ol><li>five</li></ol></li>"
        "</ul></blockquote><pre><code>six\n  seven</code></pre><ol><li><p>eight</p><p>nine</p>"
        "</li></ol><h2>ten</h2><p>a&amp;b<br>eleven</p><hr>twelve"
    )
    lines = as_lines(html, width=20)
    assert squashed(re.sub(r"\d\. |\*|-{5,}", "", lines)) == (
        "onetwothreefourfivesixseveneightninetena&beleventwelve"
    )
    deep = "<blockquote>" * 60 + "<p>deep words</p>" + "</blockquote>" * 60
    assert as_lines(deep, width=20).split() == ["deep", "words"]


@pytest.mark.parametrize(
    ("cut", "kind"),
    [
        (r"<p><a [^>]*>Ana Reyes</a> of news.example reports:</p>", Kind.ATTRIBUTION),
        (r"</?a\b[^>]*>", Kind.ARTICLE),
        (r"</?blockquote[^>]*>", Kind.BORDER),
        (r"First, ", Kind.WORDS),
        (r"</?(?:ol|li)>", Kind.ORDINALS),
        (r"Update, 31 March 2026, 14:05 UTC:", Kind.UPDATE),
        (r"<img [^>]*>", Kind.PICTURE),
    ],
)
def test_whatever_a_reader_cuts_out_is_told(cut: str, kind: Kind):
    listed = "::: takeaways\n1. four\n2. five\n:::\n"
    picture = "![A map](https://x.example/b.png)"
    shown = previewed(f"{QUOTED}\n{IN_PROSE}\n{listed}\n{picture}\n\n{AN_UPDATE}")
    html = re.sub(cut, "", shown.view("ttrss").html)
    assert html != shown.view("ttrss").html
    view = replace(shown.view("ttrss"), html=html, seen=seen_in(html))
    found = list(findings_in(shown.article, sections_of(shown.article), view))
    assert kind in {one.kind for one in found if one.lost}
    assert all(one.do for one in found)


def test_what_would_not_be_saved_is_refused_with_its_line():
    with pytest.raises(DocumentError, match="line 4"):
        previewed("## Update 31 March\n\nMore.\n")


class Tags(HTMLParser):
    """Tags and attributes of a page, as a parser sees them that knows nothing of ours."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))

    @property
    def names(self) -> set[str]:
        return {tag for tag, _ in self.found}

    @property
    def handlers(self) -> list[str]:
        return [name for _, given in self.found for name in given if name.startswith("on")]
