"""Setting the demo's stage: the suite as `fairlead up` starts it, a Git server, a folder; then the walk."""

import asyncio
import secrets
import shutil
import signal
import sys
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path

import msgspec
import structlog

from fairlead.kube.errors import KubeError
from fairlead.kube.resource import Resource
from fairlead.kube.rest import KubeClient
from fairlead.local.builds import controlplane_binary
from fairlead.local.demo.cluster import ClusterView, password_of
from fairlead.local.demo.milestones import GATEWAY, GATEWAY_APP, MILESTONES, leave
from fairlead.local.demo.stage import Stage
from fairlead.local.demo.story import DemoError, Story
from fairlead.local.errors import LocalError
from fairlead.local.git_server import GitServer, Webhook
from fairlead.local.pushing import Hook
from fairlead.local.registry import RegistryServer
from fairlead.local.ssh_server import SshServer
from fairlead.local.suite import Suite, SuiteConfig

log = structlog.get_logger(__name__)

SECRETS = Resource(group="", version="v1", plural="secrets", kind="Secret", namespaced=True)
PASSWORD_SECRET = "argocd-initial-admin-secret"  # noqa: S105 - the name of a Secret


class DemoOptions(msgspec.Struct, frozen=True, kw_only=True):
    """`keep` leaves everything running until Ctrl-C; `kubeconfig` uses a cluster of the reader's own."""

    keep: bool = False
    kubeconfig: Path | None = None
    kube_context: str = ""


async def run_demo(options: DemoOptions) -> int:
    """Walk the milestones; 0 when all came true, else 1 and the reason on standard error."""
    folder = Path(tempfile.mkdtemp(prefix="fairlead-demo-"))
    try:
        async with AsyncExitStack() as stack:
            return await _run(options, folder, stack)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _run(options: DemoOptions, folder: Path, stack: AsyncExitStack) -> int:
    suite = Suite(
        SuiteConfig(
            data_dir=folder / "suite",
            kubeconfig=options.kubeconfig,
            kube_context=options.kube_context,
            port=0,
            insecure=True,
            builds_ui=True,
        )
    )
    print("Starting a control plane, NATS, Redis and Fairlead's services …", flush=True)
    try:
        stage = await _walk(suite, folder, stack)
        if options.keep:
            await leave(stage)
    except (DemoError, LocalError, KubeError) as error:
        print(f"\nThe demo failed: {error}", file=sys.stderr)
        _show_logs(suite)
        return 1
    print("\nEvery milestone came true.")
    if options.keep:
        await _keep(suite, stage)
    return 0


async def _walk(suite: Suite, folder: Path, stack: AsyncExitStack) -> Stage:
    await stack.enter_async_context(suite)
    git = await stack.enter_async_context(GitServer(folder / "git"))
    git.webhooks.append(Webhook(url=f"{suite.api_url}/api/webhook"))
    ssh = await stack.enter_async_context(SshServer(git.folder))
    registry = await stack.enter_async_context(own_registry(folder / "registry"))
    client = await stack.enter_async_context(KubeClient(suite.connection))
    stage = await _stage(suite, client, folder, git=git, ssh=ssh, registry=registry)
    for milestone in MILESTONES:
        await milestone(stage)
    return stage


def own_registry(folder: Path) -> RegistryServer:
    """A registry for one user."""
    return RegistryServer(folder, username="demo", password=secrets.token_urlsafe(16))


async def _stage(
    suite: Suite,
    client: KubeClient,
    folder: Path,
    *,
    git: GitServer,
    ssh: SshServer,
    registry: RegistryServer,
) -> Stage:
    namespace = suite.config.namespace
    password = password_of(await client.get(SECRETS, PASSWORD_SECRET, namespace))
    kubectl = _kubectl(suite)
    story = Story(
        {"fairlead": [sys.executable, "-m", "fairlead.cli"], "kubectl": kubectl},
        {"ARGOCD_CONFIG_DIR": str(folder / "cli"), "NO_COLOR": "1"},
    )
    address = suite.api_url.split("://")[1]
    return Stage(
        story=story,
        view=ClusterView(client, namespace),
        git=git,
        ssh=ssh,
        registry=registry,
        hook=Hook(url=f"{suite.api_url}/api/webhook"),
        folder=folder / "work",
        namespace=namespace,
        login=f"fairlead login {address} --plaintext --username admin --password",
        password=password,
    )


def _kubectl(suite: Suite) -> list[str]:
    flags = [f"--kubeconfig={suite.kubeconfig}"]
    if suite.config.kube_context:
        flags.append(f"--context={suite.config.kube_context}")
    own = shutil.which("kubectl") if suite.control_plane is None else None
    return [own, *flags] if own else [str(controlplane_binary()), "kubectl", *flags]


async def _keep(suite: Suite, stage: Stage) -> None:
    print(kept_words(suite, stage), flush=True)
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()


def kept_words(suite: Suite, stage: Stage) -> str:
    """How to reach what is left running, and a commit to watch on its way from push to healthy."""
    clone = stage.repos[f"{GATEWAY}-config"].folder
    rows = {
        "API": f"{stage.login} {stage.password}",
        "cluster": f"kubectl --kubeconfig {suite.kubeconfig}",
        "a commit": (
            f"cd {clone} && sed -i.bak 's/count: .*/count: 5/' overlays/production/kustomization.yaml"
            " && git -c user.name=me -c user.email=me@example.com commit -qam 'Five replicas' && git push -q"
        ),
    }
    if suite.ui is not None:
        page = f"{suite.api_url}/applications/{stage.namespace}/{GATEWAY_APP}"
        rows = {"web UI": suite.api_url, "log in": f"admin, {stage.password}", **rows, "watch it at": page}
    width = max(map(len, rows))
    lines = (f"  {name:<{width}}  {value}" for name, value in rows.items())
    return "\n".join(["\nLeft running until Ctrl-C:", *lines])


def _show_logs(suite: Suite) -> None:
    for file in sorted((suite.config.data_dir / "logs").glob("*.log")):
        tail = file.read_text(errors="replace").splitlines()[-15:]
        print(f"\n--- {file.name}\n" + "\n".join(tail), file=sys.stderr)
