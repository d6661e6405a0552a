"""OpenPGP signatures over commits: what counts, and why another does not."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from pysequoia import Cert, CipherSuite

from fairlead.signatures import Finding, Keyring, Result, signed_commit, verified
from tests.signing import GpgKey, with_signature

BODY = (
    b"tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n"
    b"author Ann Lee <ann@shop.example> 1700000000 +0100\n"
    b"committer Ben <ben@shop.example> 1700000100 +0100\n\n"
    b"Say something\n"
)
ALICE = GpgKey()
KEYRING = Keyring.of(ALICE.entry)


def finding(body: bytes, keyring: Keyring = KEYRING, now: float | None = None) -> Finding:
    return verified(signed_commit(body), keyring, time.time() if now is None else now)


def test_a_commit_signed_by_a_subkey_counts_for_the_subkey_and_for_its_key() -> None:
    found = finding(with_signature(BODY, ALICE.sign(BODY)))
    assert found.result is Result.GOOD
    assert found.key_id == ALICE.signing_id != ALICE.key_id
    assert found.is_by(frozenset({ALICE.key_id}))
    assert found.is_by(frozenset({ALICE.signing_id}))
    assert not found.is_by(frozenset({"4AEE18F83AFDEB23"}))
    assert found.algorithm == "EDDSA"


@pytest.mark.parametrize("suite", [CipherSuite.RSA2k, CipherSuite.P256, CipherSuite.P521], ids=str)
def test_every_usual_kind_of_key_verifies(suite: CipherSuite) -> None:
    key = GpgKey(suite=suite)
    assert finding(with_signature(BODY, key.sign(BODY)), Keyring.of(key.entry)).is_good


def test_a_commit_without_signature_is_unsigned() -> None:
    assert finding(BODY) == Finding(result=Result.UNSIGNED)


def test_one_byte_of_the_commit_changed_is_a_bad_signature() -> None:
    signed = with_signature(BODY, ALICE.sign(BODY)).replace(b"something", b"something else")
    assert finding(signed).result is Result.BAD


def test_a_signature_of_another_commit_is_a_bad_one() -> None:
    assert finding(with_signature(BODY, ALICE.sign(b"another"))).result is Result.BAD


def test_a_key_that_nobody_handed_over_is_said_by_its_id() -> None:
    bob = GpgKey("Bob <bob@shop.example>")
    found = finding(with_signature(BODY, bob.sign(BODY)))
    assert (found.result, found.key_id) == (Result.MISSING_KEY, bob.signing_id)


def test_a_key_that_is_revoked_signs_nothing_any_more() -> None:
    revocation = ALICE.cert.revoke(certifier=ALICE.secret.certifier())
    revoked = Cert.from_bytes(bytes(ALICE.cert) + bytes(revocation))
    keyring = Keyring.of({ALICE.key_id: str(revoked)})
    assert finding(with_signature(BODY, ALICE.sign(BODY)), keyring).result is Result.REVOKED_KEY


def test_a_key_that_expired_since_signs_nothing_any_more_and_what_it_signed_is_believed_until_then() -> None:
    soon = datetime.now(UTC) + timedelta(hours=1)
    expiring = ALICE.cert.set_expiration(expiration=soon, certifier=ALICE.secret.certifier())
    keyring = Keyring.of({ALICE.key_id: str(expiring)})
    signed = with_signature(BODY, ALICE.sign(BODY))
    found = finding(signed, keyring)
    assert found.is_good
    assert abs(found.until - soon.timestamp()) < 2
    assert finding(signed, keyring, soon.timestamp() + 2).result is Result.EXPIRED_KEY


def test_two_signatures_are_none_that_can_be_verified() -> None:
    twice = with_signature(with_signature(BODY, ALICE.sign(BODY)), ALICE.sign(BODY))
    assert finding(twice).result is Result.BAD
    both = ALICE.sign(BODY) + ALICE.sign(BODY)
    assert not finding(with_signature(BODY, both)).is_good


@pytest.mark.parametrize(
    "signature",
    [
        b"-----BEGIN PGP SIGNATURE-----\n\nnonsense\n-----END PGP SIGNATURE-----",
        b"-----BEGIN PGP SIGNATURE-----\n\n=AAAA\n-----END PGP SIGNATURE-----",
        b"-----BEGIN PGP SIGNATURE-----" + b"\n\nAAAA" * 40_000,
        ALICE.text.encode().replace(b"PUBLIC KEY BLOCK", b"SIGNATURE"),
    ],
    ids=["no-base64", "empty", "endless", "a-key"],
)
def test_what_is_no_signature_is_a_bad_one(signature: bytes) -> None:
    assert finding(with_signature(BODY, signature)).result is Result.BAD


def test_a_signature_of_another_kind_is_one_whose_key_is_missing() -> None:
    signature = b"-----BEGIN SIGNED MESSAGE-----\nMIIB\n-----END SIGNED MESSAGE-----"
    assert finding(with_signature(BODY, signature)).result is Result.MISSING_KEY


def test_an_entry_counts_only_under_the_id_of_its_key_and_with_one_key() -> None:
    bob = GpgKey("Bob <bob@shop.example>")
    keyring = Keyring.of({"4AEE18F83AFDEB23": ALICE.text, bob.key_id: bob.text + ALICE.text, "x": "y"})
    assert len(keyring) == 0
    assert keyring.unread == {
        "4AEE18F83AFDEB23": f"the entry holds the key {ALICE.key_id}",
        bob.key_id: "the entry holds 2 keys",
        "x": "there is no PGP PUBLIC KEY BLOCK",
    }


def test_keyrings_are_told_apart_by_their_keys_and_not_by_their_words() -> None:
    assert Keyring.of(ALICE.entry).identity == Keyring.of({ALICE.key_id: f"\n{ALICE.text}\n"}).identity
    assert Keyring.of(ALICE.entry).identity != Keyring.of({}).identity
    assert KEYRING.digest(f"0x{ALICE.key_id.lower()}") == KEYRING.digest(ALICE.signing_id) != ""
    assert KEYRING.digest("4AEE18F83AFDEB23") == ""
