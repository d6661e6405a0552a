"""The protocol between a repo-server and the sidecars that render as plugins: gRPC over a Unix socket.

    protocol.py  paths, messages, sizes, names of sockets
    codec.py     messages by the table of `fairlead.wire`
    frames.py    the files as messages, many in one write; one message read within a bound
    names.py     what a file's name matches, as plugins say it

Invariant: what is sent and understood is what `argocd-cmp-server` sends and understands.
"""
