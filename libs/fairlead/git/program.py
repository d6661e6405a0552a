"""The one place a `git` process is started: fixed arguments, an environment built from nothing, a deadline.

Invariant: no process outlives its deadline or its caller; it is killed with everything it started.
"""

import asyncio
import contextlib
import os
import re
import shutil
import signal
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Protocol

import msgspec

from fairlead.git.credentials import Credential
from fairlead.git.errors import GitTransientError, UrlRefusedError, explain, scrub
from fairlead.git.fetch_pack import FetchPack
from fairlead.git.ls_refs import LsRefs
from fairlead.git.meeting import Meeting, meet
from fairlead.git.reach import as_git_errors, host_of
from fairlead.git.urls import is_ssh
from fairlead.matching.networks import Networks
from fairlead.outbound.budgets import Budgets
from fairlead.outbound.proxies import Proxies
from fairlead.outbound.slots import Slots
from fairlead.outbound.trust import Trust

if TYPE_CHECKING:
    from fairlead.git.ssh import Carrier, Ssh

REQUEST_TIMEOUT = 15
"""Seconds without progress after which a request is given up (contract 21)."""
EXEC_TIMEOUT = 90.0
"""Seconds a command may take in all (contract 21)."""
FETCH_SILENCE = 90.0
"""Seconds after which a fetch that tells of no progress is given up."""
FETCH_LONGEST = 4 * 3600.0
"""Seconds a fetch may take in all, while it makes progress."""
MAX_OUTPUT = 64 << 20
"""Bytes that are read of an answer; about 900,000 refs."""
MAX_STDERR = 64 << 10
UPLOAD_PACK, RECEIVE_PACK = "git-upload-pack", "git-receive-pack"

_HARMLESS = (
    "badTimezone missingSpaceBeforeDate missingEmail missingNameBeforeEmail zeroPaddedFilemode badDate "
    "badDateOverflow badEmail missingSpaceBeforeEmail"
)
STRICTLY = "--strict=" + ",".join(f"{problem}=ignore" for problem in _HARMLESS.split())
"""How git checks objects that it is given, as it does those that it fetches."""
_SETTINGS = (
    ("protocol.allow", "never"),
    ("protocol.http.allow", "always"),
    ("protocol.https.allow", "always"),
    ("protocol.version", "2"),
    ("core.hooksPath", os.devnull),
    ("core.fsmonitor", "false"),
    ("core.askPass", ""),
    ("credential.helper", ""),
    ("http.followRedirects", "false"),
    ("http.lowSpeedLimit", "100"),
    ("http.lowSpeedTime", str(REQUEST_TIMEOUT)),
    ("submodule.recurse", "false"),
    ("fetch.fsckObjects", "true"),
    *((f"fetch.fsck.{problem}", "ignore") for problem in _HARMLESS.split()),
    ("gc.auto", "0"),
    ("gc.autoDetach", "false"),
    ("maintenance.auto", "false"),
    ("pack.threads", "1"),
    ("advice.fetchShowForcedUpdates", "false"),
)


_TOO_OFTEN = b"returned error: 429"

_PROGRESS = re.compile(
    r"^(remote: )?(Enumerating|Counting|Compressing|Receiving|Resolving|Unpacking|Checking|Updating|Finding)"
    r"|^Cloning into bare repository "
)


class Observer(Protocol):
    """Told of every request to a remote: `ls-remote` or `fetch`, its seconds, and whether it failed."""

    def __call__(self, url: str, request: str, seconds: float, *, failed: bool) -> None: ...


class Opener(Protocol):
    """Makes of a credential that is to be exchanged for a token one that git can be told of."""

    async def opened(self, url: str, credential: Credential) -> Credential:
        """What is shown at an address. Raises GitError."""

    def refused(self, url: str, credential: Credential) -> None:
        """What was shown there is not taken any more."""


class GitProgram(msgspec.Struct, frozen=True, kw_only=True):
    """How git is run. `home` is an empty directory; `allow_files` admits file:// for tests.

    `networks` are those it may connect to, `slots` bound how many run, `fetch_timeout` is an operator's limit
    in seconds for a fetch, 0 for as long as it makes progress. With `ls_refs` refs are asked for without git,
    with `fetch_pack` a few commits.
    `observer` is told of what is asked of remotes; `trust` says who vouches for hosts, `proxies` what
    leads to them, `budgets` which are to be left alone; `identities` exchanges credentials for tokens;
    `ssh` carries what goes over SSH.
    """

    home: Path
    allow_files: bool = False
    binary: str = shutil.which("git") or "/usr/bin/git"
    networks: Networks = Networks()
    slots: Slots = msgspec.field(default_factory=Slots)
    fetch_timeout: float = 0.0
    ls_refs: LsRefs | None = None
    fetch_pack: FetchPack | None = None
    observer: Observer | None = None
    trust: Trust | None = None
    proxies: Proxies = Proxies()
    budgets: Budgets = msgspec.field(default_factory=Budgets)
    identities: Opener | None = None
    ssh: "Ssh | None" = None

    def environment(
        self,
        url: str = "",
        credential: Credential | None = None,
        extra: Sequence[tuple[str, str]] = (),
    ) -> dict[str, str]:
        """All that a git process sees: no system or user configuration, no prompt, our settings."""
        settings = [*_SETTINGS, *extra]
        if self.allow_files:
            settings.append(("protocol.file.allow", "always"))
        if credential is not None:
            settings += credential.configuration(url)
        variables = {
            "PATH": f"{Path(self.binary).parent}:{os.defpath}",
            "HOME": str(self.home),
            "LC_ALL": "C",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_NO_REPLACE_OBJECTS": "1",
            "GIT_CONFIG_COUNT": str(len(settings)),
        }
        for number, (name, value) in enumerate(settings):
            variables[f"GIT_CONFIG_KEY_{number}"] = name
            variables[f"GIT_CONFIG_VALUE_{number}"] = value
        return variables

    async def run(
        self,
        arguments: Sequence[str],
        *,
        url: str = "",
        credential: Credential | None = None,
        deadline: float = EXEC_TIMEOUT,
        silence: float = 0.0,
        given: IO[bytes] | None = None,
        service: str = UPLOAD_PACK,
        also_fine: int = 0,
    ) -> bytes:
        """Run git to its end and return what it printed. With `url` it may connect there, and only there, by
        SSH to `service`. It reads what it is `given`, from a file; a code that is `also_fine` is an answer
        and no failure.

        Raises:
            UrlRefusedError: the address leads where nothing is fetched from.
            GitError: it failed, as `errors.explain` reads it; transient when `deadline` seconds passed, or
                `silence` without a word, or it printed more than MAX_OUTPUT bytes.
        """
        async with self.slots.of(host_of(url)), self._carried(url, credential, service) as carrier:
            process = await self._started(arguments, url, credential, carrier, given)
            try:
                async with asyncio.timeout(deadline) as limit:
                    heard = _listener(limit, deadline, silence)
                    printed, complaint = await asyncio.gather(
                        _read(process.stdout, MAX_OUTPUT, heard), _last(process.stderr, MAX_STDERR, heard)
                    )
                    code = await process.wait()
            except TimeoutError as error:
                raise GitTransientError(f"{url or 'git'}: {_overdue(deadline, silence)}") from error
            finally:
                kill_group(process)
                await process.wait()
        if printed is None:
            raise GitTransientError(f"{url or 'git'}: the answer is larger than {MAX_OUTPUT >> 20} MiB")
        if code not in (0, also_fine):
            if _TOO_OFTEN in complaint:
                self.budgets.hold(host_of(url))
            secrets = credential.secrets() if credential else ()
            said = scrub(_plain(complaint), secrets)
            failure = explain(url or "git", said)
            failure = failure if carrier is None else carrier.explained(failure)
            failure.printed, failure.complaint = printed, said
            raise failure
        return printed

    async def _started(
        self,
        arguments: Sequence[str],
        url: str,
        credential: Credential | None,
        carrier: "Carrier | None",
        given: IO[bytes] | None,
    ) -> asyncio.subprocess.Process:
        """A process that was told how to meet the server; what it inherited stays open in it alone."""
        with contextlib.ExitStack() as held:
            meeting = Meeting(settings=[])
            if url:
                with as_git_errors(url):
                    self.budgets.admit(host_of(url))
            if carrier is not None:
                meeting = Meeting(settings=list(carrier.settings), descriptors=carrier.descriptors)
            elif url:
                meeting = await meet(
                    url,
                    credential or Credential(),
                    held,
                    networks=self.networks,
                    proxies=self.proxies,
                    trust=self.trust,
                )
            environment = self.environment(url, credential, meeting.settings)
            pipes = {"stdin": given} if given is not None else {}
            return await self.start(arguments, environment, pass_fds=meeting.descriptors, **pipes)

    def _carried(
        self, url: str, credential: Credential | None, service: str
    ) -> contextlib.AbstractAsyncContextManager["Carrier | None"]:
        """What goes over SSH is carried by us; anything else git does by itself."""
        if not is_ssh(url):
            return contextlib.nullcontext()
        if self.ssh is None:
            raise UrlRefusedError(f"{url}: nothing is read over SSH here")
        return self.ssh.carried(url, credential or Credential(), service)

    async def start(
        self, arguments: Sequence[str], environment: dict[str, str], **pipes: Any
    ) -> asyncio.subprocess.Process:
        """Start git. Raises GitTransientError when the system has no process or memory left for it."""
        pipe, nothing = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
        ends = {"stdin": nothing, "stdout": pipe, "stderr": pipe, **pipes}
        try:
            return await asyncio.create_subprocess_exec(
                self.binary, *arguments, env=environment, start_new_session=True, **ends
            )
        except OSError as error:
            raise GitTransientError(f"git could not be started: {error.strerror or error}") from error


def kill_group(process: asyncio.subprocess.Process) -> None:
    """End a process and all it started, at once."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


Heard = Callable[[], None]


def _listener(limit: asyncio.Timeout, deadline: float, silence: float) -> Heard:
    """What is called at each sign of life: it moves the limit, but never beyond the deadline."""
    loop = asyncio.get_running_loop()
    end = loop.time() + deadline

    def heard() -> None:
        if silence and not limit.expired():
            limit.reschedule(min(end, loop.time() + silence))

    heard()
    return heard


def _overdue(deadline: float, silence: float) -> str:
    return f"no end after {deadline:g} s" + (f", or no progress for {silence:g} s" if silence else "")


def _plain(complaint: bytes) -> str:
    """Git's words without the lines of progress, which it overwrites."""
    lines = complaint.decode(errors="replace").split("\n")
    return "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in lines if not _PROGRESS.match(line))


async def _read(stream: asyncio.StreamReader | None, limit: int, heard: Heard) -> bytes | None:
    """All of a stream, or None when it is longer than `limit`; the rest is read and dropped."""
    chunks, size = [], 0
    while stream is not None and (chunk := await stream.read(1 << 18)):
        heard()
        size += len(chunk)
        if size <= limit:
            chunks.append(chunk)
    return b"".join(chunks) if size <= limit else None


async def _last(stream: asyncio.StreamReader | None, limit: int, heard: Heard) -> bytes:
    """The last `limit` bytes of a stream: what matters of a complaint comes after the progress."""
    kept = b""
    while stream is not None and (chunk := await stream.read(1 << 16)):
        heard()
        kept = (kept + chunk)[-limit:]
    return kept
