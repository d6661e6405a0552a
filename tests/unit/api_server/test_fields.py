"""`fields=` shrinks an answer."""

import threading

from fairlead.api_server.rest import handle
from fairlead.api_server.rest.fields import Selection

LIST = {
    "metadata": {"resourceVersion": "1"},
    "items": [{"metadata": {"name": "a", "uid": "1"}, "spec": {"x": 1}}, {"metadata": {"name": "b"}}],
}


def test_named_paths_are_kept_in_every_item() -> None:
    assert Selection("items.metadata.name").of(LIST) == {
        "items": [{"metadata": {"name": "a"}}, {"metadata": {"name": "b"}}]
    }


def test_with_a_minus_named_paths_are_left_out() -> None:
    assert Selection("-items.metadata,metadata").of(LIST) == {"items": [{"spec": {"x": 1}}, {}]}
    assert Selection("-items.metadata.uid").of(LIST)["items"][0]["metadata"] == {"name": "a"}


def test_a_path_that_leads_nowhere_selects_nothing() -> None:
    assert Selection("items.nothing.at.all").of(LIST) == {"items": [{}, {}]}


class Watched(Selection):
    """A selection that knows on which threads it worked."""

    def __init__(self, fields: str) -> None:
        super().__init__(fields)
        self.threads: list[int] = []

    def of(self, value: object) -> object:
        self.threads.append(threading.get_ident())
        return super().of(value)


async def test_of_a_large_answer_the_fields_are_selected_beside_the_loop() -> None:
    small, large = Watched("a"), Watched("a")
    assert await handle._selected(small, b'{"a":1,"b":2}') == b'{"a":1}'
    body = b'{"a":1,"b":"' + b"x" * handle.MAX_ON_LOOP + b'"}'
    assert await handle._selected(large, body) == b'{"a":1}'
    assert small.threads == [threading.get_ident()]
    assert large.threads != [threading.get_ident()]
