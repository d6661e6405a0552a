"""What deploying other manifests would do to an application's live objects, tried and not done.

No state of a live object is told, so that who may propose a change learns nothing of a cluster by it but
whether it would be taken.
"""

import msgspec

from fairlead.events.envelope import Event
from fairlead.rpc.controller import ApplicationQuery

FORESEE = "foresee"
TIMEOUT = 50.0
"""Seconds; hundreds of tries of a cluster that is slow."""
MAX_OBJECTS = 500
"""Objects of one question."""

CREATED, CHANGED, SAME, REPLACED, IMMUTABLE = "created", "changed", "same", "replaced", "immutable"
FOREIGN, ADOPTED, FORBIDDEN, REFUSED = "foreign", "adopted", "forbidden", "refused"
PRUNED, KEPT, ABSENT, UNTRIED = "pruned", "kept", "absent", "untried"


class Foresee(ApplicationQuery, frozen=True, kw_only=True):
    """Ask what becomes of these objects: `manifests` are what would be applied, `dropped` what Git would have
    no more, each JSON."""

    manifests: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()


class ForeseenObject(msgspec.Struct, frozen=True, kw_only=True):
    """One of them, where it would be.

    `verdict` of one that would be applied: `created`, `changed`, `same` (the cluster has it already),
    `replaced` (made anew, as its options say), `immutable` (refused, as a field cannot be changed), `refused`
    by the cluster, `foreign` (another application's), `adopted` (it is there and nobody's), `forbidden` by
    the project, `untried`. Of one that is dropped: `pruned`, `kept` by an option, `foreign`, `absent`.
    `words` say more, and `owner` is whose a foreign one is.
    """

    group: str
    kind: str
    namespace: str
    name: str
    verdict: str
    words: str = ""
    owner: str = ""


class Foreseen(Event, frozen=True, kw_only=True):
    """First those that would be applied, then those that are dropped, each in its order.

    `is_automated` and `prunes` are what the application does by itself; `waits` says why the guard would ask
    a person before it prunes, "" when it would not.
    """

    items: tuple[ForeseenObject, ...] = ()
    is_automated: bool = False
    prunes: bool = False
    waits: str = ""
