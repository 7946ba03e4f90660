"""Web pages are told from feeds by what they are, not by what they speak of."""

from __future__ import annotations

import gzip
import time
from datetime import UTC, datetime

import pytest

from aggregator.model.poll import FailureKind
from aggregator.reading.document import read_document
from aggregator.reading.pages import holds_a_feed, looks_like_page
from aggregator.reading.request import ReadFailure, ReadRequest, ReadResult

NOW = datetime(2026, 11, 23, tzinfo=UTC)
URL = "https://blog.example/"
LINK = "<link rel='alternate' type='application/atom+xml' href='/atom.xml'>"
HEAD = f"<!DOCTYPE html><html><head><title>My blog</title>{LINK}"
LICENCE = (
    '<rdf:RDF xmlns="http://web.resource.org/cc/" '
    'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><Work rdf:about="">'
    '<license rdf:resource="https://cc.example/by/2.0/" /></Work></rdf:RDF>'
)
FEED = "<rss version='2.0'><channel><title>A</title>{}</channel></rss>"
ITEM = "<item><guid>1</guid><title>Story</title></item>"


def read(body: bytes) -> ReadResult | ReadFailure:
    return read_document(ReadRequest(url=URL, body=body, content_type="text/html", now=NOW))


@pytest.mark.parametrize(
    "page",
    [
        f"{HEAD}</head><body><p>Hi<br></body></html>",
        f"<?xml version='1.0'?>\n{HEAD}</head><body><p>Hi</p></body></html>",
        f"{HEAD}</head><body><p>Hi<br><!-- {LICENCE} --></body></html>",
        f"{HEAD}</head><body><p>Hi<br>{LICENCE}</body></html>",
        f"{HEAD}<script>document.write('<rss version=2.0>')</script><body><p>Hi<br>",
        f"{HEAD}<script>x = '{FEED.format(ITEM)}'</script><body><p>Hi<br>",
        f"{HEAD}<style>/* <feed> */</style><body><textarea><rss></textarea>",
        f"<!doctype html><title>My blog</title>{LINK}<p>Hi",
        f"<title>My blog</title>{LINK}<p>Hi",
        f"  \n<!-- {'x' * 70_000} -->{HEAD}<body>",
        f"<!-- <rss version='2.0'> -->{HEAD}<body>",
        f"<?php /* <rss> */ ?>{HEAD}<body>",
        f"{HEAD}<body>{FEED.format('')}</body></html>",
        f"<HTML><HEAD>{LINK}</HEAD>",
    ],
)
def test_a_page_that_speaks_of_feeds_is_a_page_and_names_its_own(page: str) -> None:
    for body in (page.encode(), gzip.compress(page.encode()), page.encode("utf-16")):
        result = read(body)
        assert isinstance(result, ReadFailure)
        assert result.kind is FailureKind.NOT_A_FEED
        assert [one.url for one in result.found] == ["https://blog.example/atom.xml"]


@pytest.mark.parametrize(
    "document",
    [
        FEED.format(ITEM),
        f"<!DOCTYPE html>{FEED.format(ITEM)}",
        f"<!-- <html> -->{FEED.format(ITEM)}",
        FEED.format("<description><![CDATA[<html><body>]]></description>" + ITEM + "&"),
        f"{HEAD}<body>{FEED.format(ITEM)}</body></html>",
        f"<br />\n<b>Warning</b>: line 7<br />\n{FEED.format(ITEM)}",
    ],
)
def test_a_feed_that_speaks_of_pages_or_stands_in_one_is_a_feed(document: str) -> None:
    result = read(document.encode())
    assert isinstance(result, ReadResult)
    assert [one.entry.title for one in result.changes] == ["Story"]


def test_json_that_holds_html_is_no_page() -> None:
    result = read(b'{"content": "<p>Hi</p>"}')
    assert isinstance(result, ReadFailure)
    assert result.message == "JSON, but no JSON Feed"


@pytest.mark.parametrize("body", [b"", b"hello", b"<", b"<!", b"<!--", b"<!-- <html>", b"1 < 2"])
def test_what_has_no_element_is_no_page(body: bytes) -> None:
    assert not looks_like_page(body)


@pytest.mark.parametrize("piece", [b"<!", b"<!-- ", b"< ", b"<?", b"<script ", b"<!--><script>"])
def test_looking_is_linear_in_the_length(piece: bytes) -> None:
    body = piece * (1_000_000 // len(piece))
    before = time.process_time()
    looks_like_page(body)
    holds_a_feed(body)
    assert time.process_time() - before < 1
