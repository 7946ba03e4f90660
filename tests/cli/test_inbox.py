"""`inbox`, `entry` and `feeds`: what machines and people are shown of what came in."""

from __future__ import annotations

from datetime import datetime

import pytest

from servers import response, serving


@pytest.fixture
def filled(folder, rss):
    """A folder whose inbox holds three entries: numbers 1 to 3, the newest last published."""
    with serving(lambda request: response(200, rss("one", "two", "three"))) as server:
        folder.url = server.url("/")
        folder.follow(folder.url)
        folder.run("poll").went_well()
    return folder


def test_json_carries_what_scripts_rely_on(filled):
    entries = filled.run("inbox", "--json").went_well().json
    assert [entry["title"] for entry in entries] == ["three", "two", "one"]
    entry = entries[0]
    wanted = {
        "id", "feed", "entry_id", "title", "link", "author", "published", "updated",
        "first_seen", "content", "tags", "starred",
    }  # fmt: skip
    assert wanted <= set(entry)
    assert type(entry["id"]) is int
    assert entry["feed"] == filled.url
    assert entry["entry_id"] == "https://news.example/2"
    assert entry["link"] == "https://news.example/2"
    assert entry["published"] == "2026-03-31T12:00:00Z"
    assert entry["first_seen"].endswith("Z")
    assert datetime.fromisoformat(entry["first_seen"]).tzinfo
    assert entry["content"] == "<p>About three</p>"
    assert entry["tags"] == []
    assert entry["starred"] is False
    assert entry["author"] in (None, "")


def test_limits(filled):
    assert len(filled.run("inbox", "--json", "--limit", "2").json) == 2
    assert len(filled.run("inbox", "--json", "--limit", "0").json) == 3
    shown = filled.run("inbox", "--limit", "1").went_well().out
    assert "2 more" in shown
    assert "--limit 0" in shown


def test_triage_and_its_undo(filled):
    first, second, third = (entry["id"] for entry in filled.run("inbox", "--json").json)
    told = filled.run("entry", "dismiss", str(first), str(second)).went_well().out
    assert f"aggregator entry restore {first} {second}" in told
    assert [entry["id"] for entry in filled.run("inbox", "--json").json] == [third]
    assert len(filled.run("inbox", "--json", "--all").json) == 3
    assert "[dismissed]" in filled.run("inbox", "--all").out
    filled.run("entry", "restore", str(first)).went_well()
    assert [entry["id"] for entry in filled.run("inbox", "--json").json] == [first, third]
    filled.run("entry", "star", str(third)).went_well()
    assert [e["starred"] for e in filled.run("inbox", "--json").json] == [False, True]
    filled.run("entry", "star", "--off", str(third)).went_well()
    assert not any(entry["starred"] for entry in filled.run("inbox", "--json").json)


def test_one_wrong_number_changes_nothing(filled):
    number = filled.run("inbox", "--json").json[0]["id"]
    filled.run("entry", "dismiss", str(number), "999").failed(2, "999")
    assert len(filled.run("inbox", "--json").json) == 3


def test_an_entry_is_shown_as_text(filled):
    number = filled.run("inbox", "--json").json[0]["id"]
    shown = filled.run("entry", "show", str(number)).went_well().out
    assert shown.startswith("three\n")
    assert "https://news.example/2" in shown
    assert "About three" in shown
    assert "<p>" not in shown
    assert filled.run("entry", "show", "--json", str(number)).json["id"] == number


def test_earlier_words_of_a_source_are_kept_and_shown(folder, rss):
    state = {"title": "The first words"}
    with serving(lambda request: response(200, rss(state["title"]))) as server:
        folder.follow(server.url("/"))
        folder.run("poll").went_well()
        state["title"] = "Quite other words"
        assert "1 changed" in folder.run("poll", "--force").went_well().out
    number = str(folder.run("inbox", "--json").json[0]["id"])
    assert "--versions" in folder.run("entry", "show", number).out
    assert "The first words" in folder.run("entry", "show", "--versions", number).out


def test_empty_states_say_what_to_do(folder):
    assert "aggregator poll" in folder.run("inbox").went_well().out
    assert folder.run("inbox", "--json").went_well().json == []
    assert "aggregator follow" in folder.run("feeds").went_well().out
    assert folder.run("feeds", "--json").went_well().json == []
    assert "aggregator follow" in folder.run("poll").went_well().out
    assert folder.run("poll", "--json").went_well().json["feeds"] == []
    assert "aggregator post new" in folder.run("post", "list").went_well().out
    assert folder.run("post", "list", "--json").went_well().json == []
    assert "Nothing is held back" in folder.run("feeds", "--held").went_well().out


def test_feeds_are_listed_with_their_next_poll_and_why(filled):
    feed = filled.run("feeds", "--json").went_well().json[0]
    assert (feed["url"], feed["entries"], feed["failures"]) == (filled.url, 3, 0)
    assert feed["next_poll_at"].endswith("Z")
    listed = filled.run("feeds").went_well().out
    assert "News" in listed
    assert "3 entries, next poll" in listed


def test_output_is_utf_8_where_the_locale_is_not(folder, rss):
    with serving(lambda request: response(200, rss("Ação “já”"))) as server:
        folder.follow(server.url("/"))
        folder.run_afresh("poll", LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0").went_well()
    for words in (["inbox", "--json"], ["inbox"]):
        ran = folder.run_afresh(*words, LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
        assert ran.code == 0, ran
    assert "Ação “já”" in folder.run_afresh("inbox", "--json", LC_ALL="C").out
