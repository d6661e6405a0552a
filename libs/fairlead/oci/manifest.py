"""What a registry says an artifact is made of.

Invariant: a manifest's digest is that of the bytes it was read from.
"""

from typing import Final

import msgspec

from fairlead.oci import limits
from fairlead.oci.errors import OciContentError

HELM_CONFIG: Final = "application/vnd.cncf.helm.config.v1+json"
HELM_CHART: Final = "application/vnd.cncf.helm.chart.content.v1.tar+gzip"
CONTENT: Final = (
    "application/vnd.oci.image.layer.v1.tar",
    "application/vnd.oci.image.layer.v1.tar+gzip",
    HELM_CHART,
)
"""Media types of content that is taken where nothing else is set (contract 7.6)."""
OCI_MANIFEST: Final = "application/vnd.oci.image.manifest.v1+json"
OCI_INDEX: Final = "application/vnd.oci.image.index.v1+json"
DOCKER_MANIFEST: Final = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_LIST: Final = "application/vnd.docker.distribution.manifest.list.v2+json"
ACCEPTED: Final = ", ".join((OCI_MANIFEST, DOCKER_MANIFEST, OCI_INDEX, DOCKER_LIST))
_INDEXES = {OCI_INDEX, DOCKER_LIST}
_ATTESTATION = "vnd.docker.reference.type"


class Descriptor(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One thing in a registry: its kind, digest and size."""

    media_type: str = ""
    digest: str = ""
    size: int = 0
    annotations: dict[str, str] | None = None


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """An artifact. `digest` is that of what was asked for, also where this was an index with one manifest."""

    digest: str
    media_type: str
    config_type: str = ""
    artifact_type: str = ""
    layers: tuple[Descriptor, ...] = ()
    annotations: dict[str, str] = msgspec.field(default_factory=dict)

    @property
    def is_chart(self) -> bool:
        """Whether Helm pushed it."""
        return self.config_type == HELM_CONFIG

    def content(self, media_types: tuple[str, ...] = CONTENT) -> Descriptor:
        """The one layer of content. Raises OciContentError when there is not exactly one."""
        if len(self.layers) > limits.LAYERS:
            raise OciContentError(f"expected no more than {limits.LAYERS} oci layers, got {len(self.layers)}")
        found = [layer for layer in self.layers if layer.media_type in media_types]
        if len(found) != 1:
            kinds = ", ".join(sorted({layer.media_type[:100] for layer in self.layers})) or "no layer"
            raise OciContentError(
                f"expected only a single oci content layer, got {len(found)} (there is: {kinds})"
            )
        return found[0]


class _Document(msgspec.Struct, kw_only=True, rename="camel"):
    media_type: str = ""
    artifact_type: str = ""
    config: Descriptor | None = None
    layers: tuple[Descriptor, ...] | None = None
    manifests: tuple[Descriptor, ...] | None = None
    annotations: dict[str, str] | None = None


def read(body: bytes, digest: str, media_type: str) -> Manifest | Descriptor:
    """A manifest, or of an index the only one it has. Raises OciContentError."""
    try:
        document = msgspec.json.decode(body, type=_Document)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise OciContentError(f"the manifest {digest} cannot be read: {error}") from error
    kind = document.media_type or media_type
    if kind in _INDEXES or (document.manifests is not None and document.layers is None):
        return _only(document.manifests or ())
    return Manifest(
        digest=digest,
        media_type=kind,
        config_type=document.config.media_type if document.config else "",
        artifact_type=document.artifact_type,
        layers=document.layers or (),
        annotations=document.annotations or {},
    )


def _only(manifests: tuple[Descriptor, ...]) -> Descriptor:
    found = [one for one in manifests if _ATTESTATION not in (one.annotations or {})]
    if len(found) != 1:
        raise OciContentError(f"it is an index of {len(found)} artifacts; name one of them by its digest")
    return found[0]
