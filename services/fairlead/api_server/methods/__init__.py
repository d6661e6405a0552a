"""The rows of the API: for each RPC that is served, the operation that answers it and its limits.

    method.py     what a row says
    table.py      all rows by RPC, and the RPCs that have none
    <service>.py  the rows of one service: add yours to its ROWS

Invariant: REST, gRPC and gRPC-Web are made from these rows and the schema of the wire alone; an RPC without a
row answers code 12 on all of them.
"""
