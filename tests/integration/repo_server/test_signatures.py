"""Nothing is rendered of a source whose commits are not signed as its project demands."""

import base64
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from fairlead.app_controller.following.hand_over import SIGNING_KEYS, HandOver
from fairlead.events import ManifestsRendered, RenderLevel, RepositorySource, SignaturesDemanded, subjects
from fairlead.events.envelope import decode, encode
from fairlead.kube.head import decode_head
from fairlead.local.git_command import AUTHOR, EMAIL
from fairlead.local.packing import packed
from fairlead.local.pushing import Pusher
from fairlead.local.registry import RegistryServer
from fairlead.matching.repository import partition
from fairlead.rpc import DescribeRevision, RevisionDescription
from fairlead.rpc.repo import DESCRIBE, PATIENCE
from fairlead.signatures import Keyring
from fairlead.signatures.cosign import ANNOTATION, MEDIA, tag_of
from tests.integration.repo_server.handing import handed_over
from tests.integration.repo_server.suite import Suite, config_map
from tests.signing import CosignKey, GpgKey, SshKey, publish_signed, tag_signed

WHO = f"{AUTHOR} <{EMAIL}>"
ALICE, BOB, CAROL = GpgKey(), GpgKey("Bob <bob@shop.example>"), SshKey()
ENTRIES = {**ALICE.entry, **BOB.entry, "ssh.carol": CAROL.line}


class Signatures:
    """A suite whose repo-server is handed keys as an app-controller does it."""

    def __init__(self, suite: Suite, handing: HandOver) -> None:
        self.suite = suite
        self._handing = handing

    def declare(self, name: str, url: str, **data: str) -> None:
        """A repository Secret."""
        labels = {"argocd.argoproj.io/secret-type": "repository"}
        coded = {key: base64.b64encode(text.encode()).decode() for key, text in {"url": url, **data}.items()}
        raw = json.dumps({"metadata": {"name": name, "labels": labels}, "data": coded}).encode()
        self._handing.take(decode_head(raw), raw)

    def hand(self, entries: dict[str, str]) -> None:
        """The ConfigMap holds these keys from now on."""
        raw = json.dumps({"metadata": {"name": SIGNING_KEYS}, "data": entries}).encode()
        self._handing.take_map(decode_head(raw), raw)

    async def want(
        self, name: str, repo: str, *keys: str, mode: str = "head", revision: str = "main", path: str = "app"
    ) -> None:
        ring = Keyring.of(ENTRIES)
        demanded = SignaturesDemanded(mode=mode, keys={key: ring.digest(key) for key in keys})
        source = RepositorySource(
            repo_url=self.suite.git.repo_url(repo), path=path, target_revision=revision, signatures=demanded
        )
        await self.suite.want(name, source)

    async def outcome(self, name: str, commit: str) -> str:
        """What the next answer at a commit says: "" or the failure."""
        answer = await self.suite.answer(name, lambda a: a.revisions == (commit,))
        return answer.failure.message if answer.failure is not None else ""


@pytest_asyncio.fixture(loop_scope="session")
async def signatures(unserved: Suite) -> AsyncIterator[Signatures]:
    async with handed_over(unserved) as handing:
        yield Signatures(unserved, handing)


def unsigned(commit: str) -> str:
    return f"GIT/GPG: Failed verifying revision {commit} by '{WHO}': unsigned (key_id=)"


async def test_with_head_only_the_deployed_commit_must_be_signed_and_each_one_is_looked_at(
    signatures: Signatures,
) -> None:
    suite = signatures.suite
    signatures.hand(ENTRIES)
    work = await suite.repository("head", {"app/a.yaml": config_map("a"), "other/b.yaml": config_map("b")})
    first = await work.head()
    await signatures.want("guarded", "head", ALICE.key_id, "ssh.carol")
    await suite.want("free", RepositorySource(repo_url=suite.git.repo_url("head"), path="app"))
    assert await signatures.outcome("guarded", first) == unsigned(first)
    assert (await suite.answer("free")).failure is None
    assert suite.renders() == 1
    signed = await publish_signed(work, {"app/a.yaml": config_map("a", "2")}, "signed", ALICE)
    await suite.webhook("head")
    assert await signatures.outcome("guarded", signed) == ""
    elsewhere = await work.publish({"other/b.yaml": config_map("b", "2")}, "touches nothing of it")
    await suite.webhook("head")
    assert await signatures.outcome("guarded", elsewhere) == unsigned(elsewhere)
    by_ssh = await publish_signed(work, {"other/b.yaml": config_map("b", "3")}, "by SSH", CAROL)
    await suite.webhook("head")
    assert await signatures.outcome("guarded", by_ssh) == ""
    by_bob = await publish_signed(work, {"other/b.yaml": config_map("b", "4")}, "by Bob", BOB)
    await suite.webhook("head")
    words = f"GIT/GPG: Failed verifying revision {by_bob} by '{WHO}': signed with unallowed key "
    assert await signatures.outcome("guarded", by_bob) == f"{words}(key_id={BOB.signing_id})"
    assert not [answer for answer in suite.answers if answer.name == "free" and answer.failure]


async def test_keys_that_are_not_handed_over_yet_are_awaited_and_nothing_is_deployed_meanwhile(
    signatures: Signatures,
) -> None:
    suite = signatures.suite
    signatures.hand({})
    work = await suite.repository("late", {"app/a.yaml": config_map("a")})
    commit = await publish_signed(work, {"app/a.yaml": config_map("a", "2")}, "signed", ALICE)
    await signatures.want("late", "late", ALICE.key_id)
    answer = await suite.answer("late")
    assert answer.failure is not None
    assert answer.failure.transient
    assert f"the signing keys {ALICE.key_id} are not here yet" in answer.failure.message
    signatures.hand(ENTRIES)
    found = await suite.answer("late", lambda a: a.failure is None)
    assert found.revisions == (commit,)


async def test_with_strict_all_that_led_to_the_commit_must_be_signed_or_sealed(
    signatures: Signatures,
) -> None:
    suite = signatures.suite
    signatures.hand(ENTRIES)
    work = await suite.repository("strict", {"app/a.yaml": config_map("a", "0")})
    commits = [await work.head()]
    for number in range(11):
        commits.append(await work.publish({"app/a.yaml": config_map("a", f"x{number}")}, f"{number}"))
    signed = await publish_signed(work, {"app/a.yaml": config_map("a", "s")}, "signed", ALICE)
    await signatures.want("strict", "strict", ALICE.key_id, mode="strict")
    assert await signatures.outcome("strict", signed) == "\n".join(
        unsigned(commit) for commit in reversed(commits[2:])
    )
    trailer = "Seal\n\nArgocd-gpg-seal: reviewed"
    by_bob = await publish_signed(work, {}, trailer, BOB)
    await suite.webhook("strict")
    assert "signed with unallowed key" in await signatures.outcome("strict", by_bob)
    sealed = await publish_signed(work, {}, trailer, ALICE)
    await suite.webhook("strict")
    assert await signatures.outcome("strict", sealed) == ""
    after = await publish_signed(work, {"app/a.yaml": config_map("a", "t")}, "after", ALICE)
    await suite.webhook("strict")
    assert await signatures.outcome("strict", after) == ""
    loose = await work.publish({"app/a.yaml": config_map("a", "u")}, "loose")
    last = await publish_signed(work, {"app/a.yaml": config_map("a", "v")}, "last", ALICE)
    await suite.webhook("strict")
    assert await signatures.outcome("strict", last) == unsigned(loose)


async def test_an_annotated_tag_is_verified_itself(signatures: Signatures) -> None:
    suite = signatures.suite
    signatures.hand(ENTRIES)
    work = await suite.repository("tags", {"app/a.yaml": config_map("a")})
    commit = await work.head()
    await work.tag("v1.0.0", message="not signed")
    await signatures.want("tagged", "tags", ALICE.key_id, revision="v1.*")
    words = f"GIT/GPG: Failed verifying revision v1.0.0 by '{WHO}': unsigned (key_id=)"
    assert await signatures.outcome("tagged", commit) == words
    after = len(suite.answers)
    await tag_signed(work, "v1.0.0", ALICE)
    await suite.webhook("tags")
    await suite.answer("tagged", lambda a: a.failure is None, after=after)
    strict = SignaturesDemanded(mode="strict", keys={ALICE.key_id: Keyring.of(ENTRIES).digest(ALICE.key_id)})
    url = suite.git.repo_url("tags")
    source = RepositorySource(repo_url=url, path="app", target_revision="v1.0.0", signatures=strict)
    await suite.want("both", source)
    assert await signatures.outcome("both", commit) == unsigned(commit)


async def test_all_sources_are_looked_at_and_a_commit_is_described_with_its_signature(
    signatures: Signatures,
) -> None:
    suite = signatures.suite
    signatures.hand(ENTRIES)
    one = await suite.repository("one", {"app/a.yaml": config_map("a")})
    two = await suite.repository("two", {"app/b.yaml": config_map("b")})
    first, second = await one.head(), await two.head()
    keys = {ALICE.key_id: Keyring.of(ENTRIES).digest(ALICE.key_id)}
    sources = [
        RepositorySource(
            repo_url=suite.git.repo_url(name),
            path="app",
            target_revision="main",
            signatures=SignaturesDemanded(keys=keys, label=label),
        )
        for name, label in (("one", "source web: "), ("two", "source 2 of 2: "))
    ]
    await suite.want("several", *sources)
    answer = await suite.answer("several", lambda a: a.failure is not None)
    assert answer.failure is not None
    assert answer.failure.message == "\n".join(
        [
            f"GIT/GPG: source web: Failed verifying revision {first} by '{WHO}': unsigned (key_id=)",
            f"GIT/GPG: source 2 of 2: Failed verifying revision {second} by '{WHO}': unsigned (key_id=)",
        ]
    )
    signed = await publish_signed(one, {}, "signed", ALICE)
    described = await _described(suite, "one", signed, sources[0].signatures)
    assert described.signature == f"Good signature from EDDSA key {ALICE.signing_id}"
    assert described.problems == ()
    described = await _described(suite, "one", first, sources[0].signatures)
    assert described.signature == "Revision is not signed."
    assert described.problems is not None
    assert "unsigned" in described.problems[0]
    assert (await _described(suite, "one", first, None)).problems is None


async def test_two_policies_for_one_source_fail_it_in_the_contracts_words(signatures: Signatures) -> None:
    suite = signatures.suite
    await suite.repository("twice", {"app/a.yaml": config_map("a")})
    url = suite.git.repo_url("twice")
    problem = f"multiple (2) git source integrity policies found for repo URL: {url}"
    source = RepositorySource(
        repo_url=url, path="app", target_revision="main", signatures=SignaturesDemanded(problem=problem)
    )
    await suite.want("twice", source)
    answer: ManifestsRendered = await suite.answer("twice", lambda a: a.failure is not None)
    assert answer.failure is not None
    assert answer.failure.message == (
        f"Failed to load target state: failed to generate manifest for source 1 of 1: {problem}"
    )
    assert not answer.failure.transient


async def test_an_artifact_is_rendered_once_a_key_of_the_policy_has_signed_its_digest(
    signatures: Signatures, tmp_path: Path
) -> None:
    suite = signatures.suite
    release, other = CosignKey(), CosignKey()
    entries = {"cosign.release": release.pem, "cosign.other": other.pem}
    signatures.hand(entries)
    (tmp_path / "registry").mkdir()
    async with RegistryServer(tmp_path / "registry") as registry, Pusher(registry.url) as pusher:
        url = f"oci://{registry.host}/team/web"
        signatures.declare("web", url, type="oci", insecureOCIForceHttp="true")

        async def sign(digest: str, key: CosignKey, payload: bytes) -> None:
            config, layer = await pusher.blob("team/web", b"{}"), await pusher.blob("team/web", payload)
            signed = {"mediaType": MEDIA, **layer, "annotations": {ANNOTATION: key.sign(payload)}}
            empty = {"mediaType": "application/vnd.oci.image.config.v1+json", **config}
            await pusher.manifest("team/web", tag_of(digest), config=empty, layers=[signed])

        digest = await pusher.artifact("team/web", "1.0.0", packed({"a.yaml": config_map("a", "one")}))
        keys = {"cosign.release": Keyring.of(entries).digest("cosign.release")}
        demanded = SignaturesDemanded(keys=keys)
        source = RepositorySource(repo_url=url, path=".", target_revision="1.0.0", signatures=demanded)

        async def outcome() -> str:
            after = len(suite.answers)
            await suite.want("web", source, level=RenderLevel.REFRESH)
            answer = await suite.answer("web", after=after)
            return answer.failure.message if answer.failure is not None else ""

        where = f"OCI/COSIGN: Failed verifying artifact oci://{registry.host}/team/web@{digest}: "
        assert await outcome() == f"{where}unsigned"
        await sign(digest, other, other.payload(digest))
        assert await outcome() == f"{where}signed with unallowed key (key_id=cosign.other)"
        await sign(digest, release, release.payload("sha256:" + "0" * 64))
        assert await outcome() == f"{where}signed with key not in keyring"
        await sign(digest, release, release.payload(digest))
        assert await outcome() == ""


async def _described(
    suite: Suite, repo: str, revision: str, demanded: SignaturesDemanded | None
) -> RevisionDescription:
    url = suite.git.repo_url(repo)
    question = DescribeRevision(repo_url=url, project="default", revision=revision, signatures=demanded)
    await suite.ask("several", RenderLevel.REFRESH)
    subject = subjects.rpc_repo(partition(url), DESCRIBE)
    answer = await suite.bus.request(subject, encode(question), timeout=60, patience=PATIENCE)
    return decode(RevisionDescription, answer)
