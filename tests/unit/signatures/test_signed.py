"""Commits and tags as Git stores them, split into what was signed and the signature."""

import pytest

from fairlead.signatures import signed_commit, signed_tag
from tests.signing import GpgKey, with_signature
from tests.unit.signatures.test_pgp import BODY

SIGNATURE = b"-----BEGIN PGP SIGNATURE-----\n\nAAAA\n-----END PGP SIGNATURE-----"


def test_a_commit_is_split_into_what_was_signed_and_the_signature() -> None:
    signed = signed_commit(with_signature(BODY, SIGNATURE))
    assert signed.payload == BODY
    assert signed.signature == SIGNATURE
    assert signed.who == "Ann Lee <ann@shop.example>"
    assert signed.at == 1700000100


def test_parents_are_those_of_the_head_and_never_of_the_message() -> None:
    parent = "a" * 40
    body = BODY.replace(b"author", f"parent {parent}\nauthor".encode(), 1) + f"\nparent {'b' * 40}\n".encode()
    assert signed_commit(body).parents == (parent,)


def test_a_signature_in_the_message_is_none() -> None:
    assert signed_commit(BODY + b"\ngpgsig " + SIGNATURE).signature == b""


def test_what_merged_a_signed_tag_is_part_of_what_was_signed() -> None:
    body = BODY.replace(b"\n\n", b"\nmergetag object x\n type commit\n \n gpgsig y\n\n", 1)
    signed = signed_commit(with_signature(body, SIGNATURE))
    assert signed.payload == body


def test_the_last_block_of_a_tag_is_its_signature() -> None:
    key = GpgKey()
    body = (
        b"object x\ntype commit\ntag v1\ntagger Ann <ann@shop.example> 5 +0000\n\n" + SIGNATURE + b"\nmore\n"
    )
    signed = signed_tag(body + key.sign(body))
    assert signed.payload == body
    assert signed.who == "Ann <ann@shop.example>"
    assert signed_tag(b"object x\n\nnothing\n").signature == b""


@pytest.mark.parametrize(
    ("message", "is_seal"),
    [
        ("Seal\n\nArgocd-gpg-seal: reviewed by Ann\n", True),
        ("Seal\n\nSigned-off-by: Ann\nargocd-GPG-seal: reviewed\n", True),
        ("Seal\n\nArgocd-gpg-seal: reviewed\n by two\n", True),
        ("Argocd-gpg-seal: reviewed", True),
        ("Seal\n\nArgocd-gpg-seal:\n", False),
        ("Seal\n\nThe trailer\nArgocd-gpg-seal: is not one here\n", False),
        ("Seal\n\nArgocd-gpg-seal: x\n\nand more words\n", False),
        ("No seal: Argocd-gpg-seal: x\n", False),
    ],
)
def test_a_seal_is_a_trailer_with_words(message: str, is_seal: bool) -> None:
    head = BODY.partition(b"\n\n")[0]
    assert signed_commit(head + b"\n\n" + message.encode()).is_seal is is_seal
