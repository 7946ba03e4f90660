"""The editor as a plain form: what is typed is kept, and becomes a post."""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from desk.asking import secret_of, send
from desk.conftest import Clock
from desk.receiving import feed, follow, item, receive
from flask import Flask
from flask.testing import FlaskClient

from aggregator.document import parse_document
from aggregator.model.post import PostStatus
from aggregator.reading.urls import identity_key
from aggregator.services.accounts import Accounts
from aggregator.storage.sql import SqlStorage

DOCUMENT = '---\ntitle: "Blinked"\ntags: [city]\n---\nThe council blinked.\n'


def signed_in(desk: Flask, accounts: Accounts, name: str, **more: Any) -> FlaskClient:
    """Return a browser that a link let in: a password takes its time, on purpose."""
    known = [user for user in accounts.users() if user.name == name]
    key = accounts.link(known[0] if known else accounts.add(name, **more))
    client = desk.test_client()
    assert client.post(f"/desk/welcome/{key}").status_code == 303
    return client


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database that was made once, to be copied."""
    path = tmp_path_factory.mktemp("empty") / "a.sqlite"
    SqlStorage(path, parse=parse_document).close()
    return path


@pytest.fixture
def storage(tmp_path: Path, empty: Path) -> Iterator[SqlStorage]:
    shutil.copy(empty, tmp_path / "a.sqlite")
    storage = SqlStorage(tmp_path / "a.sqlite", parse=parse_document)
    yield storage
    storage.close()


@pytest.fixture
def ada(desk: Flask, accounts: Accounts) -> FlaskClient:
    return signed_in(desk, accounts, "ada")


@pytest.fixture
def bob(desk: Flask, accounts: Accounts) -> FlaskClient:
    return signed_in(desk, accounts, "bob")


def fields(page: str) -> dict[str, str]:
    """Return what a browser would send of the editor's form, without any button."""
    form = page[page.index('<form id="compose"') :]
    form = form[: form.index("</form>")]
    hidden = re.findall(r'<input type="hidden" name="(\w+)"(?: id="\w+")? value="([^"]*)"', form)
    text = re.search(r'<textarea id="text"[^>]*>\n(.*?)</textarea>', form, re.DOTALL)
    assert text
    chosen = re.findall(r'type="radio" name="(\w+)" value="([^"]*)" checked', form)
    typed = unescape(text[1]).replace("\n", "\r\n")  # as browsers send it
    return {name: unescape(value) for name, value in (*hidden, *chosen)} | {"text": typed}


def write(client: FlaskClient, path: str, text: str | None = None, **more: Any) -> Any:
    """Open the editor, type a text, and press a button."""
    form = fields(client.get(path).text)
    return client.post(
        "/desk/compose", data=form | ({"text": text} if text is not None else {}) | more
    )


def test_a_draft_is_written_saved_opened_and_published(
    ada: FlaskClient, storage: SqlStorage, tmp_path: Path
) -> None:
    answer = write(ada, "/desk/posts/new", DOCUMENT, do="save")
    assert answer.location == "/desk/post/blinked?done=saved"
    assert storage.post("blinked").document == DOCUMENT
    assert "Blinked" in ada.get("/desk/posts").text
    answer = write(ada, "/desk/post/blinked", do="publish")
    assert answer.location == "/desk/post/blinked?done=published"
    assert storage.post("blinked").status is PostStatus.PUBLISHED
    assert "The council blinked" in (tmp_path / "public" / "feed.atom").read_text()
    page = ada.get(answer.location).text
    assert 'href="https://blog.example/2026/03/blinked/"' in page


def test_a_mistake_is_named_with_its_line_and_nothing_typed_is_lost(
    ada: FlaskClient, storage: SqlStorage
) -> None:
    wrong = "---\ntitle: A\ntag: [x]\n---\n<b>\n\nMy words.\n"
    answer = write(ada, "/desk/posts/new", wrong, do="publish")
    assert answer.status_code == 422
    assert 'data-line="3"' in answer.text
    assert fields(answer.text)["text"].replace("\r\n", "\n") == wrong
    assert storage.posts() == []
    [kept] = storage.drafts.unsaved()
    assert kept.text == wrong
    assert f"/desk/texts/{kept.number}" in ada.get("/desk/posts").text
    right = write(ada, f"/desk/texts/{kept.number}", wrong.replace("tag:", "tags:"), do="save")
    assert right.location == "/desk/post/a?done=saved"
    assert storage.drafts.unsaved() == []


def test_a_draft_that_cannot_be_published_is_saved_all_the_same(
    ada: FlaskClient, storage: SqlStorage
) -> None:
    answer = write(ada, "/desk/posts/new", "---\ntitle: A\n---\n", do="publish")
    assert answer.status_code == 422
    assert "a title and nothing else" in answer.text
    assert storage.post("a").status is PostStatus.DRAFT
    assert fields(answer.text)["post"] == "a"


def test_when_the_site_cannot_be_written_the_post_is_published_and_the_author_told(
    ada: FlaskClient, storage: SqlStorage, tmp_path: Path
) -> None:
    (tmp_path / "public").write_text("a file in the way")
    answer = write(ada, "/desk/posts/new", DOCUMENT, do="publish")
    assert storage.post("blinked").status is PostStatus.PUBLISHED
    page = ada.get(answer.location).text
    assert "The site could not be written" in page
    (tmp_path / "public").unlink()
    assert send(ada, "/desk/site").location == "/desk/posts?done=written"
    assert (tmp_path / "public" / "feed.atom").exists()
    assert "could not be written" not in ada.get("/desk/posts").text


def test_a_fix_moves_no_date_and_an_update_does(
    ada: FlaskClient, storage: SqlStorage, clock: Clock
) -> None:
    write(ada, "/desk/posts/new", DOCUMENT, do="publish")
    published = storage.post("blinked")
    clock.passes(timedelta(hours=1))
    fixed = DOCUMENT.replace("council", "Council")
    assert write(ada, "/desk/post/blinked", fixed, do="save").location.endswith("done=fixed")
    assert storage.post("blinked").updated == published.updated
    told = write(ada, "/desk/post/blinked/update", "They spoke.\n", do="save", kind="reaction")
    assert told.location.endswith("done=updated")
    after = storage.post("blinked")
    assert after.published == published.published
    assert after.updated == clock.now
    assert after.document.endswith("## Reaction 2026-03-31T13:00:00Z\n\nThey spoke.\n")


def test_a_heading_that_is_an_update_is_called_one(
    ada: FlaskClient, storage: SqlStorage, clock: Clock
) -> None:
    write(ada, "/desk/posts/new", DOCUMENT, do="publish")
    form = fields(ada.get("/desk/post/blinked").text)
    assert keep(ada, form | {"text": DOCUMENT + "\nMore."})["updates"] == 0
    clock.passes(timedelta(hours=1))
    told = write(ada, "/desk/post/blinked", DOCUMENT + "\n## Update\n\nNews.\n", do="save")
    assert told.location.endswith("done=updated")
    assert storage.post("blinked").updated == clock.now
    more = storage.post("blinked").document + "\n## Correction\n\nNo news.\n"
    form = fields(ada.get("/desk/post/blinked").text)
    assert keep(ada, form | {"text": more})["updates"] == 1
    assert "Save: readers are told of the update</button>" in ada.get("/desk/post/blinked").text


def test_an_empty_update_is_refused_and_a_wrong_one_kept(
    ada: FlaskClient, storage: SqlStorage
) -> None:
    write(ada, "/desk/posts/new", DOCUMENT, do="publish")
    assert write(ada, "/desk/post/blinked/update", "", do="save").status_code == 422
    wrong = "::: takeaways\nnothing\n:::\n"
    assert write(ada, "/desk/post/blinked/update", wrong, do="save").status_code == 422
    again = fields(ada.get("/desk/post/blinked/update").text)
    assert again["text"].replace("\r\n", "\n") == wrong
    assert "## Update" not in storage.post("blinked").document


def test_a_post_is_scheduled_in_the_author_s_own_zone_and_taken_back(
    ada: FlaskClient, storage: SqlStorage
) -> None:
    when = {"at": "2026-04-01T09:30", "zone": "120"}
    answer = write(ada, "/desk/posts/new", DOCUMENT, do="schedule", **when)
    assert answer.location.endswith("done=scheduled")
    assert f"{storage.post('blinked').scheduled:%Y-%m-%dT%H:%M}" == "2026-04-01T07:30"
    assert "Scheduled" in ada.get("/desk/posts").text
    assert send(ada, "/desk/post/blinked/withdraw").location.endswith("done=drafted")
    assert write(ada, "/desk/post/blinked", do="schedule", at="").status_code == 422
    gone = write(ada, "/desk/post/blinked", do="schedule", at="2026-03-01T00:00")
    assert gone.status_code == 422
    assert storage.post("blinked").status is PostStatus.DRAFT


def test_a_post_is_withdrawn_and_published_again(
    ada: FlaskClient, storage: SqlStorage, tmp_path: Path
) -> None:
    write(ada, "/desk/posts/new", DOCUMENT, do="publish")
    assert send(ada, "/desk/post/blinked/withdraw").location.endswith("done=withdrawn")
    assert "The council blinked" not in (tmp_path / "public" / "feed.atom").read_text()
    assert write(ada, "/desk/post/blinked", do="publish").location.endswith("done=published")
    assert "The council blinked" in (tmp_path / "public" / "feed.atom").read_text()


def test_an_update_that_readers_saw_is_dropped_only_when_that_is_meant(
    ada: FlaskClient, storage: SqlStorage
) -> None:
    write(ada, "/desk/posts/new", DOCUMENT, do="publish")
    write(ada, "/desk/post/blinked/update", "They spoke.\n", do="save")
    refused = write(ada, "/desk/post/blinked", DOCUMENT, do="save")
    assert refused.status_code == 422
    assert 'name="drop_updates"' in refused.text
    form = fields(refused.text) | {"do": "save", "drop_updates": "yes"}
    assert ada.post("/desk/compose", data=form).status_code == 303
    assert storage.post("blinked").document == DOCUMENT


def test_what_cannot_be_kept_is_given_back(
    ada: FlaskClient, desk: Flask, storage: SqlStorage, tmp_path: Path
) -> None:
    form = fields(ada.get("/desk/posts/new").text) | {"text": DOCUMENT + "</textarea><script>"}
    stranger = desk.test_client()
    old = form | {"csrf": "x"}
    answers = [stranger.post("/desk/compose", data=form), ada.post("/desk/compose", data=old)]
    with closing(sqlite3.connect(tmp_path / "a.sqlite")) as raw, raw:
        raw.execute("DROP TABLE drafts")
    answers.append(ada.post("/desk/compose", data=form | {"do": "publish"}))
    assert [answer.status_code for answer in answers] == [401, 403, 503]
    for answer in answers:
        assert "The council blinked.\n&lt;/textarea&gt;&lt;script&gt;" in answer.text
    assert storage.posts() == []


def test_a_text_whose_post_has_another_name_by_now_is_kept(
    ada: FlaskClient, storage: SqlStorage
) -> None:
    write(ada, "/desk/posts/new", DOCUMENT, do="save")
    form = fields(ada.get("/desk/post/blinked").text) | {"text": DOCUMENT + "\nMore.\n"}
    renamed = DOCUMENT.replace("tags", "slug: winked\ntags")
    answer = write(ada, "/desk/post/blinked", renamed, do="save")
    assert answer.location == "/desk/post/winked?done=saved"
    late = ada.post("/desk/compose", data=form | {"do": "save"})
    assert late.status_code == 409
    assert "there is no post &#39;blinked&#39; any more." in late.text
    assert storage.post("winked").document == renamed
    [kept] = storage.drafts.unsaved()
    assert kept.text.endswith("More.\n")


def test_a_link_that_is_brought_waits_for_the_sign_in(desk: Flask) -> None:
    answer = desk.test_client().get("/desk/add?url=https%3A%2F%2Fn.example%2Fa&title=A+b")
    assert answer.status_code == 303
    assert "next=/desk/add?url%3Dhttps" in answer.location


def test_line_ends_of_a_document_stay_as_they_were_typed(
    ada: FlaskClient, storage: SqlStorage
) -> None:
    write(ada, "/desk/posts/new", DOCUMENT, do="save")
    before = storage.post("blinked")
    crlf = replace(before, document=DOCUMENT.replace("\n", "\r\n"))
    storage.save_post(crlf, replaces=before)
    write(ada, "/desk/post/blinked", DOCUMENT.replace("blinked", "winked"), do="save")
    assert storage.post("blinked").document == DOCUMENT.replace("blinked", "winked").replace(
        "\n", "\r\n"
    )


def test_a_draft_from_an_entry_cites_it_and_shows_it_beside(
    ada: FlaskClient, storage: SqlStorage
) -> None:
    follow(storage, feed("Courier"))
    words = "<p>The council put off its vote.</p><p>Nobody was asked.</p>"
    [number] = receive(storage, "Courier", item("Vote", author="Ana Reyes", content=words))
    page = ada.get(f"/desk/posts/new?entry={number}").text
    assert "Ana Reyes" in fields(page)["text"]
    assert "<p>Nobody was asked.</p>" in page
    answer = write(
        ada,
        f"/desk/posts/new?entry={number}",
        do="quote",
        quoted="Nobody was asked.",
        verb="writes",
    )
    text = fields(answer.text)["text"]
    assert "> Nobody was asked." in text
    assert "put off" not in text
    assert (
        write(ada, f"/desk/texts/{fields(answer.text)['number']}", do="publish").status_code == 303
    )
    [post] = storage.posts()
    assert post.post.cites[0].entry == number
    assert storage.entry(number).status.value == "cited"
    again = ada.get(f"/desk/posts/new?entry={number}").text
    assert "Cited already in" in again
    assert f'href="/desk/post/vote/update?entry={number}"' in again


def test_the_preview_is_the_page_the_feed_and_what_readers_show(ada: FlaskClient) -> None:
    form = fields(ada.get("/desk/posts/new").text) | {"text": DOCUMENT}
    shown = {
        view: ada.post("/desk/preview/of/the/post/", data=form | {"view": view})
        for view in ("page", "feed", "readers")
    }
    assert {answer.status_code for answer in shown.values()} == {200}
    assert 'href="../../../style.css"' in shown["page"].text
    assert ada.get("/desk/preview/style.css").mimetype == "text/css"
    assert "The council blinked." in shown["feed"].text
    assert "Miniflux" in shown["readers"].text
    policy = shown["page"].headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    wrong = ada.post("/desk/preview/of/the/post/", data=form | {"text": "nothing"})
    assert wrong.status_code == 422
    assert "Line 1" in wrong.text
    assert ada.get("/desk/preview/tags/city/").status_code == 404


def test_the_preview_of_a_post_is_byte_for_byte_the_page_that_is_written(
    ada: FlaskClient, tmp_path: Path
) -> None:
    write(ada, "/desk/posts/new", DOCUMENT, do="publish")
    form = fields(ada.get("/desk/post/blinked").text)
    shown = ada.post("/desk/preview/of/the/post/", data=form).data
    written = (tmp_path / "public/2026/03/blinked/index.html").read_bytes()
    assert shown.replace(b'<base target="_blank">', b"") == written


def test_two_authors_on_one_draft_are_told_and_nothing_is_overwritten(
    ada: FlaskClient, bob: FlaskClient, storage: SqlStorage
) -> None:
    write(ada, "/desk/posts/new", DOCUMENT, do="save")
    mine = fields(ada.get("/desk/post/blinked").text)
    theirs = DOCUMENT + "\nBob's words.\n"
    assert write(bob, "/desk/post/blinked", theirs, do="save").status_code == 303
    text = DOCUMENT.replace("The council", "Our council")
    clash = ada.post("/desk/compose", data=mine | {"text": text, "do": "publish"})
    assert clash.status_code == 422
    assert "Bob&#39;s words." in clash.text
    assert "Our council" in clash.text
    assert storage.post("blinked").document == theirs
    both = ada.post("/desk/compose", data=fields(clash.text) | {"do": "both"})
    joined = fields(ada.get(both.location).text)
    assert "Our council blinked." in joined["text"]
    assert "Bob's words." in joined["text"]
    assert ada.post("/desk/compose", data=joined | {"do": "save"}).status_code == 303
    assert "Bob's words." in storage.post("blinked").document


@pytest.mark.parametrize(("choice", "kept"), [("mine", "Our council"), ("theirs", "Bob's words")])
def test_whoever_chooses_one_text_still_has_the_other(
    ada: FlaskClient, bob: FlaskClient, storage: SqlStorage, choice: str, kept: str
) -> None:
    write(ada, "/desk/posts/new", DOCUMENT, do="save")
    mine = fields(ada.get("/desk/post/blinked").text)
    write(bob, "/desk/post/blinked", DOCUMENT + "\nBob's words.\n", do="save")
    text = DOCUMENT.replace("The council", "Our council")
    clash = ada.post("/desk/compose", data=mine | {"text": text, "do": "save"})
    chosen = ada.post("/desk/compose", data=fields(clash.text) | {"do": choice})
    form = fields(ada.get(chosen.location).text)
    assert ada.post("/desk/compose", data=form | {"do": "save"}).status_code == 303
    assert kept in storage.post("blinked").document
    texts = [one.text for one in storage.drafts.unsaved()]
    earlier = [document for _, document in storage.post_revisions("blinked")]
    assert any("Our council" in one for one in (*texts, storage.post("blinked").document))
    assert any("Bob's words" in one for one in (*earlier, storage.post("blinked").document))


def keep(client: FlaskClient, form: dict[str, str]) -> dict[str, Any]:
    answer = client.post("/desk/compose/keep", data=form, headers={"X-Desk-Script": "1"})
    assert answer.status_code == 200
    told: dict[str, Any] = answer.get_json()
    return told


def test_what_a_script_keeps_is_there_after_a_crash(
    ada: FlaskClient, desk: Flask, accounts: Accounts
) -> None:
    form = fields(ada.get("/desk/posts/new").text) | {"text": DOCUMENT}
    told = keep(ada, form)
    assert told["slug"] == "blinked"
    assert told["address"] == "https://blog.example/2026/03/blinked/"
    more = form | {"number": told["number"], "version": told["version"], "text": DOCUMENT + "x"}
    assert keep(ada, more)["version"] == 2
    other = signed_in(desk, accounts, "ada")
    assert fields(other.get(f"/desk/texts/{told['number']}").text)["text"].endswith("x")
    wrong = keep(ada, more | {"version": "2", "text": "---\nx"})
    assert wrong["problem"]
    assert wrong["version"] == 3


def test_two_windows_on_one_text_are_told_and_nothing_is_overwritten(
    ada: FlaskClient, storage: SqlStorage
) -> None:
    write(ada, "/desk/posts/new", DOCUMENT, do="save")
    one = fields(ada.get("/desk/post/blinked").text)
    two = dict(one)
    first = keep(ada, one | {"text": DOCUMENT + "\none\n"})
    second = keep(ada, two | {"text": DOCUMENT + "\ntwo\n"})
    assert second["rival"]["number"] == first["number"]
    assert second["rival"]["text"].endswith("one\n")
    # It goes on with a text of its own, until its author chooses.
    two |= {"number": second["number"], "version": second["version"]}
    again = keep(ada, two | {"text": DOCUMENT + "\ntwo and more\n"})
    assert again["rival"] is None
    form = two | {"text": DOCUMENT + "\ntwo and more\n", "version": again["version"]}
    both = ada.post("/desk/compose", data=form | {"do": "both", "rival": first["number"]})
    text = fields(ada.get(both.location).text)["text"]
    assert "one" in text
    assert "two and more" in text
    assert "one" in "".join(text.text for text in storage.drafts.unsaved() if text.aside)


def test_a_window_that_comes_late_overwrites_nothing(ada: FlaskClient, storage: SqlStorage) -> None:
    form = fields(ada.get("/desk/posts/new").text) | {"text": DOCUMENT}
    told = keep(ada, form)
    known = form | {"number": told["number"], "version": told["version"]}
    keep(ada, known | {"text": DOCUMENT + "\nnew\n"})
    late = keep(ada, known | {"text": DOCUMENT + "\nlate\n"})
    assert late["rival"]["text"].endswith("new\n")
    texts = {one.text[len(DOCUMENT) :].strip() for one in storage.drafts.unsaved()}
    assert texts == {"new", "late"}
    # One that was saved meanwhile goes on as a text of its own.
    ada.post("/desk/compose", data=known | {"version": 2, "text": DOCUMENT, "do": "save"})
    gone = keep(ada, known | {"text": DOCUMENT + "\nlater\n"})
    assert gone["rival"] is None
    assert gone["number"] != told["number"]


def test_nobody_reads_or_changes_the_text_of_somebody_else(
    ada: FlaskClient, bob: FlaskClient, storage: SqlStorage
) -> None:
    told = keep(ada, fields(ada.get("/desk/posts/new").text) | {"text": DOCUMENT})
    number = told["number"]
    assert bob.get(f"/desk/texts/{number}").status_code == 404
    assert send(bob, f"/desk/texts/{number}/throw-away").status_code == 404
    form = fields(bob.get("/desk/posts/new").text)
    keep(bob, form | {"number": number, "version": 1, "text": "x"})
    assert storage.drafts.unsaved_text(number).text == DOCUMENT
    assert "Blinked" not in bob.get("/desk/posts").text


def test_words_outlive_the_account_and_the_post_they_were_typed_for(
    ada: FlaskClient, bob: FlaskClient, accounts: Accounts, storage: SqlStorage
) -> None:
    write(ada, "/desk/posts/new", DOCUMENT, do="save")
    keep(ada, fields(ada.get("/desk/post/blinked").text) | {"text": DOCUMENT + "more"})
    storage.remove_posts(storage.posts())
    storage.accounts.remove_user(accounts.user("ada").number)
    [text] = storage.drafts.unsaved()
    assert (text.user, text.post, text.text) == (None, None, DOCUMENT + "more")
    page = bob.get(f"/desk/texts/{text.number}").text
    assert fields(page)["text"].endswith("more")


def test_a_text_is_thrown_away_only_by_its_button(ada: FlaskClient, storage: SqlStorage) -> None:
    told = keep(ada, fields(ada.get("/desk/posts/new").text) | {"text": DOCUMENT})
    assert send(ada, f"/desk/texts/{told['number']}/throw-away").status_code == 303
    assert storage.drafts.unsaved() == []
    assert ada.get(f"/desk/texts/{told['number']}").status_code == 404


def test_a_script_quotes_at_the_cursor(ada: FlaskClient, storage: SqlStorage) -> None:
    follow(storage, feed("Courier"))
    [number] = receive(storage, "Courier", item("Vote", content="<p>One. Two. Three.</p>"))
    form = fields(ada.get(f"/desk/posts/new?entry={number}").text)
    headers = {"X-Desk-Script": "1", "X-CSRF-Token": secret_of(ada)}
    for words in ("One.", "Three."):
        answer = ada.post("/desk/compose/quote", data=form | {"quoted": words}, headers=headers)
        told = answer.get_json()
        form |= {"text": told["text"], "place": told["place"]}
    assert "> One. … Three.\n" in form["text"]
    refused = ada.post(
        "/desk/compose/quote", data=form | {"quoted": "x", "text": "no title"}, headers=headers
    )
    assert refused.status_code == 422
    assert "there is no title" in refused.text


def test_a_link_is_brought_and_cited(ada: FlaskClient, storage: SqlStorage) -> None:
    asked = {"url": "https://n.example/a?utm_source=x", "title": "A vote", "text": "Said <so>."}
    page = ada.get("/desk/add", query_string=asked | {"via": "https://b.example/"}).text
    assert "Cite it" in page
    assert "Said &lt;so&gt;." in page
    found = re.search(r'href="(/desk/posts/new\?[^"]+)"', page)
    assert found
    text = fields(ada.get(unescape(found[1])).text)["text"].replace("\r\n", "\n")
    assert "> Said \\<so>." in text
    assert 'via: "https://b.example/"' in text
    assert write(ada, unescape(found[1]), do="publish").status_code == 303
    again = ada.get("/desk/add", query_string={"url": "https://n.example/a"}).text
    assert "posted already" in again
    assert "A vote" in again


def test_a_link_whose_entry_we_have_is_cited_as_that(
    ada: FlaskClient, storage: SqlStorage, tmp_path: Path
) -> None:
    follow(storage, feed("Courier"))
    entry = item("Vote", link="https://news.example/vote", author="Ana Reyes")
    [number] = receive(storage, "Courier", entry)
    with closing(sqlite3.connect(tmp_path / "a.sqlite")) as raw, raw:
        key = identity_key("https://news.example/vote")
        raw.execute("UPDATE entries SET link_key = ?", (key,))
    asked = {"url": "https://news.example/vote", "via": "https://b.example/"}
    assert f"/desk/entries/{number}" in ada.get("/desk/add", query_string=asked).text
    text = fields(ada.get("/desk/posts/new", query_string=asked).text)["text"]
    assert f"entry: {number}" in text
    assert 'via: "https://b.example/"' in text
    assert "[Ana Reyes]" in text


def test_what_a_phone_shares_is_understood(ada: FlaskClient) -> None:
    page = ada.get("/desk/add", query_string={"text": "A vote https://n.example/a"}).text
    assert "https://n.example/a" in page
    assert "<b>A vote</b>" in page
    for wrong in ("javascript:alert(1)", "x", "http://"):
        answer = ada.get("/desk/add", query_string={"url": wrong})
        assert answer.status_code == 422
        assert "no address of a page" in answer.text
    assert ada.get("/desk/manifest.webmanifest").get_json()["share_target"]["method"] == "GET"
    assert "javascript:" in ada.get("/desk/add").text


@pytest.mark.parametrize("bad", ["0", "-1", "x", "9" * 30, "٣"])
def test_numbers_that_nothing_has_break_no_form(ada: FlaskClient, bad: str) -> None:
    form = fields(ada.get("/desk/posts/new").text)
    more = {"number": bad, "version": bad, "entry": bad, "text": DOCUMENT, "zone": bad, "at": bad}
    for do in ("quote", "schedule", "mine", "save"):
        answer = ada.post("/desk/compose", data=form | more | {"do": do, "rival": bad})
        assert answer.status_code in {200, 303, 404, 422}
    assert ada.get(f"/desk/posts/new?entry={bad}").status_code == 200


def test_the_ways_out_are_those_of_the_desk(ada: FlaskClient) -> None:
    answers = [
        write(ada, "/desk/posts/new", "---\ntitle: A\n---\n", do="publish"),
        write(ada, "/desk/posts/new", DOCUMENT, do="schedule", at="2026-03-01T00:00"),
    ]
    write(ada, "/desk/posts/new", DOCUMENT.replace("Blinked", "Told"), do="publish")
    answers.append(write(ada, "/desk/post/told", "---\ntitle: Told\n---\n", do="save"))
    write(ada, "/desk/post/told/update", "News.\n", do="save")
    without = DOCUMENT.replace("Blinked", "Told")
    answers.append(write(ada, "/desk/post/told", without, do="save"))
    for answer in answers:
        assert answer.status_code == 422
        assert "aggregator post" not in answer.text
        assert "--" not in answer.text[answer.text.index('id="problem"') :].split("</p>")[0]


def test_a_post_is_by_whoever_writes_it(desk: Flask, accounts: Accounts) -> None:
    client = signed_in(desk, accounts, "cy", author="Cy Second")
    text = fields(client.get("/desk/posts/new").text)["text"]
    assert 'author: "Cy Second"' in text
