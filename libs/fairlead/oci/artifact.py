"""From an artifact's content to a commit that renders read."""

from collections.abc import Iterable
from pathlib import Path

from fairlead.archives import File, Limits, beneath_root, import_files, unpack
from fairlead.oci.errors import told_of
from fairlead.oci.manifest import Manifest

_LIMITS = Limits()


async def import_artifact(
    repository: Path, archive: bytes, manifest: Manifest, limits: Limits = _LIMITS
) -> str:
    """Bring an archive into a bare repository; the commit, which says the manifest's digest.

    Of a chart that Helm pushed, what its one folder holds is the root. Raises OciError.
    """
    files: Iterable[File] = unpack(archive, limits)
    if manifest.is_chart:
        files = beneath_root(files)
    with told_of(manifest.digest):
        return await import_files(repository, files, message=manifest.digest)
