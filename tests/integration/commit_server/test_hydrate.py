"""What stands in a repository once it was written to, and what does not."""

import asyncio
import contextlib
import json

import msgspec
import pytest
import yaml

from fairlead.bus import RemoteError
from fairlead.local.work_repo import WorkRepo
from fairlead.process import Probes
from fairlead.rpc.hydration import Authoring
from tests.integration.commit_server.lab import DRY, PATIENCE, Lab, Written, config_map, dry_commit

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_an_empty_repository_gets_a_branch_with_manifests_readme_metadata_and_a_note(lab: Lab) -> None:
    written = await lab.repository()
    before = await written.head()
    assert (before.head, before.is_there, before.dry_sha) == ("", False, "")
    path = await lab.path("apps/web", config_map("one"), config_map("two"), commands=("kustomize build .",))
    answer = await written.hydrate(path)
    assert answer.pushed and not answer.overtaken
    assert await written.files() == [
        ".gitattributes",
        "apps/web/README.md",
        "apps/web/hydrator.metadata",
        "apps/web/manifest.yaml",
        "hydrator.metadata",
    ]
    objects = list(yaml.safe_load_all(await written.show("env/prod:apps/web/manifest.yaml")))
    assert objects == [config_map("one"), config_map("two")]
    root = json.loads(await written.show("env/prod:hydrator.metadata"))
    assert root == {
        "repoURL": DRY.repo_url,
        "drySha": DRY.sha,
        "author": DRY.author,
        "date": DRY.date,
        "subject": "Scale the web up",
        "body": "It was slow.",
    }
    own = json.loads(await written.show("env/prod:apps/web/hydrator.metadata"))
    assert own == {"repoURL": DRY.repo_url, "drySha": DRY.sha, "commands": ["kustomize build ."]}
    assert "kustomize build ." in await written.show("env/prod:apps/web/README.md")
    said = await written.git("log", "-1", "--format=%an <%ae>|%cn|%B", "env/prod")
    assert said.strip() == (
        "Argo CD <argo-cd@example.com>|Argo CD|ddddddd: Scale the web up\n\nIt was slow.\n\n"
        f"Co-authored-by: {DRY.author}"
    )
    assert json.loads(await written.note()) == {"drySha": DRY.sha}
    after = await written.head()
    assert (after.head, after.is_there, after.dry_sha) == (answer.hydrated_sha, True, DRY.sha)
    await written.git("fsck", "--strict")


async def test_only_what_changed_is_rewritten_and_what_is_somebody_elses_stays(lab: Lab) -> None:
    written = await lab.repository()
    await written.hydrate(await lab.path("a", config_map("a")), await lab.path("b", config_map("b")))
    work = await WorkRepo.clone(written.url, lab.git.folder / f"work-{written.name}")
    await work.checkout("env/prod")
    await work.publish({"b/notes.txt": "mine", "CODEOWNERS": "* @ann", ".gitattributes": "* text\n"}, "own")
    later = dry_commit(1)
    answer = await written.hydrate(
        await lab.path("a", config_map("a")), await lab.path("b", config_map("b", "other")), dry=later
    )
    assert answer.pushed
    changed = await written.git("diff", "--name-only", "env/prod~1", "env/prod")
    assert changed.split() == ["b/README.md", "b/hydrator.metadata", "b/manifest.yaml", "hydrator.metadata"]
    assert json.loads(await written.show("env/prod:a/hydrator.metadata"))["drySha"] == DRY.sha
    assert {"b/notes.txt", "CODEOWNERS"} <= set(await written.files())
    assert await written.show("env/prod:.gitattributes") == "* text"


async def test_a_dry_commit_that_changes_no_manifest_is_noted_and_not_committed(lab: Lab) -> None:
    written = await lab.repository()
    path = await lab.path("a", config_map("a"))
    first = await written.hydrate(path)
    later = dry_commit(2)
    answer = await written.hydrate(path, dry=later)
    assert (answer.hydrated_sha, answer.pushed) == (first.hydrated_sha, False)
    assert await written.commits() == 1
    assert json.loads(await written.note()) == {"drySha": later.sha}
    assert (await written.head()).dry_sha == later.sha


async def test_a_staging_branch_grows_from_the_sync_branch_which_begins_empty(lab: Lab) -> None:
    written = await lab.repository()
    branches = {"sync_branch": "env/prod", "target_branch": "env/prod-next"}
    first = await written.hydrate(await lab.path("a", config_map("a")), **branches)
    assert await written.files("env/prod") == []
    assert await written.commits("env/prod") == 1
    assert await written.git("merge-base", "env/prod", "env/prod-next") == await written.git(
        "rev-parse", "env/prod"
    )
    await written.git("update-ref", "refs/heads/env/prod", first.hydrated_sha)
    await written.git("update-ref", "-d", "refs/heads/env/prod-next")
    assert (await written.head("env/prod-next")).head == first.hydrated_sha
    again = await written.hydrate(await lab.path("a", config_map("a")), **branches)
    assert (again.hydrated_sha, again.pushed) == (first.hydrated_sha, False)
    assert (await written.head("env/prod-next")).is_there
    second = await written.hydrate(await lab.path("a", config_map("a", "x")), dry=dry_commit(3), **branches)
    assert await written.git("rev-parse", "env/prod-next~1") == first.hydrated_sha
    assert await written.git("rev-parse", "env/prod") == first.hydrated_sha != second.hydrated_sha


async def test_what_was_decided_before_somebody_else_wrote_overtakes_nothing(lab: Lab) -> None:
    written = await lab.repository()
    first = await written.hydrate(await lab.path("a", config_map("a", "new")))
    late = await written.hydrate(await lab.path("a", config_map("a", "old")), head="", dry=dry_commit(4))
    assert late.overtaken and not late.pushed
    assert late.hydrated_sha == first.hydrated_sha == await written.git("rev-parse", "env/prod")


async def test_an_older_dry_commit_is_not_put_over_a_newer_one_that_changed_nothing(lab: Lab) -> None:
    """Both read the branch where it still is: the newer one left it there, and a note."""
    written = await lab.repository()
    path, between = await lab.path("a", config_map("a")), await lab.path("a", config_map("a", "between"))
    await written.hydrate(path, dry=dry_commit(1))
    read = await written.head()
    newer = await written.hydrate(path, dry=dry_commit(3), expected_dry_sha=read.dry_sha)
    assert not newer.pushed and not newer.overtaken
    late = await written.hydrate(between, head=read.head, dry=dry_commit(2), expected_dry_sha=read.dry_sha)
    assert late.overtaken and not late.pushed
    assert await written.commits() == 1
    assert json.loads(await written.note()) == {"drySha": dry_commit(3).sha}
    anew = await written.head()
    last = await written.hydrate(between, head=anew.head, dry=dry_commit(4), expected_dry_sha=anew.dry_sha)
    assert last.pushed


async def test_a_branch_beneath_another_is_refused_in_words_and_once(lab: Lab) -> None:
    written = await lab.repository()
    await written.hydrate(await lab.path("a", config_map("a")), sync_branch="env", target_branch="env")
    with pytest.raises(RemoteError, match="there can be no branch env/prod beside env:"):
        await written.head()


async def test_references_author_and_templates_are_an_operators(lab: Lab) -> None:
    written = await lab.repository()
    message = (
        "Bump\n\nBecause.\n\nArgocd-reference-commit-sha: " + "e" * 40 + "\n"
        "Argocd-reference-commit-author: Bo <bo@shop.example>\n"
        'Argocd-reference-commit-subject: Fix it\nArgocd-reference-commit-body: "Two\\nlines"\n'
        "Argocd-reference-commit-repourl: https://git.example/code\n"
        "Argocd-reference-commit-date: 2030-01-01T00:00:00Z\n"
    )
    dry = msgspec.structs.replace(DRY, message=message)
    authoring = Authoring(
        name="Robot <x>\n",
        email="robot@shop.example",
        message_template="[{{ .metadata.drySha | trunc 5 }}] "
        "{{ (index .metadata.references 0).commit.subject }}",
        readme_template="{{ .RepoURL }} {{ .DrySHA }} {{ range .References }}{{ .Commit.Body }}{{ end }}",
    )
    await written.hydrate(await lab.path("a", config_map("a")), dry=dry, authoring=authoring)
    said = await written.git("log", "-1", "--format=%an <%ae>|%B", "env/prod")
    assert said.strip() == "Robot x <robot@shop.example>|[ddddd] Fix it"
    assert await written.show("env/prod:a/README.md") == f"{DRY.repo_url} {DRY.sha} Two\nlines"
    [reference] = json.loads(await written.show("env/prod:hydrator.metadata"))["references"]
    assert reference["commit"] == {
        "author": "Bo <bo@shop.example>",
        "date": "2030-01-01T00:00:00Z",
        "subject": "Fix it",
        "body": "Two\nlines",
        "sha": "e" * 40,
        "repoURL": "https://git.example/code",
    }


async def test_what_cannot_be_written_is_refused_in_words(lab: Lab) -> None:
    written = await lab.repository()
    path = await lab.path("a", config_map("a"))
    for bad, words in (
        ("../out", "leads out of the repository"),
        ("/etc", "is absolute"),
        ("a/.GIT/hooks", "Git's own"),
        ("./", "is the root"),
        ("x/manifest.yaml", "that of a file written here"),
    ):
        with pytest.raises(RemoteError, match=words):
            await written.hydrate(msgspec.structs.replace(path, path=bad))
    with pytest.raises(RemoteError, match="two applications are hydrated to 'a'"):
        await written.hydrate(path, msgspec.structs.replace(path, path="./a/"))
    with pytest.raises(RemoteError, match="render them again"):
        await written.hydrate(msgspec.structs.replace(path, digest="0" * 64))
    with pytest.raises(RemoteError, match="is no name of a branch"):
        await written.hydrate(path, head="", sync_branch="-x", target_branch="-x")
    with pytest.raises(RemoteError, match=r"commitMessageTemplate of argocd-cm"):
        await written.hydrate(path, authoring=Authoring(message_template="{{ .nope"))
    with pytest.raises(RemoteError, match="comes to an empty message"):
        await written.hydrate(path, authoring=Authoring(message_template=" "))
    with pytest.raises(RemoteError, match="no credentials to write to"):
        await written.hydrate(path, head="", repo_url=f"{lab.git.url}/elsewhere.git")
    assert await written.git("for-each-ref") == ""


async def test_a_file_in_the_place_of_a_folder_is_refused_and_stays(lab: Lab) -> None:
    written = await lab.repository()
    await written.hydrate(await lab.path("b", config_map("b")))
    work = await WorkRepo.clone(written.url, lab.git.folder / f"work-{written.name}")
    await work.checkout("env/prod")
    await work.publish({"a": "a file", "c/manifest.yaml/x": "y"}, "own")
    with pytest.raises(RemoteError, match="'a' is a file in the branch"):
        await written.hydrate(await lab.path("a/web", config_map("a")))
    with pytest.raises(RemoteError, match=r"manifest\.yaml is a folder in the branch"):
        await written.hydrate(await lab.path("c", config_map("a")))
    assert await written.show("env/prod:a") == "a file"


async def test_a_rule_of_the_server_is_told_in_its_words(lab: Lab) -> None:
    written = await lab.repository()
    hook = lab.git.path(written.name) / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho 'this branch is protected by Ann' >&2\nexit 1\n")
    hook.chmod(0o755)
    with pytest.raises(RemoteError, match=r"does not take the push to refs/heads/env/prod.*protected by Ann"):
        await written.hydrate(await lab.path("a", config_map("a")))
    assert await written.git("for-each-ref") == ""


@pytest.mark.parametrize(
    ("hook", "rule"),
    [("update", 'case "$1" in refs/notes/*) exit 1;; esac'), ("pre-receive", "! grep -q refs/notes/")],
    ids=["the note alone", "all with the note"],
)
async def test_a_server_that_takes_no_notes_gets_the_commit_all_the_same(
    lab: Lab, hook: str, rule: str
) -> None:
    written = await lab.repository()
    file = lab.git.path(written.name) / "hooks" / hook
    file.parent.mkdir(exist_ok=True)
    file.write_text(f"#!/bin/sh\n{rule}\n")
    file.chmod(0o755)
    answer = await written.hydrate(await lab.path("a", config_map("a")))
    assert answer.pushed
    assert (await written.head()).dry_sha == DRY.sha


async def test_credentials_count_at_once_and_are_in_no_words(lab: Lab) -> None:
    lab.git.protect("secured", username="robot", password="second-one")
    written = Written(lab, "secured", await lab.git.create("secured"))
    prefix = {"url": f"{lab.git.url}/secured", "username": "robot"}
    lab.declare("secured", "repo-write-creds", password="wrong-one", **prefix)
    await written.known()
    with pytest.raises(RemoteError, match="credentials") as refused:
        await written.head()
    assert "wrong-one" not in str(refused.value)
    lab.declare("secured", "repo-write-creds", password="second-one", **prefix)
    async with asyncio.timeout(PATIENCE):
        while True:
            with contextlib.suppress(RemoteError):
                await written.head()
                break
    assert (await written.hydrate(await lab.path("a", config_map("a")))).pushed
    hook = lab.git.path(written.name) / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho 'not with second-one' >&2\nexit 1\n")
    hook.chmod(0o755)
    with pytest.raises(RemoteError, match=r"not with \*\*\*"):
        await written.hydrate(await lab.path("a", config_map("a", "x")))


async def test_what_is_asked_of_git_and_of_us_is_counted_by_repository(lab: Lab) -> None:
    written = await lab.repository()
    await written.hydrate(await lab.path("a", config_map("a")))
    with pytest.raises(RemoteError):
        await written.hydrate(await lab.path("../a", config_map("a")))
    text = (await Probes().metrics.written()).decode()
    repo = written.url.removesuffix(".git")
    for name, label, value in (
        ("git_request_total", "request_type", "ls-remote"),
        ("git_request_total", "request_type", "push"),
        ("git_request_duration_seconds_count", "request_type", "push"),
        ("commit_request_total", "response_type", "success"),
        ("commit_request_total", "response_type", "failure"),
        ("commit_request_duration_seconds_count", "response_type", "success"),
    ):
        assert f'argocd_commitserver_{name}{{repo="{repo}",{label}="{value}"}} ' in text, name
    assert f'argocd_commitserver_commit_pending_request_total{{repo="{repo}"}} 0.0' in text
    assert "# TYPE argocd_commitserver_signing_failure_total counter" in text
