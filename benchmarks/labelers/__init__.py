"""Two labelers of different quality: asking both, asking in turn, or choosing whom to ask."""
