"""A post as feed readers will show it, and what they lose of it. Pure."""

from aggregator.preview.findings import Finding
from aggregator.preview.report import Preview, preview_of
from aggregator.preview.views import NAMES, View

__all__ = ["NAMES", "Finding", "Preview", "View", "preview_of"]
