"""Least privilege on the bus: each service's user may use exactly the subjects of its grant."""

import json
from collections.abc import Mapping

from fairlead.bus.topology import STREAMS, Grant, buckets_of, grant_of


def inbox_prefix(service: str) -> str:
    """Replies of a service arrive under its own prefix, so that no other service can read them."""
    return f"_INBOX_{service.replace('-', '_')}"


def permissions(grant: Grant) -> dict[str, object]:
    """The `permissions` block of a NATS user."""
    publish = [*grant.publish, *grant.request, "$JS.API.INFO"]
    for stream in STREAMS:
        publish += [f"$JS.API.STREAM.{verb}.{stream.name}" for verb in ("INFO", "CREATE", "UPDATE")]
    for name in grant.consume:
        publish += _consume_rights(name)
    for bucket in buckets_of(grant):
        name = f"KV_{bucket}"
        publish += [f"$JS.API.STREAM.{verb}.{name}" for verb in ("INFO", "CREATE", "UPDATE", "MSG.GET")]
        publish += [f"$JS.API.DIRECT.GET.{name}", f"$JS.API.DIRECT.GET.{name}.>", *_consume_rights(name)]
    publish += [f"$KV.{bucket}.>" for bucket in grant.write_buckets]
    rights: dict[str, object] = {
        "publish": {"allow": sorted(set(publish))},
        "subscribe": {"allow": sorted([f"{inbox_prefix(grant.service)}.>", *grant.serve])},
    }
    if grant.serve:
        rights["allow_responses"] = True
    return rights


def _consume_rights(stream: str) -> list[str]:
    return [
        f"$JS.API.CONSUMER.CREATE.{stream}",
        f"$JS.API.CONSUMER.CREATE.{stream}.>",
        f"$JS.API.CONSUMER.DURABLE.CREATE.{stream}.>",
        f"$JS.API.CONSUMER.INFO.{stream}.>",
        f"$JS.API.CONSUMER.DELETE.{stream}.>",
        f"$JS.API.CONSUMER.MSG.NEXT.{stream}.>",
        f"$JS.ACK.{stream}.>",
        "$JS.FC.>",
    ]


def server_authorization(passwords: Mapping[str, str]) -> str:
    """The `authorization` block of a NATS server configuration, one user per service.

    Args:
        passwords: password by service name; the user is named like the service.
    """
    users = [
        {"user": service, "password": password, "permissions": permissions(grant_of(service))}
        for service, password in sorted(passwords.items())
    ]
    return f"authorization: {json.dumps({'users': users}, indent=1)}\n"
