"""Posts → documents."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator

from aggregator.document.blocks import HEADINGS
from aggregator.document.times import written
from aggregator.model.post import Block, Citation, Commentary, Post, Quotation, Takeaways, Update

_HEADING_OF = {kind: word for word, kind in HEADINGS.items()}
# Printed as they are, YAML would refuse these, or fold them into spaces (YAML 1.2 §5.1, §5.4).
_UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]")
_FENCE = re.compile(r":{3,}")


def write_document(post: Post) -> str:
    """Return a document that means this post.

    `parse_document` gives the same post again, for every post that it gave once.
    """
    head = "\n".join(["---", *_front(post), "---"])
    parts = [_blocks(post.blocks), *(write_update(update) for update in post.updates)]
    body = "\n\n".join(part for part in parts if part)
    return f"{head}\n{body}\n" if body else f"{head}\n"


def write_update(update: Update) -> str:
    """Return an update with its heading, without a line end behind it."""
    return f"## {_HEADING_OF[update.kind]} {written(update.at)}\n\n{_blocks(update.blocks)}"


def write_cite(cite: Citation) -> str:
    """Return the details of a citation as a flow mapping in YAML, on one line."""
    values = {
        "url": cite.url,
        "author": cite.author,
        "outlet": cite.outlet,
        "title": cite.title,
        "published": written(cite.published) if cite.published else None,
        "via": cite.via,
        "entry": cite.entry,
    }
    given = ", ".join(f"{key}: {quoted(value)}" for key, value in values.items() if value)
    return f"{{{given}}}"


def quoted(value: str | int) -> str:
    """Return text in double quotes, for YAML; a number as it is."""
    text = json.dumps(value, ensure_ascii=False)
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _front(post: Post) -> Iterator[str]:
    yield f"title: {quoted(post.title)}"
    for key, value in (("slug", post.slug), ("language", post.language), ("author", post.author)):
        if value:
            yield f"{key}: {quoted(value)}"
    if post.tags:
        yield f"tags: [{', '.join(quoted(tag) for tag in post.tags)}]"
    if post.published:
        yield f"published: {written(post.published)}"
    if post.cites:
        yield "cites:"
        yield from (f"  - {write_cite(cite)}" for cite in post.cites)


def _blocks(blocks: Iterable[Block]) -> str:
    return "\n\n".join(_block(block) for block in blocks)


def _block(block: Block) -> str:
    if isinstance(block, Commentary):
        return block.markdown
    return _quotation(block) if isinstance(block, Quotation) else _takeaways(block)


def _quotation(quotation: Quotation) -> str:
    lines = quotation.text.split("\n")
    if quotation.credit:
        lines += ["", f"— {quotation.credit}"]
    quote = "\n".join(f"> {line}" if line else ">" for line in lines)
    return f"{quotation.lead_in}\n\n{quote}" if quotation.lead_in else quote


def _takeaways(takeaways: Takeaways) -> str:
    parts = [takeaways.intro] if takeaways.intro else []
    parts.append("\n".join(_item(number, item) for number, item in enumerate(takeaways.items, 1)))
    inside = "\n\n".join(parts)
    # Longer than any within, so that none of them closes this one.
    longest = max((len(run) for run in _FENCE.findall(inside)), default=2)
    fence = ":" * (longest + 1)
    return f"{fence} takeaways {takeaways.style.value}\n{inside}\n{fence}"


def _item(number: int, text: str) -> str:
    marker = f"{number}. "
    first, *others = text.split("\n")
    indented = (" " * len(marker) + line if line else "" for line in others)
    return "\n".join([marker + first, *indented])
