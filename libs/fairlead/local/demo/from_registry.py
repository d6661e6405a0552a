"""A milestone beyond the guide: a chart in an OCI registry, followed by a range of versions."""

import time
from functools import partial

from fairlead.local.demo import repositories as files
from fairlead.local.demo.stage import Stage, until_settled
from fairlead.local.packing import packed_chart
from fairlead.local.pushing import Pusher

NAME, APP, NAMESPACE = "catalog-svc", "catalog-svc-production", "catalog-svc-prod"
REPOSITORY = "charts"


async def deploy_from_registry(stage: Stage) -> None:
    """Declare the registry with a password through the API; a version that fits the range is live at once."""
    story, registry = stage.story, stage.registry
    story.chapter("From a registry · a chart and the versions that it may have")
    place = f"{registry.host}/{REPOSITORY}"
    async with Pusher(
        registry.url, username=registry.username, password=registry.password, hook=stage.hook
    ) as pusher:
        await pusher.chart(REPOSITORY, packed_chart(NAME, "1.0.0", files.chart_files(NAME, "1.27")))
        story.say(f"pushed {NAME} 1.0.0 to {place}")
        flags = "--type helm --name catalog --enable-oci --insecure-oci-force-http"
        flags += f" --username {registry.username} --password"
        await story.run(
            f"fairlead repo add {place} {flags} {registry.password}",
            shown=f"fairlead repo add {place} {flags} …",
        )
        began = time.monotonic()
        manifest = files.chart_application(APP, place, NAME, "^1", NAMESPACE, control=stage.namespace)
        await story.run("kubectl apply -f -", stdin=manifest)
        await story.check(
            "Synced and Healthy at version 1.0.0, with two replicas as the Application's values say",
            partial(stage.view.application, APP, "Synced", "Healthy", "1.0.0"),
            since=began,
        )
        await story.check("2 replicas are ready", partial(stage.view.replicas, NAMESPACE, NAME, 2))
        archive = packed_chart(NAME, "1.1.0", files.chart_files(NAME, "1.28"))
        began = time.monotonic()
        await pusher.chart(REPOSITORY, archive)
        story.say(f"pushed {NAME} 1.1.0")
    await story.check(
        "nginx 1.28 runs, counted from before the push",
        partial(stage.view.image, NAMESPACE, NAME, "nginx:1.28"),
        since=began,
    )
    await until_settled(stage, APP, "1.1.0")
    await story.run(f"fairlead app delete {APP} --yes")
    await story.check(f"Application {APP} is gone", partial(stage.view.no_application, APP))
