"""What of asking hosts lives as long as the process: connections, remembered answers, tokens of apps, limits.

Invariant: the rules are asked before a door is opened, and no door is opened around them.
"""

from __future__ import annotations

import hashlib
import ssl
from collections.abc import Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING

from fairlead.applicationset_controller.generating.errors import GeneratorError
from fairlead.applicationset_controller.generating.hosts.counts import GithubCounts
from fairlead.applicationset_controller.generating.hosts.door import Door, Shared, Visitor
from fairlead.applicationset_controller.generating.hosts.memory import Memory
from fairlead.applicationset_controller.generating.hosts.rules import HostRules
from fairlead.applicationset_controller.generating.hosts.shown import Credentials, Secrets
from fairlead.kube.aws_keys import AwsKeys
from fairlead.matching.networks import Networks
from fairlead.outbound import Anybody, Outbound
from fairlead.outbound.budgets import Budgets
from fairlead.outbound.proxies import Proxies
from fairlead.settings.application_sets import ApplicationSetParameters

if TYPE_CHECKING:
    from fairlead.applicationset_controller.generating.hosts.app import Apps

SESSION = "fairlead-applicationset-controller"


class Hosts:
    """`environment` is that of the process: what it says of AWS is who the process is there."""

    def __init__(
        self,
        rules: HostRules,
        *,
        networks: Networks,
        proxies: Proxies | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.rules = rules
        self.environment = environment or {}
        self.aws = AwsKeys(self.environment, session=SESSION)
        outbound = Outbound(networks, proxies=proxies)
        self.shared = Shared(outbound=outbound, budgets=Budgets(), memory=Memory())
        self._apps: Apps | None = None
        self._counts = GithubCounts() if rules.counts_github else None

    @classmethod
    def of(
        cls,
        parameters: ApplicationSetParameters,
        *,
        namespace: str,
        networks: Networks,
        proxies: Proxies | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> Hosts:
        """As the operator wants them; `namespace` is the control plane's."""
        rules = HostRules(
            namespace=namespace,
            is_enabled=parameters.scm_providers,
            allowed=parameters.allowed_scm_providers,
            is_strict=parameters.strict_token_refs,
            root_ca=parameters.scm_root_ca,
            counts_github=parameters.github_api_metrics,
        )
        return cls(rules, networks=networks, proxies=proxies, environment=environment)

    def credentials(self, sources: Secrets, namespace: str) -> Credentials:
        """What a set of this namespace may be shown with."""
        return Credentials(sources, namespace, is_strict=self.rules.is_strict)

    def door(
        self,
        name: str,
        base: str,
        *,
        authorization: str = "",
        headers: Mapping[str, str] | None = None,
        insecure: bool = False,
        authorities: str = "",
        identity: str = "",
        counted_for: tuple[str, str] | None = None,
    ) -> Door:
        """A host's API; `identity` is who is shown where that outlives the token. Raises GeneratorError."""
        _check(authorities)
        anybody = Anybody(header_value=authorization, insecure=insecure, authorities=authorities)
        who = identity or "\0".join((authorization, *(headers or {}).values()))
        visitor = Visitor(
            identity=hashlib.sha256(who.encode()).hexdigest() if who else "",
            credential=anybody,
            headers=headers or {},
        )
        observer = partial(self._counts.observe, counted_for) if self._counts and counted_for else None
        return Door(self.shared, name, base, visitor, observer)

    @property
    def apps(self) -> Apps:
        """What exchanges the keys of GitHub Apps; made for the first."""
        if self._apps is None:
            from fairlead.applicationset_controller.generating.hosts.app import Apps  # noqa: PLC0415

            self._apps = Apps(self.shared.outbound)
        return self._apps

    def forget(self, namespace: str, name: str) -> None:
        """A set is gone, and what was counted for it."""
        if self._counts is not None:
            self._counts.forget(namespace, name)

    def written(self) -> Iterator[bytes]:
        """What is counted, for the scrape."""
        if self._counts is not None:
            yield from self._counts.written()

    async def close(self) -> None:
        """End all connections."""
        if self._apps is not None:
            await self._apps.close()
        await self.shared.outbound.close()


def _check(authorities: str) -> None:
    if not authorities:
        return
    try:
        ssl.create_default_context(cadata=authorities)
    except (ssl.SSLError, ValueError):
        raise GeneratorError(
            "caRef, or applicationsetcontroller.scm.root.ca.path, holds no certificates in PEM"
        ) from None
