"""Benchmarks: alcli beside the barest script that does the same work, process by process."""
