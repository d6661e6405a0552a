"""The schemas of our kinds for whoever writes one by hand.

Invariant: what the CRD's schema takes, this one takes; it leaves out what people do not write (status,
operation) and says more of what they do (metadata, known words of texts).
"""

from __future__ import annotations

from typing import Any

import msgspec

from fairlead.model.crds import DEFINITIONS, Definition, custom_resource_definition
from fairlead.model.metadata import API_VERSION
from fairlead.model.schema import Schema

_DESCRIBED = 12
_TEXTS: Schema = {"type": "object", "additionalProperties": {"type": "string"}}
_METADATA: Schema = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "namespace": {"type": "string"},
        "labels": _TEXTS,
        "annotations": _TEXTS,
        "finalizers": {"type": "array", "items": {"type": "string"}},
    },
    "additionalProperties": True,
}
_OURS = ("status", "operation")
_OPTIONS = (
    "ApplyOutOfSyncOnly=true",
    "ClientSideApplyMigration=false",
    "CreateNamespace=true",
    "Delete=confirm",
    "Delete=false",
    "FailOnSharedResource=true",
    "GuardPrune=false",
    "IgnoreDependencies=true",
    "NewestCommitWins=false",
    "Prune=confirm",
    "Prune=false",
    "PruneLast=true",
    "PrunePropagationPolicy=background",
    "PrunePropagationPolicy=foreground",
    "PrunePropagationPolicy=orphan",
    "Replace=true",
    "RespectIgnoreDifferences=true",
    "ServerSideApply=true",
    "SkipDryRunOnMissingResource=true",
    "Validate=false",
)
_WORDS: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "Application": (("spec.syncPolicy.syncOptions.*", _OPTIONS),),
    "AppProject": (("spec.syncWindows.*.kind", ("allow", "deny")),),
    "ApplicationSet": (("spec.template.spec.syncPolicy.syncOptions.*", _OPTIONS),),
}
"""Words that a text may be, by its place: proposed, not demanded."""


def editable_schema(kind: str) -> Schema | None:
    """The schema of one of our kinds; None of any other."""
    found = next((one for one in DEFINITIONS if one.kind.__name__ == kind), None)
    return _schema(found, kind) if found is not None else None


def _schema(definition: Definition, kind: str) -> Schema:
    described = msgspec.structs.replace(definition, described_levels=_DESCRIBED)
    made: dict[str, Any] = custom_resource_definition(described)
    schema: Schema = made["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    properties = {name: one for name, one in schema["properties"].items() if name not in _OURS}
    said = {
        "apiVersion": {"type": "string", "enum": [API_VERSION]},
        "kind": {"type": "string", "enum": [kind]},
        "metadata": _METADATA,
    }
    schema = schema | {"properties": properties | said}
    for place, words in _WORDS.get(kind, ()):
        _propose(schema, place.split("."), list(words))
    return schema


def _propose(schema: Schema, path: list[str], words: list[str]) -> None:
    for part in path:
        schema = schema["items"] if part == "*" else schema["properties"][part]
    schema["examples"] = words
