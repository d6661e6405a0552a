"""What each flag writes into an application, and what it leaves alone."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from fairlead.cli.app.unset import COMMAND as UNSET
from fairlead.cli.app.unset import remove
from fairlead.cli.command import Values
from fairlead.cli.command.parse import Parser
from fairlead.cli.errors import SettingsError, UsageError
from fairlead.cli.program import run
from fairlead.cli.spec.policy import POLICY_FLAGS, apply_policy
from fairlead.cli.spec.secrets import fnv
from fairlead.cli.spec.source import apply_source, image_name
from fairlead.cli.spec.source_flags import SOURCE_FLAGS


def values(*words: str, flags: Any = (*SOURCE_FLAGS, *POLICY_FLAGS)) -> Values:
    parser = Parser(flags)
    parser.read(list(words))
    return Values(flags, parser.given)


def source(*words: str, known: dict[str, Any] | None = None, tool: str = "") -> dict[str, Any]:
    found = known if known is not None else {}
    apply_source(found, values(*words), tool=tool)
    return found


def spec(*words: str, known: dict[str, Any] | None = None) -> dict[str, Any]:
    found = known if known is not None else {}
    apply_policy(found, values(*words))
    return found


@pytest.mark.parametrize(
    ("words", "written"),
    [
        (["--repo", "u", "--path", "p"], {"repoURL": "u", "path": "p"}),
        (["--revision", "r"], {"targetRevision": "r"}),
        (["--helm-set", "a=1", "--helm-set", "b=x=y"],
         {"helm": {"parameters": [{"name": "a", "value": "1"}, {"name": "b", "value": "x=y"}]}}),
        (["--helm-set-string", "a=1"],
         {"helm": {"parameters": [{"name": "a", "value": "1", "forceString": True}]}}),
        (["--helm-set-file", "a=f"], {"helm": {"fileParameters": [{"name": "a", "path": "f"}]}}),
        (["--values", "a.yaml", "--values", "b.yaml"], {"helm": {"valueFiles": ["a.yaml", "b.yaml"]}}),
        (["--kustomize-replica", "web=3"], {"kustomize": {"replicas": [{"name": "web", "count": 3}]}}),
        (["--kustomize-common-label", "a=b"], {"kustomize": {"commonLabels": {"a": "b"}}}),
        (["--directory-recurse"], {"directory": {"recurse": True}}),
        (["--jsonnet-tla-code", "a=1+1"],
         {"directory": {"jsonnet": {"tlas": [{"name": "a", "value": "1+1", "code": True}]}}}),
        (["--plugin-env", "A=b", "--config-management-plugin", "x"],
         {"plugin": {"name": "x", "env": [{"name": "A", "value": "b"}]}}),
        (["--helm-skip-crds"], {"helm": {"skipCrds": True}}),
    ],
)  # fmt: skip
def test_source_flags_write_where_the_field_is(words: list[str], written: dict[str, Any]) -> None:
    assert source(*words) == written


def test_a_flag_without_a_value_takes_the_field_away() -> None:
    assert source("--nameprefix", "", known={"repoURL": "u", "kustomize": {"namePrefix": "a-"}}) == {
        "repoURL": "u"
    }
    assert source("--directory-recurse=false", known={"directory": {"recurse": True}}) == {}


def test_fields_this_program_does_not_know_stay() -> None:
    known = {
        "repoURL": "u",
        "helm": {"newField": 1, "parameters": [{"name": "a", "value": "1"}]},
        "other": {"x": 1},
    }
    changed = source("--helm-set", "a=2", known=known)
    assert changed["helm"] == {"newField": 1, "parameters": [{"name": "a", "value": "2"}]}
    assert changed["other"] == {"x": 1}


@pytest.mark.parametrize(
    ("image", "name"),
    [
        ("nginx", "nginx"),
        ("nginx:1.26", "nginx"),
        ("nginx@sha256:ab", "nginx"),
        ("old=new:1", "old"),
        ("registry:5000/a/b", "registry:5000/a/b"),
        ("registry:5000/a/b:1", "registry:5000/a/b"),
    ],
)
def test_an_image_override_is_known_by_the_image_it_replaces(image: str, name: str) -> None:
    assert image_name(image) == name


def test_an_image_override_replaces_the_one_of_the_same_image() -> None:
    known = {"kustomize": {"images": ["nginx:1.25", "redis:7"]}}
    assert source("--kustomize-image", "nginx:1.26", known=known)["kustomize"]["images"] == [
        "nginx:1.26",
        "redis:7",
    ]


def test_values_may_come_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "values.yaml"
    file.write_text("a: 1\n")
    assert source("--values-literal-file", str(file)) == {"helm": {"values": "a: 1\n"}}
    with pytest.raises(SettingsError, match="cannot read"):
        source("--values-literal-file", str(tmp_path / "none"))


def test_parameters_need_a_chart() -> None:
    assert source("-p", "a=1", known={"helm": {}})["helm"]["parameters"] == [{"name": "a", "value": "1"}]
    with pytest.raises(SettingsError, match="Helm"):
        source("-p", "a=1", tool="Kustomize")
    with pytest.raises(UsageError, match="NAME=VALUE"):
        source("-p", "a")


def test_automation_is_switched_on_with_its_options_and_off_without_a_trace() -> None:
    on = spec("--sync-policy", "automated", "--auto-prune", "--self-heal")
    assert on["syncPolicy"] == {"automated": {"prune": True, "selfHeal": True}}
    off = spec("--sync-policy", "none", known=on)
    assert "syncPolicy" not in off


def test_options_of_automation_need_automation() -> None:
    with pytest.raises(SettingsError, match="--sync-policy automated"):
        spec("--auto-prune")


def test_sync_options_replace_those_of_the_same_name_and_are_removed_with_an_exclamation_mark() -> None:
    known = {"syncPolicy": {"syncOptions": ["CreateNamespace=true", "Replace=true"]}}
    changed = spec("--sync-option", "CreateNamespace=false", "--sync-option", "!Replace=true", known=known)
    assert changed["syncPolicy"]["syncOptions"] == ["CreateNamespace=false"]


def test_a_retry_has_the_usual_pauses_and_ends_with_a_limit_of_nought() -> None:
    retried = spec("--sync-retry-limit", "3", "--sync-retry-backoff-duration", "1s")
    assert retried["syncPolicy"]["retry"] == {
        "limit": 3,
        "backoff": {"duration": "1s", "maxDuration": "3m0s", "factor": 2},
    }
    assert "syncPolicy" not in spec("--sync-retry-limit", "0", known=retried)


def test_unset_removes_what_is_named_and_blocks_that_become_empty() -> None:
    known = {
        "repoURL": "u",
        "helm": {"parameters": [{"name": "a", "value": "1"}], "valueFiles": ["x", "y"], "values": "b: 1"},
        "kustomize": {"images": ["nginx:1.26"], "namePrefix": "p-"},
    }
    words = ["-p", "a", "--values", "x", "--kustomize-image", "nginx", "--nameprefix", "--values-literal"]
    remove(known, values(*words, flags=UNSET.flags))
    assert known == {"repoURL": "u", "helm": {"valueFiles": ["y"]}}


def test_a_spec_is_written_into_the_file_it_was_made_of(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "app.yaml"
    app = {"apiVersion": "argoproj.io/v1alpha1", "kind": "Application", "metadata": {"name": "web"}}
    spec = {"source": {"repoURL": "u", "path": "p"}, "destination": {"server": "s"}}
    file.write_text(yaml.safe_dump({**app, "spec": spec}))
    words = ["admin", "app", "generate-spec", "-f", str(file), "--revision", "v2", "--inline"]
    assert run(words, "argocd") == 0
    assert capsys.readouterr().out == ""
    assert yaml.safe_load(file.read_text())["spec"]["source"]["targetRevision"] == "v2"
    assert run(["admin", "app", "generate-spec", "web", "--repo", "u", "--path", "p", "-i"], "argocd") == 1
    assert "--inline needs a file" in capsys.readouterr().out
    file.write_text(yaml.safe_dump_all([{**app, "spec": spec}] * 2))
    assert run(["admin", "app", "generate-spec", "-f", str(file)], "argocd") == 1
    assert "more than one application is not supported" in capsys.readouterr().out


def test_a_repository_is_declared_with_all_that_was_said_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    flags = ["--enable-lfs", "--insecure-skip-server-verification", "--depth", "1", "--project", "team"]
    url = "https://git.example/a.git"
    assert run(["admin", "repo", "generate-spec", url, *flags, "-o", "json"], "argocd") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["stringData"] == {
        "url": url,
        "type": "git",
        "project": "team",
        "insecure": "true",
        "depth": "1",
        "enableLfs": "true",
    }
    assert found["metadata"]["name"] == f"repo-{fnv(url + 'team')}"
