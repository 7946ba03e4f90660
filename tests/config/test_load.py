"""What feeds.yaml says, and what is said of it when it cannot be used."""

from __future__ import annotations

from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest

from aggregator.config.load import load_settings
from aggregator.config.settings import Author, Settings
from aggregator.config.starter import starter_text
from aggregator.demo.server import subscriptions
from aggregator.errors import ConfigError
from aggregator.model.subscription import Subscription

ROOT = Path(__file__).resolve().parents[2]

FULL = """\
site: {title: "City notes", base_url: "https://blog.example", language: pt-BR,
       authors: [{name: Ana, uri: "https://ana.example/"}, Joe]}
data: ./machine
output: /srv/public
fetch: {allow_networks: [127.0.0.0/8], timeout: 10s, max_bytes: 2 MiB}
poll: {interval: 90m}
parse: {workers: 1, memory: 512 MiB}
feeds:
  - https://a.example/rss
  - {url: "https://b.example/atom", title: B, tags: [city, city, x], interval: 1d, private: true}
  - url: https://c.example/feed.json
    identity: link
    encoding: windows-1252
    paused: true
"""


BOMB = "feeds: []\na: &a [x,x,x,x,x,x,x,x]\n" + "".join(
    f"b{n}: &{new} [{','.join(['*' + old] * 9)}]\n"
    for n, new, old in zip(range(8), "ba" * 4, "ab" * 4, strict=True)
)


def written(tmp_path: Path, content: str | bytes) -> Path:
    path = tmp_path / "feeds.yaml"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def failure(path: Path) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        load_settings(path)
    return caught.value


def test_every_key_arrives_and_paths_are_taken_from_the_files_folder(tmp_path):
    settings = load_settings(written(tmp_path, FULL))
    assert settings.site.base_url == "https://blog.example/"
    assert settings.site.authors == (
        Author(name="Ana", uri="https://ana.example/"),
        Author(name="Joe"),
    )
    assert (settings.data, settings.output) == (tmp_path / "machine", Path("/srv/public"))
    assert settings.fetch.allow_networks == (ip_network("127.0.0.0/8"),)
    assert settings.fetch.max_bytes == 2 * 1024 * 1024
    assert settings.poll.interval == timedelta(minutes=90)
    assert (settings.parse.workers, settings.parse.memory_bytes) == (1, 512 * 1024 * 1024)
    assert settings.subscriptions == (
        Subscription(url="https://a.example/rss"),
        Subscription(
            url="https://b.example/atom",
            title="B",
            tags=("city", "x"),
            interval=timedelta(days=1),
            private=True,
        ),
        Subscription(
            url="https://c.example/feed.json", identity="link", encoding="windows-1252", paused=True
        ),
    )


@pytest.mark.parametrize(
    "text", ["feeds:\n", "feeds: []\n", "feeds: ~\nsite:\npoll:\n", "\ufefffeeds:"]
)
def test_all_but_feeds_may_be_left_out(tmp_path, text):
    path = written(tmp_path, text)
    assert load_settings(path) == Settings(
        path=path, data=tmp_path / "data", output=tmp_path / "public"
    )


def test_a_relative_path_gives_absolute_settings(tmp_path, monkeypatch):
    written(tmp_path, "feeds: []\n")
    monkeypatch.chdir(tmp_path)
    settings = load_settings(Path("feeds.yaml"))
    assert (settings.path, settings.data) == (tmp_path / "feeds.yaml", tmp_path / "data")


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("feeds: []\nfech: {}\n", 2, 1, "unknown key; did you mean `fetch`?"),
        ("feeds:\n  - url: http://a.example/\n    tag: [x]\n", 3, 5, "did you mean `tags`?"),
        ("feeds: []\ninterval: 1h\n", 2, 1, "it belongs under `poll`"),
        ("feeds: []\nsite: {feeds: []}\n", 2, 8, "it belongs at the left margin"),
        ("poll: {interval: soon}\nfeeds: []\n", 1, 8, 'such as 30m, 2h or 1d, not "soon"'),
        ("poll: {interval: 0s}\nfeeds: []\n", 1, 8, "expected a duration"),
        ("feeds:\n  - ftp://a.example/\n", 2, 5, "http:// or https:// address of a feed"),
        ("feeds:\n  - {url: a.example}\n", 2, 6, 'feeds item 1, url: expected'),
        ("feeds:\n  - {title: A}\n", 2, 5, "`url` is missing"),
        ("feeds:\n  - https://me:pw@a.example/\n", 2, 5, "without a user name or password"),
        (
            "feeds:\n  - http://a.example/\n  - url: HTTP://A.example:80\n",
            3,
            5,
            '"HTTP://A.example:80" is followed already, in line 2',
        ),
        ("feeds: 3\n", 1, 1, "expected a list, not 3"),
        ("feeds: []\nsite: x\n", 2, 1, 'expected keys and values, not "x"'),
        ("feeds:\n  - 7\n", 2, 5, "expected keys and values such as `url: https://…`, not 7"),
        ("feeds:\n  - url: http://a.example/\n    private: yes\n", 3, 5, "expected true or false"),
        ("feeds:\n  - {url: 'http://a.example/', title: 12}\n", 2, 32, "in quotes"),
        ("- http://a.example/\n", 1, 1, "expected keys and values such as `site:`"),
        ("just words\n", 1, 1, "expected keys and values such as `site:`"),
        ("site: {}\n", 1, 1, "`feeds` is missing"),
        ("output: .\nfeeds: []\n", 1, 1, "expected a folder of its own"),
        ("database: postgresql://x/\nfeeds: []\n", 1, 1, "only SQLite"),
        ("site: {author: A, authors: [B]}\nfeeds: []\n", 1, 8, "not both"),
        ("fetch: {allow_networks: [10.0.0.1/8]}\nfeeds: []\n", 1, 26, "perhaps 10.0.0.0/8"),
        ("fetch: {connections: .nan}\nfeeds: []\n", 1, 9, "a whole number from 1 to 256"),
        ("feeds: []\n1: 2\n", 2, 1, "unknown key"),
        ("", None, None, "the file is empty"),
        (" \n\n", None, None, "the file is empty"),
        ("# nothing yet\n", None, None, "the file says nothing"),
        ("feeds:\n\t- url: x\n", 2, 1, "tabs"),
        ("feeds: []\nfeeds: []\n", 2, 1, "the key `feeds` is given twice, first in line 1"),
        (b"\x89PNG\r\n\x1a\n\0\0", 1, 1, "expected text in UTF-8, not the byte 0x89"),
        (b"feeds: []\0\0", None, None, "not binary data"),
        ("feeds: []\n# caf\xe9\n".encode("latin-1"), 2, 6, "UTF-8, not the byte 0xe9"),
        ("feeds: " + "[" * 5000, 1, 58, "nested more than 50 deep"),
        (BOMB, 7, 30, "stands for more than 500,000 values"),
    ],
    ids=lambda value: repr(value)[:30],
)  # fmt: skip
def test_what_is_wrong_is_named_with_line_and_column(tmp_path, text, line, column, words):
    path = written(tmp_path, text)
    error = failure(path)
    assert words in error.message
    assert error.path == path
    assert error.line == line
    assert column is None or error.column == column
    place = f"{path}:{line}:{error.column}: " if line else f"{path}: "
    assert str(error).startswith(place)


def test_everything_wrong_is_told_at_once_in_the_order_of_the_file(tmp_path):
    path = written(tmp_path, "feeds: [x, y]\npoll: {interval: z}\n")
    lines = str(failure(path)).split("\n")
    assert [line.removeprefix(f"{path}:")[:4] for line in lines] == ["1:9:", "1:12", "2:8:"]


def test_of_very_many_mistakes_the_first_twenty_are_told(tmp_path):
    error = failure(written(tmp_path, "feeds:\n" + "  - x\n" * 50))
    assert len(error.message.split("\n")) == 21
    assert error.message.endswith("… and 30 more")


def test_passwords_are_not_repeated(tmp_path):
    error = failure(written(tmp_path, "feeds: [https://me:secret@a.example/]\n"))
    assert "secret" not in str(error)


def test_a_missing_file_is_answered_with_the_command_that_writes_one(tmp_path):
    error = failure(tmp_path / "feeds.yaml")
    assert "aggregator init" in str(error)
    assert error.line is None


def test_a_folder_is_not_a_file(tmp_path):
    assert "folder" in str(failure(tmp_path))


def test_the_file_that_comes_with_the_program_follows_the_demo_sources():
    followed = load_settings(ROOT / "feeds.yaml").subscriptions
    assert [(one.url, one.tags) for one in followed] == [
        (source.url, source.tags) for source in subscriptions()
    ]
    assert {one.interval for one in followed} == {timedelta(seconds=1)}


def test_its_examples_are_valid_when_their_number_signs_are_taken_out(tmp_path):
    lines = (ROOT / "feeds.yaml").read_text().splitlines()
    examples = [line.replace("# ", "", 1) if line.startswith("  # - {") else line for line in lines]
    settings = load_settings(written(tmp_path, "\n".join(examples)))
    assert len(settings.subscriptions) == 10


def test_the_commented_site_of_the_file_that_comes_with_the_program_is_valid(tmp_path):
    text = (ROOT / "feeds.yaml").read_text()
    block = text[text.index("# site:") : text.index("# data:")]
    site = "\n".join(line.removeprefix("# ") for line in block.splitlines())
    settings = load_settings(written(tmp_path, f"{site}\nfeeds: []\n"))
    assert settings.site.base_url == "https://blog.example/"


def test_the_first_file_is_valid_and_says_what_was_asked(tmp_path):
    text = starter_text('A "quoted" title: x', "https://blog.example")
    settings = load_settings(written(tmp_path, text))
    assert settings.site.title == 'A "quoted" title: x'
    assert settings.site.base_url == "https://blog.example/"
    assert settings.subscriptions == ()


@pytest.mark.parametrize(("title", "base_url"), [("", "https://a.example/"), ("A", "a.example")])
def test_a_first_file_is_not_written_for_what_it_could_not_hold(title, base_url):
    with pytest.raises(ConfigError, match="expected"):
        starter_text(title, base_url)
