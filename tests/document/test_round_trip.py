"""Document → post → document loses nothing, whatever somebody types."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.demo.posts import post_text
from aggregator.document import (
    comments,
    markup_shown,
    near_misses,
    parse_document,
    stamp_updates,
    write_document,
)
from aggregator.errors import DocumentError
from aggregator.model.post import (
    Citation,
    Commentary,
    Post,
    Quotation,
    Takeaways,
    TakeawaysStyle,
    Update,
    UpdateKind,
)

EXAMPLES = settings(deadline=None, max_examples=250, derandomize=True)

# What Markdown gives a meaning to, next to what it does not, in any order.
BEGINNINGS = [
    "", "", "", "", " ", "   ", "    ", "     ", "\t", " \t", "> ", ">", ">\t", " > ", "> > ",
    ">     ", "- ", "1. ", "1.", "2) ", "10. ", "1.\t", "1.      ", "   ", "# ", "## ", "```",
    "~~~", "    - ", "::: takeaways", "::: takeaways prose", ":::: takeaways list", ":::",
    "   :::", "::::", "## Update 2026-03-31T14:05:00Z", "## Correction 2026-03-31T16:05:01+02:00",
    "[1]: https://a.example/", "---", "===", "> — ", "— ", "> -- ", "> ::: takeaways",
    "> [2]: <https://b.example/ä>", "\xa0", "\x0b",
]  # fmt: skip
WORDS = [
    "", "", "words", "reports:", "Words end：", "[Ana](https://a.example/vote) reports:",
    "[Joe][1] says:", "[Title *of* it](https://a.example/t)", "[t][2]",
    "— [Ana](https://a.example/x)", "`code`", "\\", "|", "<https://a.example/auto>", "trailing  ",
    "tab\t", "1. one", ":::", "> inner", "# not", "\x85x", "é\u2028",
]  # fmt: skip
LINES = st.lists(
    st.builds("".join, st.tuples(st.sampled_from(BEGINNINGS), st.sampled_from(WORDS))), max_size=14
)
ENDS = st.sampled_from(["\n", "\r\n", "\r"])


def accepted(document: str) -> Post | None:
    try:
        return parse_document(document)
    except DocumentError as error:
        line = error.line
    assert line is not None
    assert 1 <= line <= len(document.splitlines()) + 1
    return None


def holds(document: str) -> None:
    post = accepted(document)
    if post is None:
        return
    written = write_document(post)
    assert parse_document(written) == post
    assert write_document(parse_document(written)) == written


@EXAMPLES
@given(LINES, ENDS)
def test_whatever_lines_are_typed_mean_the_same_once_written_again(
    lines: list[str], end: str
) -> None:
    holds(end.join(["---", "title: T", "---", *lines]))


@EXAMPLES
@given(st.lists(LINES, min_size=1, max_size=3), st.sampled_from(["", " prose", " List"]), ENDS)
def test_whatever_stands_in_takeaways_means_the_same_once_written_again(
    items: list[list[str]], style: str, end: str
) -> None:
    inside = [
        f"{number}. {line}" if index == 0 else f"   {line}"
        for number, item in enumerate(items, 9)
        for index, line in enumerate(item)
    ]
    lines = ["---", "title: T", "---", f"::::: takeaways{style}", "Three.", "", *inside, ":::::"]
    holds(end.join(lines))


@EXAMPLES
@given(LINES, ENDS)
def test_whatever_is_quoted_means_the_same_once_written_again(lines: list[str], end: str) -> None:
    quote = [f"> {line}" for line in lines]
    holds(end.join(["---", "title: T", "---", "[A](https://a.example/) says:", *quote, "", "So."]))


def lines_of(document: str) -> list[str]:
    return document.replace("\r\n", "\n").replace("\r", "\n").split("\n")


SCALARS = st.text(max_size=30)


@EXAMPLES
@given(st.text(max_size=200), SCALARS)
def test_no_text_at_all_breaks_the_parser(text: str, title: str) -> None:
    for document in (text, f"---\n{text}\n---\n", f"---\ntitle: {title}\n---\n{text}"):
        accepted(document)
        with contextlib.suppress(DocumentError):
            stamp_updates(document, datetime(2026, 3, 31, tzinfo=UTC), before="")
        for doubts in (near_misses, comments, markup_shown):
            with contextlib.suppress(DocumentError):
                assert all(1 <= doubt.line <= len(lines_of(document)) for doubt in doubts(document))


# Posts as a person would write them, in normal form: no blank at the edges, one line each.

PLAIN = st.text("abcXYZéßяश中🙂.,;?'\"“”…/()%$@^{}", min_size=1, max_size=12)
SENTENCE = st.lists(PLAIN, min_size=1, max_size=5).map(" ".join)
TIMES = st.datetimes(timezones=st.just(UTC), min_value=datetime(1900, 1, 1))  # noqa: DTZ001


@st.composite
def citations(draw: st.DrawFn) -> tuple[Citation, ...]:
    urls = ["https://a.example/", "https://b.example/x?y=1&z=2", "https://c.example/%C3%A9"]
    words = st.none() | SENTENCE
    return tuple(
        Citation(
            url=url,
            title=draw(words),
            author=draw(words),
            outlet=draw(words),
            published=draw(st.none() | TIMES),
            via=draw(st.none() | st.just("https://v.example/")),
            entry=draw(st.none() | st.integers(1, 2**63 - 1)),
        )
        for url in draw(st.lists(st.sampled_from(urls), unique=True))
    )


@st.composite
def blocks(draw: st.DrawFn, cites: tuple[Citation, ...]) -> tuple[object, ...]:
    made: list[object] = []
    for kind in draw(st.lists(st.sampled_from("cqt"), min_size=1, max_size=4)):
        if kind == "c" and not (made and isinstance(made[-1], Commentary)):
            paragraphs = st.lists(SENTENCE.map(lambda text: text + "."), min_size=1, max_size=3)
            made.append(Commentary(markdown="\n\n".join(draw(paragraphs))))
        elif kind == "q":
            cite = draw(st.none() | st.sampled_from(cites)) if cites else None
            made.append(
                Quotation(
                    text="\n\n".join(draw(st.lists(SENTENCE, min_size=1, max_size=3))),
                    citation=cite,
                    lead_in=f"[{draw(SENTENCE)}]({cite.url}) reports:" if cite else None,
                    credit=draw(st.none() | st.just(f"[Name]({cite.url})")) if cite else None,
                )
            )
        elif kind == "t":
            made.append(
                Takeaways(
                    items=tuple(draw(st.lists(SENTENCE, min_size=1, max_size=12))),
                    intro=draw(st.none() | SENTENCE),
                    style=draw(st.sampled_from(TakeawaysStyle)),
                )
            )
    return tuple(made) or (Commentary(markdown="Words."),)


@st.composite
def posts(draw: st.DrawFn) -> Post:
    cites = draw(citations())
    times = sorted(draw(st.lists(TIMES, unique=True, max_size=3)))
    return Post(
        title=draw(SENTENCE),
        slug=draw(st.none() | st.from_regex(r"[a-z0-9]{1,9}(-[a-z0-9]{1,9}){0,3}", fullmatch=True)),
        language=draw(st.none() | st.sampled_from(["en", "de-AT", "zh-Hant-TW"])),
        author=draw(st.none() | SENTENCE),
        tags=tuple(draw(st.lists(SENTENCE, unique=True, max_size=3))),
        published=draw(st.none() | TIMES),
        cites=cites,
        blocks=draw(blocks(cites)),  # type: ignore[arg-type]
        updates=tuple(
            Update(at=at, kind=draw(st.sampled_from(UpdateKind)), blocks=draw(blocks(cites)))  # type: ignore[arg-type]
            for at in times
        ),
    )


@settings(EXAMPLES, max_examples=100)
@given(posts())
def test_a_post_comes_back_from_its_document(post: Post) -> None:
    assert parse_document(write_document(post)) == post


def test_the_demo_post_comes_back() -> None:
    holds(post_text())
