"""What is measured, against whom. Each module says how to run it; README.md has the figures."""
