"""What runs in the measured processes: one file a library, in that library's own environment."""
