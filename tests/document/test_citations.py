"""What a quotation is taken from, and which words lead into it."""

from __future__ import annotations

import pytest

from aggregator.document import parse_document
from aggregator.model.post import Citation, Commentary, Quotation

URL = "https://a.example/vote"
HOME = "https://joelane.example/"
POST = "https://joelane.example/2026/talk"


def quotation(body: str, cites: str = "[]") -> Quotation:
    [block] = parse_document(f"---\ntitle: T\ncites: {cites}\n---\n{body}").blocks
    assert isinstance(block, Quotation)
    return block


def test_a_quoted_link_is_what_is_cited_even_when_the_lead_in_has_a_link_of_its_own() -> None:
    lead_in = f"[Joe Lane]({HOME}) makes several points, but his title says it best:"
    one = quotation(f"{lead_in}\n\n> [Talk to the hand]({POST})\n")
    assert one.citation == Citation(url=POST, title="Talk to the hand", author="Joe Lane")
    assert one.lead_in == lead_in


def test_details_given_by_the_author_are_better_than_what_can_be_seen() -> None:
    cites = f"[{{url: '{POST}', author: J. Lane, title: Talk, outlet: Lane}}]"
    one = quotation(f"[Joe Lane]({HOME}) writes:\n\n> [Talk to the hand]({POST})\n", cites)
    assert one.citation == Citation(url=POST, title="Talk", author="J. Lane", outlet="Lane")


@pytest.mark.parametrize("words", ["A post", "This", "his blog", "Joe"])
def test_a_link_that_may_be_no_name_names_no_author(words: str) -> None:
    one = quotation(f"[{words}]({HOME}) has the title of the day:\n> [Talk]({POST})\n")
    assert one.citation == Citation(url=POST, title="Talk")
    one = quotation(f"The title of the day, by [Joe Lane]({HOME}):\n> [Talk]({POST})\n")
    assert one.citation == Citation(url=POST, title="Talk")


def test_a_name_below_the_quoted_title_is_its_author_too() -> None:
    one = quotation(f"> [Talk]({POST})\n> — [Joe Lane]({HOME})\n")
    assert one.citation == Citation(url=POST, title="Talk", author="Joe Lane")


@pytest.mark.parametrize(
    "quoted",
    [
        "**{}**",
        "*{}*",
        '"{}"',
        "“{}”",
        "{}.",
        "«{}»!",
        "„*{}*“ …",
        "「{}」。",
        '***"{}."***',
        "\\[{}]",
    ],
)
def test_a_title_in_emphasis_or_quotation_marks_is_only_a_link_all_the_same(quoted: str) -> None:
    one = quotation(f"He says:\n\n> {quoted.format(f'[Talk]({POST})')}\n")
    assert one.citation == Citation(url=POST, title="Talk")


@pytest.mark.parametrize("quoted", ["So: {}", "{} and more", "{} {}", "{}\n>\n> More."])
def test_a_link_among_other_words_is_no_citation(quoted: str) -> None:
    link = f"[Talk]({POST})"
    assert quotation(f"He says:\n\n> {quoted.format(link, link)}\n").citation is None


@pytest.mark.parametrize(
    "lead_in",
    [
        f"[Ana Reyes reports:]({URL})",
        f"**[Ana Reyes]({URL}) reports:**",
        f"*[Ana Reyes]({URL}) reports:*",
        f"***[Ana Reyes]({URL})* reports:**",
        f"[*Ana Reyes* reports：]({URL})",
        "[Ana Reyes reports:][1]",
    ],
)
def test_a_lead_in_ends_with_a_colon_as_readers_see_it(lead_in: str) -> None:
    blocks = parse_document(
        f"---\ntitle: T\n---\n{lead_in}\n\n> Words.\n\nSo?\n\n[1]: {URL}\n"
    ).blocks
    assert blocks[0] == Quotation(text="Words.", citation=Citation(url=URL), lead_in=lead_in)


def test_a_colon_that_readers_do_not_see_leads_nowhere_in() -> None:
    blocks = parse_document("---\ntitle: T\n---\n[Ana](https://a.example/x:)\n\n> Words.").blocks
    assert isinstance(blocks[0], Commentary)
