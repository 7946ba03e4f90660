"""Documents within an Atom entry (RFC 4287 §4.1.3): whatever the XML is, its words are kept."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from aggregator.model.feed import Entry
from aggregator.reading.document import read_document
from aggregator.reading.request import ReadRequest, ReadResult

NOW = datetime(2026, 11, 25, tzinfo=UTC)
ENTRY = "<{p}entry><{p}id>urn:1</{p}id><{p}title>T</{p}title>{content}</{p}entry>"
WITHIN = {
    "no namespace": "<x>raw <y a='1'>words</y></x>",
    "a namespace": "<x xmlns='urn:q'>raw <y>words</y></x>",
    "a prefix": "<q:x xmlns:q='urn:q'>raw <q:y>words</q:y></q:x>",
    "a picture": "<svg xmlns='http://www.w3.org/2000/svg'><text>raw words</text></svg>",
    "escaped": "&lt;x>raw words&lt;/x>",
    "an entry": "<entry xmlns='http://www.w3.org/2005/Atom'><title>raw words</title>"
    "<id>urn:2</id><link href='/b'/><content>more</content><summary>most</summary></entry>",
    "a page": "<html xmlns='http://www.w3.org/1999/xhtml'><head><title>raw words</title></head>"
    "<body><p>more</p></body></html>",
    "a script": "<x>raw words<script>alert(1)</script></x>",
}
TYPES = ("application/xml", "text/xml", "image/svg+xml", "application/atom+xml")


def only_entry(content: str, *, prefix: str = "", after: str = "") -> Entry:
    colon = f"{prefix}:" if prefix else ""
    name = f"xmlns:{prefix}" if prefix else "xmlns"
    entry = ENTRY.format(p=colon, content=content)
    root = f"<{colon}feed {name}='http://www.w3.org/2005/Atom'>"
    document = f"{root}<{colon}title>F</{colon}title>{entry}{after}</{colon}feed>"
    result = read_document(
        ReadRequest(
            url="https://news.example/feed",
            body=document.encode(),
            content_type="application/atom+xml",
            now=NOW,
        )
    )
    assert isinstance(result, ReadResult)
    (change,) = result.changes
    return change.entry


@pytest.mark.parametrize("after", ["", "<z:b/>"], ids=["well-formed", "an unknown prefix"])
@pytest.mark.parametrize("prefix", ["", "a"])
@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("within", WITHIN)
def test_the_words_of_xml_content_are_kept_and_harmless(
    within: str, kind: str, prefix: str, after: str
) -> None:
    name = f"{prefix}:content" if prefix else "content"
    content = f"<{name} type='{kind}'>{WITHIN[within]}</{name}>"
    entry = only_entry(content, prefix=prefix, after=after)
    assert "raw words" in entry.content
    assert entry.title == "T"
    assert "alert" not in entry.content
