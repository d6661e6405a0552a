"""Making streams and buckets what the topology says, by their owner, and looking for them, by the others.

Invariant: nothing in use is changed but its number of copies. One of another shape is named in the log and
used as it is.
"""

import time
from dataclasses import replace

import nats.errors
import nats.js.errors
import structlog
from nats.js import JetStreamContext, api

from fairlead.bus.client import QuickClient
from fairlead.bus.copies import NO_PEERS, Copies
from fairlead.bus.errors import NoRoomError
from fairlead.bus.topology import (
    CONSUMERS,
    MAX_MESSAGE_BYTES,
    Bucket,
    Consumer,
    Retention,
    Stream,
    file_store_bytes,
)

log = structlog.get_logger(__name__)

ABSENT = ""
"""The birth of a stream that is not there."""
NO_STORAGE = 10047
"""JetStream's error code for a reservation that does not fit its store."""
FIRST_PATIENCE = 60.0
"""Seconds for which the server that streams begin on is waited for, before they are made without it: it may
have stood alone, and bring them along."""
_SHAPE = ("subjects", "retention", "max_age", "max_bytes", "max_msgs_per_subject", "allow_direct")


async def birth_of(jetstream: JetStreamContext, name: str) -> str:
    """When a stream was made, which a wipe changes, or ABSENT."""
    try:
        info = await jetstream.stream_info(name)
    except nats.js.errors.NotFoundError:
        return ABSENT
    return str(info.created)


async def retire(jetstream: JetStreamContext, name: str) -> None:
    """Remove a stream of an earlier version; what was in it is asked for again by those who need it."""
    try:
        await jetstream.delete_stream(name)
    except nats.js.errors.NotFoundError:
        return
    log.info("bus.stream.retired", stream=name)


class Maker:
    """Makes streams and buckets at the server, or cluster, that a client is connected to."""

    def __init__(self, client: QuickClient, jetstream: JetStreamContext, copies: Copies) -> None:
        self._client = client
        self._jetstream = jetstream
        self._copies = copies
        self._waited_since: float | None = None

    async def ensure(self, kept: Stream | Bucket) -> str:
        """Make it, and the consumers that others use of it, if missing. Returns the time of its birth.

        Raises NoRoomError when JetStream's store cannot hold what the stream reserves.
        """
        if isinstance(kept, Bucket):
            return await self._ensure(_bucket_config(kept))
        birth = await self._ensure(_config(kept))
        for consumer in CONSUMERS:
            if consumer.stream == kept.name:
                await ensure_consumer(self._jetstream, consumer)
        return birth

    async def _ensure(self, wanted: api.StreamConfig) -> str:
        name = str(wanted.name)
        try:
            info = await self._jetstream.stream_info(name)
        except nats.js.errors.NotFoundError:
            try:
                info = await self._make(wanted)
            except nats.js.errors.BadRequestError:
                info = await self._jetstream.stream_info(name)
            except nats.js.errors.APIError as error:
                if error.err_code != NO_STORAGE:
                    raise
                raise NoRoomError(_no_room(wanted)) from error
        differing = [key for key in _SHAPE if getattr(info.config, key) != getattr(wanted, key)]
        if differing:
            log.error("bus.stream.differs", stream=name, fields=differing, detail="it is used as it is")
        return str(info.created)

    async def _make(self, wanted: api.StreamConfig) -> api.StreamInfo:
        """Make it where streams begin; where that server stays away, or there is none, anywhere."""
        if not self._client.cluster or not self._copies.first:
            return await self._jetstream.add_stream(wanted)
        try:
            placement = api.Placement(cluster=self._client.cluster, tags=[self._copies.first])
            made = await self._jetstream.add_stream(replace(wanted, placement=placement))
        except nats.js.errors.APIError as error:
            if error.err_code != NO_PEERS or not self._waited_long():
                raise
            log.warning("bus.stream.placed_elsewhere", stream=wanted.name, first=self._copies.first)
            return await self._jetstream.add_stream(wanted)
        self._waited_since = None
        return made

    def _waited_long(self) -> bool:
        if self._waited_since is None:
            self._waited_since = time.monotonic()
        return time.monotonic() - self._waited_since > FIRST_PATIENCE


async def ensure_consumer(jetstream: JetStreamContext, consumer: Consumer) -> None:
    """Make the durable consumer; an equal one is left alone."""
    await jetstream.add_consumer(
        consumer.stream,
        api.ConsumerConfig(
            name=consumer.name,
            durable_name=consumer.name,
            filter_subject=consumer.filter_subject,
            ack_policy=api.AckPolicy.EXPLICIT,
            ack_wait=consumer.ack_wait,
            max_deliver=consumer.max_deliver,
            max_ack_pending=consumer.max_ack_pending,
            deliver_policy=(api.DeliverPolicy.NEW if consumer.forgotten_after else api.DeliverPolicy.ALL),
            inactive_threshold=consumer.forgotten_after or None,
        ),
    )


def _no_room(wanted: api.StreamConfig) -> str:
    return (
        f"NATS has no room for the stream {wanted.name}, which reserves {(wanted.max_bytes or 0) >> 20} MiB: "
        f"JetStream's max_file_store has to be {file_store_bytes() >> 20} MiB, and its volume larger"
    )


def _config(stream: Stream) -> api.StreamConfig:
    retention = {
        Retention.WORK: api.RetentionPolicy.WORK_QUEUE,
        Retention.LOG: api.RetentionPolicy.LIMITS,
    }[stream.retention]
    return api.StreamConfig(
        name=stream.name,
        subjects=list(stream.subjects),
        retention=retention,
        max_age=stream.max_age,
        max_bytes=stream.max_bytes,
        max_msgs_per_subject=1 if stream.newest_per_subject else -1,
        discard=api.DiscardPolicy.OLD,
        duplicate_window=min(stream.duplicate_window, stream.max_age),
        max_msg_size=MAX_MESSAGE_BYTES,
        allow_direct=True,
    )


def _bucket_config(bucket: Bucket) -> api.StreamConfig:
    return api.StreamConfig(
        name=bucket.stream,
        subjects=[bucket.subject],
        retention=api.RetentionPolicy.LIMITS,
        max_age=bucket.max_age,
        max_bytes=bucket.max_bytes,
        max_msgs_per_subject=1,
        max_msg_size=MAX_MESSAGE_BYTES,
        discard=api.DiscardPolicy.OLD if bucket.forgets_oldest else api.DiscardPolicy.NEW,
        deny_delete=True,
        allow_rollup_hdrs=True,
        allow_direct=True,
    )
