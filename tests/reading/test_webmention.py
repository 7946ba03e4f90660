"""Where a page wants to be told: the Link field first, then the page, whatever stands in it."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from aggregator.reading.webmention import MAX_PAGE, endpoint_of

PAGE = "https://joe.example/2026/talk"
HERE = "https://joe.example/told"


def found(html: str, *, links: str = "", content_type: str = "text/html") -> str | None:
    return endpoint_of(links, html.encode(), content_type, PAGE)


def test_the_cases_of_the_corpus(corpus: Path) -> None:
    file = corpus / "protocol" / "webmention-discovery.json"
    if not file.is_file():
        pytest.skip("the corpus has no cases of Webmention")
    cases = json.loads(file.read_text())["cases"]
    assert len(cases) >= 10
    for case in cases:
        page = f"<html><head>{case['head']}</head><body>{case['body']}</body></html>"
        links = ", ".join(value for name, value in case["response_headers"] if name == "Link")
        told = endpoint_of(links, page.encode(), "text/html", case["page_url"])
        assert told == case["expect_endpoint"], case["name"]


def test_the_link_field_comes_before_the_page_and_counts_for_any_type() -> None:
    page = '<link rel="webmention" href="/not-here">'
    assert found(page, links='</told>; rel="webmention"') == HERE
    assert found("", links="</told>; rel=webmention", content_type="image/png") == HERE
    assert found(page, links='</other>; rel="webmention-not"') == "https://joe.example/not-here"


@pytest.mark.parametrize(
    "before",
    [
        "<!-- {wrong} -->",
        "<!-- > {wrong} -->",
        "<script>var a = '{wrong}'</script>",
        "<SCRIPT>{wrong}</SCRIPT >",
        "<style>{wrong}</style>",
        "<textarea>{wrong}</textarea>",
        "<title>{wrong}</title>",
        "<template>{wrong}</template>",
        "<code>&lt;link rel=webmention href=/wrong&gt;</code>",
        "<p title='{wrong}'>",
        "<p title=\"a > b\" data-x='{wrong}'>",
        "<!doctype html><?php x ?></p {wrong_name}>",
        '<link rel="webmention">',
        '<link rel="not-webmention" href="/wrong">',
        '<a rel="webmention" href="mailto:joe@joe.example">',
        '<a rel="webmention" href="javascript:alert(1)">',
        '<abbr rel="webmention" href="/wrong">',
        "1 < 2 <3 << <",
        "<!--><!--->",
    ],
)
def test_what_is_no_link_is_passed_over(before: str) -> None:
    wrong = '<link rel="webmention" href="/wrong">'
    page = before.replace("{wrong}", wrong).replace("{wrong_name}", "rel=webmention href=/wrong")
    assert found(f"<html>{page}<a href='/told' rel='webmention'>") == HERE


@pytest.mark.parametrize(
    ("page", "endpoint"),
    [
        ("<a rel=webmention href=/told>", HERE),
        ("<A REL='nofollow WebMention' HREF = '/told' >", HERE),
        ("<a/rel='webmention'/href='/told'/>", HERE),
        ("<link rel=webmention href='told?a=1&amp;b=2'>", "https://joe.example/2026/told?a=1&b=2"),
        ("<link rel=webmention href=' /told\n'>", HERE),
        ("<link rel=webmention href=''>", PAGE),
        ("<link rel=webmention href>", PAGE),
        ("<link rel=webmention href='' href='/wrong'>", PAGE),
        ("<link rel=webmention href='//other.example/told'>", "https://other.example/told"),
        (
            "<base href='https://cdn.example/x/'><a rel=webmention href=t>",
            "https://cdn.example/x/t",
        ),
        ("<noscript><a rel=webmention href=/told></noscript>", HERE),
        ("<link rel=webmention href='https://a:b@joe.example/told'>", HERE),
        ("<a rel=webmention href='/told", None),
        ("<!-- <a rel=webmention href='/told'>", None),
        ("<script><a rel=webmention href='/told'>", None),
        ("", None),
    ],
)
def test_what_counts_as_browsers_read_it(page: str, endpoint: str | None) -> None:
    assert found(page) == endpoint


def test_only_pages_are_looked_into() -> None:
    page = "<a rel=webmention href=/told>"
    assert found(page, content_type="Application/XHTML+XML; charset=utf-8") == HERE
    assert found(page, content_type="") == HERE
    assert found(page, content_type="text/plain") is None
    assert found(page, content_type="application/json") is None


@pytest.mark.parametrize(
    "piece",
    [
        "<",
        "<!",
        "<!--",
        "<a ",
        "<a b=",
        "<a b='",
        "<script>",
        "</",
        "<a b c d e>",
        "<title></titl",
        "&",
        "<?",
        "<a " + "b=c " * 30,
        "<a b='c'",
        "\x00",
        "<p>" * 50,
        "<a\n\n\n\n",
        "--!",
        "< a/",
    ],
)
def test_a_hostile_page_takes_no_longer_than_another(piece: str) -> None:
    page = (piece * (MAX_PAGE // len(piece) + 1)).encode()
    begun = time.process_time()
    assert endpoint_of("", page, "text/html", PAGE) is None
    assert time.process_time() - begun < 6


def test_bytes_of_any_kind_are_read_without_an_error() -> None:
    page = b"\xff\xfe<\x00a\x00\xc3<a rel=webmention href='/t\xe9'>"
    assert endpoint_of("", page, "text/html", PAGE) is not None
    assert endpoint_of("\xff<>;;;,<", b"", "", PAGE) is None


def test_what_stands_beyond_the_first_megabyte_is_not_looked_at() -> None:
    late = b" " * MAX_PAGE + b"<a rel=webmention href=/told>"
    assert endpoint_of("", late, "text/html", PAGE) is None
    assert endpoint_of("", late[100:], "text/html", PAGE) == HERE
