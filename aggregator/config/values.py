"""Single values of feeds.yaml: what is accepted, and what to say of the rest.

Every function here raises ValueError with a text that begins with "expected".
"""

# ruff: noqa: TRY004 - a value of another type is the author's mistake, not the program's

from __future__ import annotations

import codecs
import re
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network, ip_network
from urllib.parse import SplitResult, urlsplit, urlunsplit

FEED_SCHEMES = ("http", "https", "demo")
LONGEST_DURATION = timedelta(days=366)

_DURATION = re.compile(
    r"(?:(?P<days>[0-9]{1,9})d ?)?(?:(?P<hours>[0-9]{1,9})h ?)?"
    r"(?:(?P<minutes>[0-9]{1,9})m ?)?(?:(?P<seconds>[0-9]{1,9})s)?"
)
_SIZE = re.compile(r"([0-9]{1,15}) ?(B|kB|KB|MB|GB|KiB|MiB|GiB)?")
_SITE = re.compile(r"[0-9a-z\u0080-\uffff._:-]{1,253}")
_HOST_NAME = re.compile(r"(?!\.)(?:[a-z0-9_-]{1,63}(?:\.(?!$)|$))+")
_UNITS = {"B": 1, "kB": 1000, "KB": 1000, "MB": 1000**2, "GB": 1000**3}
_UNITS |= {"KiB": 1024, "MiB": 1024**2, "GiB": 1024**3}
_LANGUAGE = re.compile(r"(?:[a-z]{2,3}|[ix])(?:-[a-z0-9]{1,8})*", re.IGNORECASE)
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")

# Python's own notations; no feed is written in them.
_NOT_FOR_FEEDS = {"unicode-escape", "raw-unicode-escape", "idna", "punycode", "undefined"}


def text(value: object) -> str:
    """Return one line of text, runs of white space made one space; not empty."""
    if not isinstance(value, str):
        raise ValueError("expected text, in quotes if it looks like something else")
    line = " ".join(value.split())
    if not line:
        raise ValueError("expected some text")
    if _UNPRINTABLE.search(line):
        raise ValueError("expected text without control characters")
    return line


def text_or_nothing(value: object) -> str:
    """Return one line of text, perhaps an empty one."""
    return "" if isinstance(value, str) and not value.strip() else text(value)


def file_path(value: object) -> str:
    """Return the path of a file or folder, as written."""
    if not isinstance(value, str) or not value.strip() or _UNPRINTABLE.search(value):
        raise ValueError("expected the path of a folder")
    return value


def parse_duration(value: object) -> timedelta:
    """Return the time that "90s", "30m", "2h", "1d", "1h30m" or a number of seconds means.

    It is longer than nothing and no longer than LONGEST_DURATION.
    """
    expected = "expected a duration such as 30m, 2h or 1d"
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError(expected)
    if isinstance(value, int) or re.fullmatch("[0-9]{1,9}", value.strip()):
        parts = {"seconds": int(value)}
    else:
        match = _DURATION.fullmatch(value.strip())
        if match is None or not value.strip():
            raise ValueError(expected)
        parts = {unit: int(digits) for unit, digits in match.groupdict("0").items()}
    try:
        duration = timedelta(**parts)
    except OverflowError:
        duration = timedelta.max
    if duration <= timedelta():
        raise ValueError(f"{expected}, longer than nothing")
    if duration > LONGEST_DURATION:
        raise ValueError(f"{expected}, of a year at most")
    return duration


def span(value: object) -> timedelta:
    """Return a duration that may be nothing at all: "0s", "1s", "2m"."""
    if value in (0, "0", "0s"):
        return timedelta()
    return parse_duration(value)


def site(value: object) -> str:
    """Return the name of a site: a registrable domain such as news.example, or an address."""
    expected = "expected a domain such as news.example, or an IP address"
    if not isinstance(value, str) or not _SITE.fullmatch(value.strip().lower()):
        raise ValueError(expected)
    return value.strip().lower()


def host_and_port(value: object) -> tuple[str, int]:
    """Return where to listen: "127.0.0.1:8321", "[::1]:8321"; 0 is any free port."""
    expected = "expected an address and a port such as 127.0.0.1:8321"
    host, colon, port = value.strip().rpartition(":") if isinstance(value, str) else ("", "", "")
    if not colon or not host or not port.isascii() or not port.isdecimal() or int(port) > 65535:
        raise ValueError(expected)
    return host.removeprefix("[").removesuffix("]"), int(port)


def host_name(value: object) -> str:
    """Return a host's name in lower case: "desk.blog.example"."""
    text = value.strip().lower() if isinstance(value, str) else ""
    if not _HOST_NAME.fullmatch(text):
        raise ValueError("expected a host name such as desk.blog.example, without port and slash")
    return text


def duration_text(duration: timedelta) -> str:
    """Return a duration as feeds.yaml writes it: "1h30m". Parts of a second are dropped."""
    minutes, seconds = divmod(int(duration.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = ((days, "d"), (hours, "h"), (minutes, "m"), (seconds, "s"))
    return "".join(f"{number}{unit}" for number, unit in parts if number) or "0s"


def size(value: object) -> int:
    """Return the bytes that "10 MiB", "500 kB" or a plain number means; more than nothing."""
    expected = "expected a size such as 10 MiB"
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError(expected)
    match = _SIZE.fullmatch(str(value).strip()) if isinstance(value, str) else None
    if isinstance(value, str) and match is None:
        raise ValueError(expected)
    octets = int(match[1]) * _UNITS[match[2] or "B"] if match else int(value)
    if octets <= 0:
        raise ValueError(f"{expected}, more than nothing")
    return octets


def network(value: object) -> IPv4Network | IPv6Network:
    """Return a block of addresses written in CIDR form."""
    expected = "expected a network such as 127.0.0.0/8 or fd00::/8"
    if not isinstance(value, str):
        raise ValueError(expected)
    try:
        loose = ip_network(value.strip(), strict=False)
    except ValueError:
        raise ValueError(expected) from None
    try:
        return ip_network(value.strip())
    except ValueError:
        raise ValueError(f"{expected}; perhaps {loose}") from None


def language(value: object) -> str:
    """Return a language tag that looks like BCP 47: en, pt-BR, zh-Hant-TW."""
    expected = "expected a language tag such as en, de or pt-BR"
    if not isinstance(value, str):
        raise ValueError(expected)
    if not _LANGUAGE.fullmatch(value.strip()):
        better = value.strip().replace("_", "-")
        raise ValueError(expected + (f"; perhaps {better}" if _LANGUAGE.fullmatch(better) else ""))
    return value.strip()


def encoding(value: object) -> str:
    """Return the name of a character encoding that Python can read."""
    expected = "expected the name of a character encoding such as utf-8 or windows-1252"
    if not isinstance(value, str):
        raise ValueError(expected)
    try:
        name = codecs.lookup(value.strip()).name.replace("_", "-")
        b"".decode(value.strip())
    except (LookupError, ValueError):
        raise ValueError(expected) from None
    if name in _NOT_FOR_FEEDS:
        raise ValueError(expected)
    return value.strip()


def web_address(value: object) -> str:
    """Return an absolute http or https address, as written."""
    return _address(value, ("http", "https"), "expected an http:// or https:// address")


def base_url(value: object) -> str:
    """Return the site's address, ending in a slash."""
    expected = "expected the site's address, such as https://blog.example/"
    address = _address(value, ("http", "https"), expected)
    parts = urlsplit(address)
    if parts.query or parts.fragment or address.endswith(("?", "#")):
        raise ValueError(f"{expected}, without ? or #")
    return address if address.endswith("/") else address + "/"


def feed_url(value: object) -> str:
    """Return the address of a feed, as written."""
    return _address(value, FEED_SCHEMES, "expected the http:// or https:// address of a feed")


def login(value: object) -> str:
    """Return a name and a password, with a colon between (RFC 7617)."""
    if not isinstance(value, str) or not value.partition(":")[1] or _UNPRINTABLE.search(value):
        # What was written is not repeated: it may be half of a password.
        raise ValueError("expected NAME:PASSWORD, in quotes; not what stands here")
    return value


def same_address(url: str) -> str:
    """Return a form in which two ways to write one address are equal (RFC 3986 §6.2.2.1).

    Only what can make no difference is evened out: the case of scheme and host, the default
    port, a missing path, the fragment. http and https stay two addresses.
    """
    parts = urlsplit(url)
    host = parts.netloc.lower()
    default = {"http": ":80", "https": ":443"}.get(parts.scheme)
    if default:
        host = host.removesuffix(default)
    return urlunsplit((parts.scheme, host, parts.path or "/", parts.query, ""))


def _address(value: object, schemes: tuple[str, ...], expected: str) -> str:
    if not isinstance(value, str):
        raise ValueError(expected)
    if re.search(r"\s", value.strip()) or _UNPRINTABLE.search(value.strip()):
        raise ValueError(f"{expected}, without spaces")
    parts = _split(value.strip(), expected)
    if parts.scheme not in schemes or not parts.hostname:
        raise ValueError(expected)
    if "@" in parts.netloc:
        # Addresses are logged, published and shown; a password in one would be, too.
        raise ValueError(f"{expected}, without a user name or password in it")
    return value.strip()


def _split(url: str, expected: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise ValueError(expected) from None
    return parts
