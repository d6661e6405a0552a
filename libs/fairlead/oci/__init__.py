"""OCI registries: tags, manifests and content of artifacts, and charts that are kept as such.

The invariant: what is named by a digest has it; a password is told to nobody who was not asked with it.
"""

from fairlead.oci.artifact import import_artifact
from fairlead.oci.errors import (
    OciAccessError,
    OciContentError,
    OciError,
    OciInvalidError,
    OciNotFoundError,
    OciTransientError,
)
from fairlead.oci.manifest import CONTENT, HELM_CHART, Descriptor, Manifest
from fairlead.oci.reference import Reference, is_digest, tag_of, version_of
from fairlead.oci.registry import Registry, ping

__all__ = [
    "CONTENT",
    "HELM_CHART",
    "Descriptor",
    "Manifest",
    "OciAccessError",
    "OciContentError",
    "OciError",
    "OciInvalidError",
    "OciNotFoundError",
    "OciTransientError",
    "Reference",
    "Registry",
    "import_artifact",
    "is_digest",
    "ping",
    "tag_of",
    "version_of",
]
