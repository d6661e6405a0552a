"""The services there are: their options, what of a template's block is a template itself, and who sends.

Invariant: one row is one service; nothing else enumerates them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from fairlead.notices.senders import (
    alertmanager,
    awssqs,
    email,
    gcppubsub,
    googlechat,
    grafana,
    mattermost,
    nats,
    newrelic,
    opsgenie,
    pagerduty,
    pagerdutyv2,
    pushover,
    rocketchat,
    slack,
    teams,
    teams_workflows,
    telegram,
    webex,
    webhook,
)
from fairlead.notices.senders.fields import POOL
from fairlead.notices.senders.github import block as github_block
from fairlead.notices.senders.github import service as github
from fairlead.notices.senders.shapes import in_our_spelling, unknown_fields

Path = tuple[str, ...]
ANY = "*"
"""In a path: each key of a mapping, each item of a list."""


class Service(msgspec.Struct, frozen=True, kw_only=True):
    """`templated` are the paths in the block that are filled in; `defaults` what stands where the block is
    there and says nothing; `idle` are options that are known and have no effect."""

    options: type[msgspec.Struct]
    block: type[msgspec.Struct] | None = None
    templated: tuple[Path, ...] = ()
    defaults: Mapping[Path, str] = {}
    idle: tuple[str, ...] = POOL


def _paths(text: str) -> tuple[Path, ...]:
    """Paths as they are written in short: `a b.c d.*`."""
    return tuple(tuple(path.split(".")) for path in text.split())


_COMMIT = "(call .repo.GetCommitMetadata .app.status.sync.revision)"
_REVISION = "{{.app.status.operationState.syncResult.revision}}"
_CARD = "template title summary text themeColor facts sections potentialAction"
_CHECK = "name details_url status conclusion started_at completed_at output.title output.summary output.text"
_GITHUB = " ".join(
    (
        "repoURLPath revisionPath status.state status.label status.targetURL",
        "deployment.state deployment.environment deployment.environmentURL deployment.logURL",
        "deployment.reference deployment.requiredContexts.*",
        "pullRequestComment.content pullRequestComment.commentTag",
        *(f"checkRun.{name}" for name in _CHECK.split()),
        "repositoryDispatch.event_type repositoryDispatch.client_payload",
    )
)

SERVICES: Mapping[str, Service] = {
    "alertmanager": Service(
        options=alertmanager.AlertmanagerOptions,
        block=alertmanager.AlertmanagerBlock,
        templated=_paths("labels.* annotations.* generatorURL startsAt"),
        defaults={("generatorURL",): "{{.app.spec.source.repoURL}}"},
    ),
    "awssqs": Service(
        options=awssqs.AwsSqsOptions,
        block=awssqs.AwsSqsBlock,
        templated=_paths("messageAttributes.* messageGroupId"),
    ),
    "email": Service(
        options=email.EmailOptions, block=email.EmailBlock, templated=_paths("subject body"), idle=()
    ),
    "gcppubsub": Service(
        options=gcppubsub.GcpPubsubOptions,
        block=gcppubsub.GcpPubsubBlock,
        templated=_paths("attributes.*"),
    ),
    "github": Service(
        options=github.GithubOptions,
        block=github_block.GithubBlock,
        templated=_paths(_GITHUB),
        defaults={
            ("repoURLPath",): "{{.app.spec.source.repoURL}}",
            ("revisionPath",): _REVISION,
        },
    ),
    "googlechat": Service(
        options=googlechat.GoogleChatOptions,
        block=googlechat.GoogleChatBlock,
        templated=_paths("cards cardsV2 threadKey"),
    ),
    "grafana": Service(options=grafana.GrafanaOptions, block=grafana.GrafanaBlock, templated=_paths("tags")),
    "mattermost": Service(
        options=mattermost.MattermostOptions,
        block=mattermost.MattermostBlock,
        templated=_paths("attachments"),
    ),
    "nats": Service(options=nats.NatsOptions, idle=()),
    "newrelic": Service(
        options=newrelic.NewrelicOptions,
        block=newrelic.NewrelicBlock,
        templated=_paths("revision changelog description user"),
        defaults={
            ("revision",): _REVISION,
            ("changelog",): "{{" + _COMMIT + ".Message}}",
            ("user",): "{{" + _COMMIT + ".Author}}",
        },
    ),
    "opsgenie": Service(
        options=opsgenie.OpsgenieOptions,
        block=opsgenie.OpsgenieBlock,
        templated=_paths(
            "description priority alias note actions.* tags.* details.* entity visibleTo.*.* user"
        ),
    ),
    "pagerduty": Service(
        options=pagerduty.PagerdutyOptions,
        block=pagerduty.PagerdutyBlock,
        templated=_paths("title body urgency priorityId"),
        idle=(*POOL, "escalationPolicyId"),
    ),
    "pagerdutyv2": Service(
        options=pagerdutyv2.PagerdutyV2Options,
        block=pagerdutyv2.PagerdutyV2Block,
        templated=_paths("summary severity source component group class url dedupKey"),
    ),
    "pushover": Service(options=pushover.PushoverOptions),
    "rocketchat": Service(
        options=rocketchat.RocketChatOptions,
        block=rocketchat.RocketChatBlock,
        templated=_paths("attachments"),
    ),
    "slack": Service(
        options=slack.SlackOptions,
        block=slack.SlackBlock,
        templated=_paths("username icon attachments blocks groupingKey"),
        idle=(*POOL, "channels", "signingSecret"),
    ),
    "teams": Service(options=teams.TeamsOptions, block=teams.TeamsBlock, templated=_paths(_CARD)),
    "teams-workflows": Service(
        options=teams_workflows.WorkflowsOptions,
        block=teams_workflows.WorkflowsBlock,
        templated=_paths(f"{_CARD} adaptiveCard"),
    ),
    "telegram": Service(options=telegram.TelegramOptions),
    "webex": Service(options=webex.WebexOptions),
    "webhook": Service(
        options=webhook.WebhookOptions, block=webhook.WebhookBlock, templated=_paths("path body")
    ),
}
"""By the type that `service.<type>` names."""

TEMPLATED: Mapping[str, tuple[Path, ...]] = {kind: service.templated for kind, service in SERVICES.items()}
"""By type: what of a block is filled in, there and below, in our spelling (`spelled`); `*` is each key or
item. For webhook it is below the service's name."""

DEFAULTS: Mapping[str, Mapping[Path, str]] = {kind: service.defaults for kind, service in SERVICES.items()}
"""By type: templates for fields that a block leaves empty."""


def remarks(kind: str, options: Mapping[str, Any]) -> list[str]:
    """Words on options that nothing knows, or that are known and have no effect here."""
    service = SERVICES.get(kind)
    if service is None:
        return []
    given = {str(name).lower() for name, value in options.items() if value not in (None, "", [], {})}
    words = [f"{name} has no effect here" for name in service.idle if name.lower() in given]
    return [*unknown_fields(service.options, options), *words]


def spelled(kind: str, block: Mapping[str, Any]) -> dict[str, Any]:
    """A block with its fields in our spelling; they are found in whatever case of letters."""
    service = SERVICES.get(kind)
    return in_our_spelling(service.block, block) if service is not None and service.block else dict(block)


def remarks_on_block(kind: str, block: object) -> list[str]:
    """Words on what a template says for a service and nothing knows."""
    service = SERVICES.get(kind)
    if service is None or service.block is None:
        return [f"{kind} takes nothing but the message"] if service is not None and block else []
    return unknown_fields(service.block, block)
