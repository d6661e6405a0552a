"""Events on the wire."""

import msgspec
import pytest

from fairlead.events import Cause, RenderRequested, RevisionMoved, SchemaError, decode, encode, subjects

EVENT = RenderRequested(namespace="argocd", name="web", cause=Cause.REFRESH, wanted_revision=7)


def test_an_event_survives_the_wire() -> None:
    assert decode(RenderRequested, encode(EVENT)) == EVENT


def test_an_unknown_field_is_ignored() -> None:
    raw = msgspec.msgpack.decode(encode(EVENT))
    assert decode(RenderRequested, msgspec.msgpack.encode({**raw, "later": 1})) == EVENT


def test_an_unknown_version_is_refused() -> None:
    raw = msgspec.msgpack.decode(encode(EVENT))
    with pytest.raises(SchemaError, match="schema version 2"):
        decode(RenderRequested, msgspec.msgpack.encode({**raw, "v": 2}))


@pytest.mark.parametrize("payload", [b"", b"\xc1", b"[]", b"\x93\x01\x02", b"\x81\xa1v\xa1x", b"\xff" * 50])
def test_garbage_is_refused(payload: bytes) -> None:
    with pytest.raises(SchemaError):
        decode(RevisionMoved, payload)


@pytest.mark.parametrize("name", ["web", "my.app", "a*b>c", "żółw", "x=2E", "", " "])
def test_any_name_is_one_token_and_comes_back(name: str) -> None:
    encoded = subjects.token(name)
    assert not set(encoded) & set(". *>") and encoded
    assert subjects.untoken(encoded) == name


def test_the_application_is_read_back_from_a_subject() -> None:
    assert subjects.app_of(subjects.manifests_rendered(3, "argocd", "my.app")) == ("argocd", "my.app")
