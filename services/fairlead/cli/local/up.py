"""`fairlead up`: the suite in the foreground, its logs on the terminal, its end with Ctrl-C."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import structlog

from fairlead.cli.command import Invocation
from fairlead.cli.errors import UsageError
from fairlead.cli.local.data_dir import data_dir
from fairlead.kube.errors import KubeError
from fairlead.local.errors import LocalError
from fairlead.local.suite import Suite, SuiteConfig
from fairlead.process import configure_logging

log = structlog.get_logger(__name__)


def run(call: Invocation) -> None:
    """Read the flags and run the suite."""
    values = call.values
    kubeconfig = values.text("kubeconfig")
    if values.switch("observe") and not kubeconfig:
        raise UsageError("--observe needs the --kubeconfig of the cluster to look at")
    run_up(
        SuiteConfig(
            data_dir=data_dir(values),
            kubeconfig=Path(kubeconfig) if kubeconfig else None,
            kube_context=values.text("kube-context"),
            port=values.number("port"),
            namespace=values.text("namespace"),
            insecure=values.switch("insecure"),
            log_level=values.text("log-level"),
            log_format=values.text("log-format"),
            observes=values.switch("observe"),
            hydrates=values.switch("hydrator"),
            previews=values.switch("preview"),
            builds_ui=True,
        )
    )


def run_up(config: SuiteConfig) -> None:
    """Run until SIGINT or SIGTERM. Exits with 1 and the reason when the suite cannot start."""
    configure_logging(service="up", form=config.log_format, level=config.log_level)
    try:
        asyncio.run(_run(config))
    except* (LocalError, KubeError) as group:
        for error in _leaves(group):
            print(f"fairlead up: {error}", file=sys.stderr)
        sys.exit(1)


async def _run(config: SuiteConfig) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for ending_signal in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(ending_signal, stop.set)
    print(f"starting in {config.data_dir}", flush=True)
    ending = asyncio.ensure_future(stop.wait())
    starting = asyncio.ensure_future(_start(config))
    await asyncio.wait({starting, ending}, return_when=asyncio.FIRST_COMPLETED)
    if not starting.done():
        starting.cancel()
        await asyncio.gather(starting, return_exceptions=True)
        return
    suite = await starting
    try:
        print(_banner(suite), flush=True)
        await ending
        print("\nstopping", flush=True)
    finally:
        await suite.stop()


async def _start(config: SuiteConfig) -> Suite:
    suite = Suite(config, on_line=_show)
    try:
        await suite.start()
    except BaseException:
        await suite.stop()
        raise
    return suite


def _show(_: str, line: str) -> None:
    sys.stderr.write(line + os.linesep)


def _banner(suite: Suite) -> str:
    config = suite.config
    address = suite.api_url.split("://")[1]
    trust = "--plaintext" if config.insecure else "--insecure"
    context = f" --context {config.kube_context}" if config.kube_context else ""
    rows = {
        **({"web UI": suite.api_url} if suite.ui is not None else {}),
        "API": suite.api_url,
        "webhooks": f"{suite.api_url}/api/webhook",
        "cluster": f"kubectl --kubeconfig {suite.kubeconfig}{context}",
        "NATS": suite.nats.url,
        "events": f"fairlead events --data-dir {config.data_dir}",
        "logs": f"{config.data_dir / 'logs'}",
        "password": f"fairlead admin initial-password --data-dir {config.data_dir}",
        "log in": f"fairlead login {address} {trust} --username admin",
        "stop": "Ctrl-C, or fairlead down",
    }
    width = max(map(len, rows))
    lines = [f"  {name:<{width}}  {value}" for name, value in rows.items()]
    return "\n".join(["", "Fairlead is up.", *lines, ""])


def _leaves(group: BaseExceptionGroup[BaseException]) -> list[BaseException]:
    leaves: list[BaseException] = []
    for error in group.exceptions:
        leaves += _leaves(error) if isinstance(error, BaseExceptionGroup) else [error]
    return leaves
