"""YAML in the form Kubernetes' own tools print it."""

import re
from typing import Any

import yaml

_BASE: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_WIDTH = 1 << 30
_LOOKS_TYPED = re.compile(
    r"""[-+]?(\.[0-9]+|[0-9][0-9_]*(\.[0-9_]*)?)([eE][-+]?[0-9]+)?
    |[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)|[-+]?0[bB][01_]+|[-+]?0[oO]?[0-7_]+|[-+]?0[xX][0-9a-fA-F_]+
    |[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt ].*)?|[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?
    |y|Y|yes|Yes|YES|on|On|ON|n|N|no|No|NO|off|Off|OFF|true|True|TRUE|false|False|FALSE|null|Null|NULL|~|<<|=""",
    re.VERBOSE,
)
"""Texts that some reader of YAML would take for a number, a time, a truth value or nothing."""


class _Dumper(_BASE):  # type: ignore[misc]  # the C dumper has no types
    pass


def _text(dumper: Any, value: str) -> Any:
    style = None
    if "\n" in value:
        style = "|"
    elif not value or _LOOKS_TYPED.fullmatch(value):
        style = '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _text)


def as_yaml(value: object) -> str:
    """YAML with sorted keys; texts that look like something else are quoted."""
    dumped: str = yaml.dump(
        value, Dumper=_Dumper, sort_keys=True, default_flow_style=False, width=_WIDTH, allow_unicode=True
    )
    return dumped.removesuffix("...\n")


def as_line(value: object) -> str:
    """YAML on one line, as an item of a list can be written; the keys in their order."""
    dumped: str = yaml.safe_dump(
        value, default_flow_style=True, width=_WIDTH, sort_keys=False, allow_unicode=True
    )
    return dumped.strip()
