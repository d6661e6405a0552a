"""What a token says of itself; for display, and never verified here."""

import base64

import msgspec


class Claims(msgspec.Struct, frozen=True, kw_only=True):
    """Whose it is and how long it is valid, in unix seconds; 0 is for ever."""

    sub: str = ""
    email: str = ""
    name: str = ""
    jti: str = ""
    nonce: str = ""
    iat: int = 0
    exp: int = 0


def claims_of(token: str) -> Claims:
    """The claims of a token; empty ones when it has none that can be read."""
    part = [*token.split("."), ""][1]
    try:
        raw = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
        return msgspec.json.decode(raw, type=Claims, strict=False)
    except (ValueError, msgspec.MsgspecError):
        return Claims()
