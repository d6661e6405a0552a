"""`argocd-rbac-cm` as its keys say it (contract 11.3)."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from fairlead.rbac.policy import Mode

MAIN, DEFAULT, SCOPES, MATCH_MODE = "policy.csv", "policy.default", "scopes", "policy.matchMode"
DEFAULT_SCOPES = ("groups",)


class RbacConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The policy's text, the role of everybody, and how patterns are compared."""

    policy: str = ""
    default: str = ""
    mode: Mode = Mode.GLOB
    scopes: str = ""


def read(data: Mapping[str, str]) -> RbacConfig:
    """The configuration of a ConfigMap's values; further `policy.<any>.csv` follow in the order of keys."""
    more = [
        data[key]
        for key in sorted(data)
        if key.startswith("policy.") and key.endswith(".csv") and key != MAIN
    ]
    return RbacConfig(
        policy="\n".join([data.get(MAIN, ""), *more]),
        default=data.get(DEFAULT, ""),
        mode=Mode.REGEX if data.get(MATCH_MODE) == "regex" else Mode.GLOB,
        scopes=data.get(SCOPES, ""),
    )
