"""What enters the mirror is clean."""

import msgspec

from fairlead.api_server.documents import LAST_APPLIED, read_application


def test_what_must_not_be_handed_on_is_taken_out_and_the_rest_is_kept() -> None:
    raw = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {
            "name": "a",
            "managedFields": [{"manager": "x"}],
            "annotations": {LAST_APPLIED: "canary"},
            "somethingNew": 1,
        },
        "spec": {"sources": [{"repoURL": "u1"}, {"repoURL": "u2"}], "unknown": {"k": None}},
        "status": {"resourceHealthSource": "appTree"},
    }
    document = read_application(msgspec.json.encode(raw))
    assert b"canary" not in document.json
    assert b"managedFields" not in document.json
    shown = msgspec.json.decode(document.json)
    assert shown["metadata"] == {"name": "a", "somethingNew": 1}
    assert shown["spec"] == raw["spec"]
    assert "operation" not in shown
    assert (document.project, document.repositories, document.has_tree_health) == (
        "default",
        frozenset({"u1", "u2"}),
        True,
    )
