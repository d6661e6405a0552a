"""The rows and the routes made from them fit the schema of the wire."""

import msgspec
import pytest
from multidict import MultiDict

from fairlead.api_server.methods.method import Method
from fairlead.api_server.methods.table import METHODS, MISSING, ROWS
from fairlead.api_server.operations.application.requests import PatchRequest, UpdateSpecRequest
from fairlead.api_server.operations.refusal import RefusalError
from fairlead.api_server.rest.bind import bound
from fairlead.api_server.rest.routes import RestRoute, routes
from fairlead.wire.catalogue import PUBLIC, message

ABSENT: frozenset[str] = frozenset()
"""RPCs that no row answers yet; whoever adds a row takes its name out."""


def test_every_rpc_has_one_row_or_is_known_to_have_none() -> None:
    assert len(METHODS) == len(ROWS)
    assert set(METHODS) <= set(PUBLIC)
    assert MISSING <= ABSENT


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.rpc)
def test_what_a_row_asks_for_is_what_the_request_has(row: Method) -> None:
    fields = {field.json for field in message(row.described.request).fields}
    asked = {info.encode_name for info in msgspec.structs.fields(row.ask)}
    assert asked - {"ifMatch"} <= fields


def test_each_verb_and_path_is_there_once() -> None:
    found = [(one.route.verb, one.pattern) for one in routes(METHODS)]
    assert len(found) == len(set(found))
    assert {rpc for rpc, row in METHODS.items() if rpc not in {one.rpc.path for one in routes(METHODS)}} <= {
        "/repository.RepositoryService/ListRepositories",
        "/repository.RepositoryService/CreateRepository",
        "/repository.RepositoryService/UpdateRepository",
        "/repository.RepositoryService/DeleteRepository",
    }


def test_only_what_strangers_need_is_public() -> None:
    assert {row.rpc for row in ROWS if row.is_public} == {
        "/version.VersionService/Version",
        "/cluster.SettingsService/Get",
        "/session.SessionService/Create",
        "/session.SessionService/Delete",
        "/session.SessionService/GetUserInfo",
    }


def test_no_row_for_strangers_takes_more_than_credentials_need() -> None:
    assert all(row.body_bytes <= 8 << 10 for row in ROWS if row.is_public)
    assert all(row.body_bytes <= 16 << 20 for row in ROWS)


class Asked:
    """As much of an HTTP request as is bound."""

    def __init__(self, query: list[tuple[str, str]], places: dict[str, str], match: str = "") -> None:
        self.query = MultiDict(query)
        self.match_info = places
        self.headers = {"If-Match": match} if match else {}


def route(rpc: str) -> RestRoute:
    """The route of an RPC."""
    return next(one for one in routes(METHODS) if one.rpc.path == rpc)


class Id(msgspec.Struct):
    type: str = ""
    value: str = ""


class ClusterAsk(msgspec.Struct):
    id: Id = msgspec.field(default_factory=Id)
    server: str = ""


class UpdateAsk(msgspec.Struct):
    application: dict[str, object] = {}
    validate: bool = True
    project: str = ""


class SyncAsk(msgspec.Struct, rename="camel"):
    name: str = ""
    source_positions: list[int] = []
    revisions: list[str] = []


def test_names_with_dots_are_put_inside_nested_objects() -> None:
    get = route("/cluster.ClusterService/Get")
    asked = Asked(
        [("id.type", "name"), ("server", "a"), ("server", "b"), ("no.such", "x")], {"id__value": "in-cluster"}
    )
    assert bound(asked, get, ClusterAsk) == ClusterAsk(Id("name", "in-cluster"), "b")  # type: ignore[arg-type]


def test_the_path_wins_over_the_body_inside_the_nested_object() -> None:
    update = route("/application.ApplicationService/Update")
    body = b'{"metadata":{"name":"other","labels":{"a":"b"}},"spec":{}}'
    asked = Asked([("validate", "false")], {"application__metadata__name": "mine"})
    found = bound(asked, update, UpdateAsk, body)  # type: ignore[arg-type]
    assert found.application["metadata"] == {"name": "mine", "labels": {"a": "b"}}
    assert found.validate is False
    for odd in (b'{"metadata":null}', b"{}"):
        assert bound(asked, update, UpdateAsk, odd).application["metadata"] == {"name": "mine"}  # type: ignore[arg-type]


def test_keys_that_come_again_are_lists_where_the_field_is_one() -> None:
    manifests = route("/application.ApplicationService/GetManifests")
    query = [("sourcePositions", "1"), ("sourcePositions", "2"), ("revisions", "a")]
    found = bound(Asked(query, {"name": "web"}), manifests, SyncAsk)  # type: ignore[arg-type]
    assert (found.name, found.source_positions, found.revisions) == ("web", [1, 2], ["a"])


def test_a_condition_is_kept_or_refused_and_never_read_from_elsewhere() -> None:
    spec = route("/application.ApplicationService/UpdateSpec")
    found = bound(Asked([("ifMatch", "1")], {"name": "web"}, '"42"'), spec, UpdateSpecRequest, b"{}")  # type: ignore[arg-type]
    assert found.if_match == "42"
    patch = route("/application.ApplicationService/Patch")
    found = bound(Asked([("ifMatch", "1")], {"name": "web"}), patch, PatchRequest, b'{"ifMatch":"2"}')  # type: ignore[arg-type]
    assert found.if_match == ""
    for odd in ("*", "42", 'W/"42"', '"1", "2"', '""'):
        with pytest.raises(RefusalError, match="one resourceVersion"):
            bound(Asked([], {"name": "web"}, odd), spec, UpdateSpecRequest, b"{}")  # type: ignore[arg-type]
    with pytest.raises(RefusalError, match="If-Match is not kept here"):
        bound(Asked([], {"name": "web"}, '"42"'), route("/application.ApplicationService/Sync"), SyncAsk)  # type: ignore[arg-type]


def test_a_body_of_another_shape_is_the_callers_mistake() -> None:
    update = route("/application.ApplicationService/Update")
    for body in (b"3", b"null", b"[]", b'{"metadata":3}', b'{"metadata":[]}'):
        with pytest.raises(RefusalError):
            bound(Asked([], {"application__metadata__name": "x"}), update, UpdateAsk, body)  # type: ignore[arg-type]
