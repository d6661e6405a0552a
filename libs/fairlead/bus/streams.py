"""Making streams and buckets what the topology says."""

import contextlib

import nats.js.errors
from nats.js import JetStreamContext, api

from fairlead.bus.errors import NoRoomError
from fairlead.bus.topology import MAX_MESSAGE_BYTES, Consumer, Retention, Stream, file_store_bytes

NO_STORAGE = 10047
"""JetStream's error code for a reservation that does not fit its store."""


async def ensure_stream(jetstream: JetStreamContext, stream: Stream) -> str:
    """Make the stream when it is missing. Returns the time of its birth, which a wipe changes.

    Raises NoRoomError when JetStream's store cannot hold what the stream reserves.
    """
    wanted = _config(stream)
    try:
        info = await jetstream.stream_info(stream.name)
    except nats.js.errors.NotFoundError:
        try:
            info = await jetstream.add_stream(wanted)
        except nats.js.errors.BadRequestError:
            info = await jetstream.stream_info(stream.name)
        except nats.js.errors.APIError as error:
            if error.err_code != NO_STORAGE:
                raise
            raise NoRoomError(_no_room(stream)) from error
    return str(info.created)


def _no_room(stream: Stream) -> str:
    return (
        f"NATS has no room for the stream {stream.name}, which reserves {stream.max_bytes >> 20} MiB: "
        f"JetStream's max_file_store has to be {file_store_bytes() >> 20} MiB, and its volume larger"
    )


async def ensure_bucket(jetstream: JetStreamContext, bucket: str) -> str:
    """Make the bucket when it is missing. Returns the time of its birth."""
    name = f"KV_{bucket}"
    try:
        info = await jetstream.stream_info(name)
    except nats.js.errors.NotFoundError:
        with contextlib.suppress(nats.js.errors.BadRequestError):
            await jetstream.create_key_value(
                api.KeyValueConfig(bucket=bucket, history=1, max_value_size=MAX_MESSAGE_BYTES)
            )
        info = await jetstream.stream_info(name)
    return str(info.created)


async def ensure_consumer(jetstream: JetStreamContext, consumer: Consumer) -> None:
    """Make the durable consumer; an equal one is left alone."""
    await jetstream.add_consumer(
        consumer.stream,
        api.ConsumerConfig(
            durable_name=consumer.name,
            filter_subject=consumer.filter_subject,
            ack_policy=api.AckPolicy.EXPLICIT,
            ack_wait=consumer.ack_wait,
            max_deliver=consumer.max_deliver,
            max_ack_pending=consumer.max_ack_pending,
        ),
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
    )
