"""What is followed of the control plane beside Applications: settings, projects, keys, credentials.

Invariant: what the repo-servers are handed of it (credentials, signing keys, settings of renders) is handed
by one controller, whoever that is, and all of them know of it before anything is looked at.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial

import structlog

from fairlead.app_controller.config import Config
from fairlead.app_controller.following.hand_over import WRITE, HandOver
from fairlead.app_controller.following.lending import Lending
from fairlead.app_controller.following.projects import Projects, SettingsWatch
from fairlead.app_controller.following.render_settings import RenderSettingsHandOver
from fairlead.app_controller.following.scoped import ScopedRepositories
from fairlead.app_controller.following.signing_keys import SigningKeys
from fairlead.bus import Bus
from fairlead.bus.topology import WRITE_CREDENTIALS_BUCKET
from fairlead.kube.collection import Collection
from fairlead.kube.errors import KubeError
from fairlead.kube.rest import KubeClient
from fairlead.matching.scoped import Scoped
from fairlead.process.membership import Membership
from fairlead.process.supervise import supervise
from fairlead.settings import ControllerParameters, ControllerSettings
from fairlead.settings.default_project import ensure_default_project
from fairlead.settings.hydration import CONFIG_MAP, authoring

log = structlog.get_logger(__name__)

CREDENTIALS, RENDERING = "credentials", "render settings"
WRITE_CREDENTIALS = "write credentials"
"""What the one controller that hands these over is found by, as clusters find theirs."""


class Control:
    """The control plane as it is now. `on_keys`, `on_settings`, `on_project` and `on_lent` are told of
    changes, and `clusters_of` names the clusters that are a project's own."""

    def __init__(
        self,
        config: Config,
        client: KubeClient,
        bus: Bus,
        *,
        parameters: ControllerParameters,
        membership: Membership,
        clusters_of: Callable[[str], tuple[str, ...]],
        on_keys: Callable[[], None],
        on_settings: Callable[[ControllerSettings, ControllerSettings], None],
        on_project: Callable[[str], None],
        on_lent: Callable[[Sequence[str]], None],
    ) -> None:
        self._config = config
        self._client = client
        self.keys = SigningKeys(on_keys, is_enabled=config.verifies_signatures)
        self.rendering = RenderSettingsHandOver(
            bus, parameters.reposerver, may_act=lambda: membership.may_act(RENDERING)
        )
        self.settings = SettingsWatch(
            client, config.namespace, on_change=on_settings, on_map=self._map_changed
        )
        self.scoped = ScopedRepositories(client, config.namespace, on_change=on_project)
        self.projects = Projects(
            client,
            config.namespace,
            on_change=on_project,
            global_projects=lambda: self.current().global_projects,
            own=lambda name: Scoped(self.scoped.of(name), clusters_of(name)),
        )
        may_act = partial(membership.may_act, CREDENTIALS)
        seal, to_write = config.credentials_seal(), config.write_credentials_seal()
        beside = (
            HandOver(bus, to_write, bucket=WRITE_CREDENTIALS_BUCKET, types=WRITE, may_act=may_act)
            if to_write
            else None
        )
        self.hand_over = (
            HandOver(bus, seal, beside=beside, may_act=may_act, on_lent=on_lent) if seal else None
        )
        self.authoring = authoring({})
        self.lending = Lending(lambda: self.hand_over.lent if self.hand_over is not None else {})

    def current(self) -> ControllerSettings:
        """The settings of this moment."""
        return self.settings.current

    def parts(self) -> dict[str, Callable[[], Awaitable[None]]]:
        """What runs from the start."""
        return {
            "settings": self.settings.run,
            "projects": self.projects.run,
            "repositories of projects": self.scoped.collection.run,
        }

    async def known(self, group: asyncio.TaskGroup, clusters: Collection) -> None:
        """Return once all of it, and the Secrets of `clusters`, was read; what hands over runs in `group`."""
        handed_over = self._hand_over_credentials(group)
        await self.settings.collection.wait_synced()
        group.create_task(supervise(RENDERING, self.rendering.run))
        await self.projects.collection.wait_synced()
        if not self._config.observes:
            await self._ensure_default_project()
        await clusters.wait_synced()
        await self.scoped.collection.wait_synced()
        for collection in handed_over:  # what is lent is part of what is wanted
            await collection.wait_synced()

    def wake(self) -> None:
        """Others may hand over now than did before."""
        if self.hand_over is not None:
            self.hand_over.wake()
        self.rendering.wake()

    def _map_changed(self, name: str, data: Mapping[str, str]) -> None:
        self.keys.take(name, data)
        if name == CONFIG_MAP:
            self.authoring = authoring(data)
        self.rendering.take(name, data)

    def _hand_over_credentials(self, group: asyncio.TaskGroup) -> tuple[Collection, ...]:
        handing = self.hand_over
        if handing is None:
            log.warning(
                "controller.credentials_not_handed_over", detail="FAIRLEAD_CREDENTIALS_SECRET is not set"
            )
            return ()
        secrets = handing.secrets(self._client, self._config.namespace)
        maps = handing.maps(self._client, self._config.namespace)

        async def hand_over(one: HandOver = handing) -> None:
            await secrets.wait_synced()
            await maps.wait_synced()
            await one.run()

        group.create_task(supervise("repository secrets", secrets.run))
        group.create_task(supervise("certificates of hosts", maps.run))
        group.create_task(supervise(CREDENTIALS, hand_over))
        if handing.beside is not None:
            group.create_task(supervise(WRITE_CREDENTIALS, partial(hand_over, handing.beside)))
        return secrets, maps

    async def _ensure_default_project(self) -> None:
        """Without an api-server nobody else makes it; without the right to, it is somebody's to make."""
        try:
            await ensure_default_project(self._client, self._config.namespace)
        except KubeError as error:
            log.warning("project.default.not_made", error=error.message[:200])
