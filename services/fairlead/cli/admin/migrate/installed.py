"""What follows from how Argo CD is installed: versions, topology, plugins, flags, and who else is at work.

Invariant: pure.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from fairlead.cli.admin.migrate.facts import Facts
from fairlead.cli.admin.migrate.findings import Degree, Finding
from fairlead.cli.admin.migrate.workloads import KEPT, OURS, ROLES, Workload
from fairlead.manifest.tracking import TRACKING_ID

OLDEST, NEWEST = (2, 13), (3, 99)
CONTROLLER, REPO_SERVER = "application-controller", "repo-server"
_MANAGERS: Final = {
    "helm.toolkit.fluxcd.io/name": "Flux's HelmRelease",
    "kustomize.toolkit.fluxcd.io/name": "Flux's Kustomization",
}
_OWN_CONTAINERS: Final = frozenset({*ROLES, *(f"argocd-{role}" for role in ROLES)})
_PLUGIN = "argocd-cmp-server"


def installed(facts: Facts) -> Iterator[Finding]:
    """All of it."""
    yield from _versions(facts)
    for workload in facts.theirs:
        yield from _workload(workload)
        yield from _keepers(workload)
    yield from _beside(facts)
    for what in facts.refused:
        text = f"{what} cannot be listed with these rights, so nothing is said of them"
        yield Finding(Degree.DIFFERS, "check", "", text)


def _versions(facts: Facts) -> Iterator[Finding]:
    if not facts.theirs:
        yield Finding(Degree.BLOCKS, "installation", "", f"there is no Argo CD in {facts.namespace}")
        return
    versions = {one.version for one in facts.theirs if one.role in ROLES and one.version is not None}
    for version in sorted(versions):
        name = ".".join(map(str, version))
        if OLDEST <= version <= NEWEST:
            yield Finding(Degree.WORKS, "installation", "", f"Argo CD {name} keeps what Fairlead reads")
        else:
            oldest = ".".join(map(str, OLDEST))
            text = f"Argo CD {name} was never gone over from; {oldest} to 3.x were"
            yield Finding(Degree.BLOCKS, "installation", "", text)
    if not versions:
        text = "the version of Argo CD is not in the tags of its images; 2.13 to 3.x can be gone over from"
        yield Finding(Degree.DIFFERS, "installation", "", text)


def _workload(one: Workload) -> Iterator[Finding]:
    if one.role in KEPT:
        text = "is left running by `start`; Fairlead logs people in by it"
        if one.role != "dex-server":
            text = "is left running by `start`, so that going back is quick; Fairlead has a Redis of its own"
        yield Finding(Degree.WORKS, "topology", one.title, text)
        return
    if one.remembered is not None:
        yield Finding(Degree.WORKS, "topology", one.title, "was stopped by `start`; `back` starts it again")
    elif one.replicas > 1:
        text = f"{one.replicas} replicas: a value of the chart has the same"
        yield Finding(Degree.WORKS, "topology", one.title, text)
    if one.role == CONTROLLER:
        yield from _sharding(one)
    if one.role == REPO_SERVER:
        yield from _plugins(one)
    yield from _flags(one)


def _sharding(one: Workload) -> Iterator[Finding]:
    dynamic = one.variables.get("ARGOCD_ENABLE_DYNAMIC_CLUSTER_DISTRIBUTION") == "true"
    if one.replicas > 1 or dynamic or (one.remembered or 0) > 1:
        text = "clusters are shared out by Leases instead; the shard of a cluster's Secret still pins it"
        yield Finding(Degree.DIFFERS, "topology", one.title, text)


def _plugins(one: Workload) -> Iterator[Finding]:
    for container in one.containers:
        name, command = str(container.get("name", "")), " ".join(map(str, container.get("command") or ()))
        if name in _OWN_CONTAINERS or container is one.containers[0]:
            continue
        if _PLUGIN in command:
            text = f"the plugin {name} goes into repoServer.sidecars of the chart, as it is"
            yield Finding(Degree.DIFFERS, "plugins", one.title, text)
        else:
            text = f"the container {name} goes into repoServer.sidecars of the chart, if it is still needed"
            yield Finding(Degree.DIFFERS, "plugins", one.title, text)
    pod: dict[str, Any] = one.manifest["spec"]["template"]["spec"]
    for container in pod.get("initContainers") or ():
        name = str(container.get("name", ""))
        if name != "copyutil":
            text = f"what the init container {name} prepares goes into repoServer.initContainers and volumes"
            yield Finding(Degree.DIFFERS, "plugins", one.title, text)


def _flags(one: Workload) -> Iterator[Finding]:
    first = one.containers[0] if one.containers else {}
    given = [*map(str, first.get("command") or ()), *map(str, first.get("args") or ())]
    for flag in (word.partition("=")[0] for word in given if word.startswith("--")):
        text = f"the flag {flag} is not read: its key in argocd-cmd-params-cm is, or a value of the chart"
        yield Finding(Degree.DIFFERS, "flags", one.title, text)
    for env in first.get("env") or ():
        reference = (env.get("valueFrom") or {}).get("configMapKeyRef")
        if reference is not None or env.get("valueFrom") is not None:
            continue
        text = f"the variable {env['name']} is not carried over: give it by envFrom of the chart"
        yield Finding(Degree.DIFFERS, "flags", one.title, text)


def _keepers(one: Workload) -> Iterator[Finding]:
    """Who would set the number of pods back, or make again what is stopped."""
    if one.role not in ROLES:
        return
    metadata = one.manifest["metadata"]
    annotations, labels = metadata.get("annotations") or {}, metadata.get("labels") or {}
    tracked = str(annotations.get(TRACKING_ID, "")).partition(":")[0]
    if tracked:
        text = (
            f"the application {tracked} deploys it: switch its automated sync off first, and keep it off, or "
            "whoever is in charge starts Argo CD again"
        )
        yield Finding(Degree.BLOCKS, "fights", one.title, text)
    for label, who in _MANAGERS.items():
        if label in labels:
            text = f"{who} {labels[label]} deploys it: suspend that first, or it starts Argo CD again"
            yield Finding(Degree.BLOCKS, "fights", one.title, text)
    for owner in metadata.get("ownerReferences") or ():
        text = f"{owner['kind']} {owner['name']} owns it: stop its operator first, or it starts again"
        yield Finding(Degree.BLOCKS, "fights", one.title, text)


def _beside(facts: Facts) -> Iterator[Finding]:
    ours = [one for one in facts.workloads if one.is_ours and one.runs]
    acting = [one for one in ours if one.role == CONTROLLER and not one.observes]
    theirs = [one for one in facts.theirs if one.role == CONTROLLER and one.runs]
    if acting and theirs:
        text = "Fairlead's controller and Argo CD's both run and act on the same Applications"
        yield Finding(Degree.FIGHTS, "fights", "", text)
    for one in facts.elsewhere:
        if one.is_ours and not one.runs:
            continue
        if one.is_ours and one.variables.get(OURS) == facts.namespace:
            word = "observes" if one.observes else "acts on"
            degree = Degree.FIGHTS if theirs and one.role == CONTROLLER and not one.observes else Degree.WORKS
            if one.role == CONTROLLER:
                text = f"Fairlead in {one.namespace} {word} these Applications"
                yield Finding(degree, "fights", one.title, text)
        elif one.role == CONTROLLER and not one.is_ours:
            text = f"a control plane in {one.namespace} goes on: its Applications have to be its own"
            yield Finding(Degree.DIFFERS, "fights", one.title, text)
    for name in facts.neighbours:
        yield from _neighbour(name)


def _neighbour(name: str) -> Iterator[Finding]:
    if "image-updater" in name:
        text = f"{name} writes to Applications or Git as before; if by the API, give it Fairlead's address"
        yield Finding(Degree.WORKS, "neighbours", "image updater", text)
    elif "argocd-operator" in name:
        text = f"{name} starts Argo CD again when it is stopped: scale it down first"
        yield Finding(Degree.BLOCKS, "fights", "operator", text)
    else:
        yield Finding(
            Degree.WORKS, "neighbours", "rollouts", f"{name} goes on; Rollouts are judged and have actions"
        )
