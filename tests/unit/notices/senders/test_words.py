"""Words without secrets, and options with words on what is wrong."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.identities.aws import Keys
from fairlead.notices.senders import (
    DEFAULTS,
    SERVICES,
    TEMPLATED,
    OptionError,
    remarks,
    remarks_on_block,
    spelled,
)
from fairlead.notices.senders.masking import HIDDEN, MOST_WORDS, SHORTEST, Mask
from fairlead.notices.senders.shapes import options_of, secrets_in
from fairlead.notices.senders.sigv4 import signed
from fairlead.secret import Secret

HOOK = "https://hooks.example.com/services/T00000000/B00000000/XXXXsecretXXXX?key=abcdefgh&x=1"


LETTERS = st.characters(exclude_characters=HIDDEN, exclude_categories=("Cs",))


@given(st.text(LETTERS, min_size=SHORTEST, max_size=40), st.text(LETTERS, max_size=20))
def test_a_secret_is_hidden_in_every_form_of_it(secret: str, around: str) -> None:
    mask = Mask([secret])
    for form in (
        secret,
        quote(secret, safe=""),
        json.dumps(secret),
        base64.b64encode(secret.encode()).decode(),
    ):
        words = mask(f"{around}{form}{around}")
        if secret.isprintable() and secret not in HIDDEN and secret.strip() == secret:
            assert secret not in words
            if secret not in around:
                assert HIDDEN in words


def test_of_an_address_only_its_host_is_told() -> None:
    words = Mask([HOOK])(f"could not reach {HOOK}: no; path /services/T00000000/B00000000/XXXXsecretXXXX")
    assert words.startswith("could not reach https://hooks.example.com: no; path ")
    assert "XXXXsecretXXXX" not in words
    assert "T00000000" not in words
    assert "user" not in Mask([])("to https://user:pass@host.example/path?query now")


def test_words_are_one_line_of_bounded_length() -> None:
    words = Mask([])("a\nb\x1b[31mc\x00d" + "x" * 5000)
    assert words.startswith("a b [31mc d")
    assert len(words) == MOST_WORDS


def test_secrets_are_found_wherever_they_are_in_options() -> None:
    options = {
        "url": HOOK,
        "headers": [{"name": "A", "value": "in-a-header"}],
        "basicAuth": {"username": "u", "password": "in-basic-auth"},
    }
    read = options_of("webhook", SERVICES["webhook"].options, options)
    assert secrets_in(read) == [HOOK, "in-a-header", "in-basic-auth"]
    shown = repr(read)
    for secret in ("XXXXsecretXXXX", "in-a-header", "in-basic-auth"):
        assert secret not in shown


@pytest.mark.parametrize("kind", sorted(SERVICES))
def test_every_option_that_is_secret_by_name_is_so_by_type(kind: str) -> None:
    for field in msgspec.structs.fields(SERVICES[kind].options):
        name = field.encode_name.lower()
        is_secret = any(
            word in name for word in ("token", "password", "secret", "privatekey", "apikey", "nkey")
        )
        if is_secret or name in (
            "url",
            "recipienturls",
            "webhooks",
            "servicekeys",
            "apikeys",
            "key",
            "keyfile",
        ):
            if (kind, name) == ("grafana", "apiurl"):
                continue
            assert field.type is Secret or field.type == dict[str, Secret], f"{kind}.{field.encode_name}"


@pytest.mark.parametrize("kind", sorted(SERVICES))
def test_what_is_filled_in_of_a_block_is_a_field_of_it(kind: str) -> None:
    block = SERVICES[kind].block
    for path in (*TEMPLATED[kind], *DEFAULTS[kind]):
        assert block is not None
        known = {field.encode_name for field in msgspec.structs.fields(block)}
        assert path[0] in known, f"{kind}: {path}"


def test_fields_are_found_in_whatever_case_and_empty_ones_are_none() -> None:
    read: Any = options_of("opsgenie", SERVICES["opsgenie"].options, {"APIURL": "x", "apikeys": {"t": "k"}})
    assert (read.api_url, read.api_keys["t"].reveal()) == ("x", "k")
    read = options_of("slack", SERVICES["slack"].options, {"Token": "other", "token": "t", "icon": None})
    assert (read.token.reveal(), read.icon) == ("t", "")
    block = {"priorityID": "P", "TITLE": "t", "unknown": 1, "body": None}
    assert spelled("pagerduty", block) == {"priorityId": "P", "title": "t"}
    assert spelled("alertmanager", {"Labels": {"Team": "a"}}) == {"labels": {"Team": "a"}}
    assert spelled("github", {"Status": {"targeturl": "u"}}) == {"status": {"targetURL": "u"}}


def test_a_number_is_a_text_where_a_text_is_awaited() -> None:
    read: Any = options_of("awssqs", SERVICES["awssqs"].options, {"account": 123456789012, "secret": 7})
    assert (read.account, read.secret.reveal()) == ("123456789012", "7")
    read = options_of("webhook", SERVICES["webhook"].options, {"headers": [{"name": "A", "value": True}]})
    assert read.headers[0].value.reveal() == "true"
    assert spelled("opsgenie", {"tags": [1, "b"], "alias": 5}) == {"tags": ["1", "b"], "alias": "5"}


def test_what_is_unknown_or_idle_is_told() -> None:
    assert remarks("slack", {"token": "t", "usrname": "x"}) == [
        "unknown field 'usrname'; did you mean username?"
    ]
    assert remarks("slack", {"signingSecret": "x", "channels": []}) == ["signingSecret has no effect here"]
    assert remarks("webhook", {"maxIdleConns": 5}) == ["maxIdleConns has no effect here"]
    assert remarks_on_block("email", {"subject": "x", "cc": "y"}) == ["unknown field 'cc'"]
    assert remarks_on_block("telegram", {"a": 1}) == ["telegram takes nothing but the message"]
    assert remarks("nothing", {"a": 1}) == []


@pytest.mark.parametrize(
    ("kind", "options", "words"),
    [
        ("slack", {"token": [5]}, "service slack: token has to be str"),
        ("slack", [], "service slack: is no mapping of fields"),
        ("teams", {"recipientUrls": ["x"]}, "service teams: recipientUrls has to be object"),
        ("teams", {"recipientUrls": {"a": 1}}, "service teams: recipientUrls[...] has to be str"),
        ("github", {"appID": "twelve"}, "service github: appID has to be int"),
        ("alertmanager", {"targets": "host"}, "service alertmanager: targets has to be array"),
        ("gcppubsub", {"keyFile": {"type": "x"}}, "service gcppubsub: keyFile has to be str"),
    ],
)
def test_what_is_malformed_is_named_and_not_shown(kind: str, options: Any, words: str) -> None:
    with pytest.raises(OptionError) as caught:
        options_of(kind, SERVICES[kind].options, options)
    assert caught.value.words == words


def test_a_request_is_signed_as_the_description_of_aws_has_it() -> None:
    """The suite's case post-x-www-form-urlencoded, of which the signature is published."""
    headers = signed(
        "https://example.amazonaws.com/",
        b"Param1=value1",
        {"Content-Type": "application/x-www-form-urlencoded"},
        keys=Keys(access="AKIDEXAMPLE", secret="wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
        region="us-east-1",
        service="service",
        now=datetime(2015, 8, 30, 12, 36, tzinfo=UTC),
    )
    assert headers["Authorization"] == (
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
        "SignedHeaders=content-type;host;x-amz-date, "
        "Signature=ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"
    )
