"""`post …`: a post from its first word to its withdrawal, and no word lost on the way."""

from __future__ import annotations

import json
import re
import stat
import unicodedata
from datetime import datetime
from urllib.parse import unquote

import pytest

from servers import response, serving


@pytest.fixture
def editor(folder):
    """Return a function that makes an $EDITOR of some shell lines; $1 is the file."""

    def make(script: str) -> str:
        path = folder.path / "editor.sh"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return str(path)

    return make


def at(written: str) -> datetime:
    return datetime.fromisoformat(written)


def rescued(folder) -> list[str]:
    return [path.read_text() for path in sorted((folder.data / "rescued").glob("*.md"))]


def test_new_prints_the_slug_and_nothing_else(folder, post_text):
    name = folder.write("post.md", post_text)
    assert folder.run("post", "new", name).went_well().out == "the-council-blinked\n"
    again = folder.run("post", "new", "-", stdin=post_text).went_well()
    assert again.out == "the-council-blinked-2\n"


def test_show_gives_back_what_was_typed(folder, post_text):
    slug = folder.post(post_text)
    assert folder.run("post", "show", slug).went_well().out == post_text
    html = folder.run("post", "show", slug, "--html").went_well().out
    assert "<blockquote" in html


@pytest.mark.parametrize("title", ["市議会、採決を延期", "Совет отступил", "تراجع المجلس"])
def test_a_post_in_any_script_has_an_address_that_can_be_read(folder, post_text, title):
    slug = folder.post(post_text.replace("The council blinked", title))
    assert slug[0] == title[0].lower()
    folder.run("post", "publish", slug).went_well()
    [listed] = folder.run("post", "list", "--json").json
    address = listed["url"]
    assert address.isascii()
    assert unquote(address).endswith(f"/{slug}/")
    page = (folder.output / unquote(address).removeprefix("https://blog.example/")) / "index.html"
    assert f'<link rel="canonical" href="{address}">' in page.read_text()
    for feed in ("feed.atom", "feed.rss", "feed.json"):
        assert address in (folder.output / feed).read_text()
    folder.run("post", "update", slug, "-", stdin="More.").went_well()
    decomposed = unicodedata.normalize("NFD", slug)
    assert title in folder.run("post", "show", decomposed).went_well().out


def test_details_that_nothing_links_to_are_told(folder, post_text):
    cites = 'cites: [{url: "https://news.example/vote"}, {url: "https://lost.example/x"}]'
    text = post_text.replace("tags:", f"{cites}\ntags:")
    ran = folder.run("post", "new", "-", stdin=text)
    assert (ran.code, ran.out) == (0, "the-council-blinked\n")
    assert ran.err.count("Note: ") == 1
    assert "https://lost.example/x" in ran.err
    ran = folder.run("post", "edit", "the-council-blinked", "-", stdin=text + "\nMore.\n")
    assert "https://lost.example/x" in ran.err
    mended = text + "\nSee [this](https://lost.example/x).\n"
    folder.run("post", "edit", "the-council-blinked", "-", stdin=mended).went_well()


def test_a_slug_that_is_taken_is_told(folder, post_text):
    text = post_text.replace("tags:", "slug: mine\ntags:")
    assert folder.post(text) == "mine"
    ran = folder.run("post", "new", "-", stdin=text)
    assert ran.code != 0
    assert "'mine'" in ran.err
    assert rescued(folder) == [text]


def test_a_mistake_names_the_line_and_keeps_the_text(folder):
    wrong = "---\ntitle: X\nnonsense: 1\n---\nMany words that took an hour.\n"
    ran = folder.run("post", "new", "-", stdin=wrong)
    ran.failed(2, "line 3", str(folder.data / "rescued"))
    assert ran.out == ""
    assert rescued(folder) == [wrong]
    ran = folder.run("post", "new", folder.write("wrong.md", wrong))
    ran.failed(2, "wrong.md", "line 3")
    assert len(rescued(folder)) == 1  # the file is there already


def test_text_in_another_encoding_is_refused_with_its_line(folder):
    (folder.path / "latin.md").write_bytes(b"---\ntitle: x\n---\ncaf\xe9\n")
    folder.run("post", "new", "latin.md").failed(2, "latin.md", "line 4", "UTF-8")


def test_words_survive_a_database_that_cannot_be_used(folder, post_text):
    folder.data.mkdir()
    folder.database.write_bytes(b"x" * 5000)
    folder.run("post", "new", "-", stdin=post_text).failed(4, "kept in")
    assert rescued(folder) == [post_text]


def test_the_editor_writes_a_post(folder, editor):
    command = editor('printf -- "---\\ntitle: Typed\\n---\\nBy hand.\\n" > "$1"')
    assert folder.run("post", "new", EDITOR=command).went_well().out == "typed\n"
    assert list((folder.data / "writing").iterdir()) == []
    # Options belong to the command; VISUAL comes first.
    ran = folder.run("post", "new", VISUAL=f"sh {command}", EDITOR="false")
    assert ran.went_well().out == "typed-2\n"


def test_an_editor_that_changes_nothing_saves_nothing(folder, editor):
    folder.run("post", "new", EDITOR="true").failed(2, "nothing was")
    assert folder.run("post", "list", "--json").json == []


def test_an_editor_that_fails_loses_nothing(folder, editor):
    ran = folder.run("post", "new", EDITOR=editor('echo words > "$1"; exit 3'))
    ran.failed(2, "what you wrote is in")
    assert [path.read_text() for path in (folder.data / "writing").iterdir()] == ["words\n"]
    folder.run("post", "new", EDITOR="/absent/editor").failed(2, "/absent/editor")
    folder.run("post", "new", EDITOR='"unclosed').failed(2, "cannot be run")


def test_a_mistake_in_the_editor_keeps_the_text(folder, editor):
    ran = folder.run("post", "new", EDITOR=editor('printf "no title, but words\\n" > "$1"'))
    ran.failed(2, "line 1", "kept in")
    assert rescued(folder) == ["no title, but words\n"]
    assert list((folder.data / "writing").iterdir()) == []


def test_the_editor_works_where_the_data_folder_cannot(folder, editor):
    folder.data.write_text("a file where the folder should be")
    ran = folder.run(
        "post", "new", EDITOR=editor('printf "words\\n" > "$1"'), TMPDIR=str(folder.path)
    )
    ran.failed(4, "kept in", str(folder.path))


def test_a_draft_from_an_entry_cites_it(folder, editor, rss):
    with serving(lambda request: response(200, rss("one", "two"))) as server:
        folder.follow(server.url("/"))
        folder.run("poll").went_well()
    one, two = (entry["id"] for entry in folder.run("inbox", "--json").json)
    slug = folder.run("post", "new", "--from", str(one)).went_well().out.strip()
    document = folder.run("post", "show", slug).out
    assert "https://news.example/1" in document
    assert [entry["id"] for entry in folder.run("inbox", "--json").json] == [two]
    command = editor('echo "And what I say." >> "$1"')
    slug = folder.run("post", "new", "--from", str(two), EDITOR=command).went_well().out.strip()
    assert "And what I say." in folder.run("post", "show", slug).out
    folder.run("post", "new", "-", "--from", str(two)).failed(2, "either")


def test_edit(folder, editor, post_text):
    slug = folder.post(post_text)
    folder.run("post", "edit", slug).failed(2, "EDITOR")
    assert "Nothing changed" in folder.run("post", "edit", slug, EDITOR="true").went_well().out
    better = post_text.replace("June", "July")
    assert slug in folder.run("post", "edit", slug, "-", stdin=better).went_well().out
    assert folder.run("post", "show", slug).out == better
    command = editor('sed -i s/July/August/ "$1"')
    folder.run("post", "edit", slug, EDITOR=command).went_well()
    assert "August" in folder.run("post", "show", slug).out
    revisions = folder.run("post", "show", slug, "--revisions").went_well().out
    assert "June" in revisions
    assert "July" in revisions
    wrong = post_text.replace("tags:", "wrong:")
    folder.run("post", "edit", slug, "-", stdin=wrong).failed(2, "line 3", "kept in")
    assert rescued(folder) == [wrong]
    assert "August" in folder.run("post", "show", slug).out


def test_from_draft_to_withdrawal(folder, post_text):
    slug = folder.post(post_text)
    folder.run("post", "update", slug, "-", stdin="More.").failed(2, "draft", "post edit")
    told = folder.run("post", "publish", slug).went_well().out
    assert told.startswith(f"Published {slug}\n")
    listed = folder.run("post", "list", "--json").went_well().json
    assert [post["status"] for post in listed] == ["published"]
    assert listed[0]["id"].startswith("tag:blog.example,")
    assert listed[0]["published"].endswith("Z")
    assert listed[0]["url"].startswith("https://blog.example/")
    folder.run("post", "publish", slug).failed(2, "published already", "post update")

    name = folder.write("update.md", "Joe Lane answers.\n")
    told = folder.run("post", "update", slug, name, "--kind", "reaction").went_well().out
    assert "1 update" in told
    after = folder.run("post", "list", "--json").json[0]
    assert after["updates"] == 1
    # As times: a fraction of a second is enough for what happens within one.
    assert at(after["updated"]) > at(listed[0]["updated"])
    assert after["published"] == listed[0]["published"]
    assert "## Reaction 2" in folder.run("post", "show", slug).out
    folder.run("post", "update", slug, "-", stdin="x").went_well()
    folder.run("post", "update", slug, name, "--kind", "whim").failed(2, "correction")

    told = folder.run("post", "withdraw", slug).went_well().out
    assert f"aggregator post publish {slug}" in told
    assert folder.run("post", "list", "--json").json[0]["status"] == "withdrawn"
    assert "withdrawn" in folder.run("post", "list").went_well().out
    folder.run("post", "withdraw", slug).failed(2, "withdrawn already")
    assert "Joe Lane answers." in folder.run("post", "show", slug).out
    folder.run("post", "publish", slug).went_well()
    assert folder.run("post", "list", "--json").json[0]["id"] == listed[0]["id"]


def test_an_empty_update_is_refused_and_published_posts_keep_their_address(folder, post_text):
    slug = folder.post(post_text)
    folder.run("post", "publish", slug).went_well()
    ran = folder.run("post", "update", slug, "-", stdin="\n")
    assert ran.code == 2, ran
    moved = post_text.replace("tags:", "slug: elsewhere\ntags:")
    folder.run("post", "edit", slug, "-", stdin=moved).failed(2, "address must not change")


def test_a_scheduled_post_waits_for_its_time(folder, post_text):
    slug = folder.post(post_text)
    told = folder.run("post", "publish", slug, "--at", "2999-01-01T08:00").went_well().out
    assert "2999-01-01 08:00:00+00:00" in told
    listed = folder.run("post", "list", "--json").json[0]
    assert (listed["status"], listed["scheduled"]) == ("scheduled", "2999-01-01T08:00:00Z")
    assert "Published" not in folder.run("publish").went_well().out
    told = folder.run("post", "withdraw", slug).went_well().out
    assert "draft again" in told
    folder.run("post", "publish", slug, "--at", "2001-01-01").failed(2, "gone by", "published:")
    folder.run("post", "publish", slug).went_well()
    assert folder.run("post", "list", "--json").json[0]["status"] == "published"


def test_a_time_without_a_zone_is_the_authors(folder, post_text):
    slug = folder.post(post_text)
    for said, told, stored in (
        ("2999-07-01T08:00", "2999-07-01 08:00:00-07:00", "2999-07-01T15:00:00Z"),
        ("2999-07-01T08:00:05.7+02:00", "2999-06-30 23:00:05-07:00", "2999-07-01T06:00:05Z"),
    ):
        ran = folder.run_afresh("post", "publish", slug, "--at", said, TZ="XST+7")
        assert told in ran.went_well().out
        assert "." not in ran.out.splitlines()[0]
        assert folder.run("post", "list", "--json").json[0]["scheduled"] == stored
        listed = folder.run_afresh("post", "list", TZ="XST+7").went_well().out
        assert told.replace(":00-", "-").replace(":05-", "-") in listed
        folder.run("post", "withdraw", slug).went_well()
    for nonsense in ("soon", "0001-01-01", "9999-12-31T23:00"):
        zone = "XST-7" if nonsense < "1" else "XST+7"
        ran = folder.run_afresh("post", "publish", slug, "--at", nonsense, TZ=zone)
        ran.failed(2, "is no time")


def test_a_post_that_the_site_leaves_out_is_an_exit_code(folder, post_text, monkeypatch):
    from aggregator.cli import invoke
    from aggregator.publishing import library

    def fails(*args, **kwargs):
        raise ValueError("it cannot be shown")

    monkeypatch.setattr(library, "article_of", fails)
    slug = folder.post(post_text)
    update = folder.write("update.md", "They voted.\n")
    at = ["--config", str(folder.config), "post"]
    for words in (["publish", slug], ["update", slug, str(folder.path / update)]):
        assert invoke([*at, *words]) == 1
    assert invoke([*at, "withdraw", slug]) == 1
    assert invoke([*at, "publish", slug, "--no-site"]) == 0


def test_a_document_with_its_updates_is_published_as_it_stands(folder):
    """The form in which the documentation shows a post."""
    text = """\
---
title: "The ferry stays"
tags: [harbour]
cites:                        # optional details
  - {url: "https://tide.example/ferry", author: Bo Lund, title: "Saved", via: "https://b.example/"}
---
[Bo Lund](https://tide.example/ferry) reports:

> The port keeps the ferry for a year … "We counted again," said the harbour master …

::: takeaways prose
I see three takeaways from this news.

1. somebody counted again.
2. a year is not long.
3. nobody asked the islanders.
:::

So who counted the first time?

## Update 2021-03-31T14:05:00Z

[Mia Berg](https://mia.example/) makes several points, but her title says it best:

> [Count me out](https://mia.example/2021/count)
"""
    slug = folder.post(text)
    folder.run("post", "publish", slug).went_well()
    [item] = json.loads((folder.output / "feed.json").read_text())["items"]
    assert item["date_published"] == item["date_modified"]
    assert "Update, 31 March 2021, 14:05 UTC" in item["content_html"]
    assert "Lastly, nobody asked" in item["content_html"]
    atom = (folder.output / "feed.atom").read_text()
    related = re.findall(r'rel="related" href="([^"]*)"', atom)
    assert related == ["https://tide.example/ferry", "https://mia.example/2021/count"]
    elsewhere = text.replace("tags:", "published: 2021-03-30T08:00:00Z\ntags:")
    slug = folder.post(elsewhere)
    folder.run("post", "publish", slug).went_well()
    told = folder.run("post", "list", "--json").json[1]
    assert (told["published"], told["updated"]) == ("2021-03-30T08:00:00Z", "2021-03-31T14:05:00Z")
    assert told["url"] == f"https://blog.example/2021/03/{slug}/"


def test_a_withdrawal_by_edit_is_told_and_nothing_is_claimed_that_is_not_so(folder, post_text):
    slug = folder.post(post_text)
    assert folder.run("post", "edit", slug, "-", stdin=post_text + "x\n").out.startswith("Saved")
    folder.run("post", "publish", slug).went_well()
    told = folder.run("post", "edit", slug, "-", stdin=post_text + "\n## Update\n\nMore.\n")
    assert told.went_well().out == f"Saved {slug} with 1 new update.\nNext: aggregator publish\n"
    document = folder.run("post", "show", slug).out
    told = folder.run("post", "edit", slug, "-", stdin=document + "\n## Withdrawn\n\nWrong.\n")
    assert told.went_well().out.startswith(f"Withdrew {slug} (undo:")
    folder.run("post", "update", slug, "-", stdin="More.").failed(2, f"post publish {slug}")
    folder.run("post", "publish", slug).went_well()
    assert "Wrong." not in (folder.output / "feed.atom").read_text()
    told = folder.run("post", "update", slug, "-", "--kind", "withdrawal", stdin="No.").went_well()
    assert told.out.startswith(f"Withdrew {slug} (undo:")


def test_a_wrong_name_keeps_what_was_typed(folder, post_text, editor):
    for command in ("update", "edit"):
        folder.run("post", command, "nosuch", "-", stdin=post_text).failed(2, "nosuch", "kept in")
    assert rescued(folder) == [post_text, post_text]
    for command in ("update", "edit"):
        ran = folder.run("post", command, "nosuch", EDITOR=editor("touch opened"))
        ran.failed(2, "nosuch")
    assert not (folder.path / "opened").exists()


def test_what_show_prints_is_no_change(folder, post_text):
    slug = folder.post(post_text.rstrip("\n"))
    shown = folder.run("post", "show", slug).went_well().out
    ran = folder.run("post", "edit", slug, folder.write("shown.md", shown))
    assert "Nothing changed" in ran.went_well().out


def test_near_misses_are_refused_and_html_is_told(folder, post_text):
    missed = post_text + "\n## Update 31 March\n\nMore.\n"
    folder.run("post", "new", "-", stdin=missed).failed(2, "line 11", "## Update 2026")
    assert rescued(folder) == [missed]
    ran = folder.run("post", "new", "-", stdin=post_text + "\n<!-- ask Ana -->\n\n<div>x</div>\n")
    assert ran.out == "the-council-blinked\n"
    assert "Note: line 11:" in ran.err
    assert "Note: line 13: `<div>x</div>` is shown as these characters" in ran.err
    folder.run("post", "publish", "the-council-blinked").failed(2, "line 11", "ask Ana")
    assert not folder.output.exists()


def test_updates_that_readers_saw_go_only_when_told_to(folder, post_text):
    slug = folder.post(post_text)
    folder.run("post", "publish", slug).went_well()
    folder.run("post", "update", slug, "-", stdin="They voted.").went_well()
    ran = folder.run("post", "edit", slug, "-", stdin=post_text)
    ran.failed(2, "--drop-updates")
    assert rescued(folder) == [post_text]
    folder.run("post", "edit", slug, "-", "--drop-updates", stdin=post_text).went_well()
    assert "They voted." not in folder.run("post", "show", slug).out
