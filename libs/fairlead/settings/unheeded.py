"""What an application asks for that has no effect yet, as sentences.

Invariant: nothing is said of what acts; a fence that cannot be kept is no matter of this module but refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from fairlead.model.application import Application
from fairlead.settings.effects import Surface, row_of, without_effect

PREFIXES: Final = ("argocd.argoproj.io/", "notifications.argoproj.io/", "notice.argocd.argoproj.io/")
UNHYDRATED: Final = (
    "spec.sourceHydrator: nothing is hydrated while hydrator.enabled is false in argocd-cmd-params-cm; what "
    "stands at syncSource is deployed as it is"
)


def unheeded(app: Application) -> Iterator[str]:
    """One sentence for each."""
    yield from _options(app)
    yield from _annotations(app)


def unhydrated(app: Application) -> Iterator[str]:
    """What is said of an application with a dry source while nothing is hydrated."""
    if app.spec.source_hydrator is not None:
        yield UNHYDRATED


def _options(app: Application) -> Iterator[str]:
    policy = app.spec.sync_policy
    for text in without_effect(Surface.SYNC_OPTION, policy.sync_options if policy is not None else ()):
        yield f"spec.syncPolicy.syncOptions: {text}"


def _annotations(app: Application) -> Iterator[str]:
    """Only what is known to have no effect: annotations of a name of ours may be anybody's."""
    names = [name for name in app.metadata.annotations if name.startswith(PREFIXES)]
    known = [name for name in names if row_of(Surface.APP_ANNOTATION, name) is not None]
    yield from (f"metadata.annotations: {text}" for text in without_effect(Surface.APP_ANNOTATION, known))
