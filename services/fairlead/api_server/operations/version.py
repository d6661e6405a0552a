"""Version service: which Fairlead this is. Strangers learn the version and nothing else."""

import platform
from functools import cache

import msgspec

from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.caller import Caller
from fairlead.api_server.operations.session import Nothing
from fairlead.model.release import HELM, JSONNET, KUSTOMIZE, version

_MACHINES = {"x86_64": "amd64", "aarch64": "arm64"}


class Version(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="pascal"):
    """Contract 14, Version; keys are capitalised."""

    version: str
    build_date: str = ""
    git_commit: str = ""
    compiler: str = ""
    platform: str = ""
    kustomize_version: str = ""
    helm_version: str = ""
    jsonnet_version: str = ""


@cache
def own() -> Version:
    """What this process is."""
    machine = platform.machine()
    return Version(
        version=version(),
        compiler=f"{platform.python_implementation()} {platform.python_version()}",
        platform=f"{platform.system().lower()}/{_MACHINES.get(machine, machine)}",
        kustomize_version=KUSTOMIZE,
        helm_version=HELM,
        jsonnet_version=JSONNET,
    )


async def get(_: Backend, caller: Caller, __: Nothing) -> Version:
    """The version; all of it for those who are logged in."""
    return own() if caller.is_trusted else Version(version=own().version)
