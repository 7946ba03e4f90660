"""Posts of other programs → documents, and all posts ↔ one archive. Pure."""
