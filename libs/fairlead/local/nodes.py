"""The simulated nodes, and requests to the local apiserver as its administrator.

Why: what plays the kubelets makes no nodes. Invariant: a node is big enough that nothing of a test
or a demo ever waits for room.
"""

import ssl
from pathlib import Path
from types import TracebackType

import aiohttp

from fairlead.local.errors import KubernetesError
from fairlead.local.pki import KeyPair

ROOM = {"cpu": "100k", "memory": "100Ti", "ephemeral-storage": "100Ti", "pods": "100k"}
REQUEST_SECONDS = 30
READY_PATH = "/readyz"
CONFLICT = 409


def node(name: str) -> dict[str, object]:
    """A Node object with room for 100,000 pods."""
    labels = {"kubernetes.io/hostname": name, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64"}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "labels": labels},
        "status": {"allocatable": ROOM, "capacity": ROOM},
    }


class Administrator:
    """A client of the local apiserver with every right. One session, closed on exit."""

    def __init__(self, *, url: str, ca: Path, client: KeyPair) -> None:
        self._url = url
        self._tls = ssl.create_default_context(cafile=str(ca))
        self._tls.load_cert_chain(client.certificate, client.key)
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> "Administrator":
        connector = aiohttp.TCPConnector(ssl=self._tls)
        timeout = aiohttp.ClientTimeout(total=REQUEST_SECONDS)
        self._session = aiohttp.ClientSession(self._url, connector=connector, timeout=timeout)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def is_ready(self) -> bool:
        """Whether the apiserver says it is ready."""
        try:
            async with self.session.get(READY_PATH) as answer:
                return answer.status == 200
        except (aiohttp.ClientError, OSError):
            return False

    async def create_node(self, name: str) -> None:
        """Create a node; one of that name that exists is kept. Raises KubernetesError."""
        async with self.session.post("/api/v1/nodes", json=node(name)) as answer:
            if answer.status != CONFLICT and not answer.ok:
                raise KubernetesError(f"node {name} was refused ({answer.status}): {await answer.text()}")

    async def are_nodes_schedulable(self, count: int) -> bool:
        """Whether that many nodes are there without any taint: then all who make it so work."""
        async with self.session.get("/api/v1/nodes") as answer:
            if not answer.ok:
                return False
            nodes = (await answer.json())["items"]
        return sum(not item["spec"].get("taints") for item in nodes) >= count

    async def has_default_namespace(self) -> bool:
        """Whether the apiserver has made the first namespaces, which it does just after it is ready."""
        async with self.session.get("/api/v1/namespaces/default") as answer:
            return answer.ok

    @property
    def session(self) -> aiohttp.ClientSession:
        """The open session, for requests this class has no word for."""
        if self._session is None:
            raise KubernetesError("the administrator's session is not open")
        return self._session
