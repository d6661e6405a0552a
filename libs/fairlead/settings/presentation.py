"""What argocd-cm and argocd-cmd-params-cm tell clients about how to show themselves (contract 11.1, 14).

Invariant: an absent or empty ConfigMap gives the defaults; a bad value gives its default and one sentence.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from fairlead.settings.overrides import overrides
from fairlead.settings.reading import Reader

CONFIG_MAP = "argocd-cm"
PARAMETERS = "argocd-cmd-params-cm"
CHAT_TEXT = "Chat now!"
DOWNLOAD = "help.download."
PLATFORMS = tuple(
    f"{system}-{machine}"
    for system, machines in (
        ("linux", ("amd64", "arm64", "ppc64le", "s390x")),
        ("darwin", ("amd64", "arm64")),
        ("windows", ("amd64",)),
    )
    for machine in machines
)
POSITIONS = ("top", "bottom", "both")
SHELLS = ("bash", "sh", "powershell", "cmd")
"""Tried in this order in a container in which a terminal is opened."""
_KUSTOMIZE = ("kustomize.path.", "kustomize.version.")
_ADDRESSES = ("http://", "https://")


class Presentation(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is only shown. Dictionaries are in the JSON of contract 14."""

    badge_root_url: str = ""
    tracking_id: str = ""
    anonymize_users: bool = True
    help: Mapping[str, Any] = {}
    css_url: str = ""
    banner_content: str = ""
    banner_url: str = ""
    banner_is_permanent: bool = False
    banner_position: str = ""
    resource_view_enabled: bool = True
    exec_enabled: bool = False
    exec_shells: tuple[str, ...] = SHELLS
    impersonation_enabled: bool = False
    kustomize_versions: tuple[str, ...] = ()
    overrides: Mapping[str, Mapping[str, Any]] = {}
    hydrator_enabled: bool = False
    replace_allowed: bool = True
    apps_in_any_namespace: bool = False
    problems: tuple[str, ...] = ()


def presentation(data: Mapping[str, str], parameters: Mapping[str, str]) -> Presentation:
    """Read both ConfigMaps' `data`. Never raises; see `problems`."""
    read, given = Reader(CONFIG_MAP, data), Reader(PARAMETERS, parameters)
    shown = Presentation(
        badge_root_url=_address(read, "statusbadge.url"),
        tracking_id=read.text("ga.trackingid"),
        anonymize_users=read.switch("ga.anonymizeusers", default=True),
        help=_help(read),
        css_url=read.text("ui.cssurl"),
        banner_content=read.text("ui.bannercontent"),
        banner_url=_address(read, "ui.bannerurl"),
        banner_is_permanent=read.switch("ui.bannerpermanent"),
        banner_position=_position(read),
        resource_view_enabled=not read.switch("ui.view.resources.disabled"),
        exec_enabled=read.switch("exec.enabled"),
        exec_shells=read.words("exec.shells") or SHELLS,
        impersonation_enabled=read.switch("application.sync.impersonation.enabled"),
        kustomize_versions=_versions(read),
        overrides=overrides(read),
        hydrator_enabled=given.switch("hydrator.enabled"),
        replace_allowed=given.switch("server.sync.replace.allowed", default=True),
        apps_in_any_namespace=bool(given.words("application.namespaces")),
    )
    return msgspec.structs.replace(shown, problems=(*read.problems, *given.problems))


def _help(read: Reader) -> dict[str, Any]:
    url = _address(read, "help.chatUrl")
    text = read.text("help.chatText", CHAT_TEXT if url else "")
    downloads = {name: read.text(f"{DOWNLOAD}{name}") for name in PLATFORMS}
    found = {
        "chatUrl": url,
        "chatText": text,
        "binaryUrls": {name: address for name, address in downloads.items() if address},
    }
    return {key: value for key, value in found.items() if value}


def _position(read: Reader) -> str:
    value = read.text("ui.bannerposition")
    if value and value not in POSITIONS:
        read.complain("ui.bannerposition", f"{value!r} is not one of {', '.join(POSITIONS)}")
        return ""
    return value


def _address(read: Reader, key: str) -> str:
    """An address that a page may lead to: a script in its place would run there."""
    value = read.text(key)
    if value and not value.lower().startswith(_ADDRESSES):
        read.complain(key, "is not an address that begins with http:// or https://")
        return ""
    return value


def _versions(read: Reader) -> tuple[str, ...]:
    """Versions of Kustomize that are named; one that is named in both spellings is an error."""
    found: set[str] = set()
    for key in read.keys():  # noqa: SIM118 - not a dict
        for prefix in _KUSTOMIZE:
            version = key.removeprefix(prefix)
            if not key.startswith(prefix) or not version:
                continue
            if version in found:
                read.complain(key, "is named as kustomize.path and as kustomize.version")
            found.add(version)
    return tuple(sorted(found))
