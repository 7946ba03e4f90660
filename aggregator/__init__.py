"""A linkblog aggregator: follow feeds, cite what matters, publish a combined Atom feed."""

__version__ = "0.1.0"
