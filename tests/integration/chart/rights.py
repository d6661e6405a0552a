"""Which rights the service accounts of an installation have by Roles, and which the API server saw used."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

Right = tuple[str, str, str, str]
"""Account, API group, resource with subresource, verb."""

Object = dict[str, Any]


def granted(roles: Iterable[Object], bindings: Iterable[Object]) -> set[Right]:
    """Every right that a Role gives to a service account."""
    rules = {role["metadata"]["name"]: role.get("rules") or () for role in roles}
    return {
        (subject["name"], group, resource, verb)
        for binding in bindings
        for subject in binding["subjects"]
        for rule in rules.get(binding["roleRef"]["name"], ())
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }


def used(audit_log: Path, namespace: str) -> tuple[set[Right], list[str]]:
    """What the accounts of a namespace asked for there, and what they were refused anywhere."""
    prefix = f"system:serviceaccount:{namespace}:"
    rights: set[Right] = set()
    refused: list[str] = []
    for line in audit_log.read_bytes().splitlines():
        event = msgspec.json.decode(line)
        user, found = event["user"]["username"], event.get("objectRef", {})
        if not user.startswith(prefix):
            continue
        if event.get("responseStatus", {}).get("code") in {401, 403}:
            refused.append(f"{user} {event['verb']} {event['requestURI']}")
        if found.get("namespace") == namespace:
            resource = "/".join(part for part in (found["resource"], found.get("subresource")) if part)
            rights.add((user.removeprefix(prefix), found.get("apiGroup", ""), resource, event["verb"]))
    return rights, refused
