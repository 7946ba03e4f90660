"""Updates are added to what the author typed; every other byte stays."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.document import append_update, parse_document, parse_update, stamp_updates
from aggregator.errors import DocumentError
from aggregator.model.post import Citation, UpdateKind

AT = datetime(2026, 3, 31, 14, 5, tzinfo=UTC)
REACTION = "Joe says:\n\n> [Talk](https://j.example/t)\n"
CITES = "---\ncites:\n- {url: https://j.example/t, author: Joe Lane}\n---\n"
HEAD = '---\ntitle:  "T" # mine\n---\n'


def updated(document: str, text: str = REACTION) -> str:
    update, cites = parse_update(text, at=AT, kind=UpdateKind.UPDATE)
    return append_update(document, update, cites)


@pytest.mark.parametrize("end", ["", "\n", "\n\n", "\n \t\n"])
def test_an_update_stands_behind_what_was_typed(end: str) -> None:
    document = f"{HEAD}So  what?{end}"
    longer = updated(document)
    assert longer.startswith(document)
    assert longer.endswith(f"\n## Update 2026-03-31T14:05:00Z\n\n{REACTION}")
    assert [update.at for update in parse_document(longer).updates] == [AT]


def test_an_update_follows_the_line_ends_of_the_document() -> None:
    document = f"\ufeff{HEAD}Words".replace("\n", "\r\n")
    longer = updated(document, CITES + REACTION)
    assert longer.startswith(document.partition("\r\n---\r\n")[0])
    assert longer.count("\n") == longer.count("\r\n")
    assert parse_document(longer).cites == (Citation(url="https://j.example/t", author="Joe Lane"),)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", 'cites:\n  - {url: "https://j.example/t", author: "Joe Lane"}\n'),
        ("cites:\n", 'cites:\n  - {url: "https://j.example/t", author: "Joe Lane"}\n'),
        ("cites: []\n", 'cites: [{url: "https://j.example/t", author: "Joe Lane"}]\n'),
        (
            "cites: [ {url: https://a.example/} ] # one\ntags: [a]\n",
            'cites: [ {url: https://a.example/}, {url: "https://j.example/t", author: "Joe Lane"} '
            "] # one\ntags: [a]\n",
        ),
        (
            "cites:   # mine\n- url: https://a.example/  # first\n  author: A\n\ntags: [a]\n",
            "cites:   # mine\n- url: https://a.example/  # first\n  author: A\n"
            '- {url: "https://j.example/t", author: "Joe Lane"}\n\ntags: [a]\n',
        ),
    ],
)
def test_cites_join_the_front_matter_and_nothing_else_of_it_changes(
    before: str, after: str
) -> None:
    longer = updated(f"---\ntitle: T\n{before}---\nWords.\n", CITES + REACTION)
    assert longer.startswith(f"---\ntitle: T\n{after}---\nWords.\n")


def test_a_cite_that_is_there_already_is_not_added_again() -> None:
    document = "---\ntitle: T\ncites: [{url: https://j.example/t, author: Joe Lane}]\n---\nWords.\n"
    assert updated(document, CITES + REACTION).startswith(document)
    with pytest.raises(DocumentError, match="another author"):
        updated(document.replace("Joe", "Jim"), CITES + REACTION)


def test_front_matter_that_has_no_place_for_cites_is_left_alone() -> None:
    with pytest.raises(DocumentError, match="type them in") as caught:
        updated("---\n{title: T}\n---\nWords.\n", CITES + REACTION)
    assert caught.value.line == 1


def test_an_update_never_swallows_the_next_one() -> None:
    with pytest.raises(DocumentError, match="never closed"):
        updated("---\ntitle: T\n---\nWords.\n", "```\nopen")


def test_an_update_is_never_swallowed_by_code_that_stays_open() -> None:
    with pytest.raises(DocumentError, match="never closed") as caught:
        updated(f"{HEAD}```\ncode\n")
    assert caught.value.line == 5


def test_an_update_never_cites_what_the_post_calls_by_the_same_name() -> None:
    with pytest.raises(DocumentError, match="link name"):
        updated(
            f"{HEAD}Words.\n\n[1]: https://a.example/\n", "[J][1]:\n> w\n\n[1]: https://b.example/"
        )


def stamped(document: str, before: str = HEAD) -> str:
    return stamp_updates(document, AT, before=before)


def test_a_bare_heading_gets_the_time_and_every_other_byte_stays() -> None:
    typed = (
        "\ufeff---\r\ntitle: T\r\n---\r\n```\n## Update\n```\r\n ##\tUpdate  ##\r\n\r\na\r"
        "## Update on this\n\n## Correction\nb"
    )
    expected = typed.replace("Update  ##", "Update 2026-03-31T14:05:00Z  ##").replace(
        "## Correction", "## Correction 2026-03-31T14:05:00.001Z"
    )
    assert stamped(typed) == expected
    assert stamped(expected) == expected


def test_a_bare_heading_that_was_there_before_stays_one() -> None:
    before = f"{HEAD}Words\n\n## Reaction\n\nJoe says no.\n"
    assert stamped(before.replace("Joe", "Jim"), before) == before.replace("Joe", "Jim")
    assert stamped(before.replace("## Reaction", "##  reaction"), before).count("2026") == 0
    after = stamped(f"{before}\n## Reaction\n\nAna says yes.\n", before)
    assert after == f"{before}\n## Reaction 2026-03-31T14:05:00Z\n\nAna says yes.\n"
    first = before.replace("## Reaction", "## Reaction\n\nAna says yes.\n\n## Reaction")
    assert "## Reaction 2026-03-31T14:05:00Z\n\nAna" in stamped(first, before)
    other = stamped(f"{before}\n## Update\n\nMore.\n", before)
    assert other == f"{before}\n## Update 2026-03-31T14:05:00Z\n\nMore.\n"


def test_stamped_times_are_unlike_those_that_were_typed() -> None:
    typed = f"{HEAD}## Update 2026-03-31T14:05:00Z\na\n## Update\nb\n"
    times = [update.at for update in parse_document(stamped(typed)).updates]
    assert times == [AT, AT + timedelta(milliseconds=1)]


@settings(deadline=None, max_examples=150, derandomize=True)
@given(
    st.lists(st.sampled_from(["", "words", "> q", "Lead:", "```", "## Update", "- a", "    c"])),
    st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_stamping_and_updating_only_ever_add(lines: list[str], end: str) -> None:
    document = end.join(["---", "title: T", "---", *lines])
    timed = stamp_updates(document, AT - timedelta(days=1), before=HEAD)
    assert stamped(timed) == timed
    assert re.sub(r" 2026-03-30T14:05:00[.\d]*Z", "", timed) == document
    try:
        longer = updated(timed)
    except DocumentError:
        return
    assert longer.startswith(timed)


def test_an_update_never_turns_words_of_the_post_into_a_citation() -> None:
    with pytest.raises(DocumentError, match="link name"):
        updated(f"{HEAD}[J] says:\n\n> w\n", "Words.\n\n[J]: https://b.example/")


@pytest.mark.parametrize("key", ["title", "tags", "slug"])
def test_what_belongs_to_the_post_is_not_an_updates(key: str) -> None:
    text = f"---\n{key}: More\n---\nJoe Lane answers.\n"
    with pytest.raises(DocumentError, match=f"`{key}` is the post's") as caught:
        parse_update(text, at=AT, kind=UpdateKind.UPDATE)
    assert caught.value.line == 2
    with pytest.raises(DocumentError, match="did you mean `cites`"):
        parse_update(text.replace(key, "cite"), at=AT, kind=UpdateKind.UPDATE)
