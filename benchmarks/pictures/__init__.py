"""The README's pictures, made anew by `python -m benchmarks.pictures`."""
