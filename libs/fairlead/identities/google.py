"""Tokens of a Google service account (docs: "Using OAuth 2.0 for Server to Server Applications")."""

from __future__ import annotations

import time

import msgspec

from fairlead.git.credentials import Credential
from fairlead.git.errors import GitInvalidError
from fairlead.identities.asking import asked, seconds_of, text_of, way_of
from fairlead.identities.signed import signed
from fairlead.identities.tokens import Token
from fairlead.outbound import Outbound

ENDPOINT = "https://oauth2.googleapis.com/token"
SCOPE = "https://www.googleapis.com/auth/cloud-platform"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_WHOM = "Google"
_HOLDS = 3600


class _Key(msgspec.Struct, frozen=True, kw_only=True):
    type: str = ""
    client_email: str = ""
    private_key: str = ""
    private_key_id: str = ""
    token_uri: str = ""


async def token(outbound: Outbound, key_json: str, credential: Credential) -> Token:
    """A token of the account whose key this is; its user is the account. Raises GitError."""
    key = _read(key_json)
    endpoint, now = key.token_uri or ENDPOINT, int(time.time())
    claims = {
        "iss": key.client_email,
        "scope": SCOPE,
        "aud": endpoint,
        "iat": now,
        "exp": now + _HOLDS,
    }
    headers = {"kid": key.private_key_id} if key.private_key_id else {}
    assertion = signed("the private_key of gcpServiceAccountKey", key.private_key, claims, headers)
    form = {"grant_type": GRANT, "assertion": assertion}
    found = await asked(outbound, _WHOM, endpoint, way_of(credential), form=form)
    return Token(
        value=text_of(_WHOM, found, "access_token"),
        seconds=seconds_of(found, "expires_in", _HOLDS),
        username=key.client_email,
    )


def _read(key_json: str) -> _Key:
    """Raises GitInvalidError naming what is wrong, never what stands there."""
    try:
        key = msgspec.json.decode(key_json, type=_Key)
    except (msgspec.MsgspecError, UnicodeError):
        raise GitInvalidError("gcpServiceAccountKey is not the JSON of a service account's key") from None
    if key.type != "service_account" or not key.client_email or not key.private_key:
        raise GitInvalidError("gcpServiceAccountKey is not the key of a service account")
    return key
