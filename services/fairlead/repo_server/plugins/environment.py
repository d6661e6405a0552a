"""The variables that a plugin's commands see beside the build environment (contract 7.5, 7.7).

Invariant: what an Application says becomes a variable only behind a prefix, so that it replaces none of ours.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from fairlead.render import RenderRequest

_SPECIAL = frozenset("*#$@!?-0123456789")
_NAME = re.compile(r"[A-Za-z0-9_]+")
_VERSION = re.compile(r"v?(\d+(?:\.\d+)*)")
_UNFIT = re.compile(r"[^A-Z0-9_]")
_ESCAPED = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"}


def plugin_environment(request: RenderRequest) -> dict[str, str]:
    """All variables of a source."""
    version = _VERSION.match(request.kube_version)
    base = {
        **request.env,
        "KUBE_VERSION": version[1] if version else "",
        "KUBE_API_VERSIONS": ",".join(request.api_versions),
    }
    block = request.options.get("plugin")
    if not isinstance(block, Mapping):
        return base
    own = {
        f"ARGOCD_ENV_{entry.get('name', '')}": expanded(str(entry.get("value") or ""), base)
        for entry in _maps(block.get("env"))
    }
    return base | own | dict(_parameters(_maps(block.get("parameters"))))


def expanded(text: str, variables: Mapping[str, str]) -> str:
    """A text with `$NAME` and `${NAME}` replaced; what has no value is nothing, `$$` is a dollar."""
    parts, at = [], 0
    while (dollar := text.find("$", at)) >= 0 and dollar + 1 < len(text):
        parts.append(text[at:dollar])
        name, width = _named(text[dollar + 1 :])
        if name == "$":
            parts.append("$")
        elif name:
            parts.append(variables.get(name, ""))
        elif width == 0:
            parts.append("$")
        at = dollar + 1 + width
    return "".join([*parts, text[at:]])


def _named(text: str) -> tuple[str, int]:
    """The name after a dollar as Go's `os.Expand` reads it, and how many characters it takes."""
    if text[0] == "{":
        end = text.find("}")
        if end < 0:
            return "", 1
        return text[1:end], end + 1
    if text[0] in _SPECIAL:
        return text[0], 1
    found = _NAME.match(text)
    return (found[0], len(found[0])) if found else ("", 0)


def _parameters(parameters: list[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """All of them as JSON, and each by itself."""
    said = [{key: one[key] for key in sorted(one) if one[key] is not None} for one in parameters]
    text = msgspec.json.encode(said, order="deterministic").decode() if said else "null"
    yield "ARGOCD_APP_PARAMETERS", re.sub("[<>&]", lambda found: _ESCAPED[found[0]], text)
    for parameter in parameters:
        name = f"PARAM_{_fit(str(parameter.get('name') or ''))}"
        if isinstance(parameter.get("string"), str):
            yield name, parameter["string"]
        for key, value in (parameter.get("map") or {}).items():
            yield f"{name}_{_fit(key)}", str(value)
        for place, value in enumerate(parameter.get("array") or ()):
            yield f"{name}_{place}", str(value)


def _fit(name: str) -> str:
    return _UNFIT.sub("_", name.upper())


def _maps(value: object) -> list[Mapping[str, Any]]:
    entries = value if isinstance(value, list | tuple) else ()
    return [entry for entry in entries if isinstance(entry, Mapping)]
