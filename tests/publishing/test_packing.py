"""What is remembered of an article is the article."""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from publishing.samples import BLOCKS, SITE, UPDATE, UPDATED, post_of

from aggregator.model.post import Citation, PostStatus, StoredPost, Update, UpdateKind
from aggregator.publishing.article import article_of
from aggregator.publishing.packing import packed, unpacked

CORRECTION = Update(at=UPDATED + timedelta(hours=1), kind=UpdateKind.CORRECTION, blocks=BLOCKS)
CITE = Citation(url="https://z.example/ü", title="Ü \u2028", outlet="Z", author="ﷺ")
POSTS = (
    post_of(),
    post_of(updates=(UPDATE, CORRECTION), language="ar", author="Somebody Else"),
    post_of(status=PostStatus.WITHDRAWN, tags=()),
    post_of(blocks=(replace(BLOCKS[0], citation=CITE),), title="", language="de"),
)


@pytest.mark.parametrize("stored", POSTS, ids=range(len(POSTS)))
def test_an_article_comes_back_as_it_was(stored: StoredPost) -> None:
    article = article_of(stored, SITE)
    text = json.dumps(packed(article))
    back = unpacked(json.loads(text), article.words)
    assert back == article
    assert kinds(back) == kinds(article)  # a list equals no tuple, but a str an enum


def kinds(value: Any) -> Any:
    if is_dataclass(value):
        return type(value), [kinds(getattr(value, one.name)) for one in fields(value)]
    return (type(value), [kinds(one) for one in value]) if type(value) is tuple else type(value)


@pytest.mark.parametrize(
    "odd", [["Popen", "ls"], ["Article"], ["Article", 1], ["@", "no time"], [["x"]], {"a": 1}, []]
)
def test_what_is_no_article_is_refused_or_harmless(odd: Any) -> None:
    words = article_of(POSTS[0], SITE).words
    try:
        made = unpacked(odd, words)
    except (ValueError, TypeError, KeyError):
        return
    assert made == odd
