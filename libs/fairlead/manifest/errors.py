"""What can be wrong with a manifest. All of it is *invalid*: only a change of the source can help.

ManifestError
├── IdentityError      an object does not say what it is
├── SecretError        a Secret holds something that is no text; names the field, never the value
└── DocumentError      a rendered document cannot be taken as an object; names its place
"""

from __future__ import annotations


class ManifestError(ValueError):
    """A manifest that cannot be used."""


class IdentityError(ManifestError):
    """``apiVersion``, ``kind`` or ``metadata`` is missing or of the wrong type."""


class SecretError(ManifestError):
    """A Secret that the API server would refuse, and whose refusal would quote its values."""


class DocumentError(ManifestError):
    """A document of a render is not a Kubernetes object.

    ``index`` counts documents from 0; ``file`` is the path it came from, when known.
    """

    def __init__(self, problem: str, *, index: int, file: str = "") -> None:
        self.problem = problem
        self.index = index
        self.file = file
        place = f"document {index + 1}" + (f" of {file}" if file else "")
        super().__init__(f"{place}: {problem}")
