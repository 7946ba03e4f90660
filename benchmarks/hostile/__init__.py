"""A crowd of hostile servers among good ones, and what they cost the good ones: `servers` plays
them all, `crowd` polls them with the real program, `python -m benchmarks.hostile` measures.
"""
