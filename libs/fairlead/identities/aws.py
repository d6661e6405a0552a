"""How AWS CodeCommit is shown who we are: a password that is a signature over the address and the time.

Sources: AWS Signature Version 4 with the method GIT, as `git-remote-codecommit` makes it;
AssumeRoleWithWebIdentity for the role of this process' pod. Invariant: the secret key leaves this process in
no form but signatures.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import re
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

import msgspec

from fairlead.git.codecommit import region_of
from fairlead.git.credentials import Credential
from fairlead.git.errors import GitInvalidError, GitTransientError
from fairlead.identities.asking import asked, text_of, way_of
from fairlead.identities.tokens import Token
from fairlead.outbound import Outbound

ACCESS_KEY = re.compile(r"A(?:KIA|SIA)[A-Z0-9]{12,124}")
SIGNATURE_HOLDS = 600.0
"""Seconds: CodeCommit takes a signature for a quarter of an hour."""
SESSION = "fairlead-repo-server"
_MOST_TOKEN = 1 << 16


class Role(msgspec.Struct, frozen=True, kw_only=True):
    """What the cluster puts into the environment of a pod that has a role; `endpoint` is for tests."""

    arn: str = ""
    token_file: str = ""
    endpoint: str = ""


class Keys(msgspec.Struct, frozen=True, kw_only=True):
    """An access key, with the session's token when it is that of a role."""

    access: str
    secret: str
    session: str = ""

    def __repr__(self) -> str:
        return "Keys()"


def signature(url: str, keys: Keys, now: datetime | None = None) -> Token:
    """User and password for a repository at this moment."""
    parts = urlsplit(url)
    host, region = parts.hostname or "", region_of(url)
    stamp = (now or datetime.now(UTC)).strftime("%Y%m%dT%H%M%S")
    scope = f"{stamp[:8]}/{region}/codecommit/aws4_request"
    request = f"GIT\n{unquote(parts.path)}\n\nhost:{host}\n\nhost\n"
    digest = hashlib.sha256(request.encode()).hexdigest()
    key = f"AWS4{keys.secret}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    signed = hmac.digest(key, f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{digest}".encode(), "sha256").hex()
    user = f"{keys.access}%{keys.session}" if keys.session else keys.access
    return Token(value=f"{stamp}Z{signed}", seconds=SIGNATURE_HOLDS, username=user)


async def assumed(outbound: Outbound, role: Role, credential: Credential, region: str) -> tuple[Keys, float]:
    """Keys of the pod's role, and the seconds they hold. Raises GitError."""
    if not role.arn or not role.token_file:
        raise GitInvalidError(
            "the repository is declared without credentials, and the repo-server has no role in AWS "
            "(AWS_ROLE_ARN and AWS_WEB_IDENTITY_TOKEN_FILE are not set)"
        )
    form = {
        "Action": "AssumeRoleWithWebIdentity",
        "Version": "2011-06-15",
        "RoleArn": role.arn,
        "RoleSessionName": SESSION,
        "WebIdentityToken": await asyncio.to_thread(_file, role.token_file),
    }
    url = role.endpoint or f"https://sts.{region}.amazonaws.com/"
    whom = "AWS STS"
    found = await asked(outbound, whom, url, way_of(credential), form=form)
    for field in ("AssumeRoleWithWebIdentityResponse", "AssumeRoleWithWebIdentityResult", "Credentials"):
        found = found.get(field) or {}
        if not isinstance(found, dict):
            raise GitTransientError(f"no token from {whom}: the answer has no {field}")
    keys = Keys(
        access=text_of(whom, found, "AccessKeyId"),
        secret=text_of(whom, found, "SecretAccessKey"),
        session=text_of(whom, found, "SessionToken"),
    )
    until = found.get("Expiration")
    return keys, max(0.0, until - datetime.now(UTC).timestamp()) if isinstance(until, int | float) else 3600.0


def _file(path: str) -> str:
    try:
        with Path(path).open(encoding="utf-8") as file:
            return file.read(_MOST_TOKEN).strip()
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is no text"
        raise GitTransientError(f"the token of the pod's role cannot be read: {why}") from None
