"""What is said about one commit: its status, its deployment, a check run of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import quote

from fairlead.notices.senders.fields import cut
from fairlead.notices.senders.github.block import CheckRun, Deployment, Status
from fairlead.notices.senders.github.client import Client
from fairlead.notices.senders.sender import DeliveryError

MOST_DESCRIPTION = 140
"""Characters that GitHub takes for the words of a status."""
EXTERNAL = "argocd-notifications"
"""Whose check run it is."""


async def set_status(client: Client, repository: str, revision: str, status: Status, text: str) -> None:
    """The commit's status under a label."""
    value = {
        "state": status.state,
        "description": cut(text, MOST_DESCRIPTION),
        "context": status.label,
        "target_url": status.target_url,
    }
    await client.post(repository, f"statuses/{quote(revision, safe='')}", _filled(value, "state"))


async def set_deployment(
    client: Client, repository: str, revision: str, deployment: Deployment, text: str
) -> None:
    """The status of the commit's deployment to an environment, which is made when there is none."""
    query = {"ref": revision, "environment": deployment.environment}
    found = await client.get(
        repository, "deployments", **{name: text for name, text in query.items() if text}
    )
    known = found[0] if isinstance(found, list) and found else None
    if known is None:
        known = await _make(client, repository, revision, deployment)
    number = known.get("id") if isinstance(known, dict) else None
    if not isinstance(number, int):
        raise DeliveryError("GitHub made no deployment that has an id", may_pass=True)
    value = {
        "state": deployment.state,
        "log_url": deployment.log_url,
        "description": cut(text, MOST_DESCRIPTION),
        "environment": deployment.environment,
        "environment_url": deployment.environment_url,
    }
    await client.post(repository, f"deployments/{number}/statuses", _filled(value, "state"))


async def _make(client: Client, repository: str, revision: str, deployment: Deployment) -> Any:
    value: dict[str, Any] = {
        "ref": deployment.reference or revision,
        "environment": deployment.environment,
        "auto_merge": deployment.auto_merge,
        "transient_environment": deployment.transient_environment,
    }
    if deployment.required_contexts is not None:
        value["required_contexts"] = deployment.required_contexts
    return (await client.post(repository, "deployments", _filled(value, "ref"))).json()


async def add_check_run(client: Client, repository: str, revision: str, run: CheckRun) -> None:
    """A check run; GitHub takes it from apps alone."""
    value: dict[str, Any] = {
        "name": run.name,
        "head_sha": revision,
        "external_id": EXTERNAL,
        "details_url": run.details_url,
        "status": run.status,
        "conclusion": run.conclusion,
        "started_at": _moment("started_at", run.started_at),
        "completed_at": _moment("completed_at", run.completed_at),
    }
    if run.output is not None:
        output = {"title": run.output.title, "summary": run.output.summary, "text": run.output.text}
        value["output"] = _filled(output, "title", "summary")
    await client.post(repository, "check-runs", _filled(value, "name", "head_sha"))


def _moment(field: str, text: str) -> str:
    """A time in RFC 3339, "" for none: a run that goes on has not ended."""
    if not text.strip():
        return ""
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise DeliveryError(
            f"github.checkRun.{field} is no time such as 2026-01-02T03:04:05Z", may_pass=False
        )
    return found.isoformat(timespec="seconds").replace("+00:00", "Z")


def _filled(value: dict[str, Any], *kept: str) -> dict[str, Any]:
    """Without empty texts, which GitHub takes for wrong ones; what it must have stays and is told missing."""
    return {name: item for name, item in value.items() if item != "" or name in kept}
