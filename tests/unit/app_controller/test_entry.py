"""What a cluster Secret says, also when it cannot be used."""

import base64

import pytest

from fairlead.app_controller.destination.entry import entry_of


def secret(**data: bytes) -> dict[str, object]:
    return {"metadata": {}, "data": {key: base64.b64encode(value).decode() for key, value in data.items()}}


@pytest.mark.parametrize(
    "server", ["https://10.0.0.1:6443a", "10.0.0.1", "https://", "ftp://host", "https://[::1"]
)
def test_an_address_that_no_request_can_be_sent_to_is_a_problem_in_words(server: str) -> None:
    entry = entry_of(secret(server=server.encode(), name=b"x", config=b"{}"))
    assert entry.connection is None
    assert "is not an address" in entry.problem
    assert server.rstrip("/") in entry.problem


@pytest.mark.parametrize("field", ["server", "name", "namespaces", "project"])
def test_a_value_that_is_not_utf_8_is_a_problem_in_words(field: str) -> None:
    data = {"server": b"https://c", "name": b"c", "config": b"{}", field: b"\xff\xfe"}
    entry = entry_of(secret(**data))
    assert entry.problem.endswith(f"{field} of its Secret is not UTF-8")


def test_a_proxy_that_is_no_address_is_a_problem_that_does_not_show_its_password() -> None:
    config = b'{"proxyUrl": "http://user:hush@proxy:port"}'
    entry = entry_of(secret(server=b"https://c", name=b"c", config=config))
    assert "proxyUrl is not an address" in entry.problem
    assert "hush" not in entry.problem


def test_other_credentials_and_names_let_an_open_cluster_go_on_and_other_namespaces_do_not() -> None:
    before = entry_of(secret(server=b"https://c", name=b"c", config=b'{"bearerToken": "a"}'))
    rotated = entry_of(secret(server=b"https://c", name=b"d", config=b'{"bearerToken": "b"}'))
    narrowed = entry_of(
        secret(server=b"https://c", name=b"c", namespaces=b"one", config=b'{"bearerToken": "a"}')
    )
    broken = entry_of(secret(server=b"https://c", name=b"c", config=b"{"))
    assert rotated.is_followed_like(before)
    assert not narrowed.is_followed_like(before)
    assert not broken.is_followed_like(before)


@pytest.mark.parametrize(("text", "shard"), [(b" 3 ", 3), (b"three", None), (b"9" * 5000, None)])
def test_a_shard_that_is_no_number_is_none(text: bytes, shard: int | None) -> None:
    assert entry_of(secret(server=b"https://c", name=b"c", shard=text)).shard == shard


@pytest.mark.parametrize("server", [b"https://c", b"https://kubernetes.default.svc"])
@pytest.mark.parametrize(
    "config",
    [b'{"bearerToken": "\xff"}', b'{"x": ' + b"[" * 5000 + b"]" * 5000 + b"}"],
    ids=["bytes", "depth"],
)
def test_a_config_that_nobody_can_read_is_a_problem_in_words(server: bytes, config: bytes) -> None:
    """An entry that is none would have the deletions of its applications let go of all that they made."""
    assert "config is not the JSON" in entry_of(secret(server=server, name=b"c", config=config)).problem
