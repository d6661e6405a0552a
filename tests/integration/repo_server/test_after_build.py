"""Manifests are finished with what is lent to the project, at the very version that the wish names."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from typing import Any

import pyrage
import pytest_asyncio
import redis.asyncio

from fairlead.app_controller.following.hand_over import SECRET_TYPE_LABEL, HandOver
from fairlead.app_controller.following.lending import Lending
from fairlead.app_controller.following.render_settings import RenderSettingsHandOver
from fairlead.bus.topology import SOURCES_BUCKET
from fairlead.events import Cause, RenderLevel, RepositorySource, SourcesWanted, subjects
from fairlead.events.after_build import DECRYPTION, PROJECTS, VARIABLES
from fairlead.events.credentials import PURPOSE
from fairlead.events.envelope import encode
from fairlead.kube.head import decode_head
from fairlead.matching.repository import partition
from fairlead.model.application import Application
from fairlead.model.decode import from_object
from fairlead.secret.seal import Seal, derive
from tests.encrypting import encrypted
from tests.integration.repo_server.suite import SECRET, Suite, config_map

OWN, OTHER = pyrage.x25519.Identity.generate(), pyrage.x25519.Identity.generate()
PASSWORD, TOKEN = "canary-of-sops-7d1f", "canary-of-variables-9c3a"


def sealed(name: str = "s", identity: pyrage.x25519.Identity = OWN, **more: Any) -> str:
    document = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name},
        "stringData": {"p": PASSWORD},
    }
    return json.dumps(encrypted({**document, **more}, age=str(identity.to_public())))


class Finished:
    """A suite whose repo-server is handed what an app-controller lends."""

    def __init__(self, suite: Suite, handing: HandOver) -> None:
        self.suite = suite
        self.handing = handing
        self.lending = Lending(lambda: handing.lent)
        self._versions = 0

    def lend(self, name: str, kind: str, data: dict[str, str], *, projects: str = "default") -> None:
        """A Secret, or a ConfigMap where `kind` is "", is there from now on."""
        self._versions += 1
        metadata: dict[str, Any] = {
            "name": name,
            "uid": name,
            "resourceVersion": str(self._versions),
            "annotations": {PROJECTS: projects},
            "labels": {SECRET_TYPE_LABEL: kind} if kind else {},
        }
        if not kind:
            raw = json.dumps({"metadata": metadata, "data": data}).encode()
            self.handing.take_map(decode_head(raw), raw)
            return
        coded = {key: base64.b64encode(value.encode()).decode() for key, value in data.items()}
        raw = json.dumps({"metadata": metadata, "data": coded}).encode()
        self.handing.take(decode_head(raw), raw)

    async def want(self, name: str, repo: str, *, project: str = "default", **marks: str) -> SourcesWanted:
        """As a controller that knows what is lent at this moment."""
        annotations = {f"fairlead.dev/{key.replace('_', '-')}": value for key, value in marks.items()}
        body = {"metadata": {"name": name, "annotations": annotations}, "spec": {"project": project}}
        source = RepositorySource(repo_url=self.suite.git.repo_url(repo), path="app", target_revision="main")
        wish = SourcesWanted(
            namespace="argocd",
            name=name,
            instance=name,
            project=project,
            sources=(source,),
            after_build=self.lending.of(from_object(body, Application)),
        )
        self.suite.parts[name] = partition(wish.home)
        await self.suite.bus.key_value(SOURCES_BUCKET).put(subjects.app_tokens("argocd", name), encode(wish))
        await self.suite.ask(name, RenderLevel.CACHED, Cause.SPEC_CHANGED)
        return wish

    async def objects(self, name: str, wish: SourcesWanted) -> dict[str, dict[str, Any]]:
        answer = await self.suite.answer(
            name, lambda a: a.sources_digest == wish.digest and a.failure is None
        )
        return {one["metadata"]["name"]: one for one in await self.suite.documents(answer)}

    async def failure(self, name: str, wish: SourcesWanted) -> tuple[str, bool]:
        answer = await self.suite.answer(
            name, lambda a: a.sources_digest == wish.digest and a.failure is not None
        )
        assert answer.failure is not None
        return answer.failure.message.rpartition("source 1 of 1: ")[2], answer.failure.transient


@pytest_asyncio.fixture(loop_scope="session")
async def finished(unserved: Suite) -> AsyncIterator[Finished]:
    suite = unserved
    handing = HandOver(suite.bus, Seal(derive(SECRET.encode(), PURPOSE)))
    settings = RenderSettingsHandOver(suite.bus, {})
    running = [asyncio.create_task(run) for run in (handing.run(), settings.run())]
    await suite.serve(credentials=True)
    yield Finished(suite, handing)
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)


async def test_what_is_encrypted_is_read_for_the_project_that_has_the_key_and_lies_sealed(
    finished: Finished,
) -> None:
    suite = finished.suite
    whole = encrypted({"password": PASSWORD}, age=str(OWN.to_public()), only=".")
    files = {
        "app/s.yaml": sealed(),
        "app/c.yaml": config_map("c"),
        "app/whole.json": json.dumps(whole),
        "app/kustomization.yaml": (
            "resources: [s.yaml, c.yaml]\ngeneratorOptions: {disableNameSuffixHash: true}\n"
            "secretGenerator: [{name: whole, files: [whole.json]}]\n"
        ),
    }
    await suite.repository("enc", files)
    await suite.repository("foreign", {"app/s.yaml": sealed(identity=OTHER), "app/c.yaml": config_map("c")})
    await suite.repository("shown", {"app/s.yaml": sealed(kind="ConfigMap")})
    finished.lend("keys", DECRYPTION, {"a.agekey": str(OWN)}, projects="default, team")
    wish = await finished.want("plain", "enc", project="other")
    assert wish.after_build is None, "another project is lent nothing"
    found = await finished.objects("plain", wish)
    assert found["s"]["stringData"]["p"].startswith("ENC[")
    assert "sops" in found["s"]
    wish = await finished.want("read", "enc")
    found = await finished.objects("read", wish)
    assert found["s"]["stringData"] == {"p": PASSWORD}
    assert "sops" not in found["s"]
    assert found["c"]["data"] == {"key": "v"}
    generated = json.loads(base64.b64decode(found["whole"]["data"]["whole.json"]))
    assert generated == {"password": PASSWORD}
    wish = await finished.want("foreign", "foreign")
    assert await finished.failure("foreign", wish) == ("Secret s: none of the project's keys opens it", False)
    wish = await finished.want("shown", "shown")
    words = "ConfigMap s: only Secrets are decrypted, as only they are masked where they are shown"
    assert await finished.failure("shown", wish) == (words, False)
    finished.lend("keys", DECRYPTION, {"a.agekey": f"{OWN}\n{OTHER}"})
    wish = await finished.want("foreign", "foreign")
    assert (await finished.objects("foreign", wish))["s"]["stringData"] == {"p": PASSWORD}
    await nowhere_in_the_open(suite, PASSWORD)


async def test_variables_are_replaced_and_another_value_is_another_render(finished: Finished) -> None:
    suite = finished.suite
    token = (
        '{"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "t"}, "stringData": {"t": "${TOKEN}"}}'
    )
    await suite.repository(
        "vars",
        {"app/c.yaml": config_map("c", "${REGION}-${SIZE:=small}"), "app/t.yaml": token},
    )
    await suite.repository("leak", {"app/c.yaml": config_map("c", "${TOKEN}")})
    finished.lend("cluster", "", {"REGION": "eu", "SIZE": "large"})
    finished.lend("tokens", VARIABLES, {"TOKEN": TOKEN})
    finished.lend("private", "", {"REGION": "xx"}, projects="other")
    named = "ConfigMap/cluster,Secret/tokens"
    wish = await finished.want("web", "vars", substitute_from=named, substitute='{"SIZE": ""}')
    found = await finished.objects("web", wish)
    assert found["c"]["data"] == {"key": "eu-small"}
    assert found["t"]["stringData"] == {"t": TOKEN}
    assert TOKEN not in encode(wish).decode("latin-1"), "a wish has versions and no values"
    finished.lend("cluster", "", {"REGION": "us"})
    wish = await finished.want("web", "vars", substitute_from=named)
    assert (await finished.objects("web", wish))["c"]["data"] == {"key": "us-small"}
    wish = await finished.want("leak", "leak", substitute_from=named)
    words = "ConfigMap c: variable TOKEN comes from a Secret and may stand in the data of Secrets only"
    assert await finished.failure("leak", wish) == (words, False)
    wish = await finished.want("unset", "leak", substitute_from="ConfigMap/cluster")
    assert await finished.failure("unset", wish) == ("ConfigMap c: variable TOKEN is not set", False)
    wish = await finished.want("unset", "leak")
    assert (await finished.objects("unset", wish))["c"]["data"] == {"key": "${TOKEN}"}, "nobody asked"
    for names, problem in {
        "ConfigMap/private": "ConfigMap private with variables for project default is not there",
        "Secret/cluster": "Secret cluster with variables for project default is not there",
        "Pod/x": "'Pod/x' is none of ConfigMap/name and Secret/name",
    }.items():
        wish = await finished.want("wrong", "vars", substitute_from=names)
        text, transient = await finished.failure("wrong", wish)
        assert (text, transient) == (f"annotation fairlead.dev/substitute-from: {problem}", False)
    wish = await finished.want("wrong", "vars", substitute="[1]")
    assert (await finished.failure("wrong", wish))[0].startswith("annotation fairlead.dev/substitute: ")
    wish = await finished.want("maybe", "vars", substitute_from=f"{named},ConfigMap/private?")
    assert (await finished.objects("maybe", wish))["c"]["data"] == {"key": "us-small"}
    await nowhere_in_the_open(suite, TOKEN)


async def test_what_was_not_handed_over_yet_is_waited_for(finished: Finished) -> None:
    suite = finished.suite
    await suite.repository("early", {"app/s.yaml": sealed()})
    ahead = Finished(suite, HandOver(suite.bus, Seal(derive(SECRET.encode(), PURPOSE))))
    ahead.lend("keys", DECRYPTION, {"a.agekey": str(OWN)})
    wish = await ahead.want("early", "early")
    assert await ahead.failure("early", wish) == ("keys was not handed over yet", True)
    finished.lend("keys", DECRYPTION, {"a.agekey": str(OWN)})
    assert (await finished.objects("early", wish))["s"]["stringData"] == {"p": PASSWORD}


async def nowhere_in_the_open(suite: Suite, text: str) -> None:
    """Redis, the bus's store and the log have no trace of a value."""
    async with redis.asyncio.Redis.from_url(suite.redis.url) as client:
        async for key in client.scan_iter():
            assert text.encode() not in (await client.get(key) or b""), key
    for file in (*suite.nats.store.rglob("*"), suite.folder / "repo-server.log"):
        if file.is_file():
            assert text.encode() not in file.read_bytes(), file
