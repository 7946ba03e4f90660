"""feeds.yaml: what the author decided, read into frozen settings and edited with care."""
