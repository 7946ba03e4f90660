"""feedparser, mended where it loses what a document says.

A `textInput` within an item, a category or a licence where it expects none, an image's width
that is no number: one of its handlers raises, and every entry of the document would be lost
for the sake of an element that nobody reads. Here the handler gives up and the document goes on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import wraps
from types import FunctionType
from typing import Any
from xml.sax.handler import ContentHandler

from feedparser import api
from feedparser.mixin import _FeedParserMixin
from feedparser.util import FeedParserDict

from aggregator.reading.urls import trimmed

# Not AttributeError: by it feedparser knows that it has no handler.
_STUMBLES = (KeyError, IndexError, TypeError, ValueError)


_XHTML = "application/xhtml+xml"


class _Mended(_FeedParserMixin):  # type: ignore[misc]
    # An id is kept as it stands: "1559104147038" is no address, whatever feedparser makes of it.
    can_be_relative_uri = _FeedParserMixin.can_be_relative_uri - {"id"}

    def resolve_uri(self, uri: str) -> Any:
        """An address behind a byte order mark is no relative one."""
        return super().resolve_uri(trimmed(uri))

    def push_content(self, tag: str, attrs_d: Any, *more: Any) -> None:
        """XML of whatever kind is kept as it stands, not taken for elements of the feed."""
        super().push_content(tag, attrs_d, *more)
        is_xml = self.contentparams["type"].endswith("xml")
        if is_xml:
            self.contentparams["type"] = _XHTML
        # Text in which a raw tag stands, `The <title> tag`, becomes XHTML for feedparser: in a
        # document that is not well-formed, nobody closes that one.
        self._is_nested = is_xml or isinstance(self, ContentHandler)
        self._within: list[str] = []  # names of elements that began in the content, and did not end
        self._inner: Counter[str] = Counter()  # how often each is there

    def unknown_starttag(self, tag: str, attrs: Any) -> None:
        inside = self.incontent
        super().unknown_starttag(tag, attrs)
        # A feed that stands in a page, `<body><feed>`, is no content of an entry.
        is_kept = self.contentparams.get("type") == _XHTML
        if inside and self.inentry and is_kept and self._is_nested:
            self._within.append(tag)
            self._inner[tag] += 1

    def unknown_endtag(self, tag: str) -> None:
        """A `</title>` or `</entry>` within content ends no title and no entry of the feed."""
        if not (self.incontent and self._ended_within(tag) and self._ends_something(tag)):
            super().unknown_endtag(tag)
            return
        self.handle_data(f"</{tag.rpartition(':')[2]}>", escape=0)
        self.basestack.pop()
        if self.basestack and self.basestack[-1]:
            self.baseuri = self.basestack[-1]
        self.langstack.pop()
        if self.langstack:
            self.lang = self.langstack[-1]
        self.depth -= 1

    def _ended_within(self, tag: str) -> bool:
        """Whether an element of the content ends here, and with it all that nobody closed in it."""
        if not self._inner[tag]:
            return False
        while self._within:
            ended = self._within.pop()
            self._inner[ended] -= 1
            if ended == tag:
                break
        return True

    def _ends_something(self, tag: str) -> bool:
        """Whether feedparser does more about the end of an element than to note it."""
        prefix, _, name = tag.rpartition(":")
        prefix = self.namespacemap.get(prefix, prefix)
        return hasattr(self, f"_end_{prefix}_{name}" if prefix else f"_end_{name}")

    def _end_link(self) -> None:
        """Where `<link/>` is empty, a guid that is a permalink is the link all the same."""
        super()._end_link()
        context = self._get_context()
        if dict.get(context, "link") == "":
            del context["link"]

    def _sync_author_detail(self, key: str = "author") -> None:
        """Of `ana@news.online (Ana)` the mail is cut out wrongly; we take such apart ourselves."""
        context = self._get_context()
        people, written = dict.get(context, f"{key}s"), dict.get(context, key)
        if people and not people[-1] and written:
            people[-1]["name"] = written
        else:
            super()._sync_author_detail(key)


def _forgiving(handler: Callable[..., Any], otherwise: Callable[[], Any]) -> Callable[..., Any]:
    @wraps(handler)
    def forgiving(*args: Any, **more: Any) -> Any:
        try:
            return handler(*args, **more)
        except _STUMBLES:
            return otherwise()

    return forgiving


def _parser(theirs: type) -> type:
    """Return one of feedparser's two parsers with our handlers before its own."""
    handlers = {
        name: _forgiving(getattr(_Mended, name), str)
        for name in dir(_Mended)
        if name.startswith(("_start_", "_end_")) or name == "pop"
    }
    # A place to write to that nobody reads, where there is none.
    handlers["_get_context"] = _forgiving(_Mended._get_context, FeedParserDict)
    bases = tuple(_Mended if one is _FeedParserMixin else one for one in theirs.__bases__)
    return type(theirs.__name__, bases, handlers)


# feedparser's own function among our parsers: its module stays as it is for everybody else.
parse = FunctionType(
    api.parse.__code__,
    {
        **vars(api),
        "StrictFeedParser": _parser(api.StrictFeedParser),
        "LooseFeedParser": _parser(api.LooseFeedParser),
    },
    argdefs=api.parse.__defaults__,
)
