"""ApplicationSets as they are shown, encoded once for each version.

The invariant: what a document holds is what the API server said, without what must not be handed on.
"""

from typing import Any

import msgspec

from fairlead.api_server.documents import cleaned, key_of
from fairlead.matching.generators import Interest, interests


class _Metadata(msgspec.Struct, frozen=True):
    name: str = ""
    namespace: str = ""
    uid: str = ""
    resource_version: str = msgspec.field(name="resourceVersion", default="")
    labels: dict[str, str] | None = None


class _TemplateSpec(msgspec.Struct, frozen=True):
    project: str = ""


class _Template(msgspec.Struct, frozen=True):
    spec: _TemplateSpec = _TemplateSpec()


class _Spec(msgspec.Struct, frozen=True):
    generators: Any = None
    template: _Template = _Template()


class _Object(msgspec.Struct, frozen=True):
    metadata: _Metadata = _Metadata()
    spec: _Spec = _Spec()


_OBJECT = msgspec.json.Decoder(_Object)


class SetDocument(msgspec.Struct, frozen=True, kw_only=True):
    """One ApplicationSet: JSON, and what is asked of it without reading it again."""

    name: str
    namespace: str
    outside: str = ""
    """Its namespace, where that is not the control plane's."""
    uid: str
    resource_version: str
    labels: dict[str, str]
    project: str
    json: bytes
    interests: frozenset[Interest] = frozenset()
    """What its generators look at."""

    @property
    def key(self) -> str:
        """What the mirror finds it by."""
        return key_of(self.outside, self.name)


def read_set(raw: bytes, *, control: str) -> SetDocument:
    """A document of an ApplicationSet's bytes; `control` is the control plane's namespace. Raises
    msgspec.DecodeError."""
    shown = cleaned(raw)
    found = _OBJECT.decode(shown)
    metadata = found.metadata
    return SetDocument(
        name=metadata.name,
        namespace=metadata.namespace,
        outside="" if metadata.namespace == control else metadata.namespace,
        uid=metadata.uid,
        resource_version=metadata.resource_version,
        labels=metadata.labels or {},
        project=found.spec.template.spec.project,
        json=shown,
        interests=_interests(found.spec.generators),
    )


def _interests(generators: Any) -> frozenset[Interest]:
    found = generators if isinstance(generators, list) else []
    return interests(generator for generator in found if isinstance(generator, dict))


def resources_of(document: SetDocument) -> list[dict[str, Any]]:
    """The Applications that the set's status names."""
    status = msgspec.json.decode(document.json).get("status") or {}
    found = status.get("resources")
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []
