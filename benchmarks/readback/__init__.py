"""What we publish, read back by programs of others and held against what the author wrote."""
