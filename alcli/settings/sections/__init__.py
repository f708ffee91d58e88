"""The rows of the table of settings, a file for what belongs together."""
