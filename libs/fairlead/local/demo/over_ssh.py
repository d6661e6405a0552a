"""A milestone beyond the guide: a repository that is reached over SSH, with a key and a known host."""

import time
from functools import partial

from fairlead.local.demo import repositories as files
from fairlead.local.demo.stage import Stage, make_repository, until_settled
from fairlead.local.ssh_server import write_key

NAME, APP, NAMESPACE = "billing-svc", "billing-svc-production", "billing-svc-prod"
REPOSITORY = f"{NAME}-config"


async def deploy_over_ssh(stage: Stage) -> None:
    """Declare the server's key and ours through the API; a push is live as quickly as over HTTP."""
    story = stage.story
    story.chapter("Over SSH · a known host and a private key")
    work = await make_repository(stage, REPOSITORY)
    await work.publish(files.service_files(NAME, "nginx:1.27", replicas=2), f"{NAME}: base and overlays")
    key = stage.folder / "billing-key"
    stage.ssh.allow(write_key(key))
    url = stage.ssh.repo_url(REPOSITORY)
    await story.run("fairlead cert add-ssh --batch", stdin=stage.ssh.known_hosts)
    await story.run(
        f"fairlead repo add {url} --ssh-private-key-path {key}",
        shown=f"fairlead repo add {url} --ssh-private-key-path billing-key",
    )
    manifest = files.application(APP, url, NAMESPACE, control=stage.namespace)
    began = time.monotonic()
    await story.run("kubectl apply -f -", stdin=manifest)
    await story.check(
        "Synced and Healthy, read over SSH",
        partial(stage.view.application, APP, "Synced", "Healthy"),
        since=began,
    )
    overlay = files.production_overlay(NAME, replicas=2, image_tag="1.28")
    began = time.monotonic()
    await work.publish({"overlays/production/kustomization.yaml": overlay}, f"{NAME}: nginx 1.28")
    await story.check(
        "nginx 1.28 runs, counted from before the push",
        partial(stage.view.image, NAMESPACE, NAME, "nginx:1.28"),
        since=began,
    )
    await until_settled(stage, APP)
    story.say(f"{stage.ssh.connections} connection served all of it")
    await story.run(f"fairlead app delete {APP} --yes")
    await story.check(f"Application {APP} is gone", partial(stage.view.no_application, APP))
