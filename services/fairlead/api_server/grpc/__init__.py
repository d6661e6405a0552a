"""gRPC, native over HTTP/2 and as gRPC-Web over HTTP/1.1, from the rows and the schema of the wire.

    frames.py      messages in their frames, status texts, deadlines
    inflate.py     messages that were compressed
    form.py        requests from bytes, answers to bytes
    invoke.py      what both do with a call: row, caller, request, answer
    native.py      the calls of one HTTP/2 connection
    connection.py  such a connection, with its bounds
    web.py         gRPC-Web as a route of HTTP/1.1
    own.py         the services of gRPC itself: health and reflection

Invariant: nothing of a request's body is read before its headers said who asks, unless strangers may ask.
"""
