"""What the sanitizers of well-known feed readers leave of HTML, so that authors can see it.

The lists follow the sources of Miniflux (`internal/reader/sanitizer`) and of Tiny Tiny RSS
(`classes/sanitizer.php`), as far as what we publish can meet them: our own HTML holds no class,
no style and no frame. Readers change their lists now and then.
"""

from __future__ import annotations

from functools import lru_cache

import nh3

from aggregator.markup.clean import TAGS

# Miniflux keeps the words of other elements, and no other attributes.
_MINIFLUX: dict[str, set[str]] = {
    "*": set(),
    "a": {"href", "title"},
    "abbr": {"title"},
    "acronym": {"title"},
    "audio": {"src"},
    "img": {"alt", "title", "src", "width", "height"},
    "q": {"cite"},
    "source": {"src", "type"},
    "td": {"rowspan", "colspan"},
    "th": {"rowspan", "colspan"},
    "time": {"datetime"},
    "video": {"poster", "height", "width", "src"},
}
_MINIFLUX_TAGS = frozenset(
    """a abbr acronym aside audio blockquote b br caption cite code dd del dfn dl dt em figcaption
    figure h1 h2 h3 h4 h5 h6 hr i img ins kbd li ol p pre q rp rt ruby s small samp source strong
    sub sup table td tfoot th thead time tr u ul var video wbr""".split()
)
# Addresses that hold one of these are taken for buttons and counters.
_MINIFLUX_BLOCKED = (
    "api.flattr.com",
    "feeds.feedburner.com",
    "feedsportal.com",
    "pinterest.com/pin/create/button/",
    "stats.wordpress.com",
    "twitter.com/intent/tweet",
    "twitter.com/share",
    "facebook.com/sharer.php",
    "linkedin.com/shareArticle",
)

# tt-rss removes other elements with all that is in them, and these attributes of any.
_TTRSS_TAGS = frozenset(
    """a abbr address acronym audio article aside b bdi bdo blockquote br caption cite center code
    col colgroup dd del details dfn div dl dt em footer figure figcaption h1 h2 h3 h4 h5 h6 header
    hr i img ins kbd li main mark nav ol p pre q ruby rp rt s samp section small source span strike
    strong sub summary sup table tbody td tfoot th thead time tr tt u ul var wbr video""".split()
)
_TTRSS: dict[str, set[str]] = {
    "*": {"lang", "dir", "title"},
    "a": {"href"},
    "audio": {"src"},
    "blockquote": {"cite"},
    "del": {"cite", "datetime"},
    "img": {"src", "alt"},
    "ins": {"cite", "datetime"},
    "li": {"value"},
    "ol": {"start", "reversed", "type"},
    "q": {"cite"},
    "source": {"src", "type"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "time": {"datetime"},
    "video": {"src", "poster"},
}
_ALSO_UNKNOWN = frozenset(
    """applet base button embed form frame frameset iframe input link math meta object script select
    style svg template textarea""".split()
)
_SCHEMES = {"http", "https", "mailto", "tel"}


def as_miniflux(html: str) -> str:
    """Return what Miniflux would show of published HTML: safe, and less than it was."""
    return _miniflux().clean(html)


def as_ttrss(html: str) -> str:
    """Return what Tiny Tiny RSS would show of published HTML."""
    return _ttrss().clean(html)


@lru_cache(1)
def _miniflux() -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=set(_MINIFLUX_TAGS),
        clean_content_tags={"script", "style", "noscript"},
        attributes=_MINIFLUX,
        attribute_filter=_unblocked,
        url_schemes=_SCHEMES,
        link_rel="noopener noreferrer",
    )


@lru_cache(1)
def _ttrss() -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=set(_TTRSS_TAGS),
        clean_content_tags=set((TAGS | _ALSO_UNKNOWN) - _TTRSS_TAGS),
        attributes=_TTRSS,
        url_schemes=_SCHEMES,
        link_rel="noopener noreferrer",
    )


def _unblocked(_tag: str, attribute: str, value: str) -> str | None:
    is_address = attribute in {"href", "src", "poster", "cite"}
    blocked = is_address and any(part in value for part in _MINIFLUX_BLOCKED)
    return None if blocked else value
