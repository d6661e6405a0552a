"""Applications whose repository is reached over SSH: key and known host are handed over, and changed live."""

import asyncio
import base64
from collections.abc import AsyncIterator

import asyncssh
import msgspec
import pytest_asyncio

from fairlead.app_controller.following.hand_over import HandOver
from fairlead.events import ManifestsRendered, RepositorySource
from fairlead.kube.head import decode_head
from fairlead.local.ssh_server import SshServer
from tests.integration.repo_server.handing import handed_over
from tests.integration.repo_server.suite import PATIENCE, Suite, config_map
from tests.integration.repo_server.test_access import sealed, tried


def key_of(mark: asyncssh.SSHKey) -> str:
    return mark.export_private_key().decode()


class Handed:
    """A suite, an SSH server on its repositories, and what a controller would hand over."""

    def __init__(self, suite: Suite, server: SshServer, handing: HandOver) -> None:
        self.suite = suite
        self.server = server
        self._handing = handing

    def declare(self, name: str, **data: str) -> None:
        """A repository's Secret."""
        encoded = {field: base64.b64encode(value.encode()).decode() for field, value in data.items()}
        labels = {"argocd.argoproj.io/secret-type": "repository"}
        self._put(self._handing.take, "Secret", name, encoded, labels)

    def know(self, text: str) -> None:
        """The known hosts."""
        self._put(
            self._handing.take_map, "ConfigMap", "argocd-ssh-known-hosts-cm", {"ssh_known_hosts": text}, {}
        )

    def _put(self, take: object, kind: str, name: str, data: dict[str, str], labels: dict[str, str]) -> None:
        body = {
            "apiVersion": "v1",
            "kind": kind,
            "metadata": {"name": name, "namespace": "argocd", "labels": labels},
            "data": data,
        }
        raw = msgspec.json.encode(body)
        take(decode_head(raw), raw)  # type: ignore[operator]


@pytest_asyncio.fixture(loop_scope="session")
async def handed(unserved: Suite) -> AsyncIterator[Handed]:
    async with SshServer(unserved.git.folder) as server, handed_over(unserved) as handing:
        yield Handed(unserved, server, handing)


def works(answer: ManifestsRendered) -> bool:
    return answer.failure is None


def says(*words: str) -> object:
    return lambda answer: answer.failure is not None and all(word in answer.failure.message for word in words)


async def until(true: object) -> None:
    async with asyncio.timeout(PATIENCE):
        while not true():  # type: ignore[operator]
            await asyncio.sleep(0.02)


async def test_a_key_and_a_known_host_make_a_push_live_and_both_are_changed_live(handed: Handed) -> None:
    suite, server = handed.suite, handed.server
    first, second = (asyncssh.generate_private_key("ssh-ed25519") for _ in range(2))
    server.allow(first)
    work = await suite.repository("over", {"web/cm.yaml": config_map("web")})
    url = server.repo_url("over")
    handed.declare("over", url=url, sshPrivateKey=key_of(first))
    await suite.want("web", RepositorySource(repo_url=url, path="web"))
    shown = server.host_key.get_fingerprint()
    await suite.answer("web", says("knownhosts: key is unknown", shown))
    handed.know(server.known_hosts)
    await suite.answer("web", works)

    commit = await work.publish({"web/cm.yaml": config_map("web", "new")}, "second")
    await suite.webhook("over")
    await suite.answer("web", lambda answer: works(answer) and answer.revisions == (commit,))
    connections = server.connections

    server.allow(second)
    server.forbid(first)
    handed.declare("over", url=url, sshPrivateKey=key_of(second))
    await until(lambda: server.connections > connections)
    commit = await work.publish({"web/cm.yaml": config_map("web", "newer")}, "third")
    await suite.webhook("over")
    await suite.answer("web", lambda answer: works(answer) and answer.revisions == (commit,))
    await until(lambda: len(server.open) == 1)

    count = len(suite.answers)
    handed.know("")
    await until(lambda: not server.open)
    commit = await work.publish({"web/cm.yaml": config_map("web", "newest")}, "fourth")
    await suite.webhook("over")
    handed.know(server.known_hosts)
    await suite.answer("web", lambda answer: works(answer) and answer.revisions == (commit,), after=count)
    log = (suite.folder / "repo-server.log").read_text()
    assert key_of(first).splitlines()[2] not in log
    assert not any(
        key_of(second).splitlines()[2].encode() in file.read_bytes()
        for file in (suite.folder / "data").rglob("*")
        if file.is_file()
    )


async def test_a_key_is_tried_for_one_question_and_its_connection_is_not_kept(handed: Handed) -> None:
    suite, server = handed.suite, handed.server
    key, other = (asyncssh.generate_private_key("ssh-ed25519") for _ in range(2))
    server.allow(key)
    await suite.repository("tried", {"web/cm.yaml": config_map("web")})
    url = server.repo_url("tried")
    words = await tried(suite, url, sealed=sealed(url, sshPrivateKey=key_of(key)))
    assert "knownhosts: key is unknown" in words
    insecure = sealed(url, sshPrivateKey=key_of(key), insecureIgnoreHostKey="true")
    assert await tried(suite, url, sealed=insecure) == ""
    await until(lambda: not server.open)
    handed.know(server.known_hosts)
    async with asyncio.timeout(PATIENCE):
        while await tried(suite, url, sealed=sealed(url, sshPrivateKey=key_of(key))):
            await asyncio.sleep(0.2)
    await until(lambda: not server.open)
    wrong = await tried(suite, url, sealed=sealed(url, sshPrivateKey=key_of(other)))
    assert "does not take the repository's key" in wrong
    encrypted = key.export_private_key(passphrase="canary").decode()
    assert "passphrase" in await tried(suite, url, sealed=sealed(url, sshPrivateKey=encrypted))
    assert "wants a key" in await tried(suite, url)
