"""Credentials of clusters that no Secret holds: by a program that the operator permits, or our role in AWS.

Whoever may write the Secrets of clusters names programs; which of them may be run is the operator's to say.
Invariant: a program has a folder of its own that goes with it, the environment named here, and bounds; what
it complains of is told without the values that its Secret gave it.
"""

from __future__ import annotations

import asyncio
import base64
import shutil
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import msgspec

from fairlead.command import Limits, Ran, StartError, run
from fairlead.kube.aws_keys import AwsKeys
from fairlead.kube.errors import ConnectionConfigError
from fairlead.kube.minting import NATIVE, Aws, Identity, Minted, Place, Program

LIMITS: Final = Limits(
    seconds=30.0, output=1 << 20, complaint=4 << 10, processes=64, memory=1 << 30, file=64 << 20
)
AT_ONCE: Final = 4
"""Programs that run together; the clusters of the others wait."""
HOLDS: Final = 300.0
"""Seconds for which a credential is used whose end the program does not tell."""
MOST_TOLD: Final = 300
"""Characters of a program's complaint that are told."""
ANY: Final = "*"
OPTION: Final = "FAIRLEAD_CLUSTER_PROGRAMS"
PASSED: Final = frozenset({"PATH", "HOME", "LANG", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "SSL_CERT_FILE"})
PASSED_FAMILIES: Final = ("AWS_", "AZURE_", "AAD_", "GOOGLE_", "CLOUDSDK_")
"""What of our own environment a program gets: what tells it who it is in a cloud."""


class Surroundings(msgspec.Struct, frozen=True, kw_only=True):
    """What of the environment tells programs, and us, who we are in a cloud."""

    variables: Mapping[str, str] = {}

    def __repr__(self) -> str:
        return "Surroundings()"


def surroundings_of(environment: Mapping[str, str]) -> Surroundings:
    """Those of a process with this environment."""
    return Surroundings(
        variables={
            name: value
            for name, value in environment.items()
            if name in PASSED or name.startswith(PASSED_FAMILIES)
        }
    )


class _Status(msgspec.Struct, frozen=True, rename="camel"):
    token: str = ""
    client_certificate_data: str = ""
    client_key_data: str = ""
    expiration_timestamp: datetime | None = None


class _ExecCredential(msgspec.Struct, frozen=True, rename="camel"):
    api_version: str = ""
    kind: str = ""
    status: _Status | None = None


class Minting:
    """Makes them. `programs` are the commands that may be run, as Secrets write them; `*` is any."""

    def __init__(self, programs: frozenset[str], surroundings: Surroundings) -> None:
        self._programs = programs
        self._environment = surroundings.variables
        self._aws = AwsKeys(surroundings.variables)
        self._gate = asyncio.Semaphore(AT_ONCE)

    async def __call__(self, identity: Identity, place: Place) -> Minted:
        """Credentials for a cluster. Raises ConnectionConfigError."""
        if isinstance(identity, Aws):
            return await self._aws.minted(identity)
        async with self._gate:
            return await self._printed(identity, place)

    async def _printed(self, program: Program, place: Place) -> Minted:
        subject = f"cluster {place.server}: execProviderConfig"
        if not self._programs & {ANY, program.command}:
            beside = "; of it only `aws` is built in" if program.command == NATIVE else ""
            raise ConnectionConfigError(
                f"{subject}: {program.command} may not be run here{beside}: {OPTION} names what may"
            )
        found = shutil.which(program.command, path=self._environment.get("PATH"))
        if found is None:
            hint = f" ({program.install_hint})" if program.install_hint else ""
            raise ConnectionConfigError(f"{subject}: {program.command} is not there{hint}")
        with tempfile.TemporaryDirectory(prefix="fairlead-mint-") as folder:
            environment = {"HOME": folder, **self._environment, **dict(program.env)}
            environment["KUBERNETES_EXEC_INFO"] = _told(program, place)
            try:
                ran = await run(
                    (found, *program.args), folder=Path(folder), environment=environment, limits=LIMITS
                )
            except StartError as error:
                raise ConnectionConfigError(f"{subject}: {program.command}: {error}") from None
        problem = _problem(ran, program)
        if problem:
            raise ConnectionConfigError(f"{subject}: {program.command} {problem}")
        return _read(ran.output, program, subject)


def _told(program: Program, place: Place) -> str:
    """What a program is told of what is asked of it, as kubectl tells it."""
    spec: dict[str, Any] = {"interactive": False}
    if program.wants_cluster:
        spec["cluster"] = {
            "server": place.server,
            "insecure-skip-tls-verify": place.insecure,
            **({"tls-server-name": place.server_name} if place.server_name else {}),
            **({"proxy-url": place.proxy_url} if place.proxy_url else {}),
            **({"certificate-authority-data": base64.b64encode(place.ca).decode()} if place.ca else {}),
            **({"config": msgspec.Raw(program.config)} if program.config else {}),
        }
    body = {"apiVersion": program.api_version, "kind": "ExecCredential", "spec": spec}
    return msgspec.json.encode(body).decode()


def _problem(ran: Ran, program: Program) -> str:
    """Why what it printed is not to be used, or ""."""
    if ran.ended == "seconds":
        return f"took longer than {LIMITS.seconds:g} s"
    if ran.ended:
        return f"was ended: it took more than it may of {ran.ended}"
    if not ran.code and not ran.signal:
        return ""
    words = ran.complaint.decode(errors="replace").strip()
    for value in sorted((value for _, value in program.env if value), key=len, reverse=True):
        words = words.replace(value, "++++++++")
    how = f"ended with code {ran.code}" if ran.code else f"was ended by signal {ran.signal}"
    return f"{how}: {words[-MOST_TOLD:]}" if words else how


def _read(output: bytes, program: Program, subject: str) -> Minted:
    try:
        found = msgspec.json.decode(output, type=_ExecCredential)
    except (ValueError, RecursionError):
        raise ConnectionConfigError(f"{subject}: {program.command} printed no ExecCredential") from None
    status = found.status or _Status()
    if (found.kind, found.api_version) != ("ExecCredential", program.api_version):
        raise ConnectionConfigError(
            f"{subject}: {program.command} printed {found.kind or 'no kind'} of "
            f"{found.api_version or 'no version'}, not ExecCredential of {program.api_version}"
        )
    cert, key = status.client_certificate_data.encode(), status.client_key_data.encode()
    if not status.token and not (cert and key):
        raise ConnectionConfigError(
            f"{subject}: {program.command} printed neither a token nor a certificate with its key"
        )
    return Minted(token=status.token, cert=cert or None, key=key or None, seconds=_holds(status))


def _holds(status: _Status) -> float:
    until = status.expiration_timestamp
    if until is None:
        return HOLDS
    until = until if until.tzinfo is not None else until.replace(tzinfo=UTC)
    return (until - datetime.now(UTC)).total_seconds()
