"""Archives of files, as charts and artifacts are sent.

Invariant: the same files make the same bytes.
"""

import gzip
import io
import tarfile
from collections.abc import Mapping
from typing import Any

import yaml

from fairlead.local.errors import PushError


def packed(files: Mapping[str, bytes | str]) -> bytes:
    """A gzipped tar of files by their path."""
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for path, content in files.items():
            body = content.encode() if isinstance(content, str) else content
            member = tarfile.TarInfo(path)
            member.size = len(body)
            tar.addfile(member, io.BytesIO(body))
    return gzip.compress(plain.getvalue(), compresslevel=1, mtime=0)


def packed_chart(name: str, version: str, files: Mapping[str, bytes | str] | None = None) -> bytes:
    """A chart's archive: its files below a folder of its name, with a `Chart.yaml` unless one is given."""
    chart = f"apiVersion: v2\nname: {name}\nversion: {version}\n"
    whole = {"Chart.yaml": chart, **(files or {})}
    return packed({f"{name}/{path}": content for path, content in whole.items()})


def chart_metadata(archive: bytes) -> dict[str, Any]:
    """What a chart's archive says of itself. Raises PushError for what is none."""
    with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as tar:
        for member in tar:
            if member.name.count("/") == 1 and member.name.endswith("/Chart.yaml"):
                found = tar.extractfile(member)
                return dict(yaml.safe_load(found.read() if found else b""))
    raise PushError("the archive holds no chart")
