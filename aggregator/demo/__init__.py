"""Invented sources and a post about them, so that the first run shows something offline.

Every name, place and number here is made up; the addresses end in `.example` (RFC 2606 §2).
"""
