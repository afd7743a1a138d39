"""The benchmark: `python -m tests.bench`. What it measures stands in RESULTS.md beside it."""
