"""Parts of `python -m benchmarks owner`."""
