"""One look at one request: what it would do, told on it."""
