"""Bytes to values: what a document says, what is new in it, when to ask again. Pure."""
