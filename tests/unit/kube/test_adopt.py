from fairlead.kube.adopt import moved, union


def _entry(manager: str, operation: str, **fields: object) -> dict[str, object]:
    return {"manager": manager, "operation": operation, "apiVersion": "v1", "fieldsV1": fields}


def test_a_union_holds_the_fields_of_both() -> None:
    one = {"f:data": {"f:a": {}, "f:b": {}}}
    other = {"f:data": {"f:b": {}, "f:c": {}}, "f:metadata": {"f:labels": {}}}
    assert union(one, other) == {
        "f:data": {"f:a": {}, "f:b": {}, "f:c": {}},
        "f:metadata": {"f:labels": {}},
    }


def test_client_side_fields_join_our_own_apply() -> None:
    entries = [_entry("kubectl", "Update", **{"f:x": {}}), _entry("ours", "Apply", **{"f:y": {}})]
    assert moved(entries, {"kubectl"}, "ours") == [_entry("ours", "Apply", **{"f:y": {}, "f:x": {}})]


def test_the_first_apply_entry_is_made_from_the_client_side_one() -> None:
    assert moved([_entry("ours", "Update", **{"f:x": {}})], {"ours"}, "ours") == [
        _entry("ours", "Apply", **{"f:x": {}})
    ]


def test_other_managers_and_subresources_keep_what_is_theirs() -> None:
    scaled = {**_entry("kubectl", "Update"), "subresource": "scale"}
    assert moved([_entry("hpa", "Update"), scaled, _entry("kubectl", "Apply")], {"kubectl"}, "ours") is None
