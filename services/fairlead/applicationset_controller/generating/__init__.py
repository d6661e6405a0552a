"""Parameters: what the generators of a set come to."""
