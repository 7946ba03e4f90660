"""Text of one line, fit for titles and names; text as HTML; language tags, how they are written."""

from __future__ import annotations

from dataclasses import replace
from html import escape

from aggregator.config.settings import Author, Site
from aggregator.markup.text import scrub
from aggregator.publishing.privacy import public_link

# Written from right to left, unless a tag names a script; and the scripts that are.
_RTL_LANGUAGES = frozenset("ar arc ckb dv fa he iw khw ks nqo pnb ps sd syr ug ur yi".split())
_RTL_SCRIPTS = frozenset("adlm arab hebr mand nkoo rohg samr syrc thaa".split())


def one_line(text: str | None) -> str:
    """Return `text` on one line, without what no document may hold; empty for None."""
    return " ".join(scrub(text or "", bidi=True).split())


def as_html(text: str) -> str:
    """Return plain text as HTML of one paragraph; empty for empty.

    For a summary beside HTML: rss2email mails the plain text of an entry where there is any, and
    nothing of the rest.
    """
    return f"<p>{escape(text, quote=False)}</p>" if text else ""


def plain_site(site: Site) -> Site:
    """Return the site with texts that any document may hold."""
    title = one_line(site.title) or "Linkblog"
    authors = [
        replace(
            author,
            name=one_line(author.name) or title,
            uri=public_link(author.uri),
            email=one_line(author.email) or None,
        )
        for author in site.authors
    ]
    return replace(
        site,
        title=title,
        subtitle=one_line(site.subtitle),
        authors=tuple(authors) or (Author(name=title),),
        language=language_tag(site.language) or "en",
        rights=one_line(site.rights) or None,
    )


def language_tag(text: str | None) -> str | None:
    """Return a language tag as xml:lang and HTML accept it; None for anything else."""
    parts = one_line(text).replace("_", "-").split("-")
    fine = all(part.isascii() and part.isalnum() and len(part) <= 8 for part in parts)
    return "-".join(parts) if fine and parts[0].isalpha() else None


def is_rtl(language: str) -> bool:
    """Whether a language (BCP 47) is written from right to left."""
    first, *others = language.lower().split("-")
    script = next((part for part in others if len(part) == 4 and part.isalpha()), None)
    return script in _RTL_SCRIPTS if script else first in _RTL_LANGUAGES
