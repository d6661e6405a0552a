"""From a chart's archive to a commit that renders read.

Invariant: what becomes a commit is the chart that was wanted, by the name and version that it gives itself.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from fairlead.archives import File, Limits, beneath_root, import_files, unpack
from fairlead.charts import documents
from fairlead.charts.errors import ChartContentError, told_of
from fairlead.git.semver import parse_version

CHART_FILE = "Chart.yaml"
MAX_CHART_FILE = 1 << 20
"""Bytes."""
_LIMITS = Limits()


async def import_chart(
    repository: Path, archive: bytes, *, name: str, version: str = "", limits: Limits = _LIMITS
) -> str:
    """Bring a chart into a bare repository, its one folder being the root; the commit, which says what it is.

    `name` may be a path, whose last part counts. Archives in `charts/` stay files. Raises ChartError.
    """
    own = name.rpartition("/")[2]
    with told_of(f"chart {name} {version}".strip()):
        files = _checked(beneath_root(unpack(archive, limits), own), own, version)
        return await import_files(repository, files, message=f"{name} {version}".strip())


def _checked(files: Iterable[File], name: str, version: str) -> Iterator[File]:
    told = None
    for file in files:
        if file.path == CHART_FILE and not file.is_link and not file.same_as:
            told = file.content
        yield file
    if told is None:
        raise ChartContentError(f"its archive has no {CHART_FILE}")
    _check(told, name, version)


def _check(told: bytes, name: str, version: str) -> None:
    if len(told) > MAX_CHART_FILE:
        raise ChartContentError(f"its {CHART_FILE} has more than {MAX_CHART_FILE} bytes")
    try:
        fields = documents.mapping(told)
    except ChartContentError as error:
        raise ChartContentError(f"its {CHART_FILE} cannot be read: {error}") from error
    found_name, found_version = fields.get("name", ""), fields.get("version", "")
    if found_name != name:
        raise ChartContentError(f"the archive is of chart {str(found_name)[:200]!r}")
    if version and not _is_alike(str(found_version), version):
        raise ChartContentError(f"the archive is of version {str(found_version)[:200]!r}")


def _is_alike(found: str, wanted: str) -> bool:
    """Whether two spellings are of one version: a leading `v` and build metadata say nothing."""
    one, other = parse_version(found), parse_version(wanted.replace("_", "+"))
    return found == wanted or (one is not None and other is not None and one.order == other.order)
