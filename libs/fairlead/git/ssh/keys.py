"""Private keys as repositories declare them.

Invariant: a key lives in memory only, and what is wrong with one is said without any of it.
"""

from __future__ import annotations

import asyncssh

from fairlead.git.errors import AuthenticationError

_KINDS = ("ssh-ed25519", "ecdsa-sha2-", "ssh-rsa")
_ENCRYPTED = "the repository's SSH key is encrypted with a passphrase; declare it without one"


def read_key(text: str) -> asyncssh.SSHKey:
    """A private key of OpenSSH, PKCS#1 or PKCS#8. A large one of RSA takes tens of milliseconds.

    Raises:
        AuthenticationError: it is encrypted, of no kind that is used, or none at all.
    """
    lines = (line.strip() for line in text.strip().splitlines())
    try:
        key = asyncssh.import_private_key("\n".join(lines) + "\n")
    except asyncssh.KeyEncryptionError:
        raise AuthenticationError(_ENCRYPTED) from None
    except (asyncssh.KeyImportError, ValueError) as error:
        is_encrypted = "passphrase" in str(error).lower() or "ENCRYPTED" in text
        why = _ENCRYPTED if is_encrypted else "the repository's SSH key is no private key that can be read"
        raise AuthenticationError(why) from None
    kind = key.get_algorithm()
    if not kind.startswith(_KINDS):
        raise AuthenticationError(f"SSH keys of kind {kind} are not used; make one of kind ed25519")
    return key
