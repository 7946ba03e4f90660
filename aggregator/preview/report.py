"""All views of a post and what was found in them: what the command and the desk show."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from aggregator.preview.checks import findings_in
from aggregator.preview.claims import sections_of
from aggregator.preview.findings import Finding, Kind, hint, merged
from aggregator.preview.views import NAMES, Name, View, views_of
from aggregator.publishing.article import Article


@dataclass(frozen=True, kw_only=True)
class Preview:
    """A post as readers will get it. `views` come in the order of NAMES."""

    article: Article
    status: str
    views: tuple[View, ...]
    findings: tuple[Finding, ...]  # losses first

    def view(self, name: Name) -> View:
        """Return the view of this name."""
        return self.views[NAMES.index(name)]

    def found_in(self, names: Collection[Name]) -> list[Finding]:
        """Return what was found in any of these views, losses first."""
        return [one for one in self.findings if not set(names).isdisjoint(one.views)]

    def intact(self) -> list[View]:
        """Return the views in which nothing is lost."""
        return [view for view in self.views if not self.losses(view.name)]

    def losses(self, *names: Name) -> list[Finding]:
        """Return what is lost in any of these views."""
        return [one for one in self.found_in(names) if one.lost]


def preview_of(article: Article, *, status: str, notes: Iterable[str] = ()) -> Preview:
    """Return a post's preview. `notes` are what is told of it when it is saved."""
    views, sections = views_of(article), sections_of(article)
    found = [one for view in views for one in findings_in(article, sections, view)]
    found += [hint(Kind.NOTE, note, "", *NAMES) for note in notes]
    return Preview(article=article, status=status, views=views, findings=merged(found, order=NAMES))
