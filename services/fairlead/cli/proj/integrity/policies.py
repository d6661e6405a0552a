"""`proj source-integrity git policies`: whose signatures commits of which repositories must have.

A policy is named by its place in the project, from 0, as `list` shows it.
"""

import re
import sys
from typing import Any

from fairlead.cli import prompt
from fairlead.cli.client import Client, Document
from fairlead.cli.command import Command, Flag, Invocation, Values, many, output, switch, text
from fairlead.cli.connection import connect
from fairlead.cli.errors import UsageError
from fairlead.cli.view import document
from fairlead.cli.view.columns import columns

MODES = ("strict", "head", "none")
_KEY = re.compile(r"[0-9A-Fa-f]{16}|[0-9A-Fa-f]{40}")
_TITLES = ("ID", "GPG-MODE", "GPG-KEYS", "REPO-URLS")


def list_all(call: Invocation) -> None:
    """Print the policies with their numbers."""
    (name,) = call.exactly("PROJECT")
    with connect(call.values) as client:
        found = _policies(client.projects.get(name), name)
    form = call.values.text("output")
    if form in ("json", "yaml"):
        document.show(found, form)
    else:
        print(_table(found), end="")


def add(call: Invocation) -> None:
    """Append a policy and print them all."""
    (name,), values = call.exactly("PROJECT"), call.values
    mode = _mode(values.text("gpg-mode"))
    policy: Document = {
        "repos": [{"url": url} for url in values.many("repo-url")],
        "gpg": {"mode": mode, "keys": _keys(values.many("gpg-key"))},
    }
    with connect(values) as client:
        project = client.projects.get(name)
        spec = project.setdefault("spec", {})
        integrity = spec["sourceIntegrity"] = spec.get("sourceIntegrity") or {}
        git = integrity["git"] = integrity.get("git") or {}
        policies = git["policies"] = [*(git.get("policies") or []), policy]
        _warn(client, policy)
        client.projects.update(project)
    print(_table(policies), end="")


def update(call: Invocation) -> None:
    """Change a policy, after showing what becomes of it."""
    (name, number), values = call.exactly("PROJECT", "POLICY_ID"), call.values
    _require_one_way(values)
    with connect(values) as client:
        project = client.projects.get(name)
        policies = _policies(project, name)
        index = _index(number, policies)
        _change(policies[index], values)
        _warn(client, policies[index])
        print(_table(policies), end="")
        question = f'Are you sure you want to update policy {index} from project "{name}"? [y/N] '
        if _may(values, question):
            client.projects.update(project)


def delete(call: Invocation) -> None:
    """Take policies away, all at once."""
    values = call.values
    if len(call.arguments) < 2:
        raise UsageError("give PROJECT POLICY_ID...")
    name, *numbers = call.arguments
    with connect(values) as client:
        project = client.projects.get(name)
        policies = _policies(project, name)
        gone = {_index(number, policies) for number in numbers}
        shown = ", ".join(str(index) for index in sorted(gone))
        question = f'Are you sure you want to delete policies {shown} from project "{name}"? [y/N] '
        if not _may(values, question):
            return
        left = [policy for index, policy in enumerate(policies) if index not in gone]
        if left:
            project["spec"]["sourceIntegrity"]["git"]["policies"] = left
        else:
            del project["spec"]["sourceIntegrity"]
        client.projects.update(project)


def _may(values: Values, question: str) -> bool:
    if values.switch("yes") or prompt.confirm(question, "--yes", default=False):
        return True
    print("Aborted by user.")
    return False


def _policies(project: Document, name: str) -> list[Any]:
    """The project's policies, which may be changed. Raises UsageError when there are none."""
    spec = project.get("spec") or {}
    found = ((spec.get("sourceIntegrity") or {}).get("git") or {}).get("policies")
    if not found:
        raise UsageError(f'no source integrity git policies defined for project "{name}"')
    return found  # type: ignore[no-any-return]  # a JSON list


def _index(number: str, policies: list[Any]) -> int:
    if not number.isascii() or not number.isdecimal():
        raise UsageError(f"invalid POLICY_ID '{number}'")
    if int(number) >= len(policies):
        raise UsageError(f"the POLICY_ID {int(number)} is out of range (0-{len(policies) - 1})")
    return int(number)


def _require_one_way(values: Values) -> None:
    for flag in ("gpg-key", "repo-url"):
        if values.many(flag) and (values.many(f"add-{flag}") or values.many(f"delete-{flag}")):
            raise UsageError(f"option --{flag}, cannot be combined with --add-{flag} or --delete-{flag}")


def _change(policy: Document, values: Values) -> None:
    urls = [str(repo.get("url")) for repo in policy.get("repos") or []]
    policy["repos"] = [{"url": url} for url in _changed(urls, values, "repo-url")]
    gpg = policy["gpg"] = policy.get("gpg") or {}
    gpg["mode"] = _mode(values.text("gpg-mode") or str(gpg.get("mode") or ""))
    _keys([*values.many("gpg-key"), *values.many("add-gpg-key")])
    gpg["keys"] = _changed(gpg.get("keys") or [], values, "gpg-key")


def _changed(known: list[str], values: Values, flag: str) -> list[str]:
    """The list with what the flags replace, take away and add, each entry once."""
    start = values.many(flag) or known
    kept = [entry for entry in start if entry not in values.many(f"delete-{flag}")]
    return list(dict.fromkeys([*kept, *values.many(f"add-{flag}")]))


def _mode(mode: str) -> str:
    if not mode:
        raise UsageError("gpg-mode must be set")
    if mode not in MODES:
        raise UsageError(f"gpg-mode must be one of: {', '.join(MODES)}")
    return mode


def _keys(keys: list[str]) -> list[str]:
    for key in keys:
        if not _KEY.fullmatch(key):
            raise UsageError(f"invalid GPG key ID '{key}': it has 16 or 40 hexadecimal digits")
    return keys


def _warn(client: Client, policy: Document) -> None:
    """Say what of a policy can never act."""
    if not policy.get("repos"):
        print("Warning: Policy has no repository URLs and will never be used", file=sys.stderr)
    keys = policy["gpg"].get("keys")
    if not keys:
        print("Warning: Policy has no GPG keys and will never validate any revision", file=sys.stderr)
        return
    known = {str(key.get("keyID")) for key in client.connections.keys()}  # noqa: SIM118 - not a dict
    absent = sorted(key for key in keys if key not in known)
    if absent:
        words = f"Following GPG keys are not in repo-server keyring: {', '.join(absent)}"
        print(f"Warning: {words}", file=sys.stderr)


def _table(policies: list[Any]) -> str:
    return columns([_TITLES, *(_row(number, policy) for number, policy in enumerate(policies))])


def _row(number: int, policy: Document) -> tuple[str, ...]:
    gpg = policy.get("gpg") or {}
    urls = [str(repo.get("url")) for repo in policy.get("repos") or []]
    none = "<none>"
    return (
        str(number),
        str(gpg.get("mode") or none),
        ", ".join(gpg.get("keys") or []) or none,
        ", ".join(urls) or none,
    )


def _lists(flag: str, what: str) -> tuple[Flag, ...]:
    return (
        many(flag, f"{what} of the policy; all of them.", commas=True),
        many(f"add-{flag}", f"{what} that comes to the policy.", commas=True),
        many(f"delete-{flag}", f"{what} that is taken from the policy.", commas=True),
    )


_MODE = text("gpg-mode", "What must be signed: strict (all commits), head (the newest), none.")
_YES = switch("yes", "Do not ask.", short="y")
_PATTERN, _KEY_ID = "Pattern of repositories", "Id of a GnuPG key"

LIST = Command(
    usage="PROJECT",
    about="List a project's policies for signatures in Git; update and delete take the numbers shown.",
    run=list_all,
    flags=(output("wide", "json", "yaml"),),
)
ADD = Command(
    usage="PROJECT",
    about="Add a policy: commits of these repositories count only when signed with one of these keys.",
    run=add,
    flags=(
        many(
            "repo-url", "Pattern of repositories; with ! before it, of those that are not meant.", commas=True
        ),
        many("gpg-key", "Id of a GnuPG key.", commas=True),
        _MODE,
    ),
    examples=(
        "proj source-integrity git policies add shop --repo-url 'https://git.example.com/*' "
        "--gpg-mode strict --gpg-key D56C4FCA57A46444",
    ),
)
UPDATE = Command(
    usage="PROJECT POLICY_ID",
    about="Change a policy for signatures.",
    run=update,
    flags=(*_lists("repo-url", _PATTERN), *_lists("gpg-key", _KEY_ID), _MODE, _YES),
    examples=("proj source-integrity git policies update shop 0 --add-gpg-key D56C4FCA57A46444",),
)
DELETE = Command(
    usage="PROJECT POLICY_ID...",
    about="Take policies for signatures away.",
    run=delete,
    flags=(_YES,),
    examples=("proj source-integrity git policies delete shop 1 3",),
)
