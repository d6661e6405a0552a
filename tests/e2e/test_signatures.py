"""From a key in its ConfigMap and a policy in its project to what is deployed, and what is not."""

from fairlead.kube.collection import APP_PROJECTS
from fairlead.local.git_command import AUTHOR, EMAIL
from tests.e2e.api import logged_in
from tests.e2e.world import CONFIG_MAPS, CONTROL, World, condition_texts, config_map, is_settled
from tests.signing import GpgKey, SshKey, publish_signed


async def test_only_what_is_signed_by_a_key_of_the_project_is_deployed(world: World) -> None:
    alice, bob = GpgKey(), SshKey()
    keys = {**alice.entry, "ssh.bob": bob.line}
    await world.client.merge_patch(CONFIG_MAPS, "argocd-gpg-keys-cm", {"data": keys}, CONTROL)
    project, namespace = world.unique("signed"), await world.namespace()
    policy = {"repos": [{"url": "*"}], "gpg": {"mode": "head", "keys": [alice.key_id, bob.fingerprint]}}
    body = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "AppProject",
        "metadata": {"name": project, "namespace": CONTROL},
        "spec": {
            "sourceRepos": ["*"],
            "destinations": [{"server": "*", "namespace": "*"}],
            "sourceIntegrity": {"git": {"policies": [policy]}},
        },
    }
    await world.client.create(APP_PROJECTS, body, CONTROL)
    repo = await world.repository({"app/a.yaml": config_map("settings", colour="red")})
    first = await repo.head()
    name = await world.application(world.url(repo), namespace, project=project)
    words = f"GIT/GPG: Failed verifying revision {first} by '{AUTHOR} <{EMAIL}>': unsigned (key_id=)"
    app = await world.until_app(name, lambda app: bool(condition_texts(app)))
    assert condition_texts(app) == [f"ComparisonError: {words}"]
    assert await world.data(namespace, "settings") is None
    async with logged_in(world) as api:
        manifests, spec = f"/api/v1/applications/{name}/manifests", app["spec"]
        assert await api.refusal("GET", manifests) == words
        preview = {"application": {"metadata": {"name": name}, "spec": spec}}
        assert words in await api.refusal("POST", "/api/v1/preview", preview)
        elsewhere = {**spec["destination"], "namespace": await world.namespace()}
        early = {**spec, "syncPolicy": {}, "destination": elsewhere}
        another = {"metadata": {"name": world.unique("early")}, "spec": early}
        assert await api.refusal("POST", "/api/v1/applications", another) == "", "it may be signed one day"
    for colour, signer in (("blue", alice), ("green", bob)):
        files = {"app/a.yaml": config_map("settings", colour=colour)}
        commit = await publish_signed(repo, files, colour, signer)
        await world.settled(name, commit)
        assert await world.data(namespace, "settings") == {"colour": colour}
    async with logged_in(world) as api:
        assert len((await api.get(manifests))["manifests"]) == 1
        assert await api.refusal("GET", manifests, revision=first) == words
    operation = {"operation": {"sync": {"revision": first}}}
    await world.patch_app(name, operation)
    app = await world.until_app(name, lambda app: "GIT/GPG" in str(app["status"].get("operationState")))
    assert app["status"]["operationState"]["phase"] in ("Error", "Failed")
    assert words in app["status"]["operationState"]["message"]
    assert await world.data(namespace, "settings") == {"colour": "green"}
    await world.client.merge_patch(CONFIG_MAPS, "argocd-gpg-keys-cm", {"data": {"ssh.bob": None}}, CONTROL)
    app = await world.until_app(name, lambda app: bool(condition_texts(app)))
    assert condition_texts(app) == [
        f"ComparisonError: GIT/GPG: Failed verifying revision {commit} by '{AUTHOR} <{EMAIL}>': "
        f"signed with key not in keyring (key_id={bob.fingerprint})"
    ]
    assert await world.data(namespace, "settings") == {"colour": "green"}
    await world.client.merge_patch(CONFIG_MAPS, "argocd-gpg-keys-cm", {"data": keys}, CONTROL)
    await world.until_app(name, lambda app: is_settled(app, commit) and not condition_texts(app))
