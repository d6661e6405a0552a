"""What is done to an application's manifests after they are built: decryption, and substitution of variables.

A wish names what is used and the version of it, so that an answer by another key or another variable is the
answer to another wish; the things themselves are handed over sealed.
"""

import hashlib

import msgspec

from fairlead.events.envelope import Event

PROJECTS = "fairlead.dev/projects"
"""Annotation of what is lent: the projects that may use it, with commas; `*` is all."""
SUBSTITUTE = "fairlead.dev/substitute"
"""Annotation of an Application: its own variables, as a map in JSON."""
SUBSTITUTE_FROM = "fairlead.dev/substitute-from"
"""Annotation of an Application: `ConfigMap/name` and `Secret/name`, with commas; the later one counts, and
one that ends in `?` may be missing."""
DECRYPTION = "fairlead-decryption"
"""Type of a Secret with the keys that open what is encrypted."""
VARIABLES = "fairlead-variables"
"""Type of a Secret with variables."""
VARIABLES_MAP = "fairlead-variables-map"
"""The type under which a ConfigMap with variables is handed over: one that names projects."""
LENT = frozenset({DECRYPTION, VARIABLES, VARIABLES_MAP})


class Lent(Event, frozen=True, kw_only=True):
    """Something that is handed over, by the name of its entry, as it was at a version."""

    entry: str
    version: str


class AfterBuild(Event, frozen=True, kw_only=True):
    """Keys that may open what is encrypted; variables from the least to the most important, `own` last. With
    `problem` it cannot be told what is wanted."""

    keys: tuple[Lent, ...] = ()
    variables: tuple[Lent, ...] = ()
    own: dict[str, str] = msgspec.field(default_factory=dict)
    substitutes: bool = False
    problem: str = ""

    @property
    def digest(self) -> str:
        """Identity of what is done."""
        return hashlib.sha256(msgspec.msgpack.encode(self, order="deterministic")).hexdigest()[:32]
