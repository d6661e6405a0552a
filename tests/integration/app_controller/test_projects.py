"""Projects through a running controller: a sample of the matrix, changes while something runs, accounts."""

import asyncio
from random import Random
from typing import Any

import msgspec
from aiohttp import web

from fairlead.kube.collection import APP_PROJECTS, APPLICATIONS, CONFIG_MAPS, SECRETS
from fairlead.kube.kubeconfig import from_kubeconfig
from fairlead.kube.resource import Resource
from fairlead.model.application import Application
from fairlead.model.decode import decode_application
from tests.integration.app_controller.lab import (
    CLUSTER_ROLES,
    LOCAL,
    NAMESPACES,
    Document,
    Lab,
    automated,
    conditions,
    config_map,
    default_project,
)
from tests.integration.app_controller.test_clusters import cluster_secret
from tests.integration.kube.fault_proxy import FaultProxy
from tests.unit.matching import project_oracle as oracle
from tests.unit.matching import project_worlds as worlds
from tests.unit.matching.project_oracle import Object, Spec, World

POLICIES = Resource(
    group="networking.k8s.io",
    version="v1",
    plural="networkpolicies",
    kind="NetworkPolicy",
    namespaced=True,
)
RESOURCES = {item.kind: item for item in (CONFIG_MAPS, SECRETS, POLICIES, CLUSTER_ROLES, NAMESPACES)}
PROJECTS, EACH = 30, 4
"""Projects of the sample, and applications of each with one object."""


class Sample:
    """Cases of the matrix with the names of one lab, so that they meet no other test's objects."""

    def __init__(self, lab: Lab, seed: int) -> None:
        self._lab = lab
        self._random = Random(seed)  # noqa: S311
        self._second = from_kubeconfig(lab.control_plane.kubeconfig).server

    def _text(self, text: str) -> str:
        for before, after in (
            ("https://one.example", LOCAL),
            ("https://one.*", "https://kubernetes.*"),
            ("https://two.example:6443", self._second),
            ("https://two*", "https://127.*"),
        ):
            text = text.replace(before, after)
        return text

    def _placed(self, rule: str) -> str:
        deny, plain = ("!", rule[1:]) if rule.startswith("!") else ("", rule)
        if plain in ("", "*"):
            return rule
        if plain.startswith("{"):
            return deny + "{" + ",".join(self.named(part) for part in plain[1:-1].split(",")) + "}"
        return deny + self.named(plain)

    def named(self, name: str) -> str:
        return f"{self._lab.workloads}-{name}"

    def _from(self, rule: str) -> str:
        if rule.startswith("/^"):
            return f"/^{self._lab.namespace}-{rule[2:]}"
        return rule if rule == "*" or rule.startswith("/") else f"{self._lab.namespace}-{rule}"

    def _kinds(self, rules: list[dict[str, str]]) -> list[dict[str, str]]:
        return [
            {**rule, **({"name": self._placed(rule["name"])} if "name" in rule else {})} for rule in rules
        ]

    def project(self) -> Spec:
        spec = worlds.project(self._random)
        for name in [name for name in spec if name.endswith("list")]:
            spec[name] = self._kinds(spec[name])
        spec["destinations"] = [
            {
                "server": self._text(entry.get("server", "")),
                "name": entry.get("name", "").replace("one", "in-cluster"),
                "namespace": self._placed(entry.get("namespace", "")),
            }
            for entry in spec["destinations"]
        ]
        spec["sourceNamespaces"] = [self._from(rule) for rule in spec["sourceNamespaces"]]
        unique = {msgspec.json.encode(entry): entry for entry in spec["destinations"]}
        return {
            **spec,
            "destinations": list(unique.values()),
            "sourceRepos": list(dict.fromkeys(spec["sourceRepos"])),
        }

    def world(self, project: str, scoped_to: str) -> World:
        home = self.named(self._random.choice(worlds.NAMESPACES))
        server, cluster = self._random.choice(((LOCAL, "in-cluster"), (self._second, "two")))
        is_own = cluster == "two" and scoped_to == project
        place = self._random.choice(worlds.APP_NAMESPACES)
        return World(
            app_namespace=place if place == oracle.CONTROL else f"{self._lab.namespace}-{place}",
            home=home,
            server=server,
            cluster=cluster,
            cluster_project=scoped_to if cluster == "two" else "",
            project=project,
            own_servers=(server,) if is_own else (),
        )

    def thing(self, home: str, number: int) -> Object:
        while True:
            found = worlds.thing(self._random, home.removeprefix(f"{self._lab.workloads}-"))
            if found.kind in RESOURCES:
                break
        namespace = self.named(found.namespace) if found.namespace else ""
        return Object(found.group, found.kind, namespace, f"{self.named(found.name)}-{number}")

    def case(self, spec: Spec, project: str, number: int) -> tuple[Spec, World, Object, str]:
        """A project, an application, its object and its repository: permitted every other time, if that is
        found soon."""
        for _ in range(40):
            world = self.world(project, "team-0")
            found = spec, world, self.thing(world.home, number), self.source(number)
            if is_permitted(*found) is (number % 2 == 0):
                break
        return found

    def source(self, number: int) -> str:
        part = self._random.choice(("team/config", "team/deep/config", "other/app"))
        return f"https://git.example/{part}-{self._lab.namespace}-{number}"


def is_permitted(spec: Spec, world: World, obj: Object, url: str) -> bool:
    return oracle.permits_object(spec, world, obj) and oracle.permits_source(spec, world, url)


def document(obj: Object) -> Document:
    resource = RESOURCES[obj.kind]
    metadata = {"name": obj.name, **({"namespace": obj.namespace} if obj.namespace else {})}
    made: Document = {"apiVersion": resource.api_version, "kind": obj.kind, "metadata": metadata}
    return {**made, "spec": {"podSelector": {}}} if obj.kind == "NetworkPolicy" else made


async def everywhere(lab: Lab) -> None:
    """Let applications of other namespaces count, and make these and the workloads'."""
    data = {"application.namespaces": f"{lab.namespace}-*"}
    await lab.stop()
    await lab.client.merge_patch(CONFIG_MAPS, "argocd-cmd-params-cm", {"data": data}, lab.namespace)
    homes = [f"{lab.workloads}-{name}" for name in worlds.NAMESPACES]
    places = {f"{lab.namespace}-{name}" for name in worlds.APP_NAMESPACES if name != oracle.CONTROL}
    for name in (*homes, *places):
        await lab.client.create(NAMESPACES, {"metadata": {"name": name}})
    await lab.start()


async def judged(lab: Lab, name: str, namespace: str, obj: Object) -> Application:
    """The application once it was synced, or it is said why not."""
    async with asyncio.timeout(120):
        while True:
            app = decode_application(await lab.client.get(APPLICATIONS, name, namespace))
            if app.status.sync.status == "Synced" or conditions(app):
                return app
            await asyncio.sleep(0.05)


async def test_a_sample_of_the_matrix_is_deployed_or_refused_as_the_contract_says(lab: Lab) -> None:
    await everywhere(lab)
    sample, cases = Sample(lab, 7), []
    secret = cluster_secret(lab, name="two")
    secret["stringData"]["project"] = "team-0"
    await lab.client.create(SECRETS, secret, lab.namespace)
    for at in range(PROJECTS):
        project, spec = f"team-{at}", sample.project()
        body = {"apiVersion": "argoproj.io/v1alpha1", "kind": "AppProject", "metadata": {"name": project}}
        await lab.client.create(APP_PROJECTS, {**body, "spec": spec}, lab.namespace)
        for _ in range(EACH):
            case = sample.case(spec, project, len(cases))
            lab.renderer.holds(case[3], [document(case[2])])
            cases.append(case)
    for number, (_, world, _, url) in enumerate(cases):
        namespace = lab.namespace if world.app_namespace == oracle.CONTROL else world.app_namespace
        app = {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "Application",
            "metadata": {"name": f"case-{number}"},
            "spec": {
                "project": world.project,
                "source": {"repoURL": url, "path": "."},
                "destination": {"server": world.server, "namespace": world.home},
                **automated(),
            },
        }
        await lab.client.create(APPLICATIONS, app, namespace)
    deployed = 0
    for number, (spec, world, obj, url) in enumerate(cases):
        namespace = lab.namespace if world.app_namespace == oracle.CONTROL else world.app_namespace
        app = await judged(lab, f"case-{number}", namespace, obj)
        found = await lab.client.find(RESOURCES[obj.kind], obj.name, obj.namespace or None)
        permitted = is_permitted(spec, world, obj, url)
        assert (found is not None) is permitted, (spec, world, obj, url, conditions(app))
        if not permitted:
            words = " ".join(conditions(app).values())
            assert "permitted" in words or "allowed" in words or "does not belong" in words, conditions(app)
        deployed += permitted
    assert 20 <= deployed <= len(cases) - 20, "both kinds of case are met"


async def test_what_a_project_stops_permitting_while_a_sync_runs_is_not_written_any_more(lab: Lab) -> None:
    held, go_on = asyncio.Event(), asyncio.Event()
    async with FaultProxy(from_kubeconfig(lab.control_plane.kubeconfig)) as proxy:

        async def hold(request: web.BaseRequest) -> None:
            if request.method == "PATCH" and "/secrets/first" in request.path:
                held.set()
                await go_on.wait()

        proxy.rule = hold
        await lab.client.create(SECRETS, cluster_secret(lab, server=proxy.connection.server), lab.namespace)
        first = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "first"}}
        lab.renderer.holds(lab.repo, [first, config_map("second")])
        await lab.create_app(destination={"name": "elsewhere", "namespace": lab.workloads})
        await lab.until(lambda app: app.status.sync.status == "OutOfSync")
        await lab.patch_app({"operation": {"sync": {}}})
        async with asyncio.timeout(60):
            await held.wait()
        forbidding = {"namespaceResourceBlacklist": [{"group": "", "kind": "ConfigMap"}]}
        await lab.client.merge_patch(APP_PROJECTS, "default", {"spec": forbidding}, lab.namespace)

        def is_forbidden() -> bool:
            assert lab.controller is not None
            project = lab.controller.control.projects.get("default")
            return project is not None and bool(project.spec.namespace_resource_blacklist)

        await lab.eventually(is_forbidden)
        go_on.set()
        app = await lab.until(lambda app: app.operation is None)
        state = app.status.operation_state
        assert state is not None
        assert state.phase == "Failed"
        result = (
            {item.name: item.message for item in state.sync_result.resources} if state.sync_result else {}
        )
        assert result["second"] == "resource :ConfigMap is not permitted in project default", result
        assert await lab.get(SECRETS, "first") is not None
        assert await lab.get(CONFIG_MAPS, "second") is None


async def test_the_namespace_of_an_application_is_made_only_where_the_project_permits_it(lab: Lab) -> None:
    home = f"{lab.workloads}-new"
    closed = {"spec": {"clusterResourceWhitelist": []}}
    await lab.client.merge_patch(APP_PROJECTS, "default", closed, lab.namespace)
    lab.renderer.holds(lab.repo, [config_map()])
    policy: dict[str, Any] = {
        "syncOptions": ["CreateNamespace=true"],
        "managedNamespaceMetadata": {"labels": {"team": "a"}},
    }
    await lab.create_app(namespace=home, syncPolicy=policy)
    await lab.patch_app({"operation": {"sync": {"syncOptions": ["CreateNamespace=true"]}}})
    app = await lab.until(lambda app: app.operation is None and app.status.operation_state is not None)
    assert app.status.operation_state is not None
    assert app.status.operation_state.phase == "Failed"
    assert "resource :Namespace is not permitted in project default" in app.status.operation_state.message
    assert await lab.client.find(NAMESPACES, home) is None
    listed = {"spec": {"clusterResourceWhitelist": [{"group": "", "kind": "Namespace", "name": home}]}}
    await lab.client.merge_patch(APP_PROJECTS, "default", listed, lab.namespace)
    await lab.patch_app({"operation": {"sync": {"syncOptions": ["CreateNamespace=true"]}}})
    await lab.until(
        lambda app: (
            app.operation is None
            and app.status.operation_state is not None
            and app.status.operation_state.phase == "Succeeded"
        )
    )
    made = msgspec.json.decode(await lab.client.get(NAMESPACES, home))
    assert made["metadata"]["labels"]["team"] == "a"


async def test_every_write_for_an_application_is_made_as_the_account_of_its_project(lab: Lab) -> None:
    """Trials, syncs, heals, hooks of the deletion and the deletion itself; and a change of the account."""
    seen: list[tuple[str, str]] = []
    async with FaultProxy(from_kubeconfig(lab.control_plane.kubeconfig)) as proxy:

        async def note(request: web.BaseRequest) -> None:
            if request.method != "GET":
                verb = "TRY" if "dryRun" in request.query_string else request.method
                seen.append((verb, request.headers.get("Impersonate-User", "")))

        proxy.rule = note
        await lab.client.create(SECRETS, cluster_secret(lab, server=proxy.connection.server), lab.namespace)
        team = default_project()
        team["metadata"]["name"] = "team"
        team["spec"]["destinationServiceAccounts"] = [
            {"server": "http://127.*", "namespace": "other", "defaultServiceAccount": "nobody"},
            {"server": "*", "namespace": f"{{x,{lab.workloads}}}", "defaultServiceAccount": "deployer"},
        ]
        await lab.client.create(APP_PROJECTS, team, lab.namespace)
        await bind(lab, "deployer", "second")
        settings = {"data": {"application.sync.impersonation.enabled": "true"}}
        await lab.client.merge_patch(CONFIG_MAPS, "argocd-cm", settings, lab.namespace)
        await lab.eventually(
            lambda: lab.controller is not None and lab.controller.control.current().impersonation
        )
        marks = {"argocd.argoproj.io/hook": "PreDelete"}
        before = config_map("before")
        before["metadata"]["annotations"] = marks
        lab.renderer.holds(lab.repo, [config_map("one"), config_map("two"), before])
        await lab.create_app(
            project="team",
            destination={"name": "elsewhere", "namespace": lab.workloads},
            finalizers=["resources-finalizer.argocd.argoproj.io"],
            **automated(),
        )
        await lab.synced()
        revision = await lab.renderer.commit(lab.repo, [config_map("one", colour="green"), before])
        await lab.synced(revision=revision)
        account = f"system:serviceaccount:{lab.workloads}:deployer"
        assert {user for _, user in seen} == {account}, seen
        rules = [{"server": "*", "namespace": "*", "defaultServiceAccount": f"{lab.workloads}:second"}]
        change = {"spec": {"destinationServiceAccounts": rules}}
        await lab.client.merge_patch(APP_PROJECTS, "team", change, lab.namespace)
        await lab.client.merge_patch(CONFIG_MAPS, "one", {"data": {"colour": "red"}}, lab.workloads)
        second = f"system:serviceaccount:{lab.workloads}:second"
        await lab.eventually(lambda: ("PATCH", second) in seen)
        await lab.until_live(
            CONFIG_MAPS, "one", lambda live: live is not None and live["data"]["colour"] == "green"
        )
        seen.clear()
        await lab.client.delete(APPLICATIONS, "app", lab.namespace)
        await lab.gone()
        assert {user for _, user in seen} == {second}
        assert {verb for verb, _ in seen} >= {"POST", "DELETE"}
        assert await lab.get(CONFIG_MAPS, "one") is None


async def bind(lab: Lab, *accounts: str) -> None:
    """Let these accounts do everything with ConfigMaps of the workloads."""
    group = "rbac.authorization.k8s.io"
    roles = Resource(group=group, version="v1", plural="roles", kind="Role", namespaced=True)
    bindings = Resource(group=group, version="v1", plural="rolebindings", kind="RoleBinding", namespaced=True)
    rules = [{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["*"]}]
    await lab.client.create(roles, {"metadata": {"name": "deployer"}, "rules": rules}, lab.workloads)
    binding = {
        "metadata": {"name": "deployer"},
        "roleRef": {"apiGroup": group, "kind": "Role", "name": "deployer"},
        "subjects": [
            {"kind": "ServiceAccount", "name": name, "namespace": lab.workloads} for name in accounts
        ],
    }
    await lab.client.create(bindings, binding, lab.workloads)


async def test_a_window_holds_what_is_automated_and_what_is_asked_for_until_it_lets_it_pass(lab: Lab) -> None:
    window = {"kind": "deny", "schedule": "* * * * *", "duration": "1h", "applications": ["*"]}
    closed = {"spec": {"syncWindows": [window]}}
    await lab.client.merge_patch(APP_PROJECTS, "default", closed, lab.namespace)
    lab.renderer.holds(lab.repo, [config_map()])
    await lab.create_app(**automated())
    await lab.until(lambda app: app.status.sync.status == "OutOfSync")
    await lab.patch_app({"operation": {"sync": {}}})
    app = await lab.until(lambda app: app.status.operation_state is not None)
    assert app.status.operation_state is not None
    assert app.status.operation_state.phase == "Running"
    assert app.status.operation_state.message == "Sync operation blocked by sync window"
    assert await lab.get(CONFIG_MAPS, "settings") is None
    await lab.patch_app({"status": {"operationState": {"phase": "Terminating"}}})
    app = await lab.until(lambda app: app.operation is None)
    assert app.status.operation_state is not None
    assert app.status.operation_state.phase == "Failed"
    by_hand = {"spec": {"syncWindows": [{**window, "manualSync": True}]}}
    await lab.client.merge_patch(APP_PROJECTS, "default", by_hand, lab.namespace)
    await lab.patch_app({"operation": {"sync": {}}})
    await lab.until_live(CONFIG_MAPS, "settings", lambda live: live is not None)
    await lab.synced()
    revision = await lab.renderer.commit(lab.repo, [config_map(colour="green")])
    await lab.until(lambda app: app.status.sync.status == "OutOfSync")
    open_again = {"spec": {"syncWindows": None}}
    await lab.client.merge_patch(APP_PROJECTS, "default", open_again, lab.namespace)
    await lab.synced(revision=revision)


async def test_a_projects_own_clusters_and_what_it_inherits_permit_as_if_they_were_written_in_it(
    lab: Lab,
) -> None:
    shared = {"globalProjects": "- projectName: shared\n  labelSelector: {matchLabels: {inherits: 'yes'}}\n"}
    await lab.client.merge_patch(CONFIG_MAPS, "argocd-cm", {"data": shared}, lab.namespace)
    giver = {"sourceRepos": ["https://git.example/**"], "destinations": []}
    own = {"permitOnlyProjectScopedClusters": True, "destinations": [], "sourceRepos": []}
    for name, spec, labels in (("shared", giver, {}), ("own", own, {"inherits": "yes"})):
        body = {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "AppProject",
            "metadata": {"name": name, "labels": labels},
            "spec": spec,
        }
        await lab.client.create(APP_PROJECTS, body, lab.namespace)
    lab.renderer.holds(lab.repo, [config_map()])
    await lab.create_app(project="own", **automated())
    app = await lab.until(lambda app: "does not belong to project 'own'" in str(conditions(app)))
    secret = cluster_secret(lab)
    secret["stringData"]["project"] = "own"
    await lab.client.create(SECRETS, secret, lab.namespace)
    await lab.patch_app(
        {"spec": {"destination": {"server": None, "name": "elsewhere", "namespace": lab.workloads}}}
    )
    app = await lab.synced()
    assert conditions(app) == {}
    narrowing = {"spec": {"namespaceResourceBlacklist": [{"group": "", "kind": "ConfigMap"}]}}
    await lab.client.merge_patch(APP_PROJECTS, "shared", narrowing, lab.namespace)
    app = await lab.until(lambda app: "ExcludedResourceWarning" in conditions(app))
    assert conditions(app)["ExcludedResourceWarning"] == (
        "resource :ConfigMap is not permitted in project own"
    )
    moved = {"stringData": {"project": "another"}}
    await lab.client.merge_patch(SECRETS, "elsewhere", moved, lab.namespace)
    await lab.until(lambda app: "does not belong to project 'own'" in str(conditions(app)))
