"""The OpenAPI document names what is served, and everything that it refers to."""

import re
from typing import Any

import msgspec

from fairlead.api_server.methods.own import ROWS
from fairlead.api_server.methods.table import METHODS
from fairlead.api_server.rest import openapi
from fairlead.api_server.rest.routes import routes
from fairlead.wire.catalogue import PUBLIC


def read() -> dict[str, Any]:
    return msgspec.json.decode(openapi.document())  # type: ignore[no-any-return]


def test_each_served_route_is_in_it_and_no_other() -> None:
    named = {(verb, path) for path, verbs in read()["paths"].items() for verb in verbs}
    assert named == {
        (one.route.verb.lower(), one.route.path.replace("=**", "")) for one in routes(METHODS) if one.method
    } | {(row.verb.lower(), row.path) for row in ROWS}


def test_each_field_of_our_own_routes_is_described() -> None:
    paths = read()["paths"]
    for row in ROWS:
        described = {one["name"]: one for one in paths[row.path][row.verb.lower()]["parameters"]}
        if row.verb == "POST":
            assert described["body"]["schema"] == {"$ref": f"#/definitions/{row.ask.__name__}"}
            continue
        assert set(described) == {field.encode_name for field in msgspec.structs.fields(row.ask)}
        assert all(one["description"] and one["type"] for one in described.values())
    assert not re.search(r'"(anyOf|oneOf|\$defs|prefixItems)"', openapi.document().decode())


def test_everything_it_refers_to_is_there_once() -> None:
    said = read()
    referred = set(re.findall(r'"#/definitions/([^"]+)"', openapi.document().decode()))
    assert referred <= set(said["definitions"])
    names = [openapi._short(name) for rpc in PUBLIC.values() for name in {rpc.request, rpc.response}]
    originals = {name for rpc in PUBLIC.values() for name in (rpc.request, rpc.response)}
    assert len(set(names)) == len(originals)
    ids = [one["operationId"] for verbs in said["paths"].values() for one in verbs.values()]
    assert len(ids) == len(set(ids))


def test_each_place_of_a_path_is_a_parameter() -> None:
    for path, verbs in read()["paths"].items():
        for one in verbs.values():
            names = [p["name"] for p in one["parameters"] if p["in"] == "path"]
            assert names == re.findall(r"\{([\w.]+)\}", path)
            every = [(p["name"], p["in"]) for p in one["parameters"]]
            assert len(every) == len(set(every)), path


def test_what_is_one_object_in_json_is_one_here() -> None:
    node = read()["definitions"]["v1alpha1ResourceNode"]["properties"]
    assert {"group", "kind", "name", "parentRefs"} <= set(node)
    assert "resourceRef" not in node


def test_the_page_has_no_script() -> None:
    assert "<script" not in openapi.page()
    assert "/api/v1/applications/{name}" in openapi.page()
