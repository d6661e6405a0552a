"""What a plugin reads where `argocd.argoproj.io/manifest-generate-paths` declares it.

Invariant: a path that leads out of the repository stands for all of it.
"""

import posixpath
import re

_GLOB = re.compile(r"[*?\[]")


def declared(annotation: str, path: str) -> tuple[str, ...]:
    """The paths of the annotation from the repository's root, "" being all of it; () when it declares none.

    A relative path is one from the application's; of a glob it is the folder before it.
    """
    found = []
    for item in annotation.split(";"):
        text = item.strip()
        if text:
            whole = text.lstrip("/") if text.startswith("/") else posixpath.join(path, text)
            found.append(_clean(_before_glob(whole)))
    return tuple(dict.fromkeys(found))


def common_root(paths: tuple[str, ...], path: str) -> str:
    """The folder that holds the application's path and all declared ones; "" is the repository's root."""
    if not paths:
        return ""
    parts = _parts(_clean(path))
    for other in paths:
        own = _parts(other)
        same = next((at for at, (a, b) in enumerate(zip(parts, own, strict=False)) if a != b), None)
        parts = parts[: min(len(parts), len(own)) if same is None else same]
    return "/".join(parts)


def _before_glob(path: str) -> str:
    found = _GLOB.search(path)
    return path if found is None else path[: found.start()].rpartition("/")[0]


def _clean(path: str) -> str:
    clean = posixpath.normpath(path.strip("/") or ".")
    return "" if clean == "." or clean.startswith("..") else clean


def _parts(path: str) -> list[str]:
    return path.split("/") if path else []
