"""How a batch is made of rows: pure functions of utilities and points to positions. One family a file."""
