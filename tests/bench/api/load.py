"""What a client process is told to do and what it tells; `tests.bench.api.client` does it."""

import msgspec


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """Requests as they go over a connection, `rate` a second for `seconds`, in turn on `connections`.

    A request that is due while all connections are busy waits, and its wait counts. `rate` 0: each connection
    sends its next request as soon as it has an answer.
    """

    port: int
    requests: list[bytes]
    rate: float
    seconds: float
    connections: int


class Streams(msgspec.Struct, frozen=True, kw_only=True):
    """One connection for each request; what comes is counted from `go` on the input until its end."""

    port: int
    requests: list[bytes]


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """One RPC over gRPC, `times` after each other."""

    port: int
    rpc: str
    token: str
    times: int


Job = Load | Streams | Call


class Answers(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds of answers from when their requests were due, of many a sample; and how many had
    each status."""

    seconds: list[float]
    statuses: dict[int, int]
    took: float
    bytes: int
