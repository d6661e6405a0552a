"""How many streams may be open, and whose."""

from contextlib import ExitStack

import pytest

from fairlead.api_server.calls.places import MAX_STREAMS_OF_ONE, MAX_STREAMS_OF_STRANGERS, Places
from fairlead.api_server.operations.caller import Caller
from fairlead.api_server.operations.refusal import RefusalError


def test_strangers_take_no_places_of_those_who_are_known_from_however_many_addresses() -> None:
    places = Places()
    with ExitStack() as held:
        for number in range(MAX_STREAMS_OF_STRANGERS):
            held.enter_context(places.taken(Caller(address=f"10.0.0.{number}")))
        with pytest.raises(RefusalError), places.taken(Caller(address="10.0.1.1")):
            pass
        for _ in range(MAX_STREAMS_OF_ONE):
            held.enter_context(places.taken(Caller(username="ann", issuer="argocd")))
        with pytest.raises(RefusalError), places.taken(Caller(username="ann", issuer="argocd")):
            pass
    with places.taken(Caller(address="10.0.1.1")):
        pass
