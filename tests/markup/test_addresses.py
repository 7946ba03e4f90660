"""Where the author's links and pictures lead; what leads nowhere stays in sight."""

from __future__ import annotations

import re

import pytest

from aggregator.markup.markdown import definitions, first_link, to_html, to_text, web_address

PAGE = "https://blog.example/2026/03/a-post/"


def addresses(text: str) -> list[str]:
    return re.findall(r'(?:href|src)="([^"]*)"', to_html(text, base=PAGE))


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("#figures", f"{PAGE}#figures"),
        ("?page=2", f"{PAGE}?page=2"),
        ("plan.pdf", f"{PAGE}plan.pdf"),
        ("../another/", "https://blog.example/2026/03/another/"),
        ("/about", "https://blog.example/about"),
        ("//b.example/x", "https://b.example/x"),
        ("https://b.example/x", "https://b.example/x"),
        ("mailto:ana@b.example", "mailto:ana@b.example"),
        ("tel:+49-30-1", "tel:+49-30-1"),
    ],
)
def test_links_and_pictures_start_from_the_page_of_the_post(typed: str, address: str) -> None:
    assert addresses(f"[words]({typed})") == [address]
    assert addresses(f"[words][1]\n\n[1]: {typed}") == [address]
    if not typed.startswith(("mailto:", "tel:")):
        assert addresses(f"![words]({typed})") == [address]


@pytest.mark.parametrize(
    "link",
    [
        "[words](ftp://a.example/)",
        "[words](javascript:alert(1))",
        "[words](https://exa mple/)",
        "[words](http:nowhere)",
        "[words](data:image/png;base64,AAAA)",
        "![](data:image/png;base64,AAAA)",
        "<gopher://a.example/>",
    ],
)
def test_a_link_that_cannot_be_published_stays_in_sight_as_typed(link: str) -> None:
    assert to_text(f"See {link} now") == f"See {link} now"
    assert addresses(link) == []


@pytest.mark.parametrize("url", ["data:image/png;base64,AAAA", "mailto:a@b.example", "file:///x"])
def test_a_picture_that_nobody_can_see_leaves_its_words(url: str) -> None:
    assert (
        to_html(f"![The *council* & I]({url})", base=PAGE).strip() == "<p>The council &amp; I</p>"
    )


@pytest.mark.parametrize(
    "line", ["[^1]: Ibid.", "[Note]: important", "[Photo]: AP/Reuters", "[a]: <b>", "[x]: p.12"]
)
def test_a_definition_that_defines_no_address_is_text(line: str) -> None:
    assert definitions(line) == {}
    assert to_text(line) == line
    listed = f"[1]: https://a.example/\n{line}\n[2]: https://b.example/\n\n[x][1] [y][2]"
    assert to_text(listed) == f"{line}\nx y"
    assert first_link("[y][2]", definitions(listed)) == ("https://b.example/", "y")


@pytest.mark.parametrize(
    "address", ["https://a.example/", "mailto:a@b.example", "tel:1", "#a", "../x", "p.png", "x/"]
)
def test_a_definition_of_an_address_is_no_text(address: str) -> None:
    assert to_text(f"[words][1]\n\n[1]: {address}") == "words"


def test_the_details_of_a_citation_are_judged_as_before() -> None:
    assert web_address("https://a.example/x y") == "https://a.example/x%20y"
