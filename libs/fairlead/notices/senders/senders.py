"""From a service's options to who sends for it; what one process remembers of messages is here.

Invariant: of a sender that leaves here no word has a secret of its options, and none may use the process'
own identity that is another's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from ipaddress import ip_network
from typing import Any

import msgspec

from fairlead.identities.tokens import Tokens
from fairlead.matching.networks import Networks
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
from fairlead.notices.senders.asking import Asker
from fairlead.notices.senders.fields import BasicAuth
from fairlead.notices.senders.github import service as github
from fairlead.notices.senders.guarded import Guarded
from fairlead.notices.senders.masking import Mask, mask_of
from fairlead.notices.senders.remembered import Steps
from fairlead.notices.senders.sender import OptionError, Sender
from fairlead.notices.senders.shapes import options_of, secrets_in
from fairlead.notices.senders.surroundings import METADATA, Surroundings
from fairlead.notices.senders.table import SERVICES
from fairlead.outbound import Outbound

_METADATA = Networks(opened=(ip_network("169.254.169.254/32"), ip_network("fd20:ce::254/128")))
"""Where Google tells a pod its tokens; nothing that anybody configured is asked there."""


class Senders:
    """For the life of a process: threads and tokens outlast a change of the configuration."""

    def __init__(self, outbound: Outbound, surroundings: Surroundings | None = None) -> None:
        self._outbound = outbound
        self._surroundings = surroundings or Surroundings()
        is_real = self._surroundings.endpoints.metadata == METADATA
        self._metadata = Outbound(_METADATA) if is_real else outbound
        self._threads = slack.threads()
        self._steps = Steps()
        self._tokens = Tokens()

    async def close(self) -> None:
        """End what runs."""
        await self._tokens.close()
        if self._metadata is not self._outbound:
            await self._metadata.close()

    def sender_of(
        self,
        kind: str,
        options: Mapping[str, Any],
        *,
        service: str = "",
        hidden: Iterable[str] = (),
        own: bool = True,
    ) -> Sender:
        """Who sends for a service of this type.

        `service` is its name, under which a template speaks to a webhook. `hidden` are texts that no word may
        have, beside the secrets of the options. Without `own` it is somebody's who is not lent what the
        process is in clouds, nor files of it.

        Raises:
            OptionError: nothing can be sent with these options.
        """
        known = SERVICES.get(kind)
        if known is None:
            raise OptionError(f"service {kind[:60]!r} is none of {', '.join(sorted(SERVICES))}")
        read = options_of(kind, known.options, options)
        mask, whole = Mask([*secrets_in(read), *_pairs(read)]), mask_of(tuple(hidden))

        def masked(words: str) -> str:
            return whole.hide(mask(whole.hide(mask.hide(words))))

        try:
            sender = self._made(kind, read, service or kind, own=own)
        except OptionError as error:
            raise OptionError(masked(error.words)) from None
        return Guarded(kind, sender, masked)

    def _made(self, kind: str, options: msgspec.Struct, service: str, *, own: bool) -> Sender:
        asker = Asker(self._outbound, insecure=bool(getattr(options, "insecure_skip_verify", False)))
        for shape, make in self._makers(asker, service, own=own).items():
            if type(options) is shape:
                return make(options)
        raise OptionError(f"service {kind} has no sender")

    def _makers(
        self, asker: Asker, service: str, *, own: bool
    ) -> dict[type[msgspec.Struct], Callable[[Any], Sender]]:
        """Who is made of which options."""
        endpoints, tokens = self._surroundings.endpoints, self._tokens
        return {
            alertmanager.AlertmanagerOptions: lambda given: alertmanager.Alertmanager(asker, given),
            awssqs.AwsSqsOptions: lambda given: awssqs.AwsSqs(
                asker, given, tokens, self._surroundings, own=own
            ),
            email.EmailOptions: lambda given: email.Email(self._outbound, given),
            gcppubsub.GcpPubsubOptions: lambda given: gcppubsub.GcpPubsub(
                asker, Asker(self._metadata), given, tokens, self._surroundings, own=own
            ),
            github.GithubOptions: lambda given: github.Github(asker, given, tokens, self._steps),
            googlechat.GoogleChatOptions: lambda given: googlechat.GoogleChat(asker, given),
            grafana.GrafanaOptions: lambda given: grafana.Grafana(asker, given),
            mattermost.MattermostOptions: lambda given: mattermost.Mattermost(asker, given),
            nats.NatsOptions: lambda given: nats.Nats(self._outbound, given),
            newrelic.NewrelicOptions: lambda given: newrelic.Newrelic(asker, given),
            opsgenie.OpsgenieOptions: lambda given: opsgenie.Opsgenie(asker, given),
            pagerduty.PagerdutyOptions: lambda given: pagerduty.Pagerduty(asker, given, endpoints.pagerduty),
            pagerdutyv2.PagerdutyV2Options: lambda given: pagerdutyv2.PagerdutyV2(
                asker, given, endpoints.pagerdutyv2
            ),
            pushover.PushoverOptions: lambda given: pushover.Pushover(asker, given, endpoints.pushover),
            rocketchat.RocketChatOptions: lambda given: rocketchat.RocketChat(asker, given),
            slack.SlackOptions: lambda given: slack.Slack(asker, given, self._threads, self._steps),
            teams.TeamsOptions: lambda given: teams.Teams(asker, given),
            teams_workflows.WorkflowsOptions: lambda given: teams_workflows.TeamsWorkflows(asker, given),
            telegram.TelegramOptions: lambda given: telegram.Telegram(asker, given, endpoints.telegram),
            webex.WebexOptions: lambda given: webex.Webex(asker, given),
            webhook.WebhookOptions: lambda given: webhook.Webhook(asker, given, service),
        }


def _pairs(options: msgspec.Struct) -> list[str]:
    """Users and passwords as a header has them."""
    auth = getattr(options, "basic_auth", None)
    if not isinstance(auth, BasicAuth) or not auth.password:
        return []
    return [auth.header().partition(" ")[2]]
