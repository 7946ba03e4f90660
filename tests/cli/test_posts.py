"""`post …`: a post from its first word to its withdrawal, and no word lost on the way."""

from __future__ import annotations

import stat

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
    assert after["updated"] > listed[0]["updated"]
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
    folder.run("post", "publish", slug, "--at", "2001-01-01").went_well()
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
    from aggregator.publishing import site

    def fails(*args, **kwargs):
        raise ValueError("it cannot be shown")

    monkeypatch.setattr(site, "article_of", fails)
    slug = folder.post(post_text)
    update = folder.write("update.md", "They voted.\n")
    at = ["--config", str(folder.config), "post"]
    for words in (["publish", slug], ["update", slug, str(folder.path / update)]):
        assert invoke([*at, *words]) == 1
    assert invoke([*at, "withdraw", slug]) == 1
    assert invoke([*at, "publish", slug, "--no-site"]) == 0


def test_updates_that_readers_saw_go_only_when_told_to(folder, post_text):
    slug = folder.post(post_text)
    folder.run("post", "publish", slug).went_well()
    folder.run("post", "update", slug, "-", stdin="They voted.").went_well()
    ran = folder.run("post", "edit", slug, "-", stdin=post_text)
    ran.failed(2, "--drop-updates")
    assert rescued(folder) == [post_text]
    folder.run("post", "edit", slug, "-", "--drop-updates", stdin=post_text).went_well()
    assert "They voted." not in folder.run("post", "show", slug).out
