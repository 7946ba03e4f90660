"""Documents made to crash, hang or starve whoever reads them."""

from __future__ import annotations

import gzip
from collections.abc import Mapping

HEAD = "<?xml version='1.0'?><rss version='2.0'><channel><title>A</title>"
END = "</channel></rss>"


def _rss(item: str, doctype: str = "") -> bytes:
    # Right behind the declaration, where not every reader looks for it.
    start = HEAD.replace("?>", f"?>{doctype}", 1)
    return f"{start}<item><guid>1</guid><title>T</title>{item}</item>{END}".encode()


def _default_attributes() -> bytes:
    attributes = "".join(f'a{n} CDATA "v" ' for n in range(20_000))
    return _rss("", f"<!DOCTYPE rss [<!ATTLIST item {attributes}>]>").replace(
        b"<item>", b"<item/>" * 200 + b"<item>"
    )


def _entity_chain() -> bytes:
    entities = '<!ENTITY e0 "x">' + "".join(
        f'<!ENTITY e{n} "&e{n - 1};">' for n in range(1, 50_000)
    )
    return _rss("<description>&e49999;</description>", f"<!DOCTYPE rss [{entities}]>")


def _hidden_chain() -> bytes:
    """One entity declares the others, so that nobody can count them unread."""
    chain = "".join(f'&#60;!ENTITY e{n} "&#38;e{n - 1};">' for n in range(1, 50_000))
    declared = f"""<!ENTITY e0 "x"><!ENTITY % all '{chain}'> %all;"""
    return _rss("<description>&e49999;</description>", f"<!DOCTYPE rss [{declared}]>")


def _laughs() -> bytes:
    entities = '<!ENTITY l0 "lol">' + "".join(
        f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10)
    )
    return _rss("<description>&l9;</description>", f"<!DOCTYPE rss [{entities}]>")


def _one_long_entity() -> bytes:
    text = "&long;" * 100_000
    doctype = f'<!DOCTYPE rss [<!ENTITY long "{"x" * 100_000}">]>'
    return _rss(f"<description>{text}</description>", doctype)


# Each ends in a failure.
REFUSED: Mapping[str, bytes] = {
    "default attributes by the ten thousand": _default_attributes(),
    "an entity chain": _entity_chain(),
    "an entity chain that an entity declares": _hidden_chain(),
    "a billion laughs": _laughs(),
    "one long entity again and again": _one_long_entity(),
    "open tags": b"<" * 3_000_000,
    "zeros": bytes(5_000_000),
    "zeros in gzip in gzip": gzip.compress(gzip.compress(bytes(64 * 1024 * 1024))),
    "brackets": b"[" * 200_000,
    "a page without end": b"<html>" + b"<link rel=alternate>" * 200_000,
}

# Of these an entry or none may be read; what counts is that it costs little.
HARMLESS: Mapping[str, bytes] = {
    "open comments": b"<rss><channel>" + b"<!--" * 500_000,
    "a million elements in each other": b"<rss><channel>" + b"<a>" * 1_000_000,
    "attributes by the ten thousand": _rss(
        "<description " + " ".join(f"a{n}='v'" for n in range(40_000)) + "/>"
    ),
    "markup a hundred thousand deep": _rss(
        f"<description><![CDATA[{'<div>' * 100_000}]]></description>"
    ),
    "a style without end": _rss(
        f"<description><![CDATA[<p style='{'a:b;' * 100_000}'>x</p>]]></description>"
    ),
    "a surrogate": _rss("<description>&#xD800; and &#x110000;</description>"),
    "an encoding that raises": b"<?xml version='1.0' encoding='punycode'?><rss><channel>",
    "an entity of a file": _rss(
        "<description>&file;</description>",
        '<!DOCTYPE rss [<!ENTITY file SYSTEM "file:///etc/passwd">]>',
    ),
    "a path": b"/etc/passwd",
}
