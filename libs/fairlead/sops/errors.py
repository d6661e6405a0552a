"""What may go wrong with an encrypted object."""


class SopsError(Exception):
    """It cannot be read; the words say what and where, and no value."""
