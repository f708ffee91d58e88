"""Real labelling tools, each in an environment of its own: tasks go in by their API, exports come back to alcli."""
