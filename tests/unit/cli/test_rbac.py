"""A policy is tried on the command line as the server would decide."""

from pathlib import Path

import pytest

from fairlead.cli.program import run

POLICY = """
p, role:dev, applications, *, dev/*, allow
p, role:dev, applications, delete, dev/*, deny
g, ada, role:dev
"""
CONFIG_MAP = """
apiVersion: v1
kind: ConfigMap
metadata: {name: argocd-rbac-cm}
data:
  policy.default: role:readonly
  policy.csv: |
    p, ada, applications, sync, ^dev/, allow
  policy.matchMode: regex
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    found = tmp_path / "policy.csv"
    found.write_text(POLICY)
    return found


@pytest.mark.parametrize(
    ("words", "allowed"),
    [
        ("ada sync app dev/x", True),
        ("role:dev sync applications dev/x", True),
        ("ada delete apps dev/x", False),
        ("ada sync app prod/x", False),
        ("ada sync app", False),
        ("admin create cert", True),
        ("admin create cert --use-builtin-policy=false", False),
        ("bob get app prod/x --default-role role:readonly", True),
        ("ada action/apps/Deployment/restart app dev/x", True),
    ],
)
def test_can_answers_by_word_and_exit_code(
    words: str, allowed: bool, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["admin", "settings", "rbac", "can", *words.split(), "--policy-file", str(file)]
    assert run(command, "argocd") == (0 if allowed else 1)
    assert capsys.readouterr().out == ("Yes\n" if allowed else "No\n")
    assert run([*command, "-q"], "argocd") == (0 if allowed else 1)
    assert capsys.readouterr().out == ""


def test_a_config_map_brings_its_default_role_and_mode(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "argocd-rbac-cm.yaml"
    file.write_text(CONFIG_MAP)
    given = ["--policy-file", str(file)]
    sync = ["admin", "settings", "rbac", "can", "ada", "sync", "app", "dev/x", *given]
    assert run(sync, "argocd") == 0
    assert run(["admin", "settings", "rbac", "can", "ada", "get", "app", "any/x", *given], "argocd") == 0
    file.write_text(CONFIG_MAP.replace("regex", "glob"))
    assert run(sync, "argocd") == 1
    capsys.readouterr()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("ada fly app dev/x", "'fly' is not a valid action for applications"),
        ("ada get thing x", "'thing' is not a valid resource name"),
        ("ada get/x projects x", "'get/x' is not a valid action for projects"),
    ],
)
def test_words_that_no_right_is_about_are_refused_unless_that_is_wished(
    words: str, said: str, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["admin", "settings", "rbac", "can", *words.split(), "--policy-file", str(file)]
    assert run(command, "argocd") == 1
    assert said in "".join(capsys.readouterr())
    assert run([*command, "--strict=false"], "argocd") in (0, 1)
    assert capsys.readouterr().out in ("Yes\n", "No\n")


def test_validate_says_what_is_wrong_and_what_does_nothing(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    validate = ["admin", "settings", "rbac", "validate"]
    assert run([*validate, "--policy-file", str(file)], "argocd") == 0
    assert capsys.readouterr().out == "Policy is valid.\n"
    file.write_text(f"{POLICY}\np, ada, oops\n")
    assert run([*validate, "--policy-file", str(file)], "argocd") == 1
    assert capsys.readouterr().out == "Policy is invalid: invalid RBAC policy: p, ada, oops\n"
    file.write_text("p, ada, applications, get, [x, allow\n")
    assert run([*validate, "--policy-file", str(file)], "argocd") == 0
    shown = capsys.readouterr()
    assert (shown.out, "'[x' cannot be read as glob" in shown.err) == ("Policy is valid.\n", True)
    for wrong in ([], ["--policy-file", str(file), "--namespace", "argocd"]):
        assert run([*validate, *wrong], "argocd") == 1
    assert run([*validate, "--policy-file", str(tmp_path / "none")], "argocd") == 1
    capsys.readouterr()
