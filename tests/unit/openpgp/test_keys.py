"""Keys that gpg made are read as gpg reads them; what is none is refused in words."""

from pathlib import Path

import pytest

from fairlead.openpgp import ArmorError, BadKeyError, armored, read_keys

TWO = (Path(__file__).parent / "two_keys.asc").read_text()


def test_fingerprints_owners_and_algorithms_are_those_that_gpg_names() -> None:
    assert [(key.fingerprint, key.owner, key.algorithm) for key in read_keys(TWO)] == [
        ("D8F3802B4868085A60D98000830ECC4B9624B028", "Ann Example <ann@example.com>", "ed25519"),
        ("E9AC6236BDD71BBFEA038905F553745EF22FC04A", "Bob Example <bob@example.com>", "rsa2048"),
    ]


def test_each_key_is_whole_by_itself() -> None:
    for key in read_keys(TWO):
        assert read_keys(key.text) == [key]
        assert key.key_id == key.fingerprint[-16:]


def test_what_is_damaged_or_no_public_key_is_refused() -> None:
    lines = TWO.split("\n")
    damaged = "\n".join([*lines[:3], lines[3][::-1], *lines[4:]])
    with pytest.raises(ArmorError, match="checksum"):
        read_keys(damaged)
    with pytest.raises(ArmorError, match="no PGP PUBLIC KEY BLOCK"):
        read_keys("hello")
    with pytest.raises(ArmorError, match="no public key"):
        read_keys(TWO.replace("PUBLIC", "PRIVATE"))
    for data in (b"", b"\xff\xff", b"\x98\x02\x04", b"\x95\x01\x00", b"\xb4\x01a", b"\x98\xff", bytes(50)):
        with pytest.raises(BadKeyError):
            read_keys(armored(data))


def test_armour_without_checksum_and_with_headers_is_read() -> None:
    lines = [line for line in TWO.replace("\n\n", "\nComment: ours\n\n").split("\n") if line[:1] != "="]
    assert len(read_keys("\n".join(lines))) == 2
