"""HTTP/2: many requests and watches over one connection.

Invariant: what a client's windows do not let through waits, stream by stream, and in order.
"""

import asyncio
from collections.abc import Callable
from typing import cast

import h2.config
import h2.connection
import h2.events
import h2.exceptions

from tests.fakes.clusters.cluster import Cluster
from tests.fakes.clusters.messages import Streamed, asked

MOST_STREAMS = 250
"""As a Go server allows at once, Kubernetes' too."""


class _Stream:
    """One request as far as it came, and what of its answer waits."""

    def __init__(self, headers: dict[str, str]) -> None:
        self.headers = headers
        self.body = bytearray()
        self.waiting = bytearray()
        self.is_over = False
        self.stop: Callable[[], None] | None = None


class Http2(asyncio.Protocol):
    """One connection."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        config = h2.config.H2Configuration(client_side=False, header_encoding="utf-8")
        self._connection = h2.connection.H2Connection(config)
        self._streams: dict[int, _Stream] = {}
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        cluster = self._cluster
        cluster.connections += 1
        cluster.most_connections = max(cluster.most_connections, cluster.connections)
        self._connection.initiate_connection()
        self._connection.update_settings({h2.settings.SettingCodes.MAX_CONCURRENT_STREAMS: MOST_STREAMS})
        self._flush()

    def connection_lost(self, exc: Exception | None) -> None:
        self._cluster.connections -= 1
        for number in list(self._streams):
            self._forget(number)

    def data_received(self, data: bytes) -> None:
        try:
            events = self._connection.receive_data(data)
        except h2.exceptions.ProtocolError:
            self._flush()
            self._transport.close()
            return
        for event in events:
            self._happened(event)
        self._flush()

    def _happened(self, event: h2.events.Event) -> None:
        match event:
            case h2.events.RequestReceived():
                self._streams[event.stream_id] = _Stream({str(k): str(v) for k, v in event.headers or ()})
            case h2.events.DataReceived():
                self._connection.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                stream = self._streams.get(event.stream_id)
                if stream is not None:
                    stream.body += event.data
            case h2.events.StreamEnded():
                self._answer(event.stream_id)
            case h2.events.StreamReset():
                self._forget(event.stream_id)
            case h2.events.WindowUpdated() | h2.events.RemoteSettingsChanged():
                for number in list(self._streams):
                    self._push(number)
            case h2.events.ConnectionTerminated():
                self._transport.close()

    def _answer(self, number: int) -> None:
        stream = self._streams[number]
        headers = stream.headers
        answer = self._cluster.answer(
            asked(headers[":method"], headers[":path"], headers, bytes(stream.body))
        )
        if isinstance(answer, Streamed):
            self._connection.send_headers(number, [(":status", "200"), ("content-type", "application/json")])
            stream.stop = answer.begin(lambda data: self._more(number, data), lambda: self._over(number))
            return
        self._connection.send_headers(
            number,
            [
                (":status", str(answer.status)),
                ("content-type", answer.content_type),
                ("content-length", str(len(answer.body))),
                *((name.lower(), value) for name, value in answer.headers),
            ],
        )
        stream.waiting += answer.body
        stream.is_over = True
        self._push(number)

    def _more(self, number: int, data: bytes) -> None:
        stream = self._streams.get(number)
        if stream is not None:
            stream.waiting += data
            self._push(number)
            self._flush()

    def _over(self, number: int) -> None:
        stream = self._streams.get(number)
        if stream is not None:
            stream.is_over = True
            self._push(number)
            self._flush()

    def _push(self, number: int) -> None:
        """Send what the windows let through."""
        stream = self._streams.get(number)
        if stream is None:
            return
        while stream.waiting:
            size = min(
                len(stream.waiting),
                self._connection.local_flow_control_window(number),
                self._connection.max_outbound_frame_size,
            )
            if size <= 0:
                return
            self._connection.send_data(number, bytes(stream.waiting[:size]))
            del stream.waiting[:size]
        if stream.is_over:
            self._connection.end_stream(number)
            self._forget(number)

    def _forget(self, number: int) -> None:
        stream = self._streams.pop(number, None)
        if stream is not None and stream.stop is not None:
            stream.stop()

    def _flush(self) -> None:
        data = self._connection.data_to_send()
        if data and not self._transport.is_closing():
            self._transport.write(data)
