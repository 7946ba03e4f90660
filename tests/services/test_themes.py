"""Themes: what the author puts into a folder, and what is said when it is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from publishing.samples import SITE, post_of, render_posts

from aggregator.config.settings import Site
from aggregator.document import parse_document
from aggregator.errors import ThemeError
from aggregator.services.presentation import presentation_of
from aggregator.services.syndication import publish
from aggregator.storage.sql import SqlStorage

PAGE = "2026/03/the-council-blinked/index.html"


@pytest.fixture
def theme(tmp_path: Path) -> Path:
    folder = tmp_path / "theme"
    folder.mkdir()
    return folder


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[SqlStorage]:
    opened = SqlStorage(tmp_path / "a.sqlite", parse=parse_document)
    yield opened
    opened.close()


def rendered(theme: Path) -> dict[str, bytes]:
    posts = [post_of()]
    presentation = presentation_of(replace(SITE, theme=theme))
    made = render_posts(*posts, presentation=presentation)
    assert made.problems == ()
    return dict(made.files)


def refusal(theme: Path) -> str:
    with pytest.raises(ThemeError) as error:
        rendered(theme)
    return str(error.value)


def test_an_empty_theme_changes_nothing(theme: Path) -> None:
    posts = [post_of()]
    assert rendered(theme) == render_posts(*posts).files


def test_one_template_is_replaced_and_the_others_stay(theme: Path) -> None:
    plain = rendered(theme)
    (theme / "tag.html").write_text("<!doctype html><title>{{ tag.name }} & co</title>")
    files = rendered(theme)
    assert files["tags/city/index.html"] == b"<!doctype html><title>city & co</title>\n"
    changed = {path for path in files if files[path] != plain[path]}
    assert changed == {"tags/city/index.html", "tags/budget/index.html"}


def test_one_block_of_a_template_is_changed_for_all_pages(theme: Path) -> None:
    (theme / "base.html").write_text(
        '{% extends "default/base.html" %}{% block end %}<p>Set in Charter.</p>{% endblock %}'
    )
    files = rendered(theme)
    pages = [content for path, content in files.items() if path.endswith(".html")]
    assert pages
    assert all(b"Set in Charter." in page for page in pages)
    assert b"<h1" in files[PAGE]


def test_styles_are_added_or_replaced_and_pictures_come_along(theme: Path) -> None:
    ours = rendered(theme)["style.css"]
    (theme / "more.css").write_text(":root { --accent: #7a1f3d; }")
    (theme / "static" / "fonts").mkdir(parents=True)
    (theme / "static" / "fonts" / "a.woff2").write_bytes(b"\x00\xff")
    (theme / ".DS_Store").write_bytes(b"\x00")
    (theme / "README.md").write_text("mine")
    files = rendered(theme)
    assert files["style.css"] == ours + b":root { --accent: #7a1f3d; }"
    assert files["static/fonts/a.woff2"] == b"\x00\xff"
    assert not {"README.md", ".DS_Store"} & files.keys()
    (theme / "style.css").write_text("p { color: red }")
    assert rendered(theme)["style.css"].startswith(b"p { color: red }")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<p>\n{% if %}</p>", ":2: Expected an expression"),
        ("<p>\n\n{% block a %}", ":3: Unexpected end of template"),
        ("<p>\n{{ article.titel }}</p>", ":2: "),
        ("{{ nothing }}", ":1: 'nothing' is undefined"),
        ("\n{% include 'nowhere.html' %}", ":2: there is no template nowhere.html"),
        ("\n\n{{ 1 // 0 }}", ":3: ZeroDivisionError"),
    ],
)
def test_a_mistake_in_a_template_is_told_with_file_and_line(
    theme: Path, text: str, said: str
) -> None:
    (theme / "post.html").write_text(text)
    assert refusal(theme).startswith(f"{theme}/post.html{said}")


def test_a_misspelt_template_is_told_and_one_that_is_included_is_fine(theme: Path) -> None:
    (theme / "posts.html").write_text("<p>")
    assert refusal(theme).startswith(f"{theme}/posts.html takes the place of no page. The pages")
    (theme / "tag.html").write_text("{% include 'posts.html' %}")
    assert rendered(theme)["tags/city/index.html"] == b"<p>\n"


@pytest.mark.parametrize(
    "text",
    [
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ lipsum.__globals__['os'].listdir('/') }}",
        "{{ authors.append('x') }}",
        "{% include '../secret.html' %}",
    ],
)
def test_a_template_of_a_stranger_sees_nothing_but_the_values_of_the_page(
    theme: Path, text: str
) -> None:
    (theme.parent / "secret.html").write_text("secret")
    (theme / "tag.html").write_text(text)
    assert f"{theme}/tag.html:1: " in refusal(theme)


def test_no_link_leads_out_of_a_theme(theme: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    (theme / "static").mkdir()
    (theme / "static" / "key").symlink_to(secret)
    assert "leads out of it" in refusal(theme)


def test_what_is_not_there_or_no_text_is_named_with_the_setting(theme: Path) -> None:
    assert "take `site.theme` out of feeds.yaml" in refusal(theme / "none")
    (theme / "post.html").write_bytes(b"<p>\n\xff")
    assert refusal(theme) == f"{theme}/post.html:2: expected UTF-8; save the file as such"
    with pytest.raises(ThemeError, match=r"about\.md cannot be read .* `site.about`"):
        presentation_of(replace(SITE, about=theme / "about.md"))


def test_a_broken_theme_leaves_the_published_site_as_it_was(
    storage: SqlStorage, theme: Path, tmp_path: Path
) -> None:
    site, public = Site(title="Before", theme=theme), tmp_path / "public"
    publish(storage, site, public)
    before = {path: path.read_bytes() for path in public.rglob("*") if path.is_file()}
    (theme / "404.html").write_text("{{ nothing }}")
    with pytest.raises(ThemeError):
        publish(storage, replace(site, title="After"), public)
    assert before == {path: path.read_bytes() for path in public.rglob("*") if path.is_file()}


def test_pages_that_the_author_made_by_hand_stay(storage: SqlStorage, tmp_path: Path) -> None:
    public = tmp_path / "public"
    (public / "about").mkdir(parents=True)
    (public / "about" / "index.html").write_text("mine")
    (public / "robots.txt").write_text("mine")
    for _ in range(2):
        publish(storage, Site(base_url="https://blog.example/"), public)
        assert (public / "about" / "index.html").read_text() == "mine"
        assert (public / "robots.txt").read_text() == "mine"
    assert (public / "sitemap.xml").exists()
    (public / "robots.txt").unlink()
    publish(storage, Site(base_url="https://blog.example/"), public)
    assert "Sitemap:" in (public / "robots.txt").read_text()


def test_the_text_about_the_site_comes_from_the_file_that_is_named(
    storage: SqlStorage, tmp_path: Path
) -> None:
    about = tmp_path / "about.md"
    about.write_text("\ufeffI *read*.", encoding="utf-8")
    publish(storage, Site(about=about), tmp_path / "public")
    assert "<p>I <em>read</em>.</p>" in (tmp_path / "public" / "about" / "index.html").read_text()
