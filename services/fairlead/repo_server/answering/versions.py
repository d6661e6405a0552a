"""Answers what a version of a chart or of an artifact says of itself.

Invariant: what is told is bounded, whatever a chart or a registry says.
"""

import asyncio

import yaml

from fairlead.bus import Handler, RemoteError
from fairlead.events import Cause, decode
from fairlead.events.envelope import encode
from fairlead.git import GitError
from fairlead.manifest.yaml_document import document
from fairlead.repo_server.remotes.artifact import Artifact
from fairlead.repo_server.remotes.mirrors import Mirrors
from fairlead.repo_server.remotes.repository import Repository
from fairlead.rpc import access

QUESTIONS_AT_ONCE = 8
MAX_TEXT = 4096
"""Characters of one thing that a version says of itself."""
MAX_SAID = 64
"""Maintainers, or annotations, that are passed on."""
CHART = "Chart.yaml"


class Versions:
    """Serves the question."""

    def __init__(self, *, mirrors: Mirrors) -> None:
        self._mirrors = mirrors
        self._gate = asyncio.Semaphore(QUESTIONS_AT_ONCE)

    def verbs(self) -> dict[str, Handler]:
        """What is answered, by verb."""
        return {access.VERSION: self.version}

    async def version(self, _: str, payload: bytes) -> bytes:
        """`DescribeVersion` → `DescribedVersion`. Refusals carry the failure's text."""
        asked = decode(access.DescribeVersion, payload)
        try:
            async with self._gate:
                repository = self._mirrors.of(
                    asked.repo_url, asked.project, asked.chart, pass_credentials=asked.pass_credentials
                )
                await repository.mirror.open()
                if repository.mirror.is_empty:
                    await repository.ensure(0.0, Cause.REFRESH)
                return encode(await self._described(repository, asked))
        except GitError as error:
            raise RemoteError("Unknown", str(error)) from error

    async def _described(
        self, repository: Repository, asked: access.DescribeVersion
    ) -> access.DescribedVersion:
        if isinstance(repository, Artifact) and not asked.chart:
            said = await repository.annotations(asked.revision)
            kept = sorted((key[:MAX_TEXT], value[:MAX_TEXT]) for key, value in said.items())[:MAX_SAID]
            return access.DescribedVersion(annotations=dict(kept))
        found = await repository.resolve(asked.revision)
        [oid] = await repository.mirror.paths.find(found.commit, "", [CHART])
        [body] = await repository.mirror.objects.contents([oid], "blob") if oid else [b""]
        return await asyncio.to_thread(_of_chart, body)


def _of_chart(body: bytes) -> access.DescribedVersion:
    """What a chart says of itself; of one that cannot be read, nothing."""
    try:
        said = document(body.decode(errors="replace"))
    except (yaml.YAMLError, ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        return access.DescribedVersion()
    maintainers = said.get("maintainers")
    listed = maintainers if isinstance(maintainers, list) else []
    return access.DescribedVersion(
        description=_text(said.get("description")),
        home=_text(said.get("home")),
        maintainers=tuple(_maintainer(one) for one in listed[:MAX_SAID] if isinstance(one, dict)),
    )


def _maintainer(one: dict[str, object]) -> str:
    """`name <address>`, or what there is of it."""
    name, address = _text(one.get("name")), _text(one.get("email"))
    return f"{name} <{address}>" if name and address else name or address


def _text(value: object) -> str:
    return str(value)[:MAX_TEXT] if isinstance(value, str | int | float) else ""
