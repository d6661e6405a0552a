"""Files that a client sends are rendered as an application's source, and leave nothing behind."""

import io
import os
import tarfile
from typing import Any

import msgspec
import pytest

from fairlead.bus import RemoteError
from fairlead.events import decode, subjects
from fairlead.events.envelope import encode
from fairlead.events.sources import RepositorySource, SourcesWanted
from fairlead.matching.repository import partition
from fairlead.rpc import GeneratedManifests
from fairlead.rpc.files import RENDER_FILES, RenderFiles
from tests.integration.repo_server.suite import PATIENCE, Suite, config_map

URL = "https://git.example/never/asked.git"


def packed(files: dict[str, bytes], *links: tuple[str, str]) -> bytes:
    """A gzipped tar."""
    output = io.BytesIO()
    with tarfile.open(fileobj=output, mode="w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
        for name, target in links:
            link = tarfile.TarInfo(name)
            link.type, link.linkname = tarfile.SYMTYPE, target
            archive.addfile(link)
    return output.getvalue()


async def rendered(suite: Suite, archive: bytes, path: str = "web", **options: Any) -> list[dict[str, Any]]:
    source = RepositorySource(repo_url=URL, path=path, target_revision="HEAD", options=options)
    wanted = SourcesWanted(
        namespace="argocd",
        name="app",
        instance="app",
        project="default",
        sources=(source,),
        destination_namespace="x",
        kube_version="1.36.0",
    )
    subject = subjects.rpc_repo(partition(URL), RENDER_FILES)
    question = encode(RenderFiles(wanted=wanted, archive=archive))
    raw = await suite.bus.request(subject, question, timeout=PATIENCE, patience=PATIENCE)
    return [msgspec.json.decode(text) for text in decode(GeneratedManifests, raw).documents or ()]


async def test_files_of_a_client_are_rendered_and_gone(suite: Suite) -> None:
    plain = {"./web/a b.yaml": config_map("one").encode(), 'web/"c".yaml': config_map("two").encode()}
    names = [obj["metadata"]["name"] for obj in await rendered(suite, packed(plain))]
    assert sorted(names) == ["one", "two"]
    kustomized = {
        "web/kustomization.yaml": b"resources: [../base]\nnamePrefix: pre-\n",
        "base/kustomization.yaml": b"resources: [a.yaml]\n",
        "base/a.yaml": config_map("one").encode(),
    }
    (obj,) = await rendered(suite, packed(kustomized))
    assert obj["metadata"]["name"] == "pre-one"
    mirrors = suite.home.rglob(".files-*")
    assert [str(left) for left in mirrors] == []


async def test_overrides_beside_the_files_are_applied_in_their_order(suite: Suite) -> None:
    files = {
        "web/kustomization.yaml": b"resources: [a.yaml]\n",
        "web/a.yaml": config_map("one").encode(),
        "web/.argocd-source.yaml": b"kustomize: {namePrefix: all-, nameSuffix: -all, images: [a=b:1]}\n",
        "web/.argocd-source-app.yaml": (
            b"kustomize: {namePrefix: null, nameSuffix: -app}\n"
            b"path: elsewhere\nrepoURL: https://elsewhere\ntargetRevision: none\nchart: none\n"
        ),
        "web/.argocd-source-other.yaml": b"kustomize: {namePrefix: other-}\n",
    }
    (obj,) = await rendered(suite, packed(files), kustomize={"namePrefix": "own-"})
    assert obj["metadata"]["name"] == "one-app"
    for text, words in ((b"a: [", r"web/\.argocd-source\.yaml"), (b"- a\n", "a mapping is expected")):
        with pytest.raises(RemoteError, match=words):
            await rendered(suite, packed({**files, "web/.argocd-source.yaml": text}))


async def test_archives_that_reach_out_or_swell_are_refused(suite: Suite) -> None:
    secret = suite.folder / "secret.yaml"
    secret.write_text(config_map("canary"))
    refused = {
        "leads out of its folder": {"../out.yaml": b"a: b"},
        "is absolute": {"/etc/out.yaml": b"a: b"},
        "path does not exist": {"web/.git/config": b"[core]"},
        "when unpacked": {"web/big.yaml": bytes(65 << 20)},
        "more than": {f"web/{number}.yaml": b"" for number in range(20_001)},
        "app path does not exist": {"other/a.yaml": b"a: b"},
    }
    for words, files in refused.items():
        with pytest.raises(RemoteError, match=words):
            await rendered(suite, packed(files))
    with pytest.raises(RemoteError, match="cannot be unpacked"):
        await rendered(suite, b"no archive at all")
    with pytest.raises(RemoteError, match="larger than 6 MiB"):
        await rendered(suite, os.urandom((6 << 20) + 1))
    linked = packed({"web/a.yaml": config_map("one").encode()}, ("web/b.yaml", str(secret)))
    try:
        found = await rendered(suite, linked)
    except RemoteError as error:
        assert "canary" not in str(error)
    else:
        assert [obj["metadata"]["name"] for obj in found] == ["one"]
    assert [str(left) for left in suite.home.rglob(".files-*")] == []
