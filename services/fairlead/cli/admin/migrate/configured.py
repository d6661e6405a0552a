"""What follows from ConfigMaps and Secrets: what of them acts, acts in part, does not yet, or cannot be read.

Invariant: pure, and no second list: `settings.effects` and the readers of the services say it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from fairlead.cli.admin.migrate.facts import NOTIFICATIONS, RBAC, SETTINGS, Facts, Secret
from fairlead.cli.admin.migrate.findings import Degree, Finding
from fairlead.git.entries import entry_of, unheeded
from fairlead.kube.connection import from_cluster_secret
from fairlead.kube.errors import ConnectionConfigError
from fairlead.notices.configuration import read as read_notifications
from fairlead.rbac import PolicyError, parse
from fairlead.rbac import config as rbac_config
from fairlead.rbac.check import unreadable
from fairlead.settings import controller_parameters, controller_settings
from fairlead.settings.effects import Effect, Row, Surface, row_of
from fairlead.settings.parameters import CONFIG_MAP as PARAMETERS
from fairlead.settings.presentation import presentation

REPOSITORIES = ("repository", "repo-creds", "repository-write", "repo-write-creds")


def configured(facts: Facts) -> Iterator[Finding]:
    """All of it."""
    maps = facts.maps
    yield from named(Surface.SETTINGS, maps[SETTINGS], "settings", SETTINGS)
    yield from named(Surface.PARAMETERS, maps[PARAMETERS], "settings", PARAMETERS)
    for text in controller_settings(maps[SETTINGS]).problems:
        yield Finding(Degree.BLOCKS, "settings", SETTINGS, text)
    for text in controller_parameters(maps[PARAMETERS]).problems:
        yield Finding(Degree.BLOCKS, "settings", PARAMETERS, text)
    for text in presentation(maps[SETTINGS], maps[PARAMETERS]).problems:
        yield Finding(Degree.DIFFERS, "settings", SETTINGS, text)
    yield from _policy(maps[RBAC])
    for text in read_notifications(maps[NOTIFICATIONS], facts.notification_secret).problems:
        yield Finding(Degree.DIFFERS, "notifications", NOTIFICATIONS, text)
    for secret in facts.secrets:
        yield from _cluster(secret) if secret.type == "cluster" else _repository(secret)


def named(surface: Surface, names: Iterable[str], area: str, subject: str) -> Iterator[Finding]:
    """What becomes of each name that is set."""
    for name in sorted(names):
        row = row_of(surface, name)
        if row is None:
            text = f"{name} is not known and has no effect"
            yield Finding(Degree.MISSING, area, subject, text)
        elif row.effect is not Effect.ACTS:
            yield Finding(Degree.MISSING, area, subject, _words(name, row))


def _words(name: str, row: Row) -> str:
    said = {Effect.PARTLY: "acts in part", Effect.REFUSED: "is refused"}.get(row.effect, "has no effect yet")
    return f"{name} {said}" + (f": {row.note}" if row.note else "")


def _policy(data: dict[str, str]) -> Iterator[Finding]:
    config = rbac_config.read(data)
    try:
        policy = parse(config.policy)
    except PolicyError as error:
        yield Finding(
            Degree.BLOCKS, "rights", RBAC, f"the policy cannot be read, so nobody may anything: {error}"
        )
        return
    for text in unreadable(policy, config.mode):
        yield Finding(Degree.DIFFERS, "rights", RBAC, text)


def _repository(secret: Secret) -> Iterator[Finding]:
    if secret.type not in REPOSITORIES:
        text = f"Secrets of the type {secret.type} are read where sets name them, by no one else"
        yield Finding(Degree.WORKS, "repositories", secret.name, text)
        return
    entry = entry_of(secret.type, secret.values)
    if entry is None:
        yield Finding(Degree.DIFFERS, "repositories", secret.name, "it has no url and is left out")
    elif entry.credential.problem:
        yield Finding(Degree.BLOCKS, "repositories", secret.name, entry.credential.problem)
    for name in unheeded(secret.values):
        yield Finding(Degree.MISSING, "repositories", secret.name, f"{name} has no effect")


def _cluster(secret: Secret) -> Iterator[Finding]:
    server, config = secret.values.get("server", ""), secret.values.get("config", "")
    if config:
        try:
            from_cluster_secret(server, config.encode())
        except ConnectionConfigError as error:
            yield Finding(Degree.BLOCKS, "clusters", secret.name, error.message)
            return
    program = _program(config)
    if program:
        text = f"the controller may run {program} only once applicationController.clusterPrograms names it"
        yield Finding(Degree.DIFFERS, "clusters", secret.name, text)
    if secret.values.get("shard"):
        text = f"shard {secret.values['shard']} goes on to choose the replica"
        yield Finding(Degree.WORKS, "clusters", secret.name, text)


class _Program(msgspec.Struct):
    command: str = ""


class _Config(msgspec.Struct, rename="camel"):
    exec_provider_config: _Program | None = None


def _program(config: str) -> str:
    try:
        found = msgspec.json.decode(config or "{}", type=_Config).exec_provider_config
    except msgspec.MsgspecError:
        return ""
    return found.command if found is not None else ""
