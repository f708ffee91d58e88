"""The kinds of picture: each takes numbers and a width, and gives a drawing."""
