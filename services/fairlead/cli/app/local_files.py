"""The files of a folder on this machine, packed for the server to render (`--server-side-generate`).

The invariant: only plain files below the folder are sent, never what a link leads to.
"""

import gzip
import io
import tarfile
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

from fairlead.cli.command import Values
from fairlead.cli.errors import SettingsError
from fairlead.model.application import Application

MAX_ARCHIVE = 6 << 20
"""Bytes of the archive; the server takes no more."""
MAX_FILES = 20_000


def archive_of(app: Application, values: Values) -> bytes:
    """A gzipped tar of the repository that `--local` is in. Raises SettingsError."""
    root, patterns = _root(app, values), values.many("local-include")
    packed = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=packed, mode="wb", mtime=0) as zipped,
        tarfile.open(fileobj=zipped, mode="w") as tar,
    ):
        for count, file in enumerate(_files(root, patterns)):
            if count >= MAX_FILES:
                raise SettingsError(f"--local: there are more than {MAX_FILES} files; give --local-include")
            tar.add(file, arcname=str(file.relative_to(root)), recursive=False)
    if packed.tell() > MAX_ARCHIVE:
        raise SettingsError(
            f"--local: the files take more than {MAX_ARCHIVE >> 20} MiB packed; give --local-include"
        )
    return packed.getvalue()


def _root(app: Application, values: Values) -> Path:
    """The folder that stands for the repository: the source's path lies below it."""
    sources = app.spec.effective_sources()
    if len(sources) != 1:
        raise SettingsError("--local is for applications of one source")
    given, local = values.text("local-repo-root"), Path(values.text("local"))
    path = sources[0].path
    below = local.resolve()
    for _ in Path(path).parts:
        below = below.parent
    candidates = [Path(given)] if given and given != "/" else [local, below]
    for root in candidates:
        if (root / path).is_dir():
            return root.resolve()
    raise SettingsError(
        f"--local: there is no folder {path} below {' or '.join(map(str, candidates))}; "
        "--server-side-generate needs the repository as --local-repo-root"
    )


def _files(root: Path, patterns: list[str]) -> Iterator[Path]:
    for file in sorted(root.rglob("*")):
        place = file.relative_to(root)
        if ".git" in place.parts or file.is_symlink() or not file.is_file():
            continue
        if not patterns or any(fnmatch(file.name, one) or fnmatch(str(place), one) for one in patterns):
            yield file
