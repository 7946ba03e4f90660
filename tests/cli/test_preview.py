"""`post preview`: looked at before anybody sees it, and nothing touched by looking."""

from __future__ import annotations

import hashlib
import stat

from aggregator.cli.preview import VIEWS
from aggregator.preview import NAMES

GOOD = """\
---
title: "The council blinked"
---
[Ana Reyes](https://news.example/vote) of news.example reports:

> “The council put off its vote.”

So why vote in June at all?
"""
LOST = GOOD + "\n3. third\n4. fourth\n"


def test_a_draft_is_shown_and_nothing_is_changed(folder):
    slug = folder.post(GOOD)
    before = hashlib.sha256(folder.database.read_bytes()).hexdigest()
    told = folder.run("post", "preview", slug).went_well().out
    assert told.startswith("The council blinked\n\nAna Reyes[1] of news.example reports:\n")
    assert told.endswith("\nNothing is lost in any view.\n")
    assert hashlib.sha256(folder.database.read_bytes()).hexdigest() == before
    assert not folder.output.exists()
    assert folder.run("post", "list", "--json").json[0]["status"] == "draft"


def test_what_is_lost_is_told_with_the_reader_and_the_way_out(folder):
    slug = folder.post(LOST)
    ran = folder.run("post", "preview", slug)
    assert (ran.code, ran.err) == (1, "")
    assert "Lost in Miniflux: the numbers 3, 4 of a list" in ran.out
    assert "  → begin the list at 1" in ran.out
    assert "Nothing is lost in the page, Tiny Tiny RSS, newsboat and plain text." in ran.out
    told = folder.run("post", "preview", slug, "--as", "newsboat").went_well().out
    assert told.endswith("\nNothing is lost in newsboat.\n")
    ran = folder.run("post", "preview", slug, "--as", "miniflux")
    assert ran.code == 1
    assert " 1. third" in ran.out
    assert "\nLost: the numbers" in ran.out


def test_published_posts_and_withdrawn_ones_are_shown_as_they_are(folder):
    slug = folder.post(GOOD)
    folder.run("post", "publish", slug).went_well()
    folder.run("post", "update", slug, "-", stdin="More is known.").went_well()
    told = folder.run("post", "preview", slug).went_well().out
    assert "UTC: More is known." in told
    folder.run("post", "withdraw", slug).went_well()
    told = folder.run("post", "preview", slug).went_well().out
    assert "June" not in told
    assert told.endswith("\nNothing is lost in any view.\n")


def test_a_document_need_not_be_saved(folder):
    name = folder.write("post.md", GOOD)
    told = folder.run("post", "preview", "--file", name).went_well().out
    assert folder.run("post", "preview", "--file", "-", stdin=GOOD).went_well().out == told
    assert folder.run("post", "list", "--json").json == []
    wrong = GOOD.replace("title", "titel")
    folder.run("post", "preview", "--file", "-", stdin=wrong).failed(2, "line 2", "is not saved")
    folder.run("post", "preview", "--file", folder.write("wrong.md", wrong)).failed(2, "wrong.md")
    folder.run("post", "preview", "--file", "-", "--bogus", stdin=GOOD).failed(2, "--bogus")
    assert not (folder.data / "rescued").exists()


def test_the_command_offers_every_view():
    assert VIEWS == NAMES


def test_wrong_usage(folder):
    slug = folder.post(GOOD)
    folder.run("post", "preview").failed(2, "SLUG", "--file")
    folder.run("post", "preview", slug, "--file", "x.md").failed(2, "SLUG", "--file")
    folder.run("post", "preview", "absent").failed(2, "absent")
    folder.run("post", "preview", "--file", "absent.md").failed(2, "absent.md")
    folder.run("post", "preview", slug, "--as", "netscape").failed(2, "miniflux")
    folder.run("post", "preview", slug, "--json", "--open").failed(2, "choose one")
    folder.run("post", "preview", slug, "--json", "--page", "x.html").failed(2, "choose one")


def test_json(folder):
    ran = folder.run("post", "preview", folder.post(LOST), "--json")
    assert ran.code == 1
    shown = ran.json
    assert list(shown) == ["slug", "title", "status", "url", "lost", "views", "findings"]
    assert shown["lost"] is True
    assert shown["status"] == "draft"
    by_name = {view["name"]: view for view in shown["views"]}
    assert list(by_name) == ["page", "miniflux", "ttrss", "newsboat", "text"]
    assert by_name["newsboat"]["html"] is None
    assert by_name["newsboat"]["links"] == ["https://news.example/vote"]
    assert by_name["text"]["links"] == []
    assert {name: view["lost"] for name, view in by_name.items() if view["lost"]} == {"miniflux": 1}
    [lost] = [one for one in shown["findings"] if one["lost"]]
    assert list(lost) == ["kind", "lost", "views", "what", "do"]
    assert (lost["kind"], lost["views"]) == ("ordinals", ["miniflux"])
    one = folder.run("post", "preview", shown["slug"], "--json", "--as", "ttrss").json
    assert [view["name"] for view in one["views"]] == ["ttrss"]
    assert one["lost"] is False


def test_the_page_is_written_for_its_author_and_over_nothing_else(folder):
    slug = folder.post(GOOD)
    words = ("post", "preview", slug, "--page")
    told = folder.run(*words, "look.html").went_well().out
    assert told == "Written to look.html\nNothing is lost in any view.\n"
    page = folder.path / "look.html"
    assert stat.S_IMODE(page.stat().st_mode) == 0o600  # a draft is nobody else's business
    first = page.read_bytes()
    folder.run(*words, "look.html").went_well()
    assert page.read_bytes() == first
    kept = folder.write("mine.md", GOOD)
    folder.run(*words, kept).failed(2, "mine.md", "no preview")
    assert (folder.path / kept).read_text() == GOOD
    folder.run("post", "publish", slug).went_well()
    folder.run(*words, "public/look.html").failed(2, "published", "another place")
    assert not (folder.output / "look.html").exists()
    folder.run(*words, "absent/look.html").failed(4, "absent/look.html")


def test_open_shows_the_page_in_a_browser(folder):
    slug = folder.post(GOOD)
    browser = folder.path / "browser"
    browser.write_text(f'#!/bin/sh\nprintf "%s" "$1" > "{folder.path}/opened"\n')
    browser.chmod(0o755)
    temporary = folder.path / "tmp"
    temporary.mkdir()
    env = {"BROWSER": f"{browser} %s", "TMPDIR": str(temporary)}
    ran = folder.run_afresh("post", "preview", slug, "--open", **env).went_well()
    [page] = temporary.rglob("*.html")
    assert f"Written to {page}" in ran.out
    assert (folder.path / "opened").read_text() == page.as_uri()
    nothing = {**env, "BROWSER": "/absent/browser %s", "PATH": "/absent"}
    ran = folder.run_afresh("post", "preview", slug, "--open", "--page", "x.html", **nothing)
    assert (ran.code, "No browser was found" in ran.err) == (0, True)
