"""Where the checkout and the cache are.

Why: builds read Go modules from the repository and keep results outside it. Invariant: nothing is ever
written into the source tree.
"""

import os
from pathlib import Path

from fairlead.local.errors import SourcesMissingError

CACHE_VARIABLE = "FAIRLEAD_CACHE_DIR"


def repository_root() -> Path:
    """The checkout this package was installed from in editable mode.

    Raises SourcesMissingError when the package was installed as a wheel, which carries no Go sources.
    """
    for folder in Path(__file__).resolve().parents:
        if (folder / "pyproject.toml").is_file() and (folder / "deploy" / "local").is_dir():
            return folder
    raise SourcesMissingError(
        f"no checkout of Fairlead above {Path(__file__).parent}: the local cluster is built from "
        "deploy/local; clone the repository and run `make setup` there, or use --kubeconfig"
    )


def source_folder(relative: str) -> Path:
    """A folder of the checkout; raises SourcesMissingError when it is not there."""
    folder = repository_root() / relative
    if not folder.is_dir():
        raise SourcesMissingError(f"{folder} is missing: the checkout is incomplete")
    return folder


def cache_folder() -> Path:
    """Where built programs and toolchains are kept between runs; made when absent.

    `FAIRLEAD_CACHE_DIR` decides, then `XDG_CACHE_HOME`, then `~/.cache`.
    """
    chosen = os.environ.get(CACHE_VARIABLE)
    if chosen:
        folder = Path(chosen)
    else:
        folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "fairlead"
    folder.mkdir(parents=True, exist_ok=True)
    return folder.resolve()
