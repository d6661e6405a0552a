"""A shell can complete what the command knows; and small commands that ask no server."""

import json
import os
import socket
import subprocess
from pathlib import Path

import bcrypt
import pytest

from fairlead.cli import commands
from fairlead.cli.complete import candidates
from fairlead.cli.program import run
from fairlead.cli.unavailable import REFUSALS
from tests.unit.cli.api_server import recorded


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["ap"], ["app", "appset"]),
        (["app", "sy"], ["sync"]),
        (["application", "sy"], ["sync"]),
        (["--plaintext", "--server", "x", "app", "sy"], ["sync"]),
        (["proj", "role", "add-"], ["add-group", "add-policy"]),
        (["admin", "cluster", "namespaces", "dis"], ["disable-namespaced-mode"]),
        (["app", "get", "--show-"], ["--show-operation", "--show-params"]),
        (["app", "list", "-o", "n"], ["name"]),
        (["app", "list", "--output", "j"], ["json"]),
        (["app", "list", "--output=j"], ["--output=json"]),
        (["app", "sync", "--prune=f"], ["--prune=false"]),
        (["app", "list", "--output", '""'], ["wide", "name", "json", "yaml"]),
        (["app", "get", "w"], []),
    ],
)
def test_names_flags_and_values_are_completed(
    words: list[str], expected: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ARGOCD_CONFIG_DIR", str(tmp_path))
    assert candidates(words) == expected


def test_names_come_from_the_server_and_from_the_configuration(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ARGOCD_CONFIG_DIR", str(tmp_path))
    monkeypatch.setattr("fairlead.cli.known_names.SECONDS", 60.0)
    (tmp_path / "config").write_text("contexts: [{name: one, server: s}, {name: two, server: s}]\n")
    (tmp_path / "config").chmod(0o600)
    apps = [{"metadata": {"name": name, "namespace": "argocd"}} for name in ("web", "worker", "x\n$(id)")]
    projects = [{"metadata": {"name": "default"}}]
    answers = [
        {"verb": "GET", "path": "/api/v1/applications", "body": {"items": apps}},
        {"verb": "GET", "path": "/api/v1/projects", "body": {"items": projects}},
    ]
    with recorded(answers) as server:
        general = ["--plaintext", "--server", server.address]
        assert candidates([*general, "app", "get", "w"]) == ["web", "worker"]
        assert candidates([*general, "app", "get", "x"]) == []
        assert candidates(["app", "get", *general, "argocd/we"]) == ["argocd/web"]
        assert candidates([*general, "app", "list", "-p", ""]) == ["default"]
        assert candidates([*general, "proj", "get", ""]) == ["default"]
    assert candidates(["context", "t"]) == ["two"]
    assert candidates(["app", "list", "--argocd-context", "o"]) == ["one"]


def test_a_server_that_does_not_answer_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ARGOCD_CONFIG_DIR", str(tmp_path))
    monkeypatch.setattr("fairlead.cli.known_names.SECONDS", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        assert candidates(["--plaintext", "--server", address, "app", "get", ""]) == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell"])
def test_each_shell_has_a_script_that_asks_this_command(
    shell: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["completion", shell], "argocd") == 0
    assert "__complete" in capsys.readouterr().out


def test_bash_completes_and_expands_nothing_of_what_it_is_answered(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(["completion", "bash"], "argocd")
    script = capsys.readouterr().out
    fake = tmp_path / "argocd"
    fake.write_text("#!/bin/sh\necho 'we$(touch PWNED)b'\necho \"$*\"\n")
    fake.chmod(0o755)
    trial = (
        script
        + """
COMP_WORDS=(argocd app get w) COMP_CWORD=3
_argocd_complete
printf '%s\\n' "${COMPREPLY[@]}"
"""
    )
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", "--norc"],
        input=trial,
        text=True,
        capture_output=True,
        check=True,
        timeout=60,
        cwd=tmp_path,
        env=environment,
    )
    first, second = done.stdout.splitlines()
    assert first.replace("\\", "") == "we$(touch PWNED)b"
    assert second.replace("\\", "") == "__complete app get w"
    assert not (tmp_path / "PWNED").exists()


def test_bash_reads_its_script(capsys: pytest.CaptureFixture[str]) -> None:
    run(["completion", "bash"], "argocd")
    script = capsys.readouterr().out
    subprocess.run(["bash", "-n"], input=script, text=True, check=True, timeout=60)


def test_another_shell_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["completion", "cmd"], "argocd") == 1
    assert "Invalid shell 'cmd'" in capsys.readouterr().out


def test_prompts_are_switched_for_good(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ARGOCD_CONFIG_DIR", str(tmp_path))
    assert run(["configure", "--prompts-enabled=false"], "argocd") == 0
    assert "prompts-enabled: false" in (tmp_path / "config").read_text()
    assert capsys.readouterr().out == "Prompts disabled\n"


def test_a_password_is_hashed_as_the_secret_keeps_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["account", "bcrypt", "--password", "long enough"], "argocd") == 0
    assert bcrypt.checkpw(b"long enough", capsys.readouterr().out.strip().encode())


@pytest.mark.parametrize("other", sorted(commands.ALIASES))
def test_other_names_mean_the_same(other: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*other.split(), "--help"], "argocd") == 0
    assert f"argocd {commands.ALIASES[other]}" in capsys.readouterr().out


def test_every_leaf_of_the_original_is_there_or_refuses_aloud() -> None:
    """Of all three ranks; those that refuse are in the table of refusals and nowhere else."""
    leaves = {line for line in LEAVES.splitlines() if line}
    assert len(leaves) == 142
    assert not leaves - commands.COMMANDS.keys()
    refusing = {path for path, entry in commands.COMMANDS.items() if entry.module == "unavailable"}
    assert refusing == REFUSALS.keys()


@pytest.mark.parametrize("path", sorted(REFUSALS))
def test_what_needs_a_later_capability_refuses_in_words(
    path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*path.split(), "a", "b"], "argocd") == 20
    said = capsys.readouterr()
    assert said.out == ""
    assert json.loads(said.err)["msg"] == f"{path}: {REFUSALS[path]}"


LEAVES = """
account bcrypt
account can-i
account delete-token
account generate-token
account get
account get-user-info
account list
account session-token
account update-password
admin app diff-reconcile-results
admin app generate-spec
admin app get-reconcile-results
admin cluster generate-spec
admin cluster kubeconfig
admin cluster namespaces disable-namespaced-mode
admin cluster namespaces enable-namespaced-mode
admin cluster shards
admin cluster stats
admin dashboard
admin export
admin import
admin initial-password
admin notifications template get
admin notifications template notify
admin notifications trigger get
admin notifications trigger run
admin proj generate-allow-list
admin proj generate-spec
admin proj update-role-policy
admin redis-initial-password
admin repo generate-spec
admin settings rbac can
admin settings rbac validate
admin settings resource-overrides health
admin settings resource-overrides ignore-differences
admin settings resource-overrides ignore-resource-updates
admin settings resource-overrides list-actions
admin settings resource-overrides run-action
admin settings validate
app actions list
app actions run
app add-source
app confirm-deletion
app create
app delete
app delete-resource
app diff
app edit
app get
app get-resource
app history
app list
app logs
app manifests
app patch
app patch-resource
app remove-source
app resources
app rollback
app set
app sync
app terminate-op
app unset
app wait
appset create
appset delete
appset generate
appset get
appset list
cert add-ssh
cert add-tls
cert list
cert rm
cluster add
cluster get
cluster list
cluster rm
cluster rotate-auth
cluster set
completion
configure
context
gpg add
gpg get
gpg list
gpg rm
login
logout
proj add-destination
proj add-destination-service-account
proj add-orphaned-ignore
proj add-signature-key
proj add-source
proj add-source-namespace
proj allow-cluster-resource
proj allow-namespace-resource
proj create
proj delete
proj deny-cluster-resource
proj deny-namespace-resource
proj edit
proj get
proj list
proj remove-destination
proj remove-destination-service-account
proj remove-orphaned-ignore
proj remove-signature-key
proj remove-source
proj remove-source-namespace
proj role add-group
proj role add-policy
proj role create
proj role create-token
proj role delete
proj role delete-token
proj role get
proj role list
proj role list-tokens
proj role remove-group
proj role remove-policy
proj set
proj source-integrity git policies add
proj source-integrity git policies delete
proj source-integrity git policies list
proj source-integrity git policies update
proj windows add
proj windows delete
proj windows disable-manual-sync
proj windows disable-sync-overrun
proj windows enable-manual-sync
proj windows enable-sync-overrun
proj windows list
proj windows update
relogin
repo add
repo get
repo list
repo rm
repocreds add
repocreds list
repocreds rm
version
"""
