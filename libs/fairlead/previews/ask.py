"""The questions of a preview, put to the repo-servers and the app-controllers over the bus.

Invariant: every question has a deadline; whoever does not answer is named, and a refusal is in the words of
who refused.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final, TypeVar

from fairlead.bus import Bus, BusUnavailableError, NoResponderError, RemoteError
from fairlead.bus.topology import SOURCES_BUCKET
from fairlead.events import subjects
from fairlead.events.envelope import Event, SchemaError, decode, encode
from fairlead.events.sources import SourcesWanted
from fairlead.matching.repository import partition
from fairlead.previews.errors import PreviewError, PreviewLaterError
from fairlead.rpc import affected, foreseen, merging, repo

_REPO: Final = "repo-server"
_CONTROLLER: Final = "app-controller"
_PASSES: Final = frozenset({"Unavailable", "ResourceExhausted", "DeadlineExceeded", "Aborted"})
"""Codes of refusals that say nothing of what was asked."""
MAX_MANIFESTS: Final = 6 << 20
"""Bytes of manifests that travel in one question."""

E = TypeVar("E", bound=Event)


class Questions:
    """Over the bus. All raise PreviewError."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    async def wanted(self, namespace: str, name: str) -> SourcesWanted:
        """What an application wants rendered, as its controller says."""
        try:
            entry = await self._bus.key_value(SOURCES_BUCKET).get(subjects.app_tokens(namespace, name))
            if entry is None or not entry.value:
                raise PreviewLaterError(f"what {namespace}/{name} is made of is not known yet")
            return decode(SourcesWanted, entry.value)
        except BusUnavailableError as error:
            raise PreviewLaterError("NATS is not to be reached") from error
        except SchemaError as error:
            raise PreviewLaterError(f"the {_CONTROLLER} speaks another version: {error}") from error

    async def merge(self, url: str, *, project: str, head: str, target: str) -> merging.MergedRevisions:
        """What the merge of a revision into a branch would be."""
        question = merging.MergeRevisions(repo_url=url, project=project, head=head, target=target)
        subject = subjects.rpc_repo(partition(url), merging.MERGE)
        return await self._ask(
            _REPO, subject, question, merging.MergedRevisions, merging.TIMEOUT, patience=repo.PATIENCE
        )

    async def affected(self, url: str, *, old: str, new: str) -> affected.AffectedApplications:
        """Who is affected by what differs, of the applications of all partitions."""

        async def of(part: str) -> affected.AffectedApplications:
            question = affected.AffectedBy(part=part, repo_url=url, old=old, new=new)
            subject = subjects.rpc_repo(part, affected.AFFECTED)
            return await self._ask(
                _REPO,
                subject,
                question,
                affected.AffectedApplications,
                affected.TIMEOUT,
                patience=repo.PATIENCE,
            )

        found = await asyncio.gather(*map(of, subjects.PARTITIONS))
        return affected.AffectedApplications(
            applications=tuple(one for some in found for one in some.applications),
            followers=tuple(one for some in found for one in some.followers),
        )

    async def rendered(
        self, wanted: SourcesWanted, revisions: tuple[str, ...], *, of_strangers: bool = False
    ) -> tuple[repo.GeneratedManifests, tuple[bytes, ...]]:
        """The manifests of a wish with its sources at these revisions, "" being the one it follows."""
        question = repo.GenerateManifests(wanted=wanted, revisions=revisions, of_strangers=of_strangers)
        answer = await self._repo(wanted.home, repo.GENERATE, question, repo.GeneratedManifests)
        if answer.documents is not None:
            return answer, answer.documents
        fetched = await self._repo(
            wanted.home, repo.FETCH, repo.FetchManifests(digest=answer.digest), repo.FetchedManifests
        )
        if fetched.documents is None:
            raise PreviewError("its manifests are larger than what a message holds")
        return answer, fetched.documents

    async def foreseen(
        self, wanted: SourcesWanted, manifests: Sequence[str], dropped: Sequence[str]
    ) -> foreseen.Foreseen:
        """What the application's cluster would make of them."""
        if sum(len(text.encode()) for text in (*manifests, *dropped)) > MAX_MANIFESTS:
            raise PreviewError(f"what changes is larger than {MAX_MANIFESTS >> 20} MiB")
        question = foreseen.Foresee(
            namespace=wanted.namespace,
            name=wanted.name,
            manifests=tuple(manifests),
            dropped=tuple(dropped),
        )
        subject = subjects.rpc_controller(wanted.shard, foreseen.FORESEE)
        return await self._ask(_CONTROLLER, subject, question, foreseen.Foreseen, foreseen.TIMEOUT)

    async def _repo(self, url: str, verb: str, question: Event, answer: type[E]) -> E:
        subject = subjects.rpc_repo(partition(url), verb)
        return await self._ask(_REPO, subject, question, answer, repo.TIMEOUT, patience=repo.PATIENCE)

    async def _ask(
        self,
        whom: str,
        subject: str,
        question: Event,
        answer: type[E],
        seconds: float,
        *,
        patience: float = 0.0,
    ) -> E:
        try:
            raw = await self._bus.request(subject, encode(question), timeout=seconds, patience=patience)
            return decode(answer, raw)
        except RemoteError as error:
            kind = PreviewLaterError if error.code in _PASSES else PreviewError
            raise kind(str(error), error.code) from error
        except NoResponderError as error:
            raise PreviewLaterError(f"the {whom} is not running or not connected", "Unavailable") from error
        except BusUnavailableError as error:
            text = f"the {whom} did not answer within {seconds:g} s"
            raise PreviewLaterError(text, "DeadlineExceeded") from error
        except SchemaError as error:
            raise PreviewLaterError(f"the {whom} speaks another version: {error}", "Internal") from error
