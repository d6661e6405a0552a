"""A commit server in small: branches are in memory; questions come and answers go as with the real one."""

import asyncio
import hashlib
import itertools

from fairlead.bus import Bus, RemoteError
from fairlead.events import subjects
from fairlead.events.envelope import decode, encode
from fairlead.rpc.hydration import HEAD, HYDRATE, Hydrate, Hydrated, WriteBranch, WriteBranchHead


class Commit:
    """One of a branch."""

    def __init__(self, sha: str, dry_sha: str, digests: dict[str, str]) -> None:
        self.sha, self.dry_sha, self.digests = sha, dry_sha, digests


class Committer:
    """`branches` hold their commits, by repository and name; `asked` are the requests to write.

    Requests wait while `gate` is closed, and questions for a head while `reading` is; with `refusal` requests
    are refused.
    """

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._numbers = itertools.count(1)
        self.branches: dict[tuple[str, str], list[Commit]] = {}
        self.asked: list[Hydrate] = []
        self.heads = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self.reading = asyncio.Event()
        self.reading.set()
        self.refusal = ""

    async def serve(self) -> None:
        await self._bus.serve(subjects.rpc_commit("*", HEAD), self._head)
        await self._bus.serve(subjects.rpc_commit("*", HYDRATE), self._hydrate)

    def dry_shas(self, repo: str, branch: str) -> list[str]:
        return [commit.dry_sha for commit in self.branches.get((repo, branch), [])]

    def pushes(self, repo: str, branch: str, dry_sha: str = "") -> None:
        """Somebody else commits to the branch."""
        self._put(repo, branch, dry_sha, {})

    async def _head(self, _: str, payload: bytes) -> bytes:
        asked = decode(WriteBranch, payload)
        self.heads += 1
        await self.reading.wait()
        found = self.branches.get((asked.repo_url, asked.target_branch), [])
        if not found:
            return encode(WriteBranchHead())
        return encode(WriteBranchHead(head=found[-1].sha, is_there=True, dry_sha=found[-1].dry_sha))

    async def _hydrate(self, _: str, payload: bytes) -> bytes:
        asked = decode(Hydrate, payload)
        self.asked.append(asked)
        await self.gate.wait()
        if self.refusal:
            raise RemoteError("PermissionDenied", self.refusal)
        found = self.branches.get((asked.repo_url, asked.target_branch), [])
        head, known = (found[-1].sha, found[-1].dry_sha) if found else ("", "")
        is_as_read = asked.expected_dry_sha is None or known in (asked.expected_dry_sha, asked.dry.sha)
        if head != asked.expected_head or not is_as_read:
            return encode(Hydrated(overtaken=True))
        wanted = {one.path: one.digest for one in asked.paths}
        if found and wanted.items() <= found[-1].digests.items():
            found[-1].dry_sha = asked.dry.sha
            return encode(Hydrated(hydrated_sha=head))
        digests = {**(found[-1].digests if found else {}), **wanted}
        return encode(
            Hydrated(
                hydrated_sha=self._put(asked.repo_url, asked.target_branch, asked.dry.sha, digests),
                pushed=True,
            )
        )

    def _put(self, repo: str, branch: str, dry_sha: str, digests: dict[str, str]) -> str:
        sha = hashlib.sha1(f"{repo} {branch} {next(self._numbers)}".encode()).hexdigest()  # noqa: S324
        self.branches.setdefault((repo, branch), []).append(Commit(sha, dry_sha, digests))
        return sha
