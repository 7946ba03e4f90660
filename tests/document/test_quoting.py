"""Words selected in a source, put where the author writes."""

from __future__ import annotations

import pytest

from aggregator.document import Cited, cited_link, parse_document, place_quotation
from aggregator.errors import DocumentError
from aggregator.model.post import Citation, Quotation

URL = "https://news.example/vote"
CITE = Citation(url=URL, author="Ana Reyes", outlet="The Courier")
ANA = Cited(who="Ana Reyes", title="Council delays vote", cite=CITE)
START = '---\ntitle: "Blinked"\n---\n'


def quoted(document: str, words: str, at: int | None = None, cited: Cited = ANA, **more: str):
    place = len(document) if at is None else at
    return place_quotation(document, place, words, cited, **({"verb": "reports"} | more))


def quotations(document: str) -> list[Quotation]:
    return [one for one in parse_document(document).blocks if isinstance(one, Quotation)]


def test_words_get_a_lead_in_a_citation_and_its_details():
    [one] = quotations(quoted(START, "It put off  its vote.\n\nThen it left.").document)
    assert one.text == "It put off its vote.\n\nThen it left."
    assert one.lead_in == f"[Ana Reyes]({URL}) reports:"
    assert one.citation == CITE


def test_a_second_passage_is_stitched_where_writing_goes_on():
    first = quoted(START, "It put off its vote.")
    second = quoted(first.document, "“More time,” said the mayor.", first.at)
    [one] = quotations(second.document)
    assert one.text == "It put off its vote. … “More time,” said the mayor."
    third = quoted(second.document, "Nobody asked.", second.at)
    assert quotations(third.document)[0].text.endswith("mayor. … Nobody asked.")
    assert parse_document(third.document).cites == (CITE,)


def test_behind_other_words_a_passage_of_the_same_source_stands_alone():
    first = quoted(START, "It put off its vote.")
    document = first.document[: first.at] + "So what?\n"
    both = quotations(quoted(document, "Nobody asked.").document)
    assert [one.text for one in both] == ["It put off its vote.", "Nobody asked."]


def test_another_source_is_never_stitched_to_the_one_before():
    first = quoted(START, "It put off its vote.")
    other = cited_link("https://other.example/b", "Talk")
    assert other
    both = quotations(quoted(first.document, "Hands.", first.at, other).document)
    assert [one.citation and one.citation.url for one in both] == [URL, other.cite.url]


def test_the_draft_s_own_excerpt_makes_way_for_what_is_selected():
    drafted = quoted(START, "The first words of it, and many more …").document
    at = len(drafted)
    [one] = quotations(quoted(drafted, "Only these.", at, drafted=drafted).document)
    assert one.text == "Only these."
    mine = drafted.replace("many more", "a few")
    [one] = quotations(quoted(mine, "Only these.", len(mine), drafted=drafted).document)
    assert one.text == "The first words of it, and a few … Only these."


def test_a_lead_in_that_is_typed_is_kept_and_the_source_named_below():
    document = START + "She has this to say:\n\n"
    [one] = quotations(quoted(document, "Nothing.").document)
    assert one.lead_in == "She has this to say:"
    assert one.citation == CITE
    linked = START + f"As [Ana]({URL}) says:\n"
    [one] = quotations(quoted(linked, "Nothing.").document)
    assert (one.lead_in, one.credit) == (f"As [Ana]({URL}) says:", None)


def test_a_quotation_never_cuts_a_paragraph_nor_takeaways_nor_loses_a_word():
    body = "One\ntwo.\n\n::: takeaways\n1. a\n2. b\n:::\n\nThree.\n"
    for at in range(len(START), len(START + body) + 1):
        document = quoted(START + body, "Said.", at).document
        post = parse_document(document)
        assert len(quotations(document)) == 1
        for block in parse_document(START + body).blocks:
            assert all(word in document for word in ("One\ntwo.", "1. a\n2. b\n:::", "Three."))
            assert block in post.blocks or "markdown" in repr(block)


def test_a_closing_credit_stays_last_when_a_passage_is_stitched():
    german = Cited(who="Ana", title="Rat", cite=CITE, english=False)
    first = quoted(START, "Erstens.", cited=german)
    second = quoted(first.document, "Zweitens.", first.at, german)
    [one] = quotations(second.document)
    assert (one.text, one.credit) == ("Erstens. … Zweitens.", f"<{URL}>")


def test_an_update_gets_front_matter_for_its_citation():
    placed = quoted("A reaction.\n", "Talk to the hand.")
    assert placed.document.startswith(f'---\ncites:\n  - {{url: "{URL}"')
    assert placed.document.index("A reaction.") < placed.document.index("> Talk")


@pytest.mark.parametrize("words", ["", " \n ", "\u202e"])
def test_without_words_nothing_is_quoted(words: str):
    with pytest.raises(DocumentError, match="select some"):
        quoted(START, words)


def test_markdown_in_the_source_is_quoted_as_the_words_it_was():
    [one] = quotations(quoted(START, "# Not *a* heading\n> nor [a](b) link").document)
    assert one.text == "\\# Not \\*a\\* heading\n\n\\> nor \\[a\\](b) link"
