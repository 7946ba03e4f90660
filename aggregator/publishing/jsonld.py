"""JSON-LD in the words of schema.org: what a post is, what it quotes, what it is based on."""

from __future__ import annotations

import json
from typing import Any

from markupsafe import Markup

from aggregator.config.settings import Author, Site
from aggregator.publishing.addresses import address
from aggregator.publishing.article import Article, Cited
from aggregator.publishing.atomparts import atom_time
from aggregator.publishing.details import Details

# Inside a script element only these could end it, or begin a comment.
_ESCAPED = {char: f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"}


def blog(site: Site) -> Markup:
    """Return the site as a Blog, for its front page."""
    return _written(
        {
            "@type": "Blog",
            "@id": address(site.base_url, ""),
            "url": address(site.base_url, ""),
            "name": site.title,
            "description": site.subtitle,
            "inLanguage": site.language,
            "author": [_person(author) for author in site.authors],
        }
    )


def posting(site: Site, article: Article) -> Markup:
    """Return a post as a BlogPosting. A withdrawn one has a headline and dates, and no words."""
    return _written(
        {
            "@type": "BlogPosting",
            "@id": article.permalink,
            "url": article.permalink,
            "headline": article.title,
            "description": article.summary,
            "inLanguage": article.language,
            "datePublished": atom_time(article.published),
            "dateModified": atom_time(article.news or article.published),
            "author": _person(article.author),
            "keywords": list(article.tags),
            "isPartOf": {"@type": "Blog", "@id": address(site.base_url, ""), "name": site.title},
            "isBasedOn": [_work(cited, article.details) for cited in article.citations],
            "hasPart": [
                {
                    "@type": "Quotation",
                    "text": quoted.text,
                    "isPartOf": _named("CreativeWork", "url", quoted.url),
                    "creator": _named("Person", "name", quoted.author),
                }
                for quoted in article.details.quotations
            ],
            "correction": [
                {
                    "@type": "CorrectionComment",
                    "datePublished": atom_time(correction.at),
                    "text": correction.text,
                }
                for correction in article.details.corrections
            ],
        }
    )


def _work(cited: Cited, details: Details) -> dict[str, Any]:
    outlet = details.outlet_of(cited.url)
    return {
        "@type": "CreativeWork",
        "url": cited.url,
        "name": cited.title,
        "author": _named("Person", "name", cited.author),
        "publisher": _named("Organization", "name", outlet),
    }


def _named(kind: str, key: str, value: str | None) -> dict[str, str] | None:
    return {"@type": kind, key: value} if value else None


def _person(author: Author) -> dict[str, Any]:
    return {"@type": "Person", "name": author.name, "url": author.uri}


def _written(thing: dict[str, Any]) -> Markup:
    """Return JSON that can stand in a script element whatever the texts in it are."""
    told = {"@context": "https://schema.org", **thing}
    text = json.dumps(_without_empty(told), ensure_ascii=False, separators=(",", ":"))
    for char, escaped in _ESCAPED.items():
        text = text.replace(char, escaped)
    return Markup(text)  # noqa: S704 - escaped above, and tested with what is hostile


def _without_empty(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_empty(one) for key, one in value.items() if one not in (None, "", [])}
    if isinstance(value, list):
        return [_without_empty(one) for one in value]
    return value
