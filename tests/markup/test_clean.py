"""What cleaned HTML holds, and what it never holds."""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import Iterator
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import lxml.html
import pytest

from aggregator.markup.clean import MAX_CHARACTERS, TAGS, clean, clean_authored, clean_html

BASE = "https://news.example/2026/vote"
FORBIDDEN = {
    "script", "style", "iframe", "object", "embed", "form", "input", "button", "select",
    "textarea", "link", "meta", "base", "svg", "math", "template", "frame", "frameset",
}  # fmt: skip
WEB = ("http://", "https://", "mailto:")
ADDRESSES = {"href", "src", "poster", "cite", "action", "formaction", "background", "data"}


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def tags_of(html: str) -> Iterator[tuple[str, dict[str, str | None]]]:
    """Yield every tag as two parsers that know nothing of ours see it."""
    parser = Tags()
    parser.feed(html)
    parser.close()
    yield from parser.found
    if html.strip():
        for element in lxml.html.fragment_fromstring(html, create_parent="body").iter():
            if isinstance(element.tag, str):
                yield element.tag, {str(k): str(v) for k, v in element.attrib.items()}


def faults(html: str) -> list[str]:
    found = []
    for tag, attributes in tags_of(html):
        if tag in FORBIDDEN:
            found.append(tag)
        for name, value in attributes.items():
            if name.startswith("on") or name in {"style", "class", "id", "name", "srcdoc"}:
                found.append(f"{tag} {name}")
            if name in ADDRESSES and not (value or "").startswith(WEB):
                found.append(f"{tag} {name}={value}")
    return found


def hostile(corpus: Path) -> Iterator[tuple[str, str]]:
    """Yield attacks; of feedparser's suite, whole feeds and the HTML quoted in them."""
    for name, field in (("dompurify", "payload"), ("bleach", "input")):
        for case in cases(corpus / "security" / f"{name}.jsonl"):
            yield name, case[field]
    for case in cases(corpus / "suites" / "feedparser-sanitize.jsonl"):
        feed = case.get("text") or base64.b64decode(case["base64"]).decode("utf-8", "replace")
        yield "feedparser", feed
        yield "feedparser", unescape(feed)


def cases(path: Path) -> Iterator[dict[str, str]]:
    for line in path.read_text("utf-8").split("\n"):  # splitlines would part at U+2028 as well
        if line:
            yield json.loads(line)


def test_nothing_active_is_left_of_the_attacks_collected_by_others(corpus: Path) -> None:
    count = 0
    for suite, attack in hostile(corpus):
        count += 1
        for cleaned in (clean_html(attack, base=BASE), clean_authored(attack)):
            assert faults(cleaned) == [], (suite, attack, cleaned)
    assert count > 200


def test_cleaning_twice_changes_nothing_more(corpus: Path) -> None:
    for _, attack in hostile(corpus):
        once = clean_html(attack, base=BASE)
        assert clean_html(once, base=BASE) == once


@pytest.mark.parametrize(
    "attack",
    [
        "<!--><img src=x onerror=alert(1)>-->words",
        "<svg><animate onbegin=alert(1) attributeName=x></svg>words",
        "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style>words</math>",
        '<a href="java&#10;script:alert(1)">words</a>',
        '<a href="&#1;javascript:alert(1)">words</a>',
        '<a href="data:text/html,x">words</a>',
        '<blockquote cite="javascript:alert(1)">words</blockquote>',
        '<img srcset="javascript:alert(1) 2x" alt="words">',
        "<form action=/login><input name=password>words<button>Go</button></form>",
        '<meta http-equiv=refresh content="0;url=//evil.example">words',
        "<base href=//evil.example/>words",
        '<p style="position:fixed" class=x id=y name=z>words</p>',
        '<noscript><p title="</noscript><img src=x onerror=alert(1)>">words</noscript>',
        "<object data=x><embed src=y>words</object>",
        "<template><script>alert(1)</script>words</template>",
        '<abbr title="<img src=" lang="><script>alert(1)</script>">words</abbr><img>',
        "<iframe srcdoc='<script>alert(1)</script>'>words</iframe>",
        "<plaintext>words",
        "</article></body></html>words",
        '<video onplay=alert(1) src="javascript:x" poster="data:,x">words</video>',
    ],
)
def test_the_active_part_goes_and_the_words_stay(attack: str) -> None:
    cleaned = clean_html(attack, base=BASE)
    assert faults(cleaned) == []
    assert "words" in cleaned


def test_scripts_and_style_sheets_go_with_their_contents() -> None:
    html = "a<script>alert(1)</script>b<style>p{}</style>c"
    assert clean_html(html, base=BASE) == "abc"


def test_links_are_absolute_against_the_base_and_marked() -> None:
    rel = 'rel="noopener noreferrer nofollow"'
    assert clean_html('<a href="../map">map</a>', base=BASE) == (
        f'<a href="https://news.example/map" {rel}>map</a>'
    )
    assert 'href="https://other.example/x"' in clean_html('<a href="//other.example/x">', base=BASE)
    assert 'src="https://news.example/a.jpg"' in clean_html('<img src="/a.jpg">', base=BASE)
    assert 'cite="https://news.example/a?b=1&amp;c=2"' in clean_html(
        '<q cite="/a?b=1&amp;c=2">x</q>', base=BASE
    )


def test_relative_addresses_are_removed_where_the_base_is_none() -> None:
    impossible = ("http://[bad", "http://a.exa\x1aple/", "http://a.example:99999/", "http://a<b>/")
    for base in ("", "not an address", "file:///etc/", "javascript:x", *impossible):
        assert 'href="' not in clean_html('<a href="x">y</a>', base=base)
        assert 'cite="' not in clean_html('<q cite="x">y</q>', base=base)


def test_words_that_look_like_attributes_are_left_alone() -> None:
    text = 'he typed cite="x" and width="1" height="1" <b>there</b> <img src="/a.jpg">'
    cleaned = clean_html(text, base=BASE)
    assert 'he typed cite="x" and width="1" height="1" <b>there</b>' in cleaned


def test_tracking_images_are_dropped_and_others_kept() -> None:
    for gone in (
        '<img src="https://t.example/a?u=1" width="1" height="1">',
        "<img src=https://t.example/a.gif width=0 height=0>",
        '<img src="https://pixel.wp.com/b.gif?x=1">',
        '<img height="1px" width="1px" src="//feeds.feedburner.com/~r/x/~4/y">',
    ):
        assert clean_html(f"<p>a{gone}b</p>", base=BASE) == "<p>ab</p>"
    kept = clean_html('<img src="/chart.gif" width="640" height="1" alt="A chart">', base=BASE)
    assert 'src="https://news.example/chart.gif"' in kept
    assert 'referrerpolicy="no-referrer"' in kept


def test_an_image_without_a_usable_address_leaves_its_words() -> None:
    assert clean_html('<img src="data:image/png;base64,AA" alt="1 < 2">', base=BASE) == "1 &lt; 2"


def test_words_of_two_blocks_do_not_run_together() -> None:
    for tag in ("section", "div", "form", "fieldset", "article"):
        cleaned = clean_html(f"<{tag}>one</{tag}><{tag}>two</{tag}>", base=BASE)
        assert "onetwo" not in re.sub(r"<[^>]*>", " ", cleaned).replace(" ", "|")


def test_a_word_is_not_parted_by_a_tag_that_is_removed() -> None:
    assert clean_html("<font>W</font>ords <svg></svg>", base=BASE).startswith("Words")


def test_words_inside_cdata_noscript_and_formulas_are_kept() -> None:
    assert clean_html("<![CDATA[<p>Hello</p>]]> a]]>b", base=BASE) == "<p>Hello</p> a]]&gt;b"
    assert "<img" in clean_html("<noscript><img src=/a.jpg></noscript>", base=BASE)
    formula = clean_html("<math><mi>x</mi><mo>=</mo><mn>2</mn></math>", base=BASE)
    assert "".join(formula.split()) == "x=2"


def test_deep_nesting_is_flattened_quickly_and_keeps_the_text() -> None:
    began = time.process_time()
    html = "<div>" * 50_000 + "the words" + "</div>" * 50_000 + "<p>after</p>"
    cleaned = clean_html(html, base=BASE)
    assert time.process_time() - began < 3
    assert "the words" in cleaned
    assert "<p>after</p>" in cleaned
    assert cleaned.count("<div>") == 100


def test_formatting_left_open_is_not_multiplied() -> None:
    open_tags = "".join(f"<b title={number}>" for number in range(2_000))
    html = f"<div>{open_tags}</div>" + "<p>x" * 20_000
    began = time.process_time()
    assert len(clean_html(html, base=BASE)) < 10 * len(html)
    assert time.process_time() - began < 3


@pytest.mark.parametrize(
    "unit",
    ["<", "&", "<!--", '<a "', "<script", "<![CDATA[", "<p><b>x</p>", "<table><tr><td>", "&#"],
)
def test_no_repetition_is_expensive(unit: str) -> None:
    began = time.process_time()
    clean_html(unit * (200_000 // len(unit)), base=BASE)
    assert time.process_time() - began < 3


def test_well_nested_long_articles_pass_whole() -> None:
    html = "".join(
        f"<p>Paragraph <b>{n}</b> with <a href='/{n}'>a link</a></p>" for n in range(900)
    )
    cleaned = clean_html(html, base=BASE)
    assert cleaned.count("<p>") == 900
    assert 'href="https://news.example/899"' in cleaned


def test_too_long_a_text_is_cut_and_said_to_be() -> None:
    result = clean("<p>word &amp; word</p>" * 60_000, base=BASE)
    assert result.cut
    assert len(result.html) <= MAX_CHARACTERS
    assert result.html.rstrip("</p>").endswith("…")
    assert faults(result.html) == []
    assert not clean("<p>short</p>", base=BASE).cut


def test_what_grows_while_it_is_cleaned_is_cut_too() -> None:
    result = clean("<" * 600_000, base=BASE)
    assert result.cut
    assert len(result.html) <= MAX_CHARACTERS


def test_control_characters_and_surrogates_never_come_out() -> None:
    assert clean_html("<p>a\x00b\x01c\ud800d\ufffee&#1;f</p>", base=BASE) == "<p>abcdef</p>"
    assert clean_html("a\x07b", base=BASE) == "ab"


def test_every_tag_of_the_list_survives_where_it_may_stand() -> None:
    inside_tables = {"caption", "col", "colgroup", "tbody", "td", "tfoot", "th", "thead", "tr"}
    for tag in TAGS - inside_tables - {"img"}:
        assert f"<{tag}" in clean_html(f"<{tag}>x", base=BASE)
    table = "<table><caption>x</caption><tbody><tr><th>a</th><td>b</td></tr></tbody></table>"
    assert clean_html(table, base=BASE) == table


def test_the_authors_html_keeps_what_markdown_makes() -> None:
    html = (
        '<ol start="3"><li>x</li></ol><blockquote cite="https://a.example/">q</blockquote>'
        '<time datetime="2026-03-31">then</time><del>old</del><pre><code>a &lt; b</code></pre>'
    )
    assert clean_authored(html) == html
    assert clean_authored('<a href="https://a.example/">a</a>') == (
        '<a href="https://a.example/" rel="noopener">a</a>'
    )
    assert 'href="' not in clean_authored('<a href="/about">a</a>')
