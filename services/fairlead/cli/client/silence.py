"""A stream that said nothing, which is no failure: whoever listens looks again."""


class SilenceError(Exception):
    """A stream said nothing for as long as was allowed."""
