"""Google Cloud Pub/Sub: the message to a topic, as a service account."""

from __future__ import annotations

import asyncio
import base64
import re
from pathlib import Path
from typing import Any

import msgspec

from fairlead.git.credentials import Credential
from fairlead.git.errors import GitError, GitTransientError
from fairlead.identities import google
from fairlead.identities.tokens import Token, Tokens
from fairlead.notices.senders.asking import Asker, as_json, bearer, encoded, taken
from fairlead.notices.senders.fields import Transport, digest, required, texts
from fairlead.notices.senders.sender import DeliveryError, Message, OptionError
from fairlead.notices.senders.shapes import block_of
from fairlead.notices.senders.surroundings import Surroundings
from fairlead.secret import Secret

MOST_KEY = 1 << 16
"""Bytes of a key's file."""
_PROJECT = re.compile(r"[a-z][a-z0-9.:-]{4,98}[a-z0-9]")
_TOPIC = re.compile(r"[A-Za-z][\w.~+-]{2,254}", re.A)
_ACCOUNT = "/computeMetadata/v1/instance/service-accounts/default/token"


class GcpPubsubOptions(Transport, frozen=True, kw_only=True, rename="camel"):
    """A topic. `key_file` is a path in the process' pod, or the key itself."""

    project: str = ""
    topic: str = ""
    key_file: Secret = Secret("")


class GcpPubsubBlock(msgspec.Struct, frozen=True, kw_only=True):
    """What a template says for the message."""

    attributes: dict[str, Any] = {}


class GcpPubsub:
    """Publishes to topics of one project. `metadata` asks what tells the pod's own tokens."""

    def __init__(
        self,
        asker: Asker,
        metadata: Asker,
        options: GcpPubsubOptions,
        tokens: Tokens,
        surroundings: Surroundings,
        *,
        own: bool,
    ) -> None:
        required("gcppubsub", project=options.project)
        if not _PROJECT.fullmatch(options.project):
            raise OptionError("service gcppubsub: project is no id of a project")
        key = options.key_file.reveal().strip()
        if not own and not key.startswith("{"):
            raise OptionError("service gcppubsub: keyFile has to be a key itself, not a file of the process")
        self._asker = asker
        self._metadata = metadata
        self._options = options
        self._tokens = tokens
        self._key = key or (surroundings.google_key_file if own else "")
        self._endpoints = surroundings.endpoints

    async def send(self, message: Message, recipient: str, *, dedupe: str) -> None:
        """To a topic by its name, or else the one that is configured."""
        del dedupe
        topic = recipient or self._options.topic
        if not _TOPIC.fullmatch(topic):
            raise DeliveryError(f"{topic[:100]!r} is no name of a topic", may_pass=False)
        block = block_of("gcppubsub", GcpPubsubBlock, message.blocks.get("gcppubsub"))
        published: dict[str, Any] = {"data": base64.b64encode(message.text.encode()).decode()}
        if attributes := texts("gcppubsub.attributes", block.attributes):
            published["attributes"] = attributes
        url = f"{self._endpoints.pubsub}/v1/projects/{self._options.project}/topics/{topic}:publish"
        body = encoded({"messages": [published]})
        reply = await self._asker.ask("POST", url, body=body, headers=as_json(bearer(await self._token())))
        if reply.status == 401:
            self._tokens.forget("google")
            reply = await self._asker.ask(
                "POST", url, body=body, headers=as_json(bearer(await self._token()))
            )
        taken(reply)

    async def _token(self) -> str:
        if not self._key:
            token = await self._tokens.of(("google", "pod"), self._of_pod)
            return token.value
        key = self._key if self._key.startswith("{") else await asyncio.to_thread(_read, self._key)
        try:
            token = await self._tokens.of(
                ("google", digest(key)), lambda: google.token(self._asker.outbound, key, Credential())
            )
        except GitError as error:
            words = str(error).replace("gcpServiceAccountKey", "keyFile")
            words = words.replace("the repository's credentials", "the key")
            raise DeliveryError(words, may_pass=isinstance(error, GitTransientError)) from None
        return token.value

    async def _of_pod(self) -> Token:
        url = f"{self._endpoints.metadata}{_ACCOUNT}"
        try:
            reply = taken(await self._metadata.ask("GET", url, headers={"Metadata-Flavor": "Google"}))
        except DeliveryError as error:
            words = f"there is no keyFile, and the pod has no account of Google's: {error.words}"
            raise DeliveryError(words, may_pass=error.may_pass) from None
        found = reply.mapping()
        value, seconds = found.get("access_token"), found.get("expires_in")
        if not isinstance(value, str) or not value:
            raise DeliveryError("the pod's account has no token", may_pass=True)
        return Token(value=value, seconds=float(seconds) if isinstance(seconds, int | float) else 300.0)


def _read(path: str) -> str:
    try:
        with Path(path).open(encoding="utf-8") as file:
            return file.read(MOST_KEY)
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is no text"
        raise DeliveryError(f"keyFile cannot be read: {why}", may_pass=False) from None
