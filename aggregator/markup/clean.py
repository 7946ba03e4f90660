"""HTML made safe: the only user of nh3.

What feeds carry is somebody else's; what comes out of here may stand in a page, in a feed and
in front of the author. It is an allow-list: whatever is not named below is not there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from html import escape, unescape
from urllib.parse import urljoin, urlsplit

import nh3

from aggregator.markup.flatten import flatten, needs_flattening
from aggregator.markup.text import scrub

MAX_CHARACTERS = 1024 * 1024  # of one cleaned text; a long book chapter is a tenth of it
# nh3 is quadratic in these: so many take 0.2 s, ten times as many 13 s. No text has so many.
MAX_AMPERSANDS = 100_000
# The cut leaves room for the end tags that are missing then.
_ROOM = 4096

# Layout tags without attributes say nothing, but they keep words of two blocks apart.
TAGS = frozenset(
    """a abbr address article aside audio b bdi bdo blockquote br caption center cite code col
    colgroup dd del details dfn div dl dt em figcaption figure footer h1 h2 h3 h4 h5 h6 header hr
    i img ins kbd li main mark nav ol p pre q rp rt ruby s samp section small source strike strong
    sub summary sup table tbody td tfoot th thead time tr tt u ul var video wbr""".split()
)
_ATTRIBUTES = {
    "*": {"lang", "dir", "title"},
    "a": {"href", "hreflang"},
    "blockquote": {"cite"},
    "col": {"span"},
    "colgroup": {"span"},
    "del": {"cite", "datetime"},
    "img": {"src", "alt", "width", "height"},
    "ins": {"cite", "datetime"},
    "li": {"value"},
    "ol": {"start", "reversed", "type"},
    "q": {"cite"},
    "source": {"src", "type"},
    "audio": {"src"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "time": {"datetime"},
    "video": {"src", "poster", "width", "height"},
}
# Readers' addresses are nobody's business, and sound starts when the reader says so.
_SET_ATTRIBUTES = {
    "img": {"referrerpolicy": "no-referrer"},
    "audio": {"controls": "", "preload": "none"},
    "video": {"controls": "", "preload": "none"},
}
_WEB = frozenset(("http", "https"))
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)

# Images that only count who reads. Hosts and paths of the widespread ones.
TRACKING_IMAGE = re.compile(
    r"^(?:https?:)?//(?:pixel\.wp\.com/|stats\.wordpress\.com/|(?:[^/]*\.)?doubleclick\.net/"
    r"|feeds\.feedburner\.com/~r/|(?:[^/]*\.)?feedsportal\.com/"
    r"|www\.google-analytics\.com/|feeds\.wordpress\.com/1\.0/|b\.scorecardresearch\.com/"
    r"|pixel\.quantserve\.com/|[^/]*/(?:b|pixel|spacer|clear|1x1)\.(?:gif|png)\b)",
    re.IGNORECASE,
)
# The sanitizer writes `"`, `<` and `>` inside attributes as entities, so this matches whole tags.
_IMAGE = re.compile(r"<img((?: [a-z]+=\"[^\"]*\")*)>")
_CITED = re.compile(r"<(blockquote|q|del|ins)((?: [a-z]+=\"[^\"]*\")*)>")
_ATTRIBUTE = re.compile(r" ([a-z]+)=\"([^\"]*)\"")
_MAY_BE_DROPPED = re.compile(r'(?:width|height)="[01](?:px)?"|\.gif|pixel|\.net/|feedsportal|1x1')


@dataclass(frozen=True, kw_only=True)
class Cleaned:
    """Safe HTML, and whether some of the text was left out because it was too long."""

    html: str
    cut: bool = False


def clean_html(html: str, *, base: str) -> str:
    """Return a source's HTML as safe HTML; see `clean`, which also says whether it was cut."""
    return clean(html, base=base).html


def clean(html: str, *, base: str) -> Cleaned:
    """Make a source's HTML safe, with every address absolute.

    `base` is the address that relative ones are relative to; where it is not http or https, or
    none that a browser would take, they are removed. Links are marked `nofollow`; images that
    only track are dropped; an image that has no usable address leaves its alternative text.
    Nesting beyond 100 is flattened and text beyond MAX_CHARACTERS is left out.
    """
    if "<" not in html and "&" not in html and ">" not in html and len(html) <= MAX_CHARACTERS:
        return Cleaned(html=scrub(html))
    try:
        cleaner = _source_cleaner(base if _is_web(base) else "")
    except ValueError:  # an impossible host name
        base, cleaner = "", _source_cleaner("")
    return _bounded(html, cleaner, base)


def clean_authored(html: str, *, base: str = "") -> str:
    """Return the author's own rendered Markdown as safe HTML, however long: no word is left out.

    Addresses are made absolute, for what is published is read in other places than our own.
    Without a `base` those that are relative are removed.
    """
    return _cleaned(html, _author_cleaner(base if _is_web(base) else ""), base)


def keeps_address(url: str) -> bool:
    """Whether a link of the author's keeps its address, relative to some page, when cleaned."""
    cleaner = _author_cleaner("https://page.example/")
    scheme = _SCHEME.match(url)
    if scheme and scheme[1].lower() in _WEB and not _is_web(url):
        return False
    return ' href="' in cleaner.clean(f'<a href="{escape(url)}">x</a>')


def _bounded(html: str, cleaner: nh3.Cleaner, base: str) -> Cleaned:
    cut = len(html) > MAX_CHARACTERS or html.count("&") > MAX_AMPERSANDS
    if cut:
        html = _cut(html)
    clean = _tidy_images(_cleaned(html, cleaner, base))
    if len(clean) > MAX_CHARACTERS:
        cut, clean = True, _run(cleaner, _cut(clean))
    return Cleaned(html=clean, cut=cut)


def _cleaned(html: str, cleaner: nh3.Cleaner, base: str) -> str:
    if needs_flattening(html):
        html = flatten(html, keep=TAGS)
    clean = _run(cleaner, html)
    return _CITED.sub(lambda tag: _cited(tag, base), clean) if ' cite="' in clean else clean


def _run(cleaner: nh3.Cleaner, html: str) -> str:
    try:
        return scrub(cleaner.clean(html))
    except UnicodeEncodeError:  # lone surrogates
        return scrub(cleaner.clean(scrub(html)))


def _cut(html: str) -> str:
    """Return the beginning of `html`, cut neither inside a tag nor inside an entity."""
    kept = html[: MAX_CHARACTERS - _ROOM]
    beyond = kept.split("&", MAX_AMPERSANDS)
    if len(beyond) > MAX_AMPERSANDS:
        kept = kept[: len(kept) - len(beyond[-1]) - 1]
    opened = kept.rfind("<")
    if opened > kept.rfind(">"):
        kept = kept[:opened]
    entity = kept.rfind("&", len(kept) - 40)
    if entity >= 0 and ";" not in kept[entity:]:
        kept = kept[:entity]
    return kept + "…"


@lru_cache(maxsize=256)  # a feed's entries mostly share one base; making a cleaner costs 60 µs
def _source_cleaner(base: str) -> nh3.Cleaner:
    return _cleaner("noopener noreferrer nofollow", base, {"http", "https", "mailto"})


@lru_cache(maxsize=64)
def _author_cleaner(base: str) -> nh3.Cleaner:
    return _cleaner("noopener", base, {"http", "https", "mailto", "tel"})


def _cleaner(rel: str, base: str, schemes: set[str]) -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=set(TAGS),
        clean_content_tags={"script", "style"},
        attributes=_ATTRIBUTES,
        set_tag_attribute_values=_SET_ATTRIBUTES,
        url_schemes=schemes,
        url_relative=("rewrite_with_base", base) if base else "deny",
        link_rel=rel,
    )


def _is_web(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in _WEB and bool(parts.hostname)


def _tidy_images(html: str) -> str:
    if "<img" not in html or not (_MAY_BE_DROPPED.search(html) or _has_empty_image(html)):
        return html
    return _IMAGE.sub(_image, html)


def _has_empty_image(html: str) -> bool:
    return any(' src="' not in tag for tag in _IMAGE.findall(html))


def _image(tag: re.Match[str]) -> str:
    attributes = dict(_ATTRIBUTE.findall(tag[1]))
    address = unescape(attributes.get("src", ""))
    if not address:
        return escape(unescape(attributes.get("alt", "")))
    tiny = {"0", "1", "0px", "1px"}
    if attributes.get("width") in tiny and attributes.get("height") in tiny:
        return ""
    return "" if TRACKING_IMAGE.match(address) else tag[0]


def _cited(tag: re.Match[str], base: str) -> str:
    """Return the tag with its `cite` absolute, or without one; nh3 leaves it as it is."""

    def absolute(attribute: re.Match[str]) -> str:
        if attribute[1] != "cite":
            return attribute[0]
        try:
            url = urljoin(base, unescape(attribute[2]).strip())
        except ValueError:
            return ""
        return f' cite="{escape(url)}"' if _is_web(url) else ""

    return f"<{tag[1]}{_ATTRIBUTE.sub(absolute, tag[2])}>"
