"""Plain text from HTML, and text that may stand in any document."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.markup.text import excerpt, is_clean, plain_text, scrub


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("", ""),
        ("plain   words\n here", "plain words here"),
        ("<p>One</p><p>Two</p>", "One\nTwo"),
        ("<p>One\n two</p>\n\n<ul><li>a</li><li>b</li></ul>", "One two\na\nb"),
        ("W<b>or</b>ds", "Words"),
        ("Fish &amp; chips &#8212; &eacute;", "Fish & chips — é"),
        ("AT&amp;T", "AT&T"),
        ("1 &lt; 2", "1 < 2"),
        ("a < b and c > d", "a < b and c > d"),
        ("one<br>two<br/>three", "one\ntwo\nthree"),
        ("a<script>var x = '<p>';</script>b", "a b"),
        ("a<STYLE type=x>p{}</STYLE>b<!-- c -->d", "a b d"),
        ('<a title="a > b" href=x>link</a>', "link"),
        ('<img alt="5" tall">after', "after"),
        ("<![CDATA[<p>Hello</p>]]> x]]>y", "Hello\nx]]>y"),
        ("non&nbsp;breaking", "non breaking"),
        ("<td>a</td><td>b</td>", "a\nb"),
        ("<paragraph>a</paragraph>b", "ab"),
    ],
)
def test_plain_text_is_the_words_of_the_html(html: str, text: str) -> None:
    assert plain_text(html) == text


@pytest.mark.parametrize(
    "unit", ["<", "<!--", "<script", "<script>", "</script", "<p ", '<a "', "<![CDATA[", "&", " \n"]
)
def test_plain_text_takes_time_in_proportion(unit: str) -> None:
    began = time.process_time()
    plain_text(unit * (400_000 // len(unit)))
    assert time.process_time() - began < 3


def test_scrub_takes_out_what_xml_forbids_and_keeps_tab_and_line_feed() -> None:
    assert scrub("a\x00b\x08c\td\ne\x7ff\x9fg\ud800h\ufffei\uffffj") == "abc\td\nefghij"
    assert scrub("one\r\ntwo\rthree\x0bfour\x0cfive\x85six") == "one\ntwo\nthree\nfour\nfive\nsix"
    assert scrub("naïve — «oui» \U0001f600") == "naïve — «oui» \U0001f600"


def test_scrub_removes_direction_overrides_where_asked() -> None:
    title = "invoice\u202efdp.exe \u2067x\u2069"
    assert scrub(title, bidi=True) == "invoicefdp.exe x"
    assert scrub(title) == title
    assert scrub("עברית\u200f", bidi=True) == "עברית\u200f"


@given(st.text(st.characters(codec=None, categories=None), max_size=60))
def test_scrubbed_text_can_be_encoded_and_needs_no_more(text: str) -> None:
    scrubbed = scrub(text)
    scrubbed.encode()
    assert is_clean(scrubbed)
    assert scrub(scrubbed) == scrubbed
    assert is_clean(text) == (scrub(text) == text)


def test_an_excerpt_ends_after_a_whole_word() -> None:
    assert excerpt("The council put off its vote", 20) == "The council put off…"
    assert excerpt("The council, it seems", 15) == "The council…"
    assert excerpt("short enough", 12) == "short enough"
    assert excerpt("two\nlines", 40) == "two lines"


def test_a_script_without_spaces_is_cut_but_no_accent_is_lost() -> None:
    assert excerpt("市議会は火曜日に投票を延期した", 8) == "市議会は火曜日…"
    assert excerpt("e\u0301" * 10, 6) == "e\u0301e\u0301…"


@given(st.text(max_size=80), st.integers(2, 60))
def test_an_excerpt_is_never_longer_than_asked(text: str, limit: int) -> None:
    assert len(excerpt(text, limit)) <= limit
