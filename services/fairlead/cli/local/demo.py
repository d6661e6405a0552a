"""`fairlead demo`: the guide's milestones, walked on a real cluster."""

import asyncio
from pathlib import Path

from fairlead.cli.command import Invocation
from fairlead.cli.errors import EndedError
from fairlead.local.demo import DemoOptions, run_demo
from fairlead.process import configure_logging


def run(call: Invocation) -> None:
    """Walk the demo; ends with its exit code."""
    configure_logging(service="demo", form="console", level="warning")
    values = call.values
    kubeconfig = values.text("kubeconfig")
    options = DemoOptions(
        keep=values.switch("keep"),
        kubeconfig=Path(kubeconfig) if kubeconfig else None,
        kube_context=values.text("kube-context"),
    )
    code = asyncio.run(run_demo(options))
    if code:
        raise EndedError(code)
