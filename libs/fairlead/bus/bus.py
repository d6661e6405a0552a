"""What a service does with NATS: publish, consume, ask, answer, keep small state."""

from collections.abc import Awaitable, Callable

from fairlead.bus import consume, publish, read, requests
from fairlead.bus.connection import Connection
from fairlead.bus.consume import Message
from fairlead.bus.key_value import KeyValue
from fairlead.bus.topology import Consumer, Stream
from fairlead.events.envelope import Event
from fairlead.events.public import Publication


class Bus(Connection):
    """A process's access to NATS."""

    async def publish(self, subject: str, event: Event, *, message_id: str = "") -> int:
        """Publish an event and wait until its stream has it; one `message_id` is kept once.

        Returns its position in the stream.

        Raises BusUnavailableError when the stream does not confirm it.
        """
        return await publish.publish(self, subject, event, message_id=message_id)

    async def newest(self, stream: Stream, subject: str) -> int:
        """Position of the newest message that a stream holds under a subject, 0 when it holds none.

        Raises BusUnavailableError when the stream is not there or does not answer.
        """
        return await read.newest(self, stream.name, subject)

    async def tell(self, publication: Publication) -> None:
        """Publish a public event without waiting: it leaves before whatever this connection sends next."""
        await publish.tell(self, publication)

    async def consume(
        self,
        consumer: Consumer,
        handler: Callable[[Message], Awaitable[None]],
        *,
        concurrency: int = 16,
    ) -> None:
        """Handle the messages of a durable consumer for ever; see `consume.run`."""
        await consume.run(self, consumer, handler, concurrency=concurrency)

    async def request(
        self,
        subject: str,
        payload: bytes,
        *,
        timeout: float,  # noqa: ASYNC109
        patience: float = 0.0,
    ) -> bytes:
        """Ask whoever serves a subject; see `requests.request` for those whose server changes.

        Raises:
            NoResponderError: nobody serves it, nor did for `patience` seconds.
            BusUnavailableError: no answer within `timeout` seconds.
            RemoteError: the answer is a refusal.
        """
        return await requests.request(self, subject, payload, seconds=timeout, patience=patience)

    async def serve(self, subject: str, handler: requests.Handler, *, queue: str = "") -> requests.Serving:
        """Answer requests on a subject, until the end. The handler raises `RemoteError` to refuse."""
        return await requests.serve(self, subject, handler, queue=queue)

    async def hear(self, subject: str, handler: Callable[[Message], Awaitable[None]]) -> None:
        """Listen to a subject beside whoever works on it; what is missed while away is missed."""
        await requests.hear(self, subject, handler)

    def key_value(self, bucket: str) -> KeyValue:
        """A bucket of the topology."""
        return KeyValue(self, bucket)
