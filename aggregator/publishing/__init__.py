"""Values to bytes: the published feeds, pages and blogroll. Pure, but for `writer`."""
