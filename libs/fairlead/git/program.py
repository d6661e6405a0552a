"""The one place a `git` process is started: fixed arguments, an environment built from nothing, a deadline.

Invariant: no process outlives its deadline or its caller; it is killed with everything it started.
"""

import asyncio
import contextlib
import os
import shutil
import signal
from collections.abc import Sequence
from pathlib import Path

import msgspec

from fairlead.git.credentials import Credential
from fairlead.git.errors import GitTransientError, explain, scrub

REQUEST_TIMEOUT = 15
"""Seconds without progress after which a request is given up (contract 21)."""
EXEC_TIMEOUT = 90.0
"""Seconds a fetch may take in all (contract 21)."""
MAX_OUTPUT = 64 << 20
"""Bytes that are read of an answer; about 900,000 refs."""
MAX_STDERR = 64 << 10

_HARMLESS = (
    "badTimezone missingSpaceBeforeDate missingEmail missingNameBeforeEmail zeroPaddedFilemode badDate "
    "badDateOverflow badEmail missingSpaceBeforeEmail"
)
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


class GitProgram(msgspec.Struct, frozen=True, kw_only=True):
    """How git is run. `home` is an empty directory; `allow_files` admits file:// for tests."""

    home: Path
    allow_files: bool = False
    binary: str = shutil.which("git") or "/usr/bin/git"

    def environment(self, url: str = "", credential: Credential | None = None) -> dict[str, str]:
        """All that a git process sees: no system or user configuration, no prompt, our settings."""
        settings = list(_SETTINGS)
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
    ) -> bytes:
        """Run git to its end and return what it printed.

        Raises:
            GitError: it failed, as `errors.explain` reads it; transient when `deadline` seconds passed or
                it printed more than MAX_OUTPUT bytes.
        """
        process = await asyncio.create_subprocess_exec(
            self.binary,
            *arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=self.environment(url, credential),
            start_new_session=True,
        )
        try:
            async with asyncio.timeout(deadline):
                printed, complaint = await asyncio.gather(
                    _read(process.stdout, MAX_OUTPUT), _read(process.stderr, MAX_STDERR)
                )
                code = await process.wait()
        except TimeoutError as error:
            raise GitTransientError(f"{url or 'git'}: no end after {deadline:g} s") from error
        finally:
            kill_group(process)
            await process.wait()
        if printed is None:
            raise GitTransientError(f"{url or 'git'}: the answer is larger than {MAX_OUTPUT >> 20} MiB")
        if code != 0:
            secrets = credential.secrets() if credential else ()
            raise explain(url or "git", scrub((complaint or b"").decode(errors="replace"), secrets))
        return printed


def kill_group(process: asyncio.subprocess.Process) -> None:
    """End a process and all it started, at once."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


async def _read(stream: asyncio.StreamReader | None, limit: int) -> bytes | None:
    """All of a stream, or None when it is longer than `limit`; the rest is read and dropped."""
    chunks, size = [], 0
    while stream is not None and (chunk := await stream.read(1 << 18)):
        size += len(chunk)
        if size <= limit:
            chunks.append(chunk)
    return b"".join(chunks) if size <= limit else None
