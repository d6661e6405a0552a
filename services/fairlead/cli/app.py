"""The tree of commands. Every command's module is imported when it is called, so that `--help` is quick."""

from pathlib import Path
from typing import Annotated

import typer

cli = typer.Typer(
    name="fairlead",
    help="GitOps continuous delivery for Kubernetes.",
    no_args_is_help=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    add_completion=False,
)

DataDir = Annotated[
    Path | None, typer.Option("--data-dir", help="Folder for everything the suite keeps.", show_default=False)
]


@cli.command()
def up(
    kubeconfig: Annotated[
        Path | None, typer.Option(help="Use this cluster instead of a control plane of our own.")
    ] = None,
    kube_context: Annotated[str, typer.Option(help="Context of the kubeconfig.")] = "",
    data_dir: DataDir = None,
    port: Annotated[int, typer.Option(help="Port of the API server; 0 takes a free one.")] = 8080,
    namespace: Annotated[str, typer.Option(help="Namespace of the control plane.")] = "argocd",
    insecure: Annotated[bool, typer.Option("--insecure", help="Serve plaintext instead of TLS.")] = False,
    log_level: Annotated[str, typer.Option(help="debug, info, warning or error.")] = "info",
    log_format: Annotated[str, typer.Option(help="console or json.")] = "console",
) -> None:
    """Run the whole suite on this machine, in the foreground, until Ctrl-C."""
    from fairlead.cli.up import run_up
    from fairlead.local.suite import SuiteConfig
    from fairlead.local.suite.config import default_data_dir

    run_up(
        SuiteConfig(
            data_dir=(data_dir or default_data_dir()).absolute(),
            kubeconfig=kubeconfig,
            kube_context=kube_context,
            port=port,
            namespace=namespace,
            insecure=insecure,
            log_level=log_level,
            log_format=log_format,
        )
    )


@cli.command()
def down(data_dir: DataDir = None) -> None:
    """Stop the suite that runs on a data folder."""
    from fairlead.cli.down import run_down
    from fairlead.local.suite.config import default_data_dir

    run_down((data_dir or default_data_dir()).absolute())


@cli.command()
def status(data_dir: DataDir = None) -> None:
    """Say what of the suite runs, where it listens and whether it is ready."""
    from fairlead.cli.status import run_status
    from fairlead.local.suite.config import default_data_dir

    run_status((data_dir or default_data_dir()).absolute())


@cli.command()
def demo(
    keep: Annotated[bool, typer.Option("--keep", help="Leave everything running until Ctrl-C.")] = False,
    kubeconfig: Annotated[Path | None, typer.Option(help="Walk it on this cluster.")] = None,
    kube_context: Annotated[str, typer.Option(help="Context of the kubeconfig.")] = "",
) -> None:
    """Walk the milestones of the guide on a real cluster, checking that each came true."""
    import asyncio

    from fairlead.local.demo import DemoOptions, run_demo
    from fairlead.process import configure_logging

    configure_logging(service="demo", form="console", level="warning")
    options = DemoOptions(keep=keep, kubeconfig=kubeconfig, kube_context=kube_context)
    raise typer.Exit(asyncio.run(run_demo(options)))


def main() -> None:
    """Run the command line."""
    cli()
