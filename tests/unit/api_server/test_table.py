"""The table of REST is whole."""

import re

import msgspec

from fairlead.api_server.rest.table import ROUTES, UNSERVED


def test_each_verb_and_path_is_there_once() -> None:
    rows = [(route.verb, route.path) for route in ROUTES] + list(UNSERVED)
    assert len(rows) == len(set(rows))


def test_every_part_of_a_path_and_every_body_has_a_field_in_its_request() -> None:
    for route in ROUTES:
        fields = {info.encode_name for info in msgspec.structs.fields(route.request)}
        assert set(re.findall(r"\{(\w+)", route.path)) <= fields, route.path
        assert route.body in {"", "*", *fields}, route.path


def test_only_what_strangers_need_is_public() -> None:
    assert {(route.verb, route.path) for route in ROUTES if route.is_public} == {
        ("GET", "/api/version"),
        ("GET", "/api/v1/settings"),
        ("POST", "/api/v1/session"),
        ("DELETE", "/api/v1/session"),
        ("GET", "/api/v1/session/userinfo"),
    }
