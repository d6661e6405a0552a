"""What can go wrong with a custom resource before anybody looks at its meaning.

ModelError
└── MalformedObjectError   the bytes are not such an object; invalid: wait for a change
"""


class ModelError(Exception):
    """Any failure of this library."""


class MalformedObjectError(ModelError):
    """An object's JSON does not fit its kind. Policy: invalid (retrying the same bytes cannot help)."""

    def __init__(self, kind: str, reason: str) -> None:
        super().__init__(f"not a readable {kind}: {reason}")
        self.kind = kind
        self.reason = reason
