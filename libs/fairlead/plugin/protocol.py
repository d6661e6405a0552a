"""What both ends of the protocol agree on (contract 7.5)."""

from typing import Final

from fairlead.wire.catalogue import RPCS_BY_PATH

_SERVICE: Final = "/plugin.ConfigManagementPluginService"
CHECK: Final = f"{_SERVICE}/CheckPluginConfiguration"
MATCH: Final = f"{_SERVICE}/MatchRepository"
GENERATE: Final = f"{_SERVICE}/GenerateManifest"
ANNOUNCE: Final = f"{_SERVICE}/GetParametersAnnouncement"

CHUNK: Final = 1024
"""Bytes of the archive in one message."""
SUFFIX: Final = ".sock"
SOCKETS: Final = "/home/argocd/cmp-server/plugins"
"""The folder of the sockets, the same for repo-server and sidecars."""
SOCKETS_VARIABLE: Final = "ARGOCD_PLUGINSOCKFILEPATH"
CONFIGURATION: Final = "/home/argocd/cmp-server/config"
"""The folder of a sidecar's `plugin.yaml`."""
MAX_ARCHIVE: Final = 512 << 20
"""Bytes of the gzipped tar with a repository's files."""
MAX_UNPACKED: Final = 1 << 30
"""Bytes of these files."""
MAX_FILES: Final = 200_000
MAX_ANSWER: Final = 80 << 20
"""Bytes of an answer, which has all manifests."""
MAX_METADATA: Final = 4 << 20
"""Bytes of the first message, which has the environment."""
EARLIER: Final = 0.1
"""Seconds before the caller's deadline at which a command's is over, so that the caller still hears of it."""


def request_of(rpc: str) -> str:
    """The name of an RPC's request."""
    return RPCS_BY_PATH[rpc].request


def response_of(rpc: str) -> str:
    """The name of an RPC's response."""
    return RPCS_BY_PATH[rpc].response


def plugin_name(name: str, version: str) -> str:
    """What a plugin is called by applications, and its socket without the suffix."""
    return f"{name}-{version}" if version else name
