"""`admin proj generate-allow-list`: a project that permits the kinds a ClusterRole may create.

A rule counts in all of its API groups, and with `*` for verbs, groups or resources: what the cluster serves
says which kinds that are.
"""

from collections.abc import Iterator
from typing import Any

from fairlead.cli.admin.control_plane import at
from fairlead.cli.command import Invocation
from fairlead.cli.errors import SettingsError
from fairlead.cli.spec.files import parsed
from fairlead.cli.spec.places import read_text, write_text
from fairlead.cli.view.yaml_text import as_yaml
from fairlead.kube.discovery import Discovery
from fairlead.kube.resource import Resource
from fairlead.kube.rest import KubeClient

Rule = dict[str, Any]


def run(call: Invocation) -> None:
    """Print the project, or write it to a file."""
    where, project = call.exactly("CLUSTERROLE_FILE", "PROJECT")
    rules = _rules(where)
    served = at(call.values, _served)
    kinds = [{"group": group, "kind": kind} for group, kind in dict.fromkeys(_permitted(rules, served))]
    text = as_yaml(
        {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "AppProject",
            "metadata": {"name": project},
            "spec": {"namespaceResourceWhitelist": kinds},
        }
    )
    write_text(call.values.text("out"), text)


async def _served(client: KubeClient, _: str) -> list[Resource]:
    discovery = Discovery(client)
    await discovery.refresh()
    found = discovery.catalogue.preferred()
    return sorted(found, key=lambda resource: (resource.group, resource.kind))


def _rules(where: str) -> list[Rule]:
    found = [document for document in parsed(read_text(where), where) if document]
    if len(found) != 1 or not isinstance(found[0], dict) or found[0].get("kind") != "ClusterRole":
        raise SettingsError(f"{where} has to hold one ClusterRole")
    return [rule for rule in found[0].get("rules") or [] if isinstance(rule, dict)]


def _permitted(rules: list[Rule], served: list[Resource]) -> Iterator[tuple[str, str]]:
    for rule in rules:
        if not {"create", "*"} & {str(verb).lower() for verb in rule.get("verbs") or []}:
            continue
        groups, plurals = set(rule.get("apiGroups") or []), set(rule.get("resources") or [])
        for resource in served:
            if {resource.group, "*"} & groups and {resource.plural, "*"} & plurals:
                yield resource.group, resource.kind
