"""Fetching: conditional GETs, guarded and bounded. The only room that knows httpx."""
