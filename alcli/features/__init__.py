"""Rows to matrices: which column is what, how each becomes numbers, and the cache of text matrices."""
