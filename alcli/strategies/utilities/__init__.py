"""How much one row is worth: pure functions of signals to (n,), larger is better. One family a file."""
