"""`repo affected`: what a change in Git would do to the applications that come from it.

Each application is rendered at the revision it is at and at the other one, and the manifests are compared; an
application that a change does not touch costs the server one look at what its render reads. Values of Secrets
are masked, so a change of those alone is not seen. With two revisions nothing is rendered: see `touched`.
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from fairlead.cli.app import show
from fairlead.cli.client import AppRef, Client, Document
from fairlead.cli.command import Invocation, Values
from fairlead.cli.connection import connect
from fairlead.cli.errors import OutcomeError, RefusedError, UsageError
from fairlead.cli.repo import touched
from fairlead.cli.view import document
from fairlead.cli.view.columns import columns
from fairlead.git.urls import normalise
from fairlead.model.application import Application

SHOWN = 3
"""Objects that are named before they are counted."""
Identity = tuple[str, str, str, str]


class Effect(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of one application; objects as KIND/NAME, or why that cannot be said."""

    name: str
    changed: list[str] = []
    added: list[str] = []
    removed: list[str] = []
    error: str = ""

    @property
    def is_none(self) -> bool:
        """Whether nothing becomes of it."""
        return not (self.changed or self.added or self.removed or self.error)


def run(call: Invocation) -> None:
    """Print the applications that the change touches."""
    if len(call.arguments) > 1:
        touched.run(call)
        return
    values, url = call.values, call.one("repository")
    if not values.text("revision"):
        raise UsageError('required flag(s) "revision" not set')
    with connect(values) as client:
        found = client.applications.list_all(
            selector=values.text("selector"), projects=values.many("project")
        )
        effects = [effect for each in found for effect in _effects(client, show.model(each), url, values)]
    meant = sorted((each for each in effects if not each.is_none), key=lambda each: each.name)
    _print(meant, len(effects), values)
    failed = [each for each in meant if each.error]
    if failed:
        raise OutcomeError(f"{len(failed)} of {len(effects)} applications cannot be rendered")


def _effects(client: Client, app: Application, url: str, values: Values) -> Iterator[Effect]:
    """The effect on an application, if it has sources of the repository that follow the branch meant."""
    target, wanted = values.text("target"), normalise(url.rstrip("/"))
    places = [
        index
        for index, source in enumerate(app.spec.effective_sources())
        if wanted in (normalise(source.repo_url.rstrip("/")), normalise(f"{source.repo_url}/{source.chart}"))
        and (not target or source.target_revision == target)
    ]
    if not places:
        return
    named = AppRef(app.metadata.namespace, app.metadata.name)
    try:
        before = _rendered(client, named, app, places, values.text("from"))
        after = _rendered(client, named, app, places, values.text("revision"))
    except RefusedError as error:
        yield Effect(name=app.id.qualified, error=error.message)
        return
    yield compared(app.id.qualified, before, after)


def compared(name: str, before: dict[Identity, Any], after: dict[Identity, Any]) -> Effect:
    """What is different between the manifests of an application, by identity."""
    return Effect(
        name=name,
        changed=[_word(key) for key in before if key in after and before[key] != after[key]],
        added=[_word(key) for key in after if key not in before],
        removed=[_word(key) for key in before if key not in after],
    )


def _rendered(
    client: Client, named: AppRef, app: Application, places: list[int], revision: str
) -> dict[Identity, Any]:
    """The manifests with those sources at a revision, at the one compared last when none is given."""
    sources = app.spec.effective_sources()
    known = app.status.sync.revisions or (app.status.sync.revision,)
    at = [revision or (known[place] if place < len(known) else "") for place in places]
    at = [each or sources[place].target_revision for each, place in zip(at, places, strict=True)]
    if app.spec.sources:
        query: dict[str, Any] = {"revisions": at, "sourcePositions": [place + 1 for place in places]}
    else:
        query = {"revision": at[0]}
    manifests = client.applications.manifests(named, **query)
    found = (msgspec.json.decode(text, type=Document) for text in manifests)
    return {_identity(obj): obj for obj in found}


def _print(meant: list[Effect], count: int, values: Values) -> None:
    form = values.text("output")
    if form in ("json", "yaml"):
        document.show(meant, form)
    elif form == "name":
        print("".join(f"{each.name}\n" for each in meant), end="")
    else:
        rows = [
            (each.name, *map(_words, (each.changed, each.added, each.removed)), each.error) for each in meant
        ]
        print(columns([("NAME", "CHANGED", "ADDED", "REMOVED", "ERROR"), *rows]), end="")
        print(f"\n{len(meant)} of {count} applications of the repository are affected.")


def _words(objects: list[str]) -> str:
    shown = ", ".join(objects[:SHOWN])
    return f"{shown} and {len(objects) - SHOWN} more" if len(objects) > SHOWN else shown or "-"


def _word(key: Identity) -> str:
    return f"{key[1]}/{key[3]}"


def _identity(obj: Document) -> Identity:
    metadata = obj.get("metadata") or {}
    group = str(obj.get("apiVersion") or "").rpartition("/")[0]
    return group, str(obj.get("kind")), str(metadata.get("namespace") or ""), str(metadata.get("name"))
