"""What was found of one signature, in the contract's words (7.11)."""

from enum import StrEnum

import msgspec


class Result(StrEnum):
    """What a signature is worth; the values are what people read."""

    GOOD = "signed"
    BAD = "bad signature"
    EXPIRED_SIGNATURE = "expired signature"
    EXPIRED_KEY = "signed with expired key"
    REVOKED_KEY = "signed with revoked key"
    MISSING_KEY = "signed with key not in keyring"
    UNSIGNED = "unsigned"


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """The verdict on one signature. `key_id` is the key that made it, as far as it says so; `primary` names
    the entry it stands in; `algorithm` is as gpg names it: `RSA`, `EDDSA`. A good one holds until the Unix
    second `until`, 0 for ever.
    """

    result: Result
    key_id: str = ""
    primary: str = ""
    algorithm: str = ""
    until: float = 0.0

    @property
    def is_good(self) -> bool:
        """Whether somebody whose key is here has signed exactly this."""
        return self.result is Result.GOOD

    def is_by(self, keys: frozenset[str]) -> bool:
        """Whether one of these keys has signed: it or, by a subkey of its own, the key it belongs to."""
        return self.is_good and (self.key_id in keys or bool(self.primary and self.primary in keys))


def described(found: Finding) -> str:
    """A signature as people are told of it beside a commit."""
    if found.result is Result.UNSIGNED:
        return "Revision is not signed."
    if found.result is Result.MISSING_KEY:
        return f"UNKNOWN signature: {found.result.value} (key_id={found.key_id})"
    good = {Result.GOOD: "Good", Result.BAD: "Bad"}.get(found.result, "Invalid")
    return f"{good} signature from {found.algorithm or 'unknown'} key {found.key_id}"


UNSIGNED = Finding(result=Result.UNSIGNED)
