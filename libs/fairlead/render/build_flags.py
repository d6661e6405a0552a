"""The flags of `kustomize build` that an operator may set in argocd-cm: `kustomize.buildOptions`.

Invariant: a flag acts as Kustomize means it, or is told in a sentence; none lets a repository run a program.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

_RESTRICTORS = {
    "LoadRestrictionsNone": True,
    "none": True,
    "LoadRestrictionsRootOnly": False,
    "rootOnly": False,
}
"""Both spellings of Kustomize's history; True lifts the restriction."""
_SWITCHES = frozenset(
    {
        "as-current-user",
        "enable-alpha-plugins",
        "enable-exec",
        "enable-helm",
        "enable-managedby-label",
        "enable-star",
        "helm-debug",
        "network",
    }
)
_VALUES = frozenset(
    {
        "env",
        "helm-api-versions",
        "helm-command",
        "helm-kube-version",
        "load-restrictor",
        "mount",
        "network-name",
        "reorder",
    }
)
_SHORT = {"e": "env"}
_PROGRAMS = frozenset(
    {"enable-alpha-plugins", "enable-exec", "enable-star", "network", "network-name", "mount"}
)
_IDLE = {
    **dict.fromkeys(_PROGRAMS, "programs that a kustomization names are not run"),
    "env": "programs that a kustomization names are not run",
    "as-current-user": "programs that a kustomization names are not run",
    "helm-command": "charts are inflated without a helm process",
    "helm-debug": "charts are inflated without a helm process",
}


class BuildFlags(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What the engine is told. `idle` are sentences about flags without effect; with a `refusal` nothing is
    built, as Kustomize itself would end at once."""

    unrestricted: bool = False
    reorder: str = ""
    enable_helm: bool = False
    managed_by: bool = False
    kube_version: str = ""
    api_versions: tuple[str, ...] = ()
    idle: tuple[str, ...] = ()
    refusal: str = ""


class _RefusedError(ValueError):
    """A flag that Kustomize does not know, or a value that is none."""


def build_flags(text: str) -> BuildFlags:
    """Read flags."""
    try:
        return _read(text)
    except _RefusedError as error:
        return BuildFlags(refusal=f"kustomize.buildOptions: {error} is not understood")


def _read(text: str) -> BuildFlags:
    values: dict[str, list[str]] = {}
    for name, value in _pairs(text.split()):
        values.setdefault(name, []).append(value)
    restrictor, reorder = _last(values, "load-restrictor"), _last(values, "reorder")
    if restrictor and restrictor not in _RESTRICTORS:
        raise _RefusedError(f"--load-restrictor {restrictor}")
    if reorder not in {"", "none", "legacy"}:
        raise _RefusedError(f"--reorder {reorder}")
    return BuildFlags(
        unrestricted=_RESTRICTORS.get(restrictor, False),
        reorder=reorder,
        enable_helm=_last(values, "enable-helm") == "true",
        managed_by=_last(values, "enable-managedby-label") == "true",
        kube_version=_last(values, "helm-kube-version"),
        api_versions=tuple(
            part for given in values.get("helm-api-versions", ()) for part in given.split(",")
        ),
        idle=tuple(f"--{name} has no effect: {_IDLE[name]}" for name in values if name in _IDLE),
    )


def process_flags(text: str) -> list[str]:
    """The flags as they are given to an operator's binary: those that run a repository's programs are left
    out, and those that newer versions have are the binary's to know."""
    kept: list[str] = []
    waits_for_value = False
    for word in text.split():
        name = word.lstrip("-").partition("=")[0].replace("_", "-")
        if not word.startswith("-"):
            if not waits_for_value:
                kept.append(word)
            waits_for_value = False
            continue
        waits_for_value = False
        if name in _PROGRAMS or name in {"e", "env", "o", "output"}:
            waits_for_value = "=" not in word and name not in _SWITCHES
            continue
        kept.append(word)
    return kept


def _pairs(words: list[str]) -> Iterator[tuple[str, str]]:
    waiting = iter(words)
    for word in waiting:
        name, has_value, value = word.lstrip("-").partition("=")
        name = _SHORT.get(name, name.replace("_", "-"))
        if not word.startswith("-") or name not in _SWITCHES | _VALUES:
            raise _RefusedError(word)
        if name in _SWITCHES:
            yield name, value if has_value else "true"
            continue
        given = value if has_value else next(waiting, "")
        if not given:
            raise _RefusedError(word)
        yield name, given


def _last(values: dict[str, list[str]], name: str) -> str:
    return values[name][-1] if name in values else ""
