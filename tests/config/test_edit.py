"""An edit touches the lines of one feed; every other byte stays as its author wrote it."""

from __future__ import annotations

import os
import re
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from multiprocessing import get_context
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.config.edit import add_feed, move_feed, remove_feed
from aggregator.config.load import load_settings
from aggregator.config.starter import starter_text
from aggregator.errors import ConfigError, FeedNotFound
from aggregator.model.subscription import Subscription

NEW = Subscription(
    url="https://new.example/rss",
    title="The New",
    tags=("city", "a b"),
    interval=timedelta(hours=2),
)
FLOW = '{url: "https://new.example/rss", title: "The New", tags: [city, "a b"], interval: 2h}'

HEAD = """\
# top comment
site:   {title:  'Spaced   out' }   # odd, but mine


poll: {interval: 2h}
"""
BLOCK = f"""{HEAD}feeds:
  # reporters
  - url: https://a.example/rss   # the first
    title: A

  # bloggers
  - url: https://b.example/rss
    tags:
      - city
  # the end
output: ./www   # last
"""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "feeds.yaml"
    path.write_bytes(text.encode())
    return path


def text_of(path: Path) -> str:
    return path.read_bytes().decode()


def test_a_feed_is_added_in_block_style_where_the_others_are(tmp_path):
    path = written(tmp_path, BLOCK)
    add_feed(path, NEW)
    lines = (
        '  - url: "https://new.example/rss"\n    title: "The New"\n'
        '    tags: [city, "a b"]\n    interval: 2h\n'
    )
    assert text_of(path) == BLOCK.replace("  # the end\n", lines + "  # the end\n")
    assert load_settings(path).subscriptions[-1] == NEW
    assert remove_feed(path, NEW.url) == lines
    assert text_of(path) == BLOCK


def test_a_feed_is_removed_and_the_comments_around_it_stay(tmp_path):
    path = written(tmp_path, BLOCK)
    gone = "  - url: https://a.example/rss   # the first\n    title: A\n"
    assert remove_feed(path, "HTTPS://A.example:443/rss") == gone
    assert text_of(path) == BLOCK.replace(gone, "")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("feeds:\n", f"feeds:\n  - {FLOW}\n"),
        ("feeds:", f"feeds:\n  - {FLOW}"),
        ("feeds:   # none yet\n\n# end\n", f"feeds:   # none yet\n  - {FLOW}\n\n# end\n"),
        ("feeds: []\n", f"feeds:\n  - {FLOW}\n"),
        ("feeds: []  # none yet\ndata: d\n", f"feeds:  # none yet\n  - {FLOW}\ndata: d\n"),
        ("feeds: ~\n", f"feeds:\n  - {FLOW}\n"),
        ("feeds:\n- https://a.example/\n", f"feeds:\n- https://a.example/\n- {FLOW}\n"),
        (
            "feeds:\n    - {url: 'https://a.example/'}",
            f"feeds:\n    - {{url: 'https://a.example/'}}\n    - {FLOW}",
        ),
        ("feeds: [https://a.example/]\n", f"feeds: [https://a.example/, {FLOW}]\n"),
        (
            "feeds: [\n  {url: 'https://a.example/'},  # one\n]\n",
            f"feeds: [\n  {{url: 'https://a.example/'}},  # one\n  {FLOW},\n]\n",
        ),
        (
            "feeds: [\n  {url: 'https://a.example/'}  # one\n]\n",
            f"feeds: [\n  {{url: 'https://a.example/'}},  # one\n  {FLOW}\n]\n",
        ),
        (
            "feeds:\r\n  - https://a.example/\r\n",
            f"feeds:\r\n  - https://a.example/\r\n  - {FLOW}\r\n",
        ),
        ("\ufefffeeds:\n", f"\ufefffeeds:\n  - {FLOW}\n"),
        ("'feeds': []\n...\n", f"'feeds':\n  - {FLOW}\n...\n"),
    ],
)  # fmt: skip
def test_a_feed_is_added_in_the_notation_of_the_list(tmp_path, before, after):
    path = written(tmp_path, before)
    add_feed(path, NEW)
    assert text_of(path) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("feeds:\n  - https://a.example/\n", 'feeds:\n  - https://a.example/\n  - "https://n.example/"\n'),
        ("feeds: [https://a.example/]", 'feeds: [https://a.example/, "https://n.example/"]'),
        ('{"feeds": []}', '{"feeds": [{"url": "https://n.example/"}]}'),
        ('{"feeds": null}', '{"feeds": [{"url": "https://n.example/"}]}'),
        (
            '{"feeds": [\n  {"url": "https://a.example/"}\n]}\n',
            '{"feeds": [\n  {"url": "https://a.example/"},\n  {"url": "https://n.example/"}\n]}\n',
        ),
    ],
)  # fmt: skip
def test_a_bare_address_stands_as_the_others_do(tmp_path, before, after):
    path = written(tmp_path, before)
    add_feed(path, Subscription(url="https://n.example/"))
    assert text_of(path) == after


@pytest.mark.parametrize(
    ("before", "after", "removed"),
    [
        ("feeds:\n  - https://a.example/\n", "feeds:\n", "  - https://a.example/\n"),
        ("feeds:\n  - https://a.example/", "feeds:", "  - https://a.example/"),
        ("feeds: [https://a.example/]\n", "feeds: []\n", "https://a.example/"),
        (
            "feeds: [https://a.example/, 'https://b.example/']\n",
            "feeds: ['https://b.example/']\n",
            "https://a.example/, ",
        ),
        (
            "feeds: [\n  'https://b.example/',  # b\n  {url: 'https://a.example/'}  # a\n]\n",
            "feeds: [\n  'https://b.example/'  # b\n]\n",
            "  {url: 'https://a.example/'}  # a\n",
        ),
        (
            "feeds:\n  -\n    # why\n    url: https://a.example/\n    # more\n  - https://b.example/\n",
            "feeds:\n    # more\n  - https://b.example/\n",
            "  -\n    # why\n    url: https://a.example/\n",
        ),
        (
            "feeds:\n  - url: https://a.example/\n    title: >\n      A\n\n      title\ndata: d\n",
            "feeds:\ndata: d\n",
            "  - url: https://a.example/\n    title: >\n      A\n\n      title\n",
        ),
    ],
)
def test_a_feed_is_removed_from_any_notation(tmp_path, before, after, removed):
    path = written(tmp_path, before)
    assert remove_feed(path, "https://a.example/") == removed
    assert text_of(path) == after


def test_the_first_feed_of_a_new_file_stands_before_its_commented_examples(tmp_path):
    text = starter_text("T", "https://t.example/")
    path = written(tmp_path, text)
    add_feed(path, NEW)
    assert text_of(path) == text.replace("\nfeeds:\n", f"\nfeeds:\n  - {FLOW}\n")
    remove_feed(path, NEW.url)
    assert text_of(path) == text


def test_a_feed_is_not_added_twice(tmp_path):
    path = written(tmp_path, BLOCK)
    with pytest.raises(ConfigError, match="followed already") as caught:
        add_feed(path, Subscription(url="https://B.example/rss#top"))
    assert (caught.value.line, caught.value.column) == (12, 5)
    assert text_of(path) == BLOCK


def test_a_feed_that_is_not_followed_cannot_be_removed(tmp_path):
    path = written(tmp_path, BLOCK)
    with pytest.raises(FeedNotFound, match=re.escape("did you mean https://a.example/rss?")):
        remove_feed(path, "https://a.example/rs")
    assert text_of(path) == BLOCK


@pytest.mark.parametrize("url", ["", "ftp://a.example/", "https://me:pw@a.example/"])
def test_what_the_file_could_not_hold_is_not_added(tmp_path, url):
    path = written(tmp_path, BLOCK)
    with pytest.raises(ConfigError, match="nothing was changed"):
        add_feed(path, Subscription(url=url))
    assert text_of(path) == BLOCK


@pytest.mark.parametrize(
    "text",
    [
        "x: &f\n  - https://a.example/\nfeeds: *f\n".replace("x:", "site: {}\ndata:"),
        "feeds: &all\n  - https://a.example/\n",
        "feeds:\n  - &one\n    url: https://a.example/\n",
        "? feeds\n: - https://a.example/\n",
    ],
)
def test_a_list_in_an_unknown_notation_is_left_alone_or_edited_rightly(tmp_path, text):
    path = written(tmp_path, text)
    try:
        add_feed(path, NEW)
    except ConfigError:
        assert text_of(path) == text
    else:
        urls = [one.url for one in load_settings(path).subscriptions]
        assert urls == ["https://a.example/", NEW.url]


def test_a_file_that_cannot_be_edited_is_answered_with_what_to_do_by_hand(tmp_path):
    text = "? feeds\n: - https://a.example/\n"
    path = written(tmp_path, text)
    with pytest.raises(ConfigError, match="cannot edit; please add this line to the list: - "):
        add_feed(path, NEW)
    assert text_of(path) == text


def test_an_invalid_file_is_left_as_it_is(tmp_path):
    path = written(tmp_path, "feeds: [\n")
    with pytest.raises(ConfigError):
        add_feed(path, NEW)
    assert text_of(path) == "feeds: [\n"


def test_a_write_protected_file_is_left_as_it_is(tmp_path):
    path = written(tmp_path, BLOCK)
    path.chmod(0o444)
    with pytest.raises(ConfigError, match="write-protected; it was left as it was"):
        add_feed(path, NEW)
    assert text_of(path) == BLOCK
    assert os.listdir(tmp_path) == ["feeds.yaml"]  # noqa: PTH208


def test_a_link_stays_a_link_and_the_mode_stays(tmp_path):
    (tmp_path / "repository").mkdir()
    real = written(tmp_path / "repository", BLOCK)
    real.chmod(0o640)
    link = tmp_path / "feeds.yaml"
    link.symlink_to(real)
    add_feed(link, NEW)
    assert link.is_symlink()
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert load_settings(real).subscriptions[-1] == NEW
    assert sorted(entry.name for entry in real.parent.iterdir()) == ["data", "feeds.yaml"]


def follow(path: Path, number: int) -> None:
    add_feed(path, Subscription(url=f"https://example.org/{number}"))


def test_feeds_added_at_once_by_threads_and_processes_are_all_there(tmp_path):
    path = written(tmp_path, BLOCK)
    spawned = get_context("fork" if os.name == "posix" else "spawn")
    processes = [spawned.Process(target=follow, args=(path, number)) for number in range(4)]
    for process in processes:
        process.start()
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(follow, [path] * 8, range(4, 12)))
    for process in processes:
        process.join(20)
        assert process.exitcode == 0
    urls = {one.url for one in load_settings(path).subscriptions[2:]}
    assert urls == {f"https://example.org/{number}" for number in range(12)}
    assert "  # the end\noutput: ./www   # last\n" in text_of(path)


comments = st.sampled_from(["", "", "  # note", "   #"])
gaps = st.sampled_from(["", "", "\n", "# - comment\n", "      # [deep\n\n"])


@st.composite
def files(draw: st.DrawFn) -> str:
    """Configurations as people might write them, in one of four notations."""
    count = draw(st.integers(0, 4))
    style = draw(
        st.sampled_from(["text", "flow", "block", "brackets", "lines"] if count else ["text"])
    )
    indent = " " * draw(st.integers(0, 4))
    items = []
    for number in range(count):
        url = f"https://{number}.example/?a={number}#b"
        item = {
            "text": f"- '{url}'",
            "flow": f'-  {{title: "x, # y", url: "{url}", tags: [a, "]"]}}',
            "block": f"- url: '{url}'\n{indent}  title: it''s",
        }.get(style, draw(st.sampled_from([f'"{url}"', f"{{url: '{url}', private: true}}"])))
        items.append(item)
    head = draw(st.sampled_from(["", "# top\n", "poll:   {interval: 5h}\n\n"]))
    tail = draw(st.sampled_from(["", "data: ./d\n", "\n# end\n", "...\n"]))
    if style == "brackets":
        body = "feeds: [" + ", ".join(items) + "]" + draw(comments) + "\n"
    elif style == "lines":
        last = draw(st.sampled_from(["", ","]))
        lines = [
            f"  {item}{last if item is items[-1] else ','}{draw(comments)}\n" for item in items
        ]
        body = "feeds: [\n" + "".join(lines) + "]\n"
    else:
        lines = [f"{draw(gaps)}{indent}{item}{draw(comments)}\n" for item in items]
        body = f"feeds:{draw(comments)}\n{''.join(lines)}{draw(gaps)}"
    text = head + body + tail
    if draw(st.booleans()):
        text = text.removesuffix("\n")
    return text.replace("\n", "\r\n") if draw(st.booleans()) else text


new = st.builds(
    Subscription,
    url=st.just("https://new.example/"),
    title=st.none() | st.sampled_from(["A", "x: y # z", '"', "yes", "日本"]),
    tags=st.lists(st.sampled_from(["a", "b c", "1", "null", "]"]), unique=True).map(tuple),
    interval=st.none() | st.timedeltas(timedelta(seconds=1), timedelta(days=300)).map(
        lambda time: timedelta(seconds=time // timedelta(seconds=1))
    ),
    private=st.booleans(),
)  # fmt: skip


@given(text=files(), subscription=new)
@settings(deadline=None, max_examples=150)
def test_to_follow_and_then_to_unfollow_leaves_the_very_same_bytes(
    tmp_path_factory, text, subscription
):
    path = written(tmp_path_factory.mktemp("edit"), text)
    before = load_settings(path).subscriptions
    add_feed(path, subscription)
    assert load_settings(path).subscriptions == (*before, subscription)
    remove_feed(path, subscription.url)
    assert text_of(path) == text


@given(text=files(), data=st.data())
@settings(deadline=None, max_examples=100)
def test_to_unfollow_takes_out_that_feed_only(tmp_path_factory, text, data):
    path = written(tmp_path_factory.mktemp("edit"), text)
    before = load_settings(path).subscriptions
    if before:
        gone = data.draw(st.sampled_from(before))
        removed = remove_feed(path, gone.url)
        assert gone.url in removed
        assert load_settings(path).subscriptions == tuple(one for one in before if one != gone)
        assert text_of(path).count("#") == text.count("#") - removed.count("#")


MOVED = "https://new.example/feed?a=1#x"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "feeds:\n  - https://a.example/  # mine\n  - https://b.example/\n",
            'feeds:\n  - "https://new.example/feed?a=1#x"  # mine\n  - https://b.example/\n',
        ),
        (
            "feeds:\n  - {url: 'https://a.example/', tags: [x]}   # mine\n",
            'feeds:\n  - {url: "https://new.example/feed?a=1#x", tags: [x]}   # mine\n',
        ),
        (
            "feeds:\n- title: A\n  url:   https://a.example/\n  # why\n  tags: [x]\n",
            'feeds:\n- title: A\n  url:   "https://new.example/feed?a=1#x"\n  # why\n  tags: [x]\n',
        ),
        (
            '{"feeds": [{"url": "https://a.example/"}, "https://b.example/"]}\n',
            '{"feeds": [{"url": "https://new.example/feed?a=1#x"}, "https://b.example/"]}\n',
        ),
        (
            "feeds: [https://b.example/, https://a.example/]\n",
            'feeds: [https://b.example/, "https://new.example/feed?a=1#x"]\n',
        ),
    ],
)
def test_a_feed_that_moves_keeps_all_that_stands_around_its_address(
    tmp_path: Path, before: str, after: str
) -> None:
    path = tmp_path / "feeds.yaml"
    path.write_text(before)
    move_feed(path, "https://A.example", MOVED)
    assert path.read_text() == after
    move_feed(path, MOVED, "https://a.example/")
    assert [one.url for one in load_settings(path).subscriptions].count("https://a.example/") == 1


def test_a_feed_does_not_move_to_where_another_one_is(tmp_path: Path) -> None:
    path = tmp_path / "feeds.yaml"
    path.write_text("feeds:\n  - https://a.example/\n  - https://b.example/\n")
    with pytest.raises(ConfigError, match="followed already"):
        move_feed(path, "https://a.example/", "https://b.example/")
    with pytest.raises(FeedNotFound):
        move_feed(path, "https://c.example/", "https://d.example/")
