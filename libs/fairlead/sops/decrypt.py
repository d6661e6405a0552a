"""The values of an encrypted object.

A value is `ENC[AES256_GCM,data:…,iv:…,tag:…,type:…]`, sealed for its path, so that one that was moved does
not open. The code over the whole file (`sops.mac`) is one over its values in the order of the file: tools
that build manifests sort and add, so it is not looked at here, as Flux does not.
"""

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from fairlead.manifest.substitute import MASKED
from fairlead.sops.errors import SopsError
from fairlead.sops.identities import Identities

BLOCK = "sops"
MAX_DEPTH = 64
_VALUE = re.compile(r"ENC\[AES256_GCM,data:([^,]*),iv:([^,]+),tag:([^,]+),type:(\w+)\]")


def is_encrypted(document: Mapping[str, Any]) -> bool:
    """Whether an object is one that sops encrypted."""
    about = document.get(BLOCK)
    return isinstance(about, Mapping) and "mac" in about and "lastmodified" in about


def decrypted(document: Mapping[str, Any], identities: Identities) -> dict[str, Any]:
    """The object with its values, without what sops says about it. Raises SopsError."""
    rest = {key: value for key, value in document.items() if key != BLOCK}
    if rest.get("kind") != "Secret" or rest.get("apiVersion") != "v1":
        raise SopsError("only Secrets are decrypted, as only they are masked where they are shown")
    _require_plain({key: value for key, value in rest.items() if key not in MASKED}, ())
    cipher = AESGCM(identities.key_of(document[BLOCK]))
    return {key: _opened(value, cipher, (key,)) if key in MASKED else value for key, value in rest.items()}


def opened_values(values: Mapping[str, Any], key: bytes) -> dict[str, Any]:
    """A map whose values are sealed with a key, in the open. Raises SopsError."""
    cipher = AESGCM(key)
    return {name: _opened(value, cipher, (str(name),)) for name, value in values.items()}


def _require_plain(value: Any, path: tuple[str, ...]) -> None:
    """Raises SopsError for a sealed value where it would be shown as it is."""
    if len(path) > MAX_DEPTH:
        raise SopsError(f"it is nested deeper than {MAX_DEPTH} levels")
    if isinstance(value, dict):
        for key, inner in value.items():
            _require_plain(inner, (*path, str(key)))
    elif isinstance(value, list):
        for inner in value:
            _require_plain(inner, path)
    elif isinstance(value, str) and _VALUE.fullmatch(value):
        raise SopsError(f"{'.'.join(path)} is encrypted: of a Secret only data and stringData are read")


def _opened(value: Any, cipher: AESGCM, path: tuple[str, ...]) -> Any:
    if len(path) > MAX_DEPTH:
        raise SopsError(f"it is nested deeper than {MAX_DEPTH} levels")
    if isinstance(value, dict):
        return {key: _opened(inner, cipher, (*path, str(key))) for key, inner in value.items()}
    if isinstance(value, list):
        return [_opened(inner, cipher, path) for inner in value]
    if isinstance(value, str) and (sealed := _VALUE.fullmatch(value)):
        return _value(sealed, cipher, path)
    return value


def _value(sealed: re.Match[str], cipher: AESGCM, path: tuple[str, ...]) -> Any:
    where = ".".join(path)
    try:
        data, nonce, tag = (base64.b64decode(sealed[at], validate=True) for at in (1, 2, 3))
        text = cipher.decrypt(nonce, data + tag, (":".join(path) + ":").encode()).decode()
    except (binascii.Error, InvalidTag, UnicodeDecodeError, ValueError):
        raise SopsError(
            f"{where} does not open: it was changed or moved, or sealed with another key"
        ) from None
    return _typed(text, sealed[4], where)


def _typed(text: str, kind: str, where: str) -> Any:
    try:
        match kind:
            case "int":
                return int(text)
            case "float":
                return float(text)
            case "bool":
                return {"true": True, "false": False}[text.lower()]
            case "str" | "bytes":
                return text
    except (ValueError, KeyError):
        pass
    raise SopsError(f"{where} has a value that is none of its type")
