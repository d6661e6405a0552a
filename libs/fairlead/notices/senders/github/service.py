"""A message to GitHub: each part that its template has, once."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

import msgspec

from fairlead.git.credentials import GithubApp
from fairlead.identities.tokens import Tokens
from fairlead.notices.senders.asking import Asker
from fairlead.notices.senders.fields import Transport, base_address, json_value, required
from fairlead.notices.senders.github.block import GithubBlock, RepositoryDispatch
from fairlead.notices.senders.github.client import Client
from fairlead.notices.senders.github.comment import comment
from fairlead.notices.senders.github.commit import add_check_run, set_deployment, set_status
from fairlead.notices.senders.remembered import Steps
from fairlead.notices.senders.sender import DeliveryError, Message
from fairlead.notices.senders.shapes import block_of
from fairlead.secret import Secret

_SCP = re.compile(r"(?:[^@/\s]+@)?[^:/\s]+:(?!//)(?P<path>.+)")
_NAME = re.compile(r"[\w.-]+/[\w.-]+", re.A)
_REVISION = re.compile(r"(?!-)[\w./@+-]{1,200}", re.A)


class GithubOptions(Transport, frozen=True, kw_only=True, rename="camel"):
    """An app of GitHub, or of an enterprise's own host."""

    app_id: int = msgspec.field(name="appID", default=0)
    installation_id: int = msgspec.field(name="installationID", default=0)
    private_key: Secret = Secret("")
    enterprise_base_url: str = msgspec.field(name="enterpriseBaseURL", default="")


class Github:
    """Sends as one installation of one app."""

    def __init__(self, asker: Asker, options: GithubOptions, tokens: Tokens, steps: Steps) -> None:
        required(
            "github",
            appID=options.app_id,
            installationID=options.installation_id,
            privateKey=options.private_key,
        )
        app = GithubApp(
            app_id=options.app_id,
            installation_id=options.installation_id,
            private_key=options.private_key.reveal(),
            base_url=_api_of(options.enterprise_base_url),
        )
        self._client = Client(asker, tokens, app, insecure=options.insecure_skip_verify)
        self._steps = steps
        self._name = f"{app.base_url} {app.app_id} {app.installation_id}"

    async def send(self, message: Message, recipient: str, *, dedupe: str) -> None:
        """About the commit that the template names; there is no recipient."""
        if message.blocks.get("github") is None:
            raise DeliveryError("the template says nothing for github", may_pass=False)
        block = block_of("github", GithubBlock, message.blocks["github"])
        repository = repository_of(block.repo_url_path)
        done = self._steps.of(dedupe, recipient, self._name, repository)
        if block.repository_dispatch is not None and "dispatch" not in done:
            value = _dispatched(block.repository_dispatch)
            await self._client.post(repository, "dispatches", value)
            done.add("dispatch")
        if any((block.status, block.deployment, block.pull_request_comment, block.check_run)):
            await self._about_commit(message, block, repository, done)

    async def _about_commit(
        self, message: Message, block: GithubBlock, repository: str, done: set[str]
    ) -> None:
        revision = block.revision_path.strip()
        if not _REVISION.fullmatch(revision):
            words = f"github.revisionPath gives no revision: {revision[:80]!r}"
            raise DeliveryError(words, may_pass=False)
        client = self._client
        if block.status is not None and "status" not in done:
            await set_status(client, repository, revision, block.status, message.text)
            done.add("status")
        if block.deployment is not None and "deployment" not in done:
            await set_deployment(client, repository, revision, block.deployment, message.text)
            done.add("deployment")
        if block.pull_request_comment is not None:
            await comment(client, repository, revision, block.pull_request_comment, done)
        if block.check_run is not None and "check" not in done:
            await add_check_run(client, repository, revision, block.check_run)
            done.add("check")


def repository_of(url: str) -> str:
    """Owner and name of a repository by its address. Raises DeliveryError."""
    text = url.strip()
    match = None if "://" in text else _SCP.fullmatch(text)
    try:
        path = match["path"] if match else urlsplit(text).path
    except ValueError:
        path = ""
    name = "/".join(part for part in path.split("/") if part)
    name = "/".join(name.removesuffix(".git").split("/")[:2])
    if not _NAME.fullmatch(name) or any(part in (".", "..") for part in name.split("/")):
        raise DeliveryError(f"github.repoURLPath gives no repository: {text[:100]!r}", may_pass=False)
    return name


def _dispatched(wanted: RepositoryDispatch) -> dict[str, Any]:
    if not wanted.event_type:
        raise DeliveryError("github.repositoryDispatch needs the field event_type", may_pass=False)
    payload: Any = wanted.client_payload
    if isinstance(payload, str) and payload.strip():
        payload = json_value("github.repositoryDispatch.client_payload", payload)
        if not isinstance(payload, dict):
            raise DeliveryError("github.repositoryDispatch.client_payload is no mapping", may_pass=False)
    found: dict[str, Any] = {"event_type": wanted.event_type}
    return {**found, "client_payload": payload} if payload else found


def _api_of(url: str) -> str:
    """The API below an enterprise's address, which may be that of the API itself already."""
    if not url.strip():
        return ""
    address = base_address("github", "enterpriseBaseURL", url)
    host = urlsplit(address).hostname or ""
    if address.endswith("/api/v3") or host.startswith("api.") or ".api." in host:
        return address
    return f"{address}/api/v3"
