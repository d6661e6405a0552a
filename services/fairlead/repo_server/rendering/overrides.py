"""`.argocd-source.yaml` and `.argocd-source-<app>.yaml`: options beside the manifests (contract 7.1).

Invariant: an override changes options only; repository, path, chart and revision stay what the Application
says. Both files are dependencies of the render, also when they are missing.
"""

import posixpath

import msgspec

from fairlead.git import Mirror
from fairlead.git.objects import Objects
from fairlead.manifest.nesting import MAX_MANIFEST_NESTING, is_nested_deeper
from fairlead.render import Lane, ReadEntry, RenderInvalidError, RenderPool, RenderRequest

PREFIX = ".argocd-source"
MAX_OVERRIDE = 1 << 20
"""Bytes an override file may have."""
_REVISION = b"ARGOCD_APP_REVISION"
"""Options that name the commit make every commit another render: as if all of the repository were read."""
_FIXED = frozenset({"repoURL", "path", "chart", "targetRevision"})


def own_path(path: str, instance: str) -> str:
    """Where the file is that is for one application alone."""
    return posixpath.join(_folder(path), f"{PREFIX}-{instance}.yaml")


def are_there(reads: tuple[ReadEntry, ...]) -> bool:
    """Whether what was read for a render holds any override."""
    return any(one.kind == "blob" and posixpath.basename(one.path).startswith(PREFIX) for one in reads)


def _folder(path: str) -> str:
    clean = posixpath.normpath(path or ".")
    return "" if clean == "." else clean


async def applied(
    request: RenderRequest, mirror: Mirror, instance: str, pool: RenderPool, lane: Lane
) -> tuple[RenderRequest, tuple[ReadEntry, ...]]:
    """The request with the overrides of its path, and what was read for it.

    Raises:
        RenderInvalidError: a file is too large, not YAML, or no mapping.
    """
    folder = _folder(request.path)
    names = [f"{PREFIX}.yaml", posixpath.basename(own_path(folder, instance))]
    found = await mirror.paths.find(request.commit, folder, names)
    paths = [posixpath.join(folder, name) for name in names]
    reads = tuple(
        ReadEntry(path=path, kind="blob" if oid else "missing", oid=oid or "")
        for path, oid in zip(paths, found, strict=True)
    )
    options: object = dict(request.options)
    for path, oid in zip(paths, found, strict=True):
        if oid:
            options = merged(options, await _patch(path, oid, mirror.objects, pool, lane))
    if _REVISION in msgspec.json.encode(options):
        reads = (*reads, ReadEntry(path="", kind="tree"))
    return msgspec.structs.replace(request, options=options), reads


async def _patch(path: str, oid: str, objects: Objects, pool: RenderPool, lane: Lane) -> dict[str, object]:
    [body] = await objects.contents([oid], "blob")
    if len(body) > MAX_OVERRIDE:
        raise RenderInvalidError(f"{path}: larger than {MAX_OVERRIDE >> 20} MiB", file=path)
    try:
        documents = await pool.documents(body, name=path, lane=lane)
    except RenderInvalidError as error:
        raise RenderInvalidError(f"{path}: {error}", code=error.code, file=path) from error
    if any(is_nested_deeper(document, MAX_MANIFEST_NESTING) for document in documents[:1]):
        raise RenderInvalidError(f"{path}: nested deeper than {MAX_MANIFEST_NESTING} levels", file=path)
    patch = msgspec.json.decode(documents[0]) if documents else {}
    if not isinstance(patch, dict):
        raise RenderInvalidError(f"{path}: a mapping is expected", file=path)
    return {name: value for name, value in patch.items() if name not in _FIXED}


def merged(target: object, patch: object) -> object:
    """JSON merge patch (RFC 7386)."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merged(result.get(name), value)
    return result
