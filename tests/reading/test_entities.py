"""Entity bombs are refused whole, whatever parser they were made for; honest entities are read."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from aggregator.errors import ReadError
from aggregator.model.poll import FailureKind
from aggregator.reading.document import read_document
from aggregator.reading.lenient import read_leniently
from aggregator.reading.parse import ParsedDocument, parse_document
from aggregator.reading.request import ReadFailure, ReadRequest

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
URL = "https://news.example/feed"


def rss(words: str, *entities: str) -> str:
    declared = "".join(f"<!ENTITY {entity}>\n" for entity in entities)
    return (
        f'<?xml version="1.0"?>\n<!DOCTYPE rss [\n{declared}]>\n'
        '<rss version="2.0"><channel><title>News</title><link>https://news.example/</link>'
        f"<item><guid>1</guid><title>One</title><description>{words}</description></item>"
        "</channel></rss>"
    )


def parse(body: bytes) -> ParsedDocument:
    return parse_document(body, url=URL, content_type="application/xml", now=NOW)


def doubled(levels: int) -> list[str]:
    """Return entities each of which stands for ten of the one before: a billion laughs."""
    chain = [f'e{level} "{f"&e{level - 1};" * 10}"' for level in range(1, levels)]
    return ['e0 "ha ha"', *chain]


BOMBS = {
    "a billion laughs": rss("&e9;", *doubled(10)),
    "declared and never used": rss("words", *doubled(10)),
    "four levels": rss("&e4;", *doubled(5)),
    "many levels": rss("&e300;", *doubled(400)),
    "of parameters": rss("words", '% a "xxxxxxxxxx"', *(
        f'% {name} "{f"%{before};" * 10}"' for before, name in zip("abcde", "bcdef", strict=True)
    )),
    "quadratic": rss("&a;" * 30_000, f'a "{"B" * 50_000}"'),
    "quadratic, a small one": rss("&a;" * 300, f"a '{'B' * 5_000}'"),
    "in attributes": rss('<a title="' + "&a;" * 300 + '"/>', f'a "{"B" * 5_000}"'),
    "a circle": rss("&a;", 'a "&b;"', 'b "&a;"'),
    "itself": rss("&a;", 'a "x&a;"'),
    "behind a tag in a text": rss("&e9;", 'x "<rss>]>"', *doubled(10)),
    "behind a comment": rss("&e9;", *doubled(10)).replace("<!E", "<!-- ]> \" ' -->\n<!E", 1),
    "behind an instruction": rss("&e9;", *doubled(10)).replace("<!E", "<?x ' ]> ?>\n<!E", 1),
    "in a broken head": rss("&e9;", *doubled(10)).replace("<!E", "'<!E", 1),
    "with an outside DTD": rss("&e9;", *doubled(10)).replace("rss [", "rss PUBLIC '-' 'b>' [", 1),
}  # fmt: skip


@pytest.mark.parametrize("name", BOMBS)
@pytest.mark.parametrize("form", ["lines", "one line", "utf-16", "utf-16-be", "utf-32"])
def test_a_bomb_is_refused_unread(name: str, form: str) -> None:
    text = BOMBS[name]
    if form == "one line":
        text = text.replace("[\n", "[").replace("\n<!ENTITY", "<!ENTITY")
    code = form if form.startswith("utf") else "utf-8"
    body = text.replace("?>", f' encoding="{code[:6]}"?>', 1).encode(code)
    begun = time.process_time()
    with pytest.raises(ReadError) as caught:
        parse(body)
    assert caught.value.kind is FailureKind.PARSER
    assert "entities" in str(caught.value)
    assert time.process_time() - begun < 0.5


def test_nothing_of_a_bomb_is_stored() -> None:
    body = BOMBS["quadratic"].encode()
    failure = read_document(ReadRequest(url=URL, body=body, content_type="text/xml", now=NOW))
    assert isinstance(failure, ReadFailure)
    assert failure.kind is FailureKind.PARSER
    assert failure.found == ()


def test_what_the_xml_parser_refuses_is_not_given_to_one_without_limits() -> None:
    body = rss("&a;" * 2_000, f'a "{"B" * 5_000}"').encode()
    with pytest.raises(ReadError, match="amplification") as caught:
        read_leniently(body, url=URL, content_type="application/xml; charset=utf-8")
    assert caught.value.kind is FailureKind.PARSER


def test_the_bombs_of_the_corpus_are_refused_in_a_feed_as_well(corpus: Path) -> None:
    for name, used in (("xmlbomb", "&d;"), ("quadratic", "&a;" * 300)):
        text = (corpus / "security" / "xml" / f"{name}.xml").read_text()
        doctype = text[text.index("<!DOCTYPE") : text.index("]>") + 2]
        feed = rss(used)
        body = doctype + feed[feed.index("]>") + 2 :]
        with pytest.raises(ReadError) as caught:
            parse(body.encode())
        assert caught.value.kind is FailureKind.PARSER


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (rss("&paper;", 'paper "The Courier"'), "The Courier"),
        (rss("caf&eacute;", 'eacute "&#233;"'), "café"),
        (rss("&a; " * 200, 'a "Anna"'), "Anna " * 200),
        (rss("a&nbsp;b", 'paper "The Courier"'), "a\xa0b"),
        (rss("words", 'paper "The Courier"', 'motto "&paper;: read"'), "words"),
        (rss("words", 'note SYSTEM "https://news.example/note.xml"'), "words"),
        (rss("words", '% lat1 PUBLIC "-//W3C//ENTITIES" "https://news.example/x.ent"'), "words"),
    ],
)
def test_honest_entities_are_read(text: str, said: str) -> None:
    [entry] = parse(text.encode()).entries
    assert (entry.content or entry.summary).strip() == said.strip()


def test_a_post_about_entity_bombs_is_none() -> None:
    bomb = BOMBS["a billion laughs"]
    for words in (
        f"<![CDATA[<pre>{bomb}</pre>]]>",
        bomb.replace("&", "&amp;").replace("<", "&lt;"),
    ):
        text = rss(words, 'paper "The Courier"').replace("One", "&paper;")
        [entry] = parse(text.encode()).entries
        assert "lt;!ENTITY" in entry.content or "ENTITY" in entry.content + entry.summary
