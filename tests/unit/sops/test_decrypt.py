"""Objects that sops encrypted are read by who has a key, and by nobody else."""

import copy
from typing import Any

import pyrage
import pysequoia
import pytest

from fairlead.sops import Identities, SopsError, decrypted, is_encrypted
from tests.encrypting import encrypted

SECRET: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Secret",
    "metadata": {"name": "s"},
    "stringData": {"password": "hunter2, canary", "empty": "", "lines": "a\nb\n"},
    "data": {"k": "dmFsdWU="},
}
OWN = pyrage.x25519.Identity.generate()
OTHER = pyrage.x25519.Identity.generate()


def identities(**files: str) -> Identities:
    return Identities({name.replace("__", "."): text for name, text in files.items()})


BY_AGE = identities(identity__agekey=f"# created: today\n{OTHER}\n{OWN}\n")


def test_a_secret_is_read_with_an_age_identity() -> None:
    sealed = encrypted(SECRET, age=str(OWN.to_public()))
    assert is_encrypted(sealed)
    assert not is_encrypted(SECRET)
    assert "hunter2" not in str(sealed)
    assert decrypted(sealed, BY_AGE) == SECRET


def test_a_secret_is_read_with_an_openpgp_key() -> None:
    key = pysequoia.Tsk.generate("Deploy <deploy@example.com>")
    cert = key.extract_certificate()
    sealed = encrypted(SECRET, pgp=cert)
    text = str(key)
    assert decrypted(sealed, identities(deploy__asc=text)) == SECRET
    with pytest.raises(SopsError, match="none of the project's keys opens it"):
        decrypted(sealed, BY_AGE)


def test_who_has_another_key_reads_nothing_and_says_nothing_of_values() -> None:
    sealed = encrypted(SECRET, age=str(OTHER.to_public()))
    with pytest.raises(SopsError, match="none of the project's keys opens it"):
        decrypted(sealed, identities(identity__agekey=str(OWN)))
    with pytest.raises(SopsError, match="none of the project's keys opens it"):
        decrypted(sealed, Identities({}))


def test_a_value_that_was_moved_or_changed_does_not_open() -> None:
    sealed = encrypted(SECRET, age=str(OWN.to_public()))
    moved = copy.deepcopy(sealed)
    moved["stringData"]["shown"] = moved["stringData"]["password"]
    with pytest.raises(
        SopsError, match=r"^stringData\.shown does not open: it was changed or moved"
    ) as caught:
        decrypted(moved, BY_AGE)
    assert "hunter2" not in str(caught.value)
    changed = copy.deepcopy(sealed)
    changed["data"]["k"] = sealed["data"]["k"].replace("type:str", "type:int")
    with pytest.raises(SopsError, match=r"data\.k has a value that is none of its type") as caught:
        decrypted(changed, BY_AGE)
    assert "dmFs" not in str(caught.value)
    cut = copy.deepcopy(sealed)
    cut["data"]["k"] = "ENC[AES256_GCM,data:****,iv:AA==,tag:AA==,type:str]"
    with pytest.raises(SopsError, match=r"data\.k does not open"):
        decrypted(cut, BY_AGE)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"kind": "ConfigMap"}, "only Secrets are decrypted"),
        ({"apiVersion": "example.com/v1"}, "only Secrets are decrypted"),
    ],
)
def test_what_would_be_shown_is_not_decrypted(change: dict[str, str], words: str) -> None:
    sealed = encrypted({**SECRET, **change}, age=str(OWN.to_public()))
    with pytest.raises(SopsError, match=words):
        decrypted(sealed, BY_AGE)


def test_of_a_secret_nothing_but_its_data_is_decrypted() -> None:
    marked = {**SECRET, "metadata": {"name": "s", "annotations": {"a": "b"}}}
    sealed = encrypted(marked, age=str(OWN.to_public()), only="^(data|stringData|metadata)$")
    with pytest.raises(SopsError, match=r"metadata\.name is encrypted: of a Secret only data and stringData"):
        decrypted(sealed, BY_AGE)


@pytest.mark.parametrize(
    "about",
    [
        {},
        {"age": "text", "pgp": 3},
        {"age": [{"enc": "-----BEGIN AGE ENCRYPTED FILE-----\nnothing\n-----END AGE ENCRYPTED FILE-----"}]},
        {
            "age": [None, {"enc": 5}],
            "pgp": [{"enc": "-----BEGIN PGP MESSAGE-----\n\nxx\n-----END PGP MESSAGE-----"}],
        },
        {"key_groups": [{"age": []}, {"age": []}]},
    ],
)
def test_a_block_of_any_shape_is_refused_in_words(about: dict[str, Any]) -> None:
    with pytest.raises(SopsError):
        decrypted({**SECRET, "sops": about}, BY_AGE)


def test_files_that_are_no_keys_are_named_and_left_out() -> None:
    found = identities(a__agekey="nonsense", b__asc="-----BEGIN PGP", c__txt="ignored", d__agekey=str(OWN))
    assert set(found.unread) == {"a.agekey", "b.asc"}
    assert found
    assert "AGE-SECRET" not in repr(found)
