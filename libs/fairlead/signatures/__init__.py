"""Whose signature is on a commit, a tag or an artifact, and whether it counts.

Everything is verified in this process: no `gpg`, no agent, no home of keys. Invariant: what cannot be read,
is of another kind, or is signed more than once, is not signed; and only keys that were handed over verify.
"""

from fairlead.signatures.finding import Finding, Result
from fairlead.signatures.keyring import Keyring, Kind, SigningKey, canonical
from fairlead.signatures.signed import Signed, signed_commit, signed_tag
from fairlead.signatures.verify import verified

__all__ = [
    "Finding",
    "Keyring",
    "Kind",
    "Result",
    "Signed",
    "SigningKey",
    "canonical",
    "signed_commit",
    "signed_tag",
    "verified",
]
