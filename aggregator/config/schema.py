"""The keys of feeds.yaml and what each may hold.

The models say what is allowed; `aggregator.config.values` says it of single values. A key that
is written without a value counts as left out, so that what stands under it can be commented out.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)
from pydantic_core import PydanticCustomError

from aggregator.config import values
from aggregator.config.values import parse_duration

__all__ = ["AuthorKeys", "FeedKeys", "File", "parse_duration"]

MIB = 1024 * 1024


def _checked(convert: Callable[[object], Any]) -> BeforeValidator:
    """Make a converter of `values` a validator whose text is shown as it is."""

    def validate(value: object) -> Any:
        try:
            return convert(value)
        except ValueError as error:
            raise PydanticCustomError("expected", "{text}", {"text": str(error)}) from None

    return BeforeValidator(validate)


def _number(least: int, most: int) -> BeforeValidator:
    def convert(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise ValueError(f"expected a whole number from {least} to {most}")
        return value

    return _checked(convert)


def _yes_or_no(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("expected true or false")  # noqa: TRY004 - shown to the author, not a bug
    return value


def _choice(*words: str) -> BeforeValidator:
    def convert(value: object) -> str:
        if not isinstance(value, str) or value not in words:
            raise ValueError(f"expected {', '.join(words[:-1])} or {words[-1]}")
        return value

    return _checked(convert)


def _email(value: object) -> str:
    line = values.text(value)
    if " " in line or not 0 < line.find("@") < len(line) - 1:
        raise ValueError("expected an e-mail address")
    return line


def _memory(value: object) -> int:
    octets = values.size(value)
    if octets < 96 * MIB:  # less, and the interpreter and its libraries hardly start
        raise ValueError("expected a size of at least 96 MiB")
    return octets


def _each_once(tags: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(tags))


def _from_environment(value: object) -> bool:
    if value != "environment":
        raise ValueError("expected `environment`, or nothing at all for no proxy")
    return True


def _no_database(value: object) -> None:
    raise ValueError(
        "only SQLite is supported so far; leave this key out, `data` says where the file lies"
    )


Text = Annotated[str, _checked(values.text)]
Address = Annotated[str, _checked(values.web_address)]
Duration = Annotated[timedelta, _checked(parse_duration)]
Span = Annotated[timedelta, _checked(values.span)]
Size = Annotated[int, _checked(values.size)]
Network = Annotated[IPv4Network | IPv6Network, _checked(values.network)]
Port = Annotated[int, _number(1, 65535)]


class Keys(BaseModel):
    """A mapping whose keys are all known."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _left_out(cls, data: Any) -> Any:
        """Drop keys without a value."""
        if data is None:
            return {}
        if isinstance(data, dict):
            return {key: value for key, value in data.items() if value is not None}
        return data


class AuthorKeys(Keys):
    """One of the people who write here; a plain text is a name."""

    name: Text
    uri: Address | None = None
    email: Annotated[str, _checked(_email)] | None = None

    @model_validator(mode="before")
    @classmethod
    def _name_alone(cls, data: Any) -> Any:
        return {"name": data} if isinstance(data, str) else data


class SiteKeys(Keys):
    title: Text | None = None
    subtitle: Annotated[str, _checked(values.text_or_nothing)] = ""
    base_url: Annotated[str, _checked(values.base_url)] | None = None
    authors: Annotated[tuple[AuthorKeys, ...], Field(min_length=1)] | None = None
    author: AuthorKeys | None = None
    language: Annotated[str, _checked(values.language)] | None = None
    rights: Text | None = None
    feed_posts: Annotated[int, _number(1, 10_000)] | None = None
    river_entries: Annotated[int, _number(1, 10_000)] | None = None
    hubs: Annotated[tuple[Address, ...], AfterValidator(_each_once)] | None = None
    theme: Annotated[str, _checked(values.file_path)] | None = None
    about: Annotated[str, _checked(values.file_path)] | None = None
    river_text: Annotated[str, _choice("headline", "summary", "full")] | None = None
    update_entries: Annotated[bool, _checked(_yes_or_no)] | None = None


class FetchKeys(Keys):
    allow_networks: tuple[Network, ...] | None = None
    allow_ports: tuple[Port, ...] | None = None
    timeout: Duration | None = None
    max_bytes: Size | None = None
    connections: Annotated[int, _number(1, 256)] | None = None
    proxy: Annotated[bool, _checked(_from_environment)] | None = None


class SiteRulesKeys(Keys):
    """What is different in polling one site."""

    site: Annotated[str, _checked(values.site)]
    gap: Span | None = None
    retry_after: Annotated[str, _choice("site", "feed")] | None = None


class PollKeys(Keys):
    interval: Duration | None = None
    gap: Span | None = None
    spacing: Span | None = None
    retry_after: Annotated[str, _choice("site", "feed")] | None = None
    sites: tuple[SiteRulesKeys, ...] | None = None


class KeepKeys(Keys):
    age: Duration | None = None
    at_least: Annotated[int, _number(0, 1_000_000)] | None = None


class WebKeys(Keys):
    listen: Annotated[tuple[str, int], _checked(values.host_and_port)] | None = None
    hosts: tuple[Annotated[str, _checked(values.host_name)], ...] | None = None


class WebSubKeys(Keys):
    callback: Annotated[str, _checked(values.base_url)] | None = None


class TellKeys(Keys):
    webmention: Annotated[bool, _checked(_yes_or_no)] | None = None
    delay: Span | None = None


class ParseKeys(Keys):
    workers: Annotated[int, _number(1, 64)] | None = None
    timeout: Duration | None = None
    memory: Annotated[int, _checked(_memory)] | None = None
    max_entries: Annotated[int, _number(1, 1_000_000)] | None = None


class FeedKeys(Keys):
    """A feed the author follows; a plain text is its address."""

    url: Annotated[str, _checked(values.feed_url)]
    title: Text | None = None
    tags: Annotated[tuple[Text, ...], AfterValidator(_each_once)] = ()
    interval: Duration | None = None
    identity: Annotated[str, _choice("id", "link", "text")] | None = None
    encoding: Annotated[str, _checked(values.encoding)] | None = None
    private: Annotated[bool, _checked(_yes_or_no)] = False
    paused: Annotated[bool, _checked(_yes_or_no)] = False
    login: Annotated[str, _checked(values.login)] | None = None

    @model_validator(mode="before")
    @classmethod
    def _address_alone(cls, data: Any) -> Any:
        return {"url": data} if isinstance(data, str) else data


class File(Keys):
    """feeds.yaml as a whole. `feeds` must be there, even if nothing stands under it."""

    site: SiteKeys = SiteKeys()
    data: Annotated[str, _checked(values.file_path)] | None = None
    output: Annotated[str, _checked(values.file_path)] | None = None
    database: Annotated[None, _checked(_no_database)] = None
    fetch: FetchKeys = FetchKeys()
    poll: PollKeys = PollKeys()
    parse: ParseKeys = ParseKeys()
    keep: KeepKeys = KeepKeys()
    web: WebKeys = WebKeys()
    websub: WebSubKeys = WebSubKeys()
    tell: TellKeys = TellKeys()
    feeds: tuple[FeedKeys, ...]

    @model_validator(mode="before")
    @classmethod
    def _no_feeds_yet(cls, data: Any) -> Any:
        """Take `feeds:` without a value for an empty list."""
        if isinstance(data, dict) and "feeds" in data and data["feeds"] is None:
            return data | {"feeds": ()}
        return data
