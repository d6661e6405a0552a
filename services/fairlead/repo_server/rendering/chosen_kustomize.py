"""Building with a version of Kustomize that the operator brought: `kustomize.path.<version>` of argocd-cm.

Invariant: the binary is the operator's and its input a stranger's: it runs in a worktree of its own, within
bounds, without a secret in its environment, and nothing that it starts outlives it. What it reads cannot be
known, so its render holds for the commit alone.
"""

import asyncio
import os
from pathlib import Path

import structlog

from fairlead.command import Limits, Ran, StartError, run
from fairlead.render import (
    Lane,
    ReadEntry,
    RenderInvalidError,
    RenderPool,
    RenderRequest,
    RenderResult,
    RenderTransientError,
)
from fairlead.render.build_flags import process_flags
from fairlead.repo_server.rendering.worktree import Worktrees
from fairlead.repo_server.supplying.provider import Asker
from fairlead.repo_server.supplying.whole import Wholes

log = structlog.get_logger(__name__)

AT_ONCE = 2
"""Builds at once; others wait."""
MEMORY = 1 << 30
"""Bytes that all processes of a build may hold."""
OUTPUT = 50 << 20
"""Bytes of manifests."""
FILE = 64 << 20
"""Bytes of the largest file that a build may write."""
TOLD = 2000
"""Characters of what a binary complains about that people are told."""
KUSTOMIZE = "Kustomize"
_ENVIRONMENT = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "HOME": "/nonexistent",
    "LC_ALL": "C.UTF-8",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ALLOW_PROTOCOL": "https:http:ssh",
}


class ChosenKustomize:
    """Renders sources that ask for a version which the settings know. `seconds` bound one build; `wholes`
    obtains the submodules and files of Git LFS of a worktree."""

    def __init__(self, pool: RenderPool, worktrees: Worktrees, wholes: Wholes, *, seconds: float) -> None:
        self._pool = pool
        self._wholes = wholes
        self._worktrees = worktrees
        self._seconds = seconds
        self._gate = asyncio.Semaphore(AT_ONCE)

    @staticmethod
    def is_for(request: RenderRequest) -> bool:
        """Whether a source asks for such a version; one that nobody knows is the engine's to refuse."""
        if KUSTOMIZE in request.settings.disabled_tools or set(request.tools) != {"kustomize"}:
            return False
        version = request.kustomize_version
        return bool(version) and version in request.settings.kustomize.versions

    async def render(
        self, request: RenderRequest, asker: Asker, lane: Lane = Lane.DEPLOYMENT
    ) -> tuple[RenderResult, tuple[str, ...]]:
        """What is built, and the addresses that were opened for it with credentials. Raises RenderError,
        GitError."""
        edited, reads = await self._pool.edited(request, lane=lane)
        lacking = await self._wholes.lacking(request, asker)
        async with (
            self._gate,
            self._worktrees.of(request.mirror, request.commit, lacking.grafts) as folder,
        ):
            if edited is not None:
                await asyncio.to_thread(_write, folder / edited[0], edited[1])
            ran = await self._run(request, folder)
        text = self._printed(request, folder, ran)
        documents = await self._pool.documents(text, name=request.path, lane=lane)
        whole = ReadEntry(path="", kind="tree")
        result = RenderResult(documents=documents, source_type=KUSTOMIZE, reads=(*reads, whole))
        return result, lacking.opened

    async def _run(self, request: RenderRequest, folder: Path) -> Ran:
        version = request.kustomize_version
        binary = request.settings.kustomize.versions[version].path
        limits = Limits(seconds=self._seconds, output=OUTPUT, memory=MEMORY, file=FILE)
        command = [binary, "build", str(folder / request.path), *flags_of(request)]
        try:
            return await run(command, folder=folder, environment=_ENVIRONMENT, limits=limits)
        except StartError as error:
            text = f"kustomize version {version} at {binary} cannot be run: {error}"
            raise RenderTransientError(text, code="program") from error

    def _printed(self, request: RenderRequest, folder: Path, ran: Ran) -> bytes:
        version, path = request.kustomize_version, request.path
        if ran.ended == "lost":
            raise RenderTransientError(f"kustomize {version} was killed by somebody else", code="program")
        if ran.ended:
            bound = f"{self._seconds:g} s" if ran.ended == "seconds" else f"its bound of {ran.ended}"
            text = f"`kustomize build {path}` of version {version} went beyond {bound} and was stopped"
            raise RenderInvalidError(text, code="limit", file=path)
        if ran.code:
            told = ran.complaint.decode(errors="replace").replace(f"{folder}/", "").replace(str(folder), ".")
            text = f"`kustomize build {path}` failed exit status {ran.code}: {told.strip()[-TOLD:]}"
            raise RenderInvalidError(text, file=path)
        return ran.output


def flags_of(request: RenderRequest) -> list[str]:
    """The operator's flags; charts are inflated for the destination unless the flags say otherwise."""
    flags = process_flags(request.settings.flags(request.kustomize_version))
    names = {flag.partition("=")[0] for flag in flags}
    if "--enable-helm" not in names:
        return flags
    if "--helm-kube-version" not in names and request.kube_version:
        flags += ["--helm-kube-version", request.kube_version]
    if "--helm-api-versions" not in names:
        flags += [word for api in request.api_versions for word in ("--helm-api-versions", api)]
    return flags


def _write(file: Path, text: bytes) -> None:
    """Put the edited kustomization in place of the one in the worktree."""
    descriptor = os.open(file, os.O_WRONLY | os.O_TRUNC | os.O_NOFOLLOW)
    with os.fdopen(descriptor, "wb") as opened:
        opened.write(text)
