"""The one failure of a benchmark: what it measures did not happen."""


class BenchError(Exception):
    """Something did not come true within its time; says what was seen instead."""
