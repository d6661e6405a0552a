"""Whether an artifact of a registry is signed by cosign as its project demands: by a key, not keyless.

Invariant: what is verified is the digest of what is rendered. A good one is remembered; a missing signature
is looked for again each time, since it may be pushed after what it signs.
"""

from collections import OrderedDict
from collections.abc import Iterable
from functools import lru_cache

from fairlead.git.revisions import Resolved
from fairlead.oci import OciNotFoundError, Registry
from fairlead.repo_server.remotes.artifact import Artifact
from fairlead.repo_server.remotes.failures import taking
from fairlead.signatures import Keyring, Kind, SigningKey
from fairlead.signatures.cosign import (
    ANNOTATION,
    MAX_PAYLOAD,
    MAX_SIGNATURES,
    CosignKey,
    is_signed,
    read_cosign_key,
    tag_of,
)

REMEMBERED = 20_000
"""Artifacts that are known to be signed."""
_Signature = tuple[bytes, str]


class Cosigned:
    """Verifies; remembers what is good."""

    def __init__(self) -> None:
        self._good: OrderedDict[tuple[str, str], None] = OrderedDict()

    async def problem(
        self, artifact: Artifact, resolved: Resolved, keyring: Keyring, allowed: frozenset[str], identity: str
    ) -> str:
        """Why an artifact does not count as signed by one of the allowed keys, "" when it does. Raises
        GitError when the registry cannot be asked.
        """
        digest = await artifact.digest_of(resolved)
        if (digest, identity) in self._good:
            return ""
        signatures = await _signatures(await artifact.registry(), digest)
        found = next((key for key in _of(keyring) if _has_signed(key, signatures, digest)), None)
        if found is not None and set(found.ids) & allowed:
            self._good[digest, identity] = None
            while len(self._good) > REMEMBERED:
                self._good.popitem(last=False)
            return ""
        what = "signed with key not in keyring" if signatures else "unsigned"
        if found is not None:
            what = f"signed with unallowed key (key_id={found.ids[0]})"
        return f"Failed verifying artifact {artifact.reference}@{digest}: {what}"


def _of(keyring: Keyring) -> Iterable[SigningKey]:
    return [key for key in keyring if key.kind is Kind.COSIGN]


async def _signatures(registry: Registry, digest: str) -> list[_Signature]:
    """Payloads and the signatures over them. Raises GitError."""
    with taking():
        try:
            manifest = await registry.manifest(tag_of(digest))
        except OciNotFoundError:
            return []
        return [
            (await registry.blob(layer, limit=MAX_PAYLOAD), (layer.annotations or {})[ANNOTATION])
            for layer in manifest.layers[:MAX_SIGNATURES]
            if ANNOTATION in (layer.annotations or {}) and layer.size <= MAX_PAYLOAD
        ]


def _has_signed(key: SigningKey, signatures: list[_Signature], digest: str) -> bool:
    opened = _opened(key.text)
    return any(is_signed(payload, signature, digest, opened) for payload, signature in signatures)


@lru_cache(maxsize=256)
def _opened(pem: str) -> CosignKey:
    return read_cosign_key(pem)
