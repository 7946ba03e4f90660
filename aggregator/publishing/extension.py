"""What a post is made of, for programs: the extension object of our JSON Feeds.

JSON Feed has no place for a quotation or a correction; its §"Extensions" asks for an object whose
name starts with an underscore, with an `about` address that explains it.
"""

from __future__ import annotations

from datetime import datetime

from aggregator.markup.text import plain_text, scrub
from aggregator.model.post import Block, Quotation, Takeaways
from aggregator.publishing.article import Article
from aggregator.publishing.atomparts import atom_time
from aggregator.publishing.body import post_html

NAME = "_linkblog"
ABOUT = "linkblog-extension.txt"  # path of the explanation, below the site


def extension_key(article: Article) -> tuple[object, ...]:
    """Return what is the same where `extension_of` is."""
    return "told", article.id, article.permalink, article.html


def extension_of(article: Article) -> dict[str, object]:
    """Return the object of one post, without `about`; texts in it are plain.

    Of a withdrawn post it says that it is withdrawn, and nothing else.
    """
    if article.withdrawn:
        return {"withdrawn": True}
    teller = _Teller(article)
    found = {
        "quotations": teller.quotations(article.parts.blocks),
        "takeaways": teller.takeaways(article.parts.blocks),
        "updates": [
            teller.update(update.at, update.kind, update.blocks) for update in article.parts.updates
        ],
        "via": list(dict.fromkeys(cited.via for cited in article.citations if cited.via)),
    }
    return {name: value for name, value in found.items() if value}


class _Teller:
    def __init__(self, article: Article) -> None:
        self._article = article
        self._cited = {cited.url: cited for cited in article.citations}

    def quotations(self, blocks: tuple[Block, ...]) -> list[dict[str, object]]:
        return [self._quotation(block) for block in blocks if isinstance(block, Quotation)]

    def _quotation(self, block: Quotation) -> dict[str, object]:
        said: dict[str, object] = {"text": self._plain(_only_words(block))}
        cited = self._cited.get(scrub(block.citation.url)) if block.citation else None
        if cited:
            fields = {
                "url": cited.url,
                "title": cited.title,
                "author": cited.author,
                "outlet": cited.outlet,
                "via": cited.via,
            }
            said |= {name: value for name, value in fields.items() if value}
        return said

    def takeaways(self, blocks: tuple[Block, ...]) -> list[str]:
        return [
            self._plain(Takeaways(items=(item,)))
            for block in blocks
            if isinstance(block, Takeaways)
            for item in block.items
        ]

    def update(self, at: datetime, kind: str, blocks: tuple[Block, ...]) -> dict[str, object]:
        found: dict[str, object] = {
            "date": atom_time(at),
            "kind": str(kind),
            "text": self._plain(*blocks),
        }
        for name, value in (
            ("quotations", self.quotations(blocks)),
            ("takeaways", self.takeaways(blocks)),
        ):
            if value:
                found[name] = value
        return found

    def _plain(self, *blocks: Block) -> str:
        article = self._article
        everything = article.parts.every_block
        html = post_html(blocks, (), article.words, base=article.permalink, beside=everything)
        return scrub(plain_text(html))


def _only_words(block: Quotation) -> Takeaways:
    """Return a quotation's own words as a block without lead-in and credit."""
    return Takeaways(items=(), intro=block.text)


def explanation() -> bytes:
    """Return the text that `about` leads to."""
    return _EXPLANATION.encode()


_EXPLANATION = f"""\
The JSON Feed extension "{NAME}"

An item of this site's JSON Feeds may hold an object "{NAME}". Every text in it is plain text; every
field but "about" may be absent.

about       address of this page
quotations  list of what the post quotes, in order:
            text, url, title, author, outlet, via (where it was first seen)
takeaways   list of what the author concludes, in order
updates     list of what was added later, in order:
            date (RFC 3339), kind ("update", "correction" or "reaction"), text,
            and quotations and takeaways of its own
via         list of addresses where the articles were first seen
withdrawn   true: the author has withdrawn the post; then nothing else is said

The same words stand in content_html, for people.
"""
