"""What a repository's directories say becomes Applications, and these become live."""

from fairlead.kube.collection import APPLICATION_SETS, APPLICATIONS
from tests.e2e.world import CONTROL, IN_CLUSTER, World, config_map


async def test_directories_of_a_repository_are_applications_that_a_push_makes_and_ends(world: World) -> None:
    repo = await world.repository(
        {f"apps/{name}/config.yaml": config_map("settings", of=name) for name in ("one", "two")}
    )
    prefix = world.unique("set")
    namespaces = {name: f"{prefix}-{name}" for name in ("one", "two", "three")}
    git = {"repoURL": world.url(repo), "revision": "main", "directories": [{"path": "apps/*"}]}
    body = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "ApplicationSet",
        "metadata": {"name": prefix},
        "spec": {
            "generators": [{"git": git}],
            "template": {
                "metadata": {"name": prefix + "-{{path.basename}}"},
                "spec": {
                    "project": "default",
                    "source": {"repoURL": world.url(repo), "path": "{{path}}", "targetRevision": "main"},
                    "destination": {"server": IN_CLUSTER, "namespace": prefix + "-{{path.basename}}"},
                    "syncPolicy": {
                        "automated": {"prune": True},
                        "syncOptions": ["CreateNamespace=true"],
                    },
                },
            },
        },
    }
    await world.client.create(APPLICATION_SETS, body, CONTROL)
    for name in ("one", "two"):
        await world.settled(f"{prefix}-{name}")
        assert await world.data(namespaces[name], "settings") == {"of": name}

    head = await repo.publish({"apps/three/config.yaml": config_map("settings", of="three")}, "three")
    await world.settled(f"{prefix}-three", head)

    await repo.publish({"apps/two/config.yaml": None}, "no two")
    await world.until_data(namespaces["two"], "settings", None)

    async def is_gone() -> bool:
        return not await world.app(f"{prefix}-two")

    await world.until(is_gone, "an Application that is generated no more is gone with what it deployed")
    await world.client.delete(APPLICATION_SETS, prefix, CONTROL)

    async def are_gone() -> bool:
        found = await world.client.list_all(APPLICATIONS, CONTROL)
        return not any(prefix.encode() in raw for raw in found)

    await world.until(are_gone, "the Applications of a set that was deleted go with it")
