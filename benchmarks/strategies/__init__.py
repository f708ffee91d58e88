"""Every strategy beside the libraries that have it too: `python -m benchmarks.strategies`."""
