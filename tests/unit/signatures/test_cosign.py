"""Signatures of cosign: what counts, and why another does not."""

import base64

import pytest

from fairlead.signatures import Keyring
from fairlead.signatures.cosign import CosignKeyError, is_signed, read_cosign_key, tag_of
from tests.signing import CosignKey, SshKey

DIGEST = "sha256:" + "a" * 64
ALICE = CosignKey()
KEY = read_cosign_key(ALICE.pem)
PAYLOAD = ALICE.payload(DIGEST)


def test_a_payload_that_a_key_signed_counts_for_the_digest_that_it_names() -> None:
    signature = ALICE.sign(PAYLOAD)
    assert is_signed(PAYLOAD, signature, DIGEST, KEY)
    assert not is_signed(PAYLOAD, signature, "sha256:" + "b" * 64, KEY)
    assert not is_signed(PAYLOAD + b" ", signature, DIGEST, KEY)
    assert not is_signed(PAYLOAD, signature, DIGEST, read_cosign_key(CosignKey().pem))


@pytest.mark.parametrize("signature", ["", "no base64", base64.b64encode(b"x").decode()])
def test_what_is_no_signature_does_not_count(signature: str) -> None:
    assert not is_signed(PAYLOAD, signature, DIGEST, KEY)


@pytest.mark.parametrize("payload", [b"", b"[]", b"{}", ALICE.payload(DIGEST, type="atomic")], ids=repr)
def test_a_payload_that_says_something_else_does_not_count_though_it_is_signed(payload: bytes) -> None:
    assert not is_signed(payload, ALICE.sign(payload), DIGEST, KEY)


def test_signatures_lie_under_the_tag_of_the_digest() -> None:
    assert tag_of(DIGEST) == f"sha256-{'a' * 64}.sig"


def test_an_entry_holds_a_public_key_in_pem() -> None:
    keyring = Keyring.of({"cosign.release": ALICE.pem, "cosign.other": SshKey().line})
    assert keyring.find("cosign.release") is not None
    assert keyring.unread == {"cosign.other": "this is no public key in PEM"}
    with pytest.raises(CosignKeyError):
        read_cosign_key("")
