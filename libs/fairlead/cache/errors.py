"""What goes wrong with Redis.

CacheAwayError    it does not answer, or refuses; whoever asked goes on without it
"""


class CacheAwayError(Exception):
    """Redis does not answer, or refuses a command. Policy: transient."""
