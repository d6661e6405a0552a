"""What can be wrong with a policy. All of it is *invalid*: somebody has to change what they wrote.

RbacError
├── PolicyError        a line of a policy that is none
└── InvalidRoleError   a project's role that is not accepted; `exists` when something is there twice
"""


class RbacError(ValueError):
    """Any refusal of this library."""


class PolicyError(RbacError):
    """A line that is no line of a policy."""

    def __init__(self, line: str) -> None:
        super().__init__(f"invalid RBAC policy: {line}")
        self.line = line


class InvalidRoleError(RbacError):
    """A role of a project that is not accepted."""

    def __init__(self, words: str, *, exists: bool = False) -> None:
        super().__init__(words)
        self.exists = exists
