"""Reading commits and trees of a mirror through one persistent `git cat-file`.

Invariant: only object ids, whole or abbreviated, are asked for, so nothing a person wrote reaches the
child's command line or input.
"""

import asyncio
import re
import time
from collections.abc import Sequence
from pathlib import Path

from fairlead.git.advertised import OBJECT_ID
from fairlead.git.errors import GitTransientError, MirrorCorruptError
from fairlead.git.program import GitProgram, kill_group
from fairlead.git.tree import Tree

ANSWER_TIMEOUT = 20.0
"""Seconds the child may take for one batch."""
END_SECONDS = 2.0
"""Seconds a child may take to end after it closed its output."""
MAX_OBJECT = 64 << 20
"""Largest object that is read, in bytes."""
IN_FLIGHT = 64
"""Questions written before their answers are read: well below what fits a pipe."""

_ABBREVIATION = re.compile(r"^[0-9a-f]{7,40}$")


class Objects:
    """The objects of one mirror."""

    def __init__(self, program: GitProgram, mirror: Path) -> None:
        self._program = program
        self._mirror = mirror
        self._child: asyncio.subprocess.Process | None = None
        self._turn = asyncio.Lock()
        self.asked_at = time.monotonic()

    def close(self) -> None:
        """End the child; the next question starts another."""
        child, self._child = self._child, None
        if child is not None:
            kill_group(child)

    async def end(self) -> None:
        """End the child, and wait until it has ended."""
        child = self._child
        self.close()
        if child is not None:
            await child.wait()

    async def commit_of(self, oid: str) -> str | None:
        """The commit that an object is or, as a tag, points at; None when there is none here."""
        return (await self.commits_of([oid]))[0]

    async def commits_of(self, oids: Sequence[str]) -> list[str | None]:
        """As `commit_of`, for several objects."""
        answers = await self._ask([f"info {_checked(oid)}^{{commit}}" for oid in oids])
        return [answer[0] if answer else None for answer in answers]

    async def expand(self, abbreviation: str) -> str | None:
        """The only commit whose id starts with these 7 to 40 hex digits, or None."""
        if not _ABBREVIATION.match(abbreviation):
            return None
        [answer] = await self._ask([f"info {abbreviation}^{{commit}}"])
        return answer[0] if answer and answer[0].startswith(abbreviation) else None

    async def has_commit(self, oid: str) -> bool:
        """Whether the commit is here."""
        return await self.commit_of(oid) == oid

    async def contents(self, oids: Sequence[str], kind: str) -> list[bytes]:
        """Bodies of objects of a kind. Raises MirrorCorruptError when one is not here."""
        answers = await self._ask([f"contents {_checked(oid)}^{{{kind}}}" for oid in oids])
        for oid, answer in zip(oids, answers, strict=True):
            if answer is None:
                raise MirrorCorruptError(f"the mirror lacks the {kind} {oid}")
        return [answer[1] for answer in answers if answer is not None]

    async def trees(self, oids: Sequence[str]) -> list[Tree]:
        """Trees by their ids. Raises MirrorCorruptError when one is not here."""
        width = len(oids[0]) // 2 if oids else 20
        return [Tree(body, width) for body in await self.contents(oids, "tree")]

    async def _ask(self, questions: Sequence[str]) -> list[tuple[str, bytes] | None]:
        async with self._turn:
            self.asked_at = time.monotonic()
            try:
                async with asyncio.timeout(ANSWER_TIMEOUT):
                    return await self._ask_twice(questions)
            except TimeoutError as error:
                raise GitTransientError("reading the mirror took too long") from error
            finally:
                self._drop_unless_idle()

    async def _ask_twice(self, questions: Sequence[str]) -> list[tuple[str, bytes] | None]:
        killed = False
        for _ in range(2):
            try:
                return await self._ask_child(questions)
            except (asyncio.IncompleteReadError, OSError):
                killed = await self._was_killed()
                self.close()
        if killed:
            raise GitTransientError("the git that reads the mirror was killed")
        raise MirrorCorruptError("the mirror cannot be read")

    async def _was_killed(self) -> bool:
        """Whether the child that fell silent was ended by a signal: that says nothing about the mirror."""
        if self._child is None:
            return True
        try:
            async with asyncio.timeout(END_SECONDS):
                return await self._child.wait() < 0
        except TimeoutError:
            return False

    async def _ask_child(self, questions: Sequence[str]) -> list[tuple[str, bytes] | None]:
        child = await self._started()
        self._idle = False
        answers = []
        for start in range(0, len(questions), IN_FLIGHT):
            batch = questions[start : start + IN_FLIGHT]
            assert child.stdin and child.stdout  # noqa: S101 - both are pipes
            child.stdin.write(("\n".join(batch) + "\n").encode())
            for question in batch:
                answers.append(await _answer(child.stdout, question.startswith("contents")))
        self._idle = True
        return answers

    async def _started(self) -> asyncio.subprocess.Process:
        if self._child is None or self._child.returncode is not None:
            self._child = await self._program.start(
                (f"--git-dir={self._mirror}", "cat-file", "--batch-command"),
                self._program.environment(),
                stdin=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                limit=1 << 20,
            )
        return self._child

    _idle = True

    def _drop_unless_idle(self) -> None:
        """A child whose answers were not all read would give them to the next question."""
        if not self._idle:
            self._idle = True
            self.close()


async def _answer(stream: asyncio.StreamReader, with_body: bool) -> tuple[str, bytes] | None:
    head = await stream.readuntil(b"\n")
    words = head.split()
    if len(words) != 3 or words[-1] in {b"missing", b"ambiguous"}:
        return None
    size = int(words[2])
    if not with_body:
        return words[0].decode(), b""
    if size > MAX_OBJECT:
        raise OSError(f"object of {size} bytes")
    body = await stream.readexactly(size + 1)
    return words[0].decode(), body[:-1]


def _checked(oid: str) -> str:
    if not OBJECT_ID.match(oid):
        raise ValueError("not a full object id")
    return oid


async def tree_of(objects: Objects, commit: str) -> str:
    """The root tree of a commit."""
    [body] = await objects.contents([commit], "commit")
    return body[5 : body.index(b"\n")].decode()
