"""The wire of the API as data: its RPCs and messages, and the codec between their bytes and JSON values.

    wire.tsv      facts about the wire: paths, messages, numbers, types, and where JSON differs
    generate.py   writes schema.py from them (`make generate`)
    schema.py     the same, as Python keeps it
    catalogue.py  looking up an RPC or a message
    decode.py     bytes to a JSON-shaped value
    encode.py     a JSON-shaped value to bytes
    values.py     the types that JSON spells in its own way: times, raw JSON, numbers or strings

Invariant: no class is made for a message. What a message means is in the table, once, for both directions.
"""
