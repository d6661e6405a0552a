"""The command against the running service: what it asks is what the server understands."""

import asyncio
import io
import json
import shlex
import sys
import tarfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest_asyncio

from fairlead.bus import Bus, BusConfig, RemoteError
from fairlead.bus.topology import SOURCES_BUCKET
from fairlead.cli.cluster.account import ROLES
from fairlead.events import RepositorySource, SourcesWanted, subjects
from fairlead.events.envelope import decode, encode
from fairlead.kube.kubeconfig import from_kubeconfig
from fairlead.kube.rest import KubeClient
from fairlead.local.control_plane import ControlPlane
from fairlead.local.nats_server import NatsServer
from fairlead.model.drift import DriftEnd, DriftEntry
from fairlead.rpc import affected, controller, drift, files, foreseen, merging, repo, resource
from fairlead.rpc.rendered import RenderedSet
from tests.integration.api_server.conftest import CACHE_SECRET, NAMESPACE, Answer, Door

LOCAL = "https://kubernetes.default.svc"


class Said(NamedTuple):
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str


LOOP = """
import contextlib, io, json, sys
from fairlead.cli.program import run
for line in sys.stdin:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run(json.loads(line), "argocd")
    print(json.dumps([code, out.getvalue(), err.getvalue()]), flush=True)
"""
"""One process for all command lines: a new one each time would cost most of the test."""


class Shell:
    """Runs command lines as admin of the service, in a process of its own."""

    def __init__(self, door: Door, folder: Path, process: asyncio.subprocess.Process) -> None:
        self._door = door
        self._folder = folder
        self._process = process

    async def __call__(self, line: str) -> Said:
        """One command line."""
        host = self._door.url.removeprefix("http://")
        more = ["--server", host, "--plaintext", "--auth-token", self._door.token]
        words = [*shlex.split(line), *more, "--config", str(self._folder / "config")]
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(words).encode() + b"\n")
        async with asyncio.timeout(120):
            return Said(*json.loads(await self._process.stdout.readline()))

    async def ok(self, line: str) -> str:
        """What a command prints that has to succeed."""
        said = await self(line)
        assert said.code == 0, (line, said)
        return said.out


@pytest_asyncio.fixture(loop_scope="session")
async def shell(door: Door, tmp_path: Path) -> AsyncIterator[Shell]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", LOOP),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=16 << 20,
    )
    yield Shell(door, tmp_path, process)
    assert process.stdin is not None
    process.stdin.close()
    await process.wait()


async def test_a_project_is_made_changed_shown_and_deleted(shell: Shell) -> None:
    server = "https://kubernetes.default.svc"
    await shell.ok(f"proj create cmd -d {server},cmd-* -s 'https://git.example/*' --description demo")
    for line in (
        "add-source cmd https://other.example/x.git",
        "remove-source cmd https://other.example/x.git",
        f"add-destination cmd {server} other",
        "add-destination cmd eu-west other --name",
        f"remove-destination cmd {server} other",
        f"add-destination-service-account cmd {server} cmd-a deployer",
        f"remove-destination-service-account cmd {server} cmd-a deployer",
        "add-source-namespace cmd elsewhere",
        "remove-source-namespace cmd elsewhere",
        "add-signature-key cmd 4AEE18F83AFDEB23",
        "remove-signature-key cmd 4AEE18F83AFDEB23",
        "add-orphaned-ignore cmd apps Deployment --name kube-*",
        "remove-orphaned-ignore cmd apps Deployment --name kube-*",
        "allow-cluster-resource cmd '' Namespace",
        "deny-namespace-resource cmd '' Secret",
        "windows add cmd -k deny --schedule '0 0 1 1 *' --duration 1h --applications '*'",
        "windows enable-manual-sync cmd 0",
        "windows update cmd 0 --duration 2h",
        "set cmd --description changed",
        "role create cmd ci",
        "role add-policy cmd ci -a sync -o web",
        "role add-group cmd ci people",
    ):
        await shell.ok(f"proj {line}")
    shown = await shell.ok("proj get cmd")
    assert "Description:                 changed" in shown
    assert f"Destinations:                {server},cmd-*" in shown
    assert "Allowed Cluster Resources:   /Namespace" in shown
    assert "2h" in await shell.ok("proj windows list cmd")
    assert "deny" in await shell.ok("proj windows list cmd -o json")
    await shell.ok("proj windows delete cmd 0")
    token = (await shell.ok("proj role create-token cmd ci -e 1h --token-only")).strip()
    assert token.count(".") == 2
    listed = await shell.ok("proj role list-tokens cmd ci -u")
    issued = listed.splitlines()[1].split()[-2]
    assert "p, proj:cmd:ci, applications, sync, cmd/web, allow" in await shell.ok("proj role get cmd ci")
    await shell.ok(f"proj role delete-token cmd ci {issued}")
    assert "No tokens" in await shell.ok("proj role list-tokens cmd ci")
    for line in ("remove-policy cmd ci -a sync -o web", "remove-group cmd ci people", "delete cmd ci"):
        await shell.ok(f"proj role {line}")
    assert "cmd" in await shell.ok("proj list -o name")
    await shell.ok("proj delete cmd")
    gone = await shell("proj get cmd")
    assert gone.code == 20
    assert "NotFound" in json.loads(gone.err)["msg"]


async def test_policies_for_signatures_are_made_changed_and_taken_away(shell: Shell) -> None:
    key, other = "D56C4FCA57A46444", "4AEE18F83AFDEB23"
    git = "proj source-integrity git policies"
    await shell.ok("proj create signed")
    none = await shell(f"{git} list signed")
    assert none.code == 1
    assert none.out == 'Error: no source integrity git policies defined for project "signed"\n'
    first = await shell(
        f"{git} add signed --repo-url 'https://a.example/*' --gpg-mode strict --gpg-key {key}"
    )
    assert first.out == (
        "ID  GPG-MODE  GPG-KEYS          REPO-URLS\n0   strict    D56C4FCA57A46444  https://a.example/*\n"
    )
    assert "are not in repo-server keyring: D56C4FCA57A46444" in first.err
    second = await shell(
        f"{git} add signed --repo-url https://b.example/x,!https://b.example/y --gpg-mode none"
    )
    assert second.code == 0, second
    assert "will never validate" in second.err
    change = (
        f"--add-gpg-key {other} --delete-gpg-key {key} --add-repo-url https://c.example/z --gpg-mode head"
    )
    await shell.ok(f"{git} update signed 0 {change} --yes")
    listed = json.loads(await shell.ok(f"{git} list signed -o json"))
    assert listed[0]["gpg"] == {"mode": "head", "keys": [other]}
    assert [repo["url"] for repo in listed[0]["repos"]] == ["https://a.example/*", "https://c.example/z"]
    for line, words in (
        (f"update signed 7 --yes --gpg-key {key}", "the POLICY_ID 7 is out of range (0-1)"),
        ("delete signed x --yes", "invalid POLICY_ID 'x'"),
        (f"update signed 0 --gpg-key {key} --add-gpg-key {other} --yes", "cannot be combined"),
        ("add signed --gpg-mode sometimes", "gpg-mode must be one of: strict, head, none"),
        ("add signed", "gpg-mode must be set"),
        ("add signed --gpg-mode head --gpg-key 12", "invalid GPG key ID '12'"),
    ):
        said = await shell(f"{git} {line}")
        assert said.code == 1, (line, said)
        assert words in said.out
    await shell.ok(f"{git} delete signed 0 1 --yes")
    assert "sourceIntegrity" not in json.loads(await shell.ok("proj get signed -o json"))["spec"]
    await shell.ok("proj delete signed")


async def test_what_is_so_already_is_told_with_the_code_of_the_original(shell: Shell) -> None:
    await shell.ok("proj create twice -d https://a.example,x")
    assert (await shell("proj add-destination twice https://a.example x")).code == 1
    assert (await shell("proj remove-destination twice https://a.example y")).code == 1
    assert (await shell("proj role get twice none")).code == 1
    await shell.ok("proj delete twice")


async def test_clusters_certificates_keys_and_credentials(shell: Shell, tmp_path: Path) -> None:
    assert "in-cluster" in await shell.ok("cluster list")
    assert json.loads(await shell.ok("cluster get in-cluster -o json"))["name"] == "in-cluster"
    assert "name: in-cluster" in await shell.ok("cluster get https://kubernetes.default.svc")
    hosts = tmp_path / "hosts"
    key = "AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"
    hosts.write_text(f"cmd.example ssh-ed25519 {key}\n")
    assert "created 1 SSH" in await shell.ok(f"cert add-ssh --batch --from {hosts}")
    assert "cmd.example" in await shell.ok("cert list --cert-type ssh")
    assert "Removed cert for 'cmd.example'" in await shell.ok("cert rm cmd.example")
    assert "KEYID" in await shell.ok("gpg list")
    await shell.ok("repocreds add https://git.example/cmd --username u --password p")
    assert "https://git.example/cmd" in await shell.ok("repocreds list")
    await shell.ok("repocreds rm https://git.example/cmd")
    assert "https://git.example/cmd" not in await shell.ok("repocreds list -o url")
    assert "REPO" in await shell.ok("repo list")


async def test_a_cluster_is_added_by_a_context_of_a_kubeconfig(
    shell: Shell, control_plane: ControlPlane, door: Door
) -> None:
    file = control_plane.kubeconfig
    context = (await control_plane.kubectl("config", "current-context")).strip()
    server = from_kubeconfig(file).server
    said = await shell(f"cluster add {context} --kubeconfig {file} --name here --namespace default --yes")
    assert said.code == 0, said
    assert f"Cluster '{server}' added" in said.out
    listed = json.loads(await shell.ok("cluster list -o json"))
    added = next(each for each in listed if each["name"] == "here")
    assert added["server"] == server
    assert "bearerToken" not in added.get("config", {})
    await shell.ok("cluster set here --name there --label team=cmd")
    assert "there" in await shell.ok("cluster list")
    said = await shell("cluster rotate-auth there")
    assert said.code in (0, 20), said
    await shell.ok("cluster rm there --yes")
    async with KubeClient(from_kubeconfig(file)) as client:
        assert await client.find(ROLES, "argocd-manager-role", "default") is not None


async def test_an_application_is_made_by_flags_and_seen_in_every_form(
    shell: Shell, door: Door, scripted: dict[str, Answer]
) -> None:
    flags = "--repo https://git.example/a.git --path a --dest-server https://kubernetes.default.svc"
    await shell.ok(f"app create cmd-web {flags} --dest-namespace cmd --validate=false")
    assert "cmd-web" in await shell.ok("app list -o name")
    assert json.loads(await shell.ok("app get cmd-web -o json"))["spec"]["source"]["path"] == "a"
    await shell.ok("app set cmd-web --revision v2 --validate=false")
    await shell.ok("app confirm-deletion cmd-web")
    found = json.loads(await shell.ok("app get cmd-web -o json"))
    assert "argocd.argoproj.io/deletion-approved" in found["metadata"]["annotations"]
    assert (await shell("app add-source cmd-web --repo https://git.example/b.git --ref b")).code == 1
    await shell.ok("app delete cmd-web --yes --cascade=false")


async def test_what_was_changed_outside_git_is_told_to_who_may_see_the_application(
    shell: Shell, door: Door, scripted: dict[str, Answer]
) -> None:
    """The controller that owns its cluster answers."""
    asked: list[controller.ApplicationQuery] = []
    stands = DriftEntry(
        kind="Deployment",
        namespace="cmd",
        name="web",
        field=".spec.replicas",
        old="3",
        new="10",
        manager="kubectl",
        operation="Update",
        at="2030-01-01T03:12:07Z",
        seen="2030-01-01T03:12:07Z",
    )
    ended = msgspec.structs.replace(stands, name="other", end=DriftEnd.HEALED, ended="2030-01-01T03:12:09Z")

    async def answer(_: str, payload: bytes) -> bytes:
        asked.append(decode(controller.ApplicationQuery, payload))
        return encode(drift.DriftJournal(since="2030-01-01T00:00:00Z", entries=(stands, ended)))

    scripted[drift.DRIFT] = answer
    flags = "--repo https://git.example/a.git --path a --dest-server https://kubernetes.default.svc"
    await shell.ok(f"app create cmd-drift {flags} --dest-namespace cmd --validate=false")
    said = await shell.ok("app drift cmd-drift")
    assert "kubectl (Update)" in said
    assert "1 of 2 still stand" in said
    found = json.loads(await shell.ok("app drift cmd-drift --standing -o json"))
    assert [item["name"] for item in found["items"]] == ["web"]
    assert found["items"][0]["field"] == ".spec.replicas"
    (other,) = json.loads(await shell.ok("app drift cmd-drift --name other -o json"))["items"]
    assert other["end"] == "healed"
    assert {(one.namespace, one.name) for one in asked} == {(NAMESPACE, "cmd-drift")}
    count = len(asked)
    assert (await shell("app drift cmd-nobodys")).code != 0
    assert len(asked) == count, "of what nobody may see no controller is asked"
    await shell.ok("app delete cmd-drift --yes --cascade=false")


async def test_what_a_revision_would_change_is_said_before_it_is_merged(
    shell: Shell, door: Door, scripted: dict[str, Answer]
) -> None:
    """The repo-server renders by the revision it is asked for; `cmd-other` comes from elsewhere."""
    asked: list[tuple[str, str]] = []

    async def generate(_: str, payload: bytes) -> bytes:
        question = decode(repo.GenerateManifests, payload)
        source = question.wanted.sources[0]
        revision = question.revisions[0] if question.revisions else source.target_revision
        asked.append((source.path, revision))
        value = "2" if (source.path, revision) == ("one", "next") else "1"
        metadata = {"name": source.path, "namespace": "cmd"}
        obj = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"value": value}}
        rendered = RenderedSet(documents=(msgspec.json.encode(obj),))
        answer = repo.GeneratedManifests(digest=rendered.digest, sources=(), documents=rendered.documents)
        return encode(answer)

    scripted[repo.GENERATE] = generate
    url, to = "https://git.example/affected.git", "--dest-namespace cmd --validate=false"
    server = "--dest-server https://kubernetes.default.svc --revision main"
    for name, where in (("one", url), ("two", url), ("other", "https://git.example/other.git")):
        await shell.ok(f"app create cmd-{name} --repo {where} --path {name} {server} {to}")
    found = json.loads(await shell.ok(f"repo affected {url} --revision next -o json"))
    assert [(each["name"].rpartition("/")[2], each["changed"]) for each in found] == [
        ("cmd-one", ["ConfigMap/one"])
    ]
    assert sorted(asked) == [("one", "main"), ("one", "next"), ("two", "main"), ("two", "next")]
    assert "1 of 2 applications of the repository are affected." in await shell.ok(
        f"repo affected {url} --revision next --target main"
    )
    assert await shell.ok(f"repo affected {url} --revision next --target v1 -o name") == ""
    for name in ("one", "two", "other"):
        await shell.ok(f"app delete cmd-{name} --yes --cascade=false")


async def test_who_reads_what_differs_is_said_with_the_files(
    shell: Shell, door: Door, scripted: dict[str, Answer]
) -> None:
    asked: list[affected.AffectedBy] = []

    async def answer(_: str, payload: bytes) -> bytes:
        question = decode(affected.AffectedBy, payload)
        asked.append(question)
        found = [
            affected.AffectedApplication(
                namespace=NAMESPACE, name=name, target_revision="main", paths=("one/values.yaml",)
            )
            for name in ("cmd-reads", "cmd-unknown-here")
        ]
        return encode(
            affected.AffectedApplications(applications=tuple(found if question.part == "0" else ()))
        )

    scripted[affected.AFFECTED] = answer
    url, to = "https://git.example/read.git", "--dest-namespace cmd --validate=false"
    server = "--dest-server https://kubernetes.default.svc --revision main"
    await shell.ok(f"app create cmd-reads --repo {url} --path one {server} {to}")
    said = await shell.ok(f"repo affected {url} v1 v2 --target main")
    assert "cmd-reads" in said
    assert "one/values.yaml" in said
    assert "cmd-unknown-here" not in said, "the caller cannot see it"
    assert "1 of 1 applications of the repository are affected." in said
    assert {question.part for question in asked} == set(subjects.PARTITIONS)
    assert {(one.repo_url, one.old, one.new, one.target) for one in asked} == {(url, "v1", "v2", "main")}
    assert (await shell(f"repo affected {url} v1")).code != 0
    assert (await shell(f"repo affected {url} v1 v2 --revision v3")).code != 0
    await shell.ok("app delete cmd-reads --yes --cascade=false")


async def test_application_sets_are_listed(shell: Shell) -> None:
    said = await shell("appset list")
    assert said.code == 0 or "Unimplemented" in said.err, said


def compared_with(name: str, value: str) -> dict[str, object]:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "namespace": "cmd"},
        "data": {"colour": value},
    }


async def test_a_difference_is_asked_of_the_server_with_the_files_of_this_machine(
    shell: Shell, scripted: dict[str, Answer], tmp_path: Path
) -> None:
    live = json.dumps(compared_with("web", "blue"))
    sent: list[bytes] = []
    asked: list[resource.Predict] = []

    async def managed(_: str, __: bytes) -> bytes:
        item = controller.ManagedResource(
            kind="ConfigMap", namespace="cmd", name="web", live_state=live, normalized_live_state=live
        )
        gone = msgspec.structs.replace(item, name="gone")
        return encode(controller.ManagedResources(items=(item, gone)))

    async def rendered(_: str, payload: bytes) -> bytes:
        sent.append(decode(files.RenderFiles, payload).archive)
        source = repo.RenderedSource(revision="", source_type="Directory")
        document = msgspec.json.encode(compared_with("web", "red"))
        return encode(repo.GeneratedManifests(digest="", sources=(source,), documents=(document,)))

    async def predicted(_: str, payload: bytes) -> bytes:
        asked.append(decode(resource.Predict, payload))
        after = json.dumps(compared_with("web", "red"))
        item = controller.ManagedResource(
            kind="ConfigMap",
            namespace="cmd",
            name="web",
            live_state=live,
            target_state=after,
            normalized_live_state=live,
            predicted_live_state=after,
            modified=True,
        )
        return encode(controller.ManagedResources(items=(item,)))

    scripted.update({controller.MANAGED: managed, files.RENDER_FILES: rendered, resource.PREDICT: predicted})
    folder = tmp_path / "repository"
    (folder / "apps" / "web").mkdir(parents=True)
    (folder / "apps" / "web" / "a.yaml").write_text(json.dumps(compared_with("web", "green")))
    (folder / "secret.pem").symlink_to("/etc/hostname")
    flags = f"--repo https://git.example/cmd.git --path apps/web --dest-server {LOCAL} --dest-namespace cmd"
    await shell.ok(f"app create cmd-diff {flags} --validate=false")
    said = await shell(f"app diff cmd-diff --local {folder} --server-side-generate --server-side-diff")
    assert said.code == 1, said
    assert ("<   colour: blue" in said.out, ">   colour: red" in said.out) == (True, True), said
    assert "ConfigMap cmd/gone" in said.out
    with tarfile.open(fileobj=io.BytesIO(sent[0])) as archive:
        assert archive.getnames() == ["apps/web/a.yaml"]
    target = json.loads(asked[0].manifests[0])
    assert target["data"] == {"colour": "red"}
    here = f"--local {folder}/apps/web --server-side-diff"
    assert (await shell(f"app diff cmd-diff {here}")).code == 1
    assert json.loads(asked[1].manifests[0])["data"] == {"colour": "green"}
    assert len(sent) == 1
    said = await shell(f"app diff cmd-diff --local {tmp_path} --server-side-generate")
    assert "--local-repo-root" in said.err
    await shell.ok("app delete cmd-diff --yes --cascade=false")


async def test_a_pull_request_is_previewed_with_an_exit_code_and_no_word_of_what_may_not_be_seen(
    shell: Shell, scripted: dict[str, Answer], nats_server: NatsServer
) -> None:
    url, target, head = "https://git.example/previewed.git", "a" * 40, "b" * 40
    asked: list[merging.MergeRevisions] = []

    async def merge(_: str, payload: bytes) -> bytes:
        question = decode(merging.MergeRevisions, payload)
        asked.append(question)
        if question.head.startswith("refs/pull/"):
            raise RemoteError("InvalidArgument", f"unable to resolve '{question.head}' to a commit SHA")
        return encode(
            merging.MergedRevisions(
                target=target,
                head=head,
                base=target,
                branch="main",
                is_default=True,
                merge=f"merge:{target}:{head}",
            )
        )

    async def touched(_: str, payload: bytes) -> bytes:
        question = decode(affected.AffectedBy, payload)
        found = [
            affected.AffectedApplication(
                namespace=NAMESPACE, name=name, target_revision="main", project="default"
            )
            for name in ("cmd-previewed", "of-others")
        ]
        return encode(
            affected.AffectedApplications(applications=tuple(found if question.part == "0" else ()))
        )

    async def generate(_: str, payload: bytes) -> bytes:
        question = decode(repo.GenerateManifests, payload)
        colour = "red" if question.revisions[0] == target else "blue"
        document = msgspec.json.encode(compared_with("web", colour))
        source = repo.RenderedSource(revision=target, commit=target, source_type="Directory")
        return encode(repo.GeneratedManifests(digest="", sources=(source,), documents=(document,)))

    async def foresee(_: str, payload: bytes) -> bytes:
        assert decode(foreseen.Foresee, payload).name == "cmd-previewed"
        item = foreseen.ForeseenObject(
            group="", kind="ConfigMap", namespace="cmd", name="web", verdict="refused", words="no blue here"
        )
        return encode(foreseen.Foreseen(items=(item,)))

    scripted.update(
        {
            merging.MERGE: merge,
            affected.AFFECTED: touched,
            repo.GENERATE: generate,
            foreseen.FORESEE: foresee,
        }
    )
    flags = f"--repo {url} --path web --revision main --dest-server {LOCAL} --dest-namespace cmd"
    await shell.ok(f"app create cmd-previewed {flags} --validate=false")
    wish = SourcesWanted(
        namespace=NAMESPACE,
        name="cmd-previewed",
        instance="cmd-previewed",
        project="default",
        sources=(RepositorySource(repo_url=url, path="web", target_revision="main"),),
    )
    bus = await Bus.connect(
        BusConfig(url=nats_server.url, service="app-controller", secret=CACHE_SECRET.encode())
    )
    await bus.key_value(SOURCES_BUCKET).put(subjects.app_tokens(NAMESPACE, "cmd-previewed"), encode(wish))
    await bus.close()
    said = await shell(f"repo preview {url} --pull 7")
    assert said.code == 1, said
    assert [question.head for question in asked] == ["refs/pull/7/head", "refs/merge-requests/7/head"]
    assert {question.project for question in asked} == {"default"}
    assert "1 of 1 application affected, 1 would fail" in said.out
    assert ("no blue here" in said.out, "+  colour: blue" in said.out) == (True, True)
    assert "of-others" not in said.out
    comment = await shell(f"repo preview {url} --revision next --target main -o markdown")
    assert (comment.code, comment.out.startswith("### ")) == (1, True)
    assert (await shell("repo preview https://git.example/nobodys.git --revision next")).code == 20
    assert (await shell(f"repo preview {url}")).code == 1
    await shell.ok("app delete cmd-previewed --yes --cascade=false")
