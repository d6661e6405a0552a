"""`fields=` shrinks an answer."""

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
