"""Files that sops encrypted, in the data of Secrets that a generator made of them."""

import base64
import json
from typing import Any

import pyrage
import pytest
import yaml

from fairlead.sops import Identities, SopsError, with_files
from tests.encrypting import encrypted

OWN = pyrage.x25519.Identity.generate()
AGE = str(OWN.to_public())
KEYS = Identities({"a.agekey": str(OWN)})


def secret(**files: str | bytes) -> dict[str, Any]:
    data = {
        name.replace("__", "."): base64.b64encode(body.encode() if isinstance(body, str) else body).decode()
        for name, body in files.items()
    }
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "data": data}


def opened(document: dict[str, Any], name: str) -> str:
    return base64.b64decode(with_files(document, KEYS)["data"][name]).decode()


def dotenv(values: dict[str, str]) -> str:
    sealed = encrypted(values, age=AGE, only=".")
    about = sealed.pop("sops")
    lines = [f"{name}={value}" for name, value in sealed.items()]
    [recipient] = about["age"]
    escaped = recipient["enc"].replace("\n", "\\n")
    lines += [f"sops_age__list_0__map_enc={escaped}", f"sops_age__list_0__map_recipient={AGE}"]
    lines += [f"sops_lastmodified={about['lastmodified']}", f"sops_mac={about['mac']}", "sops_version=3.11.0"]
    return "\n".join(["# a comment", *lines, ""])


def test_a_file_of_each_form_comes_out_as_it_went_in() -> None:
    plain = {"user": "me", "deep": {"password": "canary", "port": 5432, "on": True}}
    sealed = encrypted(plain, age=AGE, only=".")
    found = secret(
        a__yaml=yaml.safe_dump(sealed),
        b__json=json.dumps(sealed),
        c__env=dotenv({"PASSWORD": "canary", "LINES": "a\nb"}),
        key__pem=json.dumps(encrypted({"data": "-----BEGIN canary-----\n"}, age=AGE, only=".")),
    )
    wrapped = found["data"]["key.pem"]
    found["data"]["key.pem"] = "\n".join(wrapped[at : at + 70] for at in range(0, len(wrapped), 70))
    assert "canary" not in str([base64.b64decode(body) for body in found["data"].values()])
    assert yaml.safe_load(opened(found, "a.yaml")) == plain
    assert json.loads(opened(found, "b.json")) == plain
    assert opened(found, "c.env") == "# a comment\nPASSWORD=canary\nLINES=a\\nb\n"
    assert opened(found, "key.pem") == "-----BEGIN canary-----\n"


@pytest.mark.parametrize(
    "body",
    [
        "plain",
        "sops: yes\nx: ENC[AES256_GCM,data:a,iv:b,tag:c,type:str]\n",
        '{"sops": {}, "x": "ENC[AES256_GCM,"}',
        "{not json, sops, ENC[AES256_GCM,",
        "a: [ sops ENC[AES256_GCM,",
        b"\xff\xfe sops ENC[AES256_GCM,",
    ],
)
def test_what_is_no_such_file_is_left_as_it_is(body: str | bytes) -> None:
    found = secret(x=body)
    assert with_files(found, KEYS) == found


def test_a_file_that_does_not_open_is_named() -> None:
    other = Identities({"a.agekey": str(pyrage.x25519.Identity.generate())})
    found = secret(a__env=dotenv({"PASSWORD": "canary"}))
    with pytest.raises(SopsError, match=r"^data\.a\.env: none of the project's keys opens it"):
        with_files(found, other)


def test_data_of_any_shape_is_left_to_kubernetes() -> None:
    for data in (None, [], "x", {"a": 1, "b": None, "c": "not base64!"}):
        document = {"apiVersion": "v1", "kind": "Secret", "data": data}
        assert with_files(document, KEYS) == document
