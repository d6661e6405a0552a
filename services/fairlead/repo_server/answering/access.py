"""Answers about repositories that no application needs yet: can one be read, and what is in it.

Invariant: credentials that come with a question are used for that question alone; neither they nor what they
opened are kept.
"""

import asyncio
from collections.abc import Callable, Iterator

import structlog

from fairlead.bus import Handler, RemoteError
from fairlead.charts import ChartError
from fairlead.events import Cause, RepositoryCredentials, SchemaError, decode
from fairlead.events.envelope import encode
from fairlead.git import GitError, RepositoryNotFoundError, UnsupportedCredentialError
from fairlead.git.credentials import Credential, inherited
from fairlead.git.entries import REPOSITORY, entry_of
from fairlead.git.remote import Remote
from fairlead.git.urls import Address, normalise, parse
from fairlead.matching.repository import identity
from fairlead.oci import OciError
from fairlead.repo_server.answering.offers import FAILURES, Offers
from fairlead.repo_server.remotes.git_repository import GitRepository
from fairlead.repo_server.remotes.mirrors import Mirrors
from fairlead.repo_server.remotes.repository import Repository
from fairlead.repo_server.rendering.contents import Contents
from fairlead.rpc import access
from fairlead.secret.seal import Seal

log = structlog.get_logger(__name__)

QUESTIONS_AT_ONCE = 16
HEADS = "refs/heads/"
TAGS = "refs/tags/"
UNREADABLE = "error testing repository connectivity: "
FAILURE_HOLDS = 20.0
"""Seconds for which a look that failed is an answer to whoever wants to know whether it still does."""
LISTING = f"{UNREADABLE}unable to ls-remote HEAD on repository: failed to list refs: "


class Access:
    """Serves the questions of `fairlead.rpc.access`; `disabled` are the tools that are switched off."""

    def __init__(
        self,
        *,
        mirrors: Mirrors,
        offers: Offers,
        seal: Seal | None,
        disabled: Callable[[], tuple[str, ...]] = lambda: (),
    ) -> None:
        self._mirrors = mirrors
        self._disabled = disabled
        self._offers = offers
        self._seal = seal
        self._gate = asyncio.Semaphore(QUESTIONS_AT_ONCE)

    def verbs(self) -> dict[str, Handler]:
        """What is answered, by verb."""
        return {
            access.TRY: self.attempt,
            access.REFS: self.refs,
            access.APPS: self.apps,
            access.DETAILS: self.details,
            access.CHARTS: self.charts,
            access.TAGS: self.tags,
        }

    async def attempt(self, _: str, payload: bytes) -> bytes:
        """`TryAccess` → `TriedAccess`; what is wrong is an answer."""
        asked = decode(access.TryAccess, payload)
        entry = entry_of(REPOSITORY, {"type": asked.kind, **self._opened(asked), "url": asked.repo_url})
        own = entry.credential if entry else Credential()
        try:
            known = self._looked_at(asked, own)
        except GitError:
            known = None
        if known is not None:
            return encode(known)
        async with self._gate:
            problem = await self._problem(asked, own, enable_oci=bool(entry and entry.enable_oci))
        return encode(access.TriedAccess(problem=problem))

    async def refs(self, _: str, payload: bytes) -> bytes:
        """`ListRefs` → `ListedRefs`. Refusals carry the failure's text."""
        asked = decode(access.ListRefs, payload)
        try:
            async with self._gate:
                found = await self._mirrors.of(asked.repo_url, asked.project).advertised()
        except GitError as error:
            raise RemoteError("Unknown", _words(error)) from error
        return encode(access.ListedRefs(branches=_short(found.refs, HEADS), tags=_short(found.refs, TAGS)))

    async def charts(self, _: str, payload: bytes) -> bytes:
        """`ListCharts` → `ListedCharts`."""
        asked = decode(access.ListCharts, payload)
        try:
            async with self._gate:
                url, credential = self._shown(asked.repo_url, asked.project)
                return encode(access.ListedCharts(charts=await self._offers.charts(url, credential)))
        except FAILURES as error:
            raise RemoteError("Unknown", str(error)) from error

    async def tags(self, _: str, payload: bytes) -> bytes:
        """`ListTags` → `ListedTags`."""
        asked = decode(access.ListTags, payload)
        try:
            async with self._gate:
                url, credential = self._shown(asked.repo_url, asked.project)
                return encode(access.ListedTags(tags=await self._offers.tags(url, credential)))
        except FAILURES as error:
            raise RemoteError("Unknown", str(error)) from error

    async def apps(self, _: str, payload: bytes) -> bytes:
        """`ListApps` → `ListedApps`."""
        asked = decode(access.ListApps, payload)
        try:
            async with self._gate:
                source = self._mirrors.of(asked.repo_url, asked.project)
                repository, commit = await self._at(source, asked.revision)
                found = await Contents(repository.mirror, commit, self._disabled()).apps()
        except GitError as error:
            raise RemoteError("Unknown", _words(error)) from error
        return encode(access.ListedApps(apps=found))

    async def details(self, _: str, payload: bytes) -> bytes:
        """`DescribeSource` → `DescribedSource`."""
        asked = decode(access.DescribeSource, payload)
        try:
            async with self._gate:
                source = self._mirrors.of(
                    asked.repo_url, asked.project, asked.chart, pass_credentials=asked.pass_credentials
                )
                repository, commit = await self._at(source, asked.revision)
                contents = Contents(repository.mirror, commit, self._disabled())
                described = await contents.described(asked.path, asked.value_files, has_rules=asked.has_rules)
        except GitError as error:
            raise RemoteError("Unknown", _words(error)) from error
        except ValueError as error:
            raise RemoteError("Unknown", str(error)) from error
        return encode(described)

    async def _at(self, repository: Repository, revision: str) -> tuple[Repository, str]:
        await repository.mirror.open()
        await repository.ensure(0.0, Cause.REFRESH)
        default = "HEAD" if isinstance(repository, GitRepository) else ""
        found = await repository.resolve(revision or default)
        return repository, found.commit

    def _looked_at(self, asked: access.TryAccess, own: Credential) -> access.TriedAccess | None:
        """What a look found that was had anyway, of what some application follows."""
        states = (repository.state(own) for repository in self._followed(asked)) if asked.max_age else ()
        for state in states:
            if state is None or state.age > (FAILURE_HOLDS if state.failure else asked.max_age):
                continue
            problem = f"{_head(asked.kind)}{_words(state.failure)}" if state.failure else ""
            return access.TriedAccess(problem=problem, age=state.age)
        return None

    def _followed(self, asked: access.TryAccess) -> Iterator[Repository]:
        """What is followed at an address: one look at an index serves all charts of it."""
        url = asked.repo_url
        if asked.kind == "helm" and _is_http(url):
            for passes in (False, True):
                yield from self._mirrors.index(url, asked.project, pass_credentials=passes)
            return
        for repository in self._mirrors.identified(identity(url)):
            if normalise(repository.url) == normalise(url):
                yield repository

    async def _problem(self, asked: access.TryAccess, own: Credential, *, enable_oci: bool) -> str:
        try:
            if asked.kind == "git":
                await self._remote(asked, own).list_refs()
            else:
                url, credential = self._shown(asked.repo_url, asked.project, own)
                await self._offers.attempt(asked.kind, url, credential, enable_oci=enable_oci)
        except (UnsupportedCredentialError, ChartError, OciError) as error:
            return f"{UNREADABLE}{error}"
        except GitError as error:
            return f"{_head(asked.kind)}{_words(error)}"
        return ""

    def _opened(self, asked: access.TryAccess) -> dict[str, str]:
        if not asked.sealed:
            return {}
        plain = self._seal.open(access.context_of(asked.repo_url), asked.sealed) if self._seal else None
        if plain is None:
            log.error("repository.access.refused", reason="credentials do not open", security=3)
            raise RemoteError("InvalidArgument", "the credentials to be tried cannot be opened here")
        try:
            return decode(RepositoryCredentials, plain).data
        except SchemaError as error:
            raise RemoteError("InvalidArgument", str(error)) from error

    def _remote(self, asked: access.TryAccess, own: Credential) -> Remote:
        """The remote with the credentials of the question, else with those that applications would use."""
        program = self._mirrors.program
        address = parse(asked.repo_url, allow_files=program.allow_files)
        if own == Credential() and not address.password:
            return self._mirrors.git(asked.repo_url, asked.project).remote
        credential = self._credential(address, asked.project, own)
        return Remote(program=program, url=address.url, credential=credential)

    def _shown(self, url: str, project: str, own: Credential | None = None) -> tuple[str, Credential]:
        """A chart repository's or registry's address without user information, and what is shown there."""
        address = parse(url) if _is_http(url) else Address(url=url)
        return address.url, self._credential(address, project, own or Credential())

    def _credential(self, address: Address, project: str, own: Credential) -> Credential:
        """`own` where that says who we are, else what stands in the address, else what is declared for it."""
        if not own.is_empty:
            return own
        if address.password:
            return inherited(own, Credential(username=address.username, password=address.password))
        return inherited(own, self._mirrors.book.find(address.url, project).credential)


def _head(kind: str) -> str:
    return LISTING if kind == "git" else UNREADABLE


def _is_http(url: str) -> bool:
    return url.lower().startswith(("http://", "https://"))


def _words(error: GitError) -> str:
    """A failure in the contract's words, where it has some."""
    return "repository not found:" if isinstance(error, RepositoryNotFoundError) else str(error)


def _short(refs: dict[str, str], prefix: str) -> tuple[str, ...]:
    return tuple(sorted(name.removeprefix(prefix) for name in refs if name.startswith(prefix)))
