"""Well-formed, plain feeds read quickly; see `reader`."""
