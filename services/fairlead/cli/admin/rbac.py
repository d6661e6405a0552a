"""`admin settings rbac can` and `validate`: a policy tried without a server.

The invariant: what is answered here is what the API server would decide with that policy.
"""

import asyncio
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from fairlead.cli.admin.control_plane import control_plane
from fairlead.cli.command import Invocation, Values
from fairlead.cli.errors import CliError, EndedError, OutcomeError, UsageError
from fairlead.kube.errors import KubeError
from fairlead.kube.resource import Resource
from fairlead.kube.rest import KubeClient
from fairlead.rbac import Enforcer, Identity, Policy, PolicyError, parse
from fairlead.rbac import config as rbac_config
from fairlead.rbac.check import unreadable
from fairlead.rbac.config import RbacConfig
from fairlead.settings.reading import Reader

CONFIG_MAP = "argocd-rbac-cm"
CONFIG_MAPS = Resource(group="", version="v1", plural="configmaps", kind="ConfigMap", namespaced=True)
EITHER = "please provide exactly one of --policy-file or --namespace"
PROJECTED = {"applications", "applicationsets", "logs", "exec", "clusters", "repositories"}
SHORT = {
    "account": "accounts",
    "app": "applications",
    "apps": "applications",
    "application": "applications",
    "cert": "certificates",
    "certs": "certificates",
    "certificate": "certificates",
    "cluster": "clusters",
    "extension": "extensions",
    "gpgkey": "gpgkeys",
    "key": "gpgkeys",
    "log": "logs",
    "proj": "projects",
    "projs": "projects",
    "project": "projects",
    "repo": "repositories",
    "repos": "repositories",
    "repository": "repositories",
}
"""Other words for a resource."""
_CRUD = ("get", "create", "update", "delete")
ACTIONS = {
    "accounts": ("get", "create", "update"),
    "applications": (*_CRUD, "sync", "rollback", "override", "action"),
    "applicationsets": _CRUD,
    "certificates": _CRUD,
    "clusters": _CRUD,
    "extensions": ("invoke",),
    "gpgkeys": ("get", "create", "delete"),
    "logs": ("get",),
    "exec": ("create",),
    "projects": _CRUD,
    "repositories": _CRUD,
    "write-repositories": _CRUD,
}
WITH_PATH = ("action", "update", "delete")
"""Actions on applications that may name an object."""


def can(call: Invocation) -> None:
    """Print `Yes`, or `No` with exit code 1."""
    if len(call.arguments) not in (3, 4):
        raise UsageError("give ROLE/SUBJECT ACTION RESOURCE [SUB-RESOURCE]")
    subject, action, word, *rest = call.arguments
    config = _config(call.values)
    policy = _parsed(config, "invalid user policy")
    resource = SHORT.get(word, word)
    if call.values.switch("strict"):
        _require_words(resource, action)
    obj = rest[0] if rest else ""
    if resource in PROJECTED and obj in ("", "*"):
        obj = "*/*"
    enforcer = Enforcer(
        policy,
        default=call.values.text("default-role") or config.default,
        mode=config.mode,
        has_builtin=call.values.switch("use-builtin-policy"),
    )
    allowed = enforcer.view(Identity(subject)).may(resource, action, obj)
    if not call.values.switch("quiet"):
        print("Yes" if allowed else "No")
    if not allowed:
        raise EndedError(1)


def validate(call: Invocation) -> None:
    """Say whether a policy can be read; what in it does nothing is told on stderr."""
    if call.arguments:
        raise UsageError("too many arguments")
    config = _config(call.values)
    if not config.policy.strip():
        raise OutcomeError("Policy is empty or could not be loaded.")
    try:
        policy = parse(config.policy)
    except PolicyError as error:
        print(f"Policy is invalid: {error}")
        raise EndedError(1) from None
    for sentence in unreadable(policy, config.mode):
        print(f"warning: {sentence}", file=sys.stderr)
    print("Policy is valid.")


def _parsed(config: RbacConfig, what: str) -> Policy:
    try:
        return parse(config.policy)
    except PolicyError as error:
        raise OutcomeError(f"{what}: {error}") from error


def _require_words(resource: str, action: str) -> None:
    known = ACTIONS.get(resource)
    if known is None:
        raise OutcomeError(f"error in RBAC request: '{resource}' is not a valid resource name")
    word, slash, _ = action.partition("/")
    if word not in known or (slash and (resource != "applications" or word not in WITH_PATH)):
        raise OutcomeError(f"error in RBAC request: '{action}' is not a valid action for {resource}")


def _config(values: Values) -> RbacConfig:
    file = values.text("policy-file")
    if bool(file) == values.is_given("namespace"):
        raise UsageError(EITHER)
    if not file:
        return rbac_config.read(asyncio.run(_stored(values)))
    try:
        content = Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise OutcomeError(f"error opening policy file: {error}") from error
    return rbac_config.read(_data(content))


def _data(content: str) -> Mapping[str, str]:
    """The values of a file that is a ConfigMap; any other is the policy itself."""
    found: Any = Reader("the policy file", {"file": content}).document("file")
    if not isinstance(found, dict) or not isinstance(found.get("data"), dict):
        return {rbac_config.MAIN: content}
    return {str(key): value for key, value in found["data"].items() if isinstance(value, str)}


async def _stored(values: Values) -> dict[str, str]:
    connection, namespace = control_plane(values)
    try:
        async with KubeClient(connection) as client:
            raw = await client.get(CONFIG_MAPS, CONFIG_MAP, namespace)
    except KubeError as error:
        raise CliError(f"could not get configmap: {error}") from error
    found: dict[str, str] = msgspec.json.decode(raw).get("data") or {}
    return found
