"""Writing in a real browser: from a source to a post that was updated, and through a crash."""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from desk.conftest import Clock
from desk.receiving import feed, follow, item, receive
from flask import Flask
from werkzeug.serving import BaseWSGIServer, make_server

from aggregator.services.accounts import Accounts
from aggregator.storage.sql import SqlStorage

playwright = pytest.importorskip("playwright.sync_api", reason="there is no playwright here")

CHROMIUM = shutil.which("chromium")
QUIET = """--no-sandbox --disable-gpu --disable-quic --no-first-run
--disable-background-networking --disable-component-update --disable-sync""".split()
ARTICLE = (
    "<p>The council put off its vote on Tuesday.</p><p>Nobody had asked the unions.</p>"
    "<p>“We need more time,” said the mayor.</p>"
)

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no browser here")


class Power:
    """A desk that can be switched off, and on again at the same address."""

    def __init__(self, desk: Flask) -> None:
        self._desk, self._port = desk, 0
        self._server: BaseWSGIServer | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def on(self) -> None:
        self._server = make_server("127.0.0.1", self._port, self._desk, threaded=True)
        self._port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def off(self) -> None:
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None


@pytest.fixture
def power(desk: Flask) -> Iterator[Power]:
    power = Power(desk)
    power.on()
    yield power
    power.off()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Any, power: Power, accounts: Accounts) -> Iterator[Any]:
    """A page in which Ada is signed in; whatever goes wrong in it fails the test."""
    key = accounts.link(accounts.add("ada"))
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.set_default_timeout(8_000)
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(f"{error}"))
    page.on(
        "console",
        lambda said: wrong.append(said.text) if "Security Policy" in said.text else None,
    )
    page.goto(f"{power.address}/desk/welcome/{key}")
    page.click("main button")
    page.wait_for_url("**/desk/inbox*")
    yield page
    context.close()
    assert wrong == []


def select(page: Any, paragraph: int) -> None:
    """Select a paragraph of the source, as a mouse does."""
    page.locator("#source .text p").nth(paragraph).click(click_count=3)


def typed(page: Any) -> str:
    text: str = page.input_value("#text")
    return text


def times(tmp_path: Path) -> tuple[str, str]:
    entry = (tmp_path / "public" / "feed.atom").read_text().split("<entry>")[1]
    found = [re.search(rf"<{name}>([^<]+)", entry) for name in ("published", "updated")]
    published, updated = (one[1] for one in found if one)
    return published, updated


def test_from_a_source_to_a_post_that_is_updated(
    page: Any, power: Power, storage: SqlStorage, clock: Clock, tmp_path: Path
) -> None:
    follow(storage, feed("Courier"), feed("Lane"))
    [number] = receive(storage, "Courier", item("Vote", author="Ana Reyes", content=ARTICLE))
    [other] = receive(storage, "Lane", item("Talk to the hand", author="Joe", content="<p>Ha.</p>"))
    page.goto(f"{power.address}/desk/inbox?q=vote")
    page.keyboard.press("j")
    page.keyboard.press("c")
    page.wait_for_url(f"**/desk/posts/new?entry={number}")
    select(page, 0)
    page.keyboard.press("q")
    playwright.expect(page.locator("#text")).to_have_value(
        re.compile(r"reports:\n\n> The council put off its vote on Tuesday\.\n")
    )
    select(page, 2)
    page.keyboard.press("q")
    stitched = "> The council put off its vote on Tuesday. … “We need more time,” said the mayor.\n"
    playwright.expect(page.locator("#text")).to_have_value(re.compile(re.escape(stitched)))
    page.fill("#headline", 'The "council" blinked')
    page.fill("#tags", "city, budget")
    page.keyboard.press("Escape")
    page.focus("#text")
    page.click("[data-takeaways]")
    page.keyboard.type(
        "it was the mayor who blinked.\nthe unions were not asked.\nnothing is settled."
    )
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.keyboard.type("So why June?")
    assert typed(page).endswith(
        f"{stitched}\n::: takeaways prose\n1. it was the mayor who blinked.\n"
        "2. the unions were not asked.\n3. nothing is settled.\n:::\n\nSo why June?"
    )
    shown = page.frame_locator("#preview")
    playwright.expect(shown.locator("article")).to_contain_text("Lastly, nothing is settled.")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/desk/post/the-council-blinked?done=published")
    feed_text = (tmp_path / "public" / "feed.atom").read_text()
    assert "Secondly, the unions were not asked." in feed_text
    assert 'term="budget"' in feed_text
    before = times(tmp_path)
    clock.passes(timedelta(hours=3))
    page.goto(f"{power.address}/desk/post/the-council-blinked/update?entry={other}")
    page.check("[value=reaction]")
    select(page, 0)
    page.keyboard.press("q")
    playwright.expect(page.locator("#text")).to_have_value(re.compile("> Ha."))
    page.click("[data-main]")
    page.wait_for_url("**?done=updated")
    after = times(tmp_path)
    assert after[0] == before[0]
    assert after[1] == "2026-03-31T15:00:00Z"
    assert "Joe" in (tmp_path / "public" / "feed.atom").read_text()


def test_from_an_item_on_the_screen_to_a_post_takes_eight_keys(
    page: Any, power: Power, storage: SqlStorage
) -> None:
    follow(storage, feed("Courier"))
    receive(storage, "Courier", item("Vote", author="Ana Reyes", content=ARTICLE))
    page.goto(f"{power.address}/desk/inbox")
    page.keyboard.press("j")
    text = page.locator("#text")
    page.keyboard.press("c")
    page.wait_for_url("**/desk/posts/new*")
    page.keyboard.press("j")
    page.keyboard.press("q")
    playwright.expect(text).to_have_value(re.compile(r"\n> The council [^\n]+Tuesday\.\n\n$"))
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("q")
    playwright.expect(text).to_have_value(re.compile(r"Tuesday\. … “We need"))
    page.keyboard.press("w")
    page.keyboard.type("So why June?")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/desk/post/vote?done=published")
    assert storage.post("vote").document.endswith("said the mayor.\n\nSo why June?")


def test_nothing_is_lost_when_the_desk_or_the_browser_dies_while_somebody_types(
    page: Any, power: Power, storage: SqlStorage
) -> None:
    page.goto(f"{power.address}/desk/posts/new")
    page.fill("#headline", "Blinked")
    page.focus("#text")
    page.keyboard.press("Control+End")
    page.keyboard.type("Kept at the desk.")
    playwright.expect(page.locator("#state")).to_contain_text("· kept")
    [kept] = storage.drafts.unsaved()
    assert kept.text.endswith("Kept at the desk.")
    power.off()
    page.keyboard.type(" Typed into nothing.")
    playwright.expect(page.locator("#state")).to_contain_text("The desk is away")
    page.keyboard.press("Control+s")  # sends nothing, and loses nothing
    playwright.expect(page.locator("#toasts")).to_contain_text("Nothing was sent")
    assert typed(page).endswith("Typed into nothing.")
    where = page.url
    page.goto("about:blank")  # the browser is gone as well
    power.on()
    page.goto(where)
    playwright.expect(page.locator("#text")).to_have_value(re.compile("Typed into nothing."))
    # The page that went may have reached the desk with its last words; then this one has none to
    # send. Either way it knows in the end which version the desk has.
    version = "document.getElementById('compose').elements.version.value"
    for _ in range(100):
        [kept] = storage.drafts.unsaved()
        if kept.text.endswith("nothing.") and page.evaluate(version) == str(kept.version):
            break
        page.wait_for_timeout(50)
    assert kept.text.endswith("Kept at the desk. Typed into nothing.")
    # And while the page stays open.
    power.off()
    page.focus("#text")
    page.keyboard.press("Control+End")
    page.keyboard.type(" More.")
    playwright.expect(page.locator("#state")).to_contain_text("The desk is away")
    power.on()
    page.evaluate("dispatchEvent(new Event('online'))")
    playwright.expect(page.locator("#state")).to_contain_text("· kept")
    [kept] = storage.drafts.unsaved()
    assert kept.text.endswith("Typed into nothing. More.")
    assert page.evaluate("Object.keys(localStorage).length") == 0


def test_two_windows_are_told_of_each_other(page: Any, power: Power, storage: SqlStorage) -> None:
    page.goto(f"{power.address}/desk/posts/new")
    page.fill("#headline", "Blinked")
    page.focus("#text")
    page.keyboard.press("Control+End")
    page.keyboard.type("One.")
    page.click(".acts [value=save]")
    page.wait_for_url("**/desk/post/blinked?done=saved")
    other = page.context.new_page()
    other.goto(f"{power.address}/desk/post/blinked")
    for window, words in ((page, " First."), (other, " Second.")):
        window.focus("#text")
        window.keyboard.press("Control+End")
        window.keyboard.type(words)
        playwright.expect(window.locator("#state")).to_contain_text("· kept")
    playwright.expect(other.locator("#clash")).to_be_visible()
    assert "First." in other.input_value("#theirs")
    other.click("[value=both]")
    other.wait_for_url("**/desk/texts/*")
    assert "First." in typed(other)
    assert "Second." in typed(other)


def test_blocks_move_and_takeaways_number_themselves(
    page: Any, power: Power, storage: SqlStorage
) -> None:
    follow(storage, feed("Courier"))
    [number] = receive(storage, "Courier", item("Vote", author="Ana Reyes", content=ARTICLE))
    page.goto(f"{power.address}/desk/posts/new?entry={number}")

    def press(*keys: str) -> None:
        for key in keys:
            page.keyboard.press(key)

    def body() -> str:
        return typed(page).split("---\n", 2)[2]

    page.check("[value=writes]")
    lead_in = "[Ana Reyes](https://news.example/Vote) writes:\n\n"
    assert body().startswith(lead_in)
    page.focus("#text")
    press("Control+End")
    page.keyboard.type("Above.")
    assert body().endswith("the mayor.\n\nAbove.")
    press("Alt+ArrowUp")
    assert body().startswith("Above.\n")
    assert lead_in in body()  # it stays with its quotation
    press("Alt+ArrowDown")
    assert body().startswith(lead_in)
    page.click("[data-takeaways]")
    page.keyboard.type("one\ntwo\nthree")
    press("ArrowUp", "Home", "Shift+End", "Backspace", "Backspace")
    assert "1. one\n2. three\n:::" in body()
    page.click("#swap")
    assert "::: takeaways list\n1. one" in body()
    press(*["Control+z"] * 4)
    assert "2. two" in body()  # undo knows all of it
    at = typed(page).index("the mayor.") + len("the mayor.")
    page.evaluate(f"document.getElementById('text').setSelectionRange({at}, {at})")
    press("Enter")
    page.keyboard.type("Mine.")
    assert "the mayor.\n\nMine." in body()
