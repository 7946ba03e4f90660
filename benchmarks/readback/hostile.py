"""Posts that mean harm to whoever writes or reads feeds, and the words their author meant."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from aggregator.document.write import write_document
from aggregator.model.post import Citation, Commentary, Post, Quotation, Takeaways

WORDS = (
    "<b>Bold</b> & <script>alert(1)</script>",
    "<b>all of it bold</b>",
    "<em>half</em> of it &amp; more",
    "an <img src=x onerror=alert(1)> picture <br> and a line",
    "a < b > c && d",
    "AT&amp;T is not AT&T",
    "&lt;escaped already&gt; &#60;twice&#62;",
    "&nbsp;&copy;&bogus; &",
    "]]> ends what never began",
    "<![CDATA[ begins ]]> and ends ]]",
    "<?xml version='1.0'?> <!DOCTYPE a [<!ENTITY b 'c'>]> &b;",
    "</title></entry></feed> </item></channel></rss>",
    "\"double\" 'single' `code` \\back\\slash\\",
    "%s %3Cscript%3E {0} ${x} {{ y }} {% z %}",
    "*stars* _lines_ [words](https://elsewhere.example/) ![x](y)",
    "# a heading - a list 1. a number > a quotation",
    "\u05e9\u05dc\u05d5\u05dd \u05e2\u05d5\u05dc\u05dd, and back",
    "\u0645\u0631\u062d\u0628\u0627 \u0628\u0627\u0644\u0639\u0627\u0644\u0645",
    "\u202ean override that nobody closes",
    "\U0001f469\u200d\U0001f469\u200d\U0001f467 \U0001f3f3\ufe0f\u200d\U0001f308",
    "\U0001f9d1\U0001f3fd\u200d\U0001f680 \U0001f1ea\U0001f1fa",
    "e\u0301 beside \u00e9, \u1e9b\u0323 and \ufb01",
    "zero\u200bwidth, soft\u00adhyphen, word\u2060joiner",
    "no\u00a0break, line\u2028separator, narrow\u202fspace",
    "a bell \x07, an escape \x1b[31m, a delete \x7f, a C1 \x9b",
    "non-characters \ufffe and \uffff, private \ue000, last \U0010ffff",
    "tab\tand  two spaces",
    "\u4e2d\u6587\u6807\u9898\uff1a\u300a\u5f15\u7528\u300b\u3002",
    "null",
    "~",
    "2010",
    ".",
    "\u2014",
    "\u00c3\u00a9 was typed so",
    "long " * 190 + "<end>",
    "W" * 1000,
)
BEGAN = datetime(2011, 1, 1, 12, 0, tzinfo=UTC)  # the first of them is published
LATER = timedelta(hours=6)  # an update follows

_FORBIDDEN = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]")  # XML 1.0 §2.2, C1
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True, kw_only=True)
class Hostile:
    """A post, when it is published and updated, and what a reader has to be told."""

    document: str
    at: datetime
    author: str
    title: str
    words: str
    update: str = ""  # as the author types it
    updated: datetime | None = None  # when; None: never


def hostile_posts() -> Iterator[Hostile]:
    """Yield a post of each of the words, a day apart; every second one is updated."""
    for number, said in enumerate(WORDS):
        at = BEGAN + timedelta(days=number)
        author = f"Ann <{number}> & O'Neil"
        later = at + LATER if number % 2 else None
        document = write_document(
            Post(
                title=said,
                slug=f"hostile-{number}",
                author=author,
                tags=("odd", said[:30]),
                blocks=(
                    Quotation(
                        text=typed(f"They wrote: {said}"),
                        lead_in=f"[Ana Reyes](https://news.example/{number}?a=1&b=2) reports:",
                        citation=Citation(url=f"https://news.example/{number}?a=1&b=2"),
                    ),
                    Takeaways(
                        intro="Two takeaways.", items=(typed(f"one {said}"), typed(f"two {said}"))
                    ),
                    Commentary(markdown=typed(f"I say: {said}")),
                ),
            )
        )
        words = (
            f"Ana Reyes reports: They wrote: {said} Two takeaways. one {said} two {said} "
            f"I say: {said}"
        )
        if later:
            when = f"{later.day} {later:%B %Y, %H:%M} UTC"
            words = f"Updated {when}: {first_words(said)} {words} Update, {when}: {said}"
        yield Hostile(
            document=document,
            at=at,
            author=author,
            title=possible(said, line=True),
            words=possible(words),
            update=typed(said) if later else "",
            updated=later,
        )


def typed(words: str) -> str:
    """Return words as an author types them who wants none of them obeyed (CommonMark §2.4)."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", words)


def possible(text: str, *, line: bool = False) -> str:
    """Return the text in single spaces, without what a document may not hold.

    In a `line` of its own, such as a title, nothing may turn its surroundings around either.
    """
    kept = _FORBIDDEN.sub("", text)
    return " ".join((_TURNING.sub("", kept) if line else kept).split())


def first_words(said: str) -> str:
    """Return as many of an update's words as its announcement has room for: 80 characters."""
    text = possible(said)
    if len(text) <= 80:
        return text
    cut = text.rfind(" ", 0, 80)
    if cut < 40:
        cut = 79
        while cut > 1 and unicodedata.combining(text[cut]):
            cut -= 1
    return text[:cut] + "…"
