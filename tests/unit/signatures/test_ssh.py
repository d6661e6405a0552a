"""SSH signatures over commits: what counts, and why another does not."""

import base64
import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519

from fairlead.signatures import Finding, Keyring, Result, signed_commit, verified
from fairlead.signatures.ssh_key import SshKeyError, fingerprint_of, read_ssh_key
from tests.signing import SshKey, string, with_signature
from tests.unit.signatures.test_pgp import BODY

ALICE = SshKey()
KEYRING = Keyring.of({"ssh.alice": ALICE.line})


def finding(signature: bytes, keyring: Keyring = KEYRING) -> Finding:
    return verified(signed_commit(with_signature(BODY, signature)), keyring, 0.0)


@pytest.mark.parametrize("kind", ["ed25519", "rsa", "nistp256", "nistp384", "nistp521"])
def test_every_usual_kind_of_key_verifies(kind: str) -> None:
    key = SshKey(kind)
    found = finding(key.sign(BODY), Keyring.of({"ssh.alice": key.line}))
    assert (found.result, found.key_id, found.primary) == (Result.GOOD, key.fingerprint, "ssh.alice")
    assert found.is_by(frozenset({"ssh.alice"}))
    assert found.is_by(frozenset({key.fingerprint}))


def test_a_key_that_nobody_handed_over_is_said_by_its_fingerprint() -> None:
    bob = SshKey()
    found = finding(bob.sign(BODY))
    assert (found.result, found.key_id) == (Result.MISSING_KEY, bob.fingerprint)


def test_a_signature_of_another_commit_is_a_bad_one() -> None:
    assert finding(ALICE.sign(b"another")).result is Result.BAD


def test_a_signature_that_was_made_for_something_else_does_not_count() -> None:
    assert finding(ALICE.sign(BODY, namespace=b"file")).result is Result.BAD
    assert finding(ALICE.sign(BODY, digest="sha1")).result is Result.BAD


def test_a_signature_that_is_cut_or_continued_does_not_count() -> None:
    armored = ALICE.sign(BODY)
    blob = base64.b64decode(b"".join(armored.splitlines()[1:-1]))
    for other in (blob[:-1], blob + b"x", blob[:10], b""):
        body = base64.encodebytes(other)
        text = b"-----BEGIN SSH SIGNATURE-----\n" + body + b"-----END SSH SIGNATURE-----"
        assert finding(text).result is Result.BAD


def test_a_key_in_a_token_counts_when_somebody_touched_it() -> None:
    private = ed25519.Ed25519PrivateKey.generate()
    algorithm = b"sk-ssh-ed25519@openssh.com"
    blob = string(algorithm) + string(private.public_key().public_bytes_raw()) + string(b"ssh:")
    line = f"{algorithm.decode()} {base64.b64encode(blob).decode()} alice"
    keyring = Keyring.of({"ssh.alice": line})
    for flags, result in ((b"\x01", Result.GOOD), (b"\x00", Result.BAD)):
        signature = _by_token(private, algorithm, blob, flags)
        assert finding(signature, keyring).result is result


def _by_token(private: ed25519.Ed25519PrivateKey, algorithm: bytes, blob: bytes, flags: bytes) -> bytes:
    parts = (b"git", b"", b"sha512", hashlib.sha512(BODY).digest())
    message = b"SSHSIG" + b"".join(map(string, parts))
    rest = flags + (7).to_bytes(4, "big")
    raw = private.sign(hashlib.sha256(b"ssh:").digest() + rest + hashlib.sha256(message).digest())
    signature = string(algorithm) + string(raw) + rest
    whole = b"SSHSIG" + (1).to_bytes(4, "big") + b"".join(map(string, (blob, *parts[:3], signature)))
    return b"-----BEGIN SSH SIGNATURE-----\n" + base64.encodebytes(whole) + b"-----END SSH SIGNATURE-----"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", "there are 0 keys"),
        (f"{ALICE.line}\n{SshKey().line}", "there are 2 keys"),
        ("ssh-ed25519", "no public key"),
        (f'from="*" {ALICE.line}', "not base64, or options"),
        (ALICE.line.replace("ssh-ed25519 ", "ssh-rsa ", 1), "the line says ssh-rsa"),
        ("ssh-dss " + base64.b64encode(string(b"ssh-dss") + string(b"x")).decode(), "are not known"),
    ],
    ids=["none", "two", "half", "options", "another-kind", "dss"],
)
def test_an_entry_holds_one_key_that_can_be_verified_with(line: str, words: str) -> None:
    with pytest.raises(SshKeyError, match=words):
        read_ssh_key(line)
    assert words in Keyring.of({"ssh.alice": line}).unread["ssh.alice"]


def test_fingerprints_are_those_that_ssh_keygen_prints() -> None:
    assert fingerprint_of(b"") == "SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU"
