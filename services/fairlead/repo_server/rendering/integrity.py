"""Whether what a source would deploy is signed as its project demands (contract 7.11).

Invariant: nothing counts as verified by another keyring or policy than the wish names; keys that are not here
as the wish knows them are awaited, and then it is not verified. What was found is remembered by object and
policy, and a problem by keyring too, whose other keys have a say in its words; so the same commit costs
nothing again.
"""

import asyncio
import hashlib
import time
from collections import OrderedDict
from collections.abc import Mapping
from typing import Protocol

import msgspec

from fairlead.events import SignaturesDemanded
from fairlead.events.sources import COSIGN_UNVERIFIED, UNVERIFIED
from fairlead.git import Mirror
from fairlead.git.revisions import Resolved
from fairlead.render import RenderTransientError
from fairlead.repo_server.remotes.artifact import Artifact
from fairlead.repo_server.remotes.repository import Repository
from fairlead.repo_server.rendering.ancestry import Ancestry, Judged
from fairlead.repo_server.rendering.cosigned import Cosigned
from fairlead.signatures import Finding, Keyring, Result, Signed, signed_commit, signed_tag, verified

MAX_PROBLEMS = 10
"""Problems of one source that are told (contract 7.11)."""
REMEMBERED = 20_000
"""Commits and tags of which it is remembered what was found."""
KEYS_WITHIN = 5.0
"""Seconds for which keys are awaited that the wish knows and this process does not."""
STRICT = "strict"
_TAG = "refs/tags/"


class UnverifiedError(Exception):
    """A source is not signed as its project demands; the words are the contract's."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))


class Keys(Protocol):
    """The keys that were handed over; `keys_changed` is set when they are others."""

    keyring: Keyring
    keys_changed: asyncio.Event


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """Whose signatures count now, and what tells these keys and this mode from any others. `absent` are keys
    that the wish knows to be gone, though they may still be here."""

    keyring: Keyring
    allowed: frozenset[str]
    absent: frozenset[str]
    identity: str


class Remembered(msgspec.Struct, frozen=True, kw_only=True):
    """What was found of an object: a problem or "", and until which Unix second that holds, 0 for ever."""

    problem: str
    until: float
    keyring: str


class Integrity:
    """Verifies; remembers."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys
        self._found: OrderedDict[tuple[str, str], Remembered] = OrderedDict()
        self._ancestry = Ancestry()
        self._cosigned = Cosigned()

    async def problems(
        self, demanded: SignaturesDemanded, repository: Repository, resolved: Resolved
    ) -> tuple[str, ...]:
        """Why a revision does not count as signed, at most MAX_PROBLEMS reasons in the words that people
        read; none when it does.

        Raises:
            RenderTransientError: that cannot be told yet.
            GitError: the mirror cannot be read.
        """
        policy = await self._policy(demanded)
        found, mirror = list[str](), repository.mirror
        if isinstance(repository, Artifact):
            problem = await self._cosigned.problem(
                repository, resolved, policy.keyring, policy.allowed, policy.identity
            )
            return (f"{COSIGN_UNVERIFIED}{demanded.label}{problem}",) if problem else ()
        tag = await _annotated(mirror, resolved)
        if tag:
            found.append(await self._of_tag(policy, mirror, tag, resolved.ref.removeprefix(_TAG)))
        if demanded.mode == STRICT:
            found += await self._of_history(policy, mirror, resolved.commit)
        elif not tag:
            found.append(await self._of_commit(policy, mirror, resolved.commit))
        return tuple(f"{UNVERIFIED}{demanded.label}{one}" for one in found if one)[:MAX_PROBLEMS]

    async def finding(self, mirror: Mirror, commit: str) -> Finding:
        """What is known of a commit's signature by all keys that are here. Raises GitError."""
        [body] = await mirror.objects.contents([commit], "commit")
        return verified(signed_commit(body), self._keys.keyring, time.time())

    async def _policy(self, demanded: SignaturesDemanded) -> Policy:
        """Raises RenderTransientError."""
        await self._await_keys(demanded.keys)
        keyring = self._keys.keyring
        allowed = frozenset(name for name, digest in demanded.keys.items() if digest)
        identity = hashlib.sha256(f"{demanded.mode}\n{sorted(demanded.keys.items())}".encode()).hexdigest()
        absent = frozenset(demanded.keys.keys() - allowed)
        return Policy(keyring=keyring, allowed=allowed, absent=absent, identity=identity)

    async def _await_keys(self, wanted: Mapping[str, str]) -> None:
        try:
            async with asyncio.timeout(KEYS_WITHIN):
                while missing := self._missing(wanted):
                    self._keys.keys_changed.clear()
                    await self._keys.keys_changed.wait()
        except TimeoutError:
            raise RenderTransientError(
                f"the signing keys {', '.join(missing)} are not here yet as the project's policy knows them"
            ) from None

    def _missing(self, wanted: Mapping[str, str]) -> list[str]:
        keyring = self._keys.keyring
        return [name for name, digest in wanted.items() if digest and keyring.digest(name) != digest]

    async def _of_tag(self, policy: Policy, mirror: Mirror, oid: str, name: str) -> str:
        key = (oid, policy.identity)
        if (known := self._known(key)) is None:
            [body] = await mirror.objects.contents([oid], "tag")
            known = self._keep(key, *_judged(policy, name, signed_tag(body)))
        return known

    async def _of_commit(self, policy: Policy, mirror: Mirror, commit: str) -> str:
        key = (commit, policy.identity)
        if (known := self._known(key)) is None:
            [body] = await mirror.objects.contents([commit], "commit")
            known = self._keep(key, *_judged(policy, commit, signed_commit(body)))
        return known

    async def _of_history(self, policy: Policy, mirror: Mirror, commit: str) -> tuple[str, ...]:
        cut = await asyncio.to_thread(mirror.cut)

        def judge(oid: str, body: bytes) -> Judged:
            signed = signed_commit(body)
            problem, until = _judged(policy, oid, signed)
            ends = not problem and signed.is_seal
            if oid in cut and signed.parents and not ends:
                problem = problem or f"what led to {oid} is not here: the repository's depth leaves it out"
                ends = True
            return Judged(problem=problem, until=until, parents=() if ends else signed.parents)

        return await self._ancestry.problems(
            mirror.objects, commit, judge, identity=policy.identity, most=MAX_PROBLEMS
        )

    def _known(self, key: tuple[str, str]) -> str | None:
        """What was found of an object, unless a key has expired since, or others may tell more."""
        known = self._found.get(key)
        if known is None or (known.until and known.until <= time.time()):
            return None
        return known.problem if not known.problem or known.keyring == self._keys.keyring.identity else None

    def _keep(self, key: tuple[str, str], problem: str, until: float) -> str:
        self._found[key] = Remembered(problem=problem, until=until, keyring=self._keys.keyring.identity)
        self._found.move_to_end(key)
        while len(self._found) > REMEMBERED:
            self._found.popitem(last=False)
        return problem


def _judged(policy: Policy, revision: str, signed: Signed) -> tuple[str, float]:
    """What is wrong with a signature, "" for nothing, and until which Unix second that holds, 0 for ever."""
    found = verified(signed, policy.keyring, time.time())
    if found.is_by(policy.allowed):
        return "", found.until
    what = "signed with unallowed key" if found.is_good else found.result.value
    if found.is_by(policy.absent):
        what = Result.MISSING_KEY.value
    return f"Failed verifying revision {revision} by '{signed.who}': {what} (key_id={found.key_id})", 0.0


async def _annotated(mirror: Mirror, resolved: Resolved) -> str:
    """The tag object that a revision means, "" when it is a branch, a commit, or a tag without one.

    Raises RenderTransientError for a tag that means another commit by now.
    """
    if not resolved.ref.startswith(_TAG):
        return ""
    oid = mirror.refs.get(resolved.ref, "")
    if oid == resolved.commit:
        return ""
    if not oid or await mirror.objects.commit_of(oid) != resolved.commit:
        raise RenderTransientError(f"{resolved.ref} moved while its signature was looked at")
    return oid
