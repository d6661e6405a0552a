"""What a service is told that asks hosts which others name, and runs their scripts.

Invariant: addresses that are closed by themselves are opened by the operator's flags alone.
"""

import argparse
from pathlib import Path

import msgspec

from fairlead.matching.networks import Networks, parse_networks
from fairlead.outbound.proxies import Proxies
from fairlead.process.config import Flags, ServiceConfig, shared_settings
from fairlead.process.flags import Environment

FAMILIES = ("ARGOCD_", "AWS_", "AZURE_", "BITBUCKET_", "GOOGLE_")
"""How variables begin that stand over argocd-cmd-params-cm, or say who the process is in a cloud, and where
that is."""


class OutgoingConfig(ServiceConfig, frozen=True, kw_only=True):
    """`environment` are the variables of FAMILIES. Never shown: they may hold keys."""

    render_engine: Path | None = None
    networks: Networks = Networks()
    proxies: Proxies = Proxies()
    environment: dict[str, str] = msgspec.field(default_factory=dict)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(…)"


def add_flags(flags: Flags) -> None:
    """The flags of such a service."""
    flags.text("--render-engine", "", "the render engine's binary, for templates and conditions")
    flags.text("--networks-opened", "", "networks, with commas, that may be asked although they are closed")
    flags.text("--networks-closed", "", "networks, with commas, that nothing is asked in")


def outgoing_settings(given: argparse.Namespace, env: Environment) -> dict[str, object]:
    """The fields of `OutgoingConfig`. Raises ValueError naming what is no network."""
    return {
        **shared_settings(given, env),
        "render_engine": Path(given.render_engine) if given.render_engine else None,
        "networks": Networks(
            opened=parse_networks(given.networks_opened), closed=parse_networks(given.networks_closed)
        ),
        "proxies": Proxies.read(env.variable),
        "environment": {name: text for name, text in env.all().items() if name.startswith(FAMILIES)},
    }
