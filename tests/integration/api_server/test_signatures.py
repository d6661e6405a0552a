"""Whatever is rendered to be shown must be signed as the project demands; each way to have something rendered
is tried."""

import ast
import base64
import hashlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest_asyncio

import fairlead.api_server.operations.sources
from fairlead.api_server.kinds import APPLICATIONS
from fairlead.bus import RemoteError
from fairlead.events import SourcesWanted
from fairlead.events.envelope import decode, encode
from fairlead.kube.rest import KubeClient
from fairlead.matching.integrity import LOCAL_REFUSED
from fairlead.rpc import access, plugins, repo
from fairlead.rpc.files import RENDER_FILES, RenderFiles
from fairlead.signatures import Keyring
from tests.integration.api_server.conftest import NAMESPACE, Answer, Door
from tests.signing import GpgKey

SHA = "0da637be0bd0a308d3a694f270f6b592c617cda9"
URL = "https://git.example/team/config.git"
LOCAL = "https://kubernetes.default.svc"
ALICE = GpgKey()
WORDS = f"GIT/GPG: Failed verifying revision {SHA} by 'Ann <ann@shop.example>': unsigned (key_id=)"


def app(name: str) -> dict[str, object]:
    source = {"repoURL": URL, "path": "web", "targetRevision": "main"}
    destination = {"server": LOCAL, "namespace": "web"}
    spec = {"source": source, "destination": destination, "project": "signed"}
    return {"metadata": {"name": name}, "spec": spec}


class Remote:
    """A repository whose commits nobody signed: what demands signatures of it is refused."""

    def __init__(self) -> None:
        self.asked: list[SourcesWanted] = []

    async def test(self, _: str, __: bytes) -> bytes:
        return encode(repo.TestedRepository(revision=SHA))

    async def details(self, _: str, __: bytes) -> bytes:
        return encode(access.DescribedSource(source_type="Kustomize"))

    async def generate(self, _: str, payload: bytes) -> bytes:
        self._require_signed(decode(repo.GenerateManifests, payload).wanted)
        return encode(repo.GeneratedManifests(digest="", sources=(), documents=()))

    async def announce(self, _: str, payload: bytes) -> bytes:
        self._require_signed(decode(plugins.AnnounceParameters, payload).wanted)
        return encode(plugins.AnnouncedParameters())

    async def files(self, _: str, payload: bytes) -> bytes:
        self.asked.append(decode(RenderFiles, payload).wanted)
        source = repo.RenderedSource(revision="", source_type="Directory")
        return encode(repo.GeneratedManifests(digest="", sources=(source,), documents=()))

    def _require_signed(self, wanted: SourcesWanted) -> None:
        self.asked.append(wanted)
        if wanted.sources[0].signatures is not None:
            raise RemoteError("InvalidArgument", WORDS)


@pytest_asyncio.fixture(loop_scope="session")
async def unsigned(door: Door, scripted: dict[str, Answer]) -> Remote:
    """A project that demands signatures of an application whose repository has none."""
    remote = Remote()
    scripted |= {
        repo.TEST: remote.test,
        repo.GENERATE: remote.generate,
        plugins.ANNOUNCE: remote.announce,
        access.DETAILS: remote.details,
        RENDER_FILES: remote.files,
    }
    assert (await door.ask("POST", "/api/v1/gpgkeys", {"keyData": ALICE.text}))[0] == 200
    spec = {
        "sourceRepos": ["*"],
        "destinations": [{"server": "*", "namespace": "*"}],
        "signatureKeys": [{"keyID": ALICE.key_id}],
    }
    project: dict[str, Any] = {"project": {"metadata": {"name": "signed"}, "spec": spec}}
    project["upsert"] = True
    assert (await door.ask("POST", "/api/v1/projects", project))[0] == 200
    return remote


async def test_nothing_unsigned_is_shown_as_if_it_were_fine(
    door: Door, kube: KubeClient, unsigned: Remote
) -> None:
    async def asked(method: str, path: str, body: object = None, **query: str) -> str:
        _, answer = await door.ask(method, path, body, **query)
        return str(msgspec.convert(answer, dict[str, Any]).get("message", ""))

    assert await asked("POST", "/api/v1/applications", app("web")) == "", "it may be signed one day"
    assert unsigned.asked[-1].sources[0].signatures is not None, "and nothing of it was rendered"
    was = {"revision": SHA, "deployedAt": "2026-01-01T00:00:00Z", "source": {"repoURL": URL, "path": "web"}}
    history = [{"id": number, **was} for number in (0, 1)]
    await kube.merge_patch(APPLICATIONS, "web", {"status": {"history": history}}, NAMESPACE)
    source = {"repoURL": URL, "path": "web"}
    details = {"source": source, "appName": "web", "appProject": "signed"}
    kustomize = {**details, "source": {**source, "kustomize": {"namePrefix": "a-"}}}
    quoted = URL.replace("/", "%2F")
    diff = {"application": "web", "from": "0", "to": "1"}
    ways: dict[str, Callable[[], Awaitable[str]]] = {
        "manifests": lambda: asked("GET", "/api/v1/applications/web/manifests"),
        "of a revision": lambda: asked("GET", "/api/v1/applications/web/manifests", revision=SHA),
        "preview": lambda: asked("POST", "/api/v1/preview", {"application": app("web")}),
        "of a new one": lambda: asked("POST", "/api/v1/preview", {"application": app("new")}),
        "two states": lambda: asked("GET", "/api/v1/revision-diff", **diff),
        "parameters": lambda: asked("POST", f"/api/v1/repositories/{quoted}/appdetails", details),
        "images": lambda: asked("POST", f"/api/v1/repositories/{quoted}/appdetails", kustomize),
    }
    digest = Keyring.of(ALICE.entry).digest(ALICE.key_id)
    for way, ask in ways.items():
        unsigned.asked.clear()
        assert WORDS in await ask(), way
        for wanted in unsigned.asked:
            assert wanted.sources[0].signatures is not None, way
            assert wanted.sources[0].signatures.keys == {ALICE.key_id: digest}, way


async def test_files_of_a_client_are_rendered_and_said_to_be_none_that_a_sync_takes(
    door: Door, unsigned: Remote
) -> None:
    assert (await door.ask("POST", "/api/v1/applications", app("local"), upsert="true"))[0] == 200
    archive = b"a gzipped tar"
    query = {"query": {"name": "local", "checksum": hashlib.sha256(archive).hexdigest()}}
    chunk = base64.b64encode(archive).decode()
    parts = [query, {"chunk": {"chunk": chunk}}]
    headers = {"Authorization": f"Bearer {door.token}", "Content-Type": "application/json"}
    url = f"{door.url}/api/v1/applications/manifestsWithFiles"
    body = b"\n".join(map(msgspec.json.encode, parts))
    async with door.http.post(url, data=body, headers=headers) as answer:
        found = await answer.json()
    assert found["sourceType"] == "Directory"
    assert found["sourceIntegrityResult"] == {"Checks": [{"Name": "GIT/GPG", "Problems": [LOCAL_REFUSED]}]}


def test_sources_are_named_to_the_repo_server_in_one_place() -> None:
    root = Path(fairlead.api_server.operations.sources.__file__).parents[1]
    named: dict[str, set[str]] = {}
    for path in root.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
                name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
                named.setdefault(name, set()).add(path.name)
    assert named.get("repository_source", set()) | named.get("RepositorySource", set()) == set()
    assert named["wanted_sources"] == named["SourcesWanted"] == {"wish.py", "content.py"}
    wishes = (path.read_text() for path in root.rglob("*.py") if "repository_source" in path.read_text())
    assert len(list(wishes)) == 1
