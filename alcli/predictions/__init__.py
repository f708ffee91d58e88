"""Signals and vectors that another system wrote to a file, looked up by id."""
