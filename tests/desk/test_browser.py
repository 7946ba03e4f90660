"""The inbox by keyboard, in a real browser: a morning's two hundred entries."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import pytest
from desk.conftest import PASSWORD
from desk.receiving import feed, follow, item, receive
from flask import Flask
from werkzeug.serving import make_server

from aggregator.markup.clean import clean_html
from aggregator.model.feed import EntryStatus, Source
from aggregator.services.accounts import Accounts
from aggregator.storage.sql import SqlStorage

playwright = pytest.importorskip("playwright.sync_api", reason="there is no playwright here")
if TYPE_CHECKING:
    from playwright.sync_api import Page

CHROMIUM = shutil.which("chromium")
QUIET = """--no-sandbox --disable-gpu --disable-quic --no-first-run
--disable-background-networking --disable-component-update --disable-sync""".split()

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no browser here")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def address(desk: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, desk, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def signed_in(browser: Any, address: str, *, size: tuple[int, int], **more: Any) -> Page:
    """Return a page at the inbox; whatever goes wrong in it fails the test."""
    viewport = {"width": size[0], "height": size[1]}
    page: Page = browser.new_context(viewport=viewport, **more).new_page()
    page.set_default_timeout(10_000)
    page.on("pageerror", lambda error: pytest.fail(f"{error}"))
    page.goto(f"{address}/desk/sign-in")
    page.fill("[name=name]", "ada")
    page.fill("[name=password]", PASSWORD)
    page.click("button")
    scripted = more.get("java_script_enabled", True)
    page.wait_for_selector("[data-keys]" if scripted else "#entries")
    return page


def settled(page: Page) -> None:
    """Wait until all that was done has been answered."""
    page.wait_for_selector("html[data-under-way='0']", state="attached")


@pytest.fixture
def entries(storage: SqlStorage, accounts: Accounts) -> list[int]:
    accounts.add("ada", password=PASSWORD)
    follow(storage, feed("Courier"), feed("Gazette"))
    return receive(
        storage,
        "Courier",
        *(item(f"Entry {n}", ago=n, content=f"<p>Words of {n}.</p>") for n in range(200)),
    )


def test_two_hundred_entries_are_triaged_by_keyboard_alone(
    browser: Any, address: str, storage: SqlStorage, entries: list[int]
) -> None:
    page = signed_in(browser, address, size=(1400, 900))
    press = page.keyboard.press
    press("j")
    for n in range(200):
        if n % 10 == 3:
            press("s")
        if n % 10 in (3, 5):
            press("m")
            if n < 199:
                press("j")
        else:
            press("x")
    settled(page)
    assert page.locator("li.entry").count() == 40
    stored = [storage.entry(number) for number in entries]
    kept = [n for n in range(200) if n % 10 in (3, 5)]
    dismissed = [n for n, one in enumerate(stored) if one.status is EntryStatus.DISMISSED]
    assert dismissed == [n for n in range(200) if n not in kept]
    assert [n for n, one in enumerate(stored) if one.starred] == list(range(3, 200, 10))
    assert storage.inbox.beside().unread == 0
    # Undo outlives the page: it is the desk that remembers.
    page.reload()
    page.wait_for_selector("[data-keys]")
    press("u")
    page.wait_for_selector(".toast:has-text('Taken back')")
    assert storage.entry(entries[199]).status is EntryStatus.INBOX


def test_reading_beside_the_list_marks_as_read_and_keeps_the_focus(
    browser: Any, address: str, storage: SqlStorage, entries: list[int]
) -> None:
    page = signed_in(browser, address, size=(1400, 900))
    press = page.keyboard.press
    focused = "document.activeElement.closest('li.entry').dataset.number"
    press("j")
    press("o")
    page.wait_for_selector(".pane:has-text('Words of 0.')")
    press("j")
    page.wait_for_selector(".pane:has-text('Words of 1.')")
    settled(page)
    assert page.evaluate(focused) == str(entries[1])
    press("s")
    page.wait_for_selector(".pane:has-text('★ Starred')")
    press("x")  # what comes next is shown, and read
    page.wait_for_selector(".pane:has-text('Words of 2.')")
    settled(page)
    assert page.evaluate(focused) == str(entries[2])
    press("Escape")
    assert not page.is_visible(".pane")
    assert page.evaluate(focused) == str(entries[2])
    assert storage.entry(entries[1]).status is EntryStatus.DISMISSED
    assert storage.inbox.beside().unread == 197
    press("k")
    press("M")  # nothing above is unread
    press("j")
    for _ in range(3):
        press("j")
    press("M")
    page.wait_for_selector(".toast:has-text('2 entries: read')")
    assert storage.inbox.beside().unread == 195
    press("A")
    page.wait_for_selector(".toast:has-text('195 entries: read')")
    assert storage.inbox.beside().unread == 0


def test_keys_are_letters_while_one_types_and_lead_away_behind_a_g(
    browser: Any, address: str, storage: SqlStorage, entries: list[int]
) -> None:
    page = signed_in(browser, address, size=(1400, 900))
    press = page.keyboard.press
    press("j")
    press("/")
    page.keyboard.type("xsm")
    settled(page)
    assert page.input_value("input[type=search]") == "xsm"
    assert storage.inbox.beside().unread == 200
    press("Escape")
    press("Control+x")
    press("?")
    assert page.is_visible("#keys")
    press("x")
    press("Escape")
    assert not page.is_visible("#keys")
    press("g")
    press("s")
    page.wait_for_url("**/desk/inbox?among=starred")
    assert storage.inbox.beside().starred == 0
    assert storage.inbox.beside().unread == 200


def test_what_could_not_be_sent_comes_back_into_the_list(
    browser: Any, address: str, storage: SqlStorage, entries: list[int]
) -> None:
    page = signed_in(browser, address, size=(1400, 900))
    page.context.set_offline(True)
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.wait_for_selector(".toast.bad:has-text('cannot be reached')")
    assert page.is_visible(f"#e{entries[0]}")
    page.context.set_offline(False)
    assert storage.entry(entries[0]).status is EntryStatus.INBOX


def test_a_thumb_is_enough_on_a_phone(
    browser: Any, address: str, storage: SqlStorage, entries: list[int]
) -> None:
    page = signed_in(browser, address, size=(390, 844), has_touch=True, is_mobile=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.tap(f"#e{entries[0]} [value^=dismiss]")
    page.wait_for_selector(".toast:has-text('dismissed')")
    page.tap(f"#e{entries[1]} a.line")
    page.wait_for_selector(".reading:has-text('Words of 1.')")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.tap("text=Mark as read")
    page.wait_for_selector("text=Mark as unread")
    assert storage.inbox.beside().unread == 198


def test_without_any_script_everything_is_a_form(
    browser: Any, address: str, storage: SqlStorage, entries: list[int]
) -> None:
    page = signed_in(browser, address, size=(1400, 900), java_script_enabled=False)
    page.click(f"#e{entries[0]} [value^=star]")
    page.click(f"#e{entries[1]} [value^=dismiss]")
    assert storage.entry(entries[0]).starred
    assert storage.entry(entries[1]).status is EntryStatus.DISMISSED
    page.click("text=Undo")
    assert storage.entry(entries[1]).status is EntryStatus.INBOX
    page.click("text=All read")
    page.wait_for_selector("text=All read.")
    assert storage.inbox.beside().unread == 0


PAYLOADS = [
    "<script>told('script')</script>",
    "<img src=x onerror=told('img')>",
    "\"><svg onload=told('svg')>",
    "'-told('quote')-'",
    "{{ told('template') }}${told('template')}",
    "javascript:told('link')",
    "</title></textarea></style></noscript><script>told('end')</script>",
]


def test_nothing_that_sources_write_runs_anywhere(
    browser: Any, address: str, storage: SqlStorage, accounts: Accounts
) -> None:
    accounts.add("ada", password=PASSWORD)
    follow(storage, *(replace(feed("Courier", bad), title=bad) for bad in PAYLOADS[:1]))
    wild = "".join(PAYLOADS)
    for n, bad in enumerate(PAYLOADS):
        receive(
            storage,
            "Courier",
            item(
                bad,
                id=f"{n}",
                ago=n,
                author=bad,
                link="https://a.example/?" + bad,
                tags=(bad,),
                content=clean_html(f"<p>{wild}</p>", base="https://a.example/"),
                source=Source(title=bad, link="https://b.example/"),
            ),
        )
    edited = item(wild, id="0", author=wild, content=f"<p>{escape(wild)}</p>")
    (number,) = receive(storage, "Courier", edited)
    page = signed_in(browser, address, size=(1400, 900))
    ran: list[str] = []
    page.expose_function("told", lambda words: ran.append(words))  # noqa: PLW0108 - it wants a function
    page.on("dialog", lambda dialog: ran.append(dialog.message))
    foreign: list[str] = []
    page.on("request", lambda asked: foreign.append(asked.url))
    query = quote(wild[:400])
    for path in (
        f"entries/{number}",
        f"entries/{number}/versions",
        f"inbox?tag={query}&among=all",
        f"inbox?q={query}",
        "filters",
        "feeds",
        "trouble",
        "inbox",
    ):
        page.goto(f"{address}/desk/{path}")
    page.wait_for_selector("[data-keys]")
    for _ in PAYLOADS:
        page.keyboard.press("j")
        page.keyboard.press("o")
        page.keyboard.press("s")
    page.wait_for_selector(".pane .reading")
    settled(page)
    assert ran == []
    assert {urlsplit(url).netloc for url in foreign} == {urlsplit(address).netloc}
