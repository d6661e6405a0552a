"""The keys that AWS gives this process: from its environment, a file, its pod's role, or its machine.

Invariant: what is asked is what the environment of this process names, which its operator chose; no Secret
leads anywhere.
"""

import asyncio
import configparser
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode
from xml.etree import ElementTree

import aiohttp
import msgspec

from fairlead.kube.eks import HOLDS, Keys, Signing, authorized, token
from fairlead.kube.errors import ConnectionConfigError
from fairlead.kube.minting import Aws, Minted

SESSION: Final = "fairlead-app-controller"
WITHIN: Final = 10.0
"""Seconds that a service of AWS has to answer."""
MOST: Final = 256 << 10
"""Bytes of an answer, or of a file."""
MACHINE: Final = "http://169.254.169.254"


class AwsKeys:
    """Mints tokens of EKS; `environment` is that of this process, as it was at its start, and `session` what
    AWS calls what it does in a role."""

    def __init__(self, environment: Mapping[str, str], *, session: str = SESSION) -> None:
        self._environment = environment
        self._session = session

    async def keys(self, role: str = "") -> Keys:
        """Those of this process, or of a role that it may take. Raises ConnectionConfigError."""
        try:
            async with asyncio.timeout(3 * WITHIN):
                keys = await self._keys("")
                return await self._assumed(keys, role) if role else keys
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError, KeyError) as error:
            raise ConnectionConfigError(f"no keys from AWS: {str(error) or type(error).__name__}") from None

    async def minted(self, aws: Aws) -> Minted:
        """A token for a cluster. Raises ConnectionConfigError."""
        try:
            async with asyncio.timeout(3 * WITHIN):
                keys = await self._keys(aws.profile)
                if aws.role:
                    keys = await self._assumed(keys, aws.role)
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError, KeyError) as error:
            words = str(error) or type(error).__name__
            raise ConnectionConfigError(f"no keys from AWS for cluster {aws.cluster}: {words}") from None
        return Minted(token=token(aws.cluster, self._signing(keys), self._endpoint()), seconds=HOLDS)

    def _signing(self, keys: Keys) -> Signing:
        return Signing(keys=keys, region=self._region(), service="sts", now=datetime.now(UTC))

    def _region(self) -> str:
        found = self._environment
        return found.get("AWS_REGION") or found.get("AWS_DEFAULT_REGION") or "us-east-1"

    def _endpoint(self) -> str:
        region = self._region()
        ending = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
        return self._environment.get("AWS_ENDPOINT_URL_STS") or f"https://sts.{region}.{ending}/"

    async def _keys(self, profile: str) -> Keys:
        found = self._environment
        if profile:
            return await asyncio.to_thread(self._of_profile, profile)
        if found.get("AWS_ACCESS_KEY_ID") and found.get("AWS_SECRET_ACCESS_KEY"):
            return Keys(
                access=found["AWS_ACCESS_KEY_ID"],
                secret=found["AWS_SECRET_ACCESS_KEY"],
                session=found.get("AWS_SESSION_TOKEN", ""),
            )
        if found.get("AWS_WEB_IDENTITY_TOKEN_FILE") and found.get("AWS_ROLE_ARN"):
            return await self._of_pod()
        if found.get("AWS_CONTAINER_CREDENTIALS_FULL_URI"):
            return await self._of_container(found["AWS_CONTAINER_CREDENTIALS_FULL_URI"])
        return await self._of_machine()

    def _of_profile(self, profile: str) -> Keys:
        home = Path(self._environment.get("HOME", "/"))
        path = Path(self._environment.get("AWS_SHARED_CREDENTIALS_FILE") or home / ".aws" / "credentials")
        read = configparser.RawConfigParser()
        with path.open(encoding="utf-8") as file:
            try:
                read.read_string(file.read(MOST))
            except configparser.Error:  # its words quote lines of the file
                raise ValueError(f"{path} is no file of credentials") from None
        if profile not in read or "aws_access_key_id" not in read[profile]:
            raise ValueError(f"profile {profile!r} of {path} holds no access key")
        section = read[profile]
        return Keys(
            access=section["aws_access_key_id"],
            secret=section["aws_secret_access_key"],
            session=section.get("aws_session_token", ""),
        )

    async def _of_pod(self) -> Keys:
        """The role of the pod's service account."""
        found = self._environment
        form = {
            "Action": "AssumeRoleWithWebIdentity",
            "Version": "2011-06-15",
            "RoleArn": found["AWS_ROLE_ARN"],
            "RoleSessionName": found.get("AWS_ROLE_SESSION_NAME") or self._session,
            "WebIdentityToken": await _text(found["AWS_WEB_IDENTITY_TOKEN_FILE"]),
        }
        return _in_answer(await _asked("POST", self._endpoint(), body=urlencode(form).encode()))

    async def _of_container(self, url: str) -> Keys:
        """The identity of the pod as EKS or ECS tells it."""
        found = self._environment
        file = found.get("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")
        shown = await _text(file) if file else found.get("AWS_CONTAINER_AUTHORIZATION_TOKEN", "")
        return _in_document(await _asked("GET", url, headers={"Authorization": shown} if shown else {}))

    async def _of_machine(self) -> Keys:
        base = self._environment.get("AWS_EC2_METADATA_SERVICE_ENDPOINT") or MACHINE
        if self._environment.get("AWS_EC2_METADATA_DISABLED", "").lower() == "true":
            raise ValueError("this process has neither keys nor a role in AWS")
        base = base.rstrip("/")
        seconds = {"X-aws-ec2-metadata-token-ttl-seconds": "300"}
        ticket = await _asked("PUT", f"{base}/latest/api/token", headers=seconds)
        shown = {"X-aws-ec2-metadata-token": ticket.decode()}
        place = f"{base}/latest/meta-data/iam/security-credentials/"
        role = (await _asked("GET", place, headers=shown)).decode().split("\n")[0]
        return _in_document(await _asked("GET", place + role, headers=shown))

    async def _assumed(self, keys: Keys, role: str) -> Keys:
        form = {
            "Action": "AssumeRole",
            "Version": "2011-06-15",
            "RoleArn": role,
            "RoleSessionName": self._session,
        }
        body, endpoint = urlencode(form).encode(), self._endpoint()
        headers = authorized(self._signing(keys), endpoint, body)
        return _in_answer(await _asked("POST", endpoint, body=body, headers=headers))


async def _text(path: str) -> str:
    def read() -> str:
        with Path(path).open(encoding="utf-8") as file:
            return file.read(MOST).strip()

    return await asyncio.to_thread(read)


async def _asked(
    method: str, url: str, *, body: bytes | None = None, headers: Mapping[str, str] | None = None
) -> bytes:
    """The answer. Raises ClientError, and ValueError for one that is none."""
    sent = dict(headers or {})
    if body is not None:
        sent["Content-Type"] = "application/x-www-form-urlencoded"
    timeout = aiohttp.ClientTimeout(total=WITHIN)
    async with (
        aiohttp.ClientSession(timeout=timeout, trust_env=False) as session,
        session.request(method, url, data=body, headers=sent, allow_redirects=False) as answer,
    ):
        found = await answer.content.read(MOST)
        if answer.status != 200:
            raise ValueError(f"{method} {url.partition('?')[0]} answered {answer.status}")
        return found


def _in_answer(xml: bytes) -> Keys:
    """The credentials in an answer of STS."""
    if b"<!" in xml:
        raise ValueError("the answer of STS is none")
    found: dict[str, str] = {}
    try:
        for element in ElementTree.fromstring(xml).iter():  # noqa: S314 - without a document type
            found[element.tag.rpartition("}")[2]] = element.text or ""
    except ElementTree.ParseError:
        raise ValueError("the answer of STS is no XML") from None
    return Keys(access=found["AccessKeyId"], secret=found["SecretAccessKey"], session=found["SessionToken"])


def _in_document(document: bytes) -> Keys:
    """The credentials in an answer of a machine or of a pod's agent."""
    try:
        found: dict[str, Any] = msgspec.json.decode(document, type=dict[str, Any])
    except msgspec.DecodeError:
        raise ValueError("the answer holds no credentials") from None
    return Keys(
        access=str(found["AccessKeyId"]), secret=str(found["SecretAccessKey"]), session=str(found["Token"])
    )
