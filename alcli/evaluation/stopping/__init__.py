"""Stopping rules: when further labels are no longer worth their price. Light: imports no numpy by itself."""
