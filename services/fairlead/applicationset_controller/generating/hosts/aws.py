"""Services of AWS that are asked in JSON and signed (Signature Version 4).

Invariant: keys are those of the process or of a role that it may take, and leave it as signatures alone.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

import msgspec

from fairlead.applicationset_controller.generating.errors import GeneratorError
from fairlead.applicationset_controller.generating.hosts.door import LIMIT
from fairlead.applicationset_controller.generating.hosts.errors import HostError
from fairlead.applicationset_controller.generating.hosts.hosts import Hosts
from fairlead.kube.eks import Keys, Signing, signature
from fairlead.kube.errors import ConnectionConfigError
from fairlead.outbound import OutboundError

DEADLINE: Final = 60.0
"""Seconds that one question may take."""
_JSON: Final = "application/x-amz-json-1.1"
_ACCEPTED: Final = frozenset({200, *range(400, 600)})
_REGION: Final = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")
_CODE: Final = re.compile(r"[A-Za-z]{1,80}")

T = TypeVar("T")


class AwsRefusedError(HostError):
    """A service says no; `code` is its word for why."""

    def __init__(self, words: str, status: int, code: str) -> None:
        super().__init__(words, status)
        self.code = code


class _Refusal(msgspec.Struct):
    type: str = msgspec.field(name="__type", default="")
    message: str | None = None


class Aws:
    """One region, with the keys of one moment."""

    def __init__(self, hosts: Hosts, keys: Keys, region: str) -> None:
        self._hosts = hosts
        self._keys = keys
        self._region = region

    @classmethod
    async def opened(cls, hosts: Hosts, role: str, region: str) -> Aws:
        """With the keys of the process, or of a role. Raises GeneratorError."""
        found = (
            region or hosts.environment.get("AWS_REGION") or hosts.environment.get("AWS_DEFAULT_REGION", "")
        )
        if not _REGION.fullmatch(found):
            raise GeneratorError(
                f"region {found[:40]!r} is no region of AWS" if found else "region is missing"
            )
        try:
            return cls(hosts, await hosts.aws.keys(role), found)
        except ConnectionConfigError as error:
            raise HostError(str(error)) from error

    async def codecommit(self, action: str, asked: Mapping[str, Any], kind: type[T]) -> T:
        """Ask CodeCommit. Raises HostError, of which AwsRefusedError knows the service's word."""
        return await self._asked("codecommit", f"CodeCommit_20150413.{action}", asked, kind)

    async def tagging(self, action: str, asked: Mapping[str, Any], kind: type[T]) -> T:
        """Ask for what is tagged. Raises HostError."""
        return await self._asked("tagging", f"ResourceGroupsTaggingAPI_20170126.{action}", asked, kind)

    async def _asked(self, service: str, target: str, asked: Mapping[str, Any], kind: type[T]) -> T:
        url, body = self._endpoint(service), msgspec.json.encode(asked)
        headers = {**self._signed(service, target, url, body), "Content-Type": _JSON}
        try:
            async with self._hosts.shared.outbound.request(
                "POST",
                url,
                body=body,
                headers=headers,
                accepts=_ACCEPTED,
                limit=LIMIT,
                deadline=DEADLINE,
                heed=False,
                follow=False,
            ) as answer:
                status, content = answer.status, await answer.read()
        except OutboundError as error:
            raise HostError(f"AWS {service}: {error}", error.status) from error
        if status != 200:
            raise _refusal(service, target, status, content)
        try:
            return msgspec.json.decode(content, type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise HostError(f"AWS {service}: the answer to {target} is none", 200) from None

    def _endpoint(self, service: str) -> str:
        name = "CODECOMMIT" if service == "codecommit" else "RESOURCE_GROUPS_TAGGING_API"
        ending = "amazonaws.com.cn" if self._region.startswith("cn-") else "amazonaws.com"
        return self._hosts.environment.get(f"AWS_ENDPOINT_URL_{name}") or (
            f"https://{service}.{self._region}.{ending}/"
        )

    def _signed(self, service: str, target: str, url: str, body: bytes) -> dict[str, str]:
        signing = Signing(keys=self._keys, region=self._region, service=service, now=datetime.now(UTC))
        parts = urlsplit(url)
        headers = {"host": parts.netloc, "x-amz-date": signing.stamp, "x-amz-target": target}
        if self._keys.session:
            headers["x-amz-security-token"] = self._keys.session
        digest = hashlib.sha256(body).hexdigest()
        found = signature(signing, f"POST\n{parts.path or '/'}", {}, headers, digest)
        names, who = ";".join(sorted(headers)), f"{self._keys.access}/{signing.scope}"
        told = f"AWS4-HMAC-SHA256 Credential={who}, SignedHeaders={names}, Signature={found}"
        return {**headers, "Authorization": told}


def _refusal(service: str, target: str, status: int, content: bytes) -> AwsRefusedError:
    try:
        found = msgspec.json.decode(content, type=_Refusal)
    except (msgspec.DecodeError, UnicodeDecodeError):
        found = _Refusal()
    code = found.type.rpartition("#")[2]
    code = code if _CODE.fullmatch(code) else ""
    said = "".join(each for each in found.message or "" if each.isprintable())[:200]
    words = ", ".join(part for part in (code, said) if part)
    text = f"AWS {service} refuses {target.rpartition('.')[2]} (status {status})"
    return AwsRefusedError(f"{text}: {words}" if words else text, status, code)
