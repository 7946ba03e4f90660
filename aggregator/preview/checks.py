"""A post and one view of it compared: which words, links and numbers of the author's survive."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from aggregator.markup.text import excerpt
from aggregator.model.post import Takeaways, TakeawaysStyle
from aggregator.preview.claims import Claim, Section
from aggregator.preview.findings import Finding, Kind, hint, loss
from aggregator.preview.seen import Link, Seen, seen_in, squashed
from aggregator.preview.views import View
from aggregator.publishing.article import Article

SHOWN = 60  # characters of what a finding is about
# Of an entry's title: 80 columns without number, flags, date and size, as newsboat was seen to do.
TITLE_SHOWN = 57

_OPENING = "\"'“”„‟‘‚«»‹›「『《〈"
_CLOSING = "\"'“”‟’«»‹›」』》〉"


def findings_in(article: Article, sections: Sequence[Section], view: View) -> Iterator[Finding]:
    """Yield what this view of a post does not show as its author meant it."""
    read = _Reading(view.seen)
    for section in sections:
        for claim in section.claims:
            if section.heading and claim is section.claims[0]:
                yield from _heading(section, view, read)
            yield from _words(claim, view, read)
            if claim.is_quotation:
                yield from _attribution(claim, view)
                yield from _border(claim, view)
            yield from _ordinals(claim, view, counts_in_words=not article.words.borrowed)
    yield from _links(article, sections, view)
    yield from _pictures(article, view)
    if view.name == "newsboat" and len(article.title) > TITLE_SHOWN:
        yield hint(
            Kind.TITLE,
            f"a list 80 columns wide cuts the title off: {_short(article.title, TITLE_SHOWN)}",
            "put first what matters",
            view.name,
        )


class _Reading:
    """A reader's eye that goes down the view: what was read once is not there once more."""

    def __init__(self, seen: Seen) -> None:
        self._text, self._at = seen.text, 0

    def meets(self, words: str) -> bool:
        """Whether these words come next, or later on; then reading goes on behind them."""
        wanted = squashed(words)
        found = self._text.find(wanted, self._at)
        if found < 0:
            return False
        self._at = found + len(wanted)
        return True


def _heading(section: Section, view: View, read: _Reading) -> Iterator[Finding]:
    if not read.meets(section.heading):
        yield loss(
            Kind.UPDATE,
            f"“{section.heading}”, which says when that was added",
            "begin the update's own words with its date",
            view.name,
        )


def _words(claim: Claim, view: View, read: _Reading) -> Iterator[Finding]:
    around = Kind.ATTRIBUTION
    in_order = [
        *((line, around) for line in claim.before),
        *((line, Kind.WORDS) for line in claim.lines),
        *((line, around) for line in claim.after),
    ]
    for line, kind in in_order:
        if not read.meets(line):
            what = "whose words a quotation is" if kind is Kind.ATTRIBUTION else "words"
            yield loss(
                kind,
                f"{what}: {_short(line)}",
                "write them as a plain paragraph",
                view.name,
            )


def _attribution(claim: Claim, view: View) -> Iterator[Finding]:
    quoted = _short(" ".join(claim.lines))
    if not claim.attribution and not claim.links:
        yield hint(
            Kind.ATTRIBUTION,
            f"nothing says whose words these are: {quoted}",
            "write a line before them that ends in a colon: [Ana Reyes](https://…) reports:",
            view.name,
        )
    elif not claim.ways and not claim.links:
        yield hint(
            Kind.ATTRIBUTION,
            f"nothing leads to where these words stand: {quoted}",
            "make the name before them a link to the article",
            view.name,
        )
    said = squashed(" ".join((*claim.attribution, *claim.lines))).casefold()
    if claim.names and not _says_any(said, claim.names):
        yield hint(
            Kind.ATTRIBUTION,
            f"{' and '.join(claim.names)}, named under `cites`, can be read nowhere beside the "
            f"words {quoted}",
            "say the name in the line before them",
            view.name,
        )
    elif view.is_plain and claim.place and not _says_any(said, claim.place):
        yield hint(
            Kind.ATTRIBUTION,
            f"the link is gone that says where these words stand: {quoted}",
            f"name the outlet in the line before them: {claim.place[0]}",
            view.name,
        )


def _says_any(said: str, names: Sequence[str]) -> bool:
    return any(squashed(name).casefold() in said for name in names)


def _border(claim: Claim, view: View) -> Iterator[Finding]:
    words = squashed("".join(claim.lines))
    quoted = _short(" ".join(claim.lines))
    if not words or any(words in one for one in view.seen.quoted):
        return
    if not view.is_plain:
        yield loss(
            Kind.BORDER,
            f"where a quotation begins and ends: {quoted}",
            "put quotation marks around it",
            view.name,
        )
    elif not _is_marked(words) and not _is_title(claim, words):
        yield hint(
            Kind.BORDER,
            f"nothing shows where somebody else's words end: {quoted}",
            "put quotation marks around them",
            view.name,
        )


def _is_marked(words: str) -> bool:
    """Whether quotation marks say that these are somebody's words."""
    return words[0] in _OPENING and words.rstrip(".,;…")[-1:] in _CLOSING


def _is_title(claim: Claim, words: str) -> bool:
    """Whether all that is quoted is a linked title, which nobody takes for the author's words."""
    return any(squashed(link.words) == words.strip("\"'“”„‘’«»‹›") for link in claim.links)


def _ordinals(claim: Claim, view: View, *, counts_in_words: bool) -> Iterator[Finding]:
    if view.is_plain:
        if claim.items:
            block = claim.block
            listed = isinstance(block, Takeaways) and block.style is TakeawaysStyle.LIST
            yield hint(
                Kind.ORDINALS,
                f"the numbers {_numbers([item.number for item in claim.items])} of a list",
                "`::: takeaways prose` says First, Secondly, Lastly"
                if listed and counts_in_words
                else "where the order matters, say it in words",
                view.name,
            )
        return
    there = Counter(view.seen.items)
    missed = [item.number for item, n in Counter(claim.items).items() if there[item] < n]
    if missed:
        yield loss(
            Kind.ORDINALS,
            f"the numbers {_numbers(missed)} of a list, which are other ones there",
            "begin the list at 1, or say the numbers in words",
            view.name,
        )


def _numbers(numbers: Sequence[int | None]) -> str:
    few = ", ".join(str(number) for number in numbers[:6])
    return few + (", …" if len(numbers) > 6 else "")


def _links(article: Article, sections: Sequence[Section], view: View) -> Iterator[Finding]:
    meant = seen_in(article.html).links
    if view.is_plain:  # it shows none, whatever a post does
        return
    there = {link.url for link in view.seen.links if link.words}
    ways = {way.url for section in sections for claim in section.claims for way in claim.ways}
    for link in dict.fromkeys(meant):
        if not link.words:
            yield loss(
                Kind.LINK,
                f"a link without words, which nobody sees: {link.url}",
                f"write what it is: [words]({link.url})",
                view.name,
            )
        elif link.url not in there:
            yield _lost_link(link, view, of_attribution=link.url in ways)
    cited = [cite.url for cite in article.citations]
    if cited and not there.intersection(cited):
        yield loss(
            Kind.ARTICLE,
            f"every way to what the post is about: {cited[0]}",
            "link to the article in the line before the quotation",
            view.name,
        )
    elif not meant and article.parts.blocks:
        yield hint(
            Kind.ARTICLE,
            "the post links to nothing",
            "link to what it is about, if there is such a page",
            view.name,
        )


def _lost_link(link: Link, view: View, *, of_attribution: bool) -> Finding:
    return loss(
        Kind.ATTRIBUTION if of_attribution else Kind.LINK,
        f"the link behind {_short(link.words)} to {link.url}",
        "link to a page's own address, not to one for sharing or counting",
        view.name,
    )


def _pictures(article: Article, view: View) -> Iterator[Finding]:
    for picture in dict.fromkeys(seen_in(article.html).pictures):
        if view.html is not None and picture.url not in {p.url for p in view.seen.pictures}:
            yield loss(
                Kind.PICTURE,
                f"the picture {picture.url}",
                "say in words what it shows",
                view.name,
            )
        if not picture.alt:
            yield hint(
                Kind.PICTURE,
                f"nothing says what a picture shows: {picture.url}",
                f"describe it: ![a map of the city]({picture.url})",
                view.name,
            )
        elif view.is_plain:
            yield hint(
                Kind.PICTURE,
                f"a picture and its description, {_short(picture.alt)}",
                "say in a sentence what it shows",
                view.name,
            )


def _short(text: str, limit: int = SHOWN) -> str:
    bare = text.strip('"“”„«»') or text  # marks within marks would only puzzle
    return f"“{excerpt(bare, limit)}”"
