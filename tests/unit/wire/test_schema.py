"""The schema is what the facts say, and every RPC can be asked over HTTP."""

import pytest

from fairlead.wire.catalogue import NAMES, PUBLIC, SCALARS, message
from fairlead.wire.generate import FACTS, SCHEMA, FactsError, rendered


def test_the_schema_is_made_from_the_facts() -> None:
    assert SCHEMA.read_text() == rendered(FACTS.read_text())


def test_a_type_that_nobody_declares_is_refused() -> None:
    with pytest.raises(FactsError, match=r"no row declares a\.B"):
        rendered("message\ta.A\tproto3\nfield\t1\tb\toptional\ta.B\n")


def test_there_are_109_rpcs_and_each_has_a_route() -> None:
    assert len(PUBLIC) == 109
    assert all(rpc.routes for rpc in PUBLIC.values())
    assert {rpc.kind for rpc in PUBLIC.values()} == {"unary", "server-stream", "client-stream"}


def test_no_field_is_there_twice() -> None:
    for name in NAMES:
        fields = message(name).fields
        assert len({field.number for field in fields}) == len({field.json for field in fields}) == len(fields)
        assert all(field.type in SCALARS or field.type in NAMES for field in fields)
