"""Whose the fields are once an object is ready for an apply."""

from fairlead.kube.adopt import moved


def _entry(manager: str, operation: str, **fields: object) -> dict[str, object]:
    return {"manager": manager, "operation": operation, "apiVersion": "v1", "fieldsV1": fields}


def test_the_first_apply_entry_is_made_from_the_client_side_ones() -> None:
    entries = [_entry("ours", "Update", **{"f:x": {}}), _entry("kubectl", "Update", **{"f:y": {}})]
    assert moved(entries, {"ours", "kubectl"}, "ours") == [
        _entry("ours", "Apply", **{"f:x": {}, "f:y": {}}),
    ]


def test_what_they_write_once_we_have_applied_is_their_own() -> None:
    entries = [_entry("kubectl", "Update", **{"f:x": {}}), _entry("ours", "Apply", **{"f:y": {}})]
    assert moved(entries, {"kubectl"}, "ours") is None


def test_other_managers_and_subresources_keep_what_is_theirs() -> None:
    scaled = {**_entry("kubectl", "Update"), "subresource": "scale"}
    assert moved([_entry("hpa", "Update"), scaled, _entry("kubectl", "Apply")], {"kubectl"}, "ours") is None
