"""The public site over HTTP: the right bytes with the right words, and nothing from outside."""

from __future__ import annotations

import gzip
import os
import threading
import time
from collections.abc import Iterable, Iterator
from email.utils import formatdate
from pathlib import Path
from typing import Any

import brotli  # type: ignore[import-untyped]
import pytest
from web.asking import Answer, ask

from aggregator.errors import StorageError
from aggregator.publishing.writer import write_site
from aggregator.services.syndication import is_published
from aggregator.web.files import PublishedFiles
from aggregator.web.front import with_files
from aggregator.web.server import WebServer
from aggregator.web.shelf import LARGE

FEED = b"<feed xmlns='http://www.w3.org/2005/Atom'>" + b"<entry>words</entry>" * 100 + b"</feed>"
PAGE = b"<!doctype html>" + b"<p>Words of the page.</p>" * 50
FILES = {
    "index.html": PAGE,
    "404.html": b"<!doctype html><p>Not here. Try the archive.</p>" * 10,
    "feed.atom": FEED,
    "feed.rss": b"<rss/>" * 100,
    "feed.json": b'{"version": "https://jsonfeed.org/version/1.1", "title": "T"}',
    "search.json": b'{"entries": []}',
    "blogroll.opml": b"<opml/>" * 100,
    "sitemap.xml": b"<urlset/>" * 100,
    "style.css": b"p { margin: 0 }" * 100,
    "tags/größe/index.html": PAGE,
    "2026/03/a/index.html": PAGE,
    "picture.png": b"\x89PNG" + bytes(5000),
    "odd.bin": b"x" * 5000,
}
TOKEN = "/websub/" + "t" * 43


def behind(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    start_response("202 Accepted", [("Content-Length", "6")])
    return [b"behind"]


def is_callback(path: str) -> bool:
    if path == "/trouble":
        raise StorageError("the disk is full")
    return path == TOKEN


class Site:
    """A published folder and a server of it."""

    def __init__(self, folder: Path, base_url: str = "https://blog.example/") -> None:
        self.root, self.base_url = folder / "public", base_url
        files = PublishedFiles(lambda: (self.root, self.base_url), is_published=is_published)
        self.server = WebServer(
            with_files(files, behind, is_callback=is_callback), ("127.0.0.1", 0)
        )
        self.server.start()

    def get(self, target: str, *headers: str, method: str = "GET", body: bytes = b"") -> Answer:
        return ask(self.server, target, *headers, method=method, body=body)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    made = Site(tmp_path)
    write_site(FILES, made.root)
    yield made
    made.server.close()


def test_a_page_is_sent_whole_with_what_guards_its_reader(site: Site) -> None:
    answer = site.get("/")
    assert (answer.status, answer.body) == (200, PAGE)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-length"] == str(len(PAGE))
    assert answer.headers["cache-control"] == "public, no-cache"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["referrer-policy"] == "strict-origin-when-cross-origin"
    assert "server" not in answer.headers
    assert not any("evil.example" in value for value in answer.headers.values())


@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        ("feed.atom", "application/atom+xml; charset=utf-8"),
        ("feed.rss", "application/rss+xml; charset=utf-8"),
        ("feed.json", "application/feed+json"),
        ("search.json", "application/json"),
        ("blogroll.opml", "text/x-opml; charset=utf-8"),
        ("sitemap.xml", "application/xml"),
        ("style.css", "text/css; charset=utf-8"),
        ("picture.png", "image/png"),
        ("odd.bin", "application/octet-stream"),
    ],
)
def test_everything_is_called_what_it_is(site: Site, path: str, content_type: str) -> None:
    answer = site.get(f"/{path}")
    assert (answer.status, answer.body) == (200, FILES[path])
    assert answer.headers["content-type"] == content_type


def test_a_head_says_what_a_get_would_and_sends_nothing(site: Site) -> None:
    for path in ("/", "/feed.atom", "/nothing", "/tags/gr%C3%B6%C3%9Fe"):
        get, head = site.get(path), site.get(path, method="HEAD")
        assert (head.status, head.body) == (get.status, b"")
        assert {**head.headers, "date": ""} == {**get.headers, "date": ""}


def test_what_a_client_has_is_not_sent_again(site: Site) -> None:
    first = site.get("/feed.atom")
    etag, modified = first.headers["etag"], first.headers["last-modified"]
    assert etag.startswith('"')  # strong: these very bytes
    for headers in (
        [f"If-None-Match: {etag}"],
        [f'If-None-Match: "x", W/{etag}'],
        ["If-None-Match: *"],
        [f"If-Modified-Since: {modified}"],
        [f"If-None-Match: {etag}", "If-Modified-Since: Thu, 01 Jan 1970 00:00:00 GMT"],
    ):
        answer = site.get("/feed.atom", *headers)
        assert (answer.status, answer.body) == (304, b""), headers
        assert answer.headers["etag"] == etag
        assert answer.headers["cache-control"] == "public, no-cache"
        assert answer.headers["vary"] == "Accept-Encoding"
        assert "content-type" not in answer.headers


def test_what_a_client_has_not_is_sent(site: Site) -> None:
    for headers in (
        ['If-None-Match: "other"'],
        ["If-None-Match:"],
        # RFC 9110 §13.1.3: with If-None-Match there, the date is not looked at.
        ['If-None-Match: "other"', f"If-Modified-Since: {formatdate(usegmt=True)}"],
        ["If-Modified-Since: Thu, 01 Jan 1970 00:00:00 GMT"],
        ["If-Modified-Since: yesterday"],
        ["If-Modified-Since: Fri, 99 Foo 99999 99:99:99 GMT"],
    ):
        assert site.get("/feed.atom", *headers).status == 200, headers


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip", "gzip"),
        ("br", "br"),
        ("gzip, deflate, br, zstd", "br"),
        ("gzip;q=1.0, br;q=0.5", "gzip"),
        ("br;q=0, *", "gzip"),
        ("*", "br"),
        ("gzip;q=0", None),
        ("identity, gzip;q=0.5", None),
        ("zstd", None),
        ("x" * 5000, None),
        ("identity;q=0", None),
    ],
)
def test_it_is_compressed_as_the_client_likes_it(
    site: Site, accepted: str, coding: str | None
) -> None:
    unpack = {"gzip": gzip.decompress, "br": brotli.decompress, None: bytes}
    for path in ("/feed.atom", "/style.css", "/"):
        answer = site.get(path, f"Accept-Encoding: {accepted}")
        assert answer.headers.get("content-encoding") == coding
        assert answer.headers["vary"] == "Accept-Encoding"
        assert unpack[coding](answer.body) == FILES[path[1:] or "index.html"]
        assert answer.headers["content-length"] == str(len(answer.body))
        assert (len(answer.body) < len(FILES[path[1:] or "index.html"])) == bool(coding)


def test_each_form_has_a_tag_of_its_own(site: Site) -> None:
    forms = ("identity", "gzip", "br")
    tags = {
        form: site.get("/feed.atom", f"Accept-Encoding: {form}").headers["etag"] for form in forms
    }
    assert len(set(tags.values())) == 3
    for asked in forms:
        for held, tag in tags.items():
            headers = (f"Accept-Encoding: {asked}", f"If-None-Match: {tag}")
            assert site.get("/feed.atom", *headers).status == (304 if held == asked else 200)


def test_what_does_not_get_smaller_is_sent_as_it_is(site: Site) -> None:
    for path in ("/picture.png", "/odd.bin", "/search.json"):
        answer = site.get(path, "Accept-Encoding: gzip, br")
        assert "content-encoding" not in answer.headers
    assert "vary" not in site.get("/picture.png").headers


def test_a_changed_file_is_seen_at_once_and_an_unchanged_one_keeps_its_tag(site: Site) -> None:
    before, other = site.get("/feed.atom"), site.get("/feed.rss")
    changed = FEED.replace(b"words", b"WORDS")  # as long as before
    write_site({**FILES, "feed.atom": changed}, site.root)
    after = site.get(
        "/feed.atom",
        f"If-None-Match: {before.headers['etag']}",
        f"If-Modified-Since: {before.headers['last-modified']}",
    )
    assert (after.status, after.body) == (200, changed)
    assert after.headers["etag"] != before.headers["etag"]
    assert site.get("/feed.rss").headers == {**other.headers, "date": site.get("/").headers["date"]}
    write_site(FILES, site.root)
    assert site.get("/feed.atom").headers["etag"] == before.headers["etag"]


def test_what_is_no_longer_published_is_not_found(site: Site) -> None:
    etag = site.get("/feed.rss").headers["etag"]
    write_site({path: FILES[path] for path in FILES if path != "feed.rss"}, site.root)
    assert site.get("/feed.rss", f"If-None-Match: {etag}").status == 404


def test_a_change_within_one_second_is_told_to_those_who_go_by_dates(site: Site) -> None:
    wait_for_a_new_second()
    for n in range(3):
        write_site({**FILES, "feed.atom": b"%d" % n}, site.root)
        answer = site.get("/feed.atom")
        assert answer.body == b"%d" % n
        if modified := answer.headers.get("last-modified"):
            write_site({**FILES, "feed.atom": b"later %d" % n}, site.root)
            later = site.get("/feed.atom", f"If-Modified-Since: {modified}")
            assert (later.status, later.body) == (200, b"later %d" % n)


def wait_for_a_new_second() -> None:
    time.sleep(1 - time.time() % 1)


def test_a_time_that_lies_ahead_is_not_told(site: Site) -> None:
    os.utime(site.root / "feed.atom", (4e9, 4e9))
    answer = site.get("/feed.atom", "If-Modified-Since: Fri, 01 Jan 2100 00:00:00 GMT")
    assert answer.status == 200
    assert "last-modified" not in answer.headers
    etag = answer.headers["etag"]
    assert site.get("/feed.atom", f"If-None-Match: {etag}").status == 304


def test_a_folder_is_led_to_its_slash_and_nowhere_else(site: Site) -> None:
    (site.root / "tags/a:b").mkdir()
    (site.root / "tags/a:b/index.html").write_bytes(PAGE)
    for target, location in {
        "/2026/03/a": "./a/",
        "/2026/03/a?page=2&q=%C3%A4": "./a/?page=2&q=%C3%A4",
        "/tags/gr%C3%B6%C3%9Fe": "./gr%C3%B6%C3%9Fe/",
        "/tags/a:b": "./a%3Ab/",  # no scheme
        '/2026/03/a?"><script>': "./a/",
    }.items():
        answer = site.get(target)
        assert (answer.status, answer.headers["location"]) == (301, location)
        assert b"script" not in answer.body
    assert site.get("/tags/gr%C3%B6%C3%9Fe/").body == PAGE
    for target in ("/2026/03", "/2026/", "//2026/03/a", "//evil.example/..", "/feed.atom/"):
        assert site.get(target).status == 404


def test_a_missing_page_says_so_in_the_sites_own_words(site: Site) -> None:
    answer = site.get("/nothing", "Accept-Encoding: gzip", 'If-None-Match: "x"')
    assert (answer.status, answer.body) == (404, FILES["404.html"])
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "etag" not in answer.headers
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    (site.root / "404.html").unlink()
    assert site.get("/nothing").body == b"Not Found\n"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "FOO"])
def test_the_site_is_read_only(site: Site, method: str) -> None:
    before = (site.root / "feed.atom").stat()
    for path in ("/feed.atom", "/", "/nothing"):
        answer = site.get(path, method=method, body=b"x=1")
        assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD")
        assert b"evil.example" not in answer.body
    assert (site.root / "feed.atom").stat() == before


@pytest.mark.parametrize(
    "target",
    [
        "/../secret",
        "/../secret/",
        "/tags/../../secret",
        "/%2e%2e/secret",
        "/..%2fsecret",
        "/%2e%2e%2fsecret",
        "/..%5csecret",
        "/..\\secret",
        "/tags%2fgr%C3%B6%C3%9Fe/",
        "/tags%5Cgr%C3%B6%C3%9Fe/",
        "/./feed.atom",
        "/tags/./../feed.atom",
        "//feed.atom",
        "///etc/passwd",
        "/feed.atom%00",
        "/%00/../secret",
        "/feed.atom%00.html",
        "/.aggregator-manifest.json",
        "/.hidden",
        "/.git/config",
        "/tags/.hidden/",
        "/.feed.atom.1.aggregator-tmp",
        "/link-out",
        "/link-out/",
        "/folder-out/secret",
        "/link-in",
        "/link-loop",
        "/pipe",
        "/%ff%fe",
        "/%C3",
        "/" + "a" * 300,
        "/" + "a/" * 400,
        "/" + "a" * 100_000,
        "/" + "%41" * 5000,
        "/\x1b[2J",
        "/<script>alert(1)</script>",
        "/feed.atom%20",
        "/feed.atom/../../secret",
        "/feed.atom/index.html",
    ],
)
def test_nothing_but_the_site_is_shown(site: Site, tmp_path: Path, target: str) -> None:
    (tmp_path / "secret").write_text("SECRET")
    (tmp_path / "index.html").write_text("SECRET")
    (site.root / ".git").mkdir()
    for name in (".hidden", ".git/config", ".feed.atom.1.aggregator-tmp"):
        (site.root / name).write_text("SECRET")
    (site.root / "tags/.hidden").mkdir()
    (site.root / "tags/.hidden/index.html").write_text("SECRET")
    (site.root / "link-out").symlink_to(tmp_path / "secret")
    (site.root / "folder-out").symlink_to(tmp_path)
    (site.root / "link-in").symlink_to("feed.atom")
    (site.root / "link-loop").symlink_to("link-loop")
    os.mkfifo(site.root / "pipe")
    answer = site.get(target)
    assert answer.status in {400, 404}
    assert b"SECRET" not in answer.body
    assert str(tmp_path).encode() not in answer.body
    assert b"<script>" not in answer.body


def test_a_folder_that_becomes_a_link_is_followed_no_more(site: Site, tmp_path: Path) -> None:
    assert site.get("/2026/03/a/").status == 200
    outside = tmp_path / "outside" / "a"
    outside.mkdir(parents=True)
    (outside / "index.html").write_text("SECRET")
    (site.root / "2026/03").rename(tmp_path / "before")
    (site.root / "2026/03").symlink_to(tmp_path / "outside")
    assert site.get("/2026/03/a/").status == 404


def test_a_whole_site_behind_a_link_and_well_known_files_are_shown(
    site: Site, tmp_path: Path
) -> None:
    (site.root / ".well-known").mkdir()
    (site.root / ".well-known/security.txt").write_text("Contact: a")
    site.root.rename(tmp_path / "release-7")
    site.root.symlink_to("release-7")
    assert site.get("/feed.atom").body == FEED
    assert site.get("/.well-known/security.txt").body == b"Contact: a"
    assert site.get("/.well-known/.hidden").status == 404
    write_site({**FILES, "feed.atom": b"another"}, tmp_path / "release-8")
    (site.root.with_name("next")).symlink_to("release-8")
    site.root.with_name("next").replace(site.root)
    assert site.get("/feed.atom").body == b"another"


def test_a_proxy_may_pass_on_the_path_of_the_address_or_not(site: Site) -> None:
    site.base_url = "https://example.org/my%20blog/"
    assert site.get("/my%20blog/feed.atom").body == FEED
    assert site.get("/my%20blog/").body == PAGE
    assert site.get("/feed.atom").body == FEED
    assert site.get("/my%20blog").headers["location"] == "./my%20blog/"
    assert site.get("/my%20blog/2026/03/a").headers["location"] == "./a/"
    assert site.get("/my%20blog/my%20blog/feed.atom").status == 404


def test_another_folder_in_the_settings_is_taken_up(site: Site, tmp_path: Path) -> None:
    assert site.get("/").body == PAGE
    write_site({"index.html": b"another"}, tmp_path / "other")
    site.root = tmp_path / "other"
    assert site.get("/").body == b"another"
    assert site.get("/feed.atom").status == 404


def test_before_a_site_was_ever_written_readers_are_asked_to_come_again(tmp_path: Path) -> None:
    site = Site(tmp_path)
    try:
        for target in ("/", "/feed.atom", "/2026/03/a/"):
            answer = site.get(target)
            assert answer.status == 503  # a 404 would have readers strike the feed off
            assert int(answer.headers["retry-after"]) > 0
            assert answer.headers["cache-control"] == "no-store"
        # The page for what is missing comes before the front page.
        write_site({path: FILES[path] for path in FILES if path != "index.html"}, site.root)
        assert site.get("/2026/03/b/").status == 503
        write_site(FILES, site.root)
        assert site.get("/feed.atom").body == FEED
        assert site.get("/2026/03/b/").status == 404
    finally:
        site.server.close()


def test_what_is_no_part_of_the_site_is_answered_behind_it(site: Site) -> None:
    assert site.get("/metrics").body == b"behind"
    assert site.get(TOKEN).body == b"behind"
    assert site.get(TOKEN, method="POST", body=b"x").body == b"behind"
    assert (
        site.get("/trouble").body == b"behind"
    )  # where it is told that the database is in trouble
    assert site.get(TOKEN + "x").status == 404
    assert site.get("/metrics/").status == 404


def test_a_large_file_is_sent_from_the_disk(site: Site) -> None:
    content = os.urandom(1024) * (LARGE // 1024 + 1)
    (site.root / "talk.mp3").write_bytes(content)
    for _ in range(2):
        answer = site.get("/talk.mp3", "Accept-Encoding: gzip")
        assert (answer.status, answer.body) == (200, content)
        assert answer.headers["content-type"] == "audio/mpeg"
    assert site.get("/talk.mp3", f"If-None-Match: {answer.headers['etag']}").status == 304
    assert site.get("/talk.mp3", method="HEAD").headers["content-length"] == str(len(content))


def test_readers_see_one_site_or_the_other_while_it_is_being_written(site: Site) -> None:
    versions = [{**FILES, "feed.atom": bytes([65 + n]) * 100_000} for n in range(2)]
    write_site(versions[0], site.root)
    done = threading.Event()
    seen: set[tuple[int, bytes]] = set()

    def read() -> None:
        while not done.is_set():
            answer = site.get("/feed.atom")
            seen.add((answer.status, answer.body))

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for n in range(30):
        write_site(versions[n % 2], site.root)
    done.set()
    for reader in readers:
        reader.join()
    assert seen <= {(200, version["feed.atom"]) for version in versions}
    assert seen
