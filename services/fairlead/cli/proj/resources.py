"""`proj allow-` and `deny-`, `cluster-` and `namespace-resource`: which kinds a project may deploy.

A kind is allowed by entering it into the list of the allowed, or by taking it out of that of the denied;
`--list` says which.
"""

import sys
from collections.abc import Callable
from typing import NamedTuple

from fairlead.cli.client import Document
from fairlead.cli.command import Command, Flag, Invocation, text
from fairlead.cli.errors import UsageError
from fairlead.cli.proj.change import change


class _Rule(NamedTuple):
    is_allow: bool
    is_cluster: bool


def _runner(rule: _Rule) -> Callable[[Invocation], None]:
    def run(call: Invocation) -> None:
        _run(call, rule)

    return run


def _run(call: Invocation, rule: _Rule) -> None:
    most = 4 if rule.is_cluster else 3
    if not 3 <= len(call.arguments) <= most:
        raise UsageError("give PROJECT GROUP KIND" + (" [NAME]" if rule.is_cluster else ""))
    project, group, kind, name = (*call.arguments, "")[:4]
    listed = call.values.text("list")
    is_entering = (listed == "allow") == rule.is_allow
    entry = {"kind": kind, **({"group": group} if group else {}), **({"name": name} if name else {})}
    change(call, project, lambda spec: _changed(spec, rule, listed, entry, is_entering=is_entering))


def _changed(spec: Document, rule: _Rule, listed: str, entry: dict[str, str], *, is_entering: bool) -> bool:
    scope = "cluster" if rule.is_cluster else "namespaced"
    colour = "White" if listed == "allow" else "Black"
    key = f"{'cluster' if rule.is_cluster else 'namespace'}Resource{colour}list"
    known = spec.get(key) or []
    left = [each for each in known if not _is_same(each, entry)]
    is_known = len(left) < len(known)
    where = f"{'allowed' if listed == 'allow' else 'denied'} {scope} resources"
    what = _words(rule, entry)
    if is_entering and is_known:
        return _tell(f"{what} is already present in {where}", is_change=False)
    if is_entering:
        spec[key] = [*known, entry]
        return _tell(f"{what} is added to {where}", is_change=True)
    if not is_known:
        return _tell(f"{what} is not in {where}", is_change=False)
    spec[key] = left
    return _tell(f"{what} is removed from {where}", is_change=True)


def _tell(words: str, *, is_change: bool) -> bool:
    print(words, file=sys.stderr)
    return is_change


def _words(rule: _Rule, entry: dict[str, str]) -> str:
    group, kind, name = (entry.get(key, "") for key in ("group", "kind", "name"))
    if rule.is_cluster:
        return f"Group '{group}', kind '{kind}', and name '{name}'"
    return f"Group '{group}' and kind '{kind}'"


def _is_same(known: Document, entry: dict[str, str]) -> bool:
    return all((known.get(key) or "") == entry.get(key, "") for key in ("group", "kind", "name"))


def _list(default: str) -> Flag:
    return text("list", "List to change.", short="l", default=default, choices=("allow", "deny"))


ALLOW_CLUSTER = Command(
    usage="PROJECT GROUP KIND [NAME]",
    about="Allow a kind without a namespace.",
    run=_runner(_Rule(is_allow=True, is_cluster=True)),
    flags=(_list("allow"),),
    examples=("proj allow-cluster-resource shop '' Namespace",),
)
DENY_CLUSTER = Command(
    usage="PROJECT GROUP KIND [NAME]",
    about="Deny a kind without a namespace.",
    run=_runner(_Rule(is_allow=False, is_cluster=True)),
    flags=(_list("allow"),),
)
ALLOW_NAMESPACED = Command(
    usage="PROJECT GROUP KIND",
    about="Allow a kind with a namespace.",
    run=_runner(_Rule(is_allow=True, is_cluster=False)),
    flags=(_list("deny"),),
)
DENY_NAMESPACED = Command(
    usage="PROJECT GROUP KIND",
    about="Deny a kind with a namespace.",
    run=_runner(_Rule(is_allow=False, is_cluster=False)),
    flags=(_list("deny"),),
    examples=("proj deny-namespace-resource shop '' ResourceQuota",),
)
