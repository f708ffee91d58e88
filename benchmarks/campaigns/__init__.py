"""Whole simulated campaigns beside the same campaigns written with other libraries."""
