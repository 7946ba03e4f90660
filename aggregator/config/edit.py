"""Changes of feeds.yaml that leave everything else as its author wrote it.

Every change is made in the text, read again and compared: the file is replaced only when the
new text means exactly what was asked for.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from pathlib import Path

from pydantic import ValidationError

from aggregator.config import cache
from aggregator.config.check import Checked, check
from aggregator.config.convert import subscription_of
from aggregator.config.feedlist import FeedList
from aggregator.config.feedtext import (
    Style,
    flow_text,
    item_lines,
    json_text,
    keys_of,
    prevailing_style,
    quoted,
)
from aggregator.config.flowtext import UnknownNotation
from aggregator.config.itemtext import with_keys
from aggregator.config.load import read_config
from aggregator.config.problems import problems_of
from aggregator.config.replace import alone, replace_file
from aggregator.config.schema import FeedKeys
from aggregator.config.settings import Settings
from aggregator.config.values import same_address
from aggregator.errors import ConfigError, FeedNotFound
from aggregator.model.subscription import Subscription

BYTE_ORDER_MARK = b"\xef\xbb\xbf"

Subscriptions = tuple[Subscription, ...]


def add_feed(path: Path, subscription: Subscription) -> None:
    """Add a feed at the end of the list, written as most of the others are.

    Raises ConfigError, and then the file is as it was: when the feed is followed already, when
    the file or the subscription is not valid, or when the file cannot be written.
    """
    subscription = _checked(path, subscription)

    def add(before: Checked) -> tuple[str, Subscriptions]:
        place = _place(before, subscription.url)
        if place is not None:
            line, column = before.document.position(("feeds", place)) or (None, None)
            raise ConfigError(
                f"{subscription.url} is followed already", path=path, line=line, column=column
            )
        return _added(before, [subscription])

    line = f"- {flow_text(keys_of(subscription))}"
    _edit(path, add, by_hand=f"add this line to the list: {line}")


def add_feeds(
    path: Path,
    subscriptions: Sequence[Subscription],
    *,
    keep: Callable[[bytes], None] = lambda content: None,
) -> list[Subscription]:
    """Add feeds at the end of the list in one edit, and return those that were added.

    One that is followed already, or stands among them before, is passed over. `keep` is given
    the file as it was before it is replaced. Raises ConfigError as `add_feed` does, and then
    none is added.
    """
    checked = [_checked(path, one) for one in subscriptions]
    new: list[Subscription] = []

    def add(before: Checked) -> tuple[str, Subscriptions]:
        known = {same_address(one.url) for one in before.settings.subscriptions}
        for one in checked:
            if (address := same_address(one.url)) not in known:
                known.add(address)
                new.append(one)
        if not new:
            return before.text, before.settings.subscriptions
        return _added(before, new)

    _edit(path, add, by_hand="add fewer feeds at once, or add them by hand", keep=keep)
    return new


def remove_feed(path: Path, url: str) -> str:
    """Take a feed out of the list and return its lines, as they stood in the file.

    Comments before and after it stay. Raises FeedNotFound, and ConfigError as `add_feed` does.
    """
    taken: list[str] = []

    def remove(before: Checked) -> tuple[str, Subscriptions]:
        place = _known_place(before, url, path)
        text, removed = _feed_list(before).removed(place)
        taken.append(removed)
        feeds = before.settings.subscriptions
        return text, feeds[:place] + feeds[place + 1 :]

    _edit(path, remove, by_hand=f"take {url} out of the list")
    return taken[0]


def move_feed(path: Path, old_url: str, new_url: str) -> None:
    """Write a feed's new address in the place of the old one, and change nothing else.

    Raises FeedNotFound, and ConfigError as `add_feed` does.
    """

    def move(before: Checked) -> tuple[str, Subscriptions]:
        place = _known_place(before, old_url, path)
        if _place(before, new_url) not in {None, place}:
            raise ConfigError(f"{new_url} is followed already; unfollow one of the two", path=path)
        feeds = before.settings.subscriptions
        moved = dataclasses.replace(feeds[place], url=new_url)
        moved = _checked(path, moved)
        text = _feed_list(before).with_address(place, feeds[place].url, quoted(new_url))
        return text, (*feeds[:place], moved, *feeds[place + 1 :])

    _edit(path, move, by_hand=f"write {new_url} in the place of {old_url}")


def change_feed(path: Path, url: str, change: Callable[[Subscription], Subscription]) -> None:
    """Write what `change` makes of a feed's keys in the place of what they are.

    Its address stays. Raises FeedNotFound, and ConfigError as `add_feed` does.
    """
    wanted: list[str] = []

    def changed(before: Checked) -> tuple[str, Subscriptions]:
        place = _known_place(before, url, path)
        feeds = before.settings.subscriptions
        new = _checked(path, dataclasses.replace(change(feeds[place]), url=feeds[place].url))
        wanted.append(flow_text(keys_of(new)))
        if new == feeds[place]:
            return before.text, feeds
        text = with_keys(_feed_list(before), place, keys_of(feeds[place]), keys_of(new))
        return text, (*feeds[:place], new, *feeds[place + 1 :])

    _edit(path, changed, by_hand=lambda: f"write it there yourself: {wanted[-1]}")


def _added(before: Checked, new: Sequence[Subscription]) -> tuple[str, Subscriptions]:
    """Return the text with more feeds, written as most of the others are, and all feeds then."""
    feeds = _feed_list(before)
    style = prevailing_style(
        before.plain["feeds"] or (),
        (feeds.text[item.node : item.node + 1] for item in feeds.items),
    )
    keys = [keys_of(one) for one in new]
    text = feeds.added(
        lambda indent: "".join(item_lines(one, style, indent, feeds.newline) for one in keys),
        lambda: [_in_brackets(one, style, feeds) for one in keys],
    )
    return text, (*before.settings.subscriptions, *new)


def _edit(
    path: Path,
    change: Callable[[Checked], tuple[str, Subscriptions]],
    *,
    by_hand: str | Callable[[], str],
    keep: Callable[[bytes], None] = lambda content: None,
) -> None:
    """Replace the file by what `change` makes of it, when that means what it says it means.

    `keep` is given what is replaced, before it is.
    """
    with alone(path):
        content = read_config(path)
        before = check(content, path)
        try:
            text, wanted = change(before)
            after = text.encode()
            if content.startswith(BYTE_ORDER_MARK):
                after = BYTE_ORDER_MARK + after
            expected = dataclasses.replace(before.settings, subscriptions=wanted)
            _check_meaning(after, expected)
        except UnknownNotation as error:
            line, column = before.document.position(("feeds",)) or (None, None)
            why = f" ({error})" if str(error) else ""
            raise ConfigError(
                f"the list is written in a way that this program cannot edit{why}; "
                f"please {by_hand if isinstance(by_hand, str) else by_hand()}",
                path=path,
                line=line,
                column=column,
            ) from None
        if after != content:
            keep(content)
            replace_file(path, old=content, new=after)
            cache.keep(after, expected)  # it has just been checked, which takes a while


def _check_meaning(content: bytes, settings: Settings) -> None:
    """Raise UnknownNotation unless this is what the content says."""
    try:
        found = check(content, settings.path).settings
    except ConfigError as error:
        raise UnknownNotation(error.message) from None
    if found != settings:
        raise UnknownNotation


def _feed_list(before: Checked) -> FeedList:
    count = len(before.settings.subscriptions)
    return FeedList(before.text, count, before.document.position)


def _in_brackets(keys: dict[str, object], style: Style, feeds: FeedList) -> str:
    """Return a feed as an item of a list in brackets."""
    if style is Style.TEXT and list(keys) == ["url"]:
        return quoted(str(keys["url"]))
    return json_text(keys) if feeds.json else flow_text(keys)


def _place(before: Checked, url: str) -> int | None:
    try:
        wanted = same_address(url)
    except ValueError:
        return None
    places = (
        place
        for place, subscription in enumerate(before.settings.subscriptions)
        if same_address(subscription.url) == wanted
    )
    return next(places, None)


def _known_place(before: Checked, url: str, path: Path) -> int:
    place = _place(before, url)
    if place is None:
        urls = [subscription.url for subscription in before.settings.subscriptions]
        close = get_close_matches(url, urls, n=1)
        hint = f"; did you mean {close[0]}?" if close else ""
        raise FeedNotFound(f"{url} is not followed in {path}{hint}")
    return place


def _checked(path: Path, subscription: Subscription) -> Subscription:
    """Return it as the file would say it. Raises ConfigError when the file could not hold it."""
    try:
        return as_written(subscription)
    except ValueError as error:
        raise ConfigError(f"{error}; nothing was changed", path=path) from None


def as_written(subscription: Subscription) -> Subscription:
    """Return a subscription as the file would say it.

    Raises ValueError, with the reasons in words, when the file could not hold it.
    """
    try:
        return subscription_of(FeedKeys.model_validate(keys_of(subscription)))
    except ValidationError as error:
        reasons = "\n".join(str(problem) for problem in problems_of(error))
        raise ValueError(reasons) from None
