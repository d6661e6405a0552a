"""Whatever stands in options, templates and annotations, it becomes words: no sender breaks on it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import AsyncIterator
from typing import Any, cast

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from multidict import CIMultiDict

from fairlead.notices.senders import SERVICES, DeliveryError, Message, OptionError, Senders
from fairlead.notices.senders.masking import mask_of
from fairlead.outbound import Outbound, OutboundTransientError

FINE: dict[str, dict[str, Any]] = {
    "alertmanager": {},
    "awssqs": {"queue": "q", "region": "eu-west-1", "key": "AKIAEXAMPLE0", "secret": "secret-key"},
    "email": {"host": "mail.example.com", "port": 25, "from": "a@example.com"},
    "gcppubsub": {"project": "my-project", "topic": "main", "keyFile": "{}"},
    "github": {"appID": 1, "installationID": 2, "privateKey": "no key"},
    "googlechat": {"webhooks": {"to": "https://chat.example/v1?key=k"}},
    "grafana": {"apiUrl": "https://grafana.example", "apiKey": "key-of-it"},
    "mattermost": {"apiURL": "https://chat.example", "token": "token"},
    "nats": {"url": "nats://nats.example"},
    "newrelic": {"apiKey": "key-of-it"},
    "opsgenie": {"apiKeys": {"to": "key-of-it"}},
    "pagerduty": {"token": "token", "from": "a@example.com"},
    "pagerdutyv2": {"serviceKeys": {"to": "key-of-it"}},
    "pushover": {"token": "token"},
    "rocketchat": {"serverUrl": "https://chat.example", "email": "a@example.com", "password": "pass"},
    "slack": {"token": "token"},
    "teams": {"recipientUrls": {"to": "https://teams.example/x"}},
    "teams-workflows": {"recipientUrls": {"to": "https://teams.example/x"}},
    "telegram": {"token": "token"},
    "webex": {"token": "token"},
    "webhook": {"url": "https://hook.example", "retryMax": 1, "retryWaitMin": 1, "retryWaitMax": 1},
}

TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=("Cs",)), max_size=12),
    st.sampled_from(
        ["", "null", "[]", "{}", "[null]", "[1,{}]", '[{"facts":1}]', '{"a":[]}', "- a: b", "&a [*a]", "to"]
    ),
    st.sampled_from(
        ["https://x.example", "http://[::1", "git@h:a/b.git", "critical", "P1", "\r\nX: y", "P" * 3000]
    ),
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 2**40) | st.floats(allow_nan=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=5,
)
BODIES = (
    b"",
    b"1",
    b"null",
    b"[]",
    b"{}",
    b'{"ok":1}',
    b'{"error":{"code":[],"message":5}}',
    b"\xff<html>",
    b'{"data":[]}',
)


EXAMPLES = int(os.environ.get("NONSENSE", "15"))
"""Of each service; more are tried by hand."""


class Answered:
    """An answer of a service that says something else each time."""

    def __init__(self, status: int, body: bytes) -> None:
        self.status = status
        self.headers = CIMultiDict({"Location": "//[", "Retry-After": "soon"})
        self._body = body

    async def chunks(self) -> AsyncIterator[bytes]:
        yield self._body


class Line:
    """Stands for the client: whatever is asked, it is answered at once."""

    def __init__(self, status: int, body: bytes) -> None:
        self._answer = Answered(status, body)

    @contextlib.asynccontextmanager
    async def request(self, method: str, url: str, **_: Any) -> AsyncIterator[Answered]:
        yield self._answer

    async def addresses(self, host: str, port: int) -> list[str]:
        raise OutboundTransientError(f"could not resolve host {host}")


def fields_of(shape: type[msgspec.Struct] | None) -> st.SearchStrategy[str]:
    names = [field.encode_name for field in msgspec.structs.fields(shape)] if shape is not None else []
    return st.sampled_from(names) | TEXTS if names else TEXTS


@pytest.mark.parametrize("kind", sorted(SERVICES))
@settings(max_examples=EXAMPLES, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
async def test_nonsense_becomes_words(kind: str, data: st.DataObject) -> None:
    service = SERVICES[kind]
    options = dict(FINE[kind])
    if data.draw(st.booleans()):
        options |= data.draw(st.dictionaries(fields_of(service.options), VALUES, max_size=2))
    block = data.draw(st.dictionaries(fields_of(service.block), VALUES, max_size=4) | VALUES)
    line = Line(
        data.draw(st.sampled_from([200, 202, 204, 302, 401, 404, 503])), data.draw(st.sampled_from(BODIES))
    )
    senders = Senders(cast(Outbound, line))
    blocks = {kind: {kind: block} if kind == "webhook" else block}
    message = Message(text=data.draw(TEXTS), blocks=blocks)
    try:
        sender = senders.sender_of(kind, options)
        await sender.send(message, data.draw(TEXTS), dedupe="d")
    except OptionError as error:
        assert error.words.startswith(f"service {kind}: ")
    except DeliveryError as error:
        assert "the sender failed with" not in error.words
    finally:
        await senders.close()


async def test_what_hides_a_whole_secret_is_made_once_for_all_that_have_it() -> None:
    senders = Senders(cast(Outbound, Line(200, b"")))
    before = mask_of.cache_info().misses
    for name in ("one", "two"):
        with pytest.raises(OptionError) as caught:
            senders.sender_of("pagerduty", {}, service=name, hidden=("needs the field",))
        assert "needs the field" not in caught.value.words
    assert mask_of.cache_info().misses == before + 1
    await senders.close()


@pytest.mark.parametrize("kind", sorted(SERVICES))
async def test_a_recipient_of_any_length_holds_up_nobody(kind: str) -> None:
    senders = Senders(cast(Outbound, Line(200, b"{}")))
    sender = senders.sender_of(kind, FINE[kind])
    with pytest.raises(DeliveryError, match="has 4096 characters at most"):
        await sender.send(Message(text="m"), "@." * 100_000 + " x", dedupe="d")
    with contextlib.suppress(DeliveryError):
        await sender.send(Message(text="m"), "@." * 2000 + " x", dedupe="d")
    await senders.close()
