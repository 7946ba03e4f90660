"""Every kind of page by axe: WCAG 2.2 AA, in light on a screen, in dark on a telephone."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from publishing.samples import (
    BLOCKS,
    LANE,
    PUBLISHED,
    UPDATE,
    UPDATED,
    feed_of,
    post_of,
    render_posts,
)

from aggregator.model.post import Commentary, PostStatus, Quotation, Update, UpdateKind
from aggregator.publishing.writer import write_site

playwright = pytest.importorskip("playwright.sync_api", reason="there is no playwright here")
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="there is no axe here")

CHROMIUM = shutil.which("chromium")
QUIET = """--no-sandbox --disable-gpu --disable-quic --no-first-run
--disable-background-networking --disable-component-update --disable-sync""".split()
# At which level the headings within a post begin is up to the author.
SPARED = {"heading-order": {"enabled": False}}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

RICH = """\
## A heading

A paragraph with `code`, **strong** and *stressed* words, and [a link](https://x.example/).

- one
- two

1. first
2. second

```
some code, in a line that is longer than any telephone is wide, so that it has to be scrolled along
```

| a | b |
|---|---|
| 1 | 2 |

---

![A map of the harbour](https://x.example/map.png)
"""
CORRECTION = Update(
    at=UPDATED, kind=UpdateKind.CORRECTION, blocks=(Commentary(markdown="It was *May*."),)
)
POSTS = (
    post_of(
        "everything", blocks=(*BLOCKS, Commentary(markdown=RICH)), updates=(UPDATE, CORRECTION)
    ),
    post_of("gone", status=PostStatus.WITHDRAWN, title="Gone"),
    post_of("yamin", title="مرحبا", language="ar", blocks=(Commentary(markdown="كلمات"),)),
    post_of("plain", title="", blocks=(Quotation(text="Words.", citation=LANE),), tags=("C++",)),
    post_of("old", published=PUBLISHED.replace(year=2024), tags=()),
)
KINDS = {
    "front": "",
    "post": "2026/03/everything/",
    "right to left": "2026/03/yamin/",
    "withdrawn": "2026/03/gone/",
    "year": "2026/",
    "month": "2026/03/",
    "archive": "archive/",
    "tag": "tags/city/",
    "tags": "tags/",
    "source": "sources/news.example/",
    "sources": "sources/",
    "blogroll": "blogroll/",
    "search": "search/",
    "found": "search/?q=words",
    "about": "about/",
    "missing": "404.html",
}


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
        pass


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("site")
    feeds = (feed_of("https://news.example/rss", title="Courier", tags=("news",)),)
    write_site(render_posts(*POSTS, feeds=feeds).files, folder)
    for path in KINDS.values():
        shown = folder / path.partition("?")[0]
        assert (shown if shown.is_file() else shown / "index.html").is_file()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if CHROMIUM is None:
        pytest.skip("there is no browser here")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 320)])
def test_axe_finds_nothing_on_any_page(browser: Any, address: str, scheme: str, width: int) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme, bypass_csp=True
    )
    page = context.new_page()
    page.set_default_timeout(10_000)
    # Pictures of others are not fetched here.
    page.route("**/*", lambda route: own(route, address))
    found = {}
    for kind, path in KINDS.items():
        page.goto(address + path)
        if kind == "found":
            page.wait_for_selector("main a.p-name, main li a")
        result = axe.Axe().run(page, options={"runOnly": RULES, "rules": SPARED}).response
        assert result["passes"], f"axe looked at nothing on the page {kind}"
        for one in result["violations"]:
            nodes = [node["html"][:200] for node in one["nodes"][:3]]
            found[f"{kind}: {one['id']}"] = (one["help"], nodes)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"the page {kind} is {wide} pixels wide in a window of {width}"
    context.close()
    assert found == {}


def own(route: Any, address: str) -> None:
    if route.request.url.startswith(address):
        route.continue_()
    else:
        route.abort()
