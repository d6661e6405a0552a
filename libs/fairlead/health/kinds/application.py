"""Application: a nested application is as well as its own controller says it is.

Argo CD has no rule of its own for this; app-of-apps users add one through
``resource.customizations.health.argoproj.io_Application``. This is that rule, ready made.

Invariant: an application nobody has looked at yet is Progressing, so that a parent waits for it.
"""

from __future__ import annotations

from fairlead.health.status import Code, Health, progressing
from fairlead.manifest.fields import Manifest, text_at

_KNOWN = frozenset(code.value for code in Code) - {""}


def assess(obj: Manifest) -> Health:
    """Judge one Application by its ``status.health``."""
    status = text_at(obj, "status", "health", "status")
    if status not in _KNOWN:
        return progressing()
    return Health(Code(status), text_at(obj, "status", "health", "message"))
