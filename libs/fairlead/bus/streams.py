"""Making streams and buckets what the topology says, by their owner, and looking for them, by the others.

Invariant: nothing that is in use is changed. One of another shape is named in the log and used as it is.
"""

import nats.js.errors
import structlog
from nats.js import JetStreamContext, api

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


async def ensure_stream(jetstream: JetStreamContext, stream: Stream) -> str:
    """Make the stream and the consumers that others use of it, if missing. Returns the time of its birth.

    Raises NoRoomError when JetStream's store cannot hold what the stream reserves.
    """
    birth = await _ensure(jetstream, _config(stream))
    for consumer in CONSUMERS:
        if consumer.stream == stream.name:
            await ensure_consumer(jetstream, consumer)
    return birth


async def ensure_bucket(jetstream: JetStreamContext, bucket: Bucket) -> str:
    """Make the bucket when it is missing. Returns the time of its birth."""
    return await _ensure(jetstream, _bucket_config(bucket))


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


async def _ensure(jetstream: JetStreamContext, wanted: api.StreamConfig) -> str:
    name = str(wanted.name)
    try:
        info = await jetstream.stream_info(name)
    except nats.js.errors.NotFoundError:
        try:
            info = await jetstream.add_stream(wanted)
        except nats.js.errors.BadRequestError:
            info = await jetstream.stream_info(name)
        except nats.js.errors.APIError as error:
            if error.err_code != NO_STORAGE:
                raise
            raise NoRoomError(_no_room(wanted)) from error
    differing = [key for key in _SHAPE if getattr(info.config, key) != getattr(wanted, key)]
    if differing:
        log.error("bus.stream.differs", stream=name, fields=differing, detail="it is used as it is")
    return str(info.created)


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
