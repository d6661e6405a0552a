"""Alertmanager: an alert to all members of a cluster; it is sent when one of them has it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import msgspec

from fairlead.notices.senders.asking import Asker, as_json, bearer, encoded, taken
from fairlead.notices.senders.fields import BasicAuth, Transport, base_address, texts
from fairlead.notices.senders.sender import DeliveryError, Message, OptionError
from fairlead.notices.senders.shapes import block_of
from fairlead.secret import Secret

TARGET = "127.0.0.1:9093"
PATH = "/api/v2/alerts"
TIMEOUT = 3
"""Seconds for a member."""
MOST_TIMEOUT = 30
MOST_TARGETS = 20


class AlertmanagerOptions(Transport, frozen=True, kw_only=True, rename="camel"):
    """Members and who we are there; a user goes before a token."""

    targets: list[str] = msgspec.field(default_factory=list)
    scheme: str = ""
    api_path: str = ""
    basic_auth: BasicAuth | None = None
    bearer_token: Secret = Secret("")
    timeout: int = 0


class AlertmanagerBlock(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What a template says for the alert: labels are needed, `alertname` is the template's name."""

    labels: dict[str, Any] = {}
    annotations: dict[str, Any] = {}
    generator_url: str = msgspec.field(name="generatorURL", default="")
    starts_at: str = ""


class Alertmanager:
    """Sends to one cluster."""

    def __init__(self, asker: Asker, options: AlertmanagerOptions) -> None:
        scheme, path = options.scheme or "http", options.api_path or PATH
        if scheme not in ("http", "https"):
            raise OptionError("service alertmanager: scheme is neither http nor https")
        targets = options.targets or [TARGET]
        if len(targets) > MOST_TARGETS:
            raise OptionError(f"service alertmanager: targets are more than {MOST_TARGETS}")
        self._asker = asker
        self._urls = [
            f"{base_address('alertmanager', 'targets', f'{scheme}://{target}')}/{path.lstrip('/')}"
            for target in targets
        ]
        self._headers = as_json(_who(options))
        self._timeout = float(min(options.timeout if options.timeout > 0 else TIMEOUT, MOST_TIMEOUT))

    async def send(self, message: Message, recipient: str, *, dedupe: str) -> None:
        """To all members; the recipient is only in the template's variables."""
        del recipient, dedupe
        block = block_of("alertmanager", AlertmanagerBlock, message.blocks.get("alertmanager"))
        body = encoded([alert(message, block)])
        failures = [
            failure
            for failure in await asyncio.gather(*(self._tell(url, body) for url in self._urls))
            if failure is not None
        ]
        if len(failures) == len(self._urls):
            words = "; ".join(dict.fromkeys(failure.words for failure in failures[:3]))
            raise DeliveryError(words, may_pass=any(failure.may_pass for failure in failures))

    async def _tell(self, url: str, body: bytes) -> DeliveryError | None:
        try:
            reply = await self._asker.ask(
                "POST", url, body=body, headers=self._headers, deadline=self._timeout
            )
            taken(reply)
        except DeliveryError as error:
            return error
        return None


def alert(message: Message, block: AlertmanagerBlock) -> dict[str, Any]:
    """The alert. Raises DeliveryError when it has no label."""
    labels = texts("alertmanager.labels", block.labels)
    if not labels:
        raise DeliveryError("the template's alertmanager needs at least one of labels", may_pass=False)
    labels.setdefault("alertname", message.template or "notification")
    return {
        "labels": labels,
        "annotations": texts("alertmanager.annotations", block.annotations),
        "generatorURL": _as_https(block.generator_url.strip()),
        "startsAt": block.starts_at or datetime.now(UTC).isoformat(timespec="milliseconds"),
    }


def _as_https(url: str) -> str:
    """An address of Git over SSH as one that a browser opens."""
    if not url.startswith("git@"):
        return url
    return f"https://{url.removeprefix('git@').replace(':', '/', 1)}"


def _who(options: AlertmanagerOptions) -> dict[str, str]:
    if options.basic_auth is not None:
        return {"Authorization": options.basic_auth.header()}
    return bearer(options.bearer_token.reveal()) if options.bearer_token else {}
