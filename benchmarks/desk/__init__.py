"""The author's desk, full."""
