"""GPG key service: the public keys whose signatures may count (contract 11.6)."""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from fairlead.api_server.operations import authorize, config
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.caller import Caller
from fairlead.api_server.operations.refusal import Code, RefusalError
from fairlead.api_server.operations.session import Nothing
from fairlead.openpgp import ArmorError, BadKeyError, PublicKey, read_keys

RESOURCE = "gpgkeys"
TRUST = "ultimate"
"""What gpg calls it when somebody who may has put a key where keys are."""
_ID = re.compile(r"(?:[0-9A-Fa-f]{24})?([0-9A-Fa-f]{16})")


class KeyQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Names a key by its 16 digits, or by its fingerprint."""

    key_id: str = msgspec.field(name="keyID", default="")


class KeyCreate(msgspec.Struct, frozen=True, kw_only=True):
    """One or more keys in armour."""

    publickey: dict[str, Any] = {}
    upsert: bool = False


class KeyList(msgspec.Struct, frozen=True, kw_only=True):
    """Keys by id."""

    metadata: dict[str, str]
    items: list[dict[str, str]]


class Created(msgspec.Struct, frozen=True, kw_only=True):
    """The keys that were added, and the ids of those that were there already."""

    created: KeyList
    skipped: list[str]


async def list_all(backend: Backend, caller: Caller, query: KeyQuery) -> KeyList:
    """All keys, without the keys themselves."""
    authorize.require(caller, RESOURCE, "get", "")
    wanted = _id(query.key_id) if query.key_id else ""
    found = _configured(backend)
    items = [_described(key, with_text=False) for name, key in found.items() if wanted in ("", name)]
    return KeyList(metadata={}, items=items)


async def get(backend: Backend, caller: Caller, query: KeyQuery) -> dict[str, str]:
    """One key."""
    authorize.require(caller, RESOURCE, "get", "")
    key = _configured(backend).get(_id(query.key_id))
    if key is None:
        raise RefusalError(Code.NOT_FOUND, f"No such key: {query.key_id}")
    return _described(key, with_text=True)


async def create(backend: Backend, caller: Caller, request: KeyCreate) -> Created:
    """Add keys; one that is there is skipped."""
    authorize.require(caller, RESOURCE, "create", "")
    text = request.publickey.get("keyData")
    if not isinstance(text, str) or not text.strip():
        raise RefusalError(Code.INVALID_ARGUMENT, "Submitted key data is empty")
    try:
        keys = {key.key_id: key for key in read_keys(text)}
    except (ArmorError, BadKeyError) as error:
        raise RefusalError(Code.INVALID_ARGUMENT, f"the key cannot be read: {error}") from None
    skipped: list[str] = []

    def add(present: Mapping[str, str]) -> dict[str, str | None]:
        skipped[:] = sorted(keys.keys() & present.keys())
        return {name: key.text for name, key in keys.items() if name not in present}

    await config.amend(backend, config.KEYS, add)
    items = [_described(key, with_text=False) for name, key in sorted(keys.items()) if name not in skipped]
    return Created(created=KeyList(metadata={}, items=items), skipped=skipped)


async def delete(backend: Backend, caller: Caller, query: KeyQuery) -> Nothing:
    """Take a key away."""
    authorize.require(caller, RESOURCE, "delete", "")
    name = _id(query.key_id)

    def drop(present: Mapping[str, str]) -> dict[str, str | None]:
        if name not in present:
            raise RefusalError(Code.NOT_FOUND, f"No such key: {query.key_id}")
        return {name: None}

    await config.amend(backend, config.KEYS, drop)
    return Nothing()


def _configured(backend: Backend) -> dict[str, PublicKey]:
    """The keys that can be read and lie under their own id."""
    found = {}
    for name, text in sorted(config.data_of(backend, config.KEYS).items()):
        try:
            [key] = read_keys(text)
        except (ArmorError, BadKeyError, ValueError):
            continue
        if key.key_id == name.upper():
            found[name.upper()] = key
    return found


def _id(text: str) -> str:
    found = _ID.fullmatch(text)
    if found is None:
        raise RefusalError(Code.INVALID_ARGUMENT, "KeyID is malformed or empty")
    return found[1].upper()


def _described(key: PublicKey, *, with_text: bool) -> dict[str, str]:
    return {
        "keyID": key.key_id,
        "fingerprint": key.fingerprint,
        "owner": key.owner,
        "trust": TRUST,
        "subType": key.algorithm,
        **({"keyData": key.text} if with_text else {}),
    }
