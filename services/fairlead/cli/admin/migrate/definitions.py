"""How the definitions that are installed stand to ours: which fields they would drop, and the reverse.

Why: an API server drops what its definition does not name. So Argo CD's definitions, left in place, must keep
all that Fairlead writes; and ours, once installed, all that Argo CD's had stored. Invariant: pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fairlead.cli.admin.migrate.facts import Facts
from fairlead.cli.admin.migrate.findings import Degree, Finding
from fairlead.model.crds import DEFINITIONS, custom_resource_definition

VERSION = "v1alpha1"
MOST = 8
"""Fields that are named; the others are counted."""
Schema = Mapping[str, Any]


def definitions(facts: Facts) -> Iterator[Finding]:
    """One finding for each definition and direction."""
    for definition in DEFINITIONS:
        installed = facts.definitions.get(definition.plural)
        if installed is None:
            text = "the definition is not installed; the chart brings it"
            yield Finding(Degree.DIFFERS, "definitions", definition.plural, text)
            continue
        theirs = schema_of(installed)
        if theirs is None:
            text = f"{VERSION} is not served, which is the one that Fairlead reads"
            yield Finding(Degree.BLOCKS, "definitions", definition.plural, text)
            continue
        ours = schema_of(custom_resource_definition(definition)) or {}
        yield from _both(definition.plural, ours, theirs)


def _both(plural: str, ours: Schema, theirs: Schema) -> Iterator[Finding]:
    dropped_there = list(dropped(ours, theirs))
    dropped_here = list(dropped(theirs, ours))
    if dropped_there:
        text = f"until ours is installed (crds.install of the chart) it drops {_listed(dropped_there)}"
        yield Finding(Degree.DIFFERS, "definitions", plural, text)
    if dropped_here:
        text = f"ours would drop {_listed(dropped_here)}; leave theirs installed (crds.install: false)"
        yield Finding(Degree.DIFFERS, "definitions", plural, text)
    if not dropped_there and not dropped_here:
        yield Finding(Degree.WORKS, "definitions", plural, "it keeps the same fields as ours")


def schema_of(definition: Mapping[str, Any]) -> Schema | None:
    """The schema of the version that we read; None where it is not served."""
    for version in definition["spec"]["versions"]:
        if version["name"] == VERSION and version.get("served"):
            found: Schema = (version.get("schema") or {}).get("openAPIV3Schema") or {}
            return found
    return None


def dropped(written: Schema, keeping: Schema, path: str = "") -> Iterator[str]:
    """The fields of the one that the other does not keep, the outermost of each."""
    if keeping.get("x-kubernetes-preserve-unknown-fields") or "additionalProperties" in keeping:
        return
    if "items" in written:
        yield from dropped(written["items"], keeping.get("items") or {}, f"{path}[]")
        return
    known = keeping.get("properties") or {}
    if not known and path and keeping.get("type") != "object":
        return  # a scalar, or nothing said of it
    for name, inner in (written.get("properties") or {}).items():
        where = f"{path}.{name}" if path else name
        if where in ("metadata", "apiVersion", "kind"):
            continue
        if name in known:
            yield from dropped(inner, known[name], where)
        else:
            yield where


def _listed(paths: list[str]) -> str:
    more = len(paths) - MOST
    return ", ".join(paths[:MOST]) + (f" and {more} more" if more > 0 else "")
