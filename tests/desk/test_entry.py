"""Reading one entry: its words, nothing loaded from elsewhere, and what its source changed."""

from __future__ import annotations

import re

import pytest
from desk.receiving import feed, follow, item, receive
from flask.testing import FlaskClient

from aggregator.markup.quiet import quiet
from aggregator.storage.sql import SqlStorage


@pytest.fixture(autouse=True)
def followed(storage: SqlStorage) -> None:
    follow(storage, feed("Courier"), feed("Gazette"))


def test_an_entry_is_read_without_anything_from_elsewhere(
    ada: FlaskClient, storage: SqlStorage
) -> None:
    html = (
        '<h2>Now</h2><p>Some <a href="https://a.example/">words</a></p>'
        '<img src="https://a.example/p.png" alt="The mayor">'
        '<video src="https://a.example/v.mp4" controls="" preload="none"></video>'
    )
    (one,) = receive(storage, "Courier", item("One", content=html, author="Ana"))
    page = ada.get(f"/desk/entries/{one}").text
    assert "Picture: The mayor" in page
    assert "Film" in page
    assert '<a target="_blank" href="https://a.example/">words</a>' in page
    assert "<h3>Now</h3>" in page
    assert not re.search(r"<(?:img|video|audio|source|iframe)\b", page)


def test_quiet_html_keeps_every_word() -> None:
    html = '<p>a <img src="x" alt="b &lt;i&gt;"> c</p><audio controls=""><source src="y">d</audio>'
    assert quiet(html) == (
        '<p>a <span class="left-out" title="x">Picture: b &lt;i&gt;</span> c</p>'
        '<span class="left-out" title="">Sound</span> d'
    )


def test_the_way_leads_on_from_entry_to_entry_of_the_same_view(
    ada: FlaskClient, storage: SqlStorage
) -> None:
    new, middle, old = receive(storage, "Courier", *(item(f"{n}", ago=n) for n in range(3)))
    page = ada.get(f"/desk/entries/{middle}?among=all").text
    assert f'rel="prev" href="/desk/entries/{new}?among=all"' in page
    assert f'rel="next" href="/desk/entries/{old}?among=all"' in page
    assert 'href="/desk/inbox?among=all"' in page


def test_others_who_lead_to_the_same_page_are_named(ada: FlaskClient, storage: SqlStorage) -> None:
    link = "https://news.example/vote"
    (one,) = receive(storage, "Courier", item("One", link=link))
    (two,) = receive(storage, "Gazette", item("Two", link=link))
    page = ada.get(f"/desk/entries/{one}").text
    assert f'<a href="/desk/entries/{two}" data-pane>Gazette: Two</a>' in page


def test_what_a_source_changed_is_shown_word_by_word(ada: FlaskClient, storage: SqlStorage) -> None:
    receive(storage, "Courier", item("One", id="1", content="<p>The vote is in June.</p>"))
    (one,) = receive(
        storage, "Courier", item("One, again", id="1", content="<p>The vote is in May.</p>")
    )
    assert f'href="/desk/entries/{one}/versions"' in ada.get(f"/desk/entries/{one}").text
    page = ada.get(f"/desk/entries/{one}/versions").text
    assert re.search(r"is in <del>.*June.*</del><ins>.*May.*</ins>\.", page)
    assert re.search(r"One<ins>.*, again.*</ins>", page)


def test_an_entry_that_never_changed_says_so(ada: FlaskClient, storage: SqlStorage) -> None:
    (one,) = receive(storage, "Courier", item("One"))
    assert "has not changed it" in ada.get(f"/desk/entries/{one}/versions").text


def test_an_entry_without_text_or_that_is_not_there_says_so(
    ada: FlaskClient, storage: SqlStorage
) -> None:
    (one,) = receive(storage, "Courier", item("One"))
    assert "Its feed gives no text." in ada.get(f"/desk/entries/{one}").text
    storage.let_go([one])
    assert "let go of" in ada.get(f"/desk/entries/{one}").text
    for path in ("999", "999/versions", "99999999999999999999"):
        assert ada.get(f"/desk/entries/{path}").status_code == 404
