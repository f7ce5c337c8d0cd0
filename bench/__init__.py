"""Benchmarks against peers. No test depends on a time."""
