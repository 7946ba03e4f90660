"""`import` and `export`: lists of feeds from and for other programs."""

from __future__ import annotations

import json
import shlex
import subprocess

import pytest

from servers import response, serving

HEAD = "# Mine.\nfetch: {allow_networks: [127.0.0.0/8]}  # for tests\nfeeds:\n"
LIST = """<?xml version="1.0"?><opml version="2.0"><head><title>t</title></head><body>
<outline text="News"><outline text="The Courier" type="rss" xmlUrl="https://courier.example/rss"/>
<outline text="Joe" title="" type="rss" xmlUrl="https://joe.example/feed" category="blogs,News"/>
</outline>
<outline text="Again" type="rss" xmlUrl="http://JOE.example/feed"/>
<outline text="Known" type="rss" xmlUrl="https://known.example"/>
<outline text="A page" type="link" url="https://page.example/"/>
<outline text="Bad" type="rss" xmlUrl="ftp://bad.example/"/>
</body></opml>"""


@pytest.fixture
def mine(folder):
    folder.config.write_text(HEAD + "  - https://known.example/  # the first\n")
    return folder


def added(folder, before: str) -> list[str]:
    after = folder.config.read_text()
    lines = [line for line in after.splitlines() if line not in before.splitlines()]
    assert after.replace("".join(f"{line}\n" for line in lines), "") == before
    return [line.strip() for line in lines]


def test_an_import_adds_what_is_new_and_tells_of_all_the_rest(mine):
    mine.write("list.opml", LIST)
    before = mine.config.read_text()
    ran = mine.run("import", "list.opml")
    assert ran.code == 0, ran
    assert added(mine, before) == [
        '- {url: "https://courier.example/rss", title: "The Courier", tags: [News]}',
        '- {url: "https://joe.example/feed", tags: [News, blogs]}',
    ]
    assert "2 feeds added to feeds.yaml." in ran.out
    assert "1 followed already." in ran.out
    assert "1 in the list more than once." in ran.out
    assert ran.err.splitlines() == [
        "2 left out:",
        "    A page: it has no address of a feed, only https://page.example/",
        "    Bad: ftp://bad.example/ is no http or https address",
    ]
    assert len(mine.run("feeds", "--json").json) == 3

    again = mine.run("import", "list.opml")
    assert again.code == 0
    assert "Nothing was added." in again.out
    assert "3 followed already." in again.out

    [line] = [line for line in ran.out.splitlines() if "as it was: " in line]
    undo = shlex.split(line.partition("as it was: ")[2])
    assert undo[0] == "cp"
    subprocess.run(undo, cwd=mine.path, check=True)
    assert mine.config.read_text() == before
    assert len(mine.run("feeds", "--json").json) == 1


def test_a_dry_run_shows_what_would_be_added_and_changes_nothing(mine):
    mine.write("list.opml", LIST)
    before = mine.config.read_text()
    ran = mine.run("import", "--dry-run", "list.opml")
    assert ran.code == 0
    assert "    The Courier  https://courier.example/rss  [News]\n" in ran.out
    assert "    https://joe.example/feed  [News, blogs]\n" in ran.out
    assert "2 feeds would be added; nothing was changed." in ran.out
    assert "Bad: " in ran.err
    assert mine.config.read_text() == before
    assert not list(mine.data.glob("feeds-before-import*"))


def test_a_list_is_read_from_standard_input_and_from_the_web(mine):
    assert mine.run("import", "-", stdin=LIST).code == 0
    body = LIST.replace("courier", "other").encode()
    with serving(lambda r: response(200, body, content_type="text/x-opml")) as server:
        ran = mine.run("import", server.url("/list.opml"))
    assert ran.code == 0, ran
    assert "1 feed added" in ran.out
    assert mine.run("import", "http://10.0.0.1/list.opml").code == 1


@pytest.mark.parametrize(
    ("body", "code", "words"),
    [
        ("<rss version='2.0'><channel/></rss>", 1, "no list of feeds"),
        ("", 1, "no OPML"),
        ("<opml><body/></opml>", 1, ""),
        ("<opml><body>" + "<outline>" * 200, 1, "nested more than 100 deep"),
        ("x" * (16 * 1024 * 1024 + 1), 1, "larger than 16 MiB"),
    ],
    ids=["feed", "nothing", "no feeds", "deep", "large"],
)
def test_what_holds_no_feeds_fails_and_changes_nothing(mine, body, code, words):
    mine.write("list.opml", body)
    before = mine.config.read_text()
    mine.run("import", "list.opml").failed(code, words)
    assert mine.config.read_text() == before


def test_a_file_that_cannot_be_read_is_wrong_usage(mine):
    mine.run("import", "absent.opml").failed(2, "absent.opml: No such file")
    mine.run("import", ".").failed(2, "directory")
    mine.run("import").failed(2, "FILE")


def test_a_broken_list_says_that_it_is_and_only_the_first_reasons_are_shown(mine):
    bad = "".join(f"<outline text='Number {n} & more' xmlUrl='ftp://x/'/>" for n in range(30))
    mine.write("list.opml", f"<opml><body>{bad}<outline xmlUrl='https://a.example/?a&b=1'/>")
    ran = mine.run("import", "list.opml")
    assert ran.code == 0, ran
    assert "not well-formed" in ran.err
    assert "30 left out:" in ran.err
    assert "Number 19 & more" in ran.err
    assert "Number 20" not in ran.err
    assert "… and 10 more" in ran.err
    assert "https://a.example/?a&b=1" in mine.config.read_text()


def test_lists_of_the_corpus_are_imported(mine, corpus):
    names = ("awesome-Tech.opml", "awesome-country-Russia.opml", "planet-python.json", "Subs.opml")
    for name in names:
        ran = mine.run("import", str(corpus / "opml" / name))
        assert ran.code == 0, (name, ran)
    known = mine.run("feeds", "--json").went_well().json
    assert len(known) > 750
    assert {feed["title"] for feed in known if "Tech" in feed["tags"]} >= {"TechCrunch"}


def test_an_export_can_be_imported_elsewhere(mine, tmp_path_factory):
    mine.run("import", "-", stdin=LIST)
    with mine.config.open("a") as file:
        file.write('  - {url: "https://secret.example/?token=1", title: Mine, login: "me:pw"}\n')
    ran = mine.run("export")
    assert ran.code == 0
    assert "secret" not in ran.out
    assert "1 feed left out as private; --private writes all" in ran.err
    whole = mine.run("export", "--private").went_well().out
    assert "https://secret.example/?token=1" in whole
    assert "me:pw" not in whole

    before = {feed["url"]: feed["tags"] for feed in mine.run("feeds", "--json").json}
    mine.config.write_text(HEAD)
    mine.run("import", "-", stdin=whole).went_well()
    assert {feed["url"]: feed["tags"] for feed in mine.run("feeds", "--json").json} == before
    # What the feeds are called is not written down as if the author had said so.
    assert "joe.example" not in mine.config.read_text().replace("https://joe.example/feed", "")


def test_an_export_to_a_file_replaces_a_list_and_nothing_else(mine):
    ran = mine.run("export", "out.opml").went_well()
    assert "1 feed written to out.opml" in ran.out
    written = (mine.path / "out.opml").read_bytes()
    assert mine.run("export").went_well().out.encode() == written
    mine.run("export", "out.opml").went_well()
    assert (mine.path / "out.opml").read_bytes() == written
    before = mine.config.read_text()
    mine.run("export", "feeds.yaml").failed(2, "no OPML; it was left as it is")
    assert mine.config.read_text() == before
    assert mine.run("export", "absent/out.opml").code == 4
    mine.run("export", "--private", "private.opml").went_well()
    assert (mine.path / "private.opml").stat().st_mode & 0o077 == 0
    assert sorted(path.name for path in mine.path.glob("*.new")) == []


def test_what_feeds_prints_for_machines_can_be_imported(mine):
    mine.run("import", "-", stdin=LIST)
    printed = mine.run("feeds", "--json").went_well()
    mine.config.write_text(HEAD)
    mine.run("import", "-", stdin=printed.out).went_well()
    assert len(mine.run("feeds", "--json").json) == len(json.loads(printed.out))
