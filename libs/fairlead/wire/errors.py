"""Errors of the codec.

WireError
├── DecodeError     the bytes are no such message, or go beyond a bound: the sender's mistake
└── EncodeError     the value does not fit the message: ours
"""


class WireError(Exception):
    """A message cannot be carried over."""


class DecodeError(WireError):
    """The bytes are not a message of that kind."""


class EncodeError(WireError):
    """The value is not one of that message."""
