"""Links that administrators configure for applications, their objects and projects (contract 11.1).

Invariant: an address that a browser would run or open on its own machine is never handed out, whatever a
template makes of a name; no value of a Secret reaches a template.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import structlog

from fairlead.app_controller.answering.named import Named
from fairlead.app_controller.answering.own_object import OwnObject
from fairlead.app_controller.answering.touch import told
from fairlead.app_controller.comparing.addresses import is_allowed
from fairlead.app_controller.comparing.validate import Checks
from fairlead.app_controller.destination.clusters import Cluster
from fairlead.bus import RemoteError
from fairlead.diff.mask import masked
from fairlead.events.envelope import decode, encode
from fairlead.model.decode import to_object
from fairlead.render import ScriptError, Scripts
from fairlead.rpc.resource import Link, Links, LinksQuery
from fairlead.settings import ControllerSettings
from fairlead.settings.links import LinkRule

log = structlog.get_logger(__name__)

SECONDS = 20.0
"""How long all links of a question may take; those that are found by then are told."""


class DeepLinks:
    """Answers `links`."""

    def __init__(
        self, named: Named, checks: Checks, scripts: Scripts, settings: Callable[[], ControllerSettings]
    ) -> None:
        self._named = named
        self._checks = checks
        self._scripts = scripts
        self._settings = settings

    async def links(self, _: str, payload: bytes) -> bytes:
        """LinksQuery -> Links."""
        query = decode(LinksQuery, payload)
        settings = self._settings()
        if not query.name:
            variables = {"project": msgspec.json.decode(query.project)}
            return encode(Links(items=await self._held(settings.project_links, variables)))
        if not query.kind and not settings.application_links:
            return encode(Links())
        record, cluster = self._named.place(query)
        application = msgspec.json.decode(query.document)
        variables = {"application": application, "app": application, "cluster": _described(cluster)}
        if not query.kind:
            variables["managedByURL"] = _managed_by(application)
            return encode(Links(items=await self._held(settings.application_links, variables)))
        variables["resource"] = await self._resource(query, application)
        project = self._checks.project_of(record.app)
        variables["project"] = to_object(project) if project is not None else {}
        return encode(Links(items=await self._held(settings.resource_links, variables)))

    async def _resource(self, query: LinksQuery, application: Any) -> Any:
        if OwnObject.is_meant(query):
            return application
        _record, cluster, live = self._named.live(query)
        manifest = await told(cluster.live.decoded(live))
        if manifest is None:
            raise RemoteError("NotFound", f"{live.key} is gone")
        return masked(manifest, annotations=self._settings().masked_annotations)[0]

    async def _held(self, rules: tuple[LinkRule, ...], variables: Mapping[str, Any]) -> tuple[Link, ...]:
        found: list[Link] = []
        try:
            async with asyncio.timeout(SECONDS):
                for rule in rules:
                    link = await self._link(rule, variables)
                    if link is not None:
                        found.append(link)
        except TimeoutError:
            log.warning("links.late", links=len(rules), seconds=SECONDS)
        return tuple(found)

    async def _link(self, rule: LinkRule, variables: Mapping[str, Any]) -> Link | None:
        try:
            if rule.condition and not await self._holds(rule, variables):
                return None
            url = await self._scripts.template(rule.url, variables)
        except ScriptError as error:
            log.warning("links.refused", title=rule.title[:80], problem=str(error)[:200])
            return None
        if not is_allowed(url):
            log.warning("links.address_refused", title=rule.title[:80], security=2)
            return None
        return Link(title=rule.title, url=url, description=rule.description, icon_class=rule.icon_class)

    async def _holds(self, rule: LinkRule, variables: Mapping[str, Any]) -> bool:
        held = await self._scripts.expression(rule.condition, variables)
        if not isinstance(held, bool):
            raise ScriptError(f"the condition {rule.condition!r} is no boolean")
        return held


def _described(cluster: Cluster) -> dict[str, Any]:
    entry = cluster.entry
    return {
        "server": entry.server,
        "name": entry.name,
        "namespaces": list(entry.namespaces),
        "project": entry.project,
    }


def _managed_by(application: Any) -> str:
    annotations = application.get("metadata", {}).get("annotations") or {}
    return str(annotations.get("argocd.argoproj.io/managed-by-url", ""))
