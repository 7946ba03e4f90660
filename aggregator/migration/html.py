"""Safe HTML → the Markdown of a document, without losing a word.

A converter that others wrote (markdownify) knows neither our lead-ins and credits nor what our
parser makes of its output. Here each block is rendered again and compared, and one that reads
otherwise is written plainer, until it does not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape, unescape

from lxml import html as lxml_html

from aggregator.markup.markdown import escaped, is_hostile, link, to_html, web_address
from aggregator.markup.text import plain_text, scrub
from aggregator.migration.inline import Inline

Element = lxml_html.HtmlElement

_BLOCKS = frozenset(
    """address article aside blockquote caption center dd details div dl dt figcaption figure footer
    h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section summary table tbody td tfoot th thead
    tr ul""".split()
)
_QUOTE_TAG = re.compile(r"</?q(?: [^<>]*)?>")
_MEDIA = re.compile(r'<(?:video|audio|source)(?: [a-z]+="[^"]*")*? src="([^"]*)"[^<>]*>')
_CREDIT = re.compile(r"(?:—|–|―)\s*(?=.*\]\()")
_OPENS_UPDATE = re.compile(r"(?:update|correction|reaction|withdrawn)\b", re.IGNORECASE)
_LONGEST_CREDIT = 300  # characters


def words_of(html: str) -> str:
    """Return the words of safe HTML as conversion must keep them, on one line."""
    return " ".join(plain_text(_prepared(html)).split())


def to_markdown(html: str) -> str:
    """Return safe HTML as Markdown that renders to the same words in the same order.

    Blockquotes become quotations: a paragraph before that ends with a colon leads in, one
    behind that begins with a dash and links is the credit. Tables become lines of text.
    """
    html = _prepared(html)
    if "<" not in html:
        paragraphs = re.split(r"\n[ \t]*\n", unescape(html))
        return "\n\n".join(_said(" ".join(one.split())) for one in paragraphs if one.strip())
    root = lxml_html.fragment_fromstring(f"<div>{html}</div>")
    return "\n\n".join(_with_credits(list(_Blocks().below(root))))


def plainly(html: str) -> str:
    """Return the words as paragraphs, and the links below them: nothing to be misread."""
    html = _prepared(html)
    lines = [_said(line) for line in plain_text(html).split("\n") if line.strip()]
    urls = dict.fromkeys(map(unescape, re.findall(r'<a [^<>]*?href="([^"]*)"', html)))
    shown = [f"<{url}>" for url in urls if web_address(url) == url and "<" not in url]
    return "\n\n".join([*lines, *shown])


def _said(line: str) -> str:
    """Return words in Markdown; what no parser is bothered with is shown as typed anyway."""
    return line if is_hostile(line) else escaped(line)


def _prepared(html: str) -> str:
    """Return HTML with marks in place of `q`, and links in place of sound and pictures."""

    def as_link(found: re.Match[str]) -> str:
        return f'<p><a href="{found[1]}">{found[1]}</a></p>'

    return scrub(_MEDIA.sub(as_link, _QUOTE_TAG.sub("&quot;", html)))


def _same(markdown: str, html: str) -> bool:
    return plain_text(to_html(markdown)).split() == plain_text(html).split()


def _with_credits(blocks: list[str]) -> list[str]:
    found: list[str] = []
    for block in blocks:
        credit = _CREDIT.match(block)
        said = block[credit.end() :] if credit else ""
        fits = 0 < len(said) < _LONGEST_CREDIT and "\n" not in said
        if fits and found and found[-1].startswith(">") and "\n> — " not in found[-1]:
            found[-1] += f"\n>\n> — {said}"
        else:
            found.append(block)
    return found


class _Blocks:
    """Blocks one after the other; remembers the last list's mark, so that two stay two."""

    def __init__(self) -> None:
        self._last = ""

    def below(self, parent: Element) -> Iterator[str]:
        """Yield the blocks of an element as Markdown, each checked."""
        for piece in _pieces(parent):
            if _is_container(piece):
                yield from self.below(piece)
                continue
            tag, source = piece.tag, lxml_html.tostring(piece, encoding="unicode", with_tail=False)
            attempt = self._block(piece)  # takes the piece apart
            if not _same(attempt, source):
                attempt = self._paragraph(lxml_html.fragment_fromstring(source), links_only=True)
            if not _same(attempt, source):
                attempt = plainly(source)
            if attempt:
                self._last = attempt[:1] if tag in ("ul", "ol") else ""
                yield attempt

    def _block(self, element: Element) -> str:
        tag = str(element.tag)
        if tag == "blockquote":
            inside = "\n\n".join(_Blocks().below(element))
            if not inside:
                return ""
            return "\n".join(f"> {line}" if line else ">" for line in inside.split("\n"))
        if tag in ("ul", "ol"):
            return self._list(element, ordered=tag == "ol")
        if tag == "pre":
            return _fenced(element)
        if tag == "hr":
            return "* * *"
        if tag == "table":
            rows = (" ".join(self._cells(row)) for row in element.iter("caption", "tr"))
            return "\n\n".join(row for row in rows if row)
        said = self._paragraph(element)
        if re.fullmatch("h[1-6]", tag) and said:
            # They are shown one level lower; `## Update …` would open an update.
            level = max(int(tag[1]) - 1, 1)
            level = 3 if level == 2 and _OPENS_UPDATE.match(said) else level
            return f"{'#' * level} {said.replace(chr(92) + chr(10), ' ')}"
        return said

    def _cells(self, row: Element) -> Iterator[str]:
        if row.tag == "caption":
            yield self._paragraph(row)
        for cell in row:
            if cell.tag in ("td", "th") and (said := self._paragraph(cell)):
                yield said.replace("\\\n", " ")

    def _paragraph(self, element: Element, *, links_only: bool = False) -> str:
        return Inline(_BLOCKS, links_only=links_only).paragraph(element)

    def _list(self, element: Element, *, ordered: bool) -> str:
        first = str(element.get("start", "1"))
        number = int(first) if re.fullmatch("[0-9]{1,8}", first) else 1
        again = self._last in ("-", "1") or self._last.isdigit()
        items = []
        for item in element:
            blocks = list(_Blocks().below(item)) if isinstance(item.tag, str) else []
            if not blocks:
                continue
            mark = f"{number}{')' if again else '.'} " if ordered else "* " if again else "- "
            number += 1
            lines = "\n\n".join(blocks).split("\n")
            indent = " " * len(mark)
            items.append(
                "\n".join([mark + lines[0], *(indent + line if line else "" for line in lines[1:])])
            )
        return ("\n\n" if any("\n\n" in item for item in items) else "\n").join(items)


def _pieces(parent: Element) -> list[Element]:
    """Return the blocks within an element; words between them become paragraphs."""
    found: list[Element] = []
    run: Element | None = None

    def into(text: str | None) -> None:
        nonlocal run
        if text and (run is not None or text.strip()):
            if run is None:
                run = lxml_html.Element("p")
            if len(run):
                run[-1].tail = (run[-1].tail or "") + text
            else:
                run.text = (run.text or "") + text

    def end() -> None:
        nonlocal run
        if run is not None:
            found.append(run)
        run = None

    into(parent.text)
    for child in list(parent):
        tail, child.tail = child.tail, None
        if child.tag in _BLOCKS:
            end()
            found.append(child)
        elif isinstance(child.tag, str):
            if run is None:
                run = lxml_html.Element("p")
            run.append(child)
        into(tail)
    end()
    return found


def _is_container(element: Element) -> bool:
    """Whether an element only holds blocks, and means nothing by itself."""
    if element.tag in ("blockquote", "ul", "ol", "pre", "table", "hr"):
        return False
    return any(child.tag in _BLOCKS for child in element)


def _fenced(element: Element) -> str:
    text = "".join(element.itertext()).strip("\n").replace("\r", "")
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(longest + 1, 3)
    return f"{fence}\n{text}\n{fence}"


def linked(words: str, url: str) -> str:
    """Return the whole of a linked page as Markdown; the words alone for an odd address."""
    target = web_address(url)
    return link(words, target) if target else escaped(words)


def as_html(text: str) -> str:
    """Return plain text as HTML paragraphs."""
    paragraphs = re.split(r"\r?\n[ \t]*(?:\r?\n)+", text.strip())
    return "".join(
        f"<p>{'<br>'.join(escape(one, quote=False).splitlines())}</p>" for one in paragraphs if one
    )
