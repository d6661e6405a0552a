"""What can be done to a live object, by Lua: finding out, and doing it (contract 8.4).

Invariant: an action changes the very object it was run on, as whom the application's objects are written, and
makes others only where the project permits them; what a script returns beyond that is refused in words. What
is to be made is tried before anything is written, so that several objects are made together or not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import msgspec

from fairlead.app_controller.answering.named import Found, Named
from fairlead.app_controller.answering.own_object import OwnObject
from fairlead.app_controller.answering.shipped_actions import shipped
from fairlead.app_controller.answering.touch import FIELD_MANAGER, done, told
from fairlead.app_controller.comparing.validate import Checks
from fairlead.bus import RemoteError
from fairlead.events.envelope import decode, encode
from fairlead.kube.codes import code_title
from fairlead.kube.errors import KubeError
from fairlead.kube.resource import Resource
from fairlead.kube.rest import KubeClient
from fairlead.manifest.errors import IdentityError
from fairlead.manifest.identity import gvk_of
from fairlead.render import ScriptError, Scripts
from fairlead.rpc import ApplicationQuery
from fairlead.rpc.resource import Action, Actions, RunAction
from fairlead.settings import ControllerSettings
from fairlead.settings.actions import ActionRules, configured
from fairlead.settings.health import is_open

MAX_IMPACTED = 32
"""Objects that one action may make or change."""

NOT_SERVED = frozenset({404, 405})
"""How the API server refuses a subresource that a kind does not have."""

Object = dict[str, Any]


class _New(NamedTuple):
    """An object that an action makes, and where."""

    resource: Resource
    namespace: str
    name: str
    object: Object


class ResourceActions:
    """Answers `resource-actions` and `run-resource-action`."""

    def __init__(
        self,
        named: Named,
        own: OwnObject,
        checks: Checks,
        scripts: Scripts,
        settings: Callable[[], ControllerSettings],
    ) -> None:
        self._named = named
        self._own = own
        self._checks = checks
        self._scripts = scripts
        self._settings = settings

    async def list_all(self, _: str, payload: bytes) -> bytes:
        """ApplicationQuery -> Actions."""
        found = await self._found(decode(ApplicationQuery, payload))
        key = found.live.key
        described: dict[str, Action] = {}
        for rules, is_free in self._rules(key.group, key.kind):
            if not rules.discovery:
                continue
            listed = await self._run(found, rules.discovery, {}, is_free, "discovering the actions")
            for action in _described(listed):
                described.setdefault(action.name, action)
        return encode(Actions(items=tuple(described[name] for name in sorted(described))))

    async def run(self, _: str, payload: bytes) -> bytes:
        """RunAction -> Done."""
        query = decode(RunAction, payload)
        found = await self._found(query)
        script, is_free = self._script(found, query.action)
        returned = await self._run(found, script, query.parameters, is_free, "executing Lua resource action")
        made = []
        changed = []
        for operation, obj in _impacted(returned):
            if operation == "create":
                made.append(_placed(found, obj))
            else:
                changed.append(_itself(found, obj))
        for new in made:
            await self._create(found, new, tried=True)
        for new in made:
            await self._create(found, new)
        for obj in changed:
            await self._patch(found, obj)
        return encode(done(found.live, found.cluster.server))

    async def _found(self, query: ApplicationQuery) -> Found:
        if self._own.is_meant(query):
            return await self._own.found(query)
        found = self._named.writable(query)
        live = await told(found.cluster.live.whole(found.live.key))
        if live is None:
            raise RemoteError("NotFound", f"{found.live.key} is gone")
        return msgspec.structs.replace(found, live=live)

    def _rules(self, group: str, kind: str) -> Iterable[tuple[ActionRules, bool]]:
        """The rules of a kind, each with whether its scripts may use all libraries; the first come first."""
        settings = self._settings()
        own = configured(settings.actions, group, kind)
        if own is not None:
            yield own, is_open(settings.open_libs, group, kind)
        with_us = shipped(group, kind)
        if with_us is not None and (own is None or own.merge_builtin):
            yield with_us, True

    def _script(self, found: Found, action: str) -> tuple[str, bool]:
        key = found.live.key
        for rules, is_free in self._rules(key.group, key.kind):
            if action in rules.scripts:
                return rules.scripts[action], is_free
        place = f"{key.group}/{key.kind}/actions/{action}/action.lua"
        text = f'error getting Lua resource action: built-in script "{place}" does not exist'
        raise RemoteError("Unknown", text)

    async def _run(
        self, found: Found, script: str, parameters: dict[str, str], is_free: bool, doing: str
    ) -> Any:
        variables = {"obj": found.live.decoded(), "actionParams": parameters}
        try:
            return await self._scripts.lua(script, variables, open_libs=is_free)
        except ScriptError as error:
            raise RemoteError("Unknown", f"error {doing}: {error}") from error

    async def _patch(self, found: Found, obj: Object) -> None:
        """Write what differs; the status goes its own way where the kind has one."""
        patch = difference(found.live.decoded(), obj)
        status = {"status": patch.pop("status")} if "status" in patch else None
        if status is not None and not await self._patch_status(found, status):
            patch |= status
        if patch:
            await self._send(found, patch, subresource="")

    async def _patch_status(self, found: Found, status: Object) -> bool:
        """Whether the kind has a status of its own, and it was written."""
        try:
            await self._send_raw(found, status, subresource="status")
        except KubeError as error:
            if error.status in NOT_SERVED:
                return False
            raise RemoteError(code_title(error), error.message) from error
        return True

    async def _send(self, found: Found, patch: Object, *, subresource: str) -> None:
        raw = await told(self._send_raw(found, patch, subresource=subresource))
        known = found.cluster.live.get(found.live.key)
        if known is not None and known.uid == found.live.uid:
            found.cluster.live.observe(raw)

    async def _send_raw(self, found: Found, patch: Object, *, subresource: str) -> bytes:
        name, namespace = found.live.key.name, found.live.key.namespace or None
        body = {**patch, "metadata": {**patch.get("metadata", {}), "uid": found.live.uid}}

        async def send(client: KubeClient) -> bytes:
            return await client.merge_patch(
                found.resource,
                name,
                body,
                namespace,
                subresource=subresource,
                params={"fieldManager": FIELD_MANAGER},
            )

        return await found.writer.write("patch", found.resource, send, name=name, namespace=namespace)

    async def _create(self, found: Found, new: _New, *, tried: bool = False) -> None:
        """Make an object, or try whether it could be made; the writer asks its project."""
        params = {"fieldManager": FIELD_MANAGER, **({"dryRun": "All"} if tried else {})}

        async def send(client: KubeClient) -> bytes:
            return await client.create(new.resource, new.object, new.namespace or None, params=params)

        made = found.writer.write("create", new.resource, send, name=new.name, namespace=new.namespace)
        raw = await told(made)
        if not tried:
            found.cluster.live.observe(raw)


def _placed(found: Found, obj: Object) -> _New:
    """What is to be made, in the cluster of the object that the action is run on."""
    try:
        gvk = gvk_of(obj)
    except IdentityError as error:
        raise RemoteError("InvalidArgument", f"an action made an object that is none: {error}") from error
    resource = found.cluster.discovery.resource_for(gvk.group, gvk.kind, gvk.version)
    if resource is None:
        raise RemoteError("FailedPrecondition", f"{gvk.kind} is not served by {found.cluster.server}")
    metadata = obj.get("metadata") or {}
    namespace = str(metadata.get("namespace") or "") if resource.namespaced else ""
    return _New(resource, namespace, str(metadata.get("name") or ""), obj)


def _itself(found: Found, obj: Object) -> Object:
    """The changed object, which is to be the one that the action is run on."""
    if _identity(obj) != _identity(found.live.decoded()):
        text = "an action may patch only the object it is run on"
        raise RemoteError("InvalidArgument", f"{text}, not {_named(obj)}")
    return obj


def difference(before: Any, after: Any) -> Object:
    """The RFC 7386 merge patch that makes `after` of `before`; {} where they are equal."""
    patch: Object = {name: None for name in before if name not in after}
    for name, value in after.items():
        earlier = before.get(name)
        if name in before and earlier == value:
            continue
        if isinstance(earlier, dict) and isinstance(value, dict):
            if nested := difference(earlier, value):
                patch[name] = nested
        else:
            patch[name] = value
    return patch


def _described(listed: Any) -> list[Action]:
    """The actions of a discovery's table; what is no action there is left out."""
    found = []
    for name, value in listed.items() if isinstance(listed, dict) else ():
        fields = value if isinstance(value, dict) else {}
        params = fields.get("params")
        found.append(
            Action(
                name=name,
                params=tuple({"name": str(item.get("name", ""))} for item in params if isinstance(item, dict))
                if isinstance(params, list)
                else (),
                disabled=fields.get("disabled") is True,
                icon_class=str(fields.get("iconClass") or ""),
                display_name=str(fields.get("displayName") or ""),
            )
        )
    return found


class _Impacted(msgspec.Struct):
    operation: str
    resource: Object


def _impacted(returned: Any) -> list[tuple[str, Object]]:
    """What an action wants done: a changed object, or a list of what to make and to change."""
    if isinstance(returned, dict):
        return [("patch", returned)]
    try:
        found = msgspec.convert(returned, list[_Impacted])
    except msgspec.ValidationError as error:
        raise RemoteError("Unknown", f"the action returned no object: {error}") from None
    if len(found) > MAX_IMPACTED:
        raise RemoteError("InvalidArgument", f"the action concerns more than {MAX_IMPACTED} objects")
    for item in found:
        if item.operation not in ("create", "patch"):
            raise RemoteError("Unknown", f"unsupported operation: {item.operation}")
    return [(item.operation, item.resource) for item in found]


def _identity(obj: Object) -> tuple[Any, ...]:
    metadata = obj.get("metadata") or {}
    return obj.get("apiVersion"), obj.get("kind"), metadata.get("namespace"), metadata.get("name")


def _named(obj: Object) -> str:
    _, kind, namespace, name = _identity(obj)
    return f"{kind} {namespace}/{name}"
