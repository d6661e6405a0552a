"""One event of a stream that may be gone on with: whoever comes back says the id of the last one it had."""

import msgspec


class Told(msgspec.Struct, frozen=True):
    """An id without a line's end, and JSON; "" is the id of what nobody can go on from."""

    id: str
    data: bytes
