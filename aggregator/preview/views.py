"""The views: what each kind of reader shows of a post."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from aggregator.markup.strict import as_miniflux, as_ttrss
from aggregator.markup.text import plain_text
from aggregator.preview.seen import Seen, seen_in, squashed
from aggregator.preview.terminal import as_lines
from aggregator.publishing.article import Article

Name = Literal["page", "miniflux", "ttrss", "newsboat", "text"]


@dataclass(frozen=True, kw_only=True)
class View:
    """One kind of reader's. `html` is safe; None: it shows lines of text only."""

    name: Name
    reader: str  # its name for people, inside a sentence
    shows: str  # in a line, what kind of reader it is
    html: str | None
    text: str  # the same in a terminal
    seen: Seen

    @property
    def heading(self) -> str:
        """The reader's name to stand above the view; newsboat writes its own small."""
        return self.reader if self.name == "newsboat" else self.reader[0].upper() + self.reader[1:]

    @property
    def is_plain(self) -> bool:
        """Whether it knows nothing of links, quotations and lists, whatever a post does."""
        return self.name == "text"


def _whole(html: str) -> str:
    return html


_BROWSERS: dict[Name, tuple[str, str, Callable[[str], str]]] = {
    "page": ("the page", "a browser, with the site's own style", _whole),
    "miniflux": ("Miniflux", "a strict reader: few elements, hardly an attribute", as_miniflux),
    "ttrss": ("Tiny Tiny RSS", "a reader that keeps most of what is sent", as_ttrss),
}
NAMES: tuple[Name, ...] = (*_BROWSERS, "newsboat", "text")


def views_of(article: Article) -> tuple[View, ...]:
    """Return every view of a post, in the order of NAMES."""
    feed = article.feed_html
    made = []
    for name, (reader, shows, keep) in _BROWSERS.items():
        html = keep(article.html if name == "page" else feed)
        made.append(
            View(
                name=name,
                reader=reader,
                shows=shows,
                html=html,
                text=as_lines(html),
                seen=seen_in(html),
            )
        )
    plain = plain_text(feed)
    return (
        *made,
        View(
            name="newsboat",
            reader="newsboat",
            shows="a terminal: links are numbered, quotations indented",
            html=None,
            text=as_lines(feed),
            seen=seen_in(feed),
        ),
        View(
            name="text",
            reader="plain text",
            shows="words alone: mails, notifications, speech",
            html=None,
            text=plain,
            seen=Seen(text=squashed(plain)),
        ),
    )
