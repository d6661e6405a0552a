"""Whole files that sops encrypted, in the data of a Secret, where generators of Kustomize put them.

A file is JSON, YAML or dotenv, or anything else, which sops keeps as JSON with one field `data`. What comes
out has the form that went in. Invariant: what is no such file is left as it is.
"""

import base64
import binascii
from collections.abc import Mapping
from typing import Any

import msgspec
import yaml

from fairlead.manifest.yaml_document import document as yaml_of
from fairlead.sops.decrypt import BLOCK, is_encrypted, opened_values
from fairlead.sops.errors import SopsError
from fairlead.sops.identities import Identities

_ENV_MARK = "sops_"
_MARKS = (b"ENC[AES256_GCM,", b"sops")


def with_files(document: Mapping[str, Any], identities: Identities) -> dict[str, Any]:
    """A Secret with the files in its data opened. Raises SopsError."""
    data = document.get("data")
    if not isinstance(data, Mapping):
        return dict(document)
    found = {name: _entry(str(name), value, identities) for name, value in data.items()}
    return {**document, "data": found}


def _entry(name: str, value: Any, identities: Identities) -> Any:
    try:
        content = base64.b64decode("".join(value.split()), validate=True) if isinstance(value, str) else b""
    except (binascii.Error, ValueError):
        return value
    if not all(mark in content for mark in _MARKS):
        return value
    try:
        opened = _file(name, content.decode(), identities)
    except SopsError as error:
        raise SopsError(f"data.{name}: {error}") from None
    except UnicodeDecodeError:
        return value
    return value if opened is None else base64.b64encode(opened.encode()).decode()


def _file(name: str, text: str, identities: Identities) -> str | None:
    """The file in the open; None when it is none that sops encrypted."""
    if text.lstrip().startswith("{"):
        return _json(name, text, identities)
    if any(line.startswith("sops_mac=") for line in text.splitlines()):
        return _dotenv(text, identities)
    try:
        found = yaml_of(text)
    except (yaml.YAMLError, ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or not is_encrypted(found):
        return None
    return yaml.safe_dump(_opened(found, identities), sort_keys=False, allow_unicode=True)


def _json(name: str, text: str, identities: Identities) -> str | None:
    try:
        found = msgspec.json.decode(text)
    except msgspec.DecodeError:
        return None
    if not isinstance(found, dict) or not is_encrypted(found):
        return None
    opened = _opened(found, identities)
    if set(opened) == {"data"} and isinstance(opened["data"], str) and not name.endswith(".json"):
        return opened["data"]
    return msgspec.json.format(msgspec.json.encode(opened), indent=2).decode()


def _dotenv(text: str, identities: Identities) -> str:
    """Lines of names and values; what sops says is in lines of its own."""
    about: dict[str, Any] = {}
    kept: list[str | tuple[str, str]] = []
    for line in text.splitlines():
        name, equals, value = line.partition("=")
        if equals and name.startswith(_ENV_MARK):
            _put(about, name.removeprefix(_ENV_MARK), value.replace("\\n", "\n"))
        else:
            kept.append((name, value) if equals and not line.startswith("#") else line)
    values = {one[0]: one[1] for one in kept if isinstance(one, tuple)}
    opened = opened_values(values, identities.key_of(about))
    lines = [one if isinstance(one, str) else f"{one[0]}={_escaped(opened[one[0]])}" for one in kept]
    return "\n".join([*(line for line in lines if not line.startswith("#ENC[")), ""])


def _put(about: dict[str, Any], path: str, value: str) -> None:
    """One line such as `age__list_0__map_enc`."""
    head, _, rest = path.partition("__list_")
    place, _, field = rest.partition("__map_")
    if not (field and place.isdigit() and int(place) < 64):
        about[path] = value
        return
    entries = about.setdefault(head, [])
    if isinstance(entries, list):
        entries += [{} for _ in range(int(place) + 1 - len(entries))]
        entries[int(place)][field] = value


def _escaped(value: Any) -> str:
    return str(value).replace("\n", "\\n")


def _opened(found: dict[str, Any], identities: Identities) -> dict[str, Any]:
    rest = {key: value for key, value in found.items() if key != BLOCK}
    return opened_values(rest, identities.key_of(found[BLOCK]))
