"""Least privilege on the bus: each service's user may use exactly the subjects of its grant.

Two accounts. `FAIRLEAD` holds the streams and the services; `READERS` holds the user of outsiders and sees of
the first the public events and their history, and nothing else, whatever a client there asks for.

What NATS cannot hold back: an answer goes wherever the request says, so a service can have the server send
what it may read to any subject of its account. That is why consumers are their stream's owner's to make, why
messages are hints, and why outsiders have an account of their own.
"""

import json
from collections.abc import Mapping

from fairlead.bus.topology import (
    BUCKETS,
    CONSUMERS,
    CONTROLLER,
    EVENTS,
    GRANTS,
    READER,
    STREAMS,
    Consumer,
    Grant,
    buckets_of,
    retired_of,
    stream_of,
    streams_of,
)
from fairlead.events import subjects

ACCOUNT = "FAIRLEAD"
READERS = "READERS"
ANSWERS, ANSWER_WITHIN = 256, 240
"""Messages that may answer one request, and seconds for them: signs of work, and then the answer."""
DIRECT_GET = "$JS.API.DIRECT.GET"
LEADER_ELECTED = "$JS.EVENT.ADVISORY.CONSUMER.LEADER_ELECTED"
"""What a cluster tells under `<stream>.<consumer>`."""

_PUBLIC = f"{subjects.PUBLIC}.>"
_HISTORY = f"{DIRECT_GET}.{EVENTS.name}"


def inbox_prefix(service: str) -> str:
    """Replies of a service arrive under its own prefix, so that no other service can read them.

    Outsiders, who are alone in their account, use the prefix that every client has by itself.
    """
    return "_INBOX" if service == READER else f"_INBOX_{service.replace('-', '_')}"


def permissions(grant: Grant) -> dict[str, object]:
    """The `permissions` block of a NATS user."""
    if grant.service == READER:
        return _reader_permissions(grant)
    publish = [*grant.publish, *grant.request]
    for stream in streams_of(grant):
        publish += _upkeep_rights(stream.name, is_owner=stream.owner == grant.service)
    publish += [right for stream in grant.consume for right in _consume_rights(stream)]
    publish += [right for consumer in _made_by(grant) for right in _make_rights(consumer)]
    publish += [right for consumer in grant.use for right in _use_rights(consumer)]
    publish += [f"{DIRECT_GET}.{stream}" for stream in grant.read_streams]
    publish += [f"$JS.API.STREAM.DELETE.{name}" for name in retired_of(grant)]
    publish += _copies_rights() if grant.service == CONTROLLER else []
    subscribe = [f"{inbox_prefix(grant.service)}.>", *grant.serve, *grant.hear]
    subscribe += [subject for name in grant.read_streams for subject in stream_of(name).subjects]
    subscribe += sorted({f"{LEADER_ELECTED}.{name}.*" for name in _consumed(grant)})
    for bucket in buckets_of(grant):
        publish += _upkeep_rights(bucket.stream, is_owner=bucket.owner == grant.service)
        publish.append(f"{DIRECT_GET}.{bucket.stream}")
        subscribe.append(bucket.subject)
        if bucket.name in grant.write_buckets:
            publish.append(bucket.subject)
    rights: dict[str, object] = {
        "publish": {"allow": sorted(set(publish))},
        "subscribe": {"allow": sorted(subscribe)},
    }
    if grant.serve:
        rights["allow_responses"] = {"max": ANSWERS, "expires": f"{ANSWER_WITHIN}s"}
    return rights


def accounts(users: Mapping[str, Mapping[str, object]]) -> dict[str, object]:
    """The `accounts` block, from each user's own block by the service's name."""
    ours = [dict(block) for service, block in users.items() if service != READER]
    outsiders = [dict(block) for service, block in users.items() if service == READER]
    return {
        ACCOUNT: {
            "jetstream": "enabled",
            "users": ours,
            "exports": [
                {"stream": _PUBLIC, "accounts": [READERS]},
                {"service": _HISTORY, "response_type": "Stream", "accounts": [READERS]},
            ],
        },
        READERS: {
            "users": outsiders,
            "imports": [
                {"stream": {"account": ACCOUNT, "subject": _PUBLIC}},
                {"service": {"account": ACCOUNT, "subject": _HISTORY}},
            ],
        },
    }


def server_authorization(passwords: Mapping[str, str]) -> str:
    """The `accounts` block of a NATS server configuration, one user per service.

    Args:
        passwords: password by service name; the user is named like the service.
    """
    users = {
        grant.service: {
            "user": grant.service,
            "password": passwords[grant.service],
            "permissions": permissions(grant),
        }
        for grant in GRANTS
        if grant.service in passwords
    }
    return f"accounts: {json.dumps(accounts(users), indent=1)}\n"


def _reader_permissions(grant: Grant) -> dict[str, object]:
    return {
        "publish": {"allow": [f"{DIRECT_GET}.{stream}" for stream in grant.read_streams]},
        "subscribe": {"allow": sorted([f"{inbox_prefix(grant.service)}.>", _PUBLIC])},
    }


def _upkeep_rights(stream: str, *, is_owner: bool) -> list[str]:
    verbs = ("INFO", "CREATE") if is_owner else ("INFO",)
    return [f"$JS.API.STREAM.{verb}.{stream}" for verb in verbs]


def _copies_rights() -> list[str]:
    """Of the controller alone: who may update a stream may have the server send what is in it anywhere."""
    kept = (*(stream.name for stream in STREAMS), *(bucket.stream for bucket in BUCKETS))
    return [f"$JS.API.STREAM.{verb}.{name}" for name in kept for verb in ("INFO", "UPDATE")]


def _consumed(grant: Grant) -> tuple[str, ...]:
    return (*grant.consume, *(consumer.stream for consumer in grant.use))


def _consume_rights(stream: str) -> list[str]:
    return [
        f"$JS.API.CONSUMER.CREATE.{stream}.>",
        f"$JS.API.CONSUMER.MSG.NEXT.{stream}.>",
        f"$JS.ACK.{stream}.>",
    ]


def _use_rights(consumer: Consumer) -> list[str]:
    return [
        f"$JS.API.CONSUMER.MSG.NEXT.{consumer.stream}.{consumer.name}",
        f"$JS.ACK.{consumer.stream}.{consumer.name}.>",
    ]


def _make_rights(consumer: Consumer) -> list[str]:
    return [f"$JS.API.CONSUMER.CREATE.{consumer.stream}.{consumer.name}.{consumer.filter_subject}"]


def _made_by(grant: Grant) -> tuple[Consumer, ...]:
    owned = {stream.name for stream in streams_of(grant) if stream.owner == grant.service}
    return tuple(consumer for consumer in CONSUMERS if consumer.stream in owned)
