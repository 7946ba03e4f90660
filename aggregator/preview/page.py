"""One HTML page with all views of a post side by side, complete in itself.

What readers show stands in frames that may run nothing and load nothing: the page's policy
forbids every request, and frames have it from the page. Pictures are named instead of shown.
"""

from __future__ import annotations

import re
from html import escape
from html.parser import HTMLParser
from importlib.resources import files

from aggregator.preview.findings import Finding
from aggregator.preview.report import Preview
from aggregator.preview.terminal import as_lines
from aggregator.preview.views import Name, View
from aggregator.publishing.plain import is_rtl

MARK = b"<!-- aggregator post preview -->"  # by which a file is known that may be replaced
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

_IMAGE = re.compile(r"<img[^<>]*>")
_LINE, _LEAST, _MOST = 1.75, 16, 46  # rem: a line's height, and a frame's
_COLUMNS = 56  # letters that a frame is wide, about

# How the readers look, as far as it tells what is whose.
_STYLES: dict[Name, str] = {
    "miniflux": """body { font: 1.05rem/1.5 system-ui, sans-serif; }
h1 { font-size: 1.4rem; line-height: 1.25; }
blockquote { border-left: 4px solid #8886; margin: 1.25rem 0 1.25rem 1rem; padding-left: 1.25rem; }
""",
    "ttrss": """body { font: 0.95rem/1.45 "Liberation Sans", Arial, sans-serif; }
h1 { font-size: 1.1rem; }
blockquote { border: 1px solid #8884; border-left-width: 4px; }
blockquote { margin: 0.5rem 0; padding: 0.3rem 0.8rem; }
""",
}
_OF_ALL = """
html { color-scheme: light dark; }
body { margin: 0; padding: 1rem 1.1rem; overflow-wrap: break-word; }
.picture { border: 1px dashed; padding: 0 0.4rem; }
"""


def preview_page(shown: Preview, *, site_style: str) -> bytes:
    """Return the page. `site_style` is the style sheet of the site's own pages."""
    article = shown.article
    title = escape(article.title)
    sections = "\n".join(_section(shown, view, site_style) for view in shown.views)
    head = (
        f"<!doctype html>\n{MARK.decode()}\n"
        '<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="referrer" content="no-referrer">\n<meta name="robots" content="noindex">\n'
        f"<title>Preview: {title}</title>\n<style>\n{_own_style()}</style>\n</head>\n"
    )
    said = escape(f"{shown.status.capitalize()} · {article.permalink}")
    language = f'lang="{article.language}" dir="auto"'
    return (
        f"{head}<body>\n<header>\n<p>Preview, published nowhere</p>\n"
        f"<h1 {language}>{title}</h1>\n<p>{said}</p>\n</header>\n"
        f"<main>\n{_findings(shown)}\n"
        f'<div class="views">\n{sections}\n</div>\n</main>\n</body>\n</html>\n'
    ).encode()


def _findings(shown: Preview) -> str:
    losses = [one for one in shown.findings if one.lost]
    hints = [one for one in shown.findings if not one.lost]
    parts = ['<section class="findings">']
    if losses:
        parts.append("<h2>Lost on the way to readers</h2>")
        parts += _listed(losses, shown)
    else:
        parts.append('<p class="fine">Nothing is lost in any view.</p>')
    if hints:
        parts.append("<h2>Worth a look</h2>")
        parts += _listed(hints, shown)
    return "\n".join([*parts, "</section>"])


def _listed(findings: list[Finding], shown: Preview) -> list[str]:
    lines = []
    for one in findings:
        where = "" if len(one.views) == len(shown.views) else _readers(one, shown)
        do = f'<br><span class="do">{escape(one.do)}</span>' if one.do else ""
        lines.append(f'<li dir="auto">{where}{escape(one.what)}{do}</li>')
    return ["<ul>", *lines, "</ul>"]


def _readers(one: Finding, shown: Preview) -> str:
    names = ", ".join(escape(shown.view(name).heading) for name in one.views)
    return f"<b>{names}:</b> "


def _section(shown: Preview, view: View, site_style: str) -> str:
    lost = len(shown.losses(view.name))
    state = f"{lost} lost" if lost else "nothing is lost"
    mark = "lost" if lost else "fine"
    label = f"view-{view.name}"
    language = f'lang="{shown.article.language}"'
    if view.html is None:
        text = escape(f"{shown.article.title}\n\n{view.text}")
        region = f'role="region" tabindex="0" aria-labelledby="{label}"'
        body = f'<pre {region} {language} dir="auto">{text}</pre>'
    else:
        body = _frame(shown, view, view.html, site_style, label)
    return (
        f'<section class="{view.name}">\n<h2 id="{label}">{escape(view.heading)}</h2>\n'
        f'<p class="shows">{escape(view.shows)} · <span class="{mark}">{state}</span></p>\n'
        f"{body}\n</section>"
    )


def _frame(shown: Preview, view: View, html: str, site_style: str, label: str) -> str:
    article = shown.article
    direction = "rtl" if is_rtl(article.language) else "ltr"
    if view.name == "page":
        style, begin, end = site_style, '<article><div class="e-content">', "</div></article>"
    else:
        # Readers that drop the direction let the browser guess it from the first letter.
        style, begin, end, direction = _STYLES[view.name], "<article>", "</article>", "auto"
    style = f"{style}\n{_OF_ALL}".replace("</", "<\\/")
    document = (
        f'<!doctype html><html lang="{article.language}"><head><meta charset="utf-8">'
        f'<base target="_blank"><style>{style}</style></head><body dir="{direction}">'
        f'<h1 dir="auto">{escape(article.title)}</h1>{begin}{_without_pictures(html)}{end}'
        "</body></html>"
    )
    text = as_lines(html, width=_COLUMNS).split("\nLinks:\n")[0]
    rows = text.count("\n") + 5
    height = min(max(round(rows * _LINE), _LEAST), _MOST)
    return (
        f'<iframe aria-labelledby="{label}" title="{escape(view.heading)}"'
        ' sandbox="allow-popups allow-popups-to-escape-sandbox" referrerpolicy="no-referrer"'
        f' style="height: {height}rem" srcdoc="{escape(document)}"></iframe>'
    )


def _without_pictures(html: str) -> str:
    """Return safe HTML with words in the place of pictures, which would have to be asked for."""
    return _IMAGE.sub(lambda tag: _named(tag[0]), html)


def _named(tag: str) -> str:
    reader = _Attributes()
    reader.feed(tag)
    alt = reader.found.get("alt") or "not described"
    return f'<span class="picture">Picture: {escape(alt)}</span>'


class _Attributes(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found = {name: value or "" for name, value in attrs}


def _own_style() -> str:
    return files("aggregator.preview").joinpath("page.css").read_text(encoding="utf-8")
