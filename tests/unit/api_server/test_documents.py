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


def test_what_is_hydrated_follows_its_branch_and_names_the_dry_repository_too() -> None:
    hydrator = {
        "drySource": {"repoURL": "https://git.example/dry.git", "path": "a", "targetRevision": "main"},
        "syncSource": {"repoURL": "https://git.example/written.git", "path": "b", "targetBranch": "env"},
    }
    spec = {"sourceHydrator": hydrator, "source": {"repoURL": "https://git.example/ignored.git"}}
    document = read_application(msgspec.json.encode({"metadata": {"name": "a"}, "spec": spec}))
    assert document.follows == (("git.example/written", "env"),)
    assert document.repositories == {"git.example/written", "git.example/dry"}
    assert document.places == ("b",)
    assert document.is_hydrated
